"""Read an XLSForm workbook as the codebook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, Question
from ngo_survey.errors import InputError, nearest

LANGUAGE = re.compile(r"^label::.*\((?P<code>[a-z]{2,3})\)$")
#: Types that hold answers, and those that only shape the form.
DATA = {
    "select_one", "select_multiple", "integer", "decimal", "text", "date", "datetime", "time",
    "start", "end", "today", "deviceid", "calculate", "rank", "range", "email", "phonenumber",
}  # fmt: skip
SHAPE = {"begin_group", "end_group", "begin group", "end group", "note"}
WITH_LIST = {"select_one", "select_multiple", "rank"}
FORMS = {"single", "multiple", "constant_sum", "rating", "scale", "number", "rank", "text", "none"}
DISCLOSURE = {"open", "internal", "identifier", "free_text"}

Row = dict[str, str]


def read_xlsform(path: Path, shown: str | None = None) -> Questionnaire:
    """Read the workbook ``path``; errors name it as ``shown``.

    The custom columns ``ngo_form``, ``ngo_battery``, ``ngo_role``, ``ngo_disclosure`` and
    ``ngo_title_<language>`` say how answers are analysed; field tools ignore them.

    Raises
    ------
    InputError: file or sheet missing, unknown type, list or form, a name used twice, a label
        missing in one of the languages.
    """
    file = shown or str(path)
    sheets = _sheets(path, file)
    survey, choices = sheets["survey"], sheets["choices"]
    languages = tuple(match["code"] for column in survey[0][1] if (match := LANGUAGE.match(column)))
    if not languages:
        raise InputError(
            "no language has labels",
            file=file,
            sheet="survey",
            hint="head a column like label::English (en)",
        )
    lists = _choice_lists(choices, languages, file)
    return _FormReader(file, languages, lists).read(survey)


def _sheets(path: Path, file: str) -> dict[str, list[tuple[int, Row]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    if not path.is_file():
        raise InputError(
            "the questionnaire is missing",
            file=file,
            hint="put the XLSForm there or name it in config.yaml",
        )
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise InputError(
            f"the questionnaire cannot be opened ({str(error).splitlines()[0]})",
            file=file,
            hint="save it again as .xlsx",
        ) from None
    found = {}
    for sheet in ("survey", "choices"):
        if sheet not in workbook.sheet_names:
            raise InputError(
                "the questionnaire lacks a sheet",
                file=file,
                value=sheet,
                hint=nearest(sheet, workbook.sheet_names),
            )
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        if not rows:
            raise InputError("the sheet is empty", file=file, sheet=sheet)
        head = [str(c).strip() for c in rows[0]]
        found[sheet] = [
            (number, {h: _text(v) for h, v in zip(head, row, strict=False) if h})
            for number, row in enumerate(rows[1:], start=2)
        ]
        found[sheet] = [(n, row) for n, row in found[sheet] if any(row.values())]
        if not found[sheet]:
            raise InputError("the sheet has no rows", file=file, sheet=sheet)
    return found


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _labels(
    row: Row, kind: str, languages: tuple[str, ...], needed: bool, place: dict[str, Any]
) -> dict[str, str]:
    labels = {}
    for language in languages:
        column = next(
            (c for c in row if c.startswith(f"{kind}::") and c.endswith(f"({language})")), ""
        )
        labels[language] = row.get(column, "")
        if needed and not labels[language]:
            raise InputError(
                "a label is missing",
                **place,
                column=column or f"{kind} ({language})",
                hint="write it in every language of the form",
            )
    return labels


def _choice_lists(
    rows: list[tuple[int, Row]], languages: tuple[str, ...], file: str
) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for number, row in rows:
        place: dict[str, Any] = {"file": file, "sheet": "choices", "row": number}
        name, choice = row.get("list_name", ""), row.get("name", "")
        if not name or not choice:
            raise InputError("a choice needs list_name and name", **place)
        known = lists.setdefault(name, [])
        if any(c.name == choice for c in known):
            raise InputError(
                f"the list {name} has this choice twice",
                **place,
                column="name",
                value=choice,
            )
        known.append(Choice(choice, _labels(row, "label", languages, True, place)))
    return {name: tuple(choices) for name, choices in lists.items()}


class _FormReader:
    """Walk down the survey sheet, group by group."""

    def __init__(
        self, file: str, languages: tuple[str, ...], lists: dict[str, tuple[Choice, ...]]
    ) -> None:
        self.file, self.languages, self.lists = file, languages, lists
        self.groups: list[tuple[str, str]] = []
        self.questions: dict[str, Question] = {}
        self.titles: dict[str, dict[str, str]] = {}
        self.wordings: dict[str, dict[str, str]] = {}

    def read(self, rows: list[tuple[int, Row]]) -> Questionnaire:
        for number, row in rows:
            place: dict[str, Any] = {"file": self.file, "sheet": "survey", "row": number}
            kind, _, listed = row.get("type", "").partition(" ")
            if row.get("type", "").replace(" ", "_") in ("begin_group", "end_group"):
                self._group(row, place)
            elif kind == "note":
                continue
            elif kind in DATA:
                self._question(row, kind, listed.strip(), place)
            else:
                raise InputError(
                    "this type of question is not known",
                    **place,
                    column="type",
                    value=row.get("type", ""),
                    hint=nearest(kind, DATA | SHAPE),
                )
        if self.groups:
            raise InputError(
                "a group has no end", file=self.file, sheet="survey", value=self.groups[-1][0]
            )
        return Questionnaire(self.questions, self.languages, self.titles, self.wordings, self.file)

    def _group(self, row: Row, place: dict[str, Any]) -> None:
        if row["type"].replace(" ", "_") == "end_group":
            if not self.groups:
                raise InputError("a group ends that never began", **place)
            self.groups.pop()
            return
        self.groups.append((row["name"], row.get("relevant", "")))
        battery = row.get("ngo_battery", "")
        if battery:
            self.wordings[battery] = _labels(row, "label", self.languages, True, place)
            self.titles[battery] = self._short(row, self.wordings[battery])

    def _short(self, row: Row, labels: dict[str, str]) -> dict[str, str]:
        return {
            language: row.get(f"ngo_title_{language}", "") or labels[language]
            for language in self.languages
        }

    def _one_of(self, row: Row, column: str, known: set[str], default: str, place: Any) -> str:
        value = row.get(column, "") or default
        if value not in known:
            raise InputError(
                f"no such {column[4:]}", **place, column=column, value=value,
                hint=nearest(value, known),
            )  # fmt: skip
        return value

    def _question(self, row: Row, kind: str, listed: str, place: dict[str, Any]) -> None:
        name = row.get("name", "")
        if not name:
            raise InputError("a question has no name", **place, column="name")
        if name in self.questions:
            raise InputError("two questions have this name", **place, column="name", value=name)
        if kind in WITH_LIST and listed not in self.lists:
            raise InputError(
                "no such list of choices",
                **place,
                column="type",
                value=listed,
                hint=nearest(listed, self.lists),
            )
        disclosure = row.get("ngo_disclosure", "") or "open"
        if kind == "rank" and disclosure == "open":
            raise InputError(
                "a field tool writes the places of a ranking into one cell, which no table reads",
                **place,
                column="type",
                value=row["type"],
                hint=f"write a question select_one {listed} for each place, {name}_1, {name}_2, "
                f"... (ngo_form rank, ngo_battery {name}), and split the column of the export at "
                "its spaces into these; or leave it out of the analysis: ngo_disclosure internal",
            )
        meta = kind in {"start", "end", "today", "deviceid", "calculate"}
        labels = _labels(row, "label", self.languages, not meta, place)
        if meta:
            labels = {language: label or name for language, label in labels.items()}
        conditions = [r for _, r in self.groups if r] + [row.get("relevant", "")]
        self.questions[name] = Question(
            name=name,
            type=kind,
            labels=labels,
            titles=self._short(row, labels),
            hints=_labels(row, "hint", self.languages, False, place),
            list_name=listed,
            choices=self.lists.get(listed, ()),
            group="/".join(group for group, _ in self.groups),
            battery=row.get("ngo_battery", ""),
            form=self._one_of(row, "ngo_form", FORMS, "none", place),
            role=row.get("ngo_role", ""),
            disclosure=self._one_of(
                row, "ngo_disclosure", DISCLOSURE, "internal" if meta else "open", place
            ),
            required=row.get("required", "").lower() in {"yes", "true", "true()"},
            relevant=" and ".join(f"({c})" for c in conditions if c),
            constraint=row.get("constraint", ""),
        )
