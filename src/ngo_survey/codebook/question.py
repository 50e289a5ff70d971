"""One question of the codebook: its labels by language, its choices, its form of analysis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Labels = Mapping[str, str]
#: Forms of analysis whose choices have an order.
ORDERED = frozenset({"scale", "rating"})
#: Disclosure of answers that say who somebody is, or may.
PRIVATE = frozenset({"identifier", "free_text"})
#: A bound of an answer in a constraint, and the bounds between which a whole number is a year.
BOUND = re.compile(r"(?<![\w.])\.\s*[<>]=?\s*(-?\d+(?:\.\d+)?)")
YEARS = (1500.0, 2200.0)
#: Columns that frames of respondents have beside the questions: each the first two, and that of the
#: rows set aside the others.
FRAME = ("respondent", "source_row", "reason", "rule")


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen: its name in the data and its labels by language."""

    name: str
    labels: Labels


@dataclass(frozen=True)
class LeftOut:
    """A row of the form of which no answer is read: a repeat, a picture, a place, a note, a group.

    ``path`` is as that of a question, ``type`` as in the form; a ``repeat`` leaves out what lies
    below its path.
    """

    name: str
    path: str
    type: str
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True)
class FormRule:
    """A rule as the form has it: its row and column, and the question that ``.`` stands for."""

    row: int
    column: str
    text: str
    current: str = ""


@dataclass(frozen=True)
class LinearTerm:
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

    terms: tuple[LinearTerm, ...]
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
    item: name within the battery (``akimat`` for ``trust_akimat`` of ``trust``), or the name
        itself: many forms call a group one thing and its questions others.
    role: ``id``, ``consent``, ``stratum`` or "".
    disclosure: ``open``, ``internal``, ``identifier`` or ``free_text``; only open ones are tabled.
    linear: how a derived number adds up from other answers; None where it does not.
    original: the name in the form, where another question has it too; "" where it is ``name``.
    place_of: path of the question of type ``rank`` whose order holds this place; "" for others.
    appearance, row: as the form has them; the row as a spreadsheet counts it, 0 for a derived one.
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
    original: str = ""
    place_of: str = ""
    appearance: str = ""
    row: int = 0

    @property
    def private(self) -> bool:
        """Whether its answers may say who somebody is, and nothing in the program needs them."""
        return self.disclosure in PRIVATE and not self.role

    @property
    def path(self) -> str:
        """Where the form has it: its groups and its name there, parted by strokes."""
        return "/".join(filter(None, [self.group, self.original or self.name]))

    @property
    def is_year(self) -> bool:
        """Whether the answer is a year: a whole number that its constraint keeps among years.

        A year is printed without a mark between thousands.
        """
        bounds = [float(text) for text in BOUND.findall(self.constraint)]
        among = [YEARS[0] <= bound <= YEARS[1] for bound in bounds]
        return self.type == "integer" and len(among) > 0 and all(among)

    @property
    def choice_names(self) -> tuple[str, ...]:
        """Names of the choices in the questionnaire's order."""
        return tuple(choice.name for choice in self.choices)

    @property
    def item(self) -> str:
        """Name within the battery: what follows the battery's, or all of one that does not."""
        if not self.battery:
            return self.name
        return self.name.removeprefix(f"{self.battery}_") or self.name

    @property
    def many(self) -> bool:
        """Whether an answer may hold several choices."""
        return self.type == "select_multiple" or (
            self.type == "derived" and self.form == "multiple"
        )

    @property
    def numeric(self) -> bool:
        """Whether the answer is a number as it stands."""
        return self.type in {"integer", "decimal", "range"} or (
            self.type in {"derived", "calculate", "hidden"} and self.form == "number"
        )
