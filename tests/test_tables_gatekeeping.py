"""A question as a whole is tested first; its answers, trends and columns only behind that test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.disclosure.tabulate import Tables, make
from ngo_survey.statistics.estimation import adjust, gatekeep
from ngo_survey.tables.declared import Standard
from small_tables import OPEN, book, plain_design, question, spec
from suites import examples

CODEBOOK = book(
    question("form", "scale", ["a", "b", "c"]),
    question("place", "single", ["town", "village"]),
    question("wishes", "multiple", ["trees", "paths", "lamps", "benches"], kind="select_multiple"),
    question("change", "scale", ["down", "same", "up"]),
)
NOTHING, MUCH = 0.0, 0.35


def made(rng: np.random.Generator, effect: float, **more) -> Tables:
    """Tables of 240 answers; with an effect form `a` wants trees, and grew, more than others."""
    form, place = rng.choice(["a", "b", "c"], 240), rng.choice(["town", "village"], 240)
    lift = np.where(form == "a", effect, 0.0)
    ticks = {
        "trees": rng.random(240) < 0.4 + lift,
        **{name: rng.random(240) < 0.4 for name in ("paths", "lamps", "benches")},
    }
    frame = pd.DataFrame({"form": form, "place": place}, dtype=object)
    frame["wishes"] = [" ".join(n for n in ticks if ticks[n][i]) or "lamps" for i in range(240)]
    frame["change"] = np.where(
        rng.random(240) < 0.3 + lift, "up", rng.choice(["down", "same"], 240)
    )
    specs = [spec(CODEBOOK, name, ["form", "place"]) for name in ("wishes", "change")]
    standard = Standard(**more)
    return make(plain_design(CODEBOOK, frame), specs, CODEBOOK, OPEN, rng, standard=standard)


def of(tables: Tables, table: str, banner: str) -> pd.DataFrame:
    """The tests of a table under a banner, by name."""
    rows = tables.tests[table].astype({"p": float, "p_adjusted": float})
    return rows[rows["analysis"] == f"{table}_by_{banner}"].set_index("test")


@given(gate=st.floats(0, 1), p=st.lists(st.floats(0, 1) | st.just(np.nan), min_size=1, max_size=9))
@examples(500)
def test_nothing_behind_a_gate_is_surer_than_the_gate(gate: float, p: list[float]) -> None:
    made = gatekeep(gate, adjust(p))
    known = ~np.isnan(p)
    assert (np.isnan(made) == ~known).all()
    assert (made[known] >= np.maximum(gate, np.asarray(p)[known])).all()
    np.testing.assert_array_equal(gatekeep(np.nan, adjust(p)), adjust(p))


@pytest.mark.parametrize("effect", [NOTHING, MUCH])
def test_answers_and_trends_stand_behind_the_test_of_the_whole(effect: float) -> None:
    tables = made(np.random.default_rng(5), effect)
    tests = of(tables, "wishes", "form")
    # Of many answers two estimands are tested as wholes: which were given, and how many.
    whole = tests.loc[["overall", "mean_answers.wald"]]
    np.testing.assert_allclose(whole["p_adjusted"], adjust(whole["p"]))
    rows = tests[tests.index.str.endswith("rao_scott")]
    expected = np.maximum(adjust(rows["p"]), whole.loc["overall", "p_adjusted"])
    np.testing.assert_allclose(rows["p_adjusted"], expected)
    trends = tests[tests.index.str.endswith(".trend")]
    assert (trends["p_adjusted"] >= whole.loc["overall", "p_adjusted"]).all()


def test_columns_stand_behind_the_row() -> None:
    tables = made(np.random.default_rng(5), MUCH)
    tests, rows = of(tables, "wishes", "form"), tables.comparisons["wishes"]
    rows = rows[(rows["by"] == "form") & (rows["statistic"] == "proportion")]
    gate = rows["category"].map(lambda name: tests.loc[f"{name}.rao_scott", "p_adjusted"])
    assert (rows["p_adjusted"].astype(float) >= gate).all()
    different = rows[rows["above"] != ""]
    assert set(different["category"]) == {"trees"}
    assert set(different["by_level"]) == {"a"}


def test_the_whole_table_can_be_the_family() -> None:
    tables = made(np.random.default_rng(5), MUCH, family="table")
    rows = tables.tests["change"]
    whole = rows[rows["test"].isin(["rao_scott", "wald"])]
    assert set(whole["analysis"]) == {"change_by_form", "change_by_place"}
    np.testing.assert_allclose(whole["p_adjusted"].astype(float), adjust(whole["p"]))


@pytest.mark.thorough
def test_a_table_of_chance_says_something_in_one_of_twenty() -> None:
    """Error of the family: 400 tables where nothing differs; five percent, give or take three."""
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(400):
        tables = made(rng, NOTHING)
        tests, rows = of(tables, "wishes", "form"), tables.comparisons["wishes"]
        rows = rows[rows["by"] == "form"]
        clear = (rows["p_adjusted"].astype(float) < 0.05) | (rows["above"] != "")
        wrong += bool((tests["p_adjusted"] < 0.05).any() or clear.any())
    assert wrong / 400 <= 0.08
