"""Rows of a results store by area, drawn at random: tables and margins before rounding."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.disclosure.released_areas import as_released
from ngo_survey.disclosure.rounding_steps import Rounding, step_of_figures
from ngo_survey.results import store

ROUNDING = Rounding()
#: Moved by less than this, in parts of what it is, a figure of two digits keeps them.
SLIGHT = 1e-3


def table(areas: list[str], seed: int, statistic: str = "proportion") -> pd.DataFrame:
    """Draw the rows of `audience3` by region, the whole first; small counts are hidden."""
    rng = np.random.default_rng(seed)
    base = rng.integers(12, 90, len(areas)).astype(float)
    truth = np.clip(rng.normal(0.4, 0.1, len(areas)), 0.05, 0.9)
    count = rng.binomial(base.astype(int), truth).astype(float)
    whole, share = base.sum(), statistic == "proportion"
    sizes = np.array([whole, *base])
    found = np.array([count.sum() / whole, *(count / base)])
    made = found if share else 20 + 40 * found
    error = np.sqrt(np.maximum(found * (1 - found), 0.01) / sizes) * (1 if share else 40)
    rows = pd.DataFrame(
        {
            "analysis": ["audience3", *["audience3_by_region"] * len(areas)],
            "population": "ngo",
            "item": "",
            "category": "grew" if share else "",
            "by": ["", *["region"] * len(areas)],
            "by_level": ["total", *areas],
            "statistic": statistic,
            "n": [count.sum(), *count],
            "base": sizes,
            "weighted_base": 15.0 * sizes,
            "estimate": made,
            "se": error,
            "ci_low": made - 2 * error,
            "ci_high": made + 2 * error,
            "df": sizes - 1,
            "deff": rng.uniform(0.8, 1.2, len(areas) + 1),
            "n_effective": 0.95 * sizes,
            "status": "shown",
        }
    )
    rows["key"] = rows["analysis"] + "/grew@" + rows["by_level"]
    if share:
        few = (rows["n"] < 5) | (rows["base"] - rows["n"] < 5)
        hide(rows, few)
    return store.tidy(rows, "estimates")


def hide(rows: pd.DataFrame, which: pd.Series) -> None:
    """Blank rows as tables blank what is hidden."""
    rows.loc[which, ["n", "estimate", "se", "ci_low", "ci_high", "df", "deff"]] = np.nan
    rows.loc[which, "status"] = "suppressed-primary"


def margins(areas: list[str], seed: int) -> pd.DataFrame:
    """Draw what the register has of each region."""
    parts = np.random.default_rng(seed).dirichlet([20.0] * len(areas))
    rows = pd.DataFrame({"population": "ngo", "variable": "region", "level": areas})
    rows = rows.assign(register=parts, key=[f"margins/ngo/region={area}" for area in areas])
    return store.tidy(rows, "margins")


def of_the_same_release(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return other rows that are released as the same: figures moved within their rounding."""
    rng = np.random.default_rng(seed)
    out = as_released(rows, "estimates", ROUNDING)
    step = step_of_figures(rows, ROUNDING)
    made = rows.copy()
    made["estimate"] = out["estimate"] + rng.uniform(-0.45, 0.45, len(rows)) * step
    for limit in ("ci_low", "ci_high"):
        reach = out[limit] - out["estimate"]
        made[limit] = made["estimate"] + reach
    for name in ("se", "deff", "n_effective"):
        made[name] = out[name] * (1 + SLIGHT * rng.uniform(-1, 1, len(rows)))
    # A row whose other figures would be rounded otherwise stays as it was.
    again = as_released(made, "estimates", ROUNDING)
    alike = ((again == out) | (again.isna() & out.isna())).all(axis=1)
    return made.where(alike, rows)
