"""Answers that go together: shares of respondents who gave both of two answers.

Who gave both of two answers are those whom a table of the one, filtered by the other, counts. So
each answer of the row is a filter on the question of the columns, shown in the total column alone,
and stands in the linear system of all tables (:mod:`ngo_survey.disclosure.linked`): whatever a
filter, a banner or another pair says of the same people is the same cell, and what a pair leaves of
the single answers (the one without the other, neither) is protected with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ngo_survey.results.store import FAMILIES
from ngo_survey.tables.declared import PAIR, Pairs, TableSpec
from ngo_survey.tables.estimand import Bools, Estimand, Flags, Floats, Member
from ngo_survey.tables.estimates import numbers

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.disclosure.linked import Sources
    from ngo_survey.disclosure.status import Marks
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.statistics.estimation.domains import Domains

#: Columns of an estimate that a hidden row leaves empty.
FIGURES = ("n", "base", "estimate", "se", "ci_low", "ci_high", "df", "deff")


@dataclass(frozen=True)
class Pair:
    """Two answers, and where the linear system holds who gave both.

    Attributes
    ----------
    row, column: choices, or items of a battery.
    both: (n,) 0/1 who gave both.
    asked: (n,) whom the share is of.
    place: position of the source among those of the analysis, of the estimand and of the member.
    base: position of the source and of the estimand whose base is ``asked``.
    """

    row: str
    column: str
    both: Flags
    asked: Bools
    place: tuple[int, int, int]
    base: tuple[int, int]


@dataclass(frozen=True)
class Crossed:
    """One analysis: its tables for the linear system, and its pairs."""

    spec: Pairs
    sources: Sources
    pairs: tuple[Pair, ...]


def cross(spec: Pairs, frame: pd.DataFrame, book: Questionnaire) -> Crossed:
    """Cross every answer of the rows with every answer of the columns.

    A question with itself gives each pair once. The sources are tables of the columns: of all, of
    those who answered the rows where shares are of them, and of those who gave each answer of the
    rows.
    """
    columns = _estimands(spec, spec.columns, frame, book)
    sources: Sources = [_source(spec, "", columns)]
    pairs: list[Pair] = []
    seen: set[frozenset[str]] = set()
    for rows in _estimands(spec, spec.rows, frame, book):
        base = len(sources)
        if not spec.of_rows:
            answered = [replace(_inside(c, rows.valid), follows="total") for c in columns]
            # Nobody tells the rows among those who answered the columns, but their bases are one.
            other_way = [_inside(rows, c.valid) for c in columns if c.variable != rows.variable]
            sources.append(_source(spec, rows.variable, answered + other_way))
        for m, row in enumerate(rows.members):
            gave = rows.valid & (rows.stored[:, m] == 1)
            own = len(sources)
            inside = [replace(_inside(c, gave), columns="total") for c in columns]
            sources.append(_source(spec, _label(row), inside))
            for p, estimand in enumerate(columns):
                asked = estimand.valid & (gave if spec.of_rows else rows.valid)
                for place, column in enumerate(estimand.members):
                    names = _label(row), _label(column)
                    if spec.rows == spec.columns:
                        if names[0] == names[1] or frozenset(names) in seen:
                            continue
                        seen.add(frozenset(names))
                    both = (gave & asked & (estimand.stored[:, place] == 1)).astype(np.int8)
                    at = (own if spec.of_rows else base, p)
                    pairs.append(Pair(*names, both, asked, (own, p, place), at))
    return Crossed(spec, sources, tuple(pairs))


def places(
    crossed: Iterable[Crossed], first: int
) -> dict[tuple[str, str, str, str, str], tuple[tuple[int, int, int], tuple[int, int]]]:
    """Return where the linear system holds each pair, and its base: by the row that tells it.

    ``first`` is the position of the first source among all tables. A row is known by its analysis,
    item, category, statistic and level.
    """
    found = {}
    for one in crossed:
        for pair in one.pairs:
            source, estimand, member = pair.place
            row = (one.spec.name, pair.row, pair.column, "proportion", "total")
            base = (first + pair.base[0], pair.base[1])
            found[row] = (first + source, estimand, member), base
        first += len(one.sources)
    return found


def estimate_pairs(
    design: SurveyDesign,
    crossed: Crossed,
    everybody: Domains,
    marks: Callable[[int], Marks],
    minimum_base: int,
) -> pd.DataFrame:
    """Estimate the share of every pair that may be released.

    Parameters
    ----------
    everybody: the one domain of the total column.
    minimum_base: smallest base that a share may stand on.
    marks: gives what was decided about the cells of a source, by its position in ``crossed``.

    Returns
    -------
    Rows of the family ``estimates``: ``item`` and ``category`` are the two answers.
    """
    import pandas as pd

    statuses = []
    for pair in crossed.pairs:
        base = int((pair.asked & design.in_domain).sum())
        status = _status(pair, marks) if base else "empty"
        statuses.append("suppressed-primary" if 0 < base < minimum_base else status)
    shown = [place for place, status in enumerate(statuses) if status == "shown"]
    figures = _figures(design, crossed, shown, everybody)
    made = [
        _row(crossed.spec, pair, figures.get(place, {}), statuses[place])
        for place, pair in enumerate(crossed.pairs)
    ]
    return pd.DataFrame(made).reindex(columns=list(FAMILIES["estimates"]))


def _figures(
    design: SurveyDesign, crossed: Crossed, shown: list[int], everybody: Domains
) -> dict[int, dict[str, float]]:
    """Return the figures of the pairs that are shown, by place; one estimation for each base."""
    of_base: dict[bytes, list[int]] = {}
    for place in shown:
        of_base.setdefault(crossed.pairs[place].asked.tobytes(), []).append(place)
    found = {}
    for places in of_base.values():
        pairs = [crossed.pairs[place] for place in places]
        members = tuple(Member(pair.row, pair.column, "proportion") for pair in pairs)
        values = np.stack([pair.both for pair in pairs], axis=1, dtype=np.int8)
        made = numbers(design, Estimand("", values, pairs[0].asked, members, "share"), everybody)
        for column, place in enumerate(places):
            found[place] = {key: float(made[key][0, column]) for key in FIGURES}
    return found


def _status(pair: Pair, marks: Callable[[int], Marks]) -> str:
    """Say what may be released of a pair: as of a figure of a table (``status.release``)."""
    source, estimand, member = pair.place
    own = marks(source)
    block, base = own.block(estimand), marks(pair.base[0]).block(pair.base[1])
    if block is None or base is None:
        raise AssertionError(f"{pair.row}+{pair.column} is in no table")
    cell = block.cells[member, 0]
    if own.decision.primary[cell]:
        return "suppressed-primary"
    hidden = own.hidden[cell] or own.hidden[base.base[0]]
    return "suppressed-secondary" if hidden else "shown"


def _estimands(spec: Pairs, name: str, frame: pd.DataFrame, book: Questionnaire) -> list[Estimand]:
    """Return the answers that are crossed: one estimand a question with many, or an item."""
    if name in book and book.question(name).many:
        chosen = book.indicator(frame, name)
        members = tuple(Member("", str(category), "proportion") for category in chosen.columns)
        return [_estimand(name, chosen.to_numpy(dtype=float, na_value=np.nan), members)]
    found = []
    for question in book.battery(name):
        answers = frame[question.name]
        given = answers.isin(spec.categories).astype(float).where(answers.notna())
        member = Member(question.item, "+".join(spec.categories), "proportion")
        found.append(_estimand(question.name, given.to_numpy(dtype=float)[:, None], (member,)))
    return found


def _estimand(variable: str, values: Floats, members: tuple[Member, ...]) -> Estimand:
    valid: Bools = np.asarray(np.isfinite(values).all(axis=1))
    flags = np.where(valid[:, None], values, 0.0).astype(np.int8)
    return Estimand(variable, flags, valid, members, "share", columns="none", answered=valid)


def _inside(estimand: Estimand, within: Bools) -> Estimand:
    return replace(estimand, valid=estimand.valid & within, within=within)


def _source(spec: Pairs, of: str, estimands: list[Estimand]) -> tuple[TableSpec, list[Estimand]]:
    table = TableSpec(
        id=f"{spec.name} {of}".strip(),
        population=spec.population,
        form=PAIR,
        question=spec.columns,
        variables=tuple(estimand.variable for estimand in estimands),
        items=tuple(estimand.members[0].item for estimand in estimands),
        banners=(),
    )
    return table, estimands


def _label(member: Member) -> str:
    return member.item or member.category


def _row(spec: Pairs, pair: Pair, figures: dict[str, Any], status: str) -> dict[str, Any]:
    return {
        "key": f"{spec.name}/{pair.row}+{pair.column}@total",
        "analysis": spec.name,
        "population": spec.population,
        "item": pair.row,
        "category": pair.column,
        "by": "",
        "by_level": "total",
        "statistic": "proportion",
        **figures,
        "status": status,
    }
