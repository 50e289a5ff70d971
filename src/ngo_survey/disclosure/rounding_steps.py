"""Steps of rounding: how fine a figure may be that leaves, and the rounding to it.

:mod:`ngo_survey.disclosure.rounding` says which family of results is rounded by which of them, and
why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.disclosure.cells import Bools
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.tables.estimand import Floats

#: Shares and differences of shares, in parts of one.
SHARES = frozenset(
    {
        *("proportion", "any", "row_percent", "first", "place_2", "place_3", "top_three"),
        *("top_two", "bottom_two", "net", "mean_share", "share_of_answers", "borda"),
    }
)
QUANTILES = frozenset({"p25", "median", "p75"})
#: Part of its standard error that a difference or an effect is printed in steps of.
PART_OF_ERROR = 0.1
#: Decimals that a multiple of a step keeps; a finer step is none.
DECIMALS = 12
#: Levels that a p-value is said to be below: the p-value itself, times the error, tells a figure
#: more finely than it is printed. What stands for a level lies a thousandth below it; the last of
#: them stands for all that is not below it.
LEVELS = (0.001, 0.01, 0.05, 0.1)


@dataclass(frozen=True)
class Rounding:
    """The part ``rounding`` of the section ``disclosure``.

    Attributes
    ----------
    share: the finest step of a share, in parts of one.
    respondents: how many respondents of the effective base a step is worth at least.
    count: what small counts are multiples of: the threshold.
    levels: what a p-value is said to be below, ascending; those at which the study tests are among
        them.
    """

    share: float = 0.001
    respondents: float = 2.0
    count: int = 5
    levels: tuple[float, ...] = LEVELS

    @classmethod
    def of(cls, section: Mapping[str, Any], tested: Iterable[float] = ()) -> Rounding:
        """Read the section ``disclosure``, over the preset that it names.

        ``tested`` are the levels at which the study tests.
        """
        declared = section.get("rounding", {})
        return cls(
            share=float(declared.get("share", cls.share)),
            respondents=float(declared.get("respondents", cls.respondents)),
            count=Rules.of(section).threshold,
            levels=levels_of(tested),
        )


def step_above(least: Floats) -> Floats:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below a number."""
    least = np.asarray(least, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(least))
    found = np.full(least.shape, np.nan)
    for decade in (0, 1):
        for factor in (1.0, 2.0, 5.0):
            step = factor * 10.0 ** (power + decade)
            open_ = np.isnan(found) & (step >= least * (1 - 1e-9))
            found = np.where(open_, step, found)
    return np.where(np.isfinite(least) & (least > 0), found, np.nan)


def share_step(least: Floats) -> Floats:
    """Return the step of a share that is not below a number: as :func:`step_above`, but no half
    percent.

    Shares are printed as whole percent. On a grid of half percents every second figure would be
    rounded a second time, half of these to the wrong side: 4.71 % to 4.5 % to 4 %.
    """
    step = step_above(least)
    return np.where(np.isclose(step, 0.005), 0.01, step)


def to_step(values: Floats, step: Floats) -> Floats:
    """Return the nearest multiples of a step; unchanged where there is no step."""
    values = np.asarray(values, dtype=float)
    # Of a number next to nothing there is none: 5e-324 in two digits has one of 1e-325, which is 0.
    size = np.maximum(step, 10.0**-DECIMALS)
    with np.errstate(invalid="ignore"):
        rounded = np.round(values / size) * size
    # Adding zero turns -0.0 into 0.0.
    return np.where(np.isnan(size), values, np.round(rounded, DECIMALS)) + 0.0


