"""Derived variables: each operation on data that a hand can check, and what it refuses."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pandas as pd
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import with_derived
from ngo_survey.errors import ConfigError
from ngo_survey.ingest.cleaning.derive import OPERATIONS, derive
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.name_check import check_names
from test_study_config import changed, line_of

L = {"en": "label"}


@pytest.fixture(scope="module")
def form(study: Study) -> Questionnaire:
    return codebook(study, "ngo")


def made(form: Questionnaire, rule: dict[str, Any], **answers: list[Any]) -> list[Any]:
    """The derived variable of several respondents, missing as None."""
    rule = {"labels": L, **rule}
    book = with_derived(form, {"new": rule})
    frame = form.type_frame(pd.DataFrame(answers, dtype=object))
    values = derive(frame, book, {"new": rule})["new"]
    return [None if pd.isna(v) else v for v in values.astype(object)]


def levels(**when: str | None) -> dict[str, Any]:
    return {k: {"labels": L, **({"when": v} if v else {})} for k, v in when.items()}


def test_the_first_filter_that_holds_gives_the_level(form: Questionnaire) -> None:
    rule = {
        "op": "where",
        "levels": levels(big="staff_paid >= 20", rural="rural = rural", rest=None),
        "otherwise": "rest",
    }
    assert made(
        form,
        rule,
        staff_paid=["25", "25", "3", "3", None, None, "3"],
        rural=["rural", "urban", "rural", "urban", "rural", "urban", None],
    ) == ["big", "big", "rural", "rest", "rural", None, None]


def test_without_otherwise_those_whom_no_filter_meets_are_missing(form: Questionnaire) -> None:
    rule = {"op": "where", "levels": levels(big="staff_paid >= 20")}
    assert made(form, rule, staff_paid=["25", "3", None]) == ["big", None, None]


def test_an_index_is_the_mean_of_complete_items(form: Questionnaire) -> None:
    rule = {"op": "index", "of": ["trust_akimat", "trust_maslikhat"], "form": "number"}
    assert made(
        form,
        rule,
        trust_akimat=["5", "4", "dont_know", None],
        trust_maslikhat=["2", None, "3", None],
    ) == [3.5, None, None, None]


def test_an_index_may_do_with_fewer_items_turn_some_and_stretch_the_scale(
    form: Questionnaire,
) -> None:
    rule = {
        "op": "index",
        "of": ["trust_akimat", "trust_maslikhat", "trust_justice"],
        "form": "number",
        "minimum": 2,
        "reverse": ["justice"],
        "range": [0, 100],
    }
    # (5 + 4 + (6 - 2)) / 3 = 13/3; (13/3 - 1) / 4 = 5/6.
    assert made(
        form,
        rule,
        trust_akimat=["5", "5", None, "1"],
        trust_maslikhat=["4", None, None, "1"],
        trust_justice=["2", "5", "1", "5"],
    ) == pytest.approx([250 / 3, 50.0, None, 0.0], nan_ok=True)


def test_an_index_of_a_scale_counts_its_choices_from_one(form: Questionnaire) -> None:
    rule = {"op": "index", "of": ["cooperation_akimat", "cooperation_health"], "form": "number"}
    assert made(
        form, rule, cooperation_akimat=["none", "regular"], cooperation_health=["regular"] * 2
    ) == [2.0, 3.0]


def parts(form: Questionnaire, *rows: dict[str, str | None]) -> dict[str, list[Any]]:
    return {q.name: [row.get(q.item, "0") for row in rows] for q in form.battery("funding")}


def test_concentration_on_shares_of_a_half_a_quarter_and_a_quarter(form: Questionnaire) -> None:
    rows = parts(
        form,
        {"foreign": "50", "fees": "25", "services": "25"},
        {"foreign": "100"},
        {"foreign": None, "fees": "100"},
        {},
    )

    def values(op: str) -> list[Any]:
        return made(form, {"op": op, "of": "funding", "form": "number"}, **rows)

    # H = 1/4 + 1/16 + 1/16 = 3/8; nine sources: (3/8 - 1/9) / (8/9) = 19/64.
    assert values("herfindahl") == pytest.approx([0.375, 1.0, None, None])
    assert values("herfindahl_normalised") == pytest.approx([19 / 64, 1.0, None, None])
    assert values("diversity") == pytest.approx([0.625, 0.0, None, None])
    assert values("effective_number") == pytest.approx([8 / 3, 1.0, None, None])


def test_equal_parts_are_as_many_as_there_are(form: Questionnaire) -> None:
    every = {q.item: "10" for q in form.battery("funding")}
    rows = parts(form, every)
    rule = {"op": "effective_number", "of": "funding", "form": "number"}
    assert made(form, rule, **rows) == pytest.approx([9.0])
    rule["op"] = "herfindahl_normalised"
    assert made(form, rule, **rows) == pytest.approx([0.0], abs=1e-12)


def test_a_ratio_over_zero_is_missing(form: Questionnaire) -> None:
    rule = {"op": "ratio", "of": ["volunteers", "staff_paid"], "form": "number"}
    assert made(form, rule, volunteers=["6", "6", None, "0"], staff_paid=["4", "0", "2", "2"]) == [
        1.5,
        None,
        None,
        0.0,
    ]


def test_a_share_is_of_the_items_named(form: Questionnaire) -> None:
    rows = parts(form, {"state_order": "30", "state_grants": "10", "foreign": "60"}, {"fees": "9"})
    of_all = {"op": "share_of", "of": "funding", "items": ["state_order", "state_grants"]}
    assert made(form, {**of_all, "form": "number"}, **rows) == pytest.approx([0.4, 0.0])
    of_state = {
        "op": "share_of",
        "of": ["funding_state_order", "funding_state_grants"],
        "items": ["funding_state_order"],
        "form": "number",
    }
    assert made(form, of_state, **rows) == pytest.approx([0.75, None])


def test_crossed_levels_need_both_answers(form: Questionnaire) -> None:
    rule = {"op": "cross", "of": ["rural", "sso_any"]}
    book = with_derived(form, {"new": {**rule, "labels": L}}).question("new")
    assert book.choice_names == ("urban__yes", "urban__no", "rural__yes", "rural__no")
    assert book.choices[2].labels["en"] == "Village, Has carried out orders"
    assert made(form, rule, rural=["urban", "rural", None], sso_any=["no", "yes", "no"]) == [
        "urban__no",
        "rural__yes",
        None,
    ]


def test_the_first_answer_that_is_there_is_taken(form: Questionnaire) -> None:
    rule = {"op": "first", "of": ["audience_change", "audience_expected"]}
    assert made(
        form,
        rule,
        audience_change=["grew", None, None],
        audience_expected=["shrank", "unchanged", None],
    ) == ["grew", "unchanged", None]
    numbers = {"op": "first", "of": ["staff_paid", "volunteers"], "form": "number"}
    assert made(form, numbers, staff_paid=["0", None], volunteers=["7", "7"]) == [0.0, 7.0]


def test_items_of_a_list_are_summed_and_the_largest_is_named(form: Questionnaire) -> None:
    two = ["funding_foreign", "funding_fees"]
    rows = {"funding_foreign": ["30", "5", None], "funding_fees": ["10", "5", "5"]}
    assert made(form, {"op": "sum", "of": two, "form": "number"}, **rows) == [40.0, 10.0, None]
    largest = {"op": "largest", "of": two, "tie": "both", "levels": levels(both=None)}
    assert made(form, largest, **rows) == ["foreign", "both", None]


def test_answers_of_a_list_are_counted(form: Questionnaire) -> None:
    rule = {
        "op": "count",
        "of": ["cooperation_akimat", "cooperation_health"],
        "values": ["regular"],
        "form": "number",
    }
    assert made(
        form,
        rule,
        cooperation_akimat=["regular", "none", None],
        cooperation_health=["regular", "regular", "regular"],
    ) == [2.0, 1.0, None]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a filter of a question that is not": (
        {"op": "where", "levels": levels(a="staf_paid > 1")},
        "new.levels.a.when",
        "staff_paid",
    ),
    "a level without a filter": (
        {"op": "where", "levels": levels(a="staff_paid > 1", b=None)},
        "new.levels.b",
        "otherwise",
    ),
    "an otherwise that is no level": (
        {"op": "where", "levels": levels(a="staff_paid > 1"), "otherwise": "aa"},
        "new.otherwise",
        "did you mean a",
    ),
    "a source that is not": ({"op": "sum", "of": "fundng"}, "new.of", "did you mean funding"),
    "items of several scales": (
        {"op": "index", "of": ["trust_akimat", "cooperation_akimat"]},
        "new.of",
        "another scale",
    ),
    "an index of names": ({"op": "index", "of": ["region"]}, "new.of", "no numbers"),
    "a turned item that is not": (
        {"op": "index", "of": "trust", "reverse": ["akimt"]},
        "new.reverse",
        "akimat",
    ),
    "numbers turned": (
        {"op": "index", "of": ["staff_paid"], "reverse": ["staff_paid"]},
        "new.reverse",
        "no ends",
    ),
    "more items than there are": (
        {"op": "index", "of": "trust", "minimum": 99},
        "new.minimum",
        "13 items",
    ),
    "a range of nothing": ({"op": "index", "of": "trust", "range": [1, 1]}, "new.range", "same"),
    "crossing a number": ({"op": "cross", "of": ["rural", "age"]}, "new.of", "one answer"),
    "a ratio of answers": ({"op": "ratio", "of": ["rural", "age"]}, "new.of", "no numbers"),
    "first of unlike choices": (
        {"op": "first", "of": ["region", "settlement"]},
        "new.of",
        "other choices",
    ),
    "a key of another operation": (
        {"op": "sum", "of": "funding", "reverse": ["fees"]},
        "new.reverse",
        "belongs to index",
    ),
    "a level's key of another operation": (
        {"op": "recode", "of": "rural", "levels": levels(a="staff_paid > 1")},
        "new.levels.a.when",
        "belongs to where",
    ),
    "where with a source": (
        {"op": "where", "of": "rural", "levels": levels(a="staff_paid > 1")},
        "new.of",
        "filters name",
    ),
    "codes of answers from a list": (
        {"op": "coded", "of": "region", "codes": "c.csv", "levels": levels(a=None)},
        "new.of",
        "not answered in words",
    ),
    "codes of what tells who somebody is": (
        {"op": "coded", "of": "contact_email", "codes": "c.csv", "levels": levels(a=None)},
        "new.of",
        "not answered in words",
    ),
    "a code of two words": (
        {"op": "coded", "of": "proposal", "codes": "c.csv", "levels": {"a b": {"labels": L}}},
        "new.levels.a b",
        "has a space",
    ),
    "codes of another operation": (
        {"op": "sum", "of": "funding", "codes": "c.csv"},
        "new.codes",
        "belongs to coded",
    ),
    "a tie that is no level": ({"op": "largest", "of": "funding", "tie": "x"}, "new.tie", "levels"),
    "one part": ({"op": "herfindahl", "of": ["staff_paid"]}, "new.of", "nothing to be held"),
    "values of many answers": (
        {"op": "count", "of": ["services", "barriers"]},
        "new.of",
        "one question",
    ),
    "a share of no item": (
        {"op": "share_of", "of": "funding", "items": ["fee"]},
        "new.items",
        "did you mean fees",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_rule_that_cannot_be_followed_is_refused_at_its_key(
    case: str, form: Questionnaire
) -> None:
    rule, key, said = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        with_derived(form, {"new": {"labels": L, **rule}})
    assert caught.value.column == key
    assert said in str(caught.value)


def test_a_mistake_in_a_filter_is_told_with_its_line_in_the_configuration(
    study: Study, tmp_path: Any
) -> None:
    big = (
        "    derive:\n      big:\n        op: where\n        labels: &big {en: Big, ru: Б, kk: Ү}\n"
        "        levels:\n          big:\n            labels: *big\n"
        "            when: staff_payd >= 20\n"
    )
    file = changed(tmp_path, "    derive:\n", big)
    (tmp_path / "data").symlink_to(study.root / "data")
    with pytest.raises(ConfigError) as caught:
        check_names(Study.load(file))
    assert caught.value.row == line_of(file, "when: staff_payd")
    assert "populations.ngo.derive.big.levels.big.when: character 1 of the filter" in str(
        caught.value
    )
    assert "did you mean staff_paid" in str(caught.value)


def test_every_operation_of_the_schema_is_one_of_the_program() -> None:
    text = (files("ngo_survey.study") / "schema" / "derive.json").read_text(encoding="utf-8")
    enum = json.loads(text)["additionalProperties"]["properties"]["op"]["enum"]
    assert sorted(enum) == sorted(OPERATIONS)
