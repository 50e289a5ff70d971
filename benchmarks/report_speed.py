"""Seconds from results and figures to the report in every format, whole processes.

Run: ``python benchmarks/report_speed.py [--languages en ru kk]`` in the folder of a study that is
built. Each language is two processes as the pipeline starts them, `report` (HTML, PDF, Word) and
`workbook` (XLSX), two at a time. The peer in the same run is an interpreter that only imports what
they import: on a machine that is busy both take longer, and their ratio holds.

Budgets on two idle cores: one language 5 s, three 10 s; the page 3 MB, the PDF 5 MB.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ngo_survey.study import Study

SECONDS = {1: 5.0, 3: 10.0}
MEGABYTES = {"html": 3.0, "pdf": 5.0}
IMPORTS = "import jinja2, markdown_it, docx, typst, xlsxwriter, yaml, jsonschema"


def processor() -> float:
    """Seconds of processor time of all processes that ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(commands: list[list[str]], cores: int) -> tuple[float, float]:
    """Run commands, ``cores`` at a time; returns seconds of the clock and of the processor."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    # As a user runs it: modules are compiled once and kept.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(command: list[str]) -> None:
        subprocess.run(command, env=environment, check=True)

    used, start = processor(), time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(run, commands))
    return time.perf_counter() - start, processor() - used


def commands(config: str, languages: list[str]) -> list[list[str]]:
    """Both verbs in each language; the longer one first."""
    program = [sys.executable, "-m", "ngo_survey.cli"]
    return [
        [*program, verb, "--config", config, "--language", language]
        for verb in ("report", "workbook")
        for language in languages
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--languages", nargs="+", help="those of the study unless named")
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    study = Study.load(given.config)
    languages = given.languages or list(study.languages)
    floor, _ = timed([[sys.executable, "-c", IMPORTS]], 1)
    failed = False
    for chosen in dict.fromkeys((tuple(languages[:1]), tuple(languages))):
        clock, used = timed(commands(given.config, list(chosen)), given.cores)
        budget = SECONDS.get(len(chosen), 5.0 * len(chosen))
        failed = failed or clock > budget
        print(
            f"{' '.join(chosen):12} {clock:6.1f} s   budget {budget:4.1f} s   "
            f"processor {used:5.1f} s   {clock / floor:4.1f} x importing alone ({floor:.1f} s)"
        )
    for name in study.report_formats:
        file: Path = study.paths.report(languages[0], name)
        size = file.stat().st_size / 1e6
        budget = MEGABYTES.get(name)
        failed = failed or (budget is not None and size > budget)
        print(f"{file.name:16} {size:6.2f} MB" + (f"   budget {budget:.0f} MB" if budget else ""))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
