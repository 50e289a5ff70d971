"""From declared terms to a design matrix: names and a few named transforms, never code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import category_codes, column
from ngo_survey.statistics.models.blocks import (
    Block,
    Composition,
    Diversity,
    Interaction,
    Levels,
    Number,
    Spline,
    Values,
)
from ngo_survey.statistics.models.formula import Term, terms_of
from ngo_survey.statistics.models.likelihood import Floats
from ngo_survey.statistics.models.splines import knots_of

Terms = str | Sequence[str | Mapping[str, Any] | Term]
#: Columns of the data that make up each battery of parts of a whole.
Batteries = Mapping[str, Sequence[str]]
#: Rows whose triangle is taken at a time when aliases are looked for.
ROWS = 1 << 15


@dataclass(frozen=True)
class DesignMatrix:
    """Columns of a model.

    Attributes
    ----------
    X: (n, p) without an intercept; rows with a missing answer hold 0 and are not ``complete``.
    names: ``age`` or ``legal_form=public_foundation``.
    variables: the variable of each column; ``levels`` its level, "" for numbers.
    references: the level that those of a categorical are compared with.
    blocks, values: what the columns are made of, so that they can be made anew.
    """

    X: Floats
    names: tuple[str, ...]
    variables: tuple[str, ...]
    levels: tuple[str, ...]
    references: Mapping[str, str]
    complete: NDArray[np.bool_]
    blocks: tuple[Block, ...] = field(repr=False)
    values: Values = field(repr=False)

    def columns(self, variable: str) -> list[int]:
        """Return the places of a variable's columns."""
        return [i for i, v in enumerate(self.variables) if v == variable]

    @cached_property
    def starts(self) -> list[int]:
        """Place of the first column of each block."""
        return [0, *np.cumsum([len(block.names) for block in self.blocks]).tolist()]

    def rebuild(self, changes: Values) -> Floats:
        """Return X with some variables replaced: every block that reads one of them follows."""
        made = self.X.copy()
        values = {**self.values, **changes}
        for start, block in zip(self.starts, self.blocks, strict=False):
            if any(name in changes for name in block.reads):
                made[:, start : start + len(block.names)] = block.build(values)
        made[~self.complete] = 0.0
        return made


def design_matrix(
    design: SurveyDesign, declared: Terms, batteries: Batteries | None = None
) -> DesignMatrix:
    """Code terms: treatment contrasts for categoricals (first level as reference), numbers as are.

    Levels that nobody in the domain has are left out, since they have no coefficient.

    Parameters
    ----------
    declared: a formula, or a list of terms (see :mod:`formula`).
    batteries: columns of every whole that an ``ilr`` names.

    Raises
    ------
    InputError: unknown variable, transform or reference; a constant; an aliased column.
    """
    terms = terms_of(declared)
    if not terms:
        raise InputError("a model needs a term")
    complete = design.in_domain.copy()
    values: dict[str, NDArray] = {}
    wholes = _wholes(terms, batteries)
    for name in dict.fromkeys(n for term in terms for n in _read(term, wholes)):
        series = column(design, name)
        if series[design.in_domain].isna().all():
            raise InputError("nobody answered", column=name, hint="leave it out of the model")
        complete &= series.notna().to_numpy()
        values[name] = (
            series.to_numpy(dtype=float, na_value=np.nan)
            if _is_number(series)
            else category_codes(series)[0]
        )
        _refuse_infinite(name, values[name])
    if not complete.any():
        raise InputError(
            "nobody answered all questions of the model", hint="leave out those that few answered"
        )
    blocks: list[Block] = []
    for term in terms:
        if term.variable in [block.variable for block in blocks]:
            raise InputError("a variable stands twice in a model", column=term.variable)
        blocks.append(_block(design, term, blocks, values, complete, wholes))
    matrix = np.empty((len(complete), sum(len(block.names) for block in blocks)))
    start = 0
    for block in blocks:
        matrix[:, start : start + len(block.names)] = block.build(values)
        start += len(block.names)
    if not complete.all():
        matrix[~complete] = 0.0
    made = DesignMatrix(
        matrix,
        tuple(name for block in blocks for name in block.names),
        tuple(block.variable for block in blocks for _ in block.names),
        tuple(level for block in blocks for level in block.levels),
        {block.variable: block.reference for block in blocks if isinstance(block, Levels)},
        complete,
        tuple(blocks),
        values,
    )
    _refuse_aliased(made)
    return made


