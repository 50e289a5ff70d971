"""Join the columns of an export to the questions of the questionnaire."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question, Questionnaire
from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest import missing
from ngo_survey.ingest.choice_headers import (
    ORDER_OF_LABELS,
    TWO_WAYS,
    by_header,
    note_words,
    two_choices,
    with_words,
)
from ngo_survey.ingest.dates import to_iso
from ngo_survey.ingest.formats import ROW_NUMBER
from ngo_survey.ingest.formats.coded import (
    labelled_numbers,
    names_or_labels,
    with_choices_called_missing,
)
from ngo_survey.ingest.known_headers import KnownHeaders
from ngo_survey.ingest.order import holds_labels, in_order
from ngo_survey.ingest.split import compare, join, no_words
from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools import ExportHeading, Tool
from ngo_survey.ingest.tools.heading import fold

logger = logging.getLogger(__name__)
OWN = "'s own"
#: What `ignore` says in place of a list: every column that is no question.
REST = "rest"
#: How a column is matched of which the study needs no answer.
DROPPED = "not kept"
#: How many strange columns an error names.
MOST_NAMED = 8


@dataclass(frozen=True)
class Responses:
    """Answers under the questionnaire's names, all text.

    Attributes
    ----------
    frame: ``respondent``, ``source_row`` and one column a question in the order of the form;
        missing is NaN.
    columns: ``header``, ``question``, ``choice``, ``matched`` (how).
    dialect: format and tool, in words.
    left_out: columns of what the form asks and nobody analyses (:mod:`.left_out`), as they stand
        in the export, by header. They are never written.
    by_header: questions whose answers are names of choices for sure, and from what they were read
        (:func:`.choice_headers.by_header`).
    with_words: questions that hold the words of "other" among their answers.
    """

    frame: pd.DataFrame
    columns: pd.DataFrame
    dialect: str = ""
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_header: Mapping[str, str] = field(default_factory=dict)
    with_words: frozenset[str] = frozenset()


def match(
    table: ExportTable,
    tool: Tool,
    questions: Questionnaire,
    options: Mapping[str, Any],
    kept: Collection[str] | None = None,
) -> Responses:
    """Match columns by the configured map, by name, or by wording in any language.

    Choices of many may come joined in one column or split into one column a choice. Labels stay
    labels (:mod:`ngo_survey.ingest.decode` reads them when answers are cleaned). Contact details
    and answers in words are dropped but for the questions ``kept`` (None: all are kept); that
    somebody wrote words beside "other" still ticks it.

    Raises
    ------
    InputError: a column that matches nothing and is not ignored, two columns of one question, a
        question without a column (contact details and paradata may be absent), a split column that
        says neither yes nor no.
    """
    report = match_columns(table, tool, questions, options)
    strange = report["matched"] == ""
    if options.get("ignore") == REST:
        report.loc[strange, "matched"] = "ignored"
    elif strange.any():
        raise _strangers(table, report.loc[strange, "header"].tolist(), questions)
    if (report["matched"] == TWO_WAYS).any():
        raise two_choices(table, report)
    written = getattr(tool, "NOT_SHOWN", "")
    table = missing.without_not_shown(table, written, questions, report, options)
    _note_orders(table, questions, report, options)
    note_words(report, questions, getattr(tool, "WORDS_AMONG_ANSWERS", False), options)
    found = report[report["question"] != ""]
    _refuse_twice(table, found)
    formats = (str(options["dates"]),) if "dates" in options else tool.DATES
    frame = _gather(table, questions, found, formats, options)
    dropped = [q.name for q in questions if q.private and kept is not None and q.name not in kept]
    if dropped:
        frame[[name for name in dropped if name in frame]] = None
        report.loc[report["question"].isin(dropped), ["question", "matched"]] = ["", DROPPED]
    left_out = report.loc[report["matched"] == "left out", "header"].tolist()
    beside = table.frame[left_out].reset_index(drop=True)
    known = by_header(report, questions)
    dialect = f"{table.dialect}; read as {tool.NAME}"
    return Responses(frame, report, dialect, beside, known, with_words(report))


def match_columns(
    table: ExportTable, tool: Tool, questions: Questionnaire, options: Mapping[str, Any]
) -> pd.DataFrame:
    """Return ``header``, ``question``, ``choice`` and ``matched`` (how) of every column.

    ``matched`` is "" for one that is no question and that nobody ignores.
    """
    named, ignore = options.get("columns", {}), options.get("ignore", [])
    ignored = set() if ignore == REST else set(ignore)
    known = KnownHeaders(questions, options)
    report = pd.DataFrame(
        [_one(table, tool, known, named, ignored, h) for h in map(str, table.frame.columns)],
        columns=["header", "question", "choice", "matched"],
    )
    _words_of_other(report, table, tool, known)
    # What the tool notes of its own answers a question only where no column of its own does.
    asked = set(report.loc[~report["matched"].str.endswith(OWN), "question"])
    spare = report["matched"].str.endswith(OWN) & report["question"].isin(asked)
    report.loc[spare, "question"] = ""
    return report


def _one(
    table: ExportTable,
    tool: Tool,
    known: KnownHeaders,
    named: Mapping[str, Any],
    ignored: set[str],
    header: str,
) -> tuple[str, str, str, str]:
    """Return header, question, choice and how they were found; the last is "" for a stranger."""
    if header in named:
        return header, *known.configured(str(named[header])), "configured"
    if header in ignored or header == ROW_NUMBER:
        return header, "", "", "ignored"
    headings = tool.heading(table, header)
    left_out = known.left_out.at(header)
    question, choice, how = ("", "", "") if left_out else known.find(headings)
    if question:
        return header, question, choice, how
    if left_out or known.left_out.like(header):
        return header, "", "", "left out"
    own = headings[0].question
    if own in tool.OWN:
        noted = tool.PARADATA.get(own, "")
        return header, noted if noted in known.names else "", "", f"{tool.NAME}{OWN}"
    return header, "", "", "empty" if (table.frame[header] == "").all() else ""


def _words_of_other(
    report: pd.DataFrame, table: ExportTable, tool: Tool, known: KnownHeaders
) -> None:
    """Take the one column of a question that is no choice of it for the words of "other".

    Tools head it in the language of the form: Autre (veuillez préciser), Otro (especifique).
    """
    wanted: dict[str, list[int]] = {}
    for place in report.index[report["matched"] == ""]:
        for heading in tool.heading(table, str(report.at[place, "header"])):
            question = known.find([ExportHeading(heading.question)])[0] if heading.part else ""
            if question and f"{question}_other" in known.names:
                wanted.setdefault(f"{question}_other", []).append(place)
                break
    for name, places in wanted.items():
        if len(places) == 1 and not (report["question"] == name).any():
            report.loc[places[0], ["question", "matched"]] = [name, "text of other"]


def _refuse_twice(table: ExportTable, found: pd.DataFrame) -> None:
    again = found.duplicated(["question", "choice"])
    if again.any():
        second = found[again].iloc[0]
        same = (found["question"] == second["question"]) & (found["choice"] == second["choice"])
        raise InputError(
            f"two columns hold the question {second['question']}",
            file=table.file,
            row=1,
            value=second["header"],
            hint=f"keep this one or {found.loc[same, 'header'].iloc[0]}",
        )


def _note_orders(
    table: ExportTable,
    questions: Questionnaire,
    report: pd.DataFrame,
    options: Mapping[str, Any],
) -> None:
    """Write beside the column of an order that it holds labels."""
    for battery in dict.fromkeys(q.battery for q in questions if q.place_of):
        for place in report.index[report["question"] == battery]:
            header = str(report.at[place, "header"])
            if holds_labels(table, questions.battery(battery), header, options):
                report.at[place, "matched"] = ORDER_OF_LABELS


def _strangers(table: ExportTable, strange: list[str], questions: Questionnaire) -> InputError:
    """Name every column that is no question, each with the nearest question."""
    spellings = {fold(t): q.name for q in questions for t in (q.name, *q.labels.values()) if t}
    said = []
    for header in strange[:MOST_NAMED]:
        last = fold(header.rpartition("/")[2])
        near = get_close_matches(last, spellings, n=1, cutoff=0.6)
        said.append(f"{header[:60]!r}" + (f" (perhaps {spellings[near[0]]})" if near else ""))
    more = len(strange) - len(said)
    listed = ", ".join(said) + (f" and {more} more" if more else "")
    what = "this column is no question" if len(strange) == 1 else "these columns are no questions"
    return InputError(
        f"{what} of the questionnaire: {listed}",
        file=table.file,
        row=1,
        hint="map them under sources.columns or list them under sources.ignore",
    )


def _ids(
    table: ExportTable,
    questions: Questionnaire,
    whole: Mapping[str, str],
    formats: tuple[str, ...],
    options: Mapping[str, Any],
) -> pd.Series:
    """Return the numbers of the invitations, or of the rows where the form asks for none."""
    question = questions.find_role("id")
    if question is None:
        logger.warning(
            "%s: no question has the role id: the row of the export stands for the interview",
            table.file,
        )
        rows = table.frame.index
        return pd.Series(rows.astype(str), index=rows, dtype=object)
    if question.name not in whole:
        raise InputError(
            "the export has no column of invitation numbers",
            file=table.file,
            row=1,
            value=question.name,
            hint="map its header under sources.columns",
        )
    return _column(table, question, whole[question.name], formats, options)


def _refuse_lost_digits(table: ExportTable, found: pd.DataFrame, ids: pd.Series) -> None:
    """Refuse numbers that a spreadsheet or a statistical package has rounded."""
    powers = ids.str.fullmatch(r"\d(?:[.,]\d+)?[eE]\+\d+")
    lost = [h for h in found["header"] if h in table.lossy]
    if not lost and not powers.any():
        return
    column = table.frame[lost[0]] if lost else ids
    long = column.str.fullmatch(r"\d{16,}.*") if lost else powers
    row = int(long.index[long.to_numpy().argmax()])
    raise InputError(
        "spreadsheets and statistical packages keep fifteen digits of a number: the last ones of "
        "this are lost",
        file=table.file,
        row=row,
        column=lost[0] if lost else str(ids.name),
        value=column.at[row],
        hint="export it as text, or as CSV that no spreadsheet has saved",
    )


def _gather(
    table: ExportTable,
    questions: Questionnaire,
    found: pd.DataFrame,
    formats: tuple[str, ...],
    options: Mapping[str, Any],
) -> pd.DataFrame:
    entire = found["choice"] == ""
    whole = dict(zip(found.loc[entire, "question"], found.loc[entire, "header"], strict=True))
    split = {
        str(name): dict(zip(part["choice"], part["header"], strict=True))
        for name, part in found[~entire].groupby("question", sort=False)
    }
    rows = table.frame.index
    ids = _ids(table, questions, whole, formats, options)
    _refuse_lost_digits(table, found, ids)
    columns: dict[str, Any] = {"respondent": ids, "source_row": rows}
    words: dict[str, pd.Series] = {}
    for battery in dict.fromkeys(q.battery for q in questions if q.place_of):
        if battery in whole:
            columns |= in_order(table, questions.battery(battery), whole[battery], options)
    _refuse_lacking(table, questions, {*columns, *whole, *split}, options)
    for question in questions:
        name = question.name
        if question.type == "derived" or name in columns:
            continue
        if name in split:
            beside = table.frame.get(whole.get(f"{name}_other", ""))
            columns[name], said = join(table, question, split[name], options, beside)
            if said is not None:
                words[f"{name}_other"] = said
            if name in whole:
                # Both are there: they must say the same, and the joined one keeps its order.
                compare(table, question, whole[name], columns[name])
                joined = table.frame[whole[name]]
                columns[name] = joined.where(joined != "", columns[name])
        elif name in whole:
            columns[name] = _column(table, question, whole[name], formats, options)
        else:
            columns[name] = pd.Series("", index=rows)
    _tick_other(columns, found, whole, split, questions, options)
    for name, said in words.items():
        if name in columns and (columns[name] == "").all():
            columns[name] = said
    frame = pd.DataFrame(columns, index=rows).reset_index(drop=True)
    return frame.astype(object).mask(frame == "", None)


def _refuse_lacking(
    table: ExportTable, questions: Questionnaire, held: Collection[str], options: Mapping[str, Any]
) -> None:
    """Name every question that no column holds: an order by its own name, once."""
    spared = {*held, *options.get("not_exported", ())}
    lacking = [
        q
        for q in questions
        if q.type != "derived" and q.disclosure == "open" and q.name not in spared
    ]
    if not lacking:
        return
    names = ", ".join(q.name for q in lacking)
    said = dict.fromkeys(q.place_of or (q.path if q.original else q.name) for q in lacking)
    value = ", ".join(said)
    way = (
        "Map the header under sources.columns, or, if the export leaves the question out: "
        f"sources.not_exported: [{names}]"
    )
    if len(said) > 1:
        raise InputError(
            f"{len(said)} questions of the questionnaire have no column: {value}",
            file=table.file,
            row=1,
            hint=way,
        )
    raise InputError(
        "a question of the questionnaire has no column",
        file=table.file,
        row=1,
        value=value,
        hint=f"{nearest(value, table.frame.columns)} {way}",
    )


def _column(
    table: ExportTable,
    question: Question,
    header: str,
    formats: tuple[str, ...],
    options: Mapping[str, Any],
) -> pd.Series:
    """Return the answers to a question that has one column."""
    column = table.frame[header]
    if question.type in ("start", "end") or question.role == "id":
        column = column.mask(column.str.strip().isin(missing.codes_of(question, options)), "")
    if question.type in ("start", "end"):
        return to_iso(column, formats, table.file, header)
    if question.type in ("integer", "decimal", "range") and header in table.codes:
        column = labelled_numbers(table, question, header, options)
    if question.choices and header in table.withheld:
        table = with_choices_called_missing(table, question, header, options)
        column = table.frame[header]
    if question.choices and table.codes:
        column = names_or_labels(table, question, header, options)
    if question.choices and options.get("float_codes"):
        # Whole numbers beside empty cells are floats to pandas: 1.0 is the choice 1.
        column = column.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)
    return column


def _tick_other(
    columns: dict[str, Any],
    found: pd.DataFrame,
    whole: Mapping[str, str],
    split: Mapping[str, Mapping[str, str]],
    questions: Questionnaire,
    options: Mapping[str, Any],
) -> None:
    """Tick "other" where its words stand and the question itself is empty.

    SurveyMonkey writes so, and whoever types beside a box without ticking it. A code that says that
    there is no answer is no word, nor is no.
    """
    for name in found.loc[found["question"].str.endswith("_other"), "question"]:
        of = name.removesuffix("_other")
        if of in whole and of not in split and "other" in questions.question(of).choice_names:
            empty = missing.codes_of(questions.question(name), options) | {""}
            beside = columns[name][(columns[of] == "") & (columns[name] != "")].astype(str)
            words = beside[~beside.str.strip().isin(empty) & ~beside.map(no_words).astype(bool)]
            columns[of] = columns[of].mask(columns[of].index.isin(words.index), "other")
