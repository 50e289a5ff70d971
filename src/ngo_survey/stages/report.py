"""``ngo-survey report``: thirteen chapters as one HTML file.

Reads the results store, the figures, the questionnaires and the chapters; writes
``reports/report.<language>.html``.
"""

from __future__ import annotations

from ngo_survey.report.build import Builder
from ngo_survey.report.labels import Labels
from ngo_survey.report.method import Method
from ngo_survey.report.origin import File
from ngo_survey.report.software import declared, packages
from ngo_survey.reproduce.files import raw_files, sha256
from ngo_survey.stages.page import page
from ngo_survey.store import Results, write_text
from ngo_survey.study import Study


def run(study: Study, language: str = "en") -> None:
    """Write the report in one language."""
    results = Results.load(study.paths.results)
    labels = Labels.load(study, language)
    document = Builder(study, results, labels, _method(study)).document()
    write_text(page(study, results, labels, document), study.paths.report(language))


def _method(study: Study) -> Method:
    lock = study.root / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    return Method(
        files=tuple(File(path, sha256(study.path(path))) for path in raw_files(study)),
        packages=packages(text, declared()),
        lock=sha256(lock) if text else "",
    )
