"""Series of official figures, and projections with their uncertainty.

A series holds one concept. It is projected only from an unbroken run of enough yearly figures;
otherwise a row says that it is not, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.errors import ConfigError
from ngo_survey.statistics.trends.backtest import backtest
from ngo_survey.statistics.trends.points import Run, last_run
from ngo_survey.statistics.trends.rule import ProjectionRule
from ngo_survey.statistics.trends.smoothing import MODELS, SHARES, Floats, Projection, limits

COLUMNS = ["year", "kind", "model", "value", "points", "note"]


def make_series(official: pd.DataFrame, rule: Mapping[str, Any]) -> pd.DataFrame:
    """Select the figures of one concept.

    Parameters
    ----------
    official: a checked data set (:func:`official.check`).
    rule: ``where`` (column: list of values), ``concept`` (words), ``dataset``.

    Returns
    -------
    ``concept, year, kind, value, qualifier, certainty, source, note`` with kind ``observed``; rows
    whose source shows no single year are left out, and years stay as they are: gaps are gaps.

    Raises
    ------
    ConfigError: no figure fits the rule.
    """
    rows = official
    for column, wanted in rule["where"].items():
        rows = rows[rows[column].isin(wanted)]
    rows = rows[rows["year"].fillna("").str.fullmatch(r"\d{4}") & rows["value"].notna()]
    if rows.empty:
        raise ConfigError("no official figure fits a series", value=dict(rule["where"]))
    rows = rows.assign(concept=next(iter(rule["concept"].values())), kind="observed")
    columns = ["concept", "year", "kind", "value", "qualifier", "certainty", "source", "note"]
    return rows.sort_values(["year", "id"])[columns].reset_index(drop=True)


def project(series: pd.DataFrame, rule: ProjectionRule) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Continue a series by each model, if it allows it.

    Returns
    -------
    Rows ``year, kind, model, value, low80, high80, low95, high95, points, note``. ``level``: the
    smoothed level under the figures, by the local level. ``projected``: the years ahead; where no
    figure is below zero, limits are cut there. ``not_projected``: one row without a figure;
    ``points`` says how many yearly figures there are, ``note`` why they do not do.
    And the back-test of what is projected, as :func:`backtest.backtest`.
    """
    run = last_run(series)
    n = len(run.values)
    if n < rule.minimum_points:
        why = f"yearly figures in a row: {n} of {rule.minimum_points} needed"
        return _refused("", n, "; ".join(filter(None, [why, run.broken]))), pd.DataFrame()
    if np.ptp(run.values) == 0:
        return _refused("", n, "the figures do not vary"), pd.DataFrame()
    made, tested = [], []
    for name in rule.models:
        fitted = MODELS[name](run.values, rule.horizon)
        if fitted is None:
            made.append(_refused(name, n, "the fit does not converge"))
            continue
        made.append(_fan(run, fitted, name))
        tested.append(backtest(run.values, name, rule.horizon, rule.first_origin))
    tests = [t for t in tested if len(t)]
    return (
        pd.concat(made, ignore_index=True),
        pd.concat(tests, ignore_index=True) if tests else pd.DataFrame(),
    )


def _refused(model: str, points: int, why: str) -> pd.DataFrame:
    row = {"year": "", "kind": "not_projected", "model": model, "points": points, "note": why}
    return pd.DataFrame([row]).reindex(columns=COLUMNS)


def _fan(run: Run, fitted: Projection, model: str) -> pd.DataFrame:
    ahead = [run.last + step for step in range(1, len(fitted.mean) + 1)]
    parts = [
        ("level", run.years[: len(fitted.level)], fitted.level, fitted.level_se),
        ("projected", ahead, fitted.mean, fitted.se),
    ]
    floor = 0.0 if (run.values >= 0).all() else -np.inf
    rows = [_limited(years, mean, se, fitted.df, floor).assign(kind=kind)
            for kind, years, mean, se in parts if len(mean)]  # fmt: skip
    note = f"from the figures of {run.first} to {run.last}"
    return pd.concat(rows, ignore_index=True).assign(model=model, points=len(run.values), note=note)


def _limited(years: list[int], mean: Floats, se: Floats, df: float, floor: float) -> pd.DataFrame:
    frame = pd.DataFrame({"year": list(map(str, years)), "value": mean})
    for share in SHARES:
        low, high = limits(mean, se, df, share)
        frame[f"low{share}"], frame[f"high{share}"] = np.maximum(low, floor), high
    return frame
