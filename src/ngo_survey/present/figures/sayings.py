"""Messages of figures: sentences about what :mod:`.support` finds, or that it finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ngo_survey.present.figures.picture import Picture
from ngo_survey.present.figures.support import first, told_apart

#: How many are named of those that cannot be told apart.
NAMED = 3


def say_ends(
    picture: Picture,
    rows: pd.DataFrame,
    ranks: pd.DataFrame,
    said: Callable[[Any], str],
    lowest: bool = True,
) -> str:
    """Say which figure is the highest and which the lowest, or between which that is open.

    Where one of the ``rows`` is hidden, it may be either: then that is said as well.
    """
    open_to = {"first": first(rows, ranks), "last": first(rows, ranks, last=True)}
    if not lowest:
        del open_to["last"]
    listed = {end: [said(row) for row in found.itertuples()] for end, found in open_to.items()}
    hidden = any(listed.values()) and rows["estimate"].isna().any()
    return picture.note(_ends(picture, listed), picture.word("say_hidden") if hidden else "")


def _ends(picture: Picture, listed: Mapping[str, Sequence[str]]) -> str:
    """Say who is at each end; where both are open, in one sentence that names fewer of each."""
    if len(listed) > 1 and all(len(names) > 1 for names in listed.values()):
        ends = {end: _some(picture, names, NAMED - 1) for end, names in listed.items()}
        return picture.word("say_both_open", **ends)
    return picture.note(*(_end(picture, end, names) for end, names in listed.items()))


def _end(picture: Picture, end: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    if len(names) == 1:
        return picture.word(f"say_{end}", what=names[0])
    return picture.word(f"say_{end}_open", listed=_some(picture, names, NAMED))


def _some(picture: Picture, names: Sequence[str], most: int) -> str:
    """List names; of more than ``most`` and one the first ones, with how many more there are."""
    if len(names) <= most + 1:
        return picture.listed([*names])
    return picture.listed(
        [*names[:most], picture.word("more", n=picture.number(len(names) - most))]
    )


def say_apart(
    picture: Picture,
    frame: pd.DataFrame,
    what: Callable[[Any], str],
    form: Callable[[float], str],
    named: Mapping[str, str] | None = None,
) -> str:
    """Say which two columns of one row stand furthest apart of those that a test tells apart.

    Parameters
    ----------
    frame: rows of the family ``estimates`` of one statistic, under one banner or more.
    what: says a row of :func:`~.support.told_apart`.
    named: names of the columns where they are not those of the codebook.
    """

    def level(analysis: object, by: object, name: object) -> str:
        return named[str(name)] if named else picture.level(str(analysis), str(by), str(name))

    compared = comparisons(picture, frame)
    if compared.empty:
        return picture.word("say_groups_untested")
    pairs = told_apart(frame, compared)
    if pairs.empty:
        columns = frame[["analysis", "by", "by_level"]].drop_duplicates()
        if len(columns) != 2:
            return picture.word("say_no_groups")
        one, other = (level(*column) for column in columns.itertuples(index=False))
        return picture.word("say_none_apart", one=one, other=other)
    row = next(pairs.itertuples())
    one, other = (
        f"{level(row.analysis, row.by, name)} {form(float(figure))}"
        for name, figure in ((row.high, row.estimate_high), (row.low, row.estimate_low))
    )
    return picture.word("say_apart", what=what(row), one=one, other=other)


def say_spread(
    picture: Picture, frame: pd.DataFrame, what: str, total: str, form: Callable[[float], str]
) -> str:
    """Say how far one figure goes between two levels of a banner that a test tells apart.

    ``frame`` holds one row for each level of each banner.
    """
    compared = comparisons(picture, frame)
    if compared.empty:
        return picture.note(
            picture.word("say_total", what=what, total=total), picture.word("say_groups_untested")
        )
    pairs = told_apart(frame, compared)
    if pairs.empty:
        return picture.word("say_no_spread", what=what, total=total)
    row = next(pairs.itertuples())
    low, high = (
        f"{form(float(figure))} ({picture.level(str(row.analysis), str(row.by), str(name))})"
        for name, figure in ((row.low, row.estimate_low), (row.high, row.estimate_high))
    )
    return picture.word("say_spread", what=what, total=total, low=low, high=high)


def comparisons(picture: Picture, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons of the columns of all analyses of a frame."""
    names = dict.fromkeys(frame["analysis"])
    return pd.concat([picture.results.comparisons(name) for name in names])


def ranks(picture: Picture, analysis: str, statistic: str) -> pd.DataFrame:
    """Return the simultaneous ranks of an analysis, none where ``compare`` does not rank it."""
    found = picture.results.family("ranks")
    return found[(found["analysis"] == analysis) & (found["statistic"] == statistic)]
