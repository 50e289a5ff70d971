"""Derived numbers and what they are made of: a reader of the one cannot work out the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.codebook.derived import with_derived
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.disclosure.audit import Attacker, derived
from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.secondary_suppression import protect
from ngo_survey.disclosure.thresholds import primary
from ngo_survey.ingest.cleaning.derive import derive
from ngo_survey.tables.declared import TableSpec
from ngo_survey.tables.forms import estimands
from small_tables import OPEN, RULES, book, linked, plain_design, question, shown, spec, tabulate

L = {"en": "label"}
POINTS = ["1", "2", "3", "4", "5", "dont_know"]
ASKED = book(
    question("form", "single", ["a", "b"]),
    question("trust_x", "rating", POINTS, battery="trust"),
    question("trust_y", "rating", POINTS, battery="trust"),
    question("trust_z", "rating", POINTS, battery="trust"),
    question("pace_x", "scale", ["never", "some", "often"], battery="pace"),
    question("pace_y", "scale", ["never", "some", "often"], battery="pace"),
    question("staff", "number", kind="integer"),
    question("helpers", "number", kind="integer"),
    question("year", "number", kind="integer"),
    question("money_state", "constant_sum", kind="integer", battery="money"),
    question("money_own", "constant_sum", kind="integer", battery="money"),
    question("money_gifts", "constant_sum", kind="integer", battery="money"),
)
RULES_OF: dict[str, dict[str, Any]] = {
    "strict": {"op": "index", "of": "trust"},
    "lenient": {"op": "index", "of": "trust", "minimum": 1, "reverse": ["z"], "range": [0, 100]},
    "pace_index": {"op": "index", "of": "pace"},
    "people": {"op": "sum", "of": ["staff", "helpers"]},
    "age": {"op": "difference", "of": "year", "value": 2026},
    "public": {"op": "share_of", "of": "money", "items": ["state", "gifts"]},
    "half": {"op": "share_of", "of": ["money_state", "money_own"], "items": ["money_state"]},
    "each": {"op": "ratio", "of": ["helpers", "staff"]},
    "n_often": {"op": "count", "of": "pace", "values": ["some", "often"]},
}
DERIVE = {name: {"labels": L, "form": "number", **rule} for name, rule in RULES_OF.items()}
CODEBOOK = with_derived(ASKED, DERIVE)
TABLES = ("trust", "pace", "staff", "helpers", "year", "money", *RULES_OF)


def answers(seed: int, silent: float, n: int = 90) -> pd.DataFrame:
    """Random answers as text, derived numbers among them, some of them missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"form": rng.choice(["a", "b"], n)}, dtype=object)
    for name in ("trust_x", "trust_y", "trust_z"):
        frame[name] = rng.choice(POINTS[:5], n)
    for name in ("pace_x", "pace_y"):
        frame[name] = rng.choice(["never", "some", "often"], n)
    for name, most in (("staff", 9), ("helpers", 30)):
        frame[name] = rng.integers(0, most, n).astype(str)
    frame["year"] = rng.integers(1991, 2026, n).astype(str)
    for question_ in [q for q in ASKED if q.name != "form" and not q.battery.startswith("money")]:
        gone = rng.random(n) < silent
        frame.loc[gone, question_.name] = None
    parts = rng.multinomial(100, [0.5, 0.3, 0.2], n)
    for column, name in enumerate(("money_state", "money_own", "money_gifts")):
        frame[name] = parts[:, column].astype(str)
    return with_numbers(frame)


def with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    asked = frame.drop(columns=list(DERIVE), errors="ignore")
    made = derive(ASKED.type_frame(asked), CODEBOOK, DERIVE)
    return frame.assign(**{name: made[name] for name in DERIVE})


def specs(codebook: Questionnaire = CODEBOOK, names: tuple[str, ...] = TABLES) -> list[TableSpec]:
    return [spec(codebook, name, ["form"]) for name in names]


def block(system: Linked, variable: str, statistic: str) -> tuple[CellBlock, int]:
    """The block of a figure and the row of it."""
    for own in system.tables:
        for row, member in enumerate(own.source.members):
            if (own.source.variable, member.statistic) == (variable, statistic):
                return own, row
    raise AssertionError((variable, statistic))


def hiding(system: Linked, *variables: str) -> np.ndarray:
    """Everything of some variables hidden, and what no table tells; but bases are known."""
    hidden = ~primary(system, OPEN).published
    for own in system.tables:
        if own.source.variable in variables:
            hidden[own.cells] = True
    # Everybody may have some of a part: that is the base, and known.
    for own in system.tables:
        hidden[own.base] = False
    return hidden


@pytest.mark.parametrize("silent", [0.0, 0.03, 0.4])
def test_no_equation_is_false(silent: float) -> None:
    system = linked(CODEBOOK, answers(5, silent), specs())
    matrix = system.cells.matrix()
    left = matrix @ np.array(system.cells.value)
    assert np.abs(left).max() < 1e-6
    assert (np.array(system.cells.value) >= np.array(system.cells.lower) - 1e-9).all()


@pytest.mark.parametrize(
    ("number", "item", "statistic"),
    [
        ("strict", "trust_y", "mean"),
        ("lenient", "trust_z", "mean"),
        ("people", "helpers", "mean"),
        ("age", "year", "mean"),
    ],
)
def test_the_audit_works_out_an_item_from_the_number_made_of_it(
    number: str, item: str, statistic: str
) -> None:
    system = linked(CODEBOOK, answers(1, 0.0), specs(names=(*TABLES[:6], number)))
    own, row = block(system, item, statistic)
    cells = own.cells[row]
    assert not derived(system.cells.matrix(), hiding(system, item))[cells].any()
    # Without the number itself nothing tells it.
    without = hiding(system, item, number)
    assert derived(system.cells.matrix(), without)[cells].all()


