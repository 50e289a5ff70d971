"""Disclosure control over everything a population's tables tell, all at once.

The rule: no count of fewer respondents than the threshold leaves, nor its complement on its base,
nor can either be worked out. :func:`primary` finds what is too small; :mod:`protect` hides as few
other cells as it can so that each small one keeps an interval; :mod:`audit` proves it. What is
derived from a hidden cell (percentage, limits, mean, top-two box) is hidden with it, and no
percentage is ever taken on a base from which hidden cells were left out.

Who did not answer is no group that anybody can recognise, so counts of item nonresponse, and what
a banner's levels leave of the total because some did not answer it, are not protected.

Weighted percentages add up as the counts do, so that a hidden one cannot be had by subtraction. The
digits of those that are shown are taken away by :mod:`rounding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools
from ngo_survey.disclosure.group_disclosure import Groups, Public
from ngo_survey.tables.declared import PAIR
from ngo_survey.tables.estimand import Floats

#: What hiding a cell costs; a hidden base blanks the n under which a reader judges a column. The
#: respondents of a level as such stand in other results too and are hidden only when too small.
COST = {
    "cell": 1.0,
    "total": 20.0,
    "base": 60.0,
    "level": 1e6,
    "kept": 2e7,
    "everybody": 1e9,
}
#: Weight of the logarithm of a count beside the plain number of hidden cells.
SIZE_COST = 0.05


@dataclass(frozen=True)
class Rules:
    """The section ``disclosure`` of the configuration.

    Attributes
    ----------
    threshold: smallest count that may be released.
    minimum_base: smallest base that a figure may stand on.
    protection: least width of the interval that an attacker can give for a hidden count.
    thin_share: largest share of too small cells of a table under a banner.
    dominance: a total is too much one respondent's when all but the two largest give less than
        this part of the largest (the p% rule); 0 for no such rule.
    group_base: smallest group of whom it may be told that all, or none, gave an answer; 0 for no
        such rule.
    """

    threshold: int
    minimum_base: int
    protection: int
    thin_share: float
    dominance: float = 0.0
    group_base: int = 0

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Rules:
        """Read the section."""
        threshold = int(section["threshold"])
        return cls(
            threshold=threshold,
            minimum_base=int(section["minimum_base"]),
            protection=int(section.get("protection", threshold)),
            thin_share=float(section.get("thin_share", 1.0)),
            dominance=float(section.get("dominance", 0.0)),
            group_base=int(section.get("group_base", 0)),
        )

    def small(self, count: Floats) -> Bools:
        """Say which counts are too small to be released: more than none, below the threshold."""
        return (count > 0) & (count < self.threshold)


@dataclass
class Decision:
    """What may not be released, by cell.

    Attributes
    ----------
    published: a figure or a base of some table.
    primary: too small, or on too small a base.
    hidden: not released: primary, hidden to protect others, or never tabulated.
    dropped: hidden because its banner is too thin for its table.
    sensitive: must keep an interval.
    groups: sensitive only because all or none of a small group are in it.
    need: how wide that interval must be.
    cost: what hiding it costs.
    kept: a total that is shown for good.
    threshold, minimum_base: smallest count, and smallest base of a figure, whatever its cell is
        elsewhere.
    """

    published: Bools
    primary: Bools
    hidden: Bools
    dropped: Bools
    sensitive: Bools
    groups: Bools
    need: Floats
    cost: Floats
    kept: Bools
    threshold: int
    minimum_base: int


def primary(linked: Linked, rules: Rules, public: Public | None = None) -> Decision:
    """Find every cell that is too small or tells of each of a small group, and thin banners.

    ``public`` is what anybody can look up: nothing of it is disclosed by a table.
    """
    size = len(linked.cells)
    value = linked.value
    counts = np.array(linked.cells.is_count, dtype=bool)
    flags = {name: np.zeros(size, dtype=bool) for name in ("published", "primary", "sensitive")}
    base_cells = np.zeros(size, dtype=bool)
    total_cells = np.zeros(size, dtype=bool)
    need = np.where(counts, float(rules.protection), 1.0)
    for block in linked.tables:
        levels = linked.columns.under(linked.columns.of)[block.columns]
        flags["sensitive"][sensitive_counts(block, value, rules, levels)] = True
        if block.difference:
            continue
        shown = linked.shows(block)
        cells, base_of = block.cells[:, shown], block.base[shown]
        flags["published"][cells] = True
        flags["published"][base_of] = True
        if block.spec.form != PAIR:
            # A pair that few gave is no total: it costs what any cell does.
            base_cells[block.base] = True
            total_cells[block.cells[:, 0]] = True
        flags["primary"][base_of[rules.small(value[base_of])]] = True
        flags["primary"][cells[_too_small(linked, block, rules)[:, shown]]] = True
        if block.row_shares:
            # Row percentages stand on those whom a level holds: who is left over follows.
            left = block.cells[:, ~levels]
            flags["published"][left] = True
            total_cells[left] = True
        if not block.counts:
            flags["sensitive"][cells[_sensitive_sums(linked, block, rules)[:, shown]]] = True
            dominated, room = _dominated(linked, block, rules)
            flags["primary"][cells[dominated[:, shown]]] = True
            flags["sensitive"][cells[dominated[:, shown]]] = True
            need[block.cells[dominated]] = np.maximum(room[dominated], 1.0)
    dropped = np.zeros(size, dtype=bool)
    # What all or none of a group gave makes no banner thin: only what is too small does.
    for cells in _thin(linked, flags["primary"], rules):
        dropped[cells] = True
    few = flags["sensitive"].copy()
    groups_ = Groups(linked, rules.group_base, rules.threshold, flags["primary"], public)
    alike, kept = _told_of_each(linked, groups_)
    flags["sensitive"] |= kept
    flags["primary"] |= alike & flags["published"]
    hidden = flags["primary"] | ~flags["published"]
    cost = _costs(linked, total_cells, base_cells)
    cost[~flags["published"]] = 0.0
    for cells in _said(linked, rules, groups_):
        flags["published"][cells] = True
        hidden[cells], dropped[cells] = False, False
        cost[cells] = COST["everybody"]
    return Decision(
        published=flags["published"],
        primary=flags["primary"],
        hidden=hidden | dropped,
        dropped=dropped & ~flags["primary"],
        sensitive=flags["sensitive"],
        groups=flags["sensitive"] & ~few,
        need=need,
        cost=cost,
        kept=np.zeros(size, dtype=bool),
        threshold=rules.threshold,
        minimum_base=rules.minimum_base,
    )


def _told_of_each(linked: Linked, groups_: Groups) -> tuple[Bools, Bools]:
    """Return which cells tell of each of a small group, and which of them keep an interval."""
    hidden, sensitive = groups_.hidden.copy(), groups_.sensitive.copy()
    for block in linked.tables:
        if (anys := _any_of(linked, block)) is not None:
            # What nobody has any of makes up nothing of anybody's whole.
            nothing = block.cells[groups_.hidden[anys.cells]]
            hidden[nothing] = sensitive[nothing] = True
    return hidden, sensitive


def _costs(linked: Linked, total_cells: Bools, base_cells: Bools) -> Floats:
    """Return what hiding each cell costs."""
    cost = COST["cell"] + SIZE_COST * np.log1p(np.abs(linked.value))
    cost[total_cells] = COST["total"]
    cost[base_cells] = COST["base"]
    for block in linked.tables:
        if block.difference:
            continue
        everybody = block.source.valid[linked.columns.member[:, 0]].all()
        if everybody:
            cost[block.base] = COST["level"]
            cost[block.base[0]] = COST["everybody"]
        if block.source.members[0].statistic == "mean_answers":
            # Shares of all answers go with it.
            cost[block.cells[:, 0]] = COST["base"]
    return cost


def _said(linked: Linked, rules: Rules, groups_: Groups) -> list[np.ndarray]:
    """Return the cells that other results tell: an analysis with a small cell is withheld whole."""
    found = []
    for block in linked.blocks:
        if block.known:
            banners = np.array([linked.columns.names[c][0] for c in block.columns])
            for banner in ("", *block.spec.banners):
                chosen = (banners == banner) & linked.columns.under((banner,))[block.columns]
                withheld = _too_small(linked, block, rules) | groups_.withheld(block)
                if not withheld[:, chosen].any():
                    found += [block.cells[:, chosen].ravel(), block.base[chosen]]
    return found


def sensitive_counts(block: CellBlock, value: Floats, rules: Rules, levels: Bools) -> np.ndarray:
    """Return the cells of a block that count few people: in it, or left of its base.

    Cells that the table itself does not tell (points of a rating whose mean it tells, what a
    filtered table leaves of the plain one) are among them: they may not be worked out either.
    """
    base = value[block.base]
    found = [block.base[rules.small(base) & levels]]
    if block.counts:
        cells = block.cells[:, levels]
        count = value[cells]
        few_others = rules.small(base[levels] - count) & (count > 0)
        found.append(cells[rules.small(count) | few_others])
        rest = block.rest[block.rest[:, 0] >= 0][:, levels]
        found.append(rest[rules.small(value[rest])])
    return np.concatenate(found)


def _dominated(linked: Linked, block: CellBlock, rules: Rules) -> tuple[Bools, Floats]:
    """Say which sums one respondent dominates, and how wide an interval hides that one.

    The p% rule (Hundepool et al. 2012, sec. 4.2.2): the second largest knows the largest to within
    what all others give. Sums are of the respondents, not weighted: a sample whose members nobody
    knows is better hidden than that.
    """
    found = np.zeros(block.cells.shape, dtype=bool)
    room = np.zeros(block.cells.shape)
    source = block.source
    if not rules.dominance or source.variable not in block.spec.totals:
        return found, room
    member = linked.columns.member[:, block.columns] & source.valid[:, None]
    for column in range(len(block.columns)):
        largest = np.sort(source.of_member(0)[member[:, column]])[::-1]
        if len(largest) and largest[0] > 0:
            room[:, column] = rules.dominance * largest[0]
            found[:, column] = largest[2:].sum() < room[0, column]
    return found, room


def _too_small(linked: Linked, block: CellBlock, rules: Rules) -> Bools:
    """(members, columns): which figures of a block may not be released."""
    value = linked.value
    base = value[block.base]
    # A pair's share stands on whom it is of, not on those who gave the answer of the row.
    thin = (base > 0) & (base < rules.minimum_base) & (block.spec.form != PAIR)
    thin_base = np.broadcast_to(thin, block.cells.shape)
    if block.counts:
        count = value[block.cells]
        return thin_base | rules.small(count) | rules.small(base - count)
    anys = _any_of(linked, block)
    if anys is not None:
        return thin_base | _too_small(linked, anys, rules)
    return thin_base


def _sensitive_sums(linked: Linked, block: CellBlock, rules: Rules) -> Bools:
    """Means that tell about a handful: on a small base, or made by few who have any."""
    value = linked.value
    small = np.broadcast_to(rules.small(value[block.base]), block.cells.shape)
    anys = _any_of(linked, block)
    return small if anys is None else small | rules.small(value[anys.cells])


def _any_of(linked: Linked, block: CellBlock) -> CellBlock | None:
    """The counts of those with any, beside the mean shares of a constant sum."""
    if block.counts or not block.source.partition:
        return None
    for other in linked.by_table[block.table]:
        same = other.source.variable == block.source.variable
        if same and other.counts and other.less == block.less:
            return other
    return None


def groups(linked: Linked, block: CellBlock) -> dict[tuple[int, str, str], tuple]:
    """Return, by table, banner and statistic, the positions of a block's figures."""
    found = {}
    banners = np.array([linked.columns.names[c][0] for c in block.columns])
    statistics = np.array([m.statistic for m in block.source.members])
    for banner in dict.fromkeys(banners):
        for statistic in dict.fromkeys(statistics):
            place = np.ix_(statistics == statistic, banners == banner)
            found[(block.table, str(banner), str(statistic))] = place
    return found


def _thin(linked: Linked, is_primary: Bools, rules: Rules) -> list[np.ndarray]:
    """Return the cells of each banner that is too thin for a table (one statistic at a time).

    Only a banner with a coarser one beside it is given up: its macro-regions stand for regions.
    """
    fine = {banner for banner, _, _ in linked.columns.nests}
    value = linked.value
    parts: dict[tuple[int, str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    for block in linked.tables:
        if block.difference:
            continue
        shown = np.broadcast_to(linked.shows(block), block.cells.shape)
        asked = np.broadcast_to(value[block.base] > 0, block.cells.shape)
        for key, place in groups(linked, block).items():
            own = shown[place].ravel()
            mine = block.cells[place].ravel()[own], asked[place].ravel()[own]
            parts.setdefault(key, []).append(mine)
    found = []
    for (_, banner, _), pieces in parts.items():
        cells = np.concatenate([c for c, _ in pieces])
        judged = cells[np.concatenate([a for _, a in pieces])]
        if banner in fine and len(judged) and is_primary[judged].mean() > rules.thin_share:
            found.append(cells)
    return found
