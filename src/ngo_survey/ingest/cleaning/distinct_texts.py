"""A column as its spellings: answers repeat, so a rule reads each text once and not each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Places = NDArray[np.intp]
#: Kinds of rows from which on there are too many to be told apart by one number.
MANY = 2**62


@dataclass(frozen=True)
class DistinctTexts:
    """The texts of a column, each once in the order of the rows.

    Attributes
    ----------
    codes: of each row the place of its text in ``texts``, -1 where there is no answer; of the
        smallest type that holds one more.
    texts: every text that some row has.
    """

    codes: NDArray[np.signedinteger[Any]]
    texts: Sequence[object]

    @classmethod
    def of(cls, column: pd.Series) -> DistinctTexts:
        """Return the spellings of a column; answers that are missing are none."""
        codes, texts = pd.factorize(column)
        return cls(_small(codes, len(texts)), list(texts))

    def rows(self, condition: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return the rows whose text meets a condition; those without an answer do not."""
        truth = np.array([*(condition(str(text)) for text in self.texts), False], dtype=bool)
        return np.asarray(truth[self.codes])

    def respelled(self, made: Sequence[object]) -> tuple[DistinctTexts, Places]:
        """Put one text, or a missing value, in the place of each; returns the rows that differ."""
        changed = [new is not old and new != old for new, old in zip(made, self.texts, strict=True)]
        if not any(changed):
            return self, np.empty(0, dtype=np.intp)
        # Several spellings may have become one.
        place, texts = pd.factorize(np.array([*made, None], dtype=object)[:-1])
        codes = _small(np.append(place, -1), len(texts))[self.codes]
        return DistinctTexts(codes, list(texts)), np.flatnonzero(
            np.append(changed, False)[self.codes]
        )

    def kept(self, rows: NDArray[np.bool_]) -> DistinctTexts:
        """Return the spellings of some of the rows."""
        place, met = pd.factorize(self.codes[rows])
        gone = np.flatnonzero(met < 0)
        if len(gone):
            place = np.where(place == gone[0], -1, place - (place > gone[0]))
            met = np.delete(met, gone)
        return DistinctTexts(_small(place, len(met)), [self.texts[code] for code in met])

    def column(self, like: pd.Series) -> pd.Series:
        """Return the column, with the index, the name and the type of another one."""
        if isinstance(like.dtype, pd.StringDtype):
            texts = pd.array([*self.texts, None], dtype=like.dtype)
            return pd.Series(texts.take(self.codes), index=like.index, name=like.name)
        values = np.array([*self.texts, np.nan], dtype=object)[self.codes]
        return pd.Series(values, index=like.index, name=like.name)


def _small(codes: Places, texts: int) -> NDArray[np.signedinteger[Any]]:
    """Return codes of so many texts in the smallest type: most questions have few answers."""
    return codes.astype(np.min_scalar_type(-texts - 1))


def kinds(columns: Sequence[NDArray[np.integer]], rows: int) -> tuple[Places, Places]:
    """Return of each row its kind, and of each kind its first row: equal rows are of one kind.

    Parameters
    ----------
    columns: whole numbers from -1 on, one a row.
    """

    def joined(key: Places, column: NDArray[np.integer]) -> Places:
        size = int(column.max(initial=-1)) + 2
        if (int(key.max(initial=0)) + 1) * size >= MANY:
            key = pd.factorize(key)[0]
        return np.asarray(key * size + (column + 1))

    key = reduce(joined, columns, np.zeros(rows, dtype=np.int64))
    kind, met = pd.factorize(key)
    first = np.empty(len(met), dtype=np.intp)
    first[kind[::-1]] = np.arange(rows)[::-1]
    return kind, first
