"""Copies of interviews found among 20,000 and 100,000 interviews of 150 answers, by blanks.

Run: ``python benchmarks/copies.py [rows]``. Answers are drawn by question, each left out at the
share that is printed; one interview in a hundred is a copy of an earlier one with up to four other
answers and up to 40 % of its answers taken away, wherever they lie. All that are copies by the
rule must be found, and among the first 2,000 and their copies the same as by comparing every pair.
Budget: five times as many interviews in at most ten times the time, with up to 2 % left out; of all
pairs there are 25 times as many.
Times are of the processor, of one thread.
"""

from __future__ import annotations

import os
import sys
import time

import numpy as np
from numpy.typing import NDArray

from ngo_survey.ingest.cleaning.near_identical import copies

ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Codes = NDArray[np.uint8]
SHARE, ANSWERS, QUESTIONS, GROWTH = 0.95, 40, 150, 10
BLANKS = (0.0, 0.02, 0.05, 0.1)
BOUND = 0.02


def interviews(rows: int, blank: float) -> tuple[Codes, NDArray[np.intp]]:
    """Return answers, the last hundredth copies of earlier ones, and of which they are."""
    rng = np.random.default_rng(1)
    codes = np.empty((rows, QUESTIONS), dtype=np.uint8)
    for question in range(QUESTIONS):
        choices = rng.integers(2, 8)
        codes[:, question] = rng.choice(choices, rows, p=rng.dirichlet(np.full(choices, 2.0))) + 1
    for start in range(0, rows, 10_000):
        part = codes[start : start + 10_000]
        part[rng.random(part.shape) < blank] = 0
    of = rng.integers(0, rows - rows // 100, rows // 100)
    for row, source in enumerate(of, start=rows - len(of)):
        codes[row] = codes[source]
        places = rng.permutation(QUESTIONS)
        codes[row, places[: rng.integers(0, 5)]] = 9
        codes[row, places[QUESTIONS - int(QUESTIONS * 0.4 * rng.random()) :]] = 0
    return codes, of


def like(one: Codes, others: Codes) -> NDArray[np.bool_]:
    """The rule as it is written: which of others are like one."""
    both = (one > 0) & (others > 0)
    same = ((one == others) & both).sum(axis=1)
    return np.asarray((both.sum(axis=1) >= ANSWERS) & (same >= SHARE * both.sum(axis=1)))


def same_as_every_pair(codes: Codes, of: NDArray[np.intp]) -> bool:
    """Hold what is found among some interviews and their copies against all their pairs."""
    few = np.concatenate([np.arange(2000), len(codes) - len(of) + np.flatnonzero(of < 2000)])
    chosen = codes[few]
    expected: dict[int, int] = {}
    for row, answers in enumerate(chosen):
        if row not in expected:
            for later in np.flatnonzero(like(answers, chosen[row + 1 :])) + row + 1:
                expected.setdefault(int(later), row)
    made = copies(chosen, SHARE, ANSWERS, 1)
    return dict(zip(made.copy.tolist(), made.of.tolist(), strict=True)) == expected


def measure(rows: int, blank: float) -> tuple[float, bool]:
    """Return the seconds for so many interviews, and whether all is found; prints both."""
    codes, of = interviews(rows, blank)
    planted = np.arange(rows - len(of), rows)
    by_rule = [p for p, o in zip(planted, of, strict=True) if like(codes[o], codes[p : p + 1])[0]]
    start = time.process_time()
    made = copies(codes, SHARE, ANSWERS)
    seconds = time.process_time() - start
    missed = len(set(by_rule) - set(made.copy.tolist()))
    same = same_as_every_pair(codes, of)
    print(
        f"{rows:,} interviews, {blank:.0%} left out: {seconds:.1f} s, {len(by_rule)} copies, "
        f"{missed} missed; as every pair: {'yes' if same else 'no'}",
        flush=True,
    )
    return seconds, not missed and same


def main() -> int:
    """Measure each share of blanks at a size and at five times as many interviews."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    sound = True
    for blank in BLANKS:
        (few, found), (many, found_of_many) = (measure(n, blank) for n in (most // 5, most))
        print(f"  five times as many in {many / few:.1f} x the time   budget {GROWTH} x")
        sound &= found and found_of_many and (blank > BOUND or many / few <= GROWTH)
    return int(not sound)


if __name__ == "__main__":
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALONE})
    sys.exit(main())
