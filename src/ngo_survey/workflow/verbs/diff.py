"""``ngo-survey diff``: which results differ between two commits, folders or locks, and why.

Reads the locks committed at two commits (or builds these in temporary folders), folders of
studies, results folders or ``results.lock`` files; writes to the terminal, and a page if asked to.
"""

from __future__ import annotations

from pathlib import Path

from ngo_survey.results.files import write_text
from ngo_survey.study import Study
from ngo_survey.workflow.diff_report import DiffReport
from ngo_survey.workflow.snapshot import results_at


def run(
    study: Study,
    before: str,
    after: str = ".",
    build: bool = False,
    cores: int = 1,
    markdown: bool = False,
    html: Path | None = None,
) -> int:
    """Tell what came, went and moved; return 0 when nothing did, otherwise 1."""
    one, other = (results_at(study, place, build, cores) for place in (before, after))
    report = DiffReport.of(before, after, one, other)
    print(report.markdown() if markdown else report.text(), end="")
    if html is not None:
        write_text(report.html(), html)
    return 0 if report.difference.is_none else 1
