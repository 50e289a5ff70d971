"""What attackers read from ten digits, and from the released rows: a table, row by row.

Run: ``python benchmarks/disclosure_attacks.py [studies]`` (6 random studies unless given;
about half a minute each). The attackers are those of the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np

import test_attacks_tests
import test_disclosure_wholes
import test_rounding_tests
from attacker_models import read_levels
from ngo_survey.disclosure.rounding import released
from ngo_survey.results.store import FAMILIES
from small_tables import RULES
from test_attacks import attacked, told_by_tests
from test_models_levels import leaves, models
from test_tables_attack import attacked as attacked_by_counts

#: Random studies of the attacks that are quick, for each that is dear.
QUICK = 6
#: Name of the attack, what it reads of ten digits, what of released rows, how wide what is left is.
Line = tuple[str, str, str, str]


def by_counts(studies: int) -> Iterator[Line]:
    """Everything that adds up."""
    widths = []
    for seed in range(studies):
        _, attacker, small = attacked_by_counts(seed)
        widths += attacker.solve().widths(small, RULES.protection).tolist()
    narrow = sum(width < RULES.protection - 1e-6 for width in widths)
    yield (
        "counts: everything that adds up",
        f"{len(widths)} small counts",
        f"{narrow} known to less than the protection",
        f"{min(widths):.0f} respondents at least",
    )


def by_weights(studies: int) -> Iterator[Line]:
    """Integer programmes over shares and bases."""
    told = []
    for rounded in (False, True):
        found = [f for seed in range(studies) for f in attacked(seed, rounded)]
        solved, known = sum(f.solved for f in found), sum(f.pinned(1) for f in found)
        told.append(f"of {len(found)} cells {solved} solved, {known} with a class known")
    near = [sum(f.pinned(width) for f in found) for width in (3, 5)]
    left = f"a class to within 2 in {near[0]} cells, to within 4 in {near[1]}"
    yield ("weights and digits", told[0], told[1], left)


def by_wholes(studies: int) -> Iterator[Line]:
    """What the other shares of a whole leave of one that is hidden for its weights."""
    sizes = [(len(told), len(more)) for _, told, more in map(_whole, range(studies))]
    told, more = np.array(sizes).sum(axis=0)
    yield (
        "a lone hidden share of a whole",
        f"{told} shares hidden for their weights, {more} of which others tell",
        f"none; {more} more are hidden",
        "two compositions at least of each class",
    )


def _whole(place: int) -> tuple:
    return test_disclosure_wholes.study(60 + place)


def by_tests(studies: int) -> Iterator[Line]:
    """Every split that fits the margins and the test, of one table and of two."""
    cases = [case for seed in range(QUICK * studies) if (case := told_by_tests(seed))]
    narrow = sum(after < min(RULES.protection, margins) for margins, after in cases)
    yield (
        "a test: every split that fits the margins",
        f"{len(cases)} tables, statistics in ten digits",
        f"of {len(cases)} tables {narrow} with a hidden count narrower than margins leave it",
        f"{min(after for _, after in cases)} respondents at least",
    )
    pairs = [pair for seed in test_attacks_tests.STUDIES if (pair := test_attacks_tests.both(seed))]
    widths = []
    for one, part in pairs:
        every = np.ones(len(one.every), dtype=bool), np.ones(len(part.every), dtype=bool)
        alone = test_attacks_tests.width(one, part, every)
        widths.append((alone, test_attacks_tests.width(one, part, (one.fits, part.fits))))
    both = sum(one.told and part.told for one, part in pairs)
    narrow = sum(told < min(RULES.protection, alone) for alone, told in widths)
    yield (
        "tests of two tables of the same people",
        f"{len(pairs)} studies in which both tables hide something",
        f"both told in {both}; {narrow} with a count narrower than margins leave it",
        f"{min(told for _, told in widths)} respondents at least",
    )


def by_models(studies: int) -> Iterator[Line]:
    """Levels that a table hides, read in a model of one term."""
    before = after = 0
    for seed in range(studies):
        for _, _, rows, hidden in models(seed, "form"):
            levels = list(rows["predictions"]["level"])
            names = {level for _, _, level in hidden}
            before += len(read_levels(rows, levels) & names)
            after += len(read_levels(leaves(rows, hidden), levels) & names)
    yield ("a model of one term", f"{before} hidden levels read", f"{after}", "as tables leave it")


def by_p_values() -> Iterator[Line]:
    """How many p-values stand beside one printed figure."""
    figures = 0.06 + np.linspace(-0.0024, 0.0024, 25)
    for family in sorted(test_rounding_tests.TESTED):
        rows = test_rounding_tests.rows(family, figures, 0.03)
        column = next(c for c in ("p", "p_adjusted") if c in FAMILIES[family])
        made = released(rows, family, test_rounding_tests.ROUNDING)
        yield (
            f"p-values of {family}: 25 figures printed alike",
            f"{test_rounding_tests.three_decimals(rows[column])} kinds by three decimals",
            f"{made[column].nunique()} kinds",
            "what is printed",
        )


def main(studies: int) -> None:
    """Print the table."""
    print("| attack | ten digits | released | what is left |\n|---|---|---|---|")
    parts = (by_counts, by_weights, by_wholes, by_tests, by_models)
    for line in (line for part in parts for line in part(studies)):
        print(f"| {' | '.join(line)} |", flush=True)
    for line in by_p_values():
        print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
