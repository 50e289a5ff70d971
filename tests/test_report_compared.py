"""The report says of the two sides what tests told, and of an order what the data leave open."""

from __future__ import annotations

import pandas as pd
import pytest

from ngo_survey.errors import ResultError
from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.comparison_functions import ComparisonFunctions
from ngo_survey.present.document.definition import define
from ngo_survey.present.document.document import Slot, Table, plain, walk
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.workflow.stages import writer
from small_store import NAN, small_store


def side(name, first, second, p, ranks=(NAN, NAN), status="shown", statistic="proportion"):
    shown = status == "shown"
    numbers = {"first": first, "second": second, "difference": first - second, "se": 0.03}
    numbers |= {"ci_low": first - second - 0.06, "ci_high": first - second + 0.06, "p": p}
    numbers |= {"df": 300.0, "p_adjusted": p, "rank_first": ranks[0], "rank_second": ranks[1]}
    row = {"key": f"sides/barriers/{name}", "analysis": "barriers", "item": "", "category": name}
    row |= {"statistic": statistic, "status": status}
    return row | (numbers if shown else dict.fromkeys(numbers, NAN))


def rank(analysis, name, place, low, high, item="", population="ngo", status="shown"):
    row = {"key": f"rank/{analysis}/{name}", "analysis": analysis, "population": population}
    row |= {"item": item, "category": "" if item else name, "base": 400.0, "status": status}
    row |= {"statistic": "mean" if item else "proportion", "estimate": 3.0 if item else 0.4}
    return row | {"rank": place, "rank_low": low, "rank_high": high, "se": 0.03}


@pytest.fixture
def template(study, tmp_path) -> TemplateFunctions:
    small_store(tmp_path)
    sides = [
        side("law", 0.31, 0.30, 0.8, (3, 3)),
        side("funding", 0.62, 0.40, 0.001, (1, 2)),
        side("reporting", 0.455, 0.44, 0.001, (2, 1)),
        side("infrastructure", NAN, NAN, NAN, status="suppressed"),
    ]
    store.write(pd.DataFrame(sides), "sides", tmp_path / "sides" / "barriers.csv")
    ranks = {
        "barriers": [rank("barriers", n, r, r, r) for n, r in (("funding", 1), ("reporting", 2))],
        "gov_barriers": [
            rank("gov_barriers", "funding", 2, 1, 3, population="government"),
            rank("gov_barriers", "reporting", 1, 1, 2, population="government"),
        ],
        "trust": [
            rank("trust", "justice", 2, 1, 2, item="justice"),
            rank("trust", "akimat", 1, 1, 2, item="akimat"),
        ],
    }
    for name, rows in ranks.items():
        store.write(pd.DataFrame(rows), "ranks", tmp_path / "ranks" / f"{name}.csv")
    test = {"test": "rank_correlation", "statistic": 0.5, "effect": 0.5}
    tests = [
        test | {"key": f"test/sides_{name}/rank_correlation", "effect_low": low, "effect_high": 0.9}
        for name, low in (("barriers", -0.2), ("factors", 0.1))
    ]
    store.write(pd.DataFrame(tests), "tests", tmp_path / "tests" / "rank_correlations.csv")
    labels = Labels.load(study, "en")
    return TemplateFunctions(
        study, Results.load(tmp_path), labels, language("en"), study.section("report")["rules"]
    )


def said(template: TemplateFunctions, marked: str) -> str:
    return "".join(p.text if isinstance(p, Slot) else str(p) for p in template.slots.split(marked))


def cells(template: TemplateFunctions, marked: str) -> dict[str, list[str]]:
    made = next(p for p in template.slots.split(marked) if isinstance(p, Table))
    return {plain(r.label): [plain(c.content) for c in r.cells] for r in made.rows}


HEADS = ["NGOs", "Government", "Difference", "Limits", "Test", "Words", "Rank", "Rank"]