def _refuse_infinite(name: str, values: NDArray) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        row = int(np.flatnonzero(infinite)[0]) + 2
        raise InputError("a number is infinite", column=name, row=row, hint="correct or blank it")


def _is_number(series: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(series))


def whole_of(term: Term, batteries: Batteries) -> dict[str, str]:
    """Return the columns of a term's whole by item: of the known battery, else of its parts.

    An item of a battery is the column ``battery_item``.

    Raises :class:`InputError` when neither says what they are.
    """
    battery = term.simpson or term.variable
    if battery in batteries:
        return {name.removeprefix(f"{battery}_"): name for name in batteries[battery]}
    if not term.parts:
        raise InputError(
            "the parts of a whole are not known",
            column=term.variable,
            value=battery,
            hint=nearest(battery, batteries) if batteries else "name its parts",
        )
    return {item: f"{battery}_{item}" for _, items in term.parts for item in items}


def _wholes(terms: Sequence[Term], batteries: Batteries | None) -> dict[str, list[str]]:
    """Return the columns of every whole that the terms name."""
    found: dict[str, list[str]] = {k: list(v) for k, v in (batteries or {}).items()}
    for term in terms:
        if term.ilr:
            found[term.variable] = list(whole_of(term, found).values())
    return found


def _read(term: Term, wholes: Batteries) -> list[str]:
    """Return the columns of the data that a term reads."""
    if term.interaction:
        return []
    if term.ilr or term.simpson:
        return list(whole_of(term, wholes).values())
    return [term.variable]


def _block(
    design: SurveyDesign,
    term: Term,
    before: Sequence[Block],
    values: Values,
    complete: NDArray[np.bool_],
    wholes: Batteries,
) -> Block:
    if term.interaction:
        return _interaction(term, before)
    if term.ilr:
        return _composition(term, wholes, values, complete)
    if term.simpson:
        return Diversity(term.variable, tuple(_read(term, wholes)), term.per)
    series = design.frame[term.variable]
    if not _is_number(series):
        return _levels(design, term, complete)
    if term.transform == "log2p1" and (values[term.variable][complete] <= -1).any():
        raise InputError("log2p1 needs numbers above -1", column=term.variable)
    if term.spline:
        known = values[term.variable][complete]
        knots = knots_of(known, design.weights[complete], term.spline, term.variable)
        return Spline(term.variable, knots, term.per)
    return Number(term.variable, term.transform, term.per)


def _levels(design: SurveyDesign, term: Term, complete: NDArray[np.bool_]) -> Levels:
    series = design.frame[term.variable]
    if term.spline or term.transform != "none":
        raise InputError(
            "only a number has a spline or a transform",
            column=term.variable,
            hint="declare the variable alone",
        )
    codes, levels = category_codes(series)
    inside = codes[design.in_domain]
    counts = np.bincount(inside[inside >= 0], minlength=len(levels))
    own = {str(level): code for code, level in enumerate(levels) if counts[code]}
    if len(own) < 2:
        raise InputError("a predictor is constant", column=term.variable, hint="leave it out")
    reference = next(iter(own)) if term.reference is None else str(term.reference)
    if reference not in own:
        raise InputError(
            "the reference is no level that anybody has",
            column=term.variable,
            value=reference,
            hint=nearest(reference, own),
        )
    if not (codes[complete] == own[reference]).any():
        raise InputError(
            "nobody who answered everything has the reference level",
            column=term.variable,
            value=reference,
            hint=f"name another: {{variable: {term.variable}, reference: ...}}",
        )
    others = {level: code for level, code in own.items() if level != reference}
    return Levels(term.variable, tuple(others), tuple(others.values()), reference, own[reference])


