"""From an export, and a form if there is one, to the facts of a first configuration.

Pure functions on frames. :mod:`.folder` reads and writes.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.ingest.choices import Choices
from ngo_survey.ingest.matching import match_columns
from ngo_survey.ingest.table import ERROR, ExportTable
from ngo_survey.ingest.tools import Tool
from ngo_survey.study.declared_tables import KEYS
from ngo_survey.tables.declared import FORMS
from ngo_survey.workflow.new_study.candidates import (
    Asked,
    banner_candidates,
    consent_candidates,
    outcome_candidates,
    region_candidates,
)
from ngo_survey.workflow.new_study.config_text import Facts
from ngo_survey.workflow.new_study.draft import Draft
from ngo_survey.workflow.new_study.given_answers import GivenAnswers
from ngo_survey.workflow.new_study.roles import COMPLETE, DesignRoles, fieldwork, made_by_name
from ngo_survey.workflow.new_study.unique_names import slug

GROUP = "respondents"
#: Up to so many respondents the thresholds of a small study are proposed.
SMALL = 300
#: How many pictures a first report has.
MOST_FIGURES = 12
MOST_BARS = 15


@dataclass(frozen=True)
class Said:
    """What a person said, by option or when asked: "" or nothing where it is to be guessed."""

    title: str = ""
    label: str = ""
    languages: Sequence[str] = ("en",)
    banners: Sequence[str] | None = None
    disclosure: str = ""


@dataclass(frozen=True)
class Mapped:
    """How an export fits a form that was there before: what is joined, lacking and left over."""

    asked: tuple[Asked, ...]
    columns: Mapping[str, str]
    ignored: Mapping[str, str]
    not_exported: tuple[str, ...]
    unanswered: tuple[str, ...]


def of_draft(table: ExportTable, draft: Draft) -> tuple[Asked, ...]:
    """Return the drafted questions with their answers as they came."""
    return tuple(
        Asked(q.name, q.label, q.form, q.battery, table.frame[next(iter(q.headers))])
        for q in draft.questions
    )


def of_form(
    table: ExportTable,
    tool: Tool,
    questions: Questionnaire,
    language: str,
    design: Mapping[str, str],
) -> Mapped:
    """Hold an export against its form: what it lacks is said, what is no question is ignored.

    ``design`` are the names of the questions for columns of the design, by header.
    """
    columns = {h: name for h, name in design.items() if h != name}
    report = match_columns(table, tool, questions, {"columns": columns})
    ignored = {
        str(header): "no question of the form"
        for header in report.loc[report["matched"] == "", "header"]
    }
    found = report[report["question"] != ""]
    again = found.duplicated(["question", "choice"])
    ignored |= {str(header): "a second column of one question" for header in found[again]["header"]}
    found = found[~again]
    whole = dict(zip(found["question"], found["header"], strict=True))
    asked, lacking, unanswered = [], [], []
    for question in questions:
        headers = found.loc[found["question"] == question.name]
        if question.type == "derived":
            continue
        if headers.empty:
            if question.disclosure == "open":
                lacking.append(question.name)
                unanswered.append(question.battery or question.name)
            continue
        split = set(headers["choice"]) - {""}
        if split and "" not in set(headers["choice"]):
            lacking += [f"{question.name}/{c}" for c in question.choice_names if c not in split]
        cells = table.frame[headers["header"]]
        if (cells.apply(lambda c: c.str.strip()) == "").all(axis=None):
            unanswered.append(question.battery or question.name)
        label = question.labels.get(language) or question.name
        asked.append(
            Asked(question.name, label, question.form, question.battery,
                  table.frame[whole[question.name]])
        )  # fmt: skip
    batteries = {q.battery: [a for a in asked if a.battery == q.battery] for q in questions}
    tabled = {
        q.battery or q.name
        for q in questions
        if q.form in FORMS and q.disclosure == "open" and q.role not in KEYS
    }
    omitted = [n for n in dict.fromkeys(unanswered) if n in tabled and not batteries.get(n)]
    return Mapped(tuple(asked), columns, ignored, tuple(lacking), tuple(omitted))


def strange_answers(
    table: ExportTable, tool: Tool, questions: Questionnaire, design: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return answers that are no choice of the form, by list of choices, as they came."""
    columns = {header: name for header, name in design.items() if header != name}
    report = match_columns(table, tool, questions, {"columns": columns})
    whole = report[(report["question"] != "") & (report["choice"] == "")]
    found: dict[str, dict[str, None]] = {}
    for header, name in zip(whole["header"], whole["question"], strict=True):
        question = questions.question(name)
        if not question.choices:
            continue
        choices = Choices(question)
        many = question.type == "select_multiple"
        for text in GivenAnswers.of(table.frame[header]).distinct:
            if many:
                parts = [] if choices.many(text) else text.split()
                strange = [part for part in parts if not choices.one(part)]
            else:
                strange = [] if choices.one(text) else [text]
            found.setdefault(question.list_name, {}).update(dict.fromkeys(strange))
    return {listed: list(texts) for listed, texts in found.items() if texts}


