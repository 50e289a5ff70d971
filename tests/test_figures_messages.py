"""Every kind of figure says only what a test supports, and says so where none does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot

from ngo_survey.present.figures.drawing import look
from ngo_survey.present.figures.kinds import KINDS
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.recorded import FigureSource, RecordedStudy, Recorder
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from small_store import estimate
from suites import examples

LEVELS = ("regional_centre", "other_town", "village")
NAMES = dict(zip(LEVELS, ("Regional centre", "Other town", "Village"), strict=True))
FOLDERS = itertools.count()


#: Says the message of a declared figure drawn from rows of some families.
Say = Callable[..., str]


@pytest.fixture(scope="module")
def say(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Say:
    books = {name: codebook(study, name) for name in study.populations}
    seen = RecordedStudy(Recorder(FigureSource(study, "")))
    folder = tmp_path_factory.mktemp("results")

    def message(spec: dict[str, Any], asked: bool = False, **families: Any) -> str:
        root = folder / str(next(FOLDERS))
        for family, rows in families.items():
            for name, own in pd.DataFrame(rows).groupby("analysis"):
                store.write(own, family, root / family / f"{name}.csv")
        titled = spec | {"title": {"en": "A title"}}
        picture = Picture("f", titled, seen, Results.load(root), books, "en")
        if asked:
            return picture.asked()
        with look():
            made = Drawn(*KINDS[spec["kind"]](picture))
        pyplot.close(made.figure)
        return made.message

    return message


def lettered(
    table: str,
    shares: Mapping[str, Mapping[str, float]],
    above: Mapping[tuple[str, str], str],
    item: str = "",
) -> dict[str, list[dict[str, Any]]]:
    """Return a table by settlement and the letters of its columns, A for the first level."""
    analysis = f"{table}_by_settlement"
    estimates, comparisons = [], []
    for answer, own in shares.items():
        estimates.append(estimate(table, answer, 0.4, item=item))
        for place, level in enumerate(LEVELS):
            row = estimate(analysis, answer, own[level], by="settlement", level=level, item=item)
            estimates.append(row)
            letters = above.get((answer, level), "")
            comparisons.append(
                row | {"key": f"compare/{row['key']}", "letter": "ABC"[place], "above": letters}
            )
    return {"estimates": estimates, "comparisons": tidied(comparisons, "comparisons")}


def tidied(rows: list[dict[str, Any]], family: str) -> list[dict[str, Any]]:
    known = store.FAMILIES[family]
    return [{k: v for k, v in row.items() if k in known} for row in rows]


#: "law" is the furthest apart by its figures, "funding" by what has passed a test.
BARRIERS = {
    "law": {"regional_centre": 0.1, "other_town": 0.3, "village": 0.7},
    "funding": {"regional_centre": 0.6, "other_town": 0.5, "village": 0.4},
}
KINDS_OF_COLUMNS = {
    "bars": {
        "kind": "bars",
        "analyses": [
            {"analysis": "barriers_by_settlement", "level": "regional_centre"},
            {"analysis": "barriers_by_settlement", "level": "village"},
        ],
    },
    "letters": {"kind": "letters", "analysis": "barriers", "banner": "settlement"},
    "stacked": {"kind": "stacked", "analysis": "barriers", "banners": ["settlement"]},
}


@pytest.mark.parametrize("kind", KINDS_OF_COLUMNS)
def test_the_furthest_apart_is_one_that_a_letter_tells_apart(say: Say, kind: str) -> None:
    made = lettered("barriers", BARRIERS, {("funding", "regional_centre"): "C"})
    said = say(KINDS_OF_COLUMNS[kind], **made)
    assert "Lack of funding" in said
    assert "Unclear law" not in said
    assert "60%" in said
    assert "40%" in said


@pytest.mark.parametrize("kind", KINDS_OF_COLUMNS)
def test_without_a_letter_there_is_no_clear_difference(say: Say, kind: str) -> None:
    said = say(KINDS_OF_COLUMNS[kind], **lettered("barriers", BARRIERS, {}))
    assert "o clear difference between" in said
    assert "70%" not in said


@pytest.mark.parametrize("kind", KINDS_OF_COLUMNS)
def test_where_nothing_was_compared_no_difference_is_said_or_denied(say: Say, kind: str) -> None:
    made = lettered("barriers", BARRIERS, {}) | {"comparisons": []}
    made["comparisons"] = tidied([estimate("other", "x", 0.1)], "comparisons")
    said = say(KINDS_OF_COLUMNS[kind], **made)
    assert "not tested" in said
    assert "No clear" not in said


def pairs() -> Iterator[tuple[str, str]]:
    yield from itertools.permutations(LEVELS, 2)


@given(st.sets(st.sampled_from(list(pairs()))), st.permutations((0.2, 0.35, 0.5)))
@examples(60, quick=10)
def test_intervals_name_no_two_levels_without_their_letter(
    say: Say, told: set[tuple[str, str]], shares: list[float]
) -> None:
    own = dict(zip(LEVELS, shares, strict=True))
    above = {
        ("grew", high): " ".join("ABC"[LEVELS.index(low)] for one, low in told if one == high)
        for high in LEVELS
    }
    spec = {
        "kind": "intervals", "analysis": "audience3", "category": "grew",
        "banners": ["settlement"],
    }  # fmt: skip
    said = say(spec, **lettered("audience3", {"grew": own}, above))
    true = [(own[h] - own[low], h, low) for h, low in told if own[h] > own[low]]
    named = {level for level in LEVELS if NAMES[level] in said}
    assert named == (set(max(true)[1:]) if true else set())
    assert ("No clear difference" in said) == (not true)


def test_a_map_of_heat_says_that_nothing_is_told_apart(say: Say) -> None:
    shares = {"regular": dict(zip(LEVELS, (0.1, 0.5, 0.9), strict=True))}
    spec = {
        "kind": "heat", "analysis": "cooperation", "banner": "settlement", "category": "regular",
    }  # fmt: skip
    none = lettered("cooperation", shares, {}, item="akimat")
    assert say(spec, **none) == "No clear difference between groups."
    one = lettered("cooperation", shares, {("regular", "other_town"): "A"}, item="akimat")
    assert "Other town 50%, Regional centre 10%" in say(spec, **one)


def gaps(p: Mapping[str, float]) -> list[dict[str, Any]]:
    sizes = {"law": 0.4, "funding": 0.2}
    return [
        {
            "key": f"sides/barriers/{name}", "analysis": "barriers", "item": "", "category": name,
            "statistic": "proportion", "first": 0.5, "second": 0.5 - sizes[name],
            "difference": sizes[name], "se": 0.05, "ci_low": sizes[name] - 0.1,
            "ci_high": sizes[name] + 0.1, "p_adjusted": value, "status": "shown",
        }
        for name, value in p.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("p", "said"),
    [
        ({"law": 0.3, "funding": 0.01}, "Furthest apart: Lack of funding"),
        ({"law": 0.01, "funding": 0.3}, "Furthest apart: Unclear law"),
        ({"law": 0.3, "funding": 0.3}, "No clear difference between NGOs and Government bodies."),
    ],
)
def test_the_two_sides_stand_apart_only_where_their_gap_is_beyond_chance(
    say: Say, p: dict[str, float], said: str
) -> None:
    shares = [
        estimate(table, name, share, population=group)
        for table, group in (("barriers", "ngo"), ("gov_barriers", "government"))
        for name, share in (("law", 0.5), ("funding", 0.3))
    ]
    spec = {"kind": "gap", "table": "barriers"}
    assert say(spec, estimates=shares, sides=gaps(p)).startswith(said)


def test_means_whose_places_are_open_are_named_together(say: Say) -> None:
    means = {"akimat": 3.6, "justice": 3.5, "education": 2.9}
    rows = [estimate("trust", "", m, item=i, statistic="mean") for i, m in means.items()]
    ranks = [
        {"key": f"rank/trust/{i}", "analysis": "trust", "item": i, "category": "",
         "statistic": "mean", "rank": place, "rank_low": low, "rank_high": high}
        for i, place, low, high in (
            ("akimat", 1, 1, 2), ("justice", 2, 1, 2), ("education", 3, 3, 3)
        )
    ]  # fmt: skip
    spec = {"kind": "ranking", "analysis": "trust"}
    said = say(spec, estimates=rows, ranks=ranks)
    assert said == (
        "Not clear which is highest: Local executive body (akimat) (3.60) and "
        "Ministry of Justice (3.50). Lowest: Ministry of Education (2.90)."
    )


@pytest.mark.parametrize(
    ("spec", "wording"),
    [
        ({"kind": "ranking", "analysis": "trust"}, "How far does the organisation trust"),
        ({"kind": "gap", "table": "barriers"}, "What stands in the way of interaction"),
        ({"kind": "together", "analysis": "barriers_pairs"}, "What stands in the way"),
        (KINDS_OF_COLUMNS["bars"], "What stands in the way of interaction"),
        ({"kind": "stacked", "analysis": "audience3", "banners": []}, ""),
        ({"kind": "crossing", "analysis": "sphere_bodies"}, ""),
        ({"kind": "effects", "model": "audience", "outcome": "grew"}, ""),
    ],
)
def test_a_figure_tells_the_question_as_it_was_asked(
    say: Say, spec: dict[str, Any], wording: str
) -> None:
    names = ("trust", "barriers", "barriers_pairs", "audience3", "sphere_bodies")
    rows = [estimate(name, "x", 0.5) for name in names]
    said = say(spec, asked=True, estimates=rows)
    assert said.startswith(f"Question: \u201c{wording}") if wording else said == ""


def test_what_is_hidden_may_be_the_highest(say: Say) -> None:
    rows = [
        estimate("barriers", "funding", 0.6),
        estimate("barriers", "law", 0.2),
        estimate("barriers", "staff", 0.9, status="suppressed"),
    ]
    spec = {"kind": "bars", "analyses": [{"analysis": "barriers"}]}
    said = say(spec, estimates=rows)
    assert said.startswith("Highest: Lack of funding (60%).")
    assert said.endswith("Some are not shown, and may be higher or lower.")
    assert "not shown" not in say(spec, estimates=rows[:2])
