"""What a chapter may name in a study, and which argument of a function names what.

One table for the check before a run, and for the functions that would find nothing, in silence,
under a name that there is none of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import Faults, SurveyError, nearest
from ngo_survey.present.document.checklist import NAMES as CHECKLISTS
from ngo_survey.present.document.findings import Kind
from ngo_survey.results.store import FAMILIES
from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.study import Study
from ngo_survey.study.declared_tables import read_specs
from ngo_survey.tables.declared import NESTED

Known = Mapping[str, frozenset[str]]

TABLE = "table or indicator"
FIGURE = "figure"
AREAS = "figure of small areas"
MODEL = "model"
GROUP = "group of respondents"
SIDES = "item of compare.sides"
ORDER = "order of compare.ranks or compare.sides"
KEY = "key of the configuration"
QUESTION = "question of the questionnaires"
TERM = "variable of a model"
#: What findings are about: no table by a banner, which ``by`` names.
SUBJECT = "table or model that findings are of"
BANNER = "banner"
BY = "banner or variable of a model"
LEVEL = "answer of a banner"
FINDING = "kind of finding"
#: What no line of the configuration can add.
UNDECLARED = frozenset({QUESTION, LEVEL, "checklist", "family of results"})
#: Kinds that ``findings`` and ``claim`` tell; what shows no difference has a function of its own.
TOLD = frozenset(get_args(Kind)) - {"none"}

_FINDINGS = {
    "kind": FINDING,
    "population": GROUP,
    "by": BY,
    "tables": SUBJECT,
    "figure": FIGURE,
    "levels": LEVEL,
}
#: What the arguments of each function name, written by place or by keyword, alone or in a list.
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "table": {"name": TABLE},
    **{key: {"analysis": TABLE} for key in ("top", "bottom", "listed", "rows")},
    "figure": {"name": FIGURE},
    "small_areas": {"name": AREAS},
    "findings": _FINDINGS,
    "claim": _FINDINGS,
    "no_difference": {"by": BANNER, "population": GROUP},
    "errors": {"population": GROUP, "banners": BANNER},
    **{key: {"model": MODEL} for key in ("terms", "clear", "effects", "shifts", "approaches")},
    "unmeasured": {"model": MODEL},
    **{key: {"model": MODEL} for key in ("imputed_effects", "moves", "family_tests")},
    **{key: {"model": MODEL, "variable": TERM} for key in ("predictions", "contrasts")},
    "side_by_side": {"models": MODEL},
    "detectable": {"population": GROUP, "variable": QUESTION, "by": QUESTION},
    **{key: {"analysis": SIDES} for key in ("gaps", "sides", "agreement")},
    **{key: {"analysis": ORDER} for key in ("ranked", "foremost", "hindmost")},
    "two_orders": {"first": ORDER, "second": ORDER},
    "questions": {"population": GROUP, "path": KEY},
    **{key: {"population": GROUP, "question": QUESTION} for key in ("label", "choice")},
    **{key: {"population": GROUP} for key in ("questionnaire", "bases", "margins", "per_people")},
    "resampled_errors": {"population": GROUP},
    "config": {"path": KEY},
    "wave": {"name": "wave"},
    **{key: {"name": "checklist"} for key in ("checklist", "unfilled")},
    **{key: {"family": "family of results"} for key in ("entries", "count")},
}


def known_names(study: Study, books: Mapping[str, Questionnaire], faults: Faults) -> Known:
    """Return what chapters may name, by what it is called; ``faults`` keeps unsound tables."""
    # Documents are written without pandas, which the names of filters need.
    from ngo_survey.study.name_check import NameCheck

    single = {
        name
        for entry in study.section("indicators") or ()
        for name in (entry["id"], f"{entry['id']}_by_{entry.get('by', '')}")
    }
    compared = study.section("compare") or {}
    items = [_question(entry) for entry in compared.get("sides", {}).get("items", ())]
    ordered = [
        name
        for entry in compared.get("ranks", ())
        for prefix in ("", study.population(entry["population"]).table_prefix)
        for name in (entry["question"], f"{prefix}{entry['question']}")
    ]
    models = study.section("models").get("declared", {})
    terms = {term.variable for model in models.values() for term in terms_of(model["terms"])}
    specs = [s for name, book in books.items() for s in read_specs(study, name, book, faults)]
    banners = {banner for spec in specs for banner in spec.banners}
    banners |= {str(e["by"]) for e in study.section("indicators") or () if e.get("by")}
    questions = {n for book in books.values() for n in (*book.questions, *book.batteries)}
    known: dict[str, Iterable[str]] = {
        TABLE: {*NameCheck(study, books, faults).analyses(), *single},
        FIGURE: study.section("figures"),
        AREAS: study.section("small_areas"),
        MODEL: models,
        SIDES: items,
        ORDER: [*items, *ordered],
        GROUP: study.populations,
        KEY: _paths(study.raw),
        QUESTION: questions,
        TERM: terms,
        SUBJECT: {*(spec.id for spec in specs), *single, *items, *ordered, *models},
        BANNER: banners,
        BY: banners | terms,
        LEVEL: _levels(banners, books),
        FINDING: TOLD,
        "official data set": study.section("official"),
        "series": study.section("trends").get("series", {}),
        "wave": study.waves,
        "family of results": FAMILIES,
        "checklist": CHECKLISTS,
    }
    return {what: frozenset(map(str, names)) for what, names in known.items()}


def refuse_unknown(
    name: str, known: Known, what: str, file: str | None = None, line: int | None = None
) -> None:
    """Raise for a name that the study does not have, with the nearest.

    Of banners within one another each answer is held; where a banner has no list of answers, none.
    """
    nested = what == LEVEL and all(part in known[LEVEL] for part in name.split(NESTED))
    if name in known[what] or nested or (what == LEVEL and not known[LEVEL]):
        return
    if what == FINDING:
        end = "What shows no difference is printed by no_difference()."
    elif file is None or what in UNDECLARED:
        end = ""
    else:
        end = "Declare it in config.yaml, take it out, or ask first: {% if known('key') %}"
    raise SurveyError(
        f"the report has no such {what}",
        file=file,
        row=line,
        value=name,
        hint=f"{nearest(name, known[what])} {end}".strip(),
    )


def _levels(banners: Iterable[str], books: Mapping[str, Questionnaire]) -> set[str]:
    """Return the answers of every banner; none where one has no list of answers."""
    found: set[str] = set()
    for part in {part for banner in banners for part in banner.split(NESTED)}:
        answers = {
            choice
            for book in books.values()
            if part in book
            for choice in book.question(part).choice_names
        }
        if not answers:
            return set()
        found |= answers
    return found


def _question(entry: str | Mapping[str, Any]) -> str:
    return entry if isinstance(entry, str) else str(entry["question"])


def _paths(tree: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the dotted key of everything that the configuration holds."""
    for key, value in tree.items():
        yield f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{key}.")