def facts(
    table: ExportTable,
    roles: DesignRoles,
    said: Said,
    export: str,
    found: Draft | Mapped,
    asked: Sequence[Asked],
    weighting_names: Mapping[str, Sequence[str]],
) -> Facts:
    """Return what the configuration says.

    Parameters
    ----------
    export: name of the file.
    found: the drafted form, or how the export fits the form that there is.
    weighting_names: role -> names of the questions that have it.
    """
    stem = PurePath(export).stem
    rows = len(table.frame)
    regions = region_candidates(asked)
    banners = list(said.banners) if said.banners is not None else banner_candidates(asked)
    draft = found if isinstance(found, Draft) else None
    return Facts(
        id=slug(said.title or stem, "study").replace("_", "-"),
        export=export,
        title=said.title or stem.replace("_", " ").replace("-", " ").capitalize(),
        label=said.label or "Respondents",
        languages=list(said.languages),
        group=GROUP,
        questionnaire=f"data/raw/questionnaires/{GROUP}.xlsx",
        responses=f"data/raw/responses/{export}",
        seed=zlib.crc32(stem.encode()) % 10**8,
        fieldwork=_fieldwork(table, asked, draft.date_format if draft else ""),
        given=draft is None,
        columns=_columns(found) if isinstance(found, Draft) else found.columns,
        ignored=found.ignored,
        weighting=_weighting(table, roles, weighting_names),
        disclosure=_disclosure(said.disclosure, rows),
        sources=_sources(found, _errors(table)),
        proposed=draft.proposed if draft else {},
        dates=draft.dates if draft and not draft.date_format else (),
        banners=banners,
        banners_why="as asked for" if said.banners is not None else (
            "a few levels, each with respondents enough"
        ),
        regions=regions,
        outcomes=outcome_candidates(asked),
        consents=consent_candidates(asked),
        aliases={n: f"data/raw/aliases/{n}.csv" for n in (draft.aliases if draft else ())},
        omit=found.unanswered if isinstance(found, Mapped) else (),
        eligible=_eligible(asked) if draft else "",
        figures=_figures(asked, banners, said.languages),
    )  # fmt: skip


def alias_tables(draft: Draft) -> dict[str, pd.DataFrame]:
    """Return the tables of spellings by list of choices."""
    return {
        listed: pd.DataFrame(sorted(spelled.items()), columns=["alias", "choice"])
        for listed, spelled in draft.aliases.items()
    }


def _columns(draft: Draft) -> dict[str, str]:
    return {
        header: f"{q.name}/{choice}" if choice else q.name
        for q in draft.questions
        for header, choice in q.headers.items()
    }


def _fieldwork(
    table: ExportTable, asked: Sequence[Asked], form: str
) -> tuple[str, str, str] | None:
    for name in ("start", "end", "today"):
        column = next((q.answers for q in asked if q.name == name), None)
        days = None if column is None else fieldwork(column, form)
        if days is not None:
            return (*days, "first and last day in the export")
    return None


