"""The one kind of frame that every result of the library is: tidy, short in print, to be drawn."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ngo_survey.statistics.library.plot import MEASURES, plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Rows that a terminal or a notebook is shown; the frame holds them all.
SHOWN = 20
#: Columns that are printed only where they say something.
QUIET = {"missing": 0, "flag": ""}


class ResultFrame(pd.DataFrame):
    """A frame of results, one row a figure: everything that a ``pandas.DataFrame`` is.

    It prints with as many decimals as its standard errors bear, without columns that say nothing
    (no missing answers, no flags), and :meth:`plot` draws estimates with their limits. The numbers
    themselves are never rounded. ``attrs["title"]`` stands above it.
    """

    @property
    def _constructor(self) -> type[ResultFrame]:
        return ResultFrame

    def __repr__(self) -> str:
        body = self._written().to_string(index=self._labelled)
        return "\n".join(part for part in (self._title, body, self._rest) if part)

    def _repr_html_(self) -> str:
        body = self._written().to_html(index=self._labelled, border=0)
        title, rest = (f"<p>{escape(x)}</p>" if x else "" for x in (self._title, self._rest))
        return f"{title}{body}{rest}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the estimates as dots with their limits: see :func:`plot.plot`.

        The kinds of pandas are those of ``pandas.DataFrame(result).plot``.
        """
        return plot(self, ax)

    @property
    def _title(self) -> str:
        # What was selected from a result need not be what its title says.
        return str(self.attrs.get("title", "")) if {"estimate", "statistic"} & set(self) else ""

    @property
    def _rest(self) -> str:
        return f"{SHOWN} of {len(self)} rows" if len(self) > SHOWN else ""

    @property
    def _labelled(self) -> bool:
        """Whether the index says something, and is no mere number of a row."""
        named = any(name is not None for name in self.index.names)
        return named or not pd.api.types.is_integer_dtype(self.index.dtype)

    def _written(self) -> pd.DataFrame:
        """Return the first rows as text, in a plain frame."""
        plain = pd.DataFrame(self)
        if plain.columns.nlevels > 1 or not plain.columns.is_unique:
            return plain.head(SHOWN)  # turned into something that no result is
        quiet = [name for name in QUIET if name in plain and plain[name].eq(QUIET[name]).all()]
        fine = _decimals(plain["se"]) if "se" in plain else None
        if fine is None and {"ci_low", "ci_high"} <= set(plain):
            fine = _decimals((plain["ci_high"] - plain["ci_low"]) / 4)
        shown = plain.drop(columns=quiet).head(SHOWN)
        columns = {
            name: _texts(shown[name], fine if name in MEASURES else None, str(name))
            for name in shown
        }
        return pd.DataFrame(columns, index=shown.index, dtype=object)


def results(frame: pd.DataFrame, title: str) -> ResultFrame:
    """Return a frame as one of results under a title."""
    made = ResultFrame(frame)
    made.attrs["title"] = title
    return made


def _decimals(errors: pd.Series) -> int | None:
    """Return the decimals that give a usual standard error three digits, and the least one two."""
    known = errors[np.isfinite(errors) & (errors > 0)]
    if known.empty:
        return None
    usual, least = np.floor(np.log10([known.median(), known.min()]))
    return int(np.clip(max(2 - usual, 1 - least), 0, 6))


def _texts(values: pd.Series, decimals: int | None, name: str) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.astype(object).where(values.notna(), "")

    def text(value: Any) -> str:
        if pd.isna(value):
            return ""
        if name == "p":
            return "<0.0001" if value < 0.0001 else f"{value:.4f}"
        if float(value).is_integer() and decimals is None:
            return f"{value:,.0f}"
        if decimals is None:
            return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
        return f"{value:,.{decimals}f}"

    return values.astype(object).map(text)
