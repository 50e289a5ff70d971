"""A model fitted to every imputed data set and pooled, beside the same model on complete cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.statistics.models.diagnostics import wald
from ngo_survey.statistics.models.fit import Fit, FitError
from ngo_survey.statistics.models.imputation.pooling import Pooled, imputations_needed, pool

#: Columns that name an effect.
EFFECT = ["term", "variable", "level", "outcome"]


def pooled_parameters(fits: Sequence[Fit]) -> Pooled:
    """Pool all parameters; the complete-data degrees of freedom are those of the fits.

    Raises
    ------
    FitError: a level is empty in one data set but not in another, so that columns differ.
    """
    first = fits[0]
    for other in fits[1:]:
        if other.names != first.names:
            strange = set(other.names) ^ set(first.names)
            raise FitError(
                "imputed data sets give different columns",
                column=first.outcome,
                value=sorted(strange)[0],
                hint="merge the rare level",
            )
    return pool([f.theta for f in fits], [f.covariance for f in fits], first.df)


def compare(fits: Sequence[Fit], complete: Fit | None) -> pd.DataFrame:
    """Return pooled coefficients, effects and tests, each beside its complete-case counterpart.

    Parameters
    ----------
    fits: one a completed data set.
    complete: the fit to those who answered everything; None when it failed.

    Returns
    -------
    ``quantity`` (``coefficient``, ``effect``, ``test``), ``term, variable, level, outcome,
    estimate, se, ci_low, ci_high, df1, df, p, increase, fmi`` and ``complete, complete_se,
    complete_low, complete_high, complete_p``. A test is D1 of all coefficients of a variable; its
    estimate is F.
    """
    parameters = pooled_parameters(fits)
    frames = [
        _coefficients(fits[0], parameters, complete),
        _effects(fits, complete),
        _tests(fits[0], parameters, complete),
    ]
    return pd.concat(frames, ignore_index=True)


def data_sets_needed(fits: Sequence[Fit]) -> tuple[float, int]:
    """Return the largest fraction of missing information and the data sets it asks for."""
    largest = float(pooled_parameters(fits).fmi.max())
    return largest, imputations_needed(largest)


def _coefficients(first: Fit, parameters: Pooled, complete: Fit | None) -> pd.DataFrame:
    made = parameters.table().drop(columns="statistic")
    made.insert(0, "term", list(first.names))
    if complete is not None:
        both = pd.concat([complete.coefficients, complete.cutpoints], ignore_index=True)
        made = made.merge(_beside(both, ["term"]), on="term", how="left")
    named = [first.columns.get(term, ("", "")) for term in made["term"]]
    return made.assign(
        quantity="coefficient",
        variable=[variable for variable, _ in named],
        level=[level for _, level in named],
        outcome="",
    )


def _effects(fits: Sequence[Fit], complete: Fit | None) -> pd.DataFrame:
    each = [fit.effects() for fit in fits]
    pooled = pool(
        np.stack([e["estimate"] for e in each]), np.stack([e["se"] ** 2 for e in each]), fits[0].df
    )
    made = pd.concat([each[0][EFFECT], pooled.table().drop(columns="statistic")], axis=1)
    if complete is not None:
        made = made.merge(_beside(complete.effects(), EFFECT), on=EFFECT, how="left")
    return made.assign(quantity="effect")


def _tests(first: Fit, parameters: Pooled, complete: Fit | None) -> pd.DataFrame:
    rows = []
    for variable in dict.fromkeys(first.matrix.variables):
        f, df1, df2, p = parameters.joint(first.places(variable))
        row: dict[str, Any] = {
            "quantity": "test",
            "term": variable,
            "variable": variable,
            "level": "",
        }
        row |= {"outcome": "", "estimate": f, "df1": df1, "df": df2, "p": p}
        if complete is not None and variable in complete.matrix.variables:
            f, _, _, p = wald(complete, variable)
            row |= {"complete": f, "complete_p": p}
        rows.append(row)
    return pd.DataFrame(rows)


def _beside(frame: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    names = {
        "estimate": "complete",
        "se": "complete_se",
        "ci_low": "complete_low",
        "ci_high": "complete_high",
        "p": "complete_p",
    }
    return frame[[*on, *names]].rename(columns=names)
