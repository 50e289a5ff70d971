"""Names in what a configuration says of one group of respondents: sources, cleaning, weighting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ngo_survey.codebook.derived import items, sources
from ngo_survey.study.declared_weighting import (
    columns_of,
    from_register,
    margins_of,
    replicates_of,
    resampled,
    strata_of,
)

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study.known_names import KnownNames

#: What says how samples are drawn from the sample.
DRAWN = ("replicates", "finite_population")


def check_group(names: KnownNames, group: str, book: Questionnaire) -> None:
    """Keep each name in the block of a group that its codebook does not have."""
    block = names.study.population(group).raw
    asked = [q.name for q in book if q.type != "derived"]
    where = f"populations.{group}"
    cleaning, imported = block.get("cleaning", {}), block.get("sources", {})
    keys = cleaning.get("key_questions", ())
    keyed = [name for entry in keys for name in ([entry] if isinstance(entry, str) else entry)]
    names.each_known(keyed, asked, f"{where}.cleaning.key_questions", "question")
    coded = [n for question in cleaning.get("coding", {}) for n in (question, f"{question}_other")]
    names.each_known(coded, asked, f"{where}.cleaning.coding", "question")
    for header, target in imported.get("columns", {}).items():
        question = target.partition("/")[0]
        names.each_known([question], asked, f"{where}.sources.columns.{header}", "question")
    _sources(names, imported, book, asked, f"{where}.sources")
    _weighting(names, block["weighting"], book, asked, f"{where}.weighting")
    for derived, rule in block.get("derive", {}).items():
        if derived in book:
            with names.faults.check():
                # Codes lie beside the answers: where these are kept elsewhere, so are they.
                here = names.study.population(group).responses.is_file()
                _derived(names, rule, book, f"{where}.derive.{derived}", here)


def _sources(
    names: KnownNames,
    said: Mapping[str, Any],
    book: Questionnaire,
    asked: list[str],
    where: str,
) -> None:
    for key, more in (("answers", ()), ("missing", ("all",))):
        of = said.get(key)
        named = of if isinstance(of, Mapping) else ()
        names.each_known(named, [*asked, *more], f"{where}.{key}", "question")
    whole = [*asked, *book.batteries]
    names.each_known(said.get("shares", ()), whole, f"{where}.shares", "question or battery")
    names.each_known(said.get("words_of_other", ()), asked, f"{where}.words_of_other", "question")
    names.each_known(said.get("keep", ()), asked, f"{where}.keep", "question")
    for entry in said.get("not_exported", ()):
        with names.faults.check():
            question, _, choice = entry.partition("/")
            names.known(question, asked, f"{where}.not_exported", "question")
            if choice:
                choices = book.question(question).choice_names
                names.known(choice, choices, f"{where}.not_exported", f"choice of {question}")


def _weighting(
    names: KnownNames, said: Any, book: Questionnaire, asked: list[str], where: str
) -> None:
    # A register knows what was asked; margins of shares may be of derived variables.
    margins = asked if from_register(said) else list(book.questions)
    for key, named, variables in (
        ("strata", strata_of(said), asked),
        ("margins", margins_of(said), margins),
        ("weights", columns_of(said), asked),
        ("replicates.columns", replicates_of(said, asked), asked),
    ):
        names.each_known(named, variables, f"{where}.{key}", "question")
    held = said if isinstance(said, Mapping) and "replicates" in said else {}
    for key in [key for key in ("fpc", "lonely", "errors") if key in held]:
        with names.faults.check():
            raise names.study.mistake(
                "replicate weights say that already",
                f"{where}.{key}",
                held[key],
                "take it out; the producer's rscales hold finite populations",
            )
    drawn = said.get("errors", {}) if isinstance(said, Mapping) else {}
    if "beside" in drawn and resampled(said):
        with names.faults.check():
            raise names.study.mistake(
                "every standard error is of samples drawn from the sample already",
                f"{where}.errors.beside",
                drawn["beside"],
                "take it out, or say method: linearisation",
            )
    plain = not resampled(said) and "beside" not in drawn
    for key in [key for key in DRAWN if plain and key in drawn]:
        with names.faults.check():
            raise names.study.mistake(
                "linearised standard errors draw no samples",
                f"{where}.errors.{key}",
                drawn[key],
                "take it out, or say method: bootstrap, or beside: bootstrap",
            )
    shares = {} if from_register(said) or said == "none" else said
    for variable, levels in shares.get("margins", {}).items():
        if variable in book:
            choices = book.question(variable).choice_names
            names.each_known(levels, choices, f"{where}.margins.{variable}", "choice")
    merges = said.get("merge", {}) if isinstance(said, Mapping) else {}
    names.each_known(merges, margins, f"{where}.merge", "question")
    for variable, merged in merges.items():
        if variable in book:
            old = [level for levels in merged.values() for level in levels]
            choices = book.question(variable).choice_names
            names.each_known(old, choices, f"{where}.merge.{variable}", "choice")


def _derived(
    names: KnownNames, rule: Mapping[str, Any], book: Questionnaire, where: str, here: bool
) -> None:
    choices = [c for q in items(book, rule) for c in q.choice_names]
    named = [*rule.get("values", ()), *rule.get("except", ())]
    named += [old for level in rule.get("levels", {}).values() for old in level.get("from", ())]
    if here and "codes" in rule and not names.study.path(rule["codes"]).is_file():
        raise names.study.mistake(
            "the coders' file is missing",
            f"{where}.codes",
            rule["codes"],
            "put it there or correct its name",
        )
    names.each_known(named, choices, where, f"choice of {' or '.join(sources(rule))}")
