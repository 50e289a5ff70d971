"""What the results say: differences that passed their test, weightiest first, and what showed none.

A finding is made by rule from released results alone, so that a summary, a title or a brief can
say nothing that tables and figures do not show. Sizes are put on one scale to be ordered: Cohen's h
for shares, Cohen's d for means (Cohen 1988, *Statistical Power Analysis*, ch. 2 and 6); 0.2 is
small, 0.5 medium, 0.8 large.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ngo_survey.results.store import Results

Record = Mapping[str, Any]
#: Standard deviation of what a mean is of, by table, item, category and statistic.
Spread = Mapping[tuple[str, ...], float]
Kind = Literal["split", "gap", "effect", "change", "none"]
#: Statistics whose differences are findings; the others of a table say the same another way.
SHARES = frozenset({"proportion", "mean_share", "top_three"})
MEANS = frozenset({"mean", "mean_answers"})
#: Tests of a question as a whole.
WHOLE = ("rao_scott", "overall", "wald")


@dataclass(frozen=True)
class FindingRules:
    """What counts as a finding.

    Attributes
    ----------
    level: the p value, adjusted for its family, below which a difference is one.
    least: the size below which it is too small to be told.
    weights: factors of the size by question, banner or model, for what a study is about.
    tied: pairs of a table and a banner, one of which is made of the other: their difference is a
        matter of definition.
    """

    level: float = 0.05
    least: float = 0.2
    weights: Mapping[str, float] = field(default_factory=dict)
    tied: Collection[tuple[str, str]] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that the results say.

    Attributes
    ----------
    kind: ``split``: two columns of a table differ; ``gap``: two groups of respondents; ``effect``:
        two levels of a predictor, all else equal; ``change``: two waves; ``none``: a question as a
        whole does not differ by a banner.
    row: what it is about in the store: the higher figure, the comparison or the test.
    other: of a split, the row of the lower figure; of ``none``, any of what was tested.
    size: Cohen's h or d, without sign; 0 where nothing differs.
    """

    kind: Kind
    row: Record
    size: float
    other: Record | None = None

    @property
    def by(self) -> str:
        """The banner, the predictor, or ""."""
        of = self.other if self.kind == "none" and self.other else self.row
        return str(of.get("by") or (of.get("variable") if self.kind == "effect" else ""))


def findings(results: Results, rules: FindingRules, levels: Collection[str] = ()) -> list[Finding]:
    """Return every finding of a store of released results, the weightiest first.

    Of a row of a table under a banner the pair of columns is one that is furthest apart among
    those whose letter is printed, or, where ``levels`` names two, these two alone. What shows no
    difference comes last, in the order of the files.
    """
    estimates = {str(row["key"]): row for row in results.every("estimates")}
    spread = _deviations(estimates.values())
    made = [
        *_splits(results, estimates, spread, set(rules.tied), set(levels)),
        *_differences(results, "sides", "gap", ("first", "second"), spread, rules.level),
        *_effects(results, rules.level),
        *_differences(results, "change", "change", ("before", "after"), spread, rules.level),
    ]
    told = [finding for finding in made if finding.size >= rules.least]
    told.sort(key=lambda one: (-one.size * _weight(one, rules.weights), str(one.row["key"])))
    return [*told, *_none(results, rules.level)]


@dataclass(frozen=True)
class Compared:
    """One comparison that was made: of an answer or a mean between groups or waves.

    ``finding`` says of what, without a size; ``clear`` whether it differs beyond chance after
    adjustment, however little.
    """

    finding: Finding
    clear: bool


def comparisons_made(results: Results, rules: FindingRules) -> list[Compared]:
    """Return every comparison of a store of released results that could lead to a finding.

    A row of a table under a banner is one comparison, whatever its columns: it is clear where one
    column has the letter of another. A comparison whose verdict is hidden was not made for a reader
    and is left out.
    """
    made = []
    for own in _rows_compared(results, set(rules.tied)):
        clear = any(row["above"] for row in own)
        if clear or any(math.isfinite(float(row["p_adjusted"])) for row in own):
            made.append(Compared(Finding("split", own[0], 0.0), clear))
    families: tuple[tuple[str, Kind], ...]
    families = ("sides", "gap"), ("contrasts", "effect"), ("change", "change")
    for family, kind in families:
        for row in results.every(family):
            told = kind == "effect" or row["statistic"] in SHARES | MEANS
            shown = row.get("status", "shown") == "shown"
            if told and shown and math.isfinite(p := float(row["p_adjusted"])):
                made.append(Compared(Finding(kind, row, 0.0), p < rules.level))
    return made


