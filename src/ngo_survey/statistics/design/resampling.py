"""Samples drawn from the sample: by which factor each sampled unit counts in each replicate.

Nothing here knows what is estimated, nor what is done to weights afterwards: who redoes the
weighting multiplies these factors into the base weights first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.variance import Codes, Floats

#: The random stream of a stratum, by its code.
Streams = Callable[[int], np.random.Generator]


def rescaled_bootstrap(
    stratum: Codes, fraction: Floats, replicates: int, streams: Streams
) -> tuple[Floats, Floats]:
    """Draw n_h - 1 units with replacement in each stratum and rescale.

    A unit drawn t times counts ``1 + sqrt(1 - f_h) (t n_h / (n_h - 1) - 1)`` times: the variance of
    a total over the replicates is then the stratified variance with its finite population
    correction (Rao & Wu 1988, JASA 83, 231-241, sec. 2 and 4; as weights Rao, Wu & Yue 1992, Surv.
    Methodol. 18, 209-217). Without fractions it is R ``as.svrepdesign(type = "subbootstrap")``. The
    draws of a replicate in a stratum depend on the stratum's stream alone, and those of fewer
    replicates are the first of those of more.

    Parameters
    ----------
    stratum: (U,) code of the stratum of each unit, 0..S-1.
    fraction: (S,) sampling fractions; a stratum taken whole (1) does not vary.
    replicates: R.

    Returns
    -------
    (U, R) factors, and (R,) scales of squared deviations from the mean, 1 / (R - 1).

    Raises
    ------
    InputError: a stratum that is not taken whole has a single unit.
    """
    _refuse_single(stratum, fraction)
    factors = np.ones((len(stratum), replicates))
    for code in np.flatnonzero(fraction < 1):
        units = np.flatnonzero(stratum == code)
        size = len(units)
        times = streams(int(code)).multinomial(size - 1, np.full(size, 1.0 / size), replicates).T
        factors[units] += np.sqrt(1.0 - fraction[code]) * (times * size / (size - 1) - 1.0)
    return factors, np.full(replicates, 1.0 / (replicates - 1))


def jackknife(stratum: Codes, fraction: Floats) -> tuple[Floats, Floats]:
    """Leave each unit out in turn and raise the others of its stratum (JKn; Wolter 2007, ch. 4).

    Parameters
    ----------
    stratum: (U,) code of the stratum of each unit, 0..S-1.
    fraction: (S,) sampling fractions.

    Returns
    -------
    (U, U) factors, and (U,) scales of squared deviations, ``(n_h - 1) / n_h (1 - f_h)``.
    """
    size = np.bincount(stratum, minlength=len(fraction)).astype(float)[stratum]
    same = stratum[:, None] == stratum
    factors = np.where(same, (size / (size - 1))[None, :], 1.0)
    np.fill_diagonal(factors, 0.0)
    return factors, (size - 1) / size * (1.0 - fraction[stratum])


def grouped_jackknife(
    stratum: Codes,
    fraction: Floats,
    replicates: int,
    streams: Streams,
    needed: NDArray[np.bool_] | None = None,
) -> tuple[Floats, Floats]:
    """Leave groups of units out, about so many in all: :func:`jackknife` where units are no more.

    In each stratum units are dealt at random into ``g_h`` groups, two at least and else in
    proportion to its units; the others count ``n_h / (n_h - n_hg)`` times (Kott 2001, J. Off. Stat.
    17, 521-526; Valliant, Dever & Kreuter 2018, sec. 15.4.1). Scales of squared deviations are
    ``(g_h - 1) / g_h (1 - f_h)``.

    Parameters
    ----------
    stratum, fraction, streams: as :func:`rescaled_bootstrap`.
    replicates: R, kept to but for rounding by stratum.
    needed: (U,) units of which every replicate keeps one in each stratum: those that answered.
        Each stratum has two of them or more.

    Returns
    -------
    (U, R) factors and (R,) scales.

    Raises
    ------
    InputError: a stratum that is not taken whole has a single unit.
    """
    _refuse_single(stratum, fraction)
    kept = np.ones(len(stratum), dtype=bool) if needed is None else needed
    varying = np.flatnonzero(fraction < 1)
    whole = int(np.isin(stratum, varying).sum())
    columns: list[Floats] = []
    scales: list[float] = []
    for code in varying:
        units = np.flatnonzero(stratum == code)
        size = len(units)
        share = size * replicates / whole
        groups = size if whole <= replicates else min(size, max(2, round(share)))
        dealt = _dealt(size, groups, kept[units], streams(int(code)))
        for group in range(groups):
            out = dealt == group
            column = np.ones(len(stratum))
            column[units] = np.where(out, 0.0, size / (size - out.sum()))
            columns.append(column)
            scales.append((groups - 1) / groups * (1.0 - fraction[code]))
    if not columns:
        raise InputError("no stratum varies: the sample is the population")
    return np.stack(columns, axis=1), np.asarray(scales)


def _dealt(
    size: int, groups: int, needed: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the group of each unit, dealt anew until none holds all of those needed."""
    seats = np.arange(size) % groups
    while True:
        dealt = seats if groups == size else rng.permutation(seats)
        if not needed.any() or len(set(dealt[needed])) > 1:
            return dealt
        if needed.sum() < 2:
            raise InputError(
                "a stratum has a single unit that answered, which no replicate can leave out",
                hint="merge it with a like stratum",
            )


def _refuse_single(stratum: Codes, fraction: Floats) -> None:
    size = np.bincount(stratum, minlength=len(fraction))
    if ((size == 1) & (fraction < 1)).any():
        raise InputError(
            "a stratum has a single PSU, which no replicate can leave out",
            hint="merge it with a like stratum",
        )
