"""Names in a declared model: its outcome, its terms, and what is asked of it beside effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ngo_survey.codebook.question import ORDERED
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.statistics.models.formula import Term, terms_of
from ngo_survey.study.declared_weighting import resampled

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study.known_names import KnownNames

#: Kinds of models that know an option; options that all kinds know are not listed.
OPTIONS = {
    "event": ("binomial",),
    "link": ("ordinal", "partial", "binomial"),
    "nominal": ("partial",),
    "reference": ("multinomial",),
    "fallback": ("ordinal", "binomial"),
    "sensitivity": ("ordinal",),
}

#: Kinds of models whose outcome has an order.
IN_ORDER = ("ordinal", "partial")
#: Forms of answers that enter a model as a number: they have no levels to compare.
NUMBERS = ("number", "rating", "constant_sum")


def check_model(names: KnownNames, declared: Mapping[str, Any], where: str) -> None:
    """Keep each name and option that does not fit.

    Raises
    ------
    ConfigError: the group of respondents is unknown, or the terms cannot be read.
    """
    book = names.book(declared["population"], f"{where}.population")
    with names.faults.check():
        _outcome(names, book, declared, where)
    terms = _terms(names, declared["terms"], f"{where}.terms")
    for number, term in enumerate(terms):
        with names.faults.check():
            _term(names, book, term, terms[:number], f"{where}.terms.{number}")
    variables = [term.variable for term in terms]
    for key, known, what in (
        ("nominal", variables, "term of the model"),
        ("contrasts", variables, "term of the model"),
        ("sensitivity", list(book.questions), "variable"),
    ):
        names.each_known(declared.get(key, ()), known, f"{where}.{key}", what)
    for variable in declared.get("contrasts", ()):
        form = book.question(variable).form if variable in book else "categorical"
        if variable in variables and form in NUMBERS:
            names.faults.add(
                names.study.mistake(
                    f"a term of the form {form} has no levels to compare",
                    f"{where}.contrasts",
                    variable,
                    "leave it out: its effect is one number",
                )
            )
    _population(names, declared, where)
    wholes = [term.variable for term in terms if term.ilr]
    for place, shift in enumerate(declared.get("shifts", ())):
        here = f"{where}.shifts.{place}"
        with names.faults.check():
            names.known(shift["battery"], wholes, f"{here}.battery", "ilr term of the model")
            items = _items(book, shift["battery"])
            for end in ("from", "to"):
                names.known(shift[end], items, f"{here}.{end}", f"item of {shift['battery']}")


def _population(names: KnownNames, declared: Mapping[str, Any], where: str) -> None:
    """Keep a model that would leave the finite population out where the drawn samples hold it."""
    block = names.study.population(declared["population"]).raw["weighting"]
    errors = block["errors"] if resampled(block) else {"finite_population": False}
    if errors.get("finite_population", True) and not declared.get("finite_population", True):
        names.faults.add(
            names.study.mistake(
                "samples drawn from the sample hold the finite population, which cannot be "
                "taken out of one model",
                f"{where}.finite_population",
                "false",
                "leave it out, or say so of every estimate: populations."
                f"{declared['population']}.weighting.errors.finite_population: false",
            )
        )


def _outcome(
    names: KnownNames, book: Questionnaire, declared: Mapping[str, Any], where: str
) -> None:
    """Refuse an outcome that does not fit the kind of the model, and levels it does not have."""
    outcome = declared["outcome"]
    names.known(outcome, book.questions, f"{where}.outcome", "variable")
    for option, kinds in OPTIONS.items():
        if option in declared and declared["kind"] not in kinds:
            raise ConfigError(
                f"a model of the kind {declared['kind']} has no {option}",
                file=names.study.file,
                column=f"{where}.{option}",
                value=declared[option],
                hint=f"it belongs to {', '.join(kinds)}",
            )
    form = book.question(outcome).form
    if declared["kind"] in IN_ORDER and form not in ORDERED:
        raise ConfigError(
            f"a model of the kind {declared['kind']} needs an outcome whose choices are in order",
            file=names.study.file,
            column=f"{where}.outcome",
            value=f"{outcome} is of the form {form}",
            hint="declare it a scale (form: scale of a derived variable, analysis_form of a "
            "question), or take kind: multinomial",
        )
    levels = [*declared.get("event", ()), *[declared[k] for k in ("reference",) if k in declared]]
    for level in levels:
        option = "reference" if "reference" in declared else "event"
        names.known(level, book.question(outcome).choice_names, f"{where}.{option}", "choice")


def _terms(names: KnownNames, declared: str | Sequence[Any], where: str) -> list[Term]:
    try:
        return terms_of(declared)
    except InputError as error:
        raise ConfigError(
            error.problem, file=names.study.file, column=where, value=error.value, hint=error.hint
        ) from None


def _items(book: Questionnaire, battery: str) -> list[str]:
    return [question.item for question in book.battery(battery)]


def _term(
    names: KnownNames, book: Questionnaire, term: Term, before: Sequence[Term], where: str
) -> None:
    if term.interaction:
        for name in term.interaction:
            names.known(name, [t.variable for t in before], where, "term before it")
        return
    if term.ilr:
        _whole(names, book, term, where)
        return
    names.known(term.variable, book.questions, where, "variable")
    if term.reference is not None:
        choices = book.question(term.variable).choice_names
        names.known(term.reference, choices, f"{where}.reference", "choice")
    if term.simpson is not None:
        wholes = [t.variable for t in before if t.ilr]
        names.known(term.simpson, wholes, f"{where}.simpson", "ilr term before it")


def _whole(names: KnownNames, book: Questionnaire, term: Term, where: str) -> None:
    """Hold the parts of a whole against its battery: every item in one part, none left over."""
    batteries = [b for b in book.batteries if book.battery(b)[0].form == "constant_sum"]
    names.known(term.variable, batteries, f"{where}.ilr", "battery of parts of a whole")
    items = _items(book, term.variable)
    other = [q.name for q in book.battery(term.variable) if q.name == q.item]
    if other:
        raise ConfigError(
            f"a model reads the parts of a whole under names that begin with {term.variable}_",
            file=names.study.file,
            column=f"{where}.ilr",
            value=", ".join(other),
            hint=f"call it {term.variable}_{other[0]} in the form, and map its column of the "
            f'export: sources.columns: {{"...": {term.variable}_{other[0]}}}',
        )
    used = [item for _, part in term.parts for item in part]
    for item in used:
        names.known(item, items, f"{where}.parts", f"item of {term.variable}")
    wrong = [item for item in items if used.count(item) != 1]
    if wrong:
        how = "is in no part" if wrong[0] not in used else "is in two parts"
        raise ConfigError(
            f"an item of the whole {how}",
            file=names.study.file,
            column=f"{where}.parts",
            value=wrong[0],
            hint="let every item be in one part",
        )