def share_size(first: float, second: float) -> float:
    """Return Cohen's h of two shares, without sign."""
    one, two = (2 * math.asin(math.sqrt(min(1.0, max(0.0, share)))) for share in (first, second))
    return abs(one - two)


def _weight(finding: Finding, weights: Mapping[str, float]) -> float:
    names = (str(finding.row.get("analysis") or finding.row.get("model")), finding.by)
    table = names[0].partition("_by_")[0]
    return math.prod(weights.get(name, 1.0) for name in dict.fromkeys((table, *names)))


def _splits(
    results: Results,
    estimates: Mapping[str, Record],
    spread: Spread,
    tied: Collection[tuple[str, str]],
    levels: Collection[str],
) -> Iterator[Finding]:
    for own in _rows_compared(results, tied):
        statistic = own[0]["statistic"]
        figures = {
            row["letter"]: str(row["key"]).removeprefix("compare/")
            for row in own
            if not levels or row["by_level"] in levels
        }
        pairs = [
            (float(estimates[high]["estimate"]) - float(estimates[low]["estimate"]), high, low)
            for row in own
            if row["letter"] in figures
            for letter in str(row["above"]).split()
            if letter in figures
            for high, low in [(figures[row["letter"]], figures[letter])]
        ]
        if not pairs:
            continue
        difference, high, low = max(pairs)
        first, second = estimates[high], estimates[low]
        if statistic in SHARES:
            size = share_size(first["estimate"], second["estimate"])
        else:
            size = difference / spread.get(_measured(first), math.inf)
        yield Finding("split", first, size, second)


def _rows_compared(results: Results, tied: Collection[tuple[str, str]]) -> list[list[Record]]:
    """Return the columns that are compared, for each row of a table under a banner."""
    rows: dict[tuple[str, ...], list[Record]] = {}
    for row in results.every("comparisons"):
        table = str(row["analysis"]).removesuffix(f"_by_{row['by']}")
        if row["statistic"] in SHARES | MEANS and (table, row["by"]) not in tied:
            of = (row["analysis"], row["item"], row["category"], row["statistic"])
            rows.setdefault(of, []).append(row)
    return [*rows.values()]


def _measured(row: Record) -> tuple[str, ...]:
    """Return what a row measures, whatever the group: table, item, category, statistic."""
    table = str(row["analysis"]).removesuffix(f"_by_{row.get('by')}")
    return (table, str(row["item"]), str(row["category"]), str(row["statistic"]))


def _deviations(estimates: Collection[Record]) -> dict[tuple[str, ...], float]:
    """Return the standard deviation behind each mean of all respondents, from its error.

    Where the effective number of respondents is hidden, their number stands in for it.
    """
    return {
        _measured(row): float(row["se"]) * math.sqrt(size)
        for row in estimates
        if row["statistic"] in MEANS
        and row["by_level"] == "total"
        and row["se"] > 0
        and (size := row["n_effective"] if row["n_effective"] > 0 else row["base"]) > 0
    }


def _clear(results: Results, family: str, level: float) -> Iterator[Record]:
    """Yield the rows of a family whose adjusted p is below the level and that may be shown."""
    for row in results.every(family):
        if row.get("status", "shown") == "shown" and float(row["p_adjusted"]) < level:
            yield row


def _differences(
    results: Results,
    family: str,
    kind: Kind,
    ends: tuple[str, str],
    spread: Spread,
    level: float,
) -> Iterator[Finding]:
    """Yield clear differences of a family whose two figures stand in the columns ``ends``."""
    for row in _clear(results, family, level):
        if row["statistic"] in SHARES:
            yield Finding(kind, row, share_size(row[ends[0]], row[ends[1]]))
        elif row["statistic"] in MEANS:
            size = abs(float(row["difference"])) / spread.get(_measured(row), math.inf)
            yield Finding(kind, row, size)


def _effects(results: Results, level: float) -> Iterator[Finding]:
    for row in _clear(results, "contrasts", level):
        # A difference of two probabilities around one half.
        yield Finding("effect", row, 2 * math.asin(min(1.0, abs(float(row["estimate"])))))


def _none(results: Results, level: float) -> Iterator[Finding]:
    heads = {row["analysis"]: row for row in results.every("estimates")}
    for row in results.every("tests"):
        if row["test"] in WHOLE and row["analysis"] in heads and row["p_adjusted"] >= level:
            yield Finding("none", row, 0.0, heads[row["analysis"]])