def _weighting(
    table: ExportTable, roles: DesignRoles, names: Mapping[str, Sequence[str]]
) -> tuple[object, str]:
    """Return the section `weighting`: the columns of the design that were found."""
    held = [role for role in ("weights", "strata", "psu", "fpc") if role in names]
    made: dict[str, object] = {role: names[role][0] for role in held}
    out = [f"{role}: {why}" for role, why in roles.kept_out.items()]
    if not made:
        none = [] if "weights" in roles.kept_out else ["no column of weights was found"]
        return "none", "; ".join([*out, *none, "every respondent counts alike"])
    why = "; ".join([*(f"{role}: {roles.reasons[roles.header(role)]}" for role in made), *out])
    if "strata" in made:
        stratum = table.frame[roles.header("strata")].str.strip()
        units = table.frame[roles.header("psu")].str.strip() if "psu" in made else table.frame.index
        if (pd.Series(units, index=stratum.index).groupby(stratum).nunique() < 2).any():
            made["lonely"] = "adjust"
            why += "; lonely: a stratum has one sampled unit"
    if "replicates" in names:
        columns, header = numbered(names["replicates"]), roles.header("replicates")
        known = made_by_name(header)
        if known:
            # Replicates say what single units and finite populations add.
            made = {key: made[key] for key in made if key not in ("fpc", "lonely")}
            made["replicates"] = {"columns": columns, **known}
            why += f"; replicates: {header} and others are called so, and add up to the weights"
        else:
            why += (
                f"; not used: replicate weights {header} and others: say how their producer made "
                f"them, replicates: {{columns: {columns}, type: ...}}"
            )
    return ({} if "weights" in made else {"weights": "none"}) | made, why


def numbered(names: Sequence[str]) -> str | list[str]:
    """Return names of one stem and a number as a pattern, others as they are."""
    stems = {name.rstrip("0123456789") for name in names}
    stem = stems.pop()
    return list(names) if stems or stem in names else f"{stem}*"


def _disclosure(said: str, rows: int) -> tuple[str, str]:
    if said:
        return said, "as asked for"
    if rows <= SMALL:
        return "small study", f"{rows} rows"
    return "public", f"{rows} rows"


def _errors(table: ExportTable) -> list[str]:
    """Return what a spreadsheet wrote where it could not compute."""
    held = {str(text) for column in table.frame for text in table.frame[column].unique()}
    return sorted(text for text in held if ERROR.search(text))


def _sources(found: Draft | Mapped, errors: list[str]) -> dict[str, tuple[object, str]]:
    made: dict[str, tuple[object, str]] = {}
    codes = [*errors, *(found.missing if isinstance(found, Draft) else ())]
    odd = found.odd if isinstance(found, Draft) else {}
    why = [
        "errors of a spreadsheet" if errors else "",
        "no answer, as databases write it" if len(codes) > len(errors) else "",
        "no numbers where others are, or by their labels no answer" if odd else "",
    ]
    if codes or odd:
        everywhere = {"all": codes} if codes else {}
        made["missing"] = ({**everywhere, **odd} if odd else codes, "; ".join(filter(None, why)))
    if isinstance(found, Mapped):
        if found.not_exported:
            made["not_exported"] = (list(found.not_exported), "the export has no column of these")
        return made
    if found.own_dates:
        rest = " or ".join(f for f in found.dates if f != found.own_dates)
        told = f"the field tool writes moments so; {rest} fits every row as well"
        made["dates"] = (found.own_dates, told)
    elif found.date_format:
        made["dates"] = (found.date_format, "it fits every row")
    if found.shares:
        made["shares"] = (list(found.shares), "the parts add up to 1, not to 100")
    return made


def _eligible(asked: Sequence[Asked]) -> str:
    """Return who finished, if a column of ones and zeros says it."""
    for question in asked:
        values = set(question.answers.str.strip()) - {""}
        if COMPLETE.search(question.label) and values <= {"0", "1"} and "1" in values:
            return f"${{{question.name}}} = '1'"
    return ""


def _figures(
    asked: Sequence[Asked], banners: Sequence[str], languages: Sequence[str]
) -> dict[str, Mapping[str, object]]:
    made: dict[str, Mapping[str, object]] = {}
    for question in asked:
        if question.form not in ("multiple", "scale") or question.battery:
            continue
        if question.name in banners or len(made) == MOST_FIGURES:
            continue
        title = dict.fromkeys(languages, question.label)
        if question.form == "multiple":
            drawn: dict[str, object] = {"kind": "bars", "analyses": [{"analysis": question.name}]}
        else:
            drawn = {"kind": "stacked", "analysis": question.name, "banners": list(banners[:1])}
        made[question.name] = {**drawn, "title": title}
    return made
