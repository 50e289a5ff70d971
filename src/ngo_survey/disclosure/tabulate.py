"""All tables of one group of respondents: estimated, tested, and made safe together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.codebook.filters import parse
from ngo_survey.disclosure.decide import Weights, decide
from ngo_survey.disclosure.former_release import FormerRelease
from ngo_survey.disclosure.group_disclosure import Public
from ngo_survey.disclosure.linked import Sources
from ngo_survey.disclosure.pairs import Crossed, cross, estimate_pairs, places
from ngo_survey.disclosure.rounding_steps import Rounding, level_above, levels_of, rounded_figures
from ngo_survey.disclosure.status import Marks, cells_under, release
from ngo_survey.disclosure.test_levels import HiddenCells, tells, told_first
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.disclosure.weight_means import withhold_means
from ngo_survey.errors import InputError
from ngo_survey.statistics.estimation.domains import Domains, domains
from ngo_survey.tables.comparisons import compare_table
from ngo_survey.tables.declared import NESTED, Pairs, Standard
from ngo_survey.tables.estimates import estimate
from ngo_survey.tables.forms import estimands
from ngo_survey.tables.sorting import ordered
from ngo_survey.tables.tests import Again, is_tested, test_table

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.tables.declared import TableSpec
    from ngo_survey.tables.estimand import Bools, Estimand


@dataclass(frozen=True)
class Tables:
    """Tables ready to be released.

    Attributes
    ----------
    estimates: rows of the family ``estimates`` by table id, hidden figures blanked.
    tests: rows of the family ``tests`` by table id.
    comparisons: rows of the family ``comparisons`` by table id.
    rates: rows of the family ``rates``: how much is hidden, and what proved it safe.
    """

    estimates: dict[str, pd.DataFrame]
    tests: dict[str, pd.DataFrame]
    comparisons: dict[str, pd.DataFrame]
    rates: pd.DataFrame


@dataclass(frozen=True)
class Released:
    """One table: its rows of the families ``estimates``, ``tests`` and ``comparisons``."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    comparisons: pd.DataFrame


class Before(Protocol):
    """Tables that were made before of the same respondents, weights and codebook.

    ``made_of`` says what else a table is made of: what is declared, and what is hidden in it.
    """

    def find(self, table: str, made_of: str) -> Released | None:
        """Return a table that was made of the same, if there is one."""

    def keep(self, table: str, made_of: str, made: Released) -> None:
        """Keep a table that was just made."""


def make(
    design: SurveyDesign,
    specs: list[TableSpec],
    codebook: Questionnaire,
    rules: Rules,
    rng: np.random.Generator,
    known: Sources | None = None,
    standard: Standard | None = None,
    pairs: Iterable[Pairs] = (),
    before: Before | None = None,
    former: FormerRelease | None = None,
    public: frozenset[str] = frozenset(),
    rounding: Rounding | None = None,
    population: str = "",
) -> Tables:
    """Make every table of a population.

    ``known`` is what other results release already: it cannot be hidden. Answers
    that go together (``pairs``) are among the estimates, each analysis under its file's name.
    What is hidden is decided over all tables; a table that was made ``before``, and is declared as
    it was and hides what it did, is not estimated again. ``former`` is a release of the same
    interviews that is out already: the two together tell of no small group either. ``public`` are
    the variables that the register tells of everybody in it. ``rounding`` is how figures are
    rounded for release; its defaults, unless given. ``population`` names the group in the rates
    where no table does.

    Raises
    ------
    DisclosureError: a small cell cannot be protected.
    InputError: a table's filter leaves nobody.
    """
    standard = standard or Standard()
    laid = lay_out(design, specs, codebook, pairs, known)
    sources, splits = laid.sources, laid.splits
    inside = design.in_domain
    rounding = rounding or Rounding()
    weights = Weights(np.where(inside, design.weights, 0.0), rounding)
    # Without protection every count of every class is out.
    guarded = weights if rules.protection > 1 else None
    former = former and replace(former, pairs=places(laid.crossed, len(sources)))
    decided = decide(
        laid.every, splits, inside, laid.known, rules, rng, laid.open(public), former, guarded
    )
    asked = [
        (number, place, banner)
        for number, (spec, own) in enumerate(sources)
        for place, estimand in enumerate(own)
        for banner in spec.banners
        if spec.tests and is_tested(estimand)
    ]
    heard = told_first(decided.linked, decided.hidden, asked)
    estimates, tests, comparisons = {}, {}, {}
    for number, (spec, own) in enumerate(sources):
        marks = decided.marks(number)
        heard_here = frozenset((place, by) for table, place, by in heard if table == number)
        made_of = (
            f"{spec!r} {standard!r} {rules.protection} {rounding!r} {sorted(heard_here)} "
            f"{marks.digest(own)}"
        )
        made = before.find(spec.id, made_of) if before else None
        if made is None:
            silent = _Silent(marks, own, splits, inside, rules.protection, heard_here)
            made = _table(
                design, spec, own, splits, marks, standard, codebook, rounding, silent, guarded
            )
            if before:
                before.keep(spec.id, made_of, made)
        estimates[spec.id], tests[spec.id] = made.estimates, made.tests
        comparisons[spec.id] = made.comparisons
    first = len(sources)
    for one in laid.crossed:
        of_source = partial(_after, decided.marks, first)
        estimates[one.spec.file] = estimate_pairs(
            design, one, splits[""], of_source, rules.minimum_base
        )
        first += len(one.sources)
    linked, decision = decided.linked, decided.decision
    counts = np.array(linked.cells.is_count, dtype=bool)
    protected = int((decision.sensitive & decision.published & counts).sum())
    proof = [
        ("protected_counts", float(protected), "small counts hidden in all tables"),
        (
            "protection",
            float(rules.protection),
            "respondents: least width of what all results together say of each of them, proven by "
            "linear programming",
        ),
        (
            "groups_told",
            float(len(decided.given_up)),
            "small groups of whom it can be worked out that all or none gave an answer",
        ),
    ]
    group = specs[0].population if specs else population
    rates = _rates(group, estimates, proof)
    return Tables(estimates, tests, comparisons, rates)


