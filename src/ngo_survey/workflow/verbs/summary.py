"""``ngo-survey summary``: what stands, where it lies, and what people must look at."""

from __future__ import annotations

from ngo_survey.study import Study
from ngo_survey.workflow.build_summary import summary


def run(study: Study) -> int:
    """Print the summary that a build ends with."""
    print(summary(study), end="")
    return 0
