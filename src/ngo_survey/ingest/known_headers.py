"""Headers that a questionnaire knows: names, paths and wordings of questions, items and choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.choice_headers import choice_of, declared
from ngo_survey.ingest.left_out import MARKS, LeftOutColumns
from ngo_survey.ingest.tools import ExportHeading
from ngo_survey.ingest.tools.heading import OTHER, fold


class KnownHeaders:
    """Names and wordings of the questionnaire, folded.

    Parameters
    ----------
    options: the section ``sources``: ``answers`` says whether headers of choices are names.
    """

    def __init__(self, questions: Questionnaire, options: Mapping[str, Any] | None = None) -> None:
        self.questions = questions
        self.options = options or {}
        asked = [q for q in questions if q.type != "derived"]
        self.names = {q.name for q in asked}
        # The path parts questions of one name; what they are called here is no header.
        self.paths = {q.path.replace("/", m): q.name for q in asked if q.original for m in MARKS}
        self.full_paths = {q.path.replace("/", m): q.name for q in asked for m in MARKS}
        # An order is one column of an export and a question for each of its places here.
        self.orders = {q.place_of: q.battery for q in asked if q.place_of}
        self.paths |= {p.replace("/", m): own for p, own in self.orders.items() for m in MARKS}
        self.names |= set(self.orders.values())
        self.left_out = LeftOutColumns(questions.left_out, self.names)
        self.squashed = _unique((q.name.replace("_", "").casefold(), q.name) for q in asked)
        worded = [(q.labels, q.name) for q in asked if not q.place_of]
        worded += [(questions.battery_labels[own], own) for own in set(self.orders.values())]
        self.wordings = _unique((fold(t), own) for said, own in worded for t in said.values() if t)
        self.batteries = {
            **_unique(
                (fold(text), name)
                for name, labels in questions.battery_labels.items()
                for text in labels.values()
                if text
            ),
            **{name: name for name in questions.batteries},
            **{name.replace("_", "").casefold(): name for name in questions.batteries},
        }

    def configured(self, target: str) -> tuple[str, str]:
        """Read ``question`` or ``question/choice`` of the column map."""
        name, _, choice = target.partition("/")
        question = self.questions.question(name)
        if choice and choice not in question.choice_names:
            raise InputError(
                "the question has no such choice",
                column=f"sources.columns: {name}",
                value=choice,
                hint=nearest(choice, question.choice_names),
            )
        return name, choice

    def find(self, headings: Iterable[ExportHeading]) -> tuple[str, str, str]:
        """Return question, choice and how they were found.

        The whole header goes before its parts, and a choice before a question of the same name:
        ``ways/phone`` is the choice of ``ways``, unless the form has a group of that name.
        """
        headings = list(headings)
        whole = headings[0].question if headings and not headings[0].part else ""
        if name := self._name(whole) or self.full_paths.get(whole, ""):
            return name, "", "name"
        found = self._choice(headings)
        if found[0]:
            return found
        for heading in headings:
            if not heading.part:
                name = self._name(heading.question)
                if name:
                    return name, "", "name"
                continue
            found = self._part(heading)
            if found[0]:
                return found
        for heading in headings:
            if not heading.part:
                name = self.squashed.get(heading.question.casefold(), "")
                worded = self.wordings.get(fold(heading.question), "")
                if name and worded and name != worded:
                    continue  # the name of one, in other letter case, and the wording of another
                name = name or worded
                if name:
                    return name, "", "wording"
        return "", "", ""

    def _name(self, text: str) -> str:
        return self.paths.get(text) or (text if text in self.names else "")

    def _asked(self, heading: ExportHeading) -> tuple[str, bool | None]:
        """Return the question of a heading that has a part, and whether words say it.

        None stands for a name that is the wording as well.
        """
        text = fold(heading.question)
        name = self._name(heading.question) or self.squashed.get(text, "")
        worded = self.wordings.get(text, "")
        if (name or worded) in self.orders.values():
            return "", False
        return (name, None if name == worded else False) if name else (worded, True)

    def _choice(self, headings: Iterable[ExportHeading]) -> tuple[str, str, str]:
        """Return the choice of a question of many answers that a header names."""
        parts: dict[str, list[ExportHeading]] = {}
        worded: dict[str, bool | None] = {}
        for heading in headings:
            name, by_words = self._asked(heading) if heading.part else ("", False)
            if name and self.questions.question(name).type == "select_multiple":
                parts.setdefault(name, []).append(heading)
                worded.setdefault(name, by_words)
        for name, said in parts.items():
            how = declared(self.options, name)
            choice, found = choice_of(self.questions.question(name), said, worded[name], how)
            if choice:
                return name, choice, found
        return "", "", ""

    def _part(self, heading: ExportHeading) -> tuple[str, str, str]:
        text = fold(heading.question)
        name, _ = self._asked(heading)
        part = fold(heading.part)
        if name:
            question = self.questions.question(name)
            if part in OTHER and f"{name}_other" in self.names:
                return f"{name}_other", "", "text of other"
            if part in OTHER and question.many and "other" in question.choice_names:
                return name, "other", "choice"
        battery = self.batteries.get(heading.question) or self.batteries.get(text)
        if battery:
            for item in self.questions.battery(battery):
                said = {*item.labels.values(), *item.titles.values()}
                if part in {item.item, item.item.replace("_", ""), *(fold(t) for t in said)}:
                    return item.name, "", "item"
        return "", "", ""


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep what stands for one thing alone."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for text, name in pairs:
        if found.setdefault(text, name) != name:
            twice.add(text)
    return {text: name for text, name in found.items() if text not in twice}