@dataclass(frozen=True)
class Layout:
    """Tables before anything is decided about them.

    Attributes
    ----------
    sources: each table with its estimands.
    crossed: answers that go together.
    known: what other results tell, each with its estimands.
    splits: the columns of every banner; of the total under "".
    behind: the questions behind the skip rule of each banner, and behind each filter.
    """

    sources: Sources
    crossed: list[Crossed]
    known: Sources
    splits: dict[str, Domains]
    behind: dict[str, frozenset[str]]

    @property
    def every(self) -> Sources:
        """Tables, then answers that go together."""
        return [*self.sources, *(source for one in self.crossed for source in one.sources)]

    def open(self, public: frozenset[str]) -> Public:
        """Return what a table discloses to nobody, given what the register tells of everybody."""
        return Public(public, self.behind)


def lay_out(
    design: SurveyDesign,
    specs: list[TableSpec],
    codebook: Questionnaire,
    pairs: Iterable[Pairs] = (),
    known: Sources | None = None,
) -> Layout:
    """Return the tables of a population with their estimands and columns, as :func:`make` has them.

    Raises
    ------
    InputError: a table's filter leaves nobody.
    """
    sources = [
        (spec, estimands(spec, design.frame, codebook, _within(design, spec, codebook)))
        for spec in specs
    ]
    splits = _splits(design, [*specs, *(spec for spec, _ in known or ())])
    crossed = [cross(spec, design.frame, codebook) for spec in pairs]
    return Layout(sources, crossed, known or [], splits, _behind(splits, specs, codebook))


def _table(
    design: SurveyDesign,
    spec: TableSpec,
    own: list[Estimand],
    splits: Mapping[str, Domains],
    marks: Marks,
    standard: Standard,
    codebook: Questionnaire,
    rounding: Rounding,
    silent: _Silent,
    guarded: Weights | None,
) -> Released:
    """Estimate and test one table, and hide in it what was decided, and what its means tell."""
    table = release(estimate(design, spec, own, splits, standard), own, marks)
    if guarded is not None:
        table = withhold_means(table, own, splits, guarded.of, rounding)
    in_order, hidden = partial(_in_order, codebook), partial(_hidden, marks)
    levels = levels_of((standard.level,))
    tells_ = partial(silent.tells, levels)
    above = partial(level_above, among=levels)
    not_shown = table[table["status"].str.startswith("suppressed")]
    tested, gates = test_table(
        design, spec, own, splits, in_order, hidden, not_shown, standard, above, tells_
    )
    compared = compare_table(design, spec, own, splits, table, standard, gates)
    printed = rounded_figures(table, rounding)
    return Released(ordered(table, spec, standard, printed), tested, compared)


