"""Every kind of figure says only what a test supports, and says so where none does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot

from ngo_survey.present.figures.drawing import look
from ngo_survey.present.figures.kinds import KINDS
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.recorded import (
    FigureSource,
    RecordedCodebooks,
    RecordedResults,
    RecordedStudy,
    Recorder,
)
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.statistics.estimation.families import adjust, gatekeep
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from small_store import estimate
from suites import examples

LEVELS = ("regional_centre", "other_town", "village")
NAMES = dict(zip(LEVELS, ("Regional centre", "Other town", "Village"), strict=True))
FOLDERS = itertools.count()
#: Families whose files are by model.
MODELS = frozenset({"effects", "predictions", "diagnostics", "contrasts"})


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
            by = "model" if family in MODELS else "analysis"
            for name, own in pd.DataFrame(rows).groupby(by):
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


def test_a_bar_of_which_a_part_is_hidden_is_named_by_what_it_shows(say: Say) -> None:
    made = lettered("barriers", BARRIERS, {("funding", "regional_centre"): "C"})
    rows = [
        row | {"estimate": None, "status": "suppressed"}
        if (row["category"], row["by_level"]) == ("law", "regional_centre")
        else row
        for row in made["estimates"]
    ]
    said = say(KINDS_OF_COLUMNS["stacked"], **made | {"estimates": rows})
    assert "60% (Regional centre)" in said
    assert "Unclear law" not in said


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
@examples(60, quick=5)
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


def test_a_scatter_says_who_is_first_by_each_of_its_two_figures(say: Say) -> None:
    shares = {"akimat": 0.6, "justice": 0.2, "education": 0.1}
    means = {"akimat": 3.0, "justice": 3.1, "education": 4.0}
    rows = [
        estimate(table, category, value, item=item, statistic=statistic)
        for table, category, statistic, figures in (
            ("cooperation", "regular", "proportion", shares),
            ("trust", "", "mean", means),
        )
        for item, value in figures.items()
    ]
    spec = {
        "kind": "scatter",
        "analyses": [{"analysis": "cooperation"}, {"analysis": "trust"}],
        "category": "regular",
    }
    said = say(spec, estimates=rows)
    assert "Highest: Local executive body (akimat) (60%)" in said
    assert "Highest: Ministry of Education (4.00)" in said
    assert "Justice" not in said


def test_where_both_ends_are_open_one_sentence_names_the_first_of_each(
    say: Say, study: Study
) -> None:
    trusted = [question.item for question in codebook(study, "ngo").battery("trust")][:6]
    # Two may be the first, four the last.
    places = [(1, 2), (1, 2), (3, 6), (3, 6), (3, 6), (3, 6)]
    rows = [
        estimate("trust", "", 4 - place / 10, item=item, statistic="mean")
        for place, item in enumerate(trusted)
    ]
    ranks = [
        {"key": f"rank/trust/{item}", "analysis": "trust", "item": item, "category": "",
         "statistic": "mean", "rank": low, "rank_low": low, "rank_high": high}
        for item, (low, high) in zip(trusted, places, strict=True)
    ]  # fmt: skip
    said = say({"kind": "ranking", "analysis": "trust"}, estimates=rows, ranks=ranks)
    first, _, last = said.partition("; nor which is lowest: ")
    assert [figure in first for figure in ("4.00", "3.90", "3.80")] == [True, True, False]
    assert [figure in last for figure in ("3.50", "3.60", "3.70")] == [True, True, False]
    assert last.endswith("and 2 more.")


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


@pytest.mark.parametrize("kind", KINDS_OF_COLUMNS)
def test_a_table_that_is_hidden_whole_is_drawn_and_nothing_is_said_of_it(
    say: Say, kind: str
) -> None:
    nothing = dict.fromkeys(LEVELS, np.nan)
    made = lettered("barriers", {"law": nothing, "funding": nothing}, {})
    hidden = dict.fromkeys(("estimate", "se", "ci_low", "ci_high", "n"), np.nan)
    hidden |= {"status": "suppressed"}
    made["estimates"] = [row | hidden for row in made["estimates"]]
    said = say(KINDS_OF_COLUMNS[kind], **made)
    assert "%" not in said


def crossed(shares: Mapping[tuple[str, str], float], status: str = "shown") -> list[dict[str, Any]]:
    """Return spheres by bodies, and how many of all work with each body."""
    bodies = {"akimat": 0.56, "justice": 0.13}
    cells = [
        estimate("sphere_bodies", body, share, item=sphere)
        for (sphere, body), share in shares.items()
    ]
    of_all = [
        estimate(
            "cooperation", "regular", share, item=body,
            status=status if body == "justice" else "shown",
        )
        for body, share in bodies.items()
    ]  # fmt: skip
    return [*cells, *of_all]


CELLS = {
    ("environment", "akimat"): 0.58, ("environment", "justice"): 0.12,
    ("culture_art", "akimat"): 0.55, ("culture_art", "justice"): 0.33,
}  # fmt: skip


def test_a_crossing_names_a_cell_above_all_beyond_chance_not_the_largest(say: Say) -> None:
    spec = {"kind": "crossing", "analysis": "sphere_bodies"}
    said = say(spec, estimates=crossed(CELLS))
    assert said == "Furthest above all: Culture and art – Ministry of Justice (33% against 13%)."
    none = crossed(CELLS | {("culture_art", "justice"): 0.15})
    assert say(spec, estimates=none).startswith("No cell is above the share of all beyond chance")


def test_a_crossing_says_nothing_of_a_body_whose_own_share_is_hidden(say: Say) -> None:
    spec = {"kind": "crossing", "analysis": "sphere_bodies"}
    said = say(spec, estimates=crossed(CELLS, status="suppressed"))
    assert said.startswith("No cell is above")


def test_answers_go_together_where_their_pair_is_beyond_independence(say: Say) -> None:
    alone = {"funding": 0.55, "staff": 0.34, "law": 0.2, "distrust": 0.15}
    rows = [estimate("barriers", name, share) for name, share in alone.items()]
    # The most frequent pair is what chance gives; a rarer one is twice as frequent as that.
    together = {("funding", "staff"): 0.187, ("law", "distrust"): 0.06}
    rows += [
        estimate("barriers_pairs", two, share, item=one, se=0.008)
        for (one, two), share in together.items()
    ]
    spec = {"kind": "together", "analysis": "barriers_pairs"}
    said = say(spec, estimates=rows)
    assert "Unclear law + Mutual distrust (6%; 3% if independent)" in said
    rows[-1]["estimate"] = 0.03
    assert say(spec, estimates=rows).startswith("No two answers are given together")


def test_without_any_comparisons_or_ranks_figures_are_drawn_and_claim_nothing(say: Say) -> None:
    own = dict(zip(LEVELS, (0.2, 0.35, 0.5), strict=True))
    rows = lettered("audience3", {"grew": own}, {})["estimates"]
    spec = {
        "kind": "intervals", "analysis": "audience3", "category": "grew",
        "banners": ["settlement"],
    }  # fmt: skip
    said = say(spec, estimates=rows)
    assert said == "Grew: 40% in all. Differences between groups are not tested."


FORMS = ("public_association", "public_foundation", "private_institution")


def model(gate: float, p: Mapping[str, float]) -> dict[str, list[dict[str, Any]]]:
    """Return effects of the legal form and what it predicts, its test behind a family."""
    names = {"model": "audience", "variable": "form_group", "outcome": "grew"}
    sizes = dict(zip(FORMS, (0.38, 0.53, 0.46), strict=True))
    predictions = [
        names
        | {
            "key": f"p/{level}",
            "level": level,
            "estimate": size,
            "ci_low": size - 0.1,
            "ci_high": size + 0.1,
        }
        for level, size in sizes.items()
    ]
    adjusted = gatekeep(gate, adjust(list(p.values())))
    effects = [
        names
        | {
            "key": f"e/{level}",
            "term": f"form_group={level}",
            "level": level,
            "estimate": sizes[level] - 0.38,
            "ci_low": 0.01,
            "ci_high": 0.3,
            "p": value,
            "p_adjusted": judged,
        }
        for (level, value), judged in zip(p.items(), adjusted, strict=True)
    ]
    diagnostics = [
        {"key": "d/n", "model": "audience", "name": "n", "value": 1000},
        {"key": "d/f", "model": "audience", "name": "family/main/form_group", "p": gate},
    ]
    return {"predictions": predictions, "effects": effects, "diagnostics": diagnostics}


@pytest.mark.parametrize(
    ("gate", "p", "clear"),
    [
        (0.001, (0.001, 0.2), 1),
        (0.001, (0.03, 0.04), 0),  # Holm of the two levels: 0.06
        (0.2, (0.001, 0.001), 0),  # the variable as a whole does not differ
    ],
)
def test_effects_are_counted_as_the_text_counts_them(
    say: Say, gate: float, p: tuple[float, float], clear: int
) -> None:
    made = model(gate, dict(zip(FORMS[1:], p, strict=True)))
    said = say({"kind": "effects", "model": "audience", "outcome": "grew"}, **made)
    counted = f"{clear} of 2 effects beyond chance." if clear else "No effect is beyond chance"
    assert said.startswith(counted)
    spec = {"kind": "predictions", "model": "audience", "variables": ["form_group"]}
    said = say(spec, **made)
    if clear:
        assert "from 38% (" in said
        assert "to 53% (" in said
    else:
        assert said == "Grew: no clear difference between groups."


def drawn(study: Study, folder: Path, spec: dict[str, Any], more: list[dict[str, Any]]) -> Picture:
    """Return a figure under way in a study with tables of its own."""
    raw = {**study.raw, "tables": {**study.raw["tables"], "more": more}}
    seen = Recorder(FigureSource(Study(study.root, study.file, raw), ""))
    seen.source.__dict__["results"] = Results.load(folder)
    parts = RecordedStudy(seen), RecordedResults(seen), RecordedCodebooks(seen)
    return Picture("f", spec | {"title": {"en": "A title"}}, *parts, "en")


def test_a_figure_of_some_respondents_says_of_whom_it_is(study: Study, tmp_path: Path) -> None:
    for name in ("barriers", "rural_barriers", "services"):
        rows = [estimate(name, answer, 0.4) for answer in ("law", "funding")]
        store.write(pd.DataFrame(rows), "estimates", tmp_path / "estimates" / f"{name}.csv")
    rural = {"id": "rural_barriers", "population": "ngo", "rows": "barriers"}
    more = [rural | {"filter": "rural = rural"}]
    for read, said in (
        (["barriers"], ""),
        (["rural_barriers"], "Only respondents with: Town or village: Village."),
        (["services", "rural_barriers"], "”: Only respondents with: Town or village: Village."),
        (
            ["barriers", "rural_barriers"],
            "Part of the figures: Only respondents with: Town or village: Village.",
        ),
    ):
        picture = drawn(study, tmp_path, {"kind": "bars"}, more)
        for name in read:
            picture.estimates(name)
        whom = picture.whom()
        assert (whom == said) if len(read) == 1 else whom.endswith(said)
        reads = picture.results.recorder.reads
        assert {r for r in reads if r[1] == "chosen"} == {("", "chosen", name) for name in read}


def test_a_figure_of_a_flow_that_does_not_add_up_says_so(study: Study, tmp_path: Path) -> None:
    for name, aside in (("exact", 50), ("rounded", 55)):
        counts = {"received": 1240, "test": aside, "complete": 1190}
        for group in study.populations:
            rows = [
                {"key": f"flow/{group}/{s}", "population": group, "stage": s, "count": c}
                for s, c in counts.items()
            ]
            store.write(pd.DataFrame(rows), "flow", tmp_path / name / "flow" / f"{group}.csv")
        with look():
            made = Drawn(*KINDS["flow"](drawn(study, tmp_path / name, {"kind": "flow"}, [])))
        pyplot.close(made.figure)
        assert ("need not add up" in made.note) == (name == "rounded")


def test_areas_say_how_far_the_model_draws_them_together(say: Say) -> None:
    own, drawn = {"KZ-10": 0.2, "KZ-75": 0.5, "KZ-79": 0.6}, (0.35, 0.45, 0.46)
    analysis = "audience3_by_region"
    direct = [
        estimate(analysis, "grew", share, by="region", level=area) for area, share in own.items()
    ]
    modelled = [
        row
        | {"key": f"areas/growth/{row['by_level']}", "name": "growth", "estimate": share}
        | {"ci_low": share - 0.1, "ci_high": share + 0.1, "direct": row["estimate"]}
        for row, share in zip(direct, drawn, strict=True)
    ]
    said = say(
        {"kind": "areas", "areas": "growth"},
        estimates=[estimate("audience3", "grew", 0.43), *direct],
        areas=tidied(modelled, "areas"),
    )
    assert said == (
        "Model-based estimates lie between 35% and 46%; "
        "figures of areas themselves between 20% and 60%."
    )
