"""The stage `areas`: figures of small areas made of what is released, and of nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import yaml_text
from ngo_survey.disclosure.released_areas import area_weights, as_released, model_based
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results import store
from ngo_survey.statistics.small_areas import official_column, register_column
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.verbs.areas import run
from released_rows import ROUNDING, hide, margins, of_the_same_release, table
from suites import examples

from conftest import ROOT

REGIONS = [f"KZ-{code}" for code in yaml_text.load(
    "[10, 11, 15, 19, 23, 27, 31, 33, 35, 39, 43, 47, 55, 59, 61, 62, 63, 71, 75, 79]"
)]  # fmt: skip
NOTHING = pd.DataFrame(index=REGIONS)
SEEDS = st.integers(0, 2**32 - 1)


def parts(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows by area and the row of the whole, as released."""
    out = as_released(rows, "estimates", ROUNDING)
    return out[out["by"] != ""], out[out["by"] == ""].iloc[0].to_dict()


def estimated(rows: pd.DataFrame, rounding: Rounding = ROUNDING, **options: Any) -> pd.DataFrame:
    direct, whole = parts(rows)
    weights = area_weights(direct, whole, pd.Series(1 / len(REGIONS), REGIONS))
    made = model_based(direct, whole, NOTHING, rounding, weights, **options)
    return made.set_index("by_level")


