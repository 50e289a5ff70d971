"""A year prints as a year: no mark between its thousands, whatever prints it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.codebook.question import Question
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
