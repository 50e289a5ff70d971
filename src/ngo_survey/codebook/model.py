"""The codebook of one group of respondents: its questions in the order of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ngo_survey.codebook import typing
from ngo_survey.codebook.question import FRAME, FormRule, Labels, LeftOut, Question
from ngo_survey.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Questionnaire:
    """All questions of one group of respondents, in the order of the form.

    Attributes
    ----------
    left_out: rows of the form of which no answer is read.
    rules: skip rules and constraints, those of groups included, row by row.
    notes: what is not read, or was inferred, in words for whoever checks a study.
    """

    questions: Mapping[str, Question]
    languages: tuple[str, ...]
    battery_titles: Mapping[str, Labels]
    battery_labels: Mapping[str, Labels]
    source: str = ""
    left_out: tuple[LeftOut, ...] = ()
    rules: tuple[FormRule, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a question under a name that the tables of respondents have themselves."""
        for name in FRAME:
            if name in self.questions:
                raise InputError(
                    "a question has a name that the program needs for every row",
                    file=self.source or None,
                    column="name",
                    value=name,
                    hint=f"call it q_{name} in the form, and map its column of the export: "
                    f"sources.columns: {{{name}: q_{name}}}",
                )
        for battery, names in self._items().items():
            twice = next((n for n in names if names.count(n) > 1), "")
            if twice:
                raise InputError(
                    "two questions of one battery have the same name within it",
                    file=self.source or None,
                    column="name",
                    value=f"{twice} and {battery}_{twice}",
                    hint="rename one in the form, and map its column: sources.columns",
                )

    def _items(self) -> dict[str, list[str]]:
        """Return the names of the items of each battery."""
        found: dict[str, list[str]] = {}
        for question in self:
            if question.battery:
                found.setdefault(question.battery, []).append(question.item)
        return found

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions.values())

    def __contains__(self, name: object) -> bool:
        return name in self.questions

    def question(self, name: str) -> Question:
        """Return a question; raises :class:`InputError` with the nearest names."""
        try:
            return self.questions[name]
        except KeyError:
            raise InputError(
                "the questionnaire has no such question",
                file=self.source or None,
                value=name,
                hint=nearest(name, self.questions),
            ) from None

    def battery(self, name: str) -> list[Question]:
        """Return the questions of a battery in order."""
        found = [q for q in self if q.battery == name]
        if not found:
            batteries = {q.battery for q in self if q.battery}
            raise InputError("no such battery", value=name, hint=nearest(name, batteries))
        return found

    def item(self, battery: str, item: str) -> Question:
        """Return the question that an item of a battery is; raises as :meth:`battery` does."""
        found = {q.item: q for q in self.battery(battery)}
        if item not in found:
            raise InputError(
                "the battery has no such item",
                file=self.source or None,
                column=battery,
                value=item,
                hint=nearest(item, found),
            )
        return found[item]

    @cached_property
    def batteries(self) -> list[str]:
        """Names of the batteries in the order of the form."""
        return list(dict.fromkeys(q.battery for q in self if q.battery))

    def by_role(self, role: str) -> Question:
        """Return the one question with a role (``id``); raises where there is none."""
        found = self.find_role(role)
        if found is None:
            raise InputError(
                f"no question has the role {role}",
                file=self.source or None,
                column="analysis_role",
                hint=f"write {role} there for the question that has it",
            )
        return found

    def find_role(self, role: str) -> Question | None:
        """Return the one question with a role (``consent``), None where there is none.

        Raises
        ------
        InputError: several questions have it.
        """
        found = [q for q in self if q.role == role]
        if len(found) > 1:
            raise InputError(
                f"{len(found)} questions have the role {role}",
                file=self.source or None,
                column="analysis_role",
                value=", ".join(q.name for q in found),
                hint="give it to one question",
            )
        return found[0] if found else None

    def label(self, name: str, language: str) -> str:
        """Return the wording of a question."""
        return self.question(name).labels[language]

    def title(self, name: str, language: str) -> str:
        """Return the short title of a question, for tables and figures."""
        question = self.question(name)
        return question.titles.get(language) or question.labels[language]

    def battery_title(self, name: str, language: str) -> str:
        """Return the short title of a battery."""
        return self.battery_titles[name][language]

    def choice_label(self, name: str, choice: str, language: str) -> str:
        """Return the label of a choice of a question."""
        question = self.question(name)
        for known in question.choices:
            if known.name == choice:
                return known.labels[language]
        raise InputError(
            "the question has no such choice",
            column=name,
            value=choice,
            hint=nearest(choice, question.choice_names),
        )

    def type_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Type a frame of text: see :mod:`ngo_survey.codebook.typing`."""
        return typing.type_frame(self.question, frame)

    def numbers(self, frame: pd.DataFrame, name: str) -> pd.Series:
        """Return a question as float: numbers, and ratings (``dont_know`` is missing)."""
        return typing.numbers(self.question(name), frame[name])

    def indicator(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        """Return 0/1 columns, one a choice; NaN where the question was not answered."""
        return typing.indicator(self.question(name), frame[name])
