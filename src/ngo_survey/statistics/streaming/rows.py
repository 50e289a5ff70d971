"""The rows of a Parquet file, one row group at a time: no more of it is ever in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.estimation.domains import levels_of

Codes = NDArray[np.int64]
#: KnownLevels that a variable of a table may have: each of them is a row or a column of counts.
MOST_LEVELS = 10_000


@dataclass(frozen=True)
class ParquetRows:
    """A Parquet file as blocks of rows.

    Attributes
    ----------
    path: the file; columns: the names of its columns; rows: how many rows it has.
    """

    path: Path
    columns: tuple[str, ...]
    rows: int

    @classmethod
    def of(cls, path: str | Path) -> ParquetRows:
        """Look at what a file holds, without its rows.

        Raises
        ------
        InputError: there is no such file, it is no Parquet, or it has no rows.
        """
        if not Path(path).is_file():
            raise InputError("no such file", file=path, hint="give the path of one Parquet file")
        with Path(path).open("rb") as file:
            found = _opened(file)
            rows = sum(int(group.num_rows) for group in found.row_groups)
        if rows == 0:
            raise InputError("the design has no respondents", file=path)
        return cls(Path(path), tuple(found.columns), rows)

    def blocks(self, names: Sequence[str]) -> Iterator[tuple[int, pd.DataFrame]]:
        """Yield the place of the first row of each row group, and some of its columns.

        Raises
        ------
        InputError: the file lacks a column, or a row group cannot be read.
        """
        for name in names:
            if name not in self.columns:
                raise InputError(
                    "no such variable",
                    file=self.path,
                    value=name,
                    hint=nearest(name, self.columns),
                )
        wanted, first = list(dict.fromkeys(names)), 0
        with self.path.open("rb") as file:
            found = _opened(file)
            for place, group in enumerate(found.row_groups):
                # By itself: read together, row groups would share the categories of one of them.
                frame = _read(found, place, wanted, self.path)
                if len(frame):
                    yield first, frame
                first += int(group.num_rows)

    def levels(self, names: Sequence[str]) -> dict[str, KnownLevels]:
        """Return the levels of some columns, in one pass.

        Raises
        ------
        InputError: as :meth:`blocks` and :func:`domains.levels_of`; more levels than a table has.
        """
        wanted = list(dict.fromkeys(names))
        known: dict[str, pd.Series] = {}
        declared: set[str] = set()
        for _, frame in self.blocks(wanted) if wanted else ():
            for name in wanted:
                column = frame[name]
                own = pd.Series(_values(column), name=name)
                both = pd.concat([known[name], own]) if name in known else own
                known[name] = both.drop_duplicates()
                if isinstance(column.dtype, pd.CategoricalDtype):
                    declared.add(name)
                if len(known[name]) > MOST_LEVELS:
                    raise InputError(
                        f"this variable has more than {MOST_LEVELS:,} levels",
                        file=self.path,
                        column=name,
                        hint="ask for its mean, or group its values first",
                    )
        return {name: KnownLevels.of(found, name in declared) for name, found in known.items()}


@dataclass(frozen=True)
class KnownLevels:
    """The levels of a variable, in the order of results, and where each value stands."""

    values: tuple[object, ...]
    index: pd.Index

    @classmethod
    def of(cls, found: pd.Series, declared: bool) -> KnownLevels:
        """Return values, each once, as levels: declared categories in their order, else sorted."""
        own = list(found) if declared else levels_of(found)
        return cls(tuple(own), pd.Index(own, dtype=found.dtype if own else object))

    def codes(self, column: pd.Series) -> Codes:
        """Return the place of each value (n,), -1 for a missing one."""
        return places(self.index, column)


def places(index: pd.Index, column: pd.Series) -> Codes:
    """Return where each value of a column (n,) stands in an index, -1 for one that it lacks."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # A missing answer has the code -1, which takes the last place.
        own = np.append(index.get_indexer(column.cat.categories), -1)
        return np.asarray(own[column.cat.codes.to_numpy()], dtype=np.int64)
    found = np.asarray(index.get_indexer(pd.Index(column)), dtype=np.int64)
    return np.where(column.isna().to_numpy(), -1, found)


def _values(column: pd.Series) -> Any:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories
    return column.dropna().unique()


def _opened(file: BinaryIO) -> Any:
    from fastparquet import ParquetFile

    try:
        return ParquetFile(file)
    except Exception as error:
        # Whatever damage makes the library raise, the file is the cause.
        raise InputError(
            "this is no Parquet file that can be read",
            file=file.name,
            value=f"{type(error).__name__}: {error}",
            hint="write it anew, e.g. frame.to_parquet(path)",
        ) from error


def _read(found: Any, place: int, names: Sequence[str], path: Path) -> pd.DataFrame:
    try:
        # The index that pandas kept beside the columns is one of them or is nothing here.
        return found[place : place + 1].to_pandas(columns=list(names), index=False)
    except Exception as error:
        raise InputError(
            f"row group {place + 1} of a Parquet file cannot be read",
            file=path,
            value=f"{type(error).__name__}: {error}",
            hint="write the file anew",
        ) from error
