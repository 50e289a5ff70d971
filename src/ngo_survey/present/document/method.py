"""What the chapter on methods tells of the study's own making: files, software, checklists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import (
    ChapterFunctions,
    Numbering,
    labelled,
)
from ngo_survey.present.document.checklist import items
from ngo_survey.present.document.document import Cell, Code, Inline, Link, Row, Slot, Text
from ngo_survey.present.document.origin import File
from ngo_survey.present.document.software import SoftwarePackage
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.study.languages import said


@dataclass(frozen=True)
class Method:
    """Facts of the making, gathered by the stage: they do not depend on who builds, or where."""

    files: tuple[File, ...]
    packages: tuple[SoftwarePackage, ...]
    lock: str  # SHA-256 of the lock of packages, "" when there is none beside the study

    def functions(
        self, template: TemplateFunctions, numbering: Numbering, places: Collection[str] = ()
    ) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call; ``places`` are anchors of the report."""
        made = MethodFunctions(template, numbering, self, places)
        return {
            "input_files": made.input_files,
            "software": made.software,
            "checklist": made.checklist,
            "unfilled": made.unfilled,
            "package_lock": made.package_lock,
        }


@dataclass(frozen=True)
class MethodFunctions(ChapterFunctions):
    """The functions behind :meth:`Method.functions`."""

    method: Method
    places: Collection[str]

    def input_files(self, caption: str, columns: Sequence[str]) -> str:
        """Print the files that the study reads, each with its SHA-256."""
        files = [(file.path, file.sha256) for file in self.method.files]
        return self._pairs("inputs", caption, columns, files)

    def software(self, caption: str, columns: Sequence[str]) -> str:
        """Print the packages the program uses and the versions that the lock pins."""
        packages = [(package.name, package.versions) for package in self.method.packages]
        return self._pairs("software", caption, columns, packages)

    def package_lock(self) -> str:
        """Print the SHA-256 of the lock of packages, or that there is none beside the study."""
        none = self.template.language.word("labels.no_lock")
        return self.template.words(self.method.lock or none, "file", "requirements.lock")

    def checklist(self, name: str, caption: str, columns: Sequence[str]) -> str:
        """Print a checklist: each item with the place that answers it, or that it is unfilled."""
        language, config = self.template.language, self.template.study.raw
        reasons = language.words["unfilled"]
        rows = []
        for item in items(name):
            label: tuple[Inline, ...] = (Text(said(item.text, language.code)),)
            if item.filled(config, self.places):
                place = Text(language.word("labels.see"))
                answer: tuple[Inline, ...] = (Link(f"#{item.anchor(config)}", (place,)),)
            elif not item.missing(config):
                reason = reasons.get(item.at) or language.word("labels.no_place")
                answer = (Text(language.word("labels.unfilled_reason", reason=reason)),)
            else:
                answer = (Text(language.word("labels.unfilled")), Code(item.missing(config)))
            rows.append(Row(label, (Cell((Slot(item.id, "structure"),)), Cell(answer))))
        stub, *heads = columns
        return self.build_table(name, caption, heads, rows, stub)

    def unfilled(self, name: str) -> str:
        """Print how many items of a checklist are unfilled, of how many."""
        listed = items(name)
        open_ = sum(not item.filled(self.template.study.raw, self.places) for item in listed)
        words = self.template.language.word("labels.of", part=str(open_), whole=str(len(listed)))
        return self.template.words(words, "file", f"checklists/{name}.yaml")

    def _pairs(
        self,
        name: str,
        caption: str,
        columns: Sequence[str],
        pairs: Sequence[tuple[str, str]],
    ) -> str:
        """Print two texts a row that stand in files."""
        stub, *heads = columns
        rows = [labelled(a, (Cell((Slot(b, "file"),)),), source="file") for a, b in pairs]
        return self.build_table(name, caption, heads, rows, stub)
