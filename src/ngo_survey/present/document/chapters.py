"""Chapters: Markdown files with Jinja2 slots, one folder a language.

``chapters/<language>/NN_name.md`` in the folder of the study, those of another document than the
report in ``chapters/<language>/<document>/``. The first heading is the chapter's title; ``00_`` is
front matter and carries no number, ``90_`` and after are appendices and carry letters. A document
that a study does not write is the program's: who answered, every table, methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError

from ngo_survey.errors import SurveyError, nearest
from ngo_survey.present.document.document import Block, Chapter, Heading
from ngo_survey.present.document.markdown import blocks
from ngo_survey.present.document.placeholders import Placeholders, refuse_private
from ngo_survey.study import Study

NAME = re.compile(r"(\d\d)_([a-z_]+)\.md")
#: What Jinja says of a name that nothing gives.
UNDEFINED = re.compile(r"'(\w+)' is undefined")
#: Number of the file of the first appendix.
APPENDIX = 90
#: Chapters of the program, whose every word stands in its catalogues.
GENERIC = Path(__file__).parent / "generic"
#: The document whose chapters stand in the folder of a language itself.
REPORT = "report"
#: Functions of a chapter that point to places of the whole report.
LISTS = ("checklist(", "unfilled(")


@dataclass(frozen=True)
class ChapterSource:
    """One chapter as written: its number (0 for front matter), its name and its file.

    ``place`` is the folder as messages show it, ``chapters/en``.
    """

    order: int
    name: str
    file: Path
    place: str = ""

    @property
    def number(self) -> str:
        """The number that readers see: a letter for an appendix, nothing for front matter."""
        if self.order >= APPENDIX:
            return chr(ord("A") + self.order - APPENDIX)
        return str(self.order) if self.order else ""

    @property
    def shown(self) -> str:
        """The file as messages show it: from the folder of the study on."""
        return f"{self.place}/{self.file.name}" if self.place else self.file.name

    @property
    def text(self) -> str:
        """The chapter as it is written."""
        return self.file.read_text(encoding="utf-8")

    @property
    def lists(self) -> bool:
        """Whether the chapter prints a checklist."""
        return any(name in self.text for name in LISTS)


def chapter_files(study: Study, language: str, document: str = REPORT) -> list[ChapterSource]:
    """Return the chapters of a document in order: those of the study, or else of the program.

    Raises
    ------
    SurveyError: the study has chapters in another language, and none in this one.
    """
    own = "" if document == REPORT else document
    folder = study.chapters / language / own
    if not any(study.chapters.glob(f"*/{own}/*.md")):
        folder = GENERIC / document
    found = sorted(folder.glob("*.md"))
    if not found:
        raise SurveyError(
            "the report has no chapters in this language",
            file=_shown(study, folder),
            value=language,
            hint="write them there, or take the language out of study.languages",
        )
    return [_source(file, _shown(study, folder)) for file in found]


def documents_with_chapters(study: Study) -> list[str]:
    """Return the documents that have chapters: all but the annex, which is made of the report's."""
    return [name for name in dict.fromkeys(name for name, _ in study.documents) if name != "annex"]


def _shown(study: Study, folder: Path) -> str:
    """Return a folder of chapters from that of the study, or of the program, on."""
    for root in (study.root, GENERIC.parent):
        if folder.is_relative_to(root):
            return folder.relative_to(root).as_posix()
    return folder.as_posix()


def _source(file: Path, place: str) -> ChapterSource:
    match = NAME.fullmatch(file.name)
    if match is None:
        raise SurveyError(
            "this is not the name of a chapter",
            file=f"{place}/{file.name}",
            hint="name it like 03_state_order.md",
        )
    return ChapterSource(int(match[1]), match[2].replace("_", "-"), file, place)


def write_chapter(
    source: ChapterSource, functions: Mapping[str, Any], slots: Placeholders
) -> Chapter:
    """Render one chapter to blocks; ``functions`` are what its template may call.

    Raises
    ------
    SurveyError: for a fault of the template (unknown name, unclosed block), and for what it asks
        for and the study lacks, with file and line; or for Markdown that a report cannot hold.
    """
    file, text = source.shown, source.text
    refuse_private(text, file)
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(functions)
    try:
        rendered = environment.from_string(text).render()
    except TemplateError as error:
        undefined = UNDEFINED.fullmatch(error.message or "")
        near = f"{nearest(undefined[1], functions)} " if undefined else ""
        raise SurveyError(
            f"the chapter's template is at fault: {error.message}",
            file=file,
            row=getattr(error, "lineno", None) or _line(error),
            hint=f"{near}docs/chapters.md lists what a chapter can call" if undefined else "",
        ) from None
    except SurveyError as error:
        if error.file is not None:
            raise
        ask = "take it out, or ask first: {% if known('key') %}"
        raise type(error)(
            error.problem,
            file=file,
            row=_line(error),
            column=error.column,
            value=error.value,
            hint="; ".join(filter(None, [error.hint, ask])),
        ) from error
    except (LookupError, TypeError, ValueError) as error:
        raise SurveyError(
            "the chapter calls a function in a way that the study has nothing for",
            file=file,
            row=_line(error),
            value=error,
            hint="see docs/chapters.md for what it takes, or take it out",
        ) from error
    made = [_anchored(block, source.name) for block in blocks(rendered, slots, file)]
    if not made or not isinstance(made[0], Heading) or made[0].level != 1:
        raise SurveyError("a chapter begins with its title", file=file, row=1, hint="# Title")
    return Chapter(source.name, source.number, made[0].content, tuple(made[1:]))


def _anchored(block: Block, chapter: str) -> Block:
    if isinstance(block, Heading):
        return replace(block, anchor=f"{chapter}-{block.anchor}")
    return block


def _line(error: BaseException) -> int | None:
    """Return the line of the template in which a function was called wrongly."""
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1] if lines else None
