"""Processor time and peak memory of every stage by the number of respondents, and how they grow.

Run: ``python benchmarks/scale.py [--invited 15000 150000] [--stages read clean] [--limit 1800]``.
For each number the study is copied in one language, its truth file given ``invited``, the survey
simulated from it, and every stage run as a process of its own, one after another, as Snakemake runs
them: tables with tests and disclosure control, models, imputation, figures, the page and the
workbook. Processor time and peak resident size are the kernel's account of that process. The slope
is that of log time, or log memory, on log respondents: 1 grows as they do. A stage of several runs
is one row: seconds added, memory of the largest. A stage that takes more processor time than
``--limit`` is ended; it is told, and so is each that cannot start without it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from build import copied, edited

from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import STAGES

VERB = [sys.executable, "-c", "import sys; from ngo_survey.cli import main; sys.exit(main())"]
LOG = "scale.log"
TRUTH = Path("data") / "raw" / "simulation" / "truth.yaml"
#: Budgets of the larger study on two cores: six minutes, all stages together.
PROCESSOR_SECONDS, MEGABYTES, SLOPE = 2 * 360, 2_500, 1.05


@dataclass(frozen=True)
class Took:
    """What a process took: seconds of processor time, megabytes at its peak; its exit status."""

    seconds: float
    megabytes: float
    status: int

    def __add__(self, other: Took) -> Took:
        worst = next((one.status for one in (self, other) if one.status != 0), 0)
        return Took(self.seconds + other.seconds, max(self.megabytes, other.megabytes), worst)


def run(call: Sequence[str], study: Path, limit: int) -> Took:
    """Run a verb in a study; the kernel ends it after ``limit`` seconds of processor time."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (study / LOG).open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*VERB, *call], cwd=study, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (limit, limit))
        # Not `wait`: this tells what that one process took.
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Took(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode)


def simulated(study: Path, invited: int, limit: int) -> Took:
    """Copy the study with a page and a workbook in English, and simulate its survey."""
    copied(study)
    edited(study, lambda config: config["report"].update(formats=["html"]))
    truth = yaml.safe_load((study / TRUTH).read_text(encoding="utf-8"))
    group = truth["ngo"]
    # As many of the register are invited as in the study that ships.
    group["register"]["total"] *= round(invited / group["sample"]["invited"])
    group["sample"]["invited"] = invited
    text = yaml.safe_dump(truth, allow_unicode=True, sort_keys=False)
    (study / TRUTH).write_text(text, encoding="utf-8")
    return run(["simulate"], study, limit)


def measured(study: Path, stages: Sequence[str], limit: int) -> dict[str, Took]:
    """Run the stages of a study in the order of their table, those of one name added up."""
    made, found = Products.load(str(study / "config.yaml")), {}
    for name, stage in STAGES.items():
        if name == "crate" or (stages and name not in stages):
            continue
        for of in made.runs(name):
            if not made.outputs(name, of) or (stage.of == "language" and of != "en"):
                continue
            took = run([name, *((f"--{stage.of}", of) if stage.of else ())], study, limit)
            found[name] = found[name] + took if name in found else took
            print(f"  {name} {of}: {took.seconds:.1f} s, {took.megabytes:.0f} MB", flush=True)
            if took.status != 0:
                says = (study / LOG).read_text(encoding="utf-8").splitlines()[-1:]
                print(f"  {name} {of} ended with {took.status}: {' '.join(says)}", flush=True)
    return found


def respondents(study: Path) -> int:
    """Return the interviews that cleaning left, of every group."""
    processed = Products.load(str(study / "config.yaml"))
    files = [processed.study.path(processed.paths.clean(name)) for name in processed.populations]
    return sum(len(pd.read_csv(file, usecols=[0])) for file in files if file.is_file())


def slope(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Return the slope of log values on log sizes by least squares; NaN of fewer than two."""
    if len(sizes) < 2:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def table(made: dict[int, dict[str, Took]]) -> str:
    """Return stages by respondents as a table of Markdown, the sum last."""
    sizes = sorted(made)
    heads = [f"{size:,} respondents" for size in sizes]
    rows = ["| stage | " + " | ".join(heads) + " | slope of time | of memory |"]
    rows.append("|---|" + "---:|" * (len(sizes) + 2))
    names = [name for name in ("simulate", *STAGES) if any(name in made[size] for size in sizes)]
    for name in names:
        rows.append(_row(name, {n: made[n][name] for n in sizes if name in made[n]}, sizes))
    whole = {
        size: sum((t for n, t in made[size].items() if n != "simulate"), Took(0, 0, 0))
        for size in sizes
    }
    return "\n".join([*rows, _row("all but simulate", whole, sizes)])


def _row(name: str, took: dict[int, Took], sizes: Sequence[int]) -> str:
    cells = []
    for size in sizes:
        one = took.get(size)
        told = "" if one is None else f"{one.seconds:,.1f} s, {one.megabytes:,.0f} MB"
        cells.append(told if one is None or one.status == 0 else f"{told} (not ended)")
    ended = [size for size, one in took.items() if one.status == 0]
    slopes = (
        slope(ended, [took[size].seconds for size in ended]),
        slope(ended, [took[size].megabytes for size in ended]),
    )
    told = " | ".join("" if np.isnan(one) else f"{one:.2f}" for one in slopes)
    return f"| {name} | {' | '.join(cells)} | {told} |"


def main() -> int:
    """Print the table; the status is 1 where the largest study exceeds its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invited", type=int, nargs="+", default=[15_000, 150_000])
    parser.add_argument("--stages", nargs="*", default=[], choices=list(STAGES))
    parser.add_argument("--limit", type=int, default=1_800, help="processor seconds of a stage")
    parser.add_argument("--keep", type=Path, help="a folder for the studies, built and left there")
    options = parser.parse_args()
    made: dict[int, dict[str, Took]] = {}
    with tempfile.TemporaryDirectory() as name:
        for invited in options.invited:
            study = (options.keep or Path(name)) / f"invited_{invited}"
            print(f"{invited:,} invited", flush=True)
            first = {}
            if not study.is_dir():
                first["simulate"] = simulated(study, invited, options.limit)
            took = first | measured(study, options.stages, options.limit)
            made[respondents(study)] = took
            if not options.keep:
                shutil.rmtree(study)
    print(table(made))
    largest = [took for name, took in made[max(made)].items() if name != "simulate"]
    seconds, megabytes = sum(t.seconds for t in largest), max(t.megabytes for t in largest)
    print(f"budgets at 100,000: {PROCESSOR_SECONDS} s on two cores, {MEGABYTES} MB; slope {SLOPE}")
    return int(max(made) <= 110_000 and (seconds > PROCESSOR_SECONDS or megabytes > MEGABYTES))


if __name__ == "__main__":
    sys.exit(main())
