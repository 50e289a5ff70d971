"""Many variables in one model: their tests in declared families, and behind them their levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.statistics.estimation.families import adjust, gatekeep, limits_of_tests
from ngo_survey.statistics.models.diagnostics import wald

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted

Families = Mapping[str, Sequence[str]]


def family_tests(fit: Fitted, families: Families) -> pd.DataFrame:
    """Return ``family/<family>/<variable>``: F, its degrees of freedom and p adjusted by Holm 1979.

    Variables that the model lacks are no part of its families.
    """
    rows = []
    for family, variables in families.items():
        own = [v for v in variables if v in fit.matrix.variables]
        tests = [wald(fit, variable) for variable in own]
        adjusted = adjust([p for *_, p in tests])
        for variable, (f, df1, df2, _), holm in zip(own, tests, adjusted, strict=True):
            rows.append(
                {
                    "name": f"family/{family}/{variable}",
                    "value": f,
                    "df1": df1,
                    "df2": df2,
                    "p": float(holm),
                    "note": f"Wald F; p adjusted by Holm in a family of {len(own)}",
                }
            )
    return pd.DataFrame(rows, columns=["name", "value", "df1", "df2", "p", "note"])


def judged_effects(
    effects: pd.DataFrame, tests: pd.DataFrame, df: float, level: float = 0.95
) -> pd.DataFrame:
    """Return effects with ``p_adjusted``, and with limits that match it.

    On each outcome the levels of a variable are a family of their own (Holm 1979) behind the test
    of the variable in its declared family, the strictest where it is in several; the variables of
    no family are one family together. Limits as :func:`estimation.families.limits_of_tests`: of a
    level whose variable passed its test by the steps among the levels, since a gate that is open
    takes nothing from what lies behind it; otherwise by the adjusted p itself.

    Parameters
    ----------
    effects: ``variable``, ``outcome``, ``estimate``, ``se``, ``ci_low``, ``ci_high``, ``p``.
    tests: what :func:`family_tests` returns.
    df: degrees of freedom of the fit.
    """
    variable_of = [str(name).rpartition("/")[2] for name in tests["name"]]
    gates = tests["p"].astype(float).groupby(variable_of).max()
    adjusted = pd.Series(np.nan, index=effects.index)
    steps = adjusted.copy()
    for _, own in effects.groupby("outcome", sort=False, dropna=False):
        outside = own[~own["variable"].isin(gates.index)]
        adjusted[outside.index] = adjust(outside["p"])
        for variable, levels in own[own["variable"].isin(gates.index)].groupby("variable"):
            among = adjust(levels["p"])
            adjusted[levels.index] = gatekeep(gates[variable], among)
            # The test of a variable with one effect is that of the effect.
            if len(levels) > 1 and gates[variable] < 1 - level:
                steps[levels.index] = among
    stepped = effects.assign(p_adjusted=steps.fillna(adjusted))
    return limits_of_tests(stepped, df, "estimate", level).assign(p_adjusted=adjusted)
