"""One row of the results store as the template of a chapter sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.present.document.definition import MEASURED

if TYPE_CHECKING:
    from ngo_survey.present.document.template_functions import Voice


@dataclass(frozen=True)
class Entry:
    """One row of the store as a template sees it; each method returns a mark."""

    row: Mapping[str, Any]
    voice: Voice

    @property
    def key(self) -> str:
        """The key, for other functions."""
        return str(self.row["key"])

    @property
    def label(self) -> str:
        """What the row counts, in words."""
        if self.row["family"] in MEASURED:
            return self.voice.words(self.voice.labels.member(self.row), "label")
        return self.text("label")

    @property
    def item(self) -> str:
        """The item of a battery that the row is about, in words."""
        return self.voice.words(self.named(True), "label")

    def named(self, by_item: bool) -> str:
        """Return what the row is about as bare words: its item, otherwise its answer."""
        labels = self.voice.labels
        if not by_item:
            return labels.member(self.row)
        return labels.title(labels.population(self.row), labels.question_name(self.row))

    @property
    def question(self) -> str:
        """The question that a row of the cleaning log is about, in words."""
        population, name = self["population"], self["variable"]
        known = self.voice.labels.has(population, name)
        return self.voice.words(
            self.voice.labels.title(population, name) if known else name, "label"
        )

    @property
    def group(self) -> str:
        """The group of respondents, in words."""
        return self.voice.words(self.voice.labels.group(self.row), "label")

    def n(self, form: str | None = None, field: str | None = None, **more: Any) -> str:
        """Print a number of the row (see :meth:`Voice.n`)."""
        return self.voice.n(self.key, form, field, **more)

    def text(self, field: str, form: str = "") -> str:
        """Print a text of the row."""
        return self.voice.fact(self.key, field, form)

    def __getitem__(self, field: str) -> Any:
        """Return a field bare, for conditions; what is printed goes through a method."""
        return self.row[field]
