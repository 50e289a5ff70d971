"""How respondents were selected: stages, strata, fractions and weights, read off the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design.alignment import aligned
from ngo_survey.statistics.design.variance import Codes, Floats, SelectionStage
from ngo_survey.statistics.names import name_list

#: A column, one a stage, or none.
Names = str | Sequence[str] | None


@dataclass(frozen=True)
class DeclaredDesign:
    """How a design was declared: names of columns, ``weights`` None where they are an array."""

    weights: str | None
    strata: tuple[str, ...]
    psu: tuple[str, ...]
    fpc: tuple[str, ...]

    @classmethod
    def of(
        cls, weights: str | ArrayLike | None, strata: Names, psu: Names, fpc: Names
    ) -> DeclaredDesign:
        """Hold the arguments of a design."""
        named = weights if isinstance(weights, str) else None
        return cls(named, tuple(name_list(strata)), tuple(name_list(psu)), tuple(name_list(fpc)))


def stages_of(
    frame: pd.DataFrame, strata: Names, psu: Names, fpc: Names, nest: bool
) -> list[SelectionStage]:
    """Return the stages of selection, first to last; see :class:`sampling.SurveyDesign`.

    Raises
    ------
    InputError: a column is unknown or has gaps; a PSU lies in two strata without ``nest``; a
        population is smaller than its sample or differs within a stratum.
    """
    strata, psu, fpc = name_list(strata, "stratum"), name_list(psu, "PSU"), name_list(fpc, "fpc")
    n = len(frame)
    for what, columns in (("strata", strata), ("fpc", fpc)):
        if len(columns) > max(len(psu), 1):
            raise InputError(
                f"{what} names more columns than there are stages of PSUs",
                value=", ".join(columns),
                hint="give one column a stage; cross several into one column first",
            )
    stages: list[SelectionStage] = []
    parent: Codes = np.zeros(n, dtype=np.int64)
    parent_fraction = np.ones(n)
    for level in range(max(len(psu), 1)):
        stratum = parent
        if level < len(strata):
            stratum = _cross(parent, _column(frame, strata[level], "stratum"))
        if psu:
            named = _column(frame, psu[level], "PSU")
            unit = _cross(stratum, named)
            if level == 0 and strata and not nest:
                _refuse_shared(_cross(parent, named), stratum, named, psu[0])
        else:
            unit = np.arange(n, dtype=np.int64)
        first = np.unique(unit, return_index=True)[1]
        size = np.bincount(stratum[first], minlength=stratum.max() + 1)
        fraction = np.zeros(len(size))
        if level < len(fpc):
            fraction = fractions_of(frame, fpc[level], stratum, size)
        multiplier = np.zeros(len(size))
        multiplier[stratum] = parent_fraction
        stages.append(SelectionStage(unit, stratum[first], fraction, multiplier))
        parent, parent_fraction = unit, parent_fraction * fraction[stratum]
    return stages


def weights_of(
    frame: pd.DataFrame, given: str | ArrayLike | None, stages: list[SelectionStage]
) -> Floats:
    """Return the weight of each respondent; the inverse of its chance where none is given.

    Raises
    ------
    InputError: the column is unknown; the values do not go with the rows (as
        :func:`alignment.aligned`), have gaps or are not positive; or there are none and a stage has
        no finite population.
    """
    if given is None:
        fractions = np.ones(len(frame))
        for stage in stages:
            fractions *= stage.fraction[stage.stratum[stage.unit]]
        if not (fractions > 0).all():
            raise InputError(
                "a design needs weights, or a finite population at every stage",
                hint="name the column of weights",
            )
        return 1.0 / fractions
    name = given if isinstance(given, str) else "weights"
    if not isinstance(given, str):
        if np.ndim(aligned(given, frame, name)) == 0:
            raise InputError(
                f"{len(frame)} respondents need as many weights",
                value=given,
                hint="name a column of the data, or give one number a respondent",
            )
        frame = pd.DataFrame(index=frame.index).assign(weights=aligned(given, frame, name))
    weights = _numbers(frame, name, "weight")
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if len(wrong):
        raise InputError(
            "a weight is not a positive number",
            row=sheet_row(wrong[0]),
            column=name,
            value=weights[wrong[0]],
            hint="set the case aside or correct its weight",
        )
    return weights


def fractions_of(frame: pd.DataFrame, name: str, stratum: Codes, size: Codes) -> Floats:
    """Return the sampling fraction of each stratum from a column of sizes or fractions.

    Parameters
    ----------
    stratum: (n,) code of the stratum of each row; size: units sampled in each stratum.

    Raises
    ------
    InputError: the column is unknown, has gaps or is not positive; differs within a stratum; a
        population is smaller than its sample.
    """
    given = _numbers(frame, name, "finite population correction")
    by_stratum = np.zeros(len(size))
    # The first row of a stratum says its size; the fault is in what says otherwise.
    by_stratum[stratum[::-1]] = given[::-1]
    uneven = np.flatnonzero(by_stratum[stratum] != given)
    if len(uneven):
        raise InputError(
            "the finite population correction differs within a stratum",
            row=sheet_row(uneven[0]),
            column=name,
            value=given[uneven[0]],
            hint="give one population size a stratum",
        )
    wrong = np.flatnonzero(~(given > 0))
    if len(wrong):
        raise InputError(
            "a finite population correction is not positive",
            row=sheet_row(wrong[0]),
            column=name,
            value=given[wrong[0]],
            hint="give the size of the stratum in the population",
        )
    fraction = by_stratum if (by_stratum <= 1).all() else size / by_stratum
    over = np.flatnonzero(fraction > 1 + 1e-9)
    if len(over):
        raise InputError(
            f"the population is smaller than its sample of {int(size[over[0]])}",
            row=sheet_row(np.flatnonzero(stratum == over[0])[0]),
            column=name,
            value=by_stratum[over[0]],
            hint="correct the population size or the stratum of these cases",
        )
    return np.minimum(fraction, 1.0)


def _column(frame: pd.DataFrame, name: str, what: str) -> pd.Series:
    if name not in frame:
        raise InputError(f"the {what} is not a column", value=name, hint=nearest(name, frame))
    column = frame[name]
    if column.isna().any():
        row = sheet_row(np.flatnonzero(column.isna())[0])
        raise InputError(f"the {what} is missing", row=row, column=name, hint="fill it in")
    return column


def _numbers(frame: pd.DataFrame, name: str, what: str) -> Floats:
    column = _column(frame, name, what)
    try:
        return column.to_numpy(dtype=float, copy=True)
    except (TypeError, ValueError):
        raise InputError(
            f"the {what} is not a number",
            column=name,
            value=column.iloc[0],
            hint="convert the column to numbers",
        ) from None


def _cross(parent: Codes, column: pd.Series) -> Codes:
    """Return codes of the crossing of a parent code and a column, in order of appearance."""
    own = pd.factorize(column)[0].astype(np.int64)
    return pd.factorize(parent * (int(own.max()) + 1) + own)[0].astype(np.int64)


def _refuse_shared(named: Codes, stratum: Codes, column: pd.Series, name: str) -> None:
    pairs = pd.DataFrame({"unit": named, "stratum": stratum}).drop_duplicates()
    shared = pairs["unit"][pairs["unit"].duplicated()]
    if len(shared):
        row = int(np.flatnonzero(named == shared.iloc[0])[0])
        raise InputError(
            "a PSU lies in two strata",
            row=sheet_row(row),
            column=name,
            value=column.iloc[row],
            hint="use nest=True if its codes start anew in each stratum",
        )


def sheet_row(position: int | np.integer) -> int:
    """Row of a respondent as a spreadsheet shows it: from 1, the header included."""
    return int(position) + 2
