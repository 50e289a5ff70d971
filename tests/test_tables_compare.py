"""The two sides and rankings: what is declared is found, what a table hides stays hidden."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import ConfigError, ResultError
from ngo_survey.present.document.labels import Labels
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.statistics import estimation
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_comparisons import declared
from ngo_survey.study.declared_tables import TableSpec
from ngo_survey.tables.compare import ComparedFrames, Side, compare
from ngo_survey.tables.compared import Declared, Measured
from ngo_survey.workflow.explain import Explainer
from ngo_survey.workflow.products import Products
from small_tables import OPEN, book, plain_design, question, spec, tabulate
from suites import sample

SIDES = ("ngo", "government")
POINTS = ["1", "2", "3", "4", "5"]
NUMBERS = ["first", "second", "difference", "se", "ci_low", "ci_high", "df", "p", "p_adjusted"]
BOOK = book(
    question("wants", "multiple", ["money", "rooms", "law", "none"], kind="select_multiple"),
    question("trust_akimat", "rating", [*POINTS, "dont_know"], battery="trust"),
    question("trust_council", "rating", [*POINTS, "dont_know"], battery="trust"),
)


def answers(seed: int, tilt: float, n: int = 150) -> pd.DataFrame:
    """Answers of one side; ``tilt`` moves money up and rooms down."""
    draw = np.random.default_rng(seed)
    chances = {"money": 0.5 + tilt, "rooms": 0.5 - tilt, "law": 0.3, "none": 0.1}
    ticked = {name: draw.random(n) < p for name, p in chances.items()}
    said = [" ".join(c for c in chances if ticked[c][i]) or "law" for i in range(n)]
    points = {f"trust_{b}": draw.choice(POINTS, n).astype(object) for b in ("akimat", "council")}
    points["trust_council"][:10] = "dont_know"
    return pd.DataFrame({"wants": said, **points})


def side(name: str, frame: pd.DataFrame, hidden: tuple[str, ...] = ()) -> Side:
    """One side with its released tables, in which some figures of the total column are hidden."""
    tables = tabulate(BOOK, frame, [table(name, "wants"), table(name, "trust")], OPEN)
    released = {}
    for row in pd.concat(tables.estimates.values()).to_dict("records"):
        if row["key"] in hidden:
            row |= {"status": "suppressed-secondary", "estimate": np.nan, "se": np.nan}
        released[row["key"]] = row
    return Side(plain_design(BOOK, frame), BOOK, released)


def table(population: str, name: str) -> TableSpec:
    """The table of a question on one side."""
    own = spec(BOOK, name)
    prefix = "gov_" if population == "government" else ""
    return replace(own, population=population, id=prefix + name)


def made(
    hidden: tuple[str, ...] = (), ngo: pd.DataFrame | None = None, alpha: float = 0.05
) -> ComparedFrames:
    """Compare the two sides on what they want, and rank the trust of NGOs."""
    wants = tuple(Measured(table(p, "wants"), "proportion", (), ("none",)) for p in SIDES)
    trust = Measured(table("ngo", "trust"), "mean")
    plan = Declared(SIDES, (wants,), (trust,))
    frames = {"ngo": answers(1, 0.25) if ngo is None else ngo, "government": answers(2, -0.25)}
    sides = {name: side(name, frame, hidden) for name, frame in frames.items()}
    return compare(plan, sides, lambda name: np.random.default_rng(len(name)), alpha)


@cache
def plain() -> ComparedFrames:
    """The comparison of which nothing is hidden, made once."""
    return made()


def test_each_figure_stands_with_its_test_and_its_rank_on_both_sides():
    rows = plain().sides["wants"].set_index("key")
    money = rows.loc["sides/wants/money"]
    ticked = []
    for frame in (answers(1, 0.25), answers(2, -0.25)):
        money_named = np.where(frame["wants"].str.contains("money"), "yes", "no")
        ticked.append(plain_design(BOOK, frame).assign(money=money_named))
    known = estimation.between(*ticked, "money", "yes")
    assert money["difference"] == pytest.approx(known["estimate"])
    assert money["se"] == pytest.approx(known["se"])
    assert (money["rank_first"], money["rank_second"]) == (1, 3)
    store.tidy(rows.reset_index(), "sides")


@pytest.mark.parametrize("alpha", sample([0.2, 0.001, 0.01, 0.05, 0.5], 2))
def test_limits_leave_zero_out_where_the_declared_level_tells_two_sides_apart(alpha: float):
    rows = made(alpha=alpha).sides["wants"].dropna(subset=["p_adjusted"])
    apart = (rows["ci_low"] > 0) | (rows["ci_high"] < 0)
    assert (apart == (rows["p_adjusted"] < alpha)).all()


def test_the_rank_correlation_of_the_two_sides_is_a_test_of_its_own():
    row = plain().correlations.iloc[0]
    assert row["key"] == "test/sides_wants/rank_correlation"
    assert row["statistic"] == row["effect"]
    assert -1 <= row["effect_low"] <= row["effect"] <= row["effect_high"] <= 1


def test_what_is_no_answer_of_substance_is_compared_but_has_no_place():
    found = plain()
    none = found.sides["wants"].set_index("key").loc["sides/wants/none"]
    assert np.isfinite(none["p"])
    assert np.isnan(none["rank_first"])
    assert "rank/wants/none" not in set(found.ranks["wants"]["key"])


def test_items_of_a_battery_are_ranked_on_those_who_gave_a_point():
    rows = plain().ranks["trust"].set_index("key")
    assert rows["base"].to_dict() == {"rank/trust/akimat": 150, "rank/trust/council": 140}
    assert set(rows["rank"]) == {1, 2}


def test_a_figure_of_one_respondent_is_shown_without_a_place():
    frame = answers(1, 0.25)
    frame.loc[frame.index[:-1], "trust_council"] = None
    rows = made(ngo=frame).ranks["trust"].set_index("key")
    assert rows.loc["rank/trust/council", ["status", "base"]].tolist() == ["shown", 1]
    assert "rank" not in rows


def test_two_sides_are_not_compared_on_what_one_respondent_said():
    frame = answers(1, 0.25)
    frame.loc[frame.index[:-1], "wants"] = None
    found = made(ngo=frame)
    assert set(found.sides["wants"]["status"]) == {"shown"}
    assert "difference" not in found.sides["wants"]
    assert found.correlations.empty


@pytest.mark.parametrize("key", ["wants/rooms@total", "gov_wants/rooms@total"])
def test_a_figure_that_one_side_hides_is_told_on_neither_and_ranked_on_neither(key):
    found = made(hidden=(key,))
    row = found.sides["wants"].set_index("key").loc["sides/wants/rooms"]
    assert row["status"] == "suppressed-secondary"
    assert row[[*NUMBERS, "rank_first", "rank_second"]].isna().all()
    for analysis in ("wants", "gov_wants"):
        ranks = found.ranks[analysis].set_index("category")
        assert ranks.loc["rooms", ["rank", "rank_low", "rank_high"]].isna().all()
        assert ranks["rank"].max() == 2
    hidden = found.ranks[key.split("/")[0]].set_index("category").loc["rooms"]
    assert hidden["status"] == "suppressed-secondary"
    assert hidden[["estimate", "se"]].isna().all()


def test_a_hidden_figure_moves_nothing_that_could_tell_it():
    """Fewer may have ticked it: what is told of the others stays the same to the last digit."""
    hidden = ("wants/rooms@total", "gov_wants/rooms@total")
    fewer = answers(1, 0.25)
    fewer["wants"] = fewer["wants"].str.replace("money rooms", "money")
    assert not fewer.equals(answers(1, 0.25))
    first, second = made(hidden), made(hidden, ngo=fewer)
    pd.testing.assert_frame_equal(first.sides["wants"], second.sides["wants"])
    pd.testing.assert_frame_equal(first.ranks["wants"], second.ranks["wants"])
    pd.testing.assert_frame_equal(first.correlations, second.correlations)


def test_p_values_are_adjusted_over_the_figures_that_are_shown():
    rows = made(hidden=("wants/rooms@total",)).sides["wants"]
    shown = rows[rows["status"] == "shown"]
    np.testing.assert_allclose(shown["p_adjusted"], estimation.adjust(shown["p"]))


def test_a_released_table_that_lacks_a_figure_stops_the_comparison():
    trust = Measured(table("ngo", "trust"), "mean")
    bare = Side(plain_design(BOOK, answers(1, 0)), BOOK, {})
    with pytest.raises(ResultError, match="trust/akimat@total"):
        compare(Declared(("", ""), (), (trust,)), {"ngo": bare}, lambda _: np.random.default_rng(1))


# -- the section `compare` ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def books(study) -> dict[str, Questionnaire]:
    return {name: codebook(study, name) for name in study.populations}


def with_compare(study: Study, block: Mapping[str, Any]) -> Study:
    return Study(study.root, study.file, {**study.raw, "compare": block})


def test_the_shipped_study_compares_what_the_issue_asks(study, books):
    plan = declared(study, books)
    asked = {"factors", "principles", "barriers", "barrier", "measures", "rural_measures"}
    assert asked <= set(plan.compared)
    assert {"trust", "cooperation", "gov_trust_in_ngos"} <= set(plan.ranked)
    assert {f"{side}{name}" for name in asked for side in ("", "gov_")} <= set(plan.ranked)
    assert plan.populations == ["government", "ngo"]


def test_shared_means_asked_alike_of_both_and_no_standing_column(study, books):
    block = {"sides": {"first": "ngo", "second": "government", "items": "shared"}}
    found = declared(with_compare(study, block), books).compared
    assert {"factors", "barriers", "principles", "measures", "law_awareness"} <= set(found)
    assert not {"region", "trust", "legal_form"} & set(found)


def test_one_figure_alone_has_no_order(study, books):
    plan = declared(study, books)
    assert "interaction_satisfaction" in plan.compared
    assert "interaction_satisfaction" not in plan.ranked


def test_a_study_that_compares_nothing_has_no_files_of_it(study):
    raw = {key: block for key, block in study.raw.items() if key != "compare"}
    assert Products(Study(study.root, study.file, raw)).outputs("compare") == []


SIDES_OF = {"first": "ngo", "second": "government"}


@pytest.mark.parametrize(
    ("block", "says", "hint"),
    [
        ({"sides": {**SIDES_OF, "items": ["barrierz"]}}, "no such table of ngo", "barriers"),
        (
            {"sides": {**SIDES_OF, "items": ["spheres"]}},
            "no such table of government",
            "sso_spheres",
        ),
        ({"sides": {**SIDES_OF, "second": "goverment", "items": "shared"}}, "group", "government"),
        ({"sides": {**SIDES_OF, "second": "ngo", "items": "shared"}}, "one group", "other"),
        ({"sides": {**SIDES_OF, "items": ["factors", "factors"]}}, "compared twice", "take"),
        (
            {"sides": {**SIDES_OF, "items": ["factors"], "leave_out": ["othr"]}},
            "no such answer to what is compared",
            "other",
        ),
        (
            {"sides": {**SIDES_OF, "items": [{"question": "measures", "statistic": "mean"}]}},
            "no such statistic of a rank question",
            "top_three",
        ),
        ({"ranks": [{"population": "ngo", "question": "trst"}]}, "no such table", "trust"),
        (
            {"ranks": [{"population": "ngo", "question": "cooperation", "categories": ["regulr"]}]},
            "no such answer to cooperation",
            "regular",
        ),
        ({"ranks": [{"population": "ngo", "question": "cooperation"}]}, "no order", "categories"),
        ({"ranks": [{"population": "ngo", "question": "trust"}] * 2}, "ranked already", "take"),
        (
            {
                "sides": {**SIDES_OF, "items": ["barriers"]},
                "ranks": [{"population": "government", "question": "barriers"}],
            },
            "ranked already",
            "take",
        ),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(study, books, block, says, hint):
    with pytest.raises(ConfigError) as caught:
        declared(with_compare(study, block), books)
    message = str(caught.value)
    assert says in message
    assert hint in message.partition(says)[2]
    assert "compare." in message
    assert "\n" not in message


# -- the verb on the study as it ships ------------------------------------------------------------


def test_the_verb_tells_no_figure_that_its_table_hides(built):
    results = Results.load(built.paths.released)
    released = results.family("estimates").set_index("key")
    ranks, sides = results.family("ranks"), results.family("sides")
    assert len(ranks) > 100
    assert len(sides) > 50
    for row in ranks.to_dict("records"):
        table_row = released.loc[f"{row['key'].removeprefix('rank/')}@total"]
        assert row["status"] == table_row["status"]
        if row["status"] != "shown":
            assert np.isnan([row[c] for c in ("estimate", "se", "rank", "rank_low")]).all()
        else:
            assert row["estimate"] == table_row["estimate"]
    hidden = 0
    for row in sides.to_dict("records"):
        own = row["key"].removeprefix("sides/")
        both = [released.loc[f"{of}{own}@total"] for of in ("", "gov_")]
        if any(r["status"] != "shown" for r in both):
            hidden += 1
            assert row["status"] != "shown"
            assert np.isnan([row[c] for c in [*NUMBERS, "rank_first", "rank_second"]]).all()
        else:
            assert row["first"] == pytest.approx(both[0]["estimate"], rel=1e-9)
            assert row["second"] == pytest.approx(both[1]["estimate"], rel=1e-9)
    assert hidden > 0


def test_ranks_lie_within_their_sets_and_go_from_one_up(built):
    ranks = Results.load(built.paths.released).family("ranks").dropna(subset=["rank"])
    assert (ranks["rank_low"] <= ranks["rank"]).all()
    assert (ranks["rank"] <= ranks["rank_high"]).all()
    for _, rows in ranks.groupby("analysis"):
        assert rows["rank"].min() == 1
        assert rows["rank_high"].max() == len(rows)


def test_the_report_calls_only_what_a_test_tells_apart_a_difference(built):
    page = built.paths.report("en").read_text(encoding="utf-8")
    data = json.loads(page.split('id="definitions">')[1].split("</script>")[0])
    keys = {data["words"][words[0]] for _, _, *words in data["numbers"]}
    assert "sides/barriers/funding" in keys
    assert "test/sides_barriers/rank_correlation" in keys
    assert "Limits overlap" not in page
    assert "not told apart" in page


def test_what_is_compared_is_followed_back_to_both_groups(built):
    explainer = Explainer(built, Results.load(built.paths.released), Labels.load(built, "en"))
    for key in ("sides/barriers/funding", "test/sides_barriers/rank_correlation"):
        made = {title: "\n".join(lines) for title, lines in explainer.explain(key)}
        assert made["Rule"].startswith("ngo-survey compare")
        assert "compare (compare)" in made["Configuration"]
        assert "src/ngo_survey/statistics/estimation/sides.py" in made["Code"]
        for population in ("ngo", "government"):
            assert f"data/raw/responses/{population}.csv" in made["Inputs"]
            assert "complete" in made[f"Rows ({population})"]
            assert "barriers" in made[f"Cleaning ({population})"]
    one = dict(explainer.explain("rank/trust/akimat"))
    assert "Rows" in one
    assert not any("government" in line for line in one["Inputs"])
