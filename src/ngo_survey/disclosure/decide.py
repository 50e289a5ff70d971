"""What is hidden in all tables of a group of respondents: totals first, then what is under them.

A total is what a table says of everybody. It is decided over the totals alone, as if the study had
no banners: those that are shown then are shown for good, and whatever protects a small group under
a banner is found under the banners, or among answers that go together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.disclosure.blocks import Linked
from ngo_survey.disclosure.cells import Bools, Columns, Ids
from ngo_survey.disclosure.former_release import FormerRelease, protect_differences
from ngo_survey.disclosure.group_disclosure import Public
from ngo_survey.disclosure.linked import Sources, link
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.secondary_suppression import protect
from ngo_survey.disclosure.status import Marks
from ngo_survey.disclosure.thresholds import COST, Decision, Rules, primary
from ngo_survey.disclosure.weight_classes import told_bases, told_shares
from ngo_survey.disclosure.weight_wholes import hidden_beside
from ngo_survey.tables.declared import PAIR
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from ngo_survey.statistics.estimation.domains import Domains


@dataclass(frozen=True)
class Weights:
    """What who knows every weight may not read from weighted figures.

    Attributes
    ----------
    of: (n,) the weight of each respondent, zero outside the population.
    rounding: how figures are rounded for release.
    """

    of: Floats
    rounding: Rounding


@dataclass(frozen=True)
class Decided:
    """What may be told of the tables of a group of respondents.

    Attributes
    ----------
    hidden: (cells,) of ``linked.cells``.
    given_up: cells of small groups of whom it can be worked out that all or none gave an answer.
    told_bases: bases whose weights tell who is in them.
    """

    linked: Linked
    decision: Decision
    hidden: Bools
    given_up: Ids
    told_bases: Ids

    def marks(self, table: int) -> Marks:
        """Return what was decided about the cells of the table at a position."""
        return Marks(self.linked, self.decision, self.hidden, table, self.told_bases)


def decide(
    tables: Sources,
    splits: Mapping[str, Domains],
    inside: Bools,
    known: Sources,
    rules: Rules,
    rng: np.random.Generator,
    public: Public | None = None,
    former: FormerRelease | None = None,
    weights: Weights | None = None,
) -> Decided:
    """Decide what is hidden in tables, those of answers that go together among them.

    Parameters
    ----------
    tables: each table with its estimands (``forms.estimands``).
    splits: the columns of every banner of theirs and of ``known``; of the total under "".
    inside: (n,) who is in the population.
    known: what other results tell already, in the same way; it cannot be hidden.
    public: what anybody can look up, or read in the questionnaire.
    former: what an earlier release of the same interviews tells.
    weights: of the respondents; None where all figures stand for the respondents alone.

    Raises
    ------
    DisclosureError: a small group cannot be protected.
    """
    linked = link(tables, Columns.make(splits, inside), known)
    decision = primary(linked, rules, public)
    asked = {"", *(banner for spec, _ in known for banner in spec.banners)}
    of_known = {banner: split for banner, split in splits.items() if banner in asked}
    alone = link(_totals(tables), Columns.make(of_known, inside), known)
    first = primary(alone, rules, public)
    if former:
        former.cells(alone).keep_hidden(first)
        before = former.cells(linked)
        before.keep_hidden(decision)
    told = np.zeros(0, dtype=np.int64)
    if weights is not None:
        shares = told_shares(linked, weights.of, weights.rounding, decision.hidden)
        # What other results tell all the same cannot be hidden.
        shares = shares[decision.cost[shares] < COST["level"]]
        decision.hidden[shares] = decision.primary[shares] = True
        free = decision.cost < COST["level"]
        more = hidden_beside(linked, weights.of, weights.rounding, decision.hidden, shares, free)
        decision.hidden[more] = decision.primary[more] = True
        told = told_bases(linked, weights.of, weights.rounding)
    cost = decision.cost.copy()
    _keep(linked, decision, alone, protect(alone, first, rng).hidden)
    protection = protect(linked, decision, rng)
    hidden = protection.hidden
    if former:
        # No total is shown for good that tells, beside the former one, of a small group.
        anew = replace(decision, cost=cost)
        hidden = protect_differences(linked, anew, hidden, before, rules, rng)
    # A total that is shown for good may tell of each of a small group, beside another total.
    given_up = np.union1d(
        protection.given_up, np.flatnonzero(decision.groups & decision.kept & ~hidden)
    )
    return Decided(linked, decision, hidden, given_up, told)


def _totals(tables: Sources) -> Sources:
    """Return the tables, each in its place, with the total column alone.

    Answers that go together are no totals: what they tell is left out whole.
    """
    return [
        (replace(spec, banners=()), [] if spec.form == PAIR else estimands)
        for spec, estimands in tables
    ]


def _keep(linked: Linked, decision: Decision, alone: Linked, hidden: Bools) -> None:
    """Write into a decision what was decided over the totals: hidden, or shown for good."""
    for place, block in alone.by_place.items():
        if alone.shows(block)[0]:
            there = linked.by_place[place]
            gone = hidden[np.append(block.cells[:, 0], block.base[0])]
            same = np.append(there.cells[:, 0], there.base[0])
            decision.hidden[same[gone]] = True
            decision.kept[same[~gone]] = True
    kept = decision.kept
    for block in linked.tables:
        # Few others beside it on a base: nobody knows of them what nobody knows of the base.
        few_others = kept[block.cells] & decision.sensitive[block.cells]
        base = np.broadcast_to(block.base, few_others.shape)[few_others]
        decision.sensitive[base] = True
    for flags in (decision.hidden, decision.primary, decision.dropped, decision.sensitive):
        flags[kept] = False
    decision.cost[kept] = np.maximum(decision.cost[kept], COST["kept"])