def significant(values: Floats, digits: int) -> Floats:
    """Return numbers with so many significant digits."""
    values = np.asarray(values, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = 10.0 ** (np.floor(np.log10(np.abs(values))) - digits + 1)
    return to_step(values, np.where(values == 0, np.nan, step))


def limit_to_step(values: Floats, step: Floats) -> Floats:
    """Round limits; one that is not zero keeps its sign, by a step if need be."""
    values = np.asarray(values, dtype=float)
    rounded = to_step(values, step)
    lost = (rounded == 0) & (values != 0) & ~np.isnan(step)
    return np.where(lost, np.sign(values) * step, rounded)


def tests_to_step(statistics: Floats) -> Floats:
    """Return statistics of tests, F or chi-square, no finer than what is tested.

    That of one degree of freedom is the square of a figure in its errors, which is printed in
    tenths of one: of t to within a tenth t^2 is known to within 2 t tenths.
    """
    values = np.asarray(statistics, dtype=float)
    root = np.sqrt(np.abs(values))
    return to_step(values, step_above(2 * PART_OF_ERROR * np.maximum(root, PART_OF_ERROR)))


def level_of(p: Floats, among: tuple[float, ...] = LEVELS) -> Floats:
    """Return what stands for the smallest of some levels, ascending, that a p-value is below."""
    levels = np.array([*among, among[-1] + 0.001])
    found = levels[np.searchsorted(among, p, side="right")]
    return np.where(np.isnan(p), np.nan, np.round(found - 0.001, 3))


def level_above(p: Floats, among: tuple[float, ...] = LEVELS) -> Floats:
    """Return the smallest of some levels, ascending, that a p-value is below; 1 where none is.

    A breath less than the level, so that it lies below it as the p-value does.
    """
    levels = np.array([*(level * (1 - 1e-9) for level in among), 1.0])
    return np.where(np.isnan(p), np.nan, levels[np.searchsorted(among, p, side="right")])


def levels_of(tested: Iterable[float]) -> tuple[float, ...]:
    """Return the levels by which p-values are told, those at which a study tests among them."""
    return tuple(sorted({*LEVELS, *map(float, tested)}))


def step_of_figures(frame: pd.DataFrame, rounding: Rounding) -> Floats:
    """Return the step of each figure that stands on a base of respondents."""
    base = effective_base(frame)
    error = frame["se"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.maximum(rounding.share, rounding.respondents / base)
        number = rounding.respondents * error / np.sqrt(base)
    statistic = frame["statistic"]
    least = np.where(statistic.isin(QUANTILES), error / 2, number)
    least = np.where(statistic.isin(SHARES), share, least)
    estimate = np.abs(frame["estimate"].to_numpy(dtype=float))
    # Without a standard error, or with an error of zero, two significant digits stay.
    bare = ~(least > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = 10.0 ** (np.floor(np.log10(estimate)) - 1)
    least = np.where(bare, digits, least)
    return np.where(statistic.isin(SHARES), share_step(least), step_above(least))


def rounded_figures(frame: pd.DataFrame, rounding: Rounding) -> Floats:
    """Return the estimates of figures on a base of respondents as they may leave."""
    step, value = step_of_figures(frame, rounding), frame["estimate"].to_numpy(dtype=float)
    # Without an error there is no step: what cannot vary.
    return np.where(np.isnan(step), significant(value, 3), to_step(value, step))


def effective_base(frame: pd.DataFrame) -> Floats:
    """Return the effective number of respondents of each figure; the plain one without weights."""
    base = frame["base"].to_numpy(dtype=float)
    if "n_effective" not in frame:
        return base
    return np.asarray(np.fmin(base, frame["n_effective"].to_numpy(dtype=float)))


def step_of_error(error: Floats, share: Bools, rounding: Rounding) -> Floats:
    """Return the step of each figure that comes with a standard error alone."""
    error, share = np.asarray(error, dtype=float), np.asarray(share, dtype=bool)
    respondent = 4 * rounding.respondents * error**2
    part = PART_OF_ERROR * error
    least = np.where(share, np.maximum(respondent, part), part)
    least = np.where(share & (least > 0), np.maximum(least, rounding.share), least)
    return step_above(least)


def to_count(values: Floats, rounding: Rounding) -> Floats:
    """Return small counts as multiples of the threshold."""
    return to_step(values, np.full(len(values), float(rounding.count)))
