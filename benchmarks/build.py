"""Processor time of a full build of the default study, and of the builds after small edits.

Run: ``python benchmarks/build.py [--cores 2]``. The study is copied in one language, without any
product, to a folder of its own and built; then it is built again after no edit, after one of an
entry of ``tables.more``, of a figure's title, and of a sentence of a chapter. Each is told as a
multiple of the interpreter that only imports what a verb needs (pandas, scipy, statsmodels,
matplotlib). Budgets: one table takes a quarter of the full build at most, packages 700 MB.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
IMPORTS = "import pandas, scipy.stats, statsmodels.api, matplotlib.pyplot"
SHARE, MEGABYTES = 0.25, 700


def took(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of processor time and of the clock that a command takes; raises if it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock


def megabytes(folder: Path) -> float:
    """Size of the files below a folder."""
    return sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def copied(study: Path) -> None:
    """Copy the study in one language, without what was made of it."""
    ignored = shutil.ignore_patterns(".*", "processed", "figures", "reports", "tests")
    shutil.copytree(ROOT, study, ignore=ignored)
    edited(study, in_one_language)


def edited(study: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change the configuration of a study."""
    file = study / "config.yaml"
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    edit(config)
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    file.write_text(text, encoding="utf-8")


def in_one_language(config: dict[str, Any]) -> None:
    """Have report and workbook in English."""
    config["study"]["languages"] = config["tables"]["languages"] = ["en"]


def one_table(study: Path) -> None:
    """Add a banner to the first table of ``tables.more``."""

    def edit(config: dict[str, Any]) -> None:
        config["tables"]["more"][0]["columns"].append("age_band")

    edited(study, edit)


def one_figure(study: Path) -> None:
    """Change the title of the first figure."""

    def edit(config: dict[str, Any]) -> None:
        next(iter(config["figures"].values()))["title"]["en"] += " (again)"

    edited(study, edit)


def one_sentence(study: Path) -> None:
    """Add a sentence to the first chapter."""
    chapter = min((study / "chapters" / "en").glob("*.md"))
    with chapter.open("a", encoding="utf-8") as file:
        file.write("\nOne sentence more.\n")


def main() -> int:
    """Print the times; the status is 1 where a budget is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", default="2")
    cores = parser.parse_args().cores
    edits: dict[str, Callable[[Path], None]] = {
        "full build": lambda _: None,
        "nothing changed": lambda _: None,
        "one table": one_table,
        "one figure": one_figure,
        "one sentence": one_sentence,
    }
    seconds = {}
    with tempfile.TemporaryDirectory() as name:
        study = Path(name) / "study"
        copied(study)
        imports = min(took([sys.executable, "-c", IMPORTS], study)[0] for _ in range(3))
        print(f"importing alone   {imports:6.1f} s of processor time")
        for label, edit in edits.items():
            edit(study)
            command = ["snakemake", "--cores", cores, "--quiet", "all"]
            seconds[label], clock = took(command, study)
            spent = seconds[label]
            share = spent / seconds["full build"]
            print(
                f"{label:<17} {spent:6.1f} s, {spent / imports:5.1f} x importing, "
                f"{share:4.0%} of the full build; {clock:.0f} s by the clock",
                flush=True,
            )
    size = megabytes(Path(sysconfig.get_paths()["purelib"]))
    print(f"installed packages {size:5.0f} MB (budget {MEGABYTES} MB without test tools)")
    return int(seconds["one table"] > SHARE * seconds["full build"])


if __name__ == "__main__":
    sys.exit(main())