def _interaction(term: Term, before: Sequence[Block]) -> Interaction:
    known = {block.variable: block for block in before}
    assert term.interaction is not None
    for name in term.interaction:
        if name not in known:
            raise InputError(
                "an interaction needs both of its variables as terms before it",
                column=term.variable,
                value=name,
                hint=nearest(name, known),
            )
    first, second = term.interaction
    return Interaction(term.variable, known[first], known[second])


def _composition(
    term: Term, wholes: Batteries, values: Values, complete: NDArray[np.bool_]
) -> Composition:
    short = whole_of(term, wholes)
    columns = list(short.values())
    named: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for part, items in term.parts or tuple((item, (item,)) for item in short):
        for item in items:
            if item not in short:
                raise InputError(
                    "no such part", column=term.variable, value=item, hint=nearest(item, short)
                )
            if item in taken:
                raise InputError("an item is in two parts", column=term.variable, value=item)
            taken.add(item)
        named[part] = tuple(short[item] for item in items)
    rest = tuple(name for item, name in short.items() if item not in taken)
    if rest:
        named["rest"] = rest
    if len(named) < 2:
        raise InputError("a composition needs two parts", column=term.variable)
    for name in columns:
        if (values[name][complete] < 0).any():
            raise InputError("a part of a whole is negative", column=name)
    if (np.sum([values[name][complete] for name in columns], axis=0) <= 0).any():
        raise InputError("somebody's parts add up to nothing", column=term.variable)
    zero = term.zero / 100
    if not 0 < zero < 1 / len(named):
        raise InputError(
            "what stands for nothing must be small", column=term.variable, value=term.zero
        )
    groups = tuple(named.values())
    absent: list[int] = []
    for place, group in enumerate(groups if term.absent else ()):
        nothing = np.sum([values[name][complete] for name in group], axis=0) <= 0
        if nothing.any() and not nothing.all():
            absent.append(place)
    return Composition(term.variable, tuple(named), groups, zero, tuple(absent))


def _refuse_aliased(made: DesignMatrix) -> None:
    """Refuse constants and columns that others add up to.

    The triangle of the centred columns, made a block of rows at a time, holds on its diagonal
    what is left of each column after those before it.
    """
    mean = made.X.sum(axis=0) / made.complete.sum()
    triangle = np.zeros((0, len(made.names)))
    largest = np.zeros(len(made.names))
    for start in range(0, len(made.X), ROWS):
        inside = made.complete[start : start + ROWS]
        rows = made.X[start : start + ROWS]
        rows = rows if inside.all() else rows[inside]
        largest = np.maximum(largest, np.abs(rows).max(axis=0, initial=0.0))
        stacked = np.concatenate([triangle, rows - mean])
        triangle = np.asarray(np.linalg.qr(stacked, mode="r"))
    scale = np.sqrt((triangle**2).sum(axis=0))
    left = np.zeros(len(made.names))
    left[: len(triangle)] = np.abs(np.diag(triangle))
    floor = 1e-10 * np.maximum(1.0, largest * made.complete.sum() ** 0.5)
    for place, name in enumerate(made.names):
        variable = made.variables[place]
        if scale[place] < floor[place]:
            raise InputError(
                "a predictor is constant among those who answered everything",
                column=variable,
                value=name,
                hint="leave it out or merge its levels",
            )
        if left[place] < 1e-8 * scale[place]:
            raise InputError(
                "a predictor follows from the others",
                column=variable,
                value=name,
                hint="leave one of them out",
            )
