"""Numbers of a file that is read by parts, summed by domain and by stratum or PSU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.variance import Codes, Floats
from ngo_survey.statistics.estimation.means import as_numbers
from ngo_survey.statistics.streaming.counts import MOST_CELLS, Crossing
from ngo_survey.statistics.streaming.design import Moments, Part, ScannedDesign

#: A column of influence values of a part, from its place among the variables, their numbers and
#: the domain of each row.
Influence = Callable[[int, list[Floats], Codes], Floats]


@dataclass(frozen=True)
class Sums:
    """Sums of one or two variables by domain, of those who answered all of them.

    Attributes
    ----------
    n, silent: (G,) respondents who answered, and who did not; weight: (G,) sum of weights.
    total: (k, G) weighted totals of the variables.
    """

    n: Codes
    silent: Codes
    weight: Floats
    total: Floats


def _numbers(
    design: ScannedDesign, part: Part, names: Sequence[str], group: Codes
) -> tuple[list[Floats], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return numbers of who is in a domain and answered, who these are, and who did not answer."""
    try:
        given = [as_numbers(part.frame[name], name, part.first) for name in names]
    except InputError as error:
        raise InputError(
            error.problem,
            hint=error.hint,
            file=design.rows.path,
            row=error.row,
            column=error.column,
        ) from error
    answered = np.all([known for _, known in given], axis=0)
    inside = answered & (group >= 0)
    return [numbers[inside] for numbers, _ in given], inside, ~answered & (group >= 0)


def sums_of(
    design: ScannedDesign, variables: Sequence[Sequence[str]], split: Crossing
) -> list[Sums]:
    """Return the first pass over some variables: how many and how much in each domain."""
    groups = len(split)
    if design.places * groups > MOST_CELLS:
        raise InputError(
            f"{design.places:,} {'PSUs' if design.declared.psu else 'strata'} by {groups:,} "
            f"domains are more than {MOST_CELLS:,} cells",
            file=design.rows.path,
            column=", ".join(split.names),
            hint="cross fewer variables, or group their levels first",
        )
    whole = np.zeros(groups, dtype=np.int64)
    made = [
        Sums(whole.copy(), whole.copy(), np.zeros(groups), np.zeros((len(names), groups)))
        for names in variables
    ]
    names = [name for own in variables for name in own]
    for part in design.parts([*names, *split.names]) if variables else ():
        group = split.codes(part.frame)
        for one, own in zip(made, variables, strict=True):
            numbers, inside, silent = _numbers(design, part, own, group)
            mine, weights = group[inside], part.weights[inside]
            one.n[:] += np.bincount(mine, minlength=groups)
            one.silent[:] += np.bincount(group[silent], minlength=groups)
            one.weight[:] += np.bincount(mine, weights, groups)
            for place, values in enumerate(numbers):
                one.total[place] += np.bincount(mine, weights * values, groups)
    return made


def spread_of(
    design: ScannedDesign,
    variables: Sequence[Sequence[str]],
    split: Crossing,
    influence: Influence,
    centre: Sequence[Floats] | None = None,
) -> list[tuple[Moments, Floats]]:
    """Return the second pass: moments of weighted influence by place, weighted squares by domain.

    ``centre``: (G,) of each variable, what the squares are about; zero unless given.
    """
    groups = len(split)
    moments = [Moments.none((design.places, groups)) for _ in variables]
    squares = [np.zeros(groups) for _ in variables]
    names = [name for own in variables for name in own]
    for part in design.parts([*names, *split.names]) if variables else ():
        group = split.codes(part.frame)
        for place, own in enumerate(variables):
            numbers, inside, _ = _numbers(design, part, own, group)
            mine, weights = group[inside], part.weights[inside]
            values = influence(place, numbers, mine)
            cell = part.place[inside] * groups + mine
            moments[place] = moments[place].with_part(cell, weights * values)
            apart = values if centre is None else values - centre[place][mine]
            squares[place] += np.bincount(mine, weights * apart**2, groups)
    return list(zip(moments, squares, strict=True))
