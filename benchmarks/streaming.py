"""Respondents in a Parquet file read by row groups, against the same figures in memory.

Run: ``python benchmarks/streaming.py [rows ...]`` (1,000,000 and 10,000,000). 80 strata, 16,000
PSUs, six banners, ten questions of five answers of which 7 % are missing. Each work is a process of
its own: 60 tables with their tests, the means of a number by six banners. Budget: under 2 GB.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fastparquet
import numpy as np
import pandas as pd

import ngo_survey as ns

#: Rows that are written at a time, a row group each.
GROUP, MOST = 500_000, 2000
LEVELS = (2, 3, 5, 6, 8, 20)
BANNERS = [f"banner{n}" for n in LEVELS]
QUESTIONS = [f"question{n}" for n in range(10)]


def write(path: Path, rows: int) -> None:
    """Write answers that nobody gave, a row group at a time."""
    rng = np.random.default_rng(1)
    for start in range(0, rows, GROUP):
        n = min(GROUP, rows - start)
        psu = rng.integers(0, 16_000, n)
        frame: dict[str, Any] = {
            "stratum": (psu % 80).astype("int16"),
            "psu": psu.astype("int32"),
            "w": rng.uniform(1, 5, n),
            "y": rng.normal(10, 3, n),
        }
        for name, levels in zip(BANNERS, LEVELS, strict=True):
            frame[name] = categories(rng.integers(0, levels, n), levels)
        for name in QUESTIONS:
            frame[name] = categories(np.where(rng.random(n) < 0.07, -1, rng.integers(0, 5, n)), 5)
        fastparquet.write(str(path), pd.DataFrame(frame), append=start > 0, compression="ZSTD")


def categories(codes: np.ndarray, levels: int) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, [f"level {place + 1}" for place in range(levels)])


def measured(path: Path, design: str, work: str) -> None:
    """Do some work on a design; prints its processor time, peak megabytes and sum of figures."""
    start = time.process_time()
    declared: dict[str, Any] = {"weights": "w", "strata": "stratum"}
    if design.endswith("PSUs"):
        declared["psu"] = "psu"
    held: Any
    if design.startswith("read"):
        held = ns.ScannedDesign(path, **declared)
    else:
        held = ns.SurveyDesign(fastparquet.ParquetFile(str(path)).to_pandas(), **declared)
    if work == "means":
        made = [ns.mean(held, "y", by=banner)["se"].sum() for banner in BANNERS]
    elif work == "shares":
        made = [ns.proportion(held, QUESTIONS, by=banner)["se"].sum() for banner in BANNERS]
    else:
        made = [ns.independence_test(held, QUESTIONS, BANNERS)["statistic"].sum()]
    seconds = time.process_time() - start
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(seconds, int(peak.split()[1]) / 1000, float(sum(made)))


def main() -> int:
    if sys.argv[1:2] == ["--work"]:
        measured(Path(sys.argv[2]), *sys.argv[3:])
        return 0
    within = True
    with TemporaryDirectory() as folder:
        for rows in [int(given) for given in sys.argv[1:]] or [1_000_000, 10_000_000]:
            path = Path(folder) / f"{rows}.parquet"
            write(path, rows)
            print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
            for work in ("means", "shares", "tests"):
                for design in ("read, strata", "read, PSUs", "memory, strata", "memory, PSUs"):
                    # Of ten million in memory is what this is for.
                    if design.startswith("memory") and rows > 1_000_000:
                        continue
                    command = [sys.executable, __file__, "--work", str(path), design, work]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    seconds, peak, figures = map(float, done.stdout.split())
                    print(f"{work}, {design}: {seconds:.1f} s, {peak:.0f} MB, figures {figures!r}")
                    within = within and (design.startswith("memory") or peak < MOST)
            path.unlink()
    print("within the budget" if within else f"more than {MOST} MB")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
