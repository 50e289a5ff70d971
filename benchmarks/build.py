"""Time of a full build of the default study, and size of the environment it needs.

Run: ``python benchmarks/build.py [--cores 2]``. The study is copied, without any product, to a
folder of its own; the peer in the same run is the interpreter that only imports what a verb needs
(pandas, scipy, statsmodels, matplotlib), once for each verb: what no pipeline of as many processes
can go below. Budgets: 60 s on two cores, 700 MB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERBS = 14  # processes that the rules start
IMPORTS = "import pandas, scipy.stats, statsmodels.api, matplotlib.pyplot"
SECONDS, MEGABYTES = 60, 700


def timed(command: list[str], folder: Path) -> float:
    """Seconds that a command takes; raises if it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True)
    return time.perf_counter() - start


def megabytes(folder: Path) -> float:
    """Size of the files below a folder."""
    return sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", default="2")
    cores = parser.parse_args().cores
    with tempfile.TemporaryDirectory() as name:
        study = Path(name) / "study"
        ignored = shutil.ignore_patterns(".*", "processed", "figures", "reports", "tests")
        shutil.copytree(ROOT, study, ignore=ignored)
        build = timed(["snakemake", "--cores", cores, "--quiet", "all"], study)
        floor = VERBS * timed([sys.executable, "-c", IMPORTS], study) / int(cores)
    size = megabytes(Path(sysconfig.get_paths()["purelib"]))
    print(f"full build, {cores} cores      {build:7.1f} s   budget {SECONDS} s")
    print(f"  of importing alone      {build / floor:7.1f} x   ({floor:.1f} s)")
    print(f"installed packages        {size:7.0f} MB  budget {MEGABYTES} MB (without test tools)")
    return int(build > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
