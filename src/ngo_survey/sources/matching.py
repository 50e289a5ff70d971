"""Join the headers of an export to the questions of the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.questionnaire import Question, Questionnaire
from ngo_survey.sources.table import Table

#: Columns that field tools add to every export.
TOOL_COLUMNS = {
    "__version__", "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "_tags", "_index", "_attachments", "_geolocation", "meta/instanceID",
    "meta/rootUuid", "formhub/uuid", "KEY", "SubmissionDate", "instanceID", "SubmitterID",
    "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
    "DeviceID", "Edits", "FormVersion",
}  # fmt: skip


@dataclass(frozen=True)
class Responses:
    """Answers under the questionnaire's names, all text.

    Attributes
    ----------
    frame: ``respondent``, ``source_row`` and one column a question in the order of the form;
        missing is NaN.
    columns: ``header``, ``question``, ``matched`` (how).
    """

    frame: pd.DataFrame
    columns: pd.DataFrame


def match(table: Table, questions: Questionnaire, options: Mapping[str, Any]) -> Responses:
    """Match headers by name, group path, the configured map, or label in any language.

    Choices of many may come joined in one column or split into one 0/1 column a choice
    (``spheres/health``).

    Raises
    ------
    InputError: a column that matches nothing and is not ignored, two columns of one question, a
        question without a column (contact details and paradata may be absent).
    """
    by_label = _labels(questions)
    named, ignored = options.get("columns", {}), set(options.get("ignore", []))
    found: dict[str, str] = {}
    split: dict[str, dict[str, str]] = {}
    report = []
    for header in table.frame.columns:
        question, how = _match_one(header, questions, by_label, named)
        if question and how == "choice of many":
            split.setdefault(question, {})[header.rpartition("/")[2]] = header
        elif question and question in found:
            raise InputError(
                f"two columns hold the question {question}",
                file=table.file,
                row=1,
                value=header,
                mend=f"keep this one or {found[question]}",
            )
        elif question:
            found[question] = header
        elif header in TOOL_COLUMNS:
            how = "field tool"
        elif header in ignored:
            how = "ignored"
        elif (table.frame[header] == "").all():
            how = "empty"
        else:
            raise InputError(
                "this column is no question of the questionnaire",
                file=table.file,
                row=1,
                column=header,
                mend=f"{nearest(header.rpartition('/')[2], questions.questions)} "
                "Map it under sources.columns or list it under sources.ignore",
            )
        report.append({"header": header, "question": question, "matched": how})
    frame = _gather(table, questions, found, split)
    return Responses(frame, pd.DataFrame(report))


def _labels(questions: Questionnaire) -> dict[str, str]:
    labels: dict[str, str] = {}
    twice: set[str] = set()
    for question in questions:
        for label in {question.name, *question.labels.values()} - {""}:
            if labels.get(label.casefold(), question.name) != question.name:
                twice.add(label.casefold())
            labels[label.casefold()] = question.name
    return {label: name for label, name in labels.items() if label not in twice}


def _match_one(
    header: str, questions: Questionnaire, by_label: Mapping[str, str], named: Mapping[str, str]
) -> tuple[str, str]:
    if header in named:
        return questions.question(named[header]).name, "configured"
    if header in questions:
        return header, "name"
    path, _, last = header.rpartition("/")
    parent = path.rpartition("/")[2]
    many = parent in questions and questions.question(parent).type == "select_multiple"
    if many and last in questions.question(parent).choice_names:
        return parent, "choice of many"
    if last in questions:
        return last, "group and name"
    if header.casefold() in by_label:
        return by_label[header.casefold()], "label"
    return "", ""


def _gather(
    table: Table,
    questions: Questionnaire,
    found: Mapping[str, str],
    split: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    id_question = questions.by_role("id").name
    if id_question not in found:
        raise InputError(
            "the export has no column of invitation numbers",
            file=table.file,
            row=1,
            value=id_question,
            mend="map its header under sources.columns",
        )
    rows = table.frame.index
    columns: dict[str, Any] = {"respondent": table.frame[found[id_question]], "source_row": rows}
    for question in questions:
        if question.type == "derived":
            continue
        if question.name in found:
            columns[question.name] = table.frame[found[question.name]]
        elif question.name in split:
            columns[question.name] = _joined(table, question, split[question.name])
        elif question.disclosure == "open":
            raise InputError(
                "a question of the questionnaire has no column",
                file=table.file,
                row=1,
                value=question.name,
                mend=f"{nearest(question.name, table.frame.columns)} "
                "Map the header under sources.columns",
            )
        else:
            columns[question.name] = pd.Series("", index=rows)
    return pd.DataFrame(columns, index=rows).replace("", None).astype(object).reset_index(drop=True)


def _joined(table: Table, question: Question, headers: Mapping[str, str]) -> pd.Series:
    """Join 0/1 columns to names in the order of the choices."""
    truth = {"1", "true", "yes", "1.0"}
    parts = [
        table.frame[headers[c]].str.lower().isin(truth).map({True: f"{c} ", False: ""})
        for c in question.choice_names
        if c in headers
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + part
    return joined.str.strip()
