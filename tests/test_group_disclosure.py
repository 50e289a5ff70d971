"""What all of a small group gave, or none of them, is not told, nor can it be worked out."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.disclosure.linked import CHANCE
from ngo_survey.disclosure.tabulate import Tables, make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.study.layers import with_preset
from small_tables import RULES, book, plain_design, question, shown, spec, tabulate
from suites import sample
from test_tables_attack import KNOWLEDGE, REGIONS, answers, attack, released

GROUPS = replace(RULES, group_base=20)
BOOK = book(
    question("form", "single", ["a", "b", "c"]),
    question("grew", "single", ["yes", "no", "same"]),
    question("reasons", "multiple", ["x", "y"], kind="select_multiple"),
    question("staff", "number", kind="integer"),
)
#: Twelve of form c.
FORMS = ["a"] * 40 + ["b"] * 40 + ["c"] * 12


def study(**columns: list[str]) -> pd.DataFrame:
    """Answers of which nothing is alike in any group, but for what is given."""
    n = len(FORMS)
    whole = {
        "grew": [["yes", "no", "same"][i % 3] for i in range(n)],
        "reasons": [["x", "y"][i % 2] for i in range(n)],
        "staff": [str(i % 7) for i in range(n)],
    }
    return pd.DataFrame({"form": FORMS, **whole, **columns})


def told(frame: pd.DataFrame, name: str, rules: Rules = GROUPS, codebook=BOOK, **more) -> Tables:
    return tabulate(codebook, frame, [spec(codebook, name, ["form"], **more)], rules)


def column(name: str, of_c: list[str]) -> list[str]:
    return [*study()[name].tolist()[:80], *of_c]


def test_an_answer_that_all_of_a_small_group_gave_takes_the_groups_column_with_it() -> None:
    tables = told(study(grew=column("grew", ["yes"] * 12)), "grew")
    for answer in ("yes", "no", "same"):
        row = shown(tables, f"grew_by_form/{answer}@c")
        assert row["status"] == "suppressed-primary"
        assert np.isnan(row["n"])
    assert shown(tables, "grew/yes@total")["status"] == "shown"


def test_another_column_goes_with_it_so_that_it_cannot_be_worked_out() -> None:
    tables = told(study(grew=column("grew", ["yes"] * 12)), "grew")
    beside = [shown(tables, f"grew_by_form/yes@{form}")["status"] for form in "ab"]
    assert "suppressed-secondary" in beside


def test_an_answer_that_none_gave_stays_while_two_others_were_given() -> None:
    tables = told(study(grew=column("grew", ["yes", "no"] * 6)), "grew")
    row = shown(tables, "grew_by_form/same@c")
    assert (row["status"], row["n"]) == ("shown", 0)


@pytest.mark.parametrize(("given", "hidden"), [("x", "x"), ("x", "y")])
def test_of_many_answers_one_that_all_gave_and_one_that_nobody_gave_are_hidden(
    given: str, hidden: str
) -> None:
    tables = told(study(reasons=column("reasons", [given] * 12)), "reasons")
    assert shown(tables, f"reasons_by_form/{hidden}@c")["status"] == "suppressed-primary"


def test_a_number_that_all_of_a_small_group_gave_is_hidden() -> None:
    tables = told(study(staff=column("staff", ["0"] * 12)), "staff")
    for statistic in ("mean", "median"):
        row = shown(tables, f"staff_by_form/{statistic}@c")
        assert row["status"] == "suppressed-primary"


def test_a_group_of_the_declared_size_may_be_told() -> None:
    rules = replace(GROUPS, group_base=12)
    tables = told(study(grew=column("grew", ["yes"] * 12)), "grew", rules)
    row = shown(tables, "grew_by_form/yes@c")
    assert (row["status"], row["n"]) == ("shown", 12)


def test_what_a_larger_group_tells_is_left_alone() -> None:
    """None of 92 named y: that none of the twelve did is no news."""
    tables = told(study(reasons=["x"] * 92), "reasons")
    row = shown(tables, "reasons_by_form/y@c")
    assert (row["status"], row["n"]) == ("shown", 0)


def test_what_the_register_tells_is_left_alone() -> None:
    frame = study(grew=column("grew", ["yes"] * 12))
    design = plain_design(BOOK, frame)
    specs, rng = [spec(BOOK, "grew", ["form"])], np.random.default_rng(1)
    tables = make(design, specs, BOOK, GROUPS, rng, public=frozenset({"grew"}))
    assert shown(tables, "grew_by_form/yes@c")["status"] == "shown"


def gated(asked_of: str) -> Questionnaire:
    """Form is asked of those who gave some answers to ``grew``."""
    form, *others = BOOK
    return book(replace(form, relevant=asked_of), *others)


def test_what_a_skip_rule_makes_so_is_left_alone() -> None:
    """Small as all columns together are: who was asked for the form said that they grew."""
    frame = study()[:18].assign(form=["a"] * 9 + ["b"] * 9, grew="yes")
    frame = pd.concat([frame, study()[:60].assign(form=None)], ignore_index=True)
    for codebook, status in ((gated("${grew} = 'yes'"), "shown"), (BOOK, "suppressed-primary")):
        rules = replace(GROUPS, minimum_base=8)
        tables = told(frame, "grew", rules, codebook)
        assert shown(tables, "grew_by_form/yes@a")["status"] == status


def test_what_a_skip_rule_leaves_open_is_hidden() -> None:
    frame = study(grew=["yes", "no"] * 40 + ["yes"] * 12)
    tables = told(frame, "grew", codebook=gated("${grew} != 'same'"))
    assert shown(tables, "grew_by_form/yes@c")["status"] == "suppressed-primary"


def test_what_a_filter_makes_so_is_left_alone() -> None:
    tables = told(study(), "grew", filter="grew = yes and form = c", own_id="some")
    tables_of = tables.estimates["some"].set_index("key")
    # Four of c grew: too few, whatever the filter says.
    assert tables_of.loc["some/yes@total", "status"] == "suppressed-primary"
    frame = study(grew=column("grew", ["yes"] * 11 + ["no"]))
    tables = told(frame, "grew", filter="grew = yes and form = c", own_id="some")
    assert shown(tables, "some/yes@total")["status"] == "shown"


def test_cells_of_one_size_with_their_base_stay_cells_of_their_own() -> None:
    """From this size on cells of the same people are one, and no interval can part them."""
    text = resources.files("ngo_survey.study").joinpath("schema/disclosure.json").read_text("utf-8")
    assert json.loads(text)["properties"]["group_base"]["maximum"] == CHANCE


@pytest.mark.parametrize(
    ("section", "base"),
    [
        ({}, 20),
        ({"preset": "small study"}, 12),
        ({"preset": "internal"}, 0),
        ({"off": "why"}, 0),
        ({"group_base": 0}, 0),
    ],
)
def test_the_preset_says_below_which_size_a_group_is_small(section: dict, base: int) -> None:
    assert Rules.of(with_preset(section)).group_base == base


def alike(frame: pd.DataFrame, attacker) -> list[int]:
    """Places of the attacker's cells that say that all, or none, of a small group gave an answer.

    What is as true of a larger group that holds this one is left out: it may be told. So is what an
    empty column of a table filtered by ``rural`` says: that nobody is in it; and what finer answers
    say of a coarser reading of them.
    """
    truth = attacker.truth(frame)
    found = []
    for cell, place in attacker.place.items():
        for question_, level in cell:
            context = frozenset(cell - {(question_, level)})
            if not context or level.startswith(("(", "not ")):
                continue
            if question_ in ("macro", "rural", "change2"):
                continue
            # A banner of this answer has an empty level, for all to see.
            if (question_, level) == ("reasons", "x") and not frame["named_x"].eq("yes").any():
                continue
            many = question_ in KNOWLEDGE.multiple
            base = attacker.place.get(context | {(question_, "(answered)")})
            if question_ in KNOWLEDGE.whole:
                base = attacker.place.get(context)
            if base is None or not GROUPS.threshold <= truth[base] < GROUPS.group_base:
                continue
            every, none = truth[place] == truth[base], many and truth[place] == 0
            if (every or none) and not larger(frame, question_, level, context, every, many):
                found.append(place)
    return sorted(set(found))


def larger(frame, question_, level, context, every, many) -> bool:
    """Whether a larger group says the same."""
    macro = {("macro", REGIONS[v]) if q == "region" else (q, v) for q, v in context}
    wider = [macro, *(c for k in range(len(context)) for c in combinations(context, k))]
    wider += [c for k in range(len(macro)) for c in combinations(macro, k)]
    for conditions in wider:
        own = frame[frame[question_].notna()]
        for name, value in conditions:
            answered = own[name].fillna("")
            if value.startswith("(") or name in KNOWLEDGE.multiple:
                break
            own = own[answered == value]
        else:
            given = own[question_].str.split().map(set(level.split()).issubset)
            same = given.all() if every else not given.any()
            if len(own) >= GROUPS.group_base and same:
                return True
    return False


@pytest.mark.parametrize("seed", sample(range(50)))
def test_of_no_small_group_of_a_random_study_it_can_be_told_that_all_or_none_did(seed: int) -> None:
    frame = answers(seed)
    tables = released(frame, GROUPS)
    attacker, _ = attack(tables, frame)
    places = np.array(alike(frame, attacker), dtype=int)
    widths = attacker.solve().widths(places, GROUPS.protection)
    given_up = tables.rates.set_index("name").loc["groups_told", "value"]
    cells = {place: cell for cell, place in attacker.place.items()}
    pinned = [sorted(cells[p]) for p, w in zip(places, widths, strict=True) if w < 1 - 1e-6]
    # What cannot be protected is counted, and said by the stage.
    assert given_up or not pinned, (len(pinned), len(places), pinned[:5])


@pytest.mark.thorough
def test_without_the_rule_the_attacker_finds_such_groups() -> None:
    frame = answers(2)
    attacker, _ = attack(released(frame, RULES), frame)
    places = np.array(alike(frame, attacker), dtype=int)
    assert (attacker.solve().widths(places, GROUPS.protection) < 1e-6).any()
