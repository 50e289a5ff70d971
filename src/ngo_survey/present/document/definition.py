"""What stands behind one number, line by line: the same lines in the page and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.localize import localized
from ngo_survey.present.table_layout.condition import filter_in_words, in_words
from ngo_survey.present.words.language import OF_YEARS, Language
from ngo_survey.results.rows import is_number

#: Statistics that are shares of one.
SHARES = frozenset(
    {
        *("proportion", "mean_share", "any", "top_two", "net", "first", "top_three"),
        "share_of_answers",
    }
)

#: Columns shown for each family that is not estimates, in this order.
SHOWN: dict[str, tuple[str, ...]] = {
    "tests": ("statistic", "df1", "df2", "p", "p_adjusted", "effect"),
    "ranks": ("base", "estimate", "se", "rank", "rank_low", "rank_high"),
    "sides": (
        *("first", "second", "difference", "se", "df", "p", "p_adjusted"),
        *("rank_first", "rank_second"),
    ),
    "waves": ("wave", "year", "n", "base", "estimate", "se", "df"),
    "change": (
        *("wave", "against", "samples", "common", "before", "after", "difference", "se"),
        *("df", "p", "p_adjusted"),
    ),
    "areas": (
        *("kind", "base", "estimate", "se", "df"),
        *("direct", "synthetic", "shrinkage"),
    ),
    "coefficients": ("term", "estimate", "se", "df", "p"),
    "effects": ("term", "outcome", "estimate", "se", "p", "p_adjusted"),
    "predictions": ("outcome", "estimate", "se"),
    "contrasts": (
        *("variable", "level", "against", "outcome"),
        *("estimate", "se", "p", "p_adjusted", "n"),
    ),
    "diagnostics": ("value", "df1", "df2", "p", "note"),
    "imputed": ("quantity", "term", "outcome", "estimate", "se", "df", "p", "fmi", "complete"),
    "specifications": (
        *("coding", "weights", "missing", "covariates", "link", "term"),
        *("estimate", "se", "df", "p", "n", "note"),
    ),
    "validation": ("value", "se", "note"),
    "calibration": ("outcome", "group", "n", "predicted", "observed", "se"),
    "precision": ("variable", "category", "by", "level", "against", "statistic", "value", "deff"),
    "registration": ("standing", "date", "hash", "registered", "count", "note"),
    "backtests": (
        *("steps", "origins", "mase", "mase_naive", "smape", "smape_naive"),
        *("coverage80", "coverage95"),
    ),
    "series": ("value", "year", "model", "points", "qualifier", "certainty", "source", "note"),
    "official": ("value", "year", "qualifier", "certainty", "source", "note"),
    "flow": ("count", "note"),
    "changes": ("rule", "variable", "cells"),
    "margins": ("register", "n", "sample", "base_weighted", "weighted"),
    "rates": ("value", "note"),
}


#: Families whose rows have limits.
LIMITED = frozenset(
    {
        *("coefficients", "effects", "predictions", "contrasts", "sides", "waves", "change"),
        *("areas", "imputed", "specifications", "validation", "calibration"),
    }
)

#: Forms of fields that are printed alike in every family.
FIELD_FORMS = {
    **dict.fromkeys(("n", "base", "count", "cells"), "count"),
    **dict.fromkeys(("points", "steps", "origins", "common"), "count"),
    **dict.fromkeys(("coverage80", "coverage95"), "percent"),
    **dict.fromkeys(("rank", "rank_low", "rank_high", "rank_first", "rank_second"), "count"),
    **dict.fromkeys(("p", "p_adjusted", "complete_p"), "p"),
    **dict.fromkeys(("fmi", "shrinkage"), "percent"),
    **dict.fromkeys(("deff", "df1", "df2", "statistic", "effect"), "decimal2"),
    "df": "plain",
}
#: Forms of all other numbers of a family.
FAMILY_FORMS = {
    **dict.fromkeys(("effects", "predictions", "contrasts", "margins"), "percent1"),
    "coefficients": "mean",
    **dict.fromkeys(("specifications", "calibration"), "percent1"),
    "imputed": "decimal3",
    "backtests": "decimal2",
    "validation": "decimal3",
}


#: Families whose rows hold a statistic of a question or item.
MEASURED = frozenset({"estimates", "ranks", "sides", "waves", "change", "areas"})
#: Those of them whose estimate is of one group, so that it may be a year.
YEARLY = frozenset({"estimates", "waves"})


def form_of(row: Mapping[str, Any], field: str, labels: Labels) -> str:
    """Return the form in which a field of a row is printed when the text names none.

    Figures of a question about a year have those of years.
    """
    form = _form(row, field)
    if row["family"] in YEARLY and field in {"estimate", "ci_low", "ci_high"}:
        return OF_YEARS.get(form, form) if labels.is_year(row) else form
    return form


def is_tested(row: Mapping[str, Any]) -> bool:
    """Return whether the limits of a row match its adjusted test, at the level of that test."""
    return not math.isnan(float(row.get("p_adjusted", math.nan)))


def limits_in_words(row: Mapping[str, Any], form: str, language: Language) -> str:
    """Return the limits of a row in brackets: 95% ones, or those that match its adjusted test."""
    low, high = (language.format(float(row[column]), form) for column in ("ci_low", "ci_high"))
    name = "limits_tested" if is_tested(row) else "limits"
    return language.word(f"number.{name}", low=low, high=high)


def _form(row: Mapping[str, Any], field: str) -> str:
    if field in FIELD_FORMS:
        return FIELD_FORMS[field]
    if row["family"] not in MEASURED:
        return FAMILY_FORMS.get(row["family"], "plain")
    if row["family"] in {"sides", "change"} and field in {"difference", "ci_low", "ci_high"}:
        return "signed" if row["statistic"] in SHARES else "signed2"
    if row["statistic"] in SHARES:
        return "percent1" if field == "se" else "percent"
    return "mean" if row["statistic"] in {"mean", "mean_answers"} else "plain"


def define(
    row: Mapping[str, Any], labels: Labels, language: Language, verb: str
) -> list[tuple[str, str]]:
    """Return (name, words) for everything known about a number, the key first.

    ``verb`` is that of ``ngo-survey`` which wrote the row.
    """
    word = language.word
    lines: list[tuple[str, str]] = [(word("definition.key"), str(row["key"]))]

    def say(name: str, words: str) -> None:
        if words:
            lines.append((word(f"definition.{name}"), words))

    def number(field: str) -> None:
        value = float(row[field])
        if not math.isnan(value):
            name = "changed" if (family, field) == ("change", "difference") else field
            say(name, language.format(value, form_of(row, field, labels)))

    def limits(of: str = "ci") -> None:
        low, high = float(row[f"{of}_low"]), float(row[f"{of}_high"])
        if not math.isnan(low):
            form = form_of(row, "effect" if of == "effect" else "ci_low", labels)
            fill = {"low": language.format(low, form), "high": language.format(high, form)}
            tested = of == "ci" and is_tested(row)
            say("limits_tested" if tested else "limits", word("number.range", **fill))

    family = str(row["family"])
    for name, words in _about(row, labels, language):
        say(name, words)
    if family == "estimates":
        number("n")
        number("base")
        number("estimate")
        number("se")
        limits()
        number("df")
        number("deff")
    else:
        for field in SHOWN[family]:
            if is_number(family, field):
                number(field)
            else:
                say(field, localized(row, field, labels, language))
        if family in LIMITED:
            limits()
        if family == "tests":
            limits("effect")
    if row.get("status", "shown") != "shown":
        say("status", word(f"status.{row['status']}"))
    say("verb", f"ngo-survey {verb}")
    say("file", f"results/{row['file']}")
    return lines


def _about(row: Mapping[str, Any], labels: Labels, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what a number is of: the question, who answered, the answer, the group."""
    family, group = str(row["family"]), labels.groups.get(str(row.get("population", "")), "")
    if family == "margins":
        of = str(row["population"]), str(row["variable"])
        yield "population", group
        if labels.has(*of):
            yield "category", labels.choice(*of, str(row["level"]))
    if family not in MEASURED:
        return
    yield "analysis", str(row["analysis"])
    population, name = labels.population(row), labels.question_name(row)
    if labels.has(population, name):
        yield "question", labels.question(population, name)
        asked = labels.condition(population, name)
        book = labels.codebook(population)
        yield "asked", in_words(asked, book, labels.language, language.own)
    yield "population", group
    yield from _chosen(row, labels, language)
    yield "category", labels.member(row)
    yield "measure", measure(row, language)
    yield "group", labels.group(row)


def _chosen(
    row: Mapping[str, Any], labels: Labels, language: Language
) -> Iterator[tuple[str, str]]:
    """Yield what sets apart a table of some respondents only, or of another base."""
    of = labels.chosen_of(str(row["analysis"]))
    book = labels.codebook(labels.population(row))
    yield "only", filter_in_words(of.filter, book, labels.language, language.own)
    yield "counted", language.word("definition.all") if of.base == "all" else ""


def measure(row: Mapping[str, Any], language: Language) -> str:
    """Return the name of a statistic in words, or itself when the catalogue has none."""
    known = language.words["statistic"]
    return str(known.get(row["statistic"], row["statistic"]))
