"""The codebook: questions, choices, labels by language, and how answers become typed columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ngo_survey.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

Labels = Mapping[str, str]
#: Forms of analysis whose choices have an order.
ORDERED = frozenset({"scale", "rating"})
#: Columns that every frame of respondents has beside the questions.
FRAME = ("respondent", "source_row")


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen: its name in the data and its labels by language."""

    name: str
    labels: Labels


@dataclass(frozen=True)
class Term:
    """One answer in a sum: its number or points, or what each choice in ``values`` counts for.

    ``ends`` are the least and the most that an answer can be; None where nobody can say.
    """

    variable: str
    factor: float
    values: Mapping[str, float] | None = None
    ends: tuple[float, float] | None = None


@dataclass(frozen=True)
class Linear:
    """A number that is ``constant`` plus its terms for everybody who gave all the answers.

    ``ends`` are the least and the most that the number itself can be, for whoever has one.
    """

    terms: tuple[Term, ...]
    constant: float = 0.0
    ends: tuple[float, float] | None = None


@dataclass(frozen=True)
class Question:
    """One column of answers.

    Attributes
    ----------
    type: XLSForm type without the list (``select_one``, ``select_multiple``, ``integer``,
        ``text``...), or ``derived`` for a variable made from answers.
    form: how it is analysed: ``single``, ``multiple``, ``constant_sum``, ``rating``, ``scale``,
        ``number``, ``rank``, ``text`` or ``none``.
    battery: name of the battery it belongs to, or "".
    item: name within the battery (``akimat`` for ``trust_akimat``), or the name itself.
    role: ``id``, ``consent``, ``stratum`` or "".
    disclosure: ``open``, ``internal``, ``identifier`` or ``free_text``; only open ones are tabled.
    linear: how a derived number adds up from other answers; None where it does not.
    """

    name: str
    type: str
    labels: Labels
    titles: Labels
    hints: Labels = field(default_factory=dict)
    list_name: str = ""
    choices: tuple[Choice, ...] = ()
    group: str = ""
    battery: str = ""
    form: str = "none"
    role: str = ""
    disclosure: str = "open"
    required: bool = False
    relevant: str = ""
    constraint: str = ""
    linear: Linear | None = None

    @property
    def choice_names(self) -> tuple[str, ...]:
        """Names of the choices in the questionnaire's order."""
        return tuple(choice.name for choice in self.choices)

    @property
    def item(self) -> str:
        """Name within the battery."""
        prefix = f"{self.battery}_"
        return self.name[len(prefix) :] if self.battery else self.name

    @property
    def many(self) -> bool:
        """Whether an answer may hold several choices."""
        return self.type == "select_multiple" or (
            self.type == "derived" and self.form == "multiple"
        )

    @property
    def numeric(self) -> bool:
        """Whether the answer is a number as it stands."""
        return self.type in {"integer", "decimal"} or (
            self.type == "derived" and self.form == "number"
        )


@dataclass(frozen=True)
class Questionnaire:
    """All questions of one group of respondents, in the order of the form."""

    questions: Mapping[str, Question]
    languages: tuple[str, ...]
    battery_titles: Mapping[str, Labels]
    battery_labels: Mapping[str, Labels]
    source: str = ""

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

    @cached_property
    def batteries(self) -> list[str]:
        """Names of the batteries in the order of the form."""
        return list(dict.fromkeys(q.battery for q in self if q.battery))

    def by_role(self, role: str) -> Question:
        """Return the one question with a role (``id``, ``consent``)."""
        found = [q for q in self if q.role == role]
        if len(found) != 1:
            raise InputError(
                f"{len(found)} questions have the role {role}",
                file=self.source or None,
                column="ngo_role",
                hint="give it to one question",
            )
        return found[0]

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
        from ngo_survey.codebook.typing import type_frame

        return type_frame(self, frame)

    def numbers(self, frame: pd.DataFrame, name: str) -> pd.Series:
        """Return a question as float: numbers, and ratings (``dont_know`` is missing)."""
        from ngo_survey.codebook.typing import numbers

        return numbers(self.question(name), frame[name])

    def indicator(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        """Return 0/1 columns, one a choice; NaN where the question was not answered."""
        from ngo_survey.codebook.typing import indicator

        return indicator(self.question(name), frame[name])
