"""Write a drafted form as an XLSForm workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pandas as pd

from ngo_survey.codebook.xlsform_sheets import sheet_texts
from ngo_survey.errors import InputError
from ngo_survey.results.files import write_bytes
from ngo_survey.results.store import read_text_csv
from ngo_survey.workflow.new_study.draft import Draft, DraftQuestion
from ngo_survey.workflow.new_study.roles import NUMBERS, DesignRoles
from ngo_survey.workflow.new_study.unique_names import UniqueNames, choice_names

ANALYSIS = ("analysis_form", "analysis_battery", "analysis_role", "analysis_disclosure")
#: Pixels of a column.
WIDEST = 420
SELECT = ("select_one", "select_multiple")


def form_sheets(draft: Draft, languages: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the sheets ``survey`` and ``choices``.

    Labels stand under the first language; those of the others are left for a person to write.
    """
    labels = [f"label::{language}" for language in languages]
    rows = []
    for battery, members in groupby(draft.questions, key=lambda q: q.battery):
        items = list(members)
        if battery:
            heads = {"type": "begin_group", "name": battery, "analysis_battery": battery}
            rows.append(heads | {labels[0]: items[0].battery_label or battery})
        rows += [_row(question, labels[0]) for question in items]
        if battery:
            rows.append({"type": "end_group"})
    columns = ["type", "name", *labels, *ANALYSIS, "guessed"]
    survey = pd.DataFrame(rows).reindex(columns=columns)
    lists = {q.list_name: q.choices for q in draft.questions if q.list_name}
    choices = [
        {"list_name": listed, "name": name, labels[0]: label}
        for listed, labelled in lists.items()
        for name, label in labelled.items()
    ]
    return {
        "survey": survey,
        "choices": pd.DataFrame(choices, columns=["list_name", "name", labels[0]]).reindex(
            columns=["list_name", "name", *labels]
        ),
    }


def _row(question: DraftQuestion, label: str) -> dict[str, str]:
    listed = f" {question.list_name}" if question.type in SELECT else ""
    return {
        "type": question.type + listed,
        "name": question.name,
        label: question.label or question.name,
        "analysis_form": question.form,
        "analysis_battery": question.battery,
        "analysis_role": question.role,
        "analysis_disclosure": question.disclosure,
        "guessed": question.why,
    }


def given_form(form: Path) -> dict[str, pd.DataFrame]:
    """Return the sheets of a form that somebody gave, as text.

    Of a form that is kept as CSV, the sheet ``survey`` is given, and ``choices.csv`` and
    ``settings.csv`` are taken from beside it.

    Raises
    ------
    InputError: there is no such file, or it is no form.
    """
    if form.suffix.casefold() != ".csv":
        sheets = sheet_texts(form, form.name)
        return {n: pd.DataFrame(rows[1:], columns=rows[0]) for n, rows in sheets.items()}
    if not form.is_file():
        raise InputError("the form is missing", file=form, hint="correct --form")
    beside = {name: form.with_name(f"{name}.csv") for name in ("choices", "settings")}
    found = {"survey": form} | {name: file for name, file in beside.items() if file.is_file()}
    return {name: read_text_csv(file).fillna("") for name, file in found.items()}


def with_design(
    sheets: Mapping[str, pd.DataFrame], roles: DesignRoles
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Add a question for each column of the design that a form does not ask for.

    A weight is often made after the field work. Returns the sheets, and the name of the question
    for each column of the design by header.
    """
    survey = sheets["survey"]
    taken = set(survey["name"]) if "name" in survey else set()
    names, rows = {header: header for header in roles.columns if header in taken}, []
    given = UniqueNames(taken)
    for header, role in roles.columns.items():
        if header in names:
            continue
        names[header] = given.give(header, role)
        kind = "decimal" if role in NUMBERS else "text"
        row = {"type": kind, "name": names[header], "analysis_form": "none"}
        row["analysis_role"] = "id" if role == "id" else ""
        rows.append(row | {"analysis_disclosure": "internal"})
    if not rows:
        return dict(sheets), names
    return {**sheets, "survey": pd.concat([survey, pd.DataFrame(rows)]).fillna("")}, names


def with_choices(
    sheets: Mapping[str, pd.DataFrame], strange: Mapping[str, Sequence[str]]
) -> dict[str, pd.DataFrame]:
    """Add answers of the export that are no choice of a form to its lists.

    ``strange`` holds them by list. They are called as they came, and marked as guessed.
    """
    choices = sheets["choices"]
    listed = "list_name" if "list_name" in choices else choices.columns[0]
    labels = [head for head in choices if head.startswith(("label", "caption"))]
    why = "in the export, not in the form"
    rows = []
    for name, texts in strange.items():
        taken = choices.loc[choices[listed] == name, "name"]
        for choice, text in choice_names(texts, taken).items():
            rows.append(
                {listed: name, "name": choice, "guessed": why} | dict.fromkeys(labels, text)
            )
    return {**sheets, "choices": pd.concat([choices, pd.DataFrame(rows)]).fillna("")}


def write_form(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write the sheets as a workbook."""
    stream = io.BytesIO()
    # A label may begin with an equals sign.
    plain = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs=plain) as book:
        for name, frame in sheets.items():
            frame.to_excel(book, sheet_name=name, index=False)
            book.sheets[name].freeze_panes(1, 0)
            book.sheets[name].autofit(WIDEST)
    write_bytes(stream.getvalue(), path)
