"""What the estimators promise, held against a finite population whose truth is known.

Run: ``python benchmarks/simulation.py [samples]`` (1,000 by default, two processes). Stratified
samples of n = 60, 240 and 1,200 from 18,000 units of six strata, with and without raking to a
register. For each estimator: bias in standard errors, mean estimated over true standard error,
coverage of the 95 % limits. For each test: how often 5 % rejects what is true. A figure outside
four Monte-Carlo standard errors is marked and explained below.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign

SIZES = (60, 240, 1200)
STRATA = 6
POPULATION = 18_000
Figures = dict[str, tuple[float, float, float, float]]


@cache
def population() -> pd.DataFrame:
    """Units with a skewed number, two shares, an ordered answer, a ratio and a domain."""
    rng = np.random.default_rng(2026)
    h = np.sort(rng.choice(STRATA, POPULATION, p=[0.3, 0.25, 0.2, 0.12, 0.08, 0.05]))
    form = rng.choice(3, POPULATION, p=[0.5, 0.3, 0.2])
    size = rng.lognormal(1.2 + 0.15 * h, 0.9)
    frame = pd.DataFrame(
        {
            "h": h,
            "form": pd.Categorical.from_codes(form, list("abc")),
            "staff": size,
            "helpers": size * rng.uniform(1, 4, POPULATION),
            "domain": pd.Categorical.from_codes(rng.integers(0, 3, POPULATION), list("xyz")),
            "common": pd.Categorical.from_codes(
                (rng.random(POPULATION) < 0.3 + 0.05 * form).astype(int), ["no", "yes"]
            ),
            "rare": pd.Categorical.from_codes(
                (rng.random(POPULATION) < 0.04).astype(int), ["no", "yes"]
            ),
            "points": pd.Categorical.from_codes(rng.integers(0, 5, POPULATION), list("12345")),
        }
    )
    frame["one"], frame["two"] = rng.integers(0, 2, (2, POPULATION))
    frame["N"] = frame.groupby("h")["h"].transform("size")
    return frame


def design(n: int, seed: int, raked: bool) -> SurveyDesign:
    """Draw a sample: half in proportion, half evenly, so that weights differ."""
    frame, rng = population(), np.random.default_rng([n, seed])
    sizes = frame["h"].value_counts().sort_index().to_numpy()
    taken = np.round(n * (0.5 * sizes / sizes.sum() + 0.5 / STRATA)).astype(int)
    rows = np.concatenate(
        [rng.choice(np.flatnonzero(frame["h"] == s), k, replace=False) for s, k in enumerate(taken)]
    )
    made = SurveyDesign(frame.iloc[rows], strata="h", fpc="N")
    if not raked:
        return made
    margins = {
        name: {level: float(c) for level, c in frame[name].value_counts().items()}
        for name in ("form", "h")
    }
    return made.rake(margins)


def estimates(d: SurveyDesign) -> Figures:
    """Return estimate, se and limits by name."""
    made = {
        "mean": estimation.mean(d, "staff").iloc[0],
        "total": estimation.total(d, "staff").iloc[0],
        "ratio": estimation.ratio(d, "helpers", "staff").iloc[0],
        "median": estimation.quantile(d, "staff", 0.5).iloc[0],
        "share of 30 %": estimation.proportion(d, "common").iloc[1],
        "share of 4 %": estimation.proportion(d, "rare").iloc[1],
        "mean in a domain": estimation.mean(d, "staff", by="domain").iloc[0],
        "share in a domain": estimation.proportion(d, "common", by="domain").iloc[1],
        "difference of domains": estimation.compare(d, "staff", "domain", ("x", "y")),
    }
    keys = ("estimate", "se", "ci_low", "ci_high")
    return {name: tuple(float(row[k]) for k in keys) for name, row in made.items()}  # type: ignore[misc]


def tests(d: SurveyDesign) -> dict[str, float]:
    """Return the p of each test of what is true: nothing goes with anything."""
    return {
        "Rao-Scott, 2 x 3": estimation.independence_test(d, "rare", "domain")["p"],
        "Rao-Scott, 5 x 3": estimation.independence_test(d, "points", "domain")["p"],
        "first-order, 5 x 3": estimation.independence_test(d, "points", "domain", "first-order")[
            "p"
        ],
        "Wald, 5 x 3": estimation.independence_test(d, "points", "domain", "wald")["p"],
        "means, 3 domains": estimation.means_test(d, "staff", "domain").p,
        "two of many by 3": estimation.multiple_independence_test(d, ["one", "two"], "domain").p,
    }


def truth() -> dict[str, float]:
    """Return what each estimator should find."""
    p = population()
    inside = p[p["domain"] == "x"]
    return {
        "mean": p["staff"].mean(),
        "total": p["staff"].sum(),
        "ratio": p["helpers"].sum() / p["staff"].sum(),
        "median": p["staff"].median(),
        "share of 30 %": (p["common"] == "yes").mean(),
        "share of 4 %": (p["rare"] == "yes").mean(),
        "mean in a domain": inside["staff"].mean(),
        "share in a domain": (inside["common"] == "yes").mean(),
        "difference of domains": inside["staff"].mean() - p[p["domain"] == "y"]["staff"].mean(),
    }


def one(task: tuple[int, int, bool]) -> tuple[Figures, dict[str, float]]:
    """Draw one sample, estimate and test; what cannot be tested (an empty level) has no p."""
    d = design(*task)
    found: dict[str, float] = {}
    try:
        found = tests(d)
    except InputError:
        found = {}
    return estimates(d), found


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    expected = truth()
    with ProcessPoolExecutor(2) as pool:
        for raked in (False, True):
            for n in SIZES:
                tasks = [(n, seed, raked) for seed in range(samples)]
                made = list(pool.map(one, tasks, chunksize=50))
                report(n, raked, expected, made)


def report(
    n: int,
    raked: bool,
    expected: dict[str, float],
    made: list[tuple[Figures, dict[str, float]]],
) -> None:
    """Print one table; ``*`` marks what lies outside four Monte-Carlo standard errors."""
    runs = len(made)
    print(f"\nn = {n}, {'raked' if raked else 'not raked'}, {runs} samples")
    print(f"{'estimator':<24}{'bias/se':>10}{'se ratio':>10}{'coverage':>10}")
    for name, value in expected.items():
        rows = np.array([figures[name] for figures, _ in made])
        spread = rows[:, 0].std(ddof=1)
        bias = (rows[:, 0].mean() - value) / spread
        ratio = rows[:, 1].mean() / spread
        held = ((rows[:, 2] <= value) & (value <= rows[:, 3])).mean()
        marks = (
            abs(bias) > 4 / np.sqrt(runs),
            abs(ratio - 1) > 4 / np.sqrt(2 * runs),
            abs(held - 0.95) > 4 * np.sqrt(0.95 * 0.05 / runs),
        )
        shown = zip((bias, ratio, held), marks, strict=True)
        print(f"{name:<24}" + "".join(f"{v:>9.3f}{'*' if m else ' '}" for v, m in shown))
    print(f"{'test':<24}{'rejected at 5 %':>20}{'samples':>10}")
    for name in next((p for _, p in made if p), {}):
        p_values = np.array([p[name] for _, p in made if p])
        rejected = (p_values < 0.05).mean()
        mark = abs(rejected - 0.05) > 4 * np.sqrt(0.05 * 0.95 / len(p_values))
        print(f"{name:<24}{rejected:>19.3f}{'*' if mark else ' '}{len(p_values):>10}")


if __name__ == "__main__":
    main()
