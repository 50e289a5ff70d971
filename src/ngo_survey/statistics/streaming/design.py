"""A design that is read by parts: the strata and PSUs of a Parquet file, and sums by them.

The variance of a total needs no respondent, only the totals of PSUs; where every respondent is a
PSU, the number, sum and squares of each stratum (Cochran 1977, sec. 5A.2; Saerndal, Swensson &
Wretman 1992, sec. 4.4). Both are sums of parts. Here each stratum or PSU is a *place*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.domain_sizes import (
    counted_degrees_of_freedom,
    independent_size,
)
from ngo_survey.statistics.design.printed import as_html, as_text, facts
from ngo_survey.statistics.design.selection import (
    DeclaredDesign,
    Names,
    fractions_of,
    sheet_row,
    stages_of,
    weights_of,
)
from ngo_survey.statistics.design.variance import (
    LonelyPSU,
    SelectionStage,
    average_factor,
    cell_covariance,
    domain_variances,
    single_units,
    summed_share_variances,
)
from ngo_survey.statistics.names import name_list
from ngo_survey.statistics.streaming.rows import ParquetRows, places

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class CountedStage(SelectionStage):
    """Strata whose units are respondents, of which only the number is kept (S,)."""

    counts: Floats

    @cached_property
    def size(self) -> Floats:
        """Sampled units in each stratum."""
        return self.counts


@dataclass(frozen=True)
class Part:
    """Some rows of a file.

    Attributes
    ----------
    first: place of the first of them in the file.
    frame: the columns asked for (n rows).
    weights: (n,) weights; place: (n,) code of the PSU, or of the stratum of designs without PSUs.
    """

    first: int
    frame: pd.DataFrame
    weights: Floats
    place: Codes


@dataclass(frozen=True)
class Moments:
    """Numbers by place and domain (P, G): how many, their sum, squares about their own mean."""

    count: Floats
    total: Floats
    squares: Floats

    @classmethod
    def none(cls, shape: tuple[int, int]) -> Moments:
        """Return those of nothing yet."""
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(shape))

    def with_part(self, cell: Codes, values: Floats) -> Moments:
        """Return them with more numbers, given by their cell (place times G plus domain).

        Squares of parts are joined without loss (Chan, Golub & LeVeque 1983, Am. Stat. 37, 242).
        """
        shape, most = self.count.shape, self.count.size
        count = np.bincount(cell, minlength=most).astype(float)
        total = np.bincount(cell, values, most)
        mean = total / np.maximum(count, 1)
        squares = np.bincount(cell, (values - mean[cell]) ** 2, most)
        count, total, mean = count.reshape(shape), total.reshape(shape), mean.reshape(shape)
        apart = mean - self.total / np.maximum(self.count, 1)
        both = self.count + count
        moved = apart**2 * self.count * count / np.maximum(both, 1)
        return Moments(both, self.total + total, self.squares + squares.reshape(shape) + moved)


class ScannedDesign:
    """A survey in a Parquet file that need not fit in memory, read a row group at a time.

    Give it to ``mean``, ``proportion``, ``total``, ``ratio``, ``crosstab`` and
    ``independence_test``; each reads the columns that it needs once or twice and keeps sums by
    stratum or PSU. The figures are those of :class:`SurveyDesign` on the same rows.

    Parameters
    ----------
    path: one Parquet file. Memory follows its largest row group, the number of PSUs and the cells
        of a table, and not its rows.
    weights, strata, psu, fpc, nest, lonely: as :class:`SurveyDesign`, all by the names of columns,
        of one stage of selection. Without ``psu`` every row is its own.

    Raises
    ------
    InputError: the file cannot be read; a second stage is named; or as :class:`SurveyDesign`.
    """

    def __init__(
        self,
        path: str | Path,
        weights: str,
        strata: Names = None,
        psu: Names = None,
        fpc: Names = None,
        nest: bool = False,
        lonely: LonelyPSU = "fail",
    ) -> None:
        self.rows = ParquetRows.of(path)
        if not isinstance(weights, str):
            raise InputError(
                "a file that is read by parts has its weights in a column",
                value=type(weights).__name__,
                hint='name the column, e.g. weights="w"',
            )
        self.declared = DeclaredDesign.of(weights, strata, psu, fpc)
        for what, named in (("strata", strata), ("PSUs", psu), ("fpc", fpc)):
            if len(name_list(named)) > 1:
                raise InputError(
                    f"a design that is read by parts has one stage, and its {what} are of several",
                    value=", ".join(name_list(named)),
                    hint="SurveyDesign(frame, ...) takes several stages, of data in memory",
                )
        self.weight = weights
        self.lonely, self._nest = lonely, nest
        self._read_places()

    def __repr__(self) -> str:
        return as_text(self.facts)

    def _repr_html_(self) -> str:
        return as_html(self.facts)

    @property
    def facts(self) -> dict[str, str]:
        """What there is to say of the design, by its name: what it prints."""
        size = (self.rows.rows, self.rows.rows)
        df = self.degrees_of_freedom
        return facts(self.declared, self.stage, size, self.sum_of_weights, df, [])

    @property
    def of_rows(self) -> bool:
        """Whether every respondent is a PSU of its own."""
        return not self.declared.psu or len(self.stage.stratum) == self.rows.rows

    @property
    def degrees_of_freedom(self) -> int:
        """PSUs less strata."""
        return int(self.stage.size.sum()) - len(self.stage.size)

    @property
    def finite(self) -> bool:
        """Whether the design declares finite populations."""
        return bool((self.stage.fraction > 0).any())

    @property
    def places(self) -> int:
        """How many PSUs there are, or strata of a design without PSUs."""
        return len(self.stage.stratum)

    def parts(self, names: Sequence[str]) -> Iterator[Part]:
        """Yield the file by row groups, with some of its columns."""
        for first, frame in self.rows.blocks([*names, self.weight, *self._keys]):
            yield Part(first, frame, frame[self.weight].to_numpy(dtype=float), self._place(frame))

    # -- variances from sums by place ------------------------------------------------------------

    def share_variances(self, linear: Floats, square: Floats | None, shares: Floats) -> Floats:
        """Return variances (G, C) of ``sum w (1[category] - share)`` by domain.

        Parameters
        ----------
        linear, square: (P, G, C) sums of weights and, of designs without PSUs, of their squares.
        shares: (G, C); zeros give the variances of the weighted counts.
        """
        if square is not None:
            return summed_share_variances(self.stage, linear, square, shares, self.lonely)
        whole = linear.sum(axis=2)
        stage, unit, group = self._members(whole > 0)
        p = np.nan_to_num(shares)
        values = linear[unit, group] - whole[unit, group][:, None] * p[group]
        return domain_variances([stage], values, group, shares.shape[0], self.lonely)

    def moment_variances(self, made: Moments) -> Floats:
        """Return variances (G,) of the sums of weighted influence values by domain."""
        groups = made.count.shape[1]
        if self.declared.psu:
            stage, unit, group = self._members(made.count > 0)
            values = made.total[unit, group][:, None]
            return domain_variances([stage], values, group, groups, self.lonely)[:, 0]
        size = self.stage.size[:, None]
        factor = self.stage.multiplier * (1.0 - self.stage.fraction)
        single = single_units(self.stage.size, factor, 1, self.lonely)
        own, mean = made.total / np.maximum(made.count, 1), made.total / size
        if self.lonely == "adjust":
            mean[single] = 0.0
        squares = made.squares + made.count * (own - mean) ** 2
        rest = np.where(size > 1, size / np.maximum(size - 1, 1), self.lonely == "adjust")
        variance = (factor[:, None] * rest * (squares + (size - made.count) * mean**2)).sum(axis=0)
        if self.lonely == "average" and single.any():
            there = (made.total != 0) | (made.squares > 0)
            variance = variance * average_factor(single, there)
        return np.asarray(variance, dtype=float)

    def count_covariance(self, linear: Floats, square: Floats | None) -> Floats:
        """Return the (C, C) covariance of the weighted counts of cells.

        Parameters
        ----------
        linear, square: (P, C) as :meth:`share_variances`.
        """
        cells = linear.shape[1]
        if square is None:
            stage, unit, cell = self._members(linear > 0)
            return cell_covariance([stage], linear[unit, cell], cell, cells, self.lonely)
        size = self.stage.size
        factor = self.stage.multiplier * (1.0 - self.stage.fraction)
        single = single_units(size, factor, 1, self.lonely)
        scale = factor * np.where(size > 1, size / np.maximum(size - 1, 1), self.lonely == "adjust")
        sums = linear.copy()
        if self.lonely == "adjust":
            sums[single] = 0.0
        part = np.diag(scale @ square) - sums.T @ (sums * (scale / size)[:, None])
        if self.lonely == "average" and single.any():
            part = part * average_factor(single, linear.sum(axis=1) > 0)
        return np.asarray(part, dtype=float)

    def counted_degrees_of_freedom(self, n: Codes, there: NDArray[np.bool_]) -> Codes:
        """Return (G,) PSUs less strata of domains.

        Parameters
        ----------
        n: (G,) respondents; there: (P, G) whether a domain has some in a place.
        """
        if not self.declared.psu:
            return np.asarray(n - there.sum(axis=0), dtype=np.int64)
        stage, _, group = self._members(there)
        return counted_degrees_of_freedom(stage, group, there.shape[1])

    def independent_size(self, linear: Floats, square: Floats | None) -> Floats:
        """Return (G,) the independent answers of domains: :meth:`SurveyDesign.independent_size`.

        Parameters
        ----------
        linear, square: (P, G) as :meth:`share_variances`.
        """
        if square is None:
            stage, unit, group = self._members(linear > 0)
            return independent_size(stage, linear[unit, group], group, linear.shape[1])
        whole, squares = linear.sum(axis=0), (1.0 - self.stage.fraction) @ square
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(whole > 0, whole**2 / squares, np.nan)

    def _members(self, there: NDArray[np.bool_]) -> tuple[SelectionStage, Codes, Codes]:
        """Return a stage whose rows are the PSUs of each domain, their PSU and their domain."""
        unit, group = np.nonzero(there)
        whole = self.stage
        stage = SelectionStage(unit, whole.stratum, whole.fraction, whole.multiplier)
        return stage, unit, group

    # -- the pass over the design ----------------------------------------------------------------

    def _read_places(self) -> None:
        """Read weights, strata and PSUs once: what there is of them, and whether it can stand."""
        names = [*self.declared.strata, *self.declared.psu, *self.declared.fpc]
        names = list(dict.fromkeys(names))
        self.sum_of_weights = 0.0
        found = pd.DataFrame()
        for first, frame in self.rows.blocks([self.weight, *names]):
            with self._in_file(partial(add, first)):
                self.sum_of_weights += float(weights_of(frame, self.weight, []).sum())
            # Row and number of every distinct combination; the rest of the rows is let go.
            block = pd.DataFrame({name: _plain(frame[name]) for name in names})
            block["(row)"], block["(count)"] = np.arange(first, first + len(frame)), 1
            met = _distinct(block, names)
            found = _distinct(pd.concat([found, met], ignore_index=True), names) if first else met
        with self._in_file(lambda row: int(found["(row)"].iloc[row])):
            self.stage = self._stage_of(found)
            factor = self.stage.multiplier * (1.0 - self.stage.fraction)
            single_units(self.stage.size, factor, 1, self.lonely)

    @contextmanager
    def _in_file(self, placed: Callable[[int], int]) -> Iterator[None]:
        """Let a fault of some rows name the file, and its row there by the place among them."""
        try:
            yield
        except InputError as error:
            row = None if error.row is None else sheet_row(placed(error.row - sheet_row(0)))
            raise InputError(
                error.problem,
                hint=error.hint,
                file=self.rows.path,
                row=row,
                column=error.column,
                value=error.value,
            ) from error

    def _stage_of(self, found: pd.DataFrame) -> SelectionStage:
        """Return the stage of selection from distinct combinations of strata, PSUs and sizes."""
        strata, psu, fpc = self.declared.strata, self.declared.psu, self.declared.fpc
        if psu:
            stage = stages_of(found, strata, psu, fpc, self._nest)[0]
            self._keys = tuple(dict.fromkeys([*(strata if self._nest else ()), *psu]))
            code = stage.unit
        else:
            drawn = stages_of(found, strata, None, None, self._nest)[0]
            code = drawn.stratum[drawn.unit]
            counts = np.bincount(code, found["(count)"]).astype(float)
            fraction = np.zeros(len(counts))
            if fpc:
                fraction = fractions_of(found, fpc[0], code, counts.astype(np.int64))
            every = np.arange(len(counts))
            stage = CountedStage(every, every, fraction, np.ones(len(counts)), counts)
            self._keys = strata
        # Where each value of the keys stands, and which PSU or stratum each pair of them is.
        self._known = [pd.Index(found[name].unique()) for name in self._keys]
        key = self._key(found)
        order = np.argsort(key, kind="stable")
        self._sorted, self._codes = key[order], code[order]
        return stage

    def _key(self, frame: pd.DataFrame) -> Codes:
        key = np.zeros(len(frame), dtype=np.int64)
        for name, known in zip(self._keys, self._known, strict=True):
            key = key * len(known) + places(known, frame[name])
        return key

    def _place(self, frame: pd.DataFrame) -> Codes:
        return self._codes[np.searchsorted(self._sorted, self._key(frame))]


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as values: categories differ between row groups, and mean nothing here."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    return column


def _distinct(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return each combination of columns once, where it was first met, with its number."""
    if not names:
        return pd.DataFrame({"(row)": [frame["(row)"].min()], "(count)": [frame["(count)"].sum()]})
    grouped = frame.groupby(names, dropna=False, sort=False, observed=True)
    made = grouped.agg(**{"(row)": ("(row)", "min"), "(count)": ("(count)", "sum")})
    return made.reset_index().sort_values("(row)", ignore_index=True)
