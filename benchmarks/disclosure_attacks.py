"""What attackers read from results with ten digits, and from the released rows.

Run: ``python benchmarks/disclosure_attacks.py [studies]`` (6 random studies unless given;
about half a minute each). The attackers are those of the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from small_tables import RULES
from test_attacks import attacked, told_by_tests

#: Random studies of the attack on tests, which is quick.
TESTED = 40


def main(studies: int) -> None:
    """Print one line an attack."""
    for name, rounded in (("ten digits", False), ("released", True)):
        found = [f for seed in range(studies) for f in attacked(seed, rounded)]
        narrow = {width: sum(f.pinned(width) for f in found) for width in (1, 3, 5)}
        print(
            f"weights, {name}: of {len(found)} cells {sum(f.solved for f in found)} compositions "
            f"solved; some class known {narrow[1]}, to within 2 {narrow[3]}, "
            f"to within 4 {narrow[5]}"
        )
    cases = [case for seed in range(TESTED) if (case := told_by_tests(seed))]
    narrow = sum(after < min(RULES.protection, margins) for margins, after in cases)
    print(
        f"tests, released: of {len(cases)} tables {narrow} with a hidden count known to less "
        "than the protection that margins leave it"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
