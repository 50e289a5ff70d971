"""Model-based estimates of small areas from what is released, and from nothing else.

A model of areas that saw the true figures would tell of them: its estimate of an area whose own
figure is hidden, and the benchmark that all areas add up to, are functions of every answer. So the
model is fitted to the rounded rows of the results, an area that is hidden there counts as one
without a sample, and areas add up to the released figure of the whole. Who has the release and the
register can do the same sums: what comes out tells nothing that is not out already, and needs no
suppression of its own.

The rows are made (see :mod:`ngo_survey.statistics.small_areas`) by

1. direct estimates, design effects and bases as released. A share stands on its base over the
   design effect of all areas together: that of a single one is noise. The variance of a mean is
   smoothed by the number of respondents;
2. the error of rounding: a figure that is a multiple of a step is off by one that is about uniform
   over it, of variance step²/12 (Sheppard 1898, Proc. London Math. Soc. 29, 353-380), which is
   added to the sampling variance;
3. Fay and Herriot's model, its variance between areas by adjusted likelihood, which is never zero
   (Yoshimori & Lahiri 2014): shares on the arcsine scale, means as they are;
4. a benchmark: areas, weighted by the people or bodies in them, give the released figure of the
   whole.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import (
    Rounding,
    limit_to_step,
    share_step,
    significant,
    step_above,
    step_of_figures,
    to_step,
)
from ngo_survey.errors import InputError
from ngo_survey.results import store
from ngo_survey.statistics import small_areas

Benchmark = Literal["difference", "ratio", "none"]
#: Limits hold the true figures of so many areas in a hundred.
LEVEL = 0.95
#: Areas are the whole where their weights are within so much of its own: bases are rounded.
WHOLE = 0.1
#: A printed figure is a multiple of a step of so much of its error.
FINE = 0.1


def as_released(frame: pd.DataFrame, family: str, rounding: Rounding) -> pd.DataFrame:
    """Return rows of the results store as a reader of the release has them, digit by digit.

    ``frame`` has the columns of its family; so has what comes back.
    """
    text = store.csv_text(store.tidy(released(frame, family, rounding), family))
    return store.read(family, io.StringIO(text))


def area_weights(direct: pd.DataFrame, whole: Mapping[str, Any], register: pd.Series) -> pd.Series:
    """Return what each area counts in the whole: its weighted base, as far as that is released.

    Parameters
    ----------
    direct, whole: as of :func:`model_based`.
    register: the part of each area in the population, by level; it tells what an area counts whose
        base is hidden. May be empty.

    Returns
    -------
    One weight a row of ``direct``, by level.

    Raises
    ------
    InputError: the base of an area is hidden and the register does not know the area; the areas are
        not all of the whole.
    """
    base = direct.set_index("by_level")["weighted_base"]
    known = base.notna() & (base > 0)
    told = register.reindex(base.index)
    both = known & told.notna()
    each = base[both].sum() / told[both].sum() if both.any() else 1.0
    made = base.where(known, told * each)
    if made.isna().any():
        raise InputError(
            "the base of an area is hidden, and no margin says how large the area is",
            column="benchmark",
            value=made.index[made.isna()][0],
            hint="benchmark: none, or weight the group by a margin of this variable",
        )
    everybody = float(whole["weighted_base"])
    if known.any() and abs(made.sum() - everybody) > WHOLE * everybody:
        raise InputError(
            "the areas are not the whole of the table: some respondents are in none of them",
            column="benchmark",
            value=f"{made.sum() / everybody:.0%} of the weighted base",
            hint="benchmark: none, or name a table whose filter leaves out who is in no area",
        )
    return made


def model_based(
    direct: pd.DataFrame,
    whole: Mapping[str, Any],
    columns: pd.DataFrame,
    rounding: Rounding,
    weights: pd.Series | None = None,
    benchmark: Benchmark = "difference",
) -> pd.DataFrame:
    """Return model-based estimates of areas from released rows.

    Parameters
    ----------
    direct: released rows of the family ``estimates``, one an area: one statistic of one answer by
        the levels of a variable. A row whose estimate is missing is hidden.
    whole: the row of all areas together.
    columns: auxiliary columns by level, of every area; without columns the intercept alone.
    rounding: of the release.
    weights: what areas count in the whole, by level; not needed without a benchmark.
    benchmark: how the gap to the whole is spread (:func:`small_areas.benchmark`).

    Returns
    -------
    One row an area, in the order of ``direct``: ``by_level``, ``kind`` (``eblup``, or
    ``synthetic`` where the area has no released figure), ``base, direct, direct_low, direct_high``
    as released, ``synthetic``, ``shrinkage`` (the weight of the area's own figure), ``adjustment``
    (what the benchmark added), ``estimate, se, ci_low, ci_high, df``; rounded for print.

    Raises
    ------
    InputError: the whole is hidden, or all say the same; too few areas are released for the
        columns; a share leaves 0 to 1 where areas are made to add up.
    """
    share = whole["statistic"] != "mean"
    target = float(whole["estimate"])
    if not np.isfinite(target) or (share and not 0 < target < 1):
        raise InputError(
            "the figure of all areas together is hidden, or everybody gives the same answer",
            column="category",
            value=whole["category"],
            hint="choose a figure that is released and that differs between respondents",
        )
    rows = direct.set_index("by_level")
    shown = rows[rows["estimate"].notna() & (rows["base"] > 0)]
    step = pd.Series(step_of_figures(shown, rounding), shown.index).fillna(0.0)
    X = columns.reindex(rows.index)
    if share:
        design = np.average(shown["deff"].fillna(1.0), weights=shown["base"]) if len(shown) else 1.0
        # On the scale of the arcsine an error e of a share p is one of e / (2 root(p (1 - p))).
        rounded = step**2 / 12 / (target * (1 - target))
        size = 1 / (design / shown["base"] + rounded)
        fit = small_areas.fay_herriot(
            shown["estimate"], X=X, effective_size=size, method="adjusted"
        )
    else:
        smooth = small_areas.smoothed(shown["se"] ** 2, shown["base"])
        variance = smooth + step**2 / 12
        fit = small_areas.fay_herriot(shown["estimate"], variance, X, method="adjusted")
    made = fit.estimates(LEVEL)
    if benchmark == "none" or weights is None:
        made = made.assign(adjustment=np.nan)
    else:
        try:
            made = small_areas.benchmark(made, weights, target, benchmark, bool(share))
        except InputError as error:
            hint = f"benchmark: {'ratio' if benchmark == 'difference' else 'difference'}, or none"
            raise InputError(
                error.problem, column="benchmark", value=error.column, hint=hint
            ) from error
    own = rows[["base", "estimate", "ci_low", "ci_high"]].rename(
        columns={"estimate": "direct", "ci_low": "direct_low", "ci_high": "direct_high"}
    )
    joined = made.set_index("area").join(own).assign(df=float(fit.df))
    return _printed(joined.rename_axis("by_level").reset_index(), bool(share), rounding)


def _printed(made: pd.DataFrame, share: bool, rounding: Rounding) -> pd.DataFrame:
    """Return the rows in digits that their errors bear; it hides nothing, for there is nothing."""
    fine = FINE * made["se"].to_numpy(dtype=float)
    step = share_step(np.maximum(fine, rounding.share)) if share else step_above(fine)
    printed = {
        **{name: to_step(made[name].to_numpy(), step) for name in ("estimate", "synthetic")},
        **{name: limit_to_step(made[name].to_numpy(), step) for name in ("ci_low", "ci_high")},
        "se": significant(made["se"].to_numpy(), 2),
        "adjustment": significant(made["adjustment"].to_numpy(), 2),
        "shrinkage": np.round(made["shrinkage"].to_numpy(), 2),
    }
    return made.assign(**printed)
