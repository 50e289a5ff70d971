"""The words behind the names of one table: its title, items, categories, banners and filter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.errors import ResultError, nearest
from ngo_survey.present.table_layout.table_words import table_words

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire

#: The category of those who were asked and did not answer, in tables on the base of all.
NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Names:
    """Reads the codebook of a table's population in one language.

    ``question`` is the question or battery of the table; ``group`` the questions of a table that
    stands on several (their names are its items), else (); ``own`` is the folder of the study's own
    words.
    """

    codebook: Questionnaire
    code: str
    question: str
    group: tuple[str, ...] = ()
    own: Path | None = None

    @classmethod
    def of(
        cls,
        codebook: Questionnaire,
        code: str,
        table_id: str,
        question: str | None,
        items: list[str],
        own: Path | None = None,
    ) -> Names:
        """Find what a table stands on; raises :class:`ResultError` when nothing says it."""
        known = {*codebook.questions, *codebook.batteries}
        named = [item for item in items if item]
        fits = [name for name in known if table_id == name or table_id.endswith(f"_{name}")]
        whole = question or max(fits, key=len, default="")
        battery = codebook.battery(whole) if whole in codebook.batteries else []
        # Items of a battery may be called as its questions are.
        if named and known.issuperset(named) and not {q.item for q in battery}.issuperset(named):
            return cls(codebook, code, question or table_id, tuple(named), own)
        if not whole:
            raise ResultError(
                "the table does not say its question",
                value=table_id,
                hint=nearest(table_id, known),
            )
        return cls(codebook, code, whole, (), own)

    def title(self, name: str = "") -> str:
        """Return the short title of a question or battery; without a name, of the table."""
        if not name and self.group:
            return "; ".join(self.title(question) for question in self.group)
        name = name or self.question
        if name in self.codebook.batteries:
            return self.codebook.battery_title(name, self.code)
        return self.codebook.title(name, self.code)

    def wording(self) -> str:
        """Return the question as asked; of a table on several, each after the other."""
        return " / ".join(self._wording(name) for name in self.group or (self.question,))

    def _wording(self, name: str) -> str:
        if name in self.codebook.batteries:
            return self.codebook.battery_labels[name][self.code]
        return self.codebook.label(name, self.code)

    def item(self, item: str) -> str:
        """Return the words of an item of the battery, or of a question of the group."""
        return self.title(item if self.group else self._name(item))

    def _name(self, item: str) -> str:
        """Return the name of the question that an item is; "" stands for the question itself."""
        return self.codebook.item(self.question, item).name if item else self.question

    def is_year(self, item: str) -> bool:
        """Say whether the table, or an item of it, is about years."""
        name = item if self.group else self._name(item)
        return name in self.codebook and self.codebook.question(name).is_year

    def category(self, category: str, item: str = "") -> str:
        """Return the words of a choice."""
        name = item if self.group else self.question
        if name in self.codebook.batteries:
            name = self.codebook.battery(name)[0].name
        if category == NO_ANSWER and category not in self.codebook.question(name).choice_names:
            return table_words(self.code, self.own)("no_answer")
        return self.codebook.choice_label(name, category, self.code)

    def banner(self, by: str) -> str:
        """Return the title of a banner; one of several variables is their product."""
        return " × ".join(self.title(variable) for variable in by.split("."))

    def levels(self, by: str, level: str) -> tuple[str, ...]:
        """Return the words of a column of a banner, the outer variable's level first."""
        parts = zip(by.split("."), level.split("."), strict=True)
        return tuple(self.codebook.choice_label(name, part, self.code) for name, part in parts)

    def asked(self) -> str:
        """Return the condition under which the question was asked ("": of all who consented)."""
        if self.group:
            return ""
        name = self.question
        if name in self.codebook.batteries:
            name = self.codebook.battery(name)[0].name
        consent = self.codebook.find_role("consent")
        relevant = self.codebook.question(name).relevant
        if consent is None:
            return relevant
        agreed = rf"\(?\$\{{{re.escape(consent.name)}\}} = '[^']*'\)?( and )?"
        return re.sub(agreed, "", relevant)
