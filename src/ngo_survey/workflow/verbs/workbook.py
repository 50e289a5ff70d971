"""``ngo-survey workbook``: every table on a sheet of one workbook.

Reads the results store and the questionnaires; writes ``reports/tables.<language>.xlsx``.
"""

from __future__ import annotations

from ngo_survey.present.xlsx.book import write_workbook
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.verbs.garbage_collection import garbage_collection_paused


def run(study: Study, language: str) -> str:
    """Write the workbook in one language."""
    with garbage_collection_paused():
        books = {name: codebook(study, name) for name in study.populations}
        write_workbook(study, Results.load(study.paths.released), books, language)
    return study.paths.workbook(language).relative_to(study.root).as_posix()
