"""The verb `new`: an export in, a study that runs out, every guess marked as one.

The only verb that asks: at most seven questions, on a terminal, each with a default that the return
key takes and an option that answers it. It ends with `check`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.table import ExportTable, check_headers
from ngo_survey.ingest.tools import Tool, find
from ngo_survey.study import Study
from ngo_survey.workflow.new_study.candidates import Asked, banner_candidates
from ngo_survey.workflow.new_study.config_text import config_text
from ngo_survey.workflow.new_study.draft import Draft
from ngo_survey.workflow.new_study.drafting import draft_form
from ngo_survey.workflow.new_study.folder import refuse_filled, write_example, write_study
from ngo_survey.workflow.new_study.form import (
    form_sheets,
    given_form,
    with_choices,
    with_design,
    write_form,
)
from ngo_survey.workflow.new_study.proposal import (
    Mapped,
    Said,
    alias_tables,
    facts,
    of_draft,
    of_form,
    strange_answers,
)
from ngo_survey.workflow.new_study.roles import CALLED, DesignRoles, guess_roles

#: Columns of the design that options may name.
ROLES = ("id", *CALLED)
PRESETS = ("public", "small study", "internal")


@dataclass(frozen=True)
class Options:
    """What the command line said; None where it is asked for, or guessed.

    Attributes
    ----------
    design: role (``id``, ``weights``...) -> header of the export, or ``none``.
    banners: questions in the columns of tables.
    """

    export: Path
    form: Path | None
    title: str | None
    label: str | None
    languages: Sequence[str] | None
    design: Mapping[str, str]
    banners: Sequence[str] | None
    disclosure: str | None


def run(folder: Path, options: Options | None, ask: bool) -> int:
    """Write a study of an export into a new folder, and check it.

    ``options`` None copies the worked example. With ``ask`` what no option says is asked for on the
    terminal; else the guesses are taken. Returns 1 where the study cannot run as it stands.
    """
    refuse_filled(folder)
    if options is None:
        write_example(folder)
    else:
        _write(folder, options, _asker() if ask else _silent)
    guessed = "" if options is None else "; what is guessed says so in it"
    print(f"{folder / 'config.yaml'} is written{guessed}")
    from ngo_survey.workflow.verbs.check import run as check

    broken = check(Study.load(folder / "config.yaml"))
    if broken:
        print(f"next: correct what cannot run, then: cd {folder} && ngo-survey check")
    else:
        print(f"next: cd {folder} && snakemake --cores 2")
    return broken


def _write(folder: Path, options: Options, ask: Asker) -> None:
    table, tool = _read(options.export)
    said = Said(
        title=ask("Title of the study", options.title, _words(folder.absolute().name)),
        label=ask("Who answered, in a word", options.label, "Respondents"),
        languages=_languages(ask, options),
    )
    own = guess_roles(table, tool.OWN, options.design)
    headers = list(map(str, table.frame.columns))
    for role, question in (
        ("id", "Column of the number of the respondent"),
        ("weights", "Column of weights"),
    ):
        guess = own.header(role) or "none"
        header = ask(question, options.design.get(role), guess)
        if header != "none" and header not in headers:
            raise InputError(
                "the export has no such column", file=options.export, row=1, value=header,
                hint=nearest(header, headers),
            )  # fmt: skip
        if header != guess:
            own = guess_roles(table, tool.OWN, {**options.design, role: header})
    for role, why in own.kept_out.items():
        print(f"{role}: {why}; correct the export, or name the column by --{role}")
    with TemporaryDirectory() as place:
        form = Path(place) / "form.xlsx"
        found: Draft | Mapped
        if options.form is None:
            found = draft_form(table, tool, own)
            write_form(form_sheets(found, said.languages), form)
            asked, named = of_draft(table, found), found.names
        else:
            book, named = _given(options.form, form, table, tool, own, said.languages[0])
            found = of_form(table, tool, book, said.languages[0], named)
            asked = found.asked
        said = replace(
            said, banners=_banners(ask, options, asked), disclosure=_preset(ask, options)
        )
        held: dict[str, list[str]] = {}
        for header, role in own.columns.items():
            held.setdefault(role, []).append(named[header])
        drafted = facts(table, own, said, options.export.name, found, asked, held)
        copied = {drafted.responses: options.export, drafted.questionnaire: form}
        spelled = alias_tables(found) if isinstance(found, Draft) else {}
        tables = {drafted.aliases[name]: frame for name, frame in spelled.items()}
        write_study(folder, config_text(drafted), copied, tables)


def _given(
    given: Path, form: Path, table: ExportTable, tool: Tool, roles: DesignRoles, language: str
) -> tuple[Questionnaire, dict[str, str]]:
    """Write the form that somebody gave with what the export has and it lacks; read it.

    Returns the codebook, and the name of the question for each column of the design.
    """
    sheets, named = with_design(given_form(given), roles)
    write_form(sheets, form)
    book = read_xlsform(form, given.name, language)
    strange = strange_answers(table, tool, book, named)
    if strange:
        write_form(with_choices(sheets, strange), form)
        book = read_xlsform(form, given.name, language)
        for listed, texts in strange.items():
            shown = ", ".join(texts[:6]) + (", ..." if len(texts) > 6 else "")
            print(f"answers that are no choice of {listed} are added to it: {shown}")
    return book, named


def _read(export: Path) -> tuple[ExportTable, Tool]:
    """Read the export as the study will, with one header row."""
    table = read_table(export, export.name, {})
    tool = find(table, None)
    table = tool.prepare(table)
    check_headers([str(header) for header in table.frame.columns], table.file)
    return table, tool


#: Takes a question, what an option said of it, and a default.
Asker = Callable[[str, str | None, str], str]


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize()


def _silent(question: str, said: str | None, default: str) -> str:
    return default if said is None else said


def _asker() -> Asker:
    def ask(question: str, said: str | None, default: str) -> str:
        if said is not None:
            return said
        print(f"{question} [{default}]: ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip() or default

    return ask


def _languages(ask: Asker, options: Options) -> list[str]:
    said = None if options.languages is None else ",".join(options.languages)
    answer = ask("Languages of the report, by code (en, ru, kk)", said, "en")
    return [code.strip() for code in answer.split(",") if code.strip()]


def _banners(ask: Asker, options: Options, asked: Sequence[Asked]) -> list[str] | None:
    """Return the banners that somebody named, None where the guess was taken."""
    names = [question.name for question in asked]
    guess = banner_candidates(asked)
    said = None if options.banners is None else ",".join(options.banners)
    answer = ask("Questions in the columns of tables", said, ",".join(guess) or "none")
    chosen = [] if answer == "none" else [n.strip() for n in answer.split(",") if n.strip()]
    for name in chosen:
        if name not in names:
            raise InputError("there is no such question", value=name, hint=nearest(name, names))
    return None if chosen == guess and said is None else chosen


def _preset(ask: Asker, options: Options) -> str:
    guess = "as many respondents ask for"
    answer = ask("Disclosure control (public, small study, internal)", options.disclosure, guess)
    if answer == guess:
        return ""
    if answer not in PRESETS:
        raise InputError("there is no such preset", value=answer, hint=nearest(answer, PRESETS))
    return answer
