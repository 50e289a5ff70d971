"""What a form drafted from an export holds: questions, each with the reason for the guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DraftQuestion:
    """One question.

    Attributes
    ----------
    name, label: as the form has them.
    type: type of the XLSForm without its list: ``select_one``, ``integer``, ``text``...
    form, role, disclosure: the columns ``analysis_...`` of the form.
    headers: header of the export -> choice of a split question, "" for the whole question.
    choices: name -> label; empty for what is no choice.
    list_name: list of the choices; questions of a battery share one.
    battery, battery_label: the battery, "" for none.
    why: what the guess goes by.
    """

    name: str
    label: str
    type: str
    form: str
    headers: Mapping[str, str]
    choices: Mapping[str, str] = field(default_factory=dict)
    list_name: str = ""
    battery: str = ""
    battery_label: str = ""
    role: str = ""
    disclosure: str = ""
    why: str = ""


@dataclass(frozen=True)
class Draft:
    """A form, and what the configuration must say so that the export is read by it.

    Attributes
    ----------
    questions: in the order of the export.
    ignored: header -> why it is no question.
    aliases: list of choices -> {spelling in the export: choice}.
    missing: code that is no answer, to any question -> why.
    odd: question of numbers -> the few answers to it that are none.
    proposed: question -> codes that may be no answer, for a person to judge.
    shares: batteries of parts that add up to 1, not to 100.
    dates: how moments are written, as in strftime: nothing where it need not be said, several where
        each fits every row and they differ in the day.
    own_dates: the one of several that the field tool writes, "" for none.
    """

    questions: tuple[DraftQuestion, ...]
    ignored: Mapping[str, str]
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    odd: Mapping[str, list[str]] = field(default_factory=dict)
    proposed: Mapping[str, list[str]] = field(default_factory=dict)
    shares: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    own_dates: str = ""

    @property
    def date_format(self) -> str:
        """How moments are written, as far as somebody can tell; "" where nobody can."""
        return self.own_dates or (self.dates[0] if len(self.dates) == 1 else "")

    @property
    def names(self) -> dict[str, str]:
        """The name of the question that each column belongs to, by header."""
        return {header: q.name for q in self.questions for header in q.headers}
