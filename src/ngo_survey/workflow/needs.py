"""What a stage needs of a machine: memory and time, growing with what it reads and with attempts.

A queue packs jobs by what they ask for and ends those that take more. ``read``, ``clean`` and
``weight`` were measured on simulated studies of 10,000 and 100,000 respondents with 100 questions
(peak resident size), ``tabulate`` and ``model`` on 10,000; the others are taken as the measured
stage that they resemble. A job that is ended all the same asks for as much again at each attempt
(``retries`` of the profile).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import STAGES

#: Megabytes of a small study, and megabytes more for each megabyte of input.
MEMORY = {
    "read": (150, 7.0),
    "clean": (150, 10.0),
    "weight": (150, 6.0),
    "estimate": (200, 8.0),
    "tabulate": (400, 20.0),
    "compare": (400, 20.0),
    "wave": (400, 20.0),
    "change": (400, 20.0),
    "model": (300, 8.0),
    "impute": (400, 10.0),
    "validate": (300, 8.0),
    "specify": (300, 8.0),
    "precision": (300, 8.0),
}
#: Minutes of any of these stages, and minutes more for each megabyte of input.
TIME = (10, 0.5)


class Sized(Protocol):
    """The input files of a job, as Snakemake hands them to a resource."""

    @property
    def size_mb(self) -> float:
        """Size of all files in megabytes."""


#: A resource of a rule: of the wildcards, the input files and the number of the attempt.
Resource = Callable[[object, Sized, int], int]


@dataclass(frozen=True)
class Needs:
    """What the stages of a study need."""

    make: Products

    def memory(self, stage: str, of: str = "") -> Resource:
        """Return the memory of a run in megabytes; ``of`` as in :meth:`Products.outputs`."""
        base, each = MEMORY[stage]
        return lambda wildcards, input, attempt: round(
            attempt * (base + each * (input.size_mb + self._provided(stage, of, wildcards)))
        )

    def minutes(self, stage: str, of: str = "") -> Resource:
        """Return the time of a run in minutes."""
        base, each = TIME
        return lambda wildcards, input, attempt: round(
            attempt * (base + each * (input.size_mb + self._provided(stage, of, wildcards)))
        )

    def _provided(self, stage: str, of: str, wildcards: object) -> float:
        """Return the size in megabytes of the files of people, which are no inputs of a rule."""
        run = of or str(getattr(wildcards, STAGES[stage].of or "_", ""))
        files = [self.make.study.path(name) for name in self.make.raw_names(stage, run)]
        return sum(path.stat().st_size for path in files if path.is_file()) / 1e6
