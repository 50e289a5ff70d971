"""Tests of a table: does what it shows differ between the levels of a banner.

First a question as a whole, then what a test of the whole lets through: each of its answers, the
trend, and, in :mod:`comparisons`, columns one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.estimation import adjust, gatekeep
from ngo_survey.statistics.estimation.crosstabs import Test, independence_of, means_of
from ngo_survey.statistics.estimation.domains import Codes, Domains
from ngo_survey.statistics.estimation.many_answers import multiple_independence_of
from ngo_survey.statistics.estimation.trends import trend_of
from ngo_survey.tables.estimand import Bools, Estimand, Floats

if TYPE_CHECKING:
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.tables.declared import Standard, TableSpec

#: Statistics that are tested; the others of an estimand say the same thing another way.
TESTED = ("proportion", "mean", "mean_share", "first", "top_three", "mean_answers")
COLUMNS = [
    "key",
    "analysis",
    "test",
    "statistic",
    "df1",
    "df2",
    "p",
    "effect",
    "effect_low",
    "effect_high",
]
#: Gives the p-value of a test of other answers.
Again = Callable[[Estimand], float]
#: Says of an estimand under a banner whether the level of a test, by its name, tells of those who
#: are hidden; the last argument is the test, and those that are told beside it.
Tells = Callable[[int, str, str, Sequence[Again]], bool]
#: Adjusted p of the tests that stand before comparisons: by estimand and banner, one a member.
Gates = dict[tuple[int, str], Floats]


@dataclass(frozen=True)
class _Question:
    """A test that has yet to be made.

    ``name`` is its name in the key, ``make`` makes it of the levels' codes. ``of`` says what it is
    a test of: the ``whole`` of a question, one of its ``rows``, or a ``trend``; ``members`` are
    the estimand's figures that it is about, by place.
    """

    name: str
    of: Literal["whole", "rows", "trend"]
    members: slice
    make: Callable[[Domains], Test]


def test_table(
    design: SurveyDesign,
    spec: TableSpec,
    estimands: list[Estimand],
    splits: Mapping[str, Domains],
    ordered: Callable[[str], bool],
    hidden: Callable[[int, str], Bools],
    not_shown: pd.DataFrame,
    standard: Standard,
    level_above: Callable[[Floats], Floats],
    tells: Tells | None = None,
) -> tuple[pd.DataFrame, Gates]:
    """Test each estimand of a table under each banner.

    Single answers and each of many answers: Rao-Scott with the second-order correction, effect
    Cramer's V; answers of many as a whole: Thomas and Decady's test over all of them. Means:
    adjusted Wald F, effect the share of variance between levels. Over the levels of an ordered
    banner also the trend.

    ``p_adjusted``: tests of whole questions are one family (the table under one banner, or the
    whole table, as the standard declares), adjusted by Holm 1979; the answers of a question under a
    banner are another, its trends a third, each behind the test of the whole
    (:func:`~ngo_survey.statistics.estimation.gatekeep`). Also returns the gate of every figure, for
    comparisons of columns.

    ``hidden(estimand, banner)`` says which figures are hidden, (members, levels): where all are
    there is no test, where some are the effect is withheld, because with what is shown it is one
    more equation for what is not. ``not_shown`` are the rows of the table that do not leave; of a
    test of theirs the level alone does (:func:`told_by_level`): it enters its family as the level
    that it is below (``level_above``), an upper bound, so that nothing that is adjusted beside it
    or stands behind it says more of it. ``tells`` says whether even the level tells too much,
    beside those of other tests of the same figures that are told already; then nothing leaves of
    the test, which enters its family as 1. A test that the data cannot give (one level left, no
    degrees of freedom) has no row.
    """
    rows, asked, silent = [], [], []
    told: dict[tuple[int, str], list[tuple[set[int], Again]]] = {}
    figures = {
        (place, banner): hidden(place, banner)
        for place in range(len(estimands))
        for banner in spec.banners
    }
    for place, estimand in enumerate(estimands):
        if estimand.kind not in ("share", "mean") or estimand.columns != "all":
            continue
        if estimand.members[0].statistic not in TESTED:
            continue
        for banner in spec.banners:
            own = figures[place, banner]
            if own.size and own.all():
                continue
            for question in _questions(design, estimand, spec, ordered(banner)):
                try:
                    made = question.make(splits[banner])
                except InputError:
                    continue
                if np.isnan(made.p):
                    continue
                analysis = spec.analysis(banner)
                withheld = own.any() and question.of != "trend"
                asked.append((place, banner, question))
                again = partial(
                    _again, design, spec, ordered(banner), splits[banner], question.name
                )
                heard = told.setdefault((place, banner), [])
                about = set(range(len(estimand.members))[question.members])
                beside = [other for figures_, other in heard if about & figures_]
                much = bool(
                    own.any() and tells and tells(place, banner, question.name, [again, *beside])
                )
                silent.append(much)
                if not much:
                    heard.append((about, again))
                rows.append(
                    {
                        "key": f"test/{analysis}/{question.name}",
                        "analysis": analysis,
                        "test": question.name,
                        "statistic": made.statistic,
                        "df1": made.df1,
                        "df2": made.df2,
                        "p": made.p,
                        "effect": np.nan if withheld else made.effect,
                        "effect_low": np.nan if withheld else made.effect_low,
                        "effect_high": np.nan if withheld else made.effect_high,
                    }
                )
    found = pd.DataFrame(rows, columns=COLUMNS)
    p = found["p"].to_numpy(dtype=float)
    bare = told_by_level(found, not_shown)
    known = np.where(bare, level_above(p), p)
    known = np.where(np.array(silent, dtype=bool), 1.0, known)
    found["p_adjusted"], gates = _adjusted(known, asked, estimands, standard, bare, silent)
    found.loc[silent, ["statistic", "df1", "df2", "p", "p_adjusted"]] = np.nan
    return found, gates


def told_by_level(tests: pd.DataFrame, not_shown: pd.DataFrame) -> Bools:
    """(tests,): of which nothing but the level may leave, because a figure of theirs does not.

    A statistic and its degrees of freedom say which of the splits that fit the margins is the true
    one. A test of a whole question is of every figure of its analysis; one of an item, an answer or
    a statistic, by which it is named, of every figure of these.

    Parameters
    ----------
    tests: rows with ``analysis`` and ``test``.
    not_shown: rows with ``analysis``, ``item``, ``category`` and ``statistic``.
    """
    named: dict[str, set[str]] = {}
    for analysis, *names in not_shown[["analysis", "item", "category", "statistic"]].to_numpy():
        named.setdefault(analysis, set()).update(name for name in names if name)
    found = []
    for analysis, test in zip(tests["analysis"], tests["test"], strict=True):
        of, own = str(test).rpartition(".")[0], named.get(analysis)
        found.append(own is not None and (not of or not own.isdisjoint(_parts(of))))
    return np.array(found, dtype=bool)


def _parts(name: str) -> Iterator[str]:
    """Yield a name and every part of it between dots, one that holds a dot itself among them."""
    parts = name.split(".")
    for first in range(len(parts)):
        for last in range(first, len(parts)):
            yield ".".join(parts[first : last + 1])


def _adjusted(
    p: Floats,
    asked: list[tuple[int, str, _Question]],
    estimands: list[Estimand],
    standard: Standard,
    bare: Bools,
    silent: Sequence[bool],
) -> tuple[Floats, Gates]:
    """Adjust tests of whole questions, then what lies behind each of them.

    ``bare`` are those of which the level alone leaves, ``silent`` those of which nothing does: what
    lies behind them hears whether they are passed, or stands open.
    """
    adjusted = np.full(len(p), np.nan)
    families: dict[tuple[object, ...], list[int]] = {}
    for row, (estimand, banner, question) in enumerate(asked):
        if question.of == "whole":
            family: tuple[object, ...] = () if standard.family == "table" else (banner,)
        else:
            family = (estimand, banner, question.of)
        families.setdefault(family, []).append(row)
    gates: Gates = {}
    # Sorted by what is tested: the whole of each question stands before what lies behind it.
    for of in ("whole", "trend", "rows"):
        for places in families.values():
            if asked[places[0]][2].of != of:
                continue
            adjusted[places] = adjust(p[places])
            for row in places:
                estimand, banner, question = asked[row]
                gate = gates.setdefault(
                    (estimand, banner), np.full(len(estimands[estimand].members), np.nan)
                )
                if of != "whole":
                    adjusted[row] = gatekeep(gate[question.members][0], adjusted[row])
                if of == "trend":
                    continue
                passed = 0.0 if adjusted[row] < standard.level else 1.0
                told = np.nan if silent[row] else passed
                gate[question.members] = told if silent[row] or bare[row] else adjusted[row]
    return adjusted, gates


def _again(
    design: SurveyDesign,
    spec: TableSpec,
    ordered: bool,
    split: Domains,
    name: str,
    estimand: Estimand,
) -> float:
    """Return the p-value of a test of other answers; NaN without one."""
    for question in _questions(design, estimand, spec, ordered):
        if question.name == name:
            try:
                return question.make(split).p
            except InputError:
                break
    return np.nan


def _questions(
    design: SurveyDesign, estimand: Estimand, spec: TableSpec, ordered: bool
) -> Iterator[_Question]:
    """Yield what is tested of an estimand under one banner."""
    everything = slice(None)
    if "overall" in spec.tests:
        if estimand.kind == "share" and estimand.partition:
            first = estimand.members[0]
            name = ".".join(p for p in (first.item, "first" * (first.statistic == "first")) if p)
            answers = np.where(estimand.valid, estimand.stored.argmax(axis=1), -1)
            make = partial(_independence, design, answers)
            yield _Question(_named(name, "rao_scott"), "whole", everything, make)
        elif estimand.kind == "share":
            whole = estimand.form == "multiple"
            if whole:
                make = partial(_overall, design, estimand)
                name = _named(estimand.members[0].item, "overall")
                yield _Question(name, "whole", everything, make)
            for place, member in enumerate(estimand.members):
                chosen = np.where(estimand.valid, estimand.stored[:, place].astype(np.int64), -1)
                yield _Question(
                    _named(member.name, "rao_scott"),
                    "rows" if whole else "whole",
                    slice(place, place + 1),
                    partial(_independence, design, chosen),
                )
        else:
            for place, member in enumerate(estimand.members):
                name = "" if member.name == member.statistic == "mean" else member.name
                make = partial(_means, design, estimand, estimand.of_member(place))
                yield _Question(_named(name, "wald"), "whole", slice(place, place + 1), make)
    if ordered and "trend" in spec.tests:
        for place, member in enumerate(estimand.members):
            make = partial(_trend, design, estimand, estimand.of_member(place))
            yield _Question(_named(member.name, "trend"), "trend", slice(place, place + 1), make)


def _independence(design: SurveyDesign, answers: Codes, split: Domains) -> Test:
    return independence_of(design, answers, split.codes)


def _overall(design: SurveyDesign, estimand: Estimand, split: Domains) -> Test:
    return multiple_independence_of(
        design, estimand.values, estimand.valid, _among(estimand, split)
    )


def _means(design: SurveyDesign, estimand: Estimand, values: Floats, split: Domains) -> Test:
    return means_of(design, values, _among(estimand, split))


def _trend(design: SurveyDesign, estimand: Estimand, values: Floats, split: Domains) -> Test:
    return trend_of(design, values, _among(estimand, split))


def _among(estimand: Estimand, split: Domains) -> Codes:
    return np.where(estimand.valid, split.codes, -1)


def _named(name: str, kind: str) -> str:
    return f"{name}.{kind}" if name else kind
