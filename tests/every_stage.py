"""Run every stage of the study in this folder in one process, in the order of their table.

``python every_stage.py``, or with a language: ``python every_stage.py en`` leaves out the pages in
others and the description of the run, which lists the pages in all of them. Snakemake starts a
process a stage and does more at once; each process imports pandas and scipy first, which is a third
of a build's processor time. The bytes are the same (`test_reproduce_hostile.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from ngo_survey.cli import main
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import STAGES


def calls(make: Products, languages: Sequence[str]) -> Iterator[list[str]]:
    """Yield the call of the command line of every run of a stage that writes anything.

    ``languages`` are those that pages are made in; all of the study where it is empty.
    """
    for name, stage in STAGES.items():
        if languages and name == "crate":
            continue
        for of in make.runs(name):
            if languages and stage.of == "language" and of not in languages:
                continue
            if make.outputs(name, of):
                yield [name, *((f"--{stage.of}", of) if stage.of else ())]


if __name__ == "__main__":
    sys.exit(any(main(call) for call in calls(Products.load("config.yaml"), sys.argv[1:])))
