"""A year prints as a year: no mark between its thousands, whatever prints it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.codebook.question import Question
from ngo_survey.present.document.language import language
from ngo_survey.present.document.localize import joined_years
from ngo_survey.present.words.language import OF_YEARS, numbers
from suites import examples

TITLES = {"en": "q"}


def asked(constraint: str, type_: str = "integer") -> Question:
    return Question("q", type_, TITLES, TITLES, form="number", constraint=constraint)


@pytest.mark.parametrize(
    "constraint", [". >= 1990 and . <= 2026", ".>=1991", "(. > 1900) and (.<2100)", ". <= 2026"]
)
def test_a_whole_number_that_is_kept_among_years_is_a_year(constraint: str) -> None:
    assert asked(constraint).is_year
    assert not asked(constraint, "decimal").is_year


@pytest.mark.parametrize(
    "constraint",
    ["", ". >= 0 and . <= 2000", ". >= 1 and . <= 500", "${other} > 1990", ". > -1990", ". < 1"],
)
def test_other_numbers_are_not(constraint: str) -> None:
    assert not asked(constraint).is_year


@given(st.floats(1500, 2200), st.sampled_from(["en", "ru", "kk"]), st.sampled_from([*OF_YEARS]))
@examples(50)
def test_no_form_of_a_year_has_a_mark_between_thousands(
    year: float, language: str, form: str
) -> None:
    said = numbers(language)
    assert said.format(round(year, 2), OF_YEARS[form])[:4].isdigit()


@given(st.integers(1900, 2099), st.integers(1900, 2099), st.sampled_from(["en", "ru", "kk"]))
@examples(50)
def test_years_typed_with_a_hyphen_are_joined_as_the_language_joins_them(
    one: int, other: int, code: str
) -> None:
    first, last = sorted((one, other))
    said = joined_years(f"Concept for {first}-{last}.", language(code))
    assert said == (
        f"Concept for {first}-{last}." if first == last else f"Concept for {first}–{last}."
    )


@pytest.mark.parametrize(
    "text", ["2024-07", "2024-07-15", "1999-2000-01", "2025-2020", "V-1950-1960", "19401-2000", ""]
)
def test_dates_months_and_numbers_are_no_ranges_of_years(text: str) -> None:
    assert joined_years(text, language("ru")) == text
