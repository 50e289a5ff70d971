"""Series of official figures, and projections with their uncertainty.

A series holds one concept. It is projected only if it has enough yearly points, one a year, none
missing; otherwise it says that it has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ngo_survey.errors import ConfigError


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
    rows = rows.assign(concept=rule["concept"]["en"], kind="observed")
    columns = ["concept", "year", "kind", "value", "qualifier", "certainty", "source", "note"]
    return rows.sort_values(["year", "id"])[columns].reset_index(drop=True)


def project(series: pd.DataFrame, horizon: int, minimum_points: int) -> tuple[pd.DataFrame, str]:
    """Project a series by a local-level model, if it allows it.

    The local level (Durbin & Koopman 2012, sec. 2.1; exponential smoothing is its forecast) is
    fitted by maximum likelihood; limits at 80 and 95 %.

    Returns
    -------
    Rows of kind ``projected`` (``year, value, low80, high80, low95, high95``), and a sentence that
    says why there are none.
    """
    years = series["year"].astype(int)
    if len(series) < minimum_points:
        return pd.DataFrame(), (f"not projected: {len(series)} points, {minimum_points} are needed")
    if years.duplicated().any():
        return pd.DataFrame(), "not projected: sources give two figures for a year"
    if (np.diff(years) != 1).any():
        return pd.DataFrame(), "not projected: years are missing"
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(series["value"].to_numpy(), level="local level")
    forecast = model.fit(disp=0).get_forecast(horizon)
    mean, se = np.asarray(forecast.predicted_mean), np.asarray(forecast.se_mean)
    last = int(years.iloc[-1])
    frame = pd.DataFrame({"year": [str(last + h) for h in range(1, horizon + 1)], "value": mean})
    for share in (80, 95):
        z = float(stats.norm.ppf(0.5 + share / 200))
        frame[f"low{share}"], frame[f"high{share}"] = mean - z * se, mean + z * se
    return frame.assign(kind="projected"), "projected by a local-level model"