def study_of(folder: Path, rows: pd.DataFrame, seed: int = 0, **changes: Any) -> Study:
    """Write a study that has got as far as the stage, with these rows as its table."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    whole["small_areas"]["growth"] |= changes
    text = yaml_text.dump(whole)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    for raw in ("register", "sample", "official", "questionnaires", "coding"):
        shutil.copytree(ROOT / "data" / "raw" / raw, folder / "data" / "raw" / raw)
    study = Study.load(folder / "config.yaml")
    store.write(rows, "estimates", study.paths.result("estimates", "audience3"))
    store.write(margins(REGIONS, seed), "margins", study.paths.result("margins", "ngo"))
    return study


def written(study: Study) -> bytes:
    run(study)
    return study.paths.result("areas", "growth").read_bytes()


@given(SEEDS)
@examples(25)
def test_rows_of_one_release_give_one_model_whatever_stands_behind_it(seed: int) -> None:
    rows = table(REGIONS, seed)
    other = of_the_same_release(rows, seed + 1)
    assume(rows["estimate"].notna().sum() > 11)  # the whole, and more than half of the areas
    assert not np.allclose(rows["estimate"].dropna(), other["estimate"].dropna(), atol=1e-4)
    pd.testing.assert_frame_equal(*(as_released(r, "estimates", ROUNDING) for r in (rows, other)))
    pd.testing.assert_frame_equal(estimated(rows), estimated(other), check_exact=True)


@pytest.mark.usefixtures("stages")
def test_two_data_sets_of_one_release_leave_the_same_bytes(tmp_path: Path) -> None:
    rows = table(REGIONS, 3)
    one = written(study_of(tmp_path / "one", rows))
    other = written(study_of(tmp_path / "other", of_the_same_release(rows, 4)))
    assert one == other


@pytest.mark.usefixtures("stages")
def test_another_release_leaves_other_bytes(tmp_path: Path) -> None:
    one = written(study_of(tmp_path / "one", table(REGIONS, 3)))
    assert one != written(study_of(tmp_path / "other", table(REGIONS, 5)))


def test_an_area_that_is_hidden_is_told_by_the_columns_alone() -> None:
    rows = table(REGIONS, 1)
    hide(rows, rows["by_level"].isin(["KZ-10", "KZ-62"]))
    made = estimated(rows).loc["KZ-10"]
    assert (made["kind"], made["shrinkage"]) == ("synthetic", 0)
    assert np.isnan(made["direct"])
    assert made["ci_low"] < made["estimate"] < made["ci_high"]


def test_what_stood_in_a_hidden_cell_does_not_count() -> None:
    rows = table(REGIONS, 1)
    other = rows.copy()
    other.loc[other["by_level"] == "KZ-10", ["estimate", "n"]] = [0.9, 40]
    hide(rows, rows["by_level"] == "KZ-10")
    hide(other, other["by_level"] == "KZ-10")
    pd.testing.assert_frame_equal(estimated(rows), estimated(other))


@pytest.mark.parametrize("benchmark", ["difference", "ratio"])
@pytest.mark.parametrize("statistic", ["proportion", "mean"])
def test_areas_give_the_released_figure_of_the_whole(statistic: str, benchmark: str) -> None:
    rows = table(REGIONS, 2, statistic)
    direct, whole = parts(rows)
    made = estimated(rows, benchmark=benchmark)
    weights = area_weights(direct, whole, pd.Series(dtype=float))
    least = made["se"].max() / 5  # each is printed in steps of a tenth of its error
    assert np.average(made["estimate"], weights=weights) == pytest.approx(
        whole["estimate"], abs=least
    )


def test_without_a_benchmark_nothing_is_added() -> None:
    direct, whole = parts(table(REGIONS, 2))
    made = model_based(direct, whole, NOTHING, ROUNDING, benchmark="none")
    assert made["adjustment"].isna().all()
    assert made["estimate"].notna().all()


def test_figures_that_are_rounded_more_count_less() -> None:
    direct, whole = parts(table(REGIONS, 2))
    fine, coarse = (
        model_based(direct, whole, NOTHING, Rounding(respondents=r), benchmark="none")
        for r in (2, 20)
    )
    shown = fine["kind"] == "eblup"
    assert (coarse["shrinkage"][shown] <= fine["shrinkage"][shown]).all()
    assert coarse["shrinkage"].mean() < 0.7 * fine["shrinkage"].mean()


def test_estimates_lie_between_the_area_itself_and_the_columns() -> None:
    direct, whole = parts(table(REGIONS, 6))
    made = model_based(direct, whole, NOTHING, ROUNDING, benchmark="none").dropna()
    low = made[["direct", "synthetic"]].min(axis=1)
    high = made[["direct", "synthetic"]].max(axis=1)
    step = 0.011  # two roundings of half a step of one point
    assert ((low - step <= made["estimate"]) & (made["estimate"] <= high + step)).all()


def test_a_hidden_base_is_told_by_the_register() -> None:
    direct, whole = parts(table(REGIONS, 1))
    register = direct.set_index("by_level")["weighted_base"] / direct["weighted_base"].sum()
    known = direct.set_index("by_level")["weighted_base"]
    blank = direct.assign(weighted_base=direct["weighted_base"].mask(direct["by_level"] == "KZ-71"))
    assert area_weights(blank, whole, register)["KZ-71"] == pytest.approx(known["KZ-71"])


def test_a_hidden_base_that_no_margin_tells_is_refused() -> None:
    direct, whole = parts(table(REGIONS, 1))
    blank = direct.assign(weighted_base=direct["weighted_base"].mask(direct["by_level"] == "KZ-71"))
    with pytest.raises(InputError, match="KZ-71.*benchmark: none"):
        area_weights(blank, whole, pd.Series(dtype=float))


def test_areas_that_are_not_the_whole_are_not_made_to_add_up_to_it() -> None:
    direct, whole = parts(table(REGIONS, 1))
    whole["weighted_base"] *= 2
    with pytest.raises(InputError, match="some respondents are in none of them"):
        area_weights(direct, whole, pd.Series(dtype=float))


def test_a_whole_that_is_hidden_is_refused() -> None:
    rows = table(REGIONS, 1)
    hide(rows, rows["by_level"] == "total")
    direct, whole = parts(rows)
    with pytest.raises(InputError, match="of all areas together is hidden"):
        model_based(direct, whole, NOTHING, ROUNDING)


@pytest.mark.usefixtures("stages")
def test_too_few_released_areas_are_refused_at_the_key(tmp_path: Path) -> None:
    rows = table(REGIONS, 1)
    hide(rows, rows["by_level"].isin(REGIONS[3:]))
    with pytest.raises(ConfigError, match=r"small_areas\.growth.*most areas are hidden"):
        run(study_of(tmp_path / "study", rows))


@pytest.mark.parametrize(("hidden", "made"), [(10, True), (11, False)])
def test_most_areas_must_be_shown(hidden: int, made: bool) -> None:
    rows = table(REGIONS, 8, "mean")
    hide(rows, rows["by_level"].isin(REGIONS[:hidden]))
    if made:
        assert (estimated(rows)["kind"] == "synthetic").sum() == hidden
    else:
        with pytest.raises(InputError, match=f"most areas are hidden.*{20 - hidden} of 20 shown"):
            estimated(rows)


@pytest.mark.usefixtures("stages")
def test_a_figure_that_the_table_has_not_is_refused_with_those_it_has(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study", table(REGIONS, 1), category="shrank")
    with pytest.raises(ConfigError, match="no such figure.*proportion grew"):
        run(study)


OFFICIAL = pd.DataFrame(
    {
        "region": ["A", "B", "B", "C"],
        "year": ["2020", "2020", "2021", "2020"],
        "value": [10.0, 20.0, 30.0, 0.0],
    }
)


def test_an_official_figure_is_that_of_the_rows_named() -> None:
    made = official_column(OFFICIAL, {"year": ["2020"]}, ["B", "A"], logarithm=True)
    assert made.to_dict() == pytest.approx({"B": np.log(20), "A": np.log(10)})


@pytest.mark.parametrize(
    ("where", "areas", "log", "said"),
    [
        ({}, ["A", "B"], False, "several official figures.*'B'"),
        ({"year": ["2021"]}, ["A", "B"], False, "no official figure.*'A'"),
        ({"yaer": ["2021"]}, ["A"], False, "did you mean year"),
        ({"year": ["2020"]}, ["A", "C"], True, "no logarithm.*'C'"),
    ],
)
def test_an_official_column_without_one_figure_an_area_is_refused(
    where: dict[str, list[str]], areas: list[str], log: bool, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        official_column(OFFICIAL, where, areas, log)


REGISTER = pd.DataFrame(
    {"region": ["A", "A", "B"], "place": ["town", "village", "town"], "count": [30, 10, 5]}
)


def test_a_column_of_the_register_is_a_share_of_each_area() -> None:
    made = register_column(REGISTER, "region", "place", "village", ["A", "B"])
    assert made.to_dict() == {"A": 0.25, "B": 0.0}


@pytest.mark.parametrize(
    ("category", "areas", "said"),
    [("vilage", ["A"], "did you mean village"), ("village", ["A", "C"], "nobody in an area.*'C'")],
)
def test_what_the_register_has_not_is_refused(category: str, areas: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        register_column(REGISTER, "region", "place", category, areas)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"population": "ngos"}, r"growth\.population.*did you mean ngo"),
        ({"table": "audience"}, r"growth\.table.*did you mean audience3"),
        ({"by": "regoin"}, r"growth\.by.*did you mean region"),
        ({"by": "main_funding"}, r"growth\.by.*benchmark: none"),
        ({"columns": [{"official": "populations"}]}, r"columns\.0\.official.*did you mean pop"),
        ({"columns": [{"register": "trust", "category": "a"}]}, r"columns\.0\.register"),
        (
            {"columns": [{"register": "settlement", "category": "vilage"}]},
            r"columns\.0\.category.*did you mean village",
        ),
    ],
)
@pytest.mark.usefixtures("stages")
def test_a_name_that_the_study_has_not_is_refused_before_anything_runs(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    study = Study.load(ROOT / "config.yaml", {"small_areas": {"growth": changes}})
    with pytest.raises(ConfigError, match=said):
        check_names(study)


def test_a_column_is_official_or_of_the_register() -> None:
    both = {"official": "population", "register": "settlement", "category": "village"}
    with pytest.raises(ConfigError, match=r"columns\.0"):
        Study.load(ROOT / "config.yaml", {"small_areas": {"growth": {"columns": [both]}}})
