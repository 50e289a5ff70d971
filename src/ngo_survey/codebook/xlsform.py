"""Read an XLSForm workbook as the codebook: any form that KoboToolbox and ODK take.

What nobody analyses is known and left out (:mod:`ngo_survey.codebook.xlsform_types`), what the form
does not say of its analysis is inferred (:mod:`ngo_survey.codebook.inference`), and all faults are
reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ngo_survey.codebook.inference import REFERENCE, FormGroup, infer
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, FormRule, Labels, LeftOut, Question
from ngo_survey.codebook.xlsform_choices import choice_lists
from ngo_survey.codebook.xlsform_findings import Findings, shortened
from ngo_survey.codebook.xlsform_names import named, names_now, renamed, rules_renamed
from ngo_survey.codebook.xlsform_sheets import (
    ANALYSIS,
    RULES,
    TITLE,
    YES,
    FormSheets,
    SheetRow,
    read_sheets,
)
from ngo_survey.codebook.xlsform_types import (
    ANSWERS,
    IDENTIFIERS,
    ONCE,
    RECORDED,
    SETTINGS,
    UNANALYSED,
    WRITTEN,
    FormType,
    read_type,
    unfit,
)
from ngo_survey.errors import nearest

#: What the columns ``analysis_`` may say.
FORMS = {"single", "multiple", "constant_sum", "rating", "scale", "number", "rank", "text", "none"}
DISCLOSURE = {"open", "internal", "identifier", "free_text"}
ROLES = {"id", "consent", "stratum"}
ALLOWED = {"analysis_form": FORMS, "analysis_disclosure": DISCLOSURE, "analysis_role": ROLES}
#: What a form is asked to add, in its own words.
OTHER, SPECIFY = "Other", "Specify other."
NAME = re.compile(r"[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?")
#: The columns in which KoboToolbox names the list of a rating or ranking matrix.
KOBO_LISTS = {"score": "kobo--score-choices", "rank": "kobo--rank-items"}


def read_xlsform(path: Path, shown: str | None = None, language: str = "") -> Questionnaire:
    """Read the workbook ``path``; errors name it as ``shown``.

    The columns ``analysis_form``, ``analysis_battery``, ``analysis_role``, ``analysis_disclosure``
    and ``analysis_title_<language>`` say how answers are analysed; field tools ignore them, and
    what they leave empty is inferred.

    Parameters
    ----------
    language: the language of words of which the form does not say it.

    Raises
    ------
    InputError: the file or the sheet ``survey`` is missing; every fault of the form at once (a type
        nobody knows, a list that is not there, a name used twice in one group...).
    """
    sheets = read_sheets(path, shown or str(path), language)
    return _FormReader(sheets).read()


@dataclass
class _Container:
    """A group or repeat that is open: its place, its condition, what lies directly in it."""

    row: SheetRow
    kind: str
    name: str
    path: str
    relevant: str
    names: set[str] = field(default_factory=set)
    nested: bool = False


class _FormReader:
    """Walk down the survey sheet, group by group; faults are collected, not raised."""

    def __init__(self, sheets: FormSheets) -> None:
        self.sheets, self.languages = sheets, sheets.languages
        self.found = Findings(sheets)
        self.lists = choice_lists(self.found, "choices")
        self.external = choice_lists(self.found, "external_choices")
        self.open = [_Container(sheets.rows["survey"][0], "form", "", "", "")]
        self.asked: list[Question] = []
        self.left_out: list[LeftOut] = []
        self.groups: list[_Container] = []
        self.titles: dict[str, Labels] = {}
        self.wordings: dict[str, Labels] = {}
        self.rules: dict[str, str] = {}

    def read(self) -> Questionnaire:
        for row in self.sheets.rows["survey"]:
            if row["disabled"].casefold() in YES or row["type"] in SETTINGS:
                continue
            if not row["type"]:
                # A row between others, or somebody's comment.
                if row["name"] or row.label:
                    self.found.fault("this row has no type", row, "type", hint="text, integer...")
                continue
            self._row(row)
        for container in self.open[1:]:
            self.found.fault(
                "what begins here has no end", container.row, "type", container.row["type"],
                f"add a row end_{container.kind} below it",
            )  # fmt: skip
        questions = named(self.asked)
        self._ambiguous(questions)
        if self.found.faults:
            self._unreadable(questions)
            self.found.refuse()
        return self._questionnaire(rules_renamed(questions))

    # -- rows ------------------------------------------------------------------------------------

    def _row(self, row: SheetRow) -> None:
        said = read_type(row["type"])
        if said is None:
            kind = row["type"].split()[0]
            self.found.fault(
                "this type of question is not known", row, "type", row["type"],
                nearest(kind, WRITTEN),
            )  # fmt: skip
        elif said.container and said.name == "end":
            self._end(row, said)
        elif self._name(row, said):
            if said.name == "begin":
                self._begin(row, said)
            elif self._repeated():
                path = f"{self.open[-1].path}/{row['name']}"
                self.left_out.append(LeftOut(row["name"], path, "repeated", row.label))
            else:
                self._question(row, said)

    def _name(self, row: SheetRow, said: FormType) -> bool:
        """Whether a row has a name of its own in its group; notes and audits need none."""
        name, names = row["name"], self.open[-1].names
        if not name:
            if said.name in ("note", "audit"):
                return True
            self.found.fault("this row has no name", row, "name", hint="give it one")
        elif not NAME.fullmatch(name):
            self.found.fault(
                "this is no name for a question", row, "name", name,
                "begin with a letter; letters, digits, underscores, hyphens and points",
            )  # fmt: skip
        elif name in names:
            self.found.fault(
                "two questions have this name in one group", row, "name", name, "rename one"
            )
        else:
            names.add(name)
            return True
        if said.name == "begin":
            self._begin(row, said)  # so that its end finds it
        return False

    def _begin(self, row: SheetRow, said: FormType) -> None:
        above = self.open[-1]
        above.nested = True
        path = "/".join(filter(None, [above.path, row["name"]]))
        repeated = self._repeated()
        group = _Container(row, said.container, row["name"], path, row["relevant"])
        self.open.append(group)
        if repeated:
            self.left_out.append(LeftOut(row["name"], path, "repeated", row.label))
            return
        kind = "group" if said.container in ONCE else "repeat"
        self.left_out.append(LeftOut(row["name"], path, kind, row.label))
        if kind == "group":
            self.groups.append(group)
        battery = row["analysis_battery"]
        if battery:
            self.wordings[battery] = self._labels(row)
            self.titles[battery] = self._titles(row, self.wordings[battery])
        if said.container in KOBO_LISTS:
            self.left_out.append(LeftOut(f"{row['name']}_header", f"{path}_header", "note"))

    def _end(self, row: SheetRow, said: FormType) -> None:
        group = self.open[-1]
        if len(self.open) == 1:
            self.found.fault(
                "this ends what never began", row, "type", row["type"], "take the row out"
            )
            return
        if group.kind != said.container:
            self.found.fault(
                f"this ends the {group.kind} {group.name} of row {group.row.number}", row, "type",
                row["type"], f"write end_{group.kind}, or add it above",
            )  # fmt: skip
        self.open.pop()

    def _question(self, row: SheetRow, said: FormType) -> None:
        """Read a question, or note that it is left out."""
        said, choices = self._choices(row, said)
        group = self.open[-1]
        name = row["name"] or said.name
        kind = said.name
        if kind in ("calculate", "note"):
            self.rules.setdefault(name, row["calculation"] or row["relevant"])
        if kind == "rank":
            self._places(row, said, choices)
            return
        # A row that says how it is analysed holds an answer, whatever its type.
        silent = not any(row[column] for column in ANALYSIS)
        if silent and (kind in UNANALYSED or kind in IDENTIFIERS):
            path = "/".join(filter(None, [group.path, name]))
            self.left_out.append(LeftOut(name, path, kind, row.label))
            return
        written = {column: self._one_of(row, column, known) for column, known in ALLOWED.items()}
        labels = self._labels(row, kind in RECORDED)
        conditions = [g.relevant for g in self.open if g.relevant] + [row["relevant"]]
        battery = row["analysis_battery"]
        form = written["analysis_form"]
        why, instead = unfit(form, kind, [choice.name for choice in choices])
        if why and (choices or not kind.startswith("select")):
            self.found.fault(why, row, "analysis_form", form, instead)
        if group.kind == "rank" and not (battery or form):
            battery, form = group.name, "rank"
            self.wordings[battery] = self._labels(group.row)
            self.titles[battery] = self._titles(group.row, self.wordings[battery])
        question = Question(
            name=name,
            type=kind,
            labels=labels,
            titles=self._titles(row, labels),
            hints={language: row.hint.get(language, "") for language in self.languages},
            list_name=said.list_name if choices else "",
            choices=choices,
            group=group.path,
            battery=battery,
            form=form,
            role=written["analysis_role"],
            disclosure=written["analysis_disclosure"],
            required=row["required"].casefold() in YES,
            relevant=" and ".join(f"({c})" for c in conditions if c),
            constraint=row["constraint"],
            appearance=row["appearance"],
            row=row.number,
        )
        self.asked.append(question)
        if said.other:
            self._other(question)

    def _places(self, row: SheetRow, said: FormType, choices: tuple[Choice, ...]) -> None:
        """Add a question for each place of an order, which comes in one cell of an export."""
        name, group = row["name"], self.open[-1]
        path = "/".join(filter(None, [group.path, name]))
        # Rules that name the order itself are not evaluated.
        self.left_out.append(LeftOut(name, path, "rank", row.label))
        if name in self.wordings:
            self.found.fault("a battery has this name already", row, "name", name, "rename one")
        self.wordings[name] = self._labels(row)
        self.titles[name] = self._titles(row, self.wordings[name])
        conditions = [g.relevant for g in self.open if g.relevant] + [row["relevant"]]
        for place in range(1, len(choices) + 1):
            one = f"{name}_{place}"
            if one in group.names:
                self.found.fault(
                    f"a question has the name that place {place} of this order takes",
                    row, "name", one, "rename one",
                )  # fmt: skip
            group.names.add(one)
            labels = dict.fromkeys(self.languages, str(place))
            self.asked.append(
                Question(
                    name=one, type="select_one", labels=labels, titles=labels,
                    hints=dict.fromkeys(self.languages, ""), list_name=said.list_name,
                    choices=choices, group=group.path, battery=name, form="rank",
                    disclosure=self._one_of(
                        row, "analysis_disclosure", ALLOWED["analysis_disclosure"]
                    ) or "open",
                    required=row["required"].casefold() in YES,
                    relevant=" and ".join(f"({c})" for c in conditions if c),
                    place_of=path, row=row.number if place == 1 else 0,
                )
            )  # fmt: skip

    def _other(self, question: Question) -> None:
        """Add the question for the words of "other", as the form does."""
        name = f"{question.name}_other"
        if name in self.open[-1].names:
            return
        self.open[-1].names.add(name)
        labels = dict.fromkeys(self.languages, SPECIFY)
        asked = f"selected(${{{question.name}}}, 'other')"
        self.asked.append(
            Question(
                name=name, type="text", labels=labels, titles=labels, group=question.group,
                hints=dict.fromkeys(self.languages, ""), form="text", disclosure="free_text",
                relevant=f"{question.relevant} and ({asked})" if question.relevant else asked,
            )
        )  # fmt: skip

    # -- choices ---------------------------------------------------------------------------------

    def _choices(self, row: SheetRow, said: FormType) -> tuple[FormType, tuple[Choice, ...]]:
        """Return the type of a question that chooses, under the name of what it gives."""
        kind, listed = said.name, said.list_name
        container = self.open[-1].kind
        if container in KOBO_LISTS and not listed and kind in ("select_one", "rank__level"):
            kind, listed = "select_one", self.open[-1].row[KOBO_LISTS[container]]
        if kind in ANSWERS or kind in IDENTIFIERS or (kind in UNANALYSED and kind != "rank"):
            return said, ()
        if kind.endswith("_from_file") or listed.startswith("${"):
            # Choices lie in a file or in other answers: what comes is the text of one, or several.
            self.found.notes.append(
                f"the choices of {row['name']}, which lie in {listed}: its answers are read as text"
            )
            return FormType("text"), ()
        external = kind == "select_one_external"
        sheet, known = ("external_choices", self.external) if external else ("choices", self.lists)
        choices = known.get(listed, ())
        if not listed or listed not in known:
            self.found.fault(
                f"there is no such list in the sheet {sheet}" if listed else "this names no list",
                row, "type", listed or row["type"], nearest(listed, known),
            )  # fmt: skip
        kind = "select_one" if external else kind
        spaced = [c.name for c in choices if len(c.name.split()) > 1]
        if kind == "select_multiple" and spaced:
            self.found.fault(
                f"a choice of the list {listed} has a space in its name, and many may be chosen",
                row, "type", spaced[0], "write an underscore in its place",
            )  # fmt: skip
        if said.other and not any(c.name == "other" for c in choices):
            choices = (*choices, Choice("other", dict.fromkeys(self.languages, OTHER)))
        return replace(said, name=kind, list_name=listed), choices

    # -- words -----------------------------------------------------------------------------------

    def _labels(self, row: SheetRow, wordless: bool = False) -> Labels:
        """Return the words of a row, or those of its hint, or its name."""
        if wordless:
            return {code: row.label.get(code) or row["name"] for code in self.languages}
        return self.found.words(row.label or row.hint, row["name"], row["name"])

    def _titles(self, row: SheetRow, labels: Labels) -> Labels:
        return {code: row[TITLE + code.casefold()] or labels[code] for code in self.languages}

    # -- the whole form --------------------------------------------------------------------------

    def _ambiguous(self, questions: Mapping[str, Question]) -> None:
        """Note each rule that names a question of which there are several."""
        now = names_now(questions)
        for row in self.sheets.rows["survey"]:
            for column in RULES:
                for name in REFERENCE.findall(row[column]):
                    if len(now.get(name, ())) > 1:
                        self.found.fault(
                            "several questions have this name", row, column, name,
                            "rename the one that is meant",
                        )  # fmt: skip

    def _unreadable(self, questions: Mapping[str, Question]) -> None:
        """Add the faults of rules to those of rows; a name of a row at fault is none of them."""
        # Read for this alone: rules are parsed where they are used.
        from ngo_survey.codebook.expressions import rule_faults

        rows = [row["name"] for row in self.sheets.rows["survey"] if row["name"]]
        named = tuple(LeftOut(name, name, "") for name in rows)
        file, rules = self.sheets.file, self._rules(questions)
        book = Questionnaire(
            questions, self.languages, {}, {}, file, (*self.left_out, *named), rules
        )
        self.found.faults += rule_faults(book)

    def _rules(self, questions: Mapping[str, Question]) -> tuple[FormRule, ...]:
        """Return the rules of what is read: of groups, and of questions, by their names here."""
        now = {own: names[0] for own, names in names_now(questions).items()}
        made = [
            FormRule(g.row.number, "relevant", renamed(g.relevant, now))
            for g in self.groups
            if g.relevant
        ]
        rows = {row.number: row for row in self.sheets.rows["survey"]}
        for name, question in questions.items():
            # What the form adds itself has no row.
            for column in RULES if question.row else ():
                text = renamed(rows[question.row][column], now)
                made += [FormRule(question.row, column, text, name)] if text else []
        return tuple(sorted(made, key=lambda rule: rule.row))

    def _groups(self, questions: Mapping[str, Question]) -> Iterable[FormGroup]:
        for group in self.groups:
            said = group.row.label
            spare = next(iter(said.values()), group.name)
            labels = {code: said.get(code) or spare for code in self.languages}
            inside = tuple(name for name, q in questions.items() if q.group == group.path)
            titles = self._titles(group.row, labels)
            yield FormGroup(
                group.name, group.path, labels, titles, group.row.hint, inside, group.nested
            )

    def _questionnaire(self, questions: dict[str, Question]) -> Questionnaire:
        groups = list(self._groups(questions))
        identifying = {one.name for one in self.left_out if one.type in IDENTIFIERS}
        found = infer(questions, groups, self.rules, identifying)
        titles, wordings = {**self.titles, **found.titles}, {**self.wordings, **found.wordings}
        around = {group.path: group for group in groups}
        for question in found.questions.values():
            battery = question.battery
            if battery and battery not in titles:
                # Its questions name a battery, but no group does.
                group = around.get(question.group)
                plain = dict.fromkeys(self.languages, battery)
                titles[battery] = group.titles if group else plain
                wordings[battery] = group.labels if group else plain
        return Questionnaire(
            found.questions,
            self.languages,
            titles,
            wordings,
            self.sheets.file,
            tuple(self.left_out),
            self._rules(questions),
            (*self._not_read(), *found.notes),
        )

    def _not_read(self) -> Iterable[str]:
        """Say what is not read, and which words are lacking."""
        repeats = [one.name for one in self.left_out if one.type == "repeat"]
        if repeats:
            yield f"not read: the answers in repeats: {shortened(repeats)}"
        spoken = ("repeat", "repeated", "group", "note", "rank")
        silent = [f"{one.name} ({one.type})" for one in self.left_out if one.type not in spoken]
        if silent:
            yield f"not read, having no answer to analyse: {shortened(silent)}"
        yield from self.found.remarks()

    def _repeated(self) -> bool:
        return any(g.kind not in ONCE and g.kind != "form" for g in self.open)

    def _one_of(self, row: SheetRow, column: str, known: set[str]) -> str:
        value = row[column]
        if value and value not in known:
            what = column.removeprefix("analysis_")
            self.found.fault(f"there is no such {what}", row, column, value, nearest(value, known))
            return ""
        return value
