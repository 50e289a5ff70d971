"""What a banner costs: how many figures would be hidden under it, before anything is built.

The same tables, the same rules and the same code as in a build, on counts alone: what is hidden for
the weights (:mod:`.weight_classes`), a former release or the other tests of a build comes on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ngo_survey.codebook import Questionnaire
from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Columns
from ngo_survey.disclosure.decide import decide
from ngo_survey.disclosure.linked import Sources, link
from ngo_survey.disclosure.tabulate import Layout, lay_out
from ngo_survey.disclosure.thresholds import Rules, primary
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.tables.declared import Pairs, TableSpec

#: Figures up to which everything is decided; beyond, only what is too small is counted. The study
#: that ships has 25,000 in its larger group, which a build decides in a minute.
MOST = 12_000


@dataclass(frozen=True)
class Hidden:
    """Figures under one banner (shares and means; "" is the total column), and those hidden."""

    figures: int
    hidden: int


@dataclass(frozen=True)
class Forecast:
    """What would be hidden.

    Attributes
    ----------
    by: figures under each banner; of all respondents under "".
    totals: (banner, totals that would be hidden because of it); one that several banners hide
        together stands under "".
    whole: everything was decided; else ``by`` counts what is too small by itself, the least.
    """

    by: Mapping[str, Hidden]
    totals: Mapping[str, int]
    whole: bool


def forecast(
    design: SurveyDesign,
    specs: list[TableSpec],
    codebook: Questionnaire,
    rules: Rules,
    rng: np.random.Generator,
    known: Sources | None = None,
    pairs: Iterable[Pairs] = (),
    public: frozenset[str] = frozenset(),
    most: int = MOST,
) -> Forecast:
    """Say what :func:`.tabulate.make` would hide of the same, by banner.

    Raises
    ------
    DisclosureError: a small cell cannot be protected.
    InputError: a table's filter leaves nobody.
    """
    laid = lay_out(design, specs, codebook, pairs, known)
    inside = design.in_domain
    if _figures(laid) > most:
        linked = link(laid.every, Columns.make(laid.splits, inside), laid.known)
        decision = primary(linked, rules, laid.open(public))
        return Forecast(_by_banner(linked, decision.hidden, rules), {}, whole=False)
    decided = decide(laid.every, laid.splits, inside, laid.known, rules, rng, laid.open(public))
    lost = decided.hidden & decided.decision.kept
    totals = {}
    if lost.any():
        for banner in filter(None, laid.splits):
            alone = decide(
                _under(laid.every, banner), laid.splits, inside, laid.known, rules, rng,
                laid.open(public),
            )  # fmt: skip
            count = int((alone.hidden & alone.decision.kept).sum())
            if count:
                totals[banner] = count
        totals = totals or {"": int(lost.sum())}
    return Forecast(_by_banner(decided.linked, decided.hidden, rules), totals, whole=True)


def _figures(laid: Layout) -> int:
    """Return how many figures the tables have, with answers that go together."""
    return sum(
        len(estimand.members)
        * sum(len(laid.splits[banner].levels) for banner in ("", *spec.banners))
        for spec, own in laid.every
        for estimand in own
    )


def _under(tables: Sources, banner: str) -> Sources:
    """Return the tables with one of their banners alone."""
    return [
        (replace(spec, banners=tuple(b for b in spec.banners if b == banner)), own)
        for spec, own in tables
    ]


def _by_banner(linked: Linked, hidden: Bools, rules: Rules) -> dict[str, Hidden]:
    """Count the figures that tables tell under each banner, those without respondents left out."""
    found: dict[str, tuple[int, int]] = {}
    for block in linked.tables:
        if block.difference:
            continue
        shown, gone = linked.shows(block), _gone(linked, block, hidden, rules)
        asked = linked.value[block.base] > 0
        for place in np.flatnonzero(shown & asked):
            banner = linked.columns.names[block.columns[place]][0]
            figures, lost = found.get(banner, (0, 0))
            found[banner] = figures + len(gone), lost + int(gone[:, place].sum())
    return {banner: Hidden(*counts) for banner, counts in found.items()}


def _gone(linked: Linked, block: CellBlock, hidden: Bools, rules: Rules) -> Bools:
    """(members, columns): which figures are hidden, or stand on a base that is or is too small."""
    base = hidden[block.base] | (linked.value[block.base] < rules.minimum_base)
    return np.asarray(hidden[block.cells] | base)