@dataclass(frozen=True)
class _Silent:
    """Of which tests of one table with hidden figures even the level stays inside.

    Attributes
    ----------
    inside: (n,) who is in the population.
    heard: estimands, by place, and banners of which no other table tests the same hidden cells.
    """

    marks: Marks
    own: list[Estimand]
    splits: Mapping[str, Domains]
    inside: Bools
    protection: int
    heard: frozenset[tuple[int, str]]

    def tells(
        self,
        levels: tuple[float, ...],
        place: int,
        banner: str,
        name: str,
        tests: Sequence[Again],
    ) -> bool:
        """Say whether the level of a test tells of those who are hidden in its table."""
        if (place, banner) not in self.heard:
            return True
        estimand, codes = self.own[place], self.splits[banner].codes
        if estimand.kind != "share":
            return False
        hidden, small = cells_under(self.marks, place, banner)
        inside = self.inside & estimand.valid
        cells = HiddenCells(estimand, hidden, small, np.where(inside, codes, -1))
        of = name.rpartition(".")[0]
        rows = [row for row, member in enumerate(estimand.members) if member.name == of]
        whole = estimand.partition or not rows
        members = list(range(len(estimand.members))) if whole else rows
        return tells(cells, members, tests, self.protection, levels)


def _hidden(marks: Marks, estimand: int, banner: str) -> Bools:
    return cells_under(marks, estimand, banner)[0]


def _after(marks_of: Callable[[int], Marks], first: int, source: int) -> Marks:
    return marks_of(first + source)


def _within(design: SurveyDesign, spec: TableSpec, codebook: Questionnaire) -> Bools | None:
    """Return who is inside the table's filter; None for everybody."""
    if not spec.filter:
        return None
    inside = parse(spec.filter, codebook).select(design.frame)
    if not (inside & design.in_domain).any():
        raise InputError(
            f"the filter of the table {spec.id} leaves nobody",
            value=spec.filter,
            hint="widen it, or leave the table out",
        )
    return inside


def _behind(
    banners: Iterable[str], specs: Iterable[TableSpec], codebook: Questionnaire
) -> dict[str, frozenset[str]]:
    """Return the questions behind the skip rule of each banner, and behind each filter."""
    found = {s.filter: frozenset(parse(s.filter, codebook).variables) for s in specs if s.filter}
    for banner in banners:
        for part in (banner, *banner.split(NESTED)):
            if part in codebook and codebook.question(part).relevant:
                rule = parse_rule(codebook.question(part).relevant, codebook, part)
                found[part] = frozenset(rule.variables)
    return found


def _splits(design: SurveyDesign, specs: Iterable[TableSpec]) -> dict[str, Domains]:
    """Return the columns of every banner, and of the total under ""."""
    splits: dict[str, Domains] = {"": domains(design, None)}
    for spec in specs:
        for banner in spec.banners:
            if banner not in splits:
                plain = banner in design.frame
                splits[banner] = domains(design, banner if plain else banner.split(NESTED))
    return splits


def _in_order(codebook: Questionnaire, banner: str) -> bool:
    """Say whether the levels of a banner have an order."""
    return banner in codebook and codebook.question(banner).form == "scale"


def _rates(
    population: str, estimates: Mapping[str, pd.DataFrame], proof: list[tuple[str, float, str]]
) -> pd.DataFrame:
    """Say how much is hidden, over all tables and by banner, and what was proven of it."""
    # A group may have no table: those that are declared may all be of another.
    nothing = pd.DataFrame(columns=["status", "by"])
    table = pd.concat(estimates.values(), ignore_index=True) if estimates else nothing
    table = table[table["status"] != "empty"]
    rows: list[tuple[str, float, str]] = [("figures", len(table), "figures in all tables")]
    for name, statuses, note in (
        ("suppressed_share", ("suppressed-primary", "suppressed-secondary"), "not shown"),
        ("suppressed_primary_share", ("suppressed-primary",), "not shown: too few respondents"),
        (
            "suppressed_secondary_share",
            ("suppressed-secondary",),
            "not shown: to protect other cells",
        ),
    ):
        hidden = table["status"].isin(statuses)
        rows.append((name, hidden.mean(), f"share of figures {note}"))
        if name == "suppressed_share":
            for banner, share in hidden.groupby(table["by"], sort=False).mean().items():
                of = f"by {banner}" if banner else "in the total column"
                # A banner may be a question called total.
                what = f"by_{banner}" if banner == "total" else banner or "total"
                rows.append((f"{name}_{what}", share, f"share of figures {of} {note}"))
    rates = pd.DataFrame(rows + proof, columns=["name", "value", "note"])
    rates.insert(0, "population", population)
    rates.insert(0, "key", f"rates/{population}/" + rates["name"])
    return rates
