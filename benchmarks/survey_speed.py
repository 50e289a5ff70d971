"""Speed and memory of estimation on 1,000,000 respondents, against R `survey` on the same file.

Run: ``python benchmarks/survey_speed.py [respondents]`` (needs Rscript and the R package survey).
Budgets: each step 20 times as fast; peak memory at most half of R's; the same numbers to 1e-8.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign

FASTER, MEMORY = 20, 0.5
STEPS = ("design", "mean_by_domain", "proportions_by_region", "rao_scott")


def write(path: Path, n: int) -> None:
    """Write respondents of 20 strata with unequal weights, a number and a five-point answer."""
    rng = np.random.default_rng(1)
    stratum = rng.integers(0, 20, n)
    counts = np.bincount(stratum, minlength=20)
    size = (counts * rng.integers(3, 30, 20))[stratum]
    frame = pd.DataFrame(
        {
            "stratum": np.char.add("h", stratum.astype(str)),
            "w": size / counts[stratum],
            "size": size,
            "form": np.char.add("f", rng.integers(0, 6, n).astype(str)),
            "region": np.char.add("r", stratum.astype(str)),
            "y": rng.normal(stratum, 10).round(3),
            "answer": np.char.add("a", rng.integers(0, 5, n).astype(str)),
        }
    )
    frame.to_csv(path, index=False)


def ours(path: Path) -> None:
    """Do the work; prints seconds of each step, digits and peak megabytes, as the R script does."""
    text = ["stratum", "form", "region", "answer"]
    frame = pd.read_csv(path, dtype=dict.fromkeys(text, "category"))
    made = {}
    for name, work in {
        "design": lambda: SurveyDesign(frame, weights="w", strata="stratum", fpc="size"),
        "mean_by_domain": lambda: estimation.mean(made["design"], "y", by="form"),
        "proportions_by_region": lambda: estimation.proportion(
            made["design"], "answer", by="region"
        ),
        "rao_scott": lambda: estimation.independence_test(made["design"], "answer", "form"),
    }.items():
        start = time.perf_counter()
        made[name] = work()
        print(name, time.perf_counter() - start)
    mean, share = made["mean_by_domain"].iloc[0], made["proportions_by_region"].iloc[0]
    figures = (mean["estimate"], mean["se"], share["estimate"], share["se"])
    print("digits", *map(repr, map(float, (*figures, made["rao_scott"]["statistic"]))))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print("peak", float(peak.split()[1]) / 1000)


def printed_by(command: list[str]) -> dict[str, list[float]]:
    """Run a command; returns what it printed, by the first word of each line."""
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in out.splitlines() if line.strip()]
    return {first: [float(word) for word in rest] for first, *rest in lines}


def main() -> int:
    if sys.argv[1:2] == ["--ours"]:
        ours(Path(sys.argv[2]))
        return 0
    if shutil.which("Rscript") is None:
        print("Rscript is not installed: there is no peer to measure against")
        return 0
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.csv"
        write(path, n)
        python = printed_by([sys.executable, __file__, "--ours", str(path)])
        peer = printed_by(["Rscript", str(Path(__file__).with_suffix(".R")), str(path)])
    print(f"{n:,} respondents, 20 strata        ours     R      ratio  (budget {FASTER})")
    slow = 0
    for step in STEPS:
        ratio = peer[step][0] / python[step][0]
        slow += ratio < FASTER
        print(f"{step:<28}{python[step][0]:>10.2f} s {peer[step][0]:>6.2f} s {ratio:>6.1f} x")
    memory = python["peak"][0] / peer["peak"][0]
    print(
        f"peak memory {python['peak'][0]:,.0f} MB, R {peer['peak'][0]:,.0f} MB: "
        f"{memory:.2f} (budget {MEMORY})"
    )
    apart = np.abs(np.array(python["digits"]) / np.array(peer["digits"]) - 1).max()
    print(f"largest relative difference of the figures: {apart:.1e}")
    return int(slow > 0 or memory > MEMORY or apart > 1e-8)


if __name__ == "__main__":
    sys.exit(main())
