"""Letters and arrows say what a reader may take from a table, within a stated family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.disclosure.tabulate import make
from ngo_survey.statistics.estimation import adjust, compare
from ngo_survey.tables.comparisons import letter
from ngo_survey.tables.declared import Standard
from small_tables import OPEN, RULES, book, plain_design, question, spec

CODEBOOK = book(
    question("form", "single", ["a", "b", "c"]),
    question("change", "scale", ["down", "same", "up"]),
    question("staff", "number", kind="integer"),
)


def answers() -> pd.DataFrame:
    """Three forms: `a` grew far more often than `b`, `c` lies between; staff alike."""
    rng = np.random.default_rng(3)
    form = np.repeat(["a", "b", "c"], [120, 120, 60])
    chance = {"a": 0.7, "b": 0.3, "c": 0.5}
    grew = rng.random(300) < np.array([chance[f] for f in form])
    rest = np.where(rng.random(300) < 0.5, "same", "down")
    return pd.DataFrame(
        {
            "form": form,
            "change": np.where(grew, "up", rest),
            "staff": rng.integers(0, 9, 300).astype(str),
        },
        dtype=object,
    )


def made(standard: Standard | None = None, rules=OPEN, **more):
    design = plain_design(CODEBOOK, answers())
    specs = [spec(CODEBOOK, name, ["form"], **more) for name in ("change", "staff")]
    rng = np.random.default_rng(1)
    return design, make(design, specs, CODEBOOK, rules, rng, standard=standard)


def test_a_letter_stands_where_the_adjusted_difference_is_beyond_the_level() -> None:
    design, tables = made()
    rows = tables.comparisons["change"].set_index("key")
    p = []
    for category in ("down", "same", "up"):
        for pair in (("a", "b"), ("a", "c"), ("b", "c")):
            p.append(compare(design, "change", "form", pair, category=category)["p"])
    adjusted = adjust(p)
    assert adjusted[6] < 0.05  # up: a against b
    assert rows.loc["compare/change_by_form/up@a", "above"].split()[0] == "B"
    letters = sum(len(text.split()) for text in rows["above"])
    assert letters == (adjusted < 0.05).sum()


def test_no_letter_where_nothing_differs() -> None:
    _, tables = made()
    assert set(tables.comparisons["staff"]["above"]) == {""}


def test_columns_are_lettered_in_order() -> None:
    _, tables = made()
    rows = tables.comparisons["change"]
    assert rows.groupby("by_level")["letter"].unique().str[0].to_dict() == {
        "a": "A",
        "b": "B",
        "c": "C",
    }
    assert [letter(i) for i in (0, 25, 26, 27, 51, 52)] == ["A", "Z", "AA", "AB", "AZ", "BA"]


def test_a_figure_is_held_against_everybody_else() -> None:
    design, tables = made()
    row = tables.comparisons["change"].set_index("key").loc["compare/change_by_form/up@a"]
    rest = np.where(design.frame["form"] == "a", "this", "rest")
    alone = compare(
        design.assign(against=pd.Categorical(rest)), "change", "against", ("this", "rest"),
        category="up",
    )  # fmt: skip
    assert row["difference"] == pytest.approx(alone["estimate"])
    assert row["se"] == pytest.approx(alone["se"])
    assert row["p"] == pytest.approx(alone["p"])


@pytest.mark.parametrize("family", ["banner", "row", "table"])
def test_the_family_of_the_adjustment_is_the_declared_one(family: str) -> None:
    _, tables = made(Standard(family=family))
    rows = tables.comparisons["change"].astype({"p": float, "p_adjusted": float})
    groups = {"banner": "by", "table": "population", "row": "category"}
    for _, own in rows.groupby(groups[family]):
        gate = tables.tests["change"].set_index("test").loc["rao_scott", "p_adjusted"]
        np.testing.assert_allclose(own["p_adjusted"], np.maximum(adjust(own["p"]), gate))


def test_a_table_that_asks_for_no_comparison_has_none() -> None:
    _, tables = made(tests=("overall",))
    assert tables.comparisons["change"].empty
    assert len(tables.tests["change"])


def test_what_is_hidden_is_compared_with_nothing() -> None:
    few = answers().iloc[[*range(120), *range(120, 131), *range(240, 300)]].reset_index(drop=True)
    design = plain_design(CODEBOOK, few)
    tables = make(
        design, [spec(CODEBOOK, "change", ["form"])], CODEBOOK, RULES, np.random.default_rng(1)
    )
    estimates = tables.estimates["change"].set_index("key")
    hidden = estimates[(estimates["status"] != "shown") & (estimates["by"] != "")].index
    assert len(hidden)
    compared = set(tables.comparisons["change"]["key"])
    assert not {f"compare/{key}" for key in hidden} & compared