def test_the_audit_works_out_a_part_from_the_share_of_the_others() -> None:
    system = linked(CODEBOOK, answers(1, 0.0), specs(names=("money", "public")))
    own, _ = block(system, "money", "mean_share")
    attacker = Attacker(system.cells, system.cells.matrix(), hiding(system, "money"))
    state, own_money, _ = (attacker.intervals(cells) for cells in own.cells)
    # State and gifts together are told, so that the rest of a hundred is.
    assert own_money[1] == pytest.approx(own_money[0])
    assert (state[1] - state[0] > 1).all()


@pytest.mark.parametrize("name", ["half", "each"])
def test_what_is_no_fixed_sum_is_tied_to_nothing(name: str) -> None:
    assert CODEBOOK.question(name).linear is None


def test_a_count_over_items_tells_the_answers_that_it_counts() -> None:
    system = linked(CODEBOOK, answers(1, 0.0), specs(names=("pace", "n_often")))
    own, _ = block(system, "pace_x", "proportion")
    hidden = hiding(system)
    hidden[own.cells] = True
    kept = derived(system.cells.matrix(), hidden)
    # Some and often together are known, so never is; the two are not.
    assert kept[own.cells].tolist() == [[True] * 3] * 3
    low, high = Attacker(system.cells, system.cells.matrix(), hidden).intervals(own.cells[0])
    assert high == pytest.approx(low)


def test_who_answered_a_part_leaves_what_they_may_have_given() -> None:
    frame = answers(2, 0.0)
    silent = frame.index[frame["form"] == "a"][0]
    frame.loc[silent, "trust_y"] = "dont_know"
    frame = with_numbers(frame)
    system = linked(CODEBOOK, frame, specs(names=("trust", "strict")))
    own, row = block(system, "trust_x", "mean")
    names = [system.columns.names[c][1] for c in own.columns]
    cells = own.cells[row]
    attacker = Attacker(system.cells, system.cells.matrix(), hiding(system, "trust_x"))
    low, high = attacker.intervals(cells)
    width = dict(zip(names, high - low, strict=True))
    # 3 v = x + y + z for all but one, whose x and z nobody knows: together 2 to 10.
    assert width["b"] == pytest.approx(0)
    assert width["a"] == pytest.approx(8)
    assert (low <= np.array(system.cells.value)[cells] + 1e-6).all()
    assert (np.array(system.cells.value)[cells] <= high + 1e-6).all()


COUNTED = with_derived(
    book(
        question("form", "single", ["a", "b", "c", "d"]),
        question("has_x", "single", ["yes", "no"], battery="has"),
        question("has_y", "single", ["yes", "no"], battery="has"),
    ),
    {"n_has": {"op": "count", "of": "has", "values": ["yes"], "labels": L, "form": "number"}},
)


def counted() -> pd.DataFrame:
    """In forms a and b three have x; many have y."""
    rows = []
    for form, n, x, y in (("a", 40, 3, 20), ("b", 40, 3, 15), ("c", 40, 20, 20), ("d", 40, 9, 30)):
        rows += [(form, i < x, i % n >= n - y) for i in range(n)]
    frame = pd.DataFrame(rows, columns=["form", "has_x", "has_y"])
    for name in ("has_x", "has_y"):
        frame[name] = frame[name].map({True: "yes", False: "no"}).astype(object)
    made = frame.eq("yes")
    return frame.assign(n_has=made["has_x"].astype(float) + made["has_y"])


def leaks(codebook: Questionnaire) -> list[str]:
    """Forms of which too few have x, while the number of things and those with y are told."""
    tables = tabulate(codebook, counted(), specs(codebook, ("has", "n_has")), RULES)
    found = []
    for form in "ab":
        told = {
            key: shown(tables, key)["status"] == "shown"
            for key in (f"has_by_form/x.yes@{form}", f"has_by_form/y.yes@{form}")
        }
        assert not told[f"has_by_form/x.yes@{form}"]
        number = shown(tables, f"n_has_by_form/mean@{form}")["status"] == "shown"
        if number and told[f"has_by_form/y.yes@{form}"]:
            found.append(form)
    return found


def test_a_hidden_answer_cannot_be_worked_out_from_the_number_made_of_it() -> None:
    assert leaks(COUNTED) == []
    untied = replace(COUNTED.question("n_has"), linear=None)
    assert leaks(replace(COUNTED, questions={**COUNTED.questions, "n_has": untied})) == ["a", "b"]


@pytest.mark.parametrize("seed", range(3))
def test_small_counts_keep_their_intervals_beside_derived_numbers(seed: int) -> None:
    frame = answers(seed, 0.02, 60)
    system = linked(CODEBOOK, frame, specs())
    decision = primary(system, RULES)
    hidden = protect(system, decision, np.random.default_rng(seed)).hidden
    targets = np.flatnonzero(decision.sensitive & np.array(system.cells.is_count))
    low, high = Attacker(system.cells, system.cells.matrix(), hidden).intervals(targets)
    assert len(targets)
    assert (high - low >= RULES.protection - 1e-6).all()


def test_tables_of_some_people_are_tied_to_tables_of_the_same_people() -> None:
    frame = answers(3, 0.0)
    design = plain_design(CODEBOOK, frame)
    young = (design.frame["year"] > 2008).to_numpy()
    one, other = specs(names=("year", "age"))
    found = [estimands(s, design.frame, CODEBOOK, young) for s in (one, other)]
    assert all(p.linear is None for p in found[0])
    assert found[1][0].linear == CODEBOOK.question("age").linear
    assert (found[1][0].valid == young).all()
