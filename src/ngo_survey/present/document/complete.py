"""The check that a language of the report is whole: nothing missing, nothing of its own.

The first language of the study is the model. Another has the same chapters, headings with the same
anchors, the same slots, tables and figures under them, and the same keys in its catalogues.
"""

from __future__ import annotations

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.chapters import (
    REPORT,
    ChapterSource,
    chapter_files,
    documents_with_chapters,
)
from ngo_survey.present.document.template import Section, sections
from ngo_survey.present.words.catalogue import PARTS, catalogue
from ngo_survey.present.words.complete import refuse_unlike
from ngo_survey.study import Study


class LanguageError(SurveyError):
    """A chapter differs between languages: ``column`` holds the anchor of its section."""

    place = "section"


def refuse_incomplete(study: Study, code: str) -> None:
    """Raise for the first thing that the report lacks in a language.

    Raises
    ------
    SurveyError: names the file, the key, section or slot, and the language.
    """
    model = study.languages[0]
    if code == model:
        return
    for part in PARTS:
        words, theirs = (catalogue(part, c, study.words) for c in (code, model))
        refuse_unlike(words, code, theirs, model, f"{part} in words")
    for document in documents_with_chapters(study):
        mine, its = (chapter_files(study, c, document) for c in (code, model))
        _chapters(mine, its, code, model, "" if document == REPORT else f"{document}/")


def _chapters(
    own: list[ChapterSource], theirs: list[ChapterSource], code: str, model: str, folder: str
) -> None:
    found = {source.file.name: source for source in own}
    known = {source.file.name: source for source in theirs}
    for name in sorted(found.keys() ^ known.keys()):
        lacking, having = (code, model) if name in known else (model, code)
        raise SurveyError(
            f"the report has this chapter in the language {having}, not in {lacking}",
            file=f"chapters/{lacking}/{folder}{name}",
        )
    for name, source in sorted(known.items()):
        texts = [s.file.read_text(encoding="utf-8") for s in (found[name], source)]
        mine, model_sections = (sections(text) for text in texts)
        _chapter(mine, model_sections, f"chapters/{code}/{folder}{name}", code, model)


def _chapter(own: list[Section], theirs: list[Section], file: str, code: str, model: str) -> None:
    heads = [[(s.level, s.anchor) for s in part] for part in (own, theirs)]
    for pair in zip(*heads, strict=False):
        if pair[0] != pair[1]:
            level, anchor = pair[1]
            raise LanguageError(
                f"a heading of the chapter in the language {code} has another anchor or level "
                f"than in {model}",
                file=file,
                column=pair[1][1] or "title",
                value=pair[0][1],
                hint=f"write {'#' * level} … {{: #{anchor}}}",
            )
    if len(own) != len(theirs):
        raise LanguageError(
            f"the chapter has fewer or more headings in the language {code} than in {model}",
            file=file,
            value=len(own),
            hint=f"write {len(theirs)}",
        )
    for mine, model_section in zip(own, theirs, strict=True):
        _section(mine, model_section, file, code, model)


def _section(mine: Section, theirs: Section, file: str, code: str, model: str) -> None:
    place = mine.anchor or "title"
    lacking, extra = theirs.slots - mine.slots, mine.slots - theirs.slots
    for slots, problem in (
        (lacking, f"the language {code} lacks a slot that {model} has"),
        (extra, f"the language {code} has a slot that {model} lacks"),
    ):
        if slots:
            raise LanguageError(
                problem,
                file=file,
                column=place,
                value=next(iter(slots)),
                hint="print the same slots in every language",
            )
    if mine.placed != theirs.placed:
        first = next(a for a, b in zip(mine.placed, theirs.placed, strict=True) if a != b)
        raise LanguageError(
            f"tables and figures stand in another order in the language {code} than in {model}",
            file=file,
            column=place,
            value=first,
        )