def test_the_two_sides_stand_item_by_item_with_difference_test_and_ranks(template):
    made = cells(
        template, ComparisonFunctions(template, Numbering("9")).sides("barriers", "Barriers", HEADS)
    )
    assert made["Lack of funding"] == [
        *("62%", "40%", "+22.0", "+16.0 to +28.0", "p = 0.001"),
        *("much more often", "1", "2 (1–3)"),
    ]


def test_what_no_test_tells_apart_is_not_called_a_difference(template):
    made = cells(
        template, ComparisonFunctions(template, Numbering("9")).sides("barriers", "Barriers", HEADS)
    )
    law = template.labels.choice("ngo", "barriers", "law")
    assert made[law][4:6] == ["p = 0.800", "not told apart"]
    assert made["Burden of reporting"][5] == "about as often"


def test_a_hidden_item_is_last_and_without_a_number(template):
    made = cells(
        template, ComparisonFunctions(template, Numbering("9")).sides("barriers", "Barriers", HEADS)
    )
    label = template.labels.choice("ngo", "barriers", "infrastructure")
    assert list(made)[-1] == label
    assert made[label] == ["×", "×", "×", "–", "", "", "–", "–"]


def test_every_number_of_the_table_can_be_opened(template):
    marked = ComparisonFunctions(template, Numbering("9")).sides("barriers", "Barriers", HEADS)
    made = next(p for p in template.slots.split(marked) if isinstance(p, Table))
    keys = {p.key for p in walk(made) if isinstance(p, Slot) and p.source == "result"}
    assert {"sides/barriers/funding", "rank/barriers/funding", "rank/gov_barriers/funding"} <= keys
    for key in keys:
        row = template.results.row(key)
        assert writer(row["file"]) == "compare"
        assert define(row, template.labels, template.language, "compare")


def test_the_definition_of_a_difference_tells_both_sides_and_its_limits(template):
    row = template.results.row("sides/barriers/funding")
    lines = dict(define(row, template.labels, template.language, "compare"))
    assert lines["First side"] == "62%"
    assert lines["Difference, first less second"] == "+22.0"
    assert lines["Limits that match the adjusted test"] == "+16.0 to +28.0"
    assert "Status" not in lines


def test_an_order_stands_with_the_ranks_left_open_the_first_on_top(template):
    compared = ComparisonFunctions(template, Numbering("8"))
    heads = ["Mean", "Limits", "Rank", "Open", "Respondents"]
    made = cells(template, compared.ranked("trust", "Trust", heads, "Body"))
    assert list(made) == ["Local executive body (akimat)", "Ministry of Justice"]
    assert made["Ministry of Justice"] == ["3.00", "2.99 to 3.11", "2", "1–2", "400"]


def test_who_may_be_first_and_who_may_be_last_are_named(template):
    compared = ComparisonFunctions(template, Numbering("8"))
    both = ("“Local executive body (akimat)”", "“Ministry of Justice”")
    assert said(template, compared.foremost("trust")) == " and ".join(both)
    assert said(template, compared.hindmost("trust")) == " and ".join(both[::-1])
    assert said(template, compared.foremost("barriers")) == "“Lack of funding”"


@pytest.mark.parametrize(
    ("analysis", "words"),
    [
        ("barriers", "0.50 (95% limits −0.20 to 0.90): the data do not say whether"),
        ("factors", "0.50 (95% limits 0.10 to 0.90): the two orders agree"),
        ("measures", "not given, because too few items"),
    ],
)
def test_a_rank_correlation_says_no_more_than_its_limits(template, analysis, words):
    assert said(
        template, ComparisonFunctions(template, Numbering("9")).agreement(analysis)
    ).startswith(words)


def test_a_question_that_is_not_compared_says_where_to_declare_it(template):
    with pytest.raises(ResultError, match="section compare.*barriers"):
        ComparisonFunctions(template, Numbering("9")).sides("barriars", "Barriers", HEADS)
