"""Columns that one term makes, and how to make them anew when a variable moves.

Effects ask "what if everybody's x were different?". Every block can rebuild its columns from the
values of the variables that it reads, so that splines, products and compositions move with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ngo_survey.statistics.models.composition import (
    closed,
    diversity,
    ilr,
    pivot_basis,
    without_zeros,
)
from ngo_survey.statistics.models.likelihood import Floats
from ngo_survey.statistics.models.splines import natural_spline

#: Values of every variable: numbers, or codes of levels (-1 for none).
Values = Mapping[str, NDArray]


class Block(Protocol):
    """Columns of one term: ``names`` and ``levels`` of each, and the variables it ``reads``."""

    @property
    def variable(self) -> str:
        """What is tested as one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each column."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Level of each column, "" for numbers."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Variables that the columns are made of."""

    def build(self, values: Values) -> Floats:
        """Return the columns (n, m)."""


@dataclass(frozen=True)
class Number:
    """A number, or its logarithm to the base 2 of one more (``log2p1``)."""

    variable: str
    transform: str = "none"
    per: float = 1.0
    levels: tuple[str, ...] = ("",)

    @property
    def names(self) -> tuple[str, ...]:
        """The variable."""
        return (self.variable,)

    @property
    def reads(self) -> tuple[str, ...]:
        """The variable."""
        return (self.variable,)

    def build(self, values: Values) -> Floats:
        """Return the number over ``per``."""
        x = values[self.variable]
        return ((np.log2(1.0 + x) if self.transform == "log2p1" else x) / self.per)[:, None]

    def step(self, x: Floats) -> Floats:
        """Return the number one unit of the column further."""
        if self.transform == "log2p1":
            return np.exp2(np.log2(1.0 + x) + self.per) - 1.0
        return x + self.per


@dataclass(frozen=True)
class Levels:
    """Treatment contrasts of a categorical: one column for each level but the reference."""

    variable: str
    levels: tuple[str, ...]
    codes: tuple[int, ...]
    reference: str
    reference_code: int

    @property
    def names(self) -> tuple[str, ...]:
        """``variable=level``."""
        return tuple(f"{self.variable}={level}" for level in self.levels)

    @property
    def reads(self) -> tuple[str, ...]:
        """The variable."""
        return (self.variable,)

    def build(self, values: Values) -> Floats:
        """Return 0/1 columns."""
        return (values[self.variable][:, None] == np.array(self.codes)).astype(float)


@dataclass(frozen=True)
class Spline:
    """A natural cubic spline of a number; the first column is the number over ``per``."""

    variable: str
    knots: Floats = field(repr=False)
    per: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The number, then its curves: ``age``, ``age'1``, ``age'2``."""
        curves = range(1, len(self.knots) - 1)
        return (self.variable, *(f"{self.variable}'{curve}" for curve in curves))

    @property
    def levels(self) -> tuple[str, ...]:
        """None."""
        return ("",) * (len(self.knots) - 1)

    @property
    def reads(self) -> tuple[str, ...]:
        """The variable."""
        return (self.variable,)

    def build(self, values: Values) -> Floats:
        """Return the basis."""
        return natural_spline(values[self.variable] / self.per, self.knots / self.per)

    def step(self, x: Floats) -> Floats:
        """Return the number ``per`` further."""
        return x + self.per


@dataclass(frozen=True)
class Composition:
    """Isometric log-ratios of the parts of a whole, and whether some parts are nothing.

    ``groups`` holds the columns of the data that make each part; ``parts`` their names. ``absent``
    are the places of parts that have a 0/1 column for nothing beside the log-ratios.
    """

    variable: str
    parts: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    zero: float
    absent: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """``funding:state_order``: a part against those after it; the last part has none."""
        ratios = (f"{self.variable}:{part}" for part in self.parts[:-1])
        return (*ratios, *(f"{self.variable}:no_{self.parts[place]}" for place in self.absent))

    @property
    def levels(self) -> tuple[str, ...]:
        """None."""
        return ("",) * len(self.names)

    @property
    def reads(self) -> tuple[str, ...]:
        """All columns of all parts."""
        return tuple(name for group in self.groups for name in group)

    def build(self, values: Values) -> Floats:
        """Return pivot coordinates, then the columns of what is absent."""
        sums = np.column_stack([sum(values[name] for name in group) for group in self.groups])
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios = ilr(without_zeros(closed(sums), self.zero))
        return np.column_stack([ratios, sums[:, list(self.absent)] <= 0])

    def doubled(self, part: int) -> Floats:
        """Return what the coordinates gain when a part doubles against all others."""
        made = np.zeros(len(self.names))
        made[: len(self.parts) - 1] = np.log(2.0) * pivot_basis(len(self.parts))[part]
        return made


@dataclass(frozen=True)
class Diversity:
    """``1 - sum p^2`` of the parts of a whole: a number that moves when a part does."""

    variable: str
    reads: tuple[str, ...]
    per: float = 1.0
    levels: tuple[str, ...] = ("",)

    @property
    def names(self) -> tuple[str, ...]:
        """The variable."""
        return (self.variable,)

    def build(self, values: Values) -> Floats:
        """Return the diversity over ``per``."""
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = np.column_stack([values[name] for name in self.reads])
            return (diversity(parts) / self.per)[:, None]


@dataclass(frozen=True)
class Interaction:
    """Products of the columns of two terms of the model."""

    variable: str
    first: Block
    second: Block

    @property
    def names(self) -> tuple[str, ...]:
        """``rural=rural:reach=local``."""
        return tuple(f"{a}:{b}" for a in self.first.names for b in self.second.names)

    @property
    def levels(self) -> tuple[str, ...]:
        """None: an interaction has no effect of its own."""
        return ("",) * len(self.names)

    @property
    def reads(self) -> tuple[str, ...]:
        """What the two terms read."""
        return (*self.first.reads, *self.second.reads)

    def build(self, values: Values) -> Floats:
        """Return every column of the one times every column of the other."""
        a, b = self.first.build(values), self.second.build(values)
        return (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)
