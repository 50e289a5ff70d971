"""How many respondents stand behind each level of a model's terms, and what they answered.

Nothing of this leaves: it is what says which levels a model may tell of (``disclosure``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.statistics.estimation.domains import category_codes
from ngo_survey.statistics.models.blocks import Block, Interaction, Levels, Number
from ngo_survey.statistics.models.likelihood import Floats

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted
    from ngo_survey.statistics.models.terms import DesignMatrix

Codes = NDArray[np.int64]
COLUMNS = ["variable", "level", "whole", "outcome", "n", "gave"]


class _Coded(NamedTuple):
    """Levels of what is counted: codes of the respondents, names of the codes.

    ``whole`` names the variables of which nothing can be told where one of the levels cannot; empty
    where each level has figures of its own.
    """

    variable: str
    codes: Codes
    names: tuple[str, ...]
    whole: tuple[str, ...] = ()


def fitted_counts(fit: Fitted, groups: Sequence[str] = ()) -> pd.DataFrame:
    """Return :func:`level_counts` of a model; ``groups`` are variables that it is fitted with."""
    number = fit.kind in {"gaussian", "poisson"}
    rows = fit.design.in_domain
    # A number of two values is an answer with two categories.
    answers = None if number and len(np.unique(fit.y[rows])) > 2 else fit.y
    return level_counts(fit.matrix, rows, answers, fit.design.frame[list(groups)])


def level_counts(
    matrix: DesignMatrix,
    rows: NDArray[np.bool_],
    answers: Floats | None,
    groups: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count the respondents of each level by their answer.

    Levels are those of categorical terms, of terms of two values, and of both crossed where terms
    interact: with these a model repeats the shares of a table.

    Parameters
    ----------
    rows: (n,) whom the model is fitted to.
    answers: (n,) code of each one's answer; None where the outcome is a number.
    groups: columns of variables whose levels are counted too.

    Returns
    -------
    ``variable, level, whole, outcome, n, gave``: one row a level and answer, ``gave`` of ``n``
    respondents. ``whole`` names, joined by colons, the variables that share their figures; it is
    empty where the level has its own. Of a number one row a level, without ``gave``.
    """
    found = [*_terms(matrix, rows)]
    for name in groups.columns if groups is not None else ():
        assert groups is not None
        codes, levels = category_codes(groups[name])
        found.append(_Coded(str(name), codes[rows], tuple(str(level) for level in levels)))
    given = None if answers is None else pd.factorize(answers[rows], sort=True)[0]
    made = [_counted(coded, given) for coded in found]
    return pd.concat([pd.DataFrame(columns=COLUMNS), *made], ignore_index=True)


def _terms(matrix: DesignMatrix, rows: NDArray[np.bool_]) -> Iterator[_Coded]:
    for start, block in zip(matrix.starts, matrix.blocks, strict=False):
        coded = _coded(matrix, rows, block)
        if coded is not None:
            yield coded
        elif not isinstance(block, Interaction):
            # Columns that say whether there is anything of a part of a whole.
            for place in range(start, start + len(block.names)):
                column = matrix.X[rows, place]
                if len(np.unique(column)) == 2:
                    yield _two(matrix.names[place], column, block.variable)


def _coded(matrix: DesignMatrix, rows: NDArray[np.bool_], block: Block) -> _Coded | None:
    """Return the levels of a term, None for a number of many values."""
    if isinstance(block, Levels):
        levels = [block.reference, *block.levels]
        codes = [block.reference_code, *block.codes]
        values = matrix.values[block.variable][rows]
        places = np.array([np.flatnonzero(np.array(codes) == value)[0] for value in values])
        return _Coded(block.variable, places.astype(np.int64), tuple(levels))
    if isinstance(block, Interaction):
        first, second = (_coded(matrix, rows, part) for part in (block.first, block.second))
        if first is None or second is None:
            return None
        codes_ = first.codes * len(second.names) + second.codes
        names = tuple(f"{a}:{b}" for a in first.names for b in second.names)
        whole = (*(first.whole or (first.variable,)), *(second.whole or (second.variable,)))
        return _Coded(block.variable, codes_, names, whole)
    if isinstance(block, Number):
        column = matrix.values[block.variable][rows]
        if len(np.unique(column)) == 2:
            return _two(block.variable, column, block.variable)
    return None


def _two(name: str, column: Floats, variable: str) -> _Coded:
    return _Coded(name, (column == column.max()).astype(np.int64), ("low", "high"), (variable,))


def _counted(coded: _Coded, answers: Codes | None) -> pd.DataFrame:
    names = coded.names
    known = coded.codes >= 0
    n = np.bincount(coded.codes[known], minlength=len(names))
    own = {"variable": coded.variable, "level": list(names), "whole": ":".join(coded.whole)}
    if answers is None:
        made = pd.DataFrame({**own, "outcome": "", "n": n, "gave": np.nan})
    else:
        parts = []
        for answer in np.unique(answers):
            gave = np.bincount(coded.codes[known & (answers == answer)], minlength=len(names))
            parts.append(pd.DataFrame({**own, "outcome": str(answer), "n": n, "gave": gave}))
        made = pd.concat(parts, ignore_index=True)
    return made[made["n"] > 0]
