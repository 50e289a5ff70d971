"""The files that a release hands over, as the page links them: every document, then the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ngo_survey.present.document.language import own_name
from ngo_survey.present.words.language import Language
from ngo_survey.results.package.files import package_files

if TYPE_CHECKING:
    from ngo_survey.study import Study

#: What stands beside a page in its own folder, by the name of the document in the catalogue.
WORKBOOK = "tables"


@dataclass(frozen=True)
class FileLink:
    """A file beside the page: ``words`` name it, ``address`` is relative to the page."""

    words: str
    address: str


@dataclass(frozen=True)
class FileList:
    """Every file of a release.

    Attributes
    ----------
    languages: code and own name of each language that a document is made in.
    documents: the title of each document and its files by language, one a format.
    data: the files of the data package.
    """

    languages: tuple[tuple[str, str], ...]
    documents: tuple[tuple[str, Mapping[str, tuple[FileLink, ...]]], ...]
    data: tuple[FileLink, ...]


def file_list(study: Study, language: Language) -> FileList:
    """Return the files of a study's release, titled in a language, in the order of its settings."""
    titles = language.words["page"]["documents"] | language.words["documents"]
    forms: dict[str, list[str]] = {}
    for name, form in study.documents:
        forms.setdefault(name, []).append(form)
    documents = [
        (titles[name], {code: _links(study, name, code, kinds) for code in study.languages})
        for name, kinds in forms.items()
    ]
    workbooks = {code: (_workbook(study, code),) for code in study.table_languages}
    codes = dict.fromkeys((*study.languages, *study.table_languages))
    return FileList(
        tuple((code, own_name(code, study.words)) for code in codes),
        (*documents, (titles[WORKBOOK], workbooks)),
        tuple(FileLink(name, f"{study.paths.package.name}/{name}") for name in package_files()),
    )


def _links(study: Study, name: str, code: str, forms: list[str]) -> tuple[FileLink, ...]:
    return tuple(
        FileLink(form.upper(), study.paths.document(name, code, form).name) for form in forms
    )


def _workbook(study: Study, code: str) -> FileLink:
    return FileLink("XLSX", study.paths.workbook(code).name)
