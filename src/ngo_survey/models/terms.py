"""From declared terms to a design matrix: names and a few named transforms, never code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.estimation.domains import column, levels_of
from ngo_survey.sampling import SurveyDesign

Floats = NDArray[np.float64]
#: Transforms of a number. ``log2p1`` makes one unit a doubling of (1 + x).
TRANSFORMS = {"none": lambda x: x, "log2p1": lambda x: np.log2(1.0 + x)}


@dataclass(frozen=True)
class Term:
    """One declared term: a variable, its transform, and the reference level of a categorical.

    ``per`` divides a number, so that its coefficient is one for ``per`` units.
    """

    variable: str
    transform: str = "none"
    per: float = 1.0
    reference: str | None = None

    @classmethod
    def of(cls, declared: str | Mapping[str, Any]) -> Term:
        """Read a term: a name, or a mapping with the fields of this class."""
        return cls(declared) if isinstance(declared, str) else cls(**declared)


@dataclass(frozen=True)
class DesignMatrix:
    """Columns of a model.

    Attributes
    ----------
    X: (n, p) without an intercept; rows with a missing answer hold 0 and are not ``complete``.
    names: ``age`` or ``legal_form=public_foundation``.
    variables: the variable of each column; ``levels`` its level, "" for numbers.
    """

    X: Floats
    names: tuple[str, ...]
    variables: tuple[str, ...]
    levels: tuple[str, ...]
    references: Mapping[str, str]
    complete: NDArray[np.bool_]

    def columns(self, variable: str) -> list[int]:
        """Return the places of a variable's columns."""
        return [i for i, v in enumerate(self.variables) if v == variable]


def design_matrix(
    design: SurveyDesign, declared: Sequence[str | Mapping[str, Any]]
) -> DesignMatrix:
    """Code terms: treatment contrasts for categoricals (first level as reference), numbers as are.

    Levels that nobody in the domain has are left out, since they have no coefficient.

    Raises
    ------
    InputError: unknown variable, transform or reference; a constant; an aliased column.
    """
    parts: list[Floats] = []
    names: list[str] = []
    variables: list[str] = []
    levels: list[str] = []
    references: dict[str, str] = {}
    complete = design.in_domain.copy()
    for term in (Term.of(d) for d in declared):
        series = column(design, term.variable)
        if term.variable in variables:
            raise InputError("a variable stands twice in a model", column=term.variable)
        complete &= series.notna().to_numpy()
        if pd.api.types.is_numeric_dtype(series):
            if term.transform not in TRANSFORMS:
                raise InputError(
                    "no such transform",
                    column=term.variable,
                    value=term.transform,
                    mend=nearest(term.transform, TRANSFORMS),
                )
            numbers = series.to_numpy(dtype=float, na_value=np.nan)
            parts.append(TRANSFORMS[term.transform](numbers)[:, None] / term.per)
            names.append(term.variable)
            variables.append(term.variable)
            levels.append("")
            continue
        present = set(series[design.in_domain].dropna())
        own = [str(level) for level in levels_of(series) if level in present]
        reference = term.reference or (own[0] if own else "")
        if reference not in own:
            raise InputError(
                "the reference is no level that anybody has",
                column=term.variable,
                value=reference,
                mend=nearest(reference, own),
            )
        references[term.variable] = reference
        for level in own:
            if level != reference:
                parts.append((series.astype(object) == level).to_numpy(dtype=float)[:, None])
                names.append(f"{term.variable}={level}")
                variables.append(term.variable)
                levels.append(level)
        if len(own) < 2:
            raise InputError("a predictor is constant", column=term.variable, mend="leave it out")
    if not parts:
        raise InputError("a model needs a term")
    matrix = np.concatenate(parts, axis=1)
    matrix[~complete] = 0.0
    made = DesignMatrix(matrix, tuple(names), tuple(variables), tuple(levels), references, complete)
    _refuse_aliased(made)
    return made


def _refuse_aliased(made: DesignMatrix) -> None:
    """Refuse constants and columns that others add up to (pivot-free Gram-Schmidt)."""
    rows = made.X[made.complete]
    if not len(rows):
        raise InputError("nobody answered all questions of the model")
    centred = rows - rows.mean(axis=0)
    scale = np.sqrt((centred**2).sum(axis=0))
    basis = np.zeros((len(rows), 0))
    for place, name in enumerate(made.names):
        variable = made.variables[place]
        if scale[place] < 1e-10 * max(1.0, float(np.abs(rows[:, place]).max()) * len(rows) ** 0.5):
            raise InputError(
                "a predictor is constant among those who answered everything",
                column=variable,
                value=name,
                mend="leave it out or merge its levels",
            )
        rest = centred[:, place] / scale[place]
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.sqrt((rest**2).sum()))
        if size < 1e-8:
            raise InputError(
                "a predictor follows from the others",
                column=variable,
                value=name,
                mend="leave one of them out",
            )
        basis = np.column_stack([basis, rest / size])
