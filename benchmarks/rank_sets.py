"""Do sets of ranks, and limits of a rank correlation, hold the truth as often as they say?

Run: ``python benchmarks/rank_sets.py [replicates]`` (2,000 unless given; about ten minutes).

Estimates are drawn around known values with a known covariance: distances between neighbours are
given in standard errors of an estimate. A set holds if it covers every rank that ties leave an
item; all must hold at once. Beside the limits of the rank correlation stand those of draws around
the estimates (their 2.5th and 97.5th percentile), which is what one would try first.
"""

from __future__ import annotations

import sys

import numpy as np

from ngo_survey.statistics.estimation.ranks import rank_sets, ranks
from ngo_survey.statistics.estimation.sides import rank_correlation, spearman

#: Draws behind each critical value: enough for a rate of coverage, few enough for many replicates.
DRAWS = 2_000
K = 8
APART = np.arange(K, 0, -1.0)
SHARES = np.linspace(0.25, 0.05, K) / np.linspace(0.25, 0.05, K).sum()


def parts(n: int) -> np.ndarray:
    """The covariance of shares that add up to one, among n respondents."""
    return (np.diag(SHARES) - np.outer(SHARES, SHARES)) / n


#: Name: the true values and their covariance.
ORDERS: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "all level": (np.zeros(K), np.eye(K)),
    "level in pairs, 3 apart": (3 * np.repeat(np.arange(K // 2, 0, -1.0), 2), np.eye(K)),
    "0.3 apart": (0.3 * APART, np.eye(K)),
    "2 apart": (2 * APART, np.eye(K)),
    "6 apart": (6 * APART, np.eye(K)),
    "0.3 apart, unequal errors": (0.3 * APART, np.diag(np.linspace(0.2, 2, K) ** 2)),
    "2 apart, correlated 0.8": (2 * APART, 0.8 + 0.2 * np.eye(K)),
    "parts of a whole, n = 200": (SHARES, parts(200)),
}
SHUFFLED = APART[np.array([3, 6, 0, 5, 1, 7, 2, 4])]
#: Name: the true values of two sides, errors 1 and 2.
PAIRS: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "same order, 0.3 apart": (0.3 * APART, 0.3 * APART),
    "same order, 2 apart": (2 * APART, 2 * APART),
    "same order, 6 apart": (6 * APART, 6 * APART),
    "unrelated, 0.3 apart": (0.3 * APART, 0.3 * SHUFFLED),
    "unrelated, 6 apart": (6 * APART, 6 * SHUFFLED),
    "reversed, 2 apart": (2 * APART, -2 * APART),
}


def sets(truth: np.ndarray, spread: np.ndarray, replicates: int) -> tuple[float, float, float]:
    """Coverage of all sets at once, least coverage of a marginal set, mean width of the first."""
    rng = np.random.default_rng(7)
    best, worst = ranks(truth), len(truth) + 1 - ranks(-truth)
    drawn = rng.multivariate_normal(truth, spread, replicates, method="eigh")
    held, width, alone = 0, 0.0, np.zeros(len(truth))
    for x in drawn:
        made = rank_sets(x, spread, rng, draws=DRAWS)
        held += bool(((made["rank_low"] <= best) & (worst <= made["rank_high"])).all())
        width += float((made["rank_high"] - made["rank_low"] + 1).mean())
    few = drawn[: max(replicates // 5, 1)]
    for x in few:
        made = rank_sets(x, spread, rng, simultaneous=False, draws=DRAWS)
        alone += ((made["rank_low"] <= best) & (worst <= made["rank_high"])).to_numpy()
    return held / replicates, float(alone.min() / len(few)), width / replicates


def correlations(
    first: np.ndarray, second: np.ndarray, replicates: int
) -> tuple[float, float, float, float, float]:
    """Truth; mean estimate; coverage and mean width of the limits; coverage of draws."""
    rng = np.random.default_rng(8)
    truth, errors = spearman(first, second), (np.ones(K), np.full(K, 2.0))
    held, naive, width, mean = 0, 0, 0.0, 0.0
    for _ in range(replicates):
        x, y = (rng.normal(t, e) for t, e in zip((first, second), errors, strict=True))
        made = rank_correlation(x, y, *errors, rng, draws=DRAWS)
        held += bool(made.low - 1e-9 <= truth <= made.high + 1e-9)
        width += made.high - made.low
        mean += made.estimate
        around = [spearman(rng.normal(x, errors[0]), rng.normal(y, errors[1])) for _ in range(200)]
        low, high = np.quantile(around, [0.025, 0.975])
        naive += bool(low - 1e-9 <= truth <= high + 1e-9)
    return truth, mean / replicates, held / replicates, width / replicates, naive / replicates


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    print(f"{replicates} replicates of {K} items, nominal 95 %\n")
    print(f"{'sets of ranks':<28}{'all at once':>12}{'one by one':>12}{'ranks a set':>13}")
    for name, (truth, spread) in ORDERS.items():
        together, alone, width = sets(truth, spread, replicates)
        print(f"{name:<28}{together:>12.1%}{alone:>12.1%}{width:>13.1f}", flush=True)
    heads = ("truth", "mean est.", "held", "width", "held by draws")
    print(f"\n{'rank correlation':<28}" + "".join(f"{h:>14}" for h in heads))
    for name, (first, second) in PAIRS.items():
        truth, mean, held, width, naive = correlations(first, second, replicates)
        numbers = f"{truth:>14.2f}{mean:>14.2f}{held:>14.1%}{width:>14.2f}{naive:>14.1%}"
        print(f"{name:<28}{numbers}", flush=True)


if __name__ == "__main__":
    main()
