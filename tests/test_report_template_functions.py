"""What a chapter can say, and that it says it by the written rule."""

from __future__ import annotations

import math

import pytest

from ngo_survey.errors import ResultError, SurveyError
from ngo_survey.present.document.definition import limits_in_words
from ngo_survey.present.document.document import Slot
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.study import Study
from small_store import small_store


@pytest.fixture(scope="module")
def labels(study: Study) -> Labels:
    return Labels.load(study, "en")


@pytest.fixture
def template(study, labels, tmp_path) -> TemplateFunctions:
    return TemplateFunctions(
        study, small_store(tmp_path), labels, language("en"), study.section("report")["rules"]
    )


def said(template: TemplateFunctions, marked: str) -> str:
    return "".join(p.text if isinstance(p, Slot) else str(p) for p in template.slots.split(marked))


def test_a_number_carries_its_key_and_field(template):
    slot = template.slots.split(template.n("barriers/funding@total"))[0]
    assert slot == Slot("62%", "result", "barriers/funding@total", "estimate")


def test_limits_follow_a_number_when_asked(template):
    assert (
        said(template, template.n("barriers/funding@total", ci=True))
        == "62% (95% limits 58% to 66%)"
    )


def test_limits_that_match_a_test_are_not_called_95_percent():
    row = {"ci_low": 0.02, "ci_high": 0.1, "p_adjusted": 0.01}
    for code in ("en", "ru", "kk"):
        words = limits_in_words(row, "signed", language(code))
        assert "95" not in words
        assert "95" in limits_in_words(row | {"p_adjusted": math.nan}, "signed", language(code))


def test_a_suppressed_figure_is_said_in_words(template):
    assert said(template, template.n("barriers/infrastructure@total", ci=True)) == (
        "not shown, to protect respondents"
    )


def test_an_unknown_key_names_the_nearest(template):
    with pytest.raises(ResultError, match="barriers/funding@total"):
        template.n("barriers/fundin@total")


def test_the_highest_come_first_without_none_and_without_the_suppressed(template):
    assert said(template, template.top("barriers", 5)) == (
        "“Lack of funding” (62%), “Burden of reporting” (46%), and "
        f"“{template.labels.choice('ngo', 'barriers', 'law')}” (31%)"
    )


def test_the_lowest_come_first_from_below(template):
    assert said(template, template.bottom("trust", 1, "mean")) == "“Ministry of Justice” (3.05)"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("funding", "much more often than"),
        ("reporting", "about as often as"),
        ("law", "about as often as"),
    ],
)
def test_a_comparison_takes_its_words_from_direction_and_size(template, item, words):
    assert said(
        template, template.compare(f"barriers/{item}@total", f"gov_barriers/{item}@total")
    ) == (words)


def test_a_comparison_with_a_suppressed_figure_claims_nothing(template):
    words = said(template, template.compare("barriers/infrastructure@total", "barriers/law@total"))
    assert words == "at least one of the two is not shown"


def test_limits_that_overlap_leave_the_order_uncertain(template):
    overlap = said(template, template.certainty("barriers/law@total", "gov_barriers/law@total"))
    apart = said(template, template.certainty("barriers/law@total", "barriers/funding@total"))
    assert "not certain" in overlap
    assert apart == "the limits of the two do not overlap"


def test_one_answer_alone_is_named_by_the_answer_and_one_item_by_the_item(template):
    assert "Lack of funding" in said(template, template.top("barriers", 1))
    assert "akimat" in said(template, template.top("trust", 1, "mean"))


def test_the_highest_of_a_battery_say_which_answer_they_are_of(template):
    both = said(template, template.top("cooperation", 2))
    assert both.count(f": {template.labels.choice('ngo', 'cooperation_akimat', 'occasional')}") == 2
    asked_for = said(template, template.top("cooperation", 2, category="occasional"))
    assert ":" not in asked_for


@pytest.mark.parametrize(
    ("key", "begins"),
    [
        ("test/a/rao_scott", "no clear difference between the groups"),
        ("test/b/rao_scott", "the groups differ beyond chance"),
        ("test/c/rao_scott", "no clear difference between the groups"),
        ("test/unknown", "no test was made"),
    ],
)
def test_a_test_speaks_by_its_adjusted_p(template, key, begins):
    assert said(template, template.tested(key)).startswith(begins)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("up", "8 percentage points more likely"),
        ("down", "11 percentage points less likely"),
        ("flat", "neither more nor less likely, as far as the data can tell"),
    ],
)
def test_an_effect_names_no_direction_that_its_limits_do_not(template, term, words):
    assert said(template, template.effect(f"model/m/effect/{term}@grew")) == words


def test_the_configuration_is_printed_by_its_path(template):
    assert said(template, template.config("disclosure.threshold")) == "5"
    with pytest.raises(SurveyError, match=r"disclosure\.treshold"):
        template.config("disclosure.treshold")


def test_the_words_of_a_language_are_found_or_refused():
    with pytest.raises(SurveyError, match="no words in this language"):
        language("de")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.002, "percent", "under 1%"),
        (0.0, "percent", "0%"),
        (-0.004, "percent", "0%"),
        (-0.12, "percent", "−12%"),
        (18204, "count", "18,204"),
        (2023, "year", "2023"),
        (0.0004, "p", "p < 0.001"),
        (0.0312, "p", "p = 0.031"),
        (1234.5, "plain", "1,234"),
        (0.5, "plain", "0.500"),
        (float("nan"), "percent", "–"),
    ],
)
def test_numbers_are_printed_as_the_language_says(value, form, text):
    assert language("en").format(value, form) == text
