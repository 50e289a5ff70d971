"""Declared single figures come out under their keys, and none stands on too few respondents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yaml_text
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results import store
from ngo_survey.statistics import estimation
from ngo_survey.statistics.estimation.indicators import Indicator, estimate, withhold
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import clean, read, weight
from ngo_survey.workflow.verbs import estimate as stage
from ngo_survey.workflow.verbs.design import load_design

from conftest import copy_study
from reference import close, design

AWARDS = Indicator("awarded", "proportion", "awards", categories=("Yes",), by="stype")


def dummies(name: str) -> pd.DataFrame:
    return pd.get_dummies(design("strat").frame[name], dtype=float)


def test_a_proportion_is_keyed_by_its_category_and_the_level() -> None:
    made = estimate(design("strat"), AWARDS, dummies("awards")).set_index("key")
    assert list(made.index) == [
        "awarded/Yes@total",
        "awarded_by_stype/Yes@E",
        "awarded_by_stype/Yes@H",
        "awarded_by_stype/Yes@M",
    ]
    alone = estimation.proportion(design("strat"), "awards", by="stype")
    yes = alone[alone["category"] == "Yes"]
    figures = ["estimate", "se", "ci_low", "ci_high", "df", "deff"]
    close(made[figures].iloc[1:], yes[figures], 1e-12)
    assert made["n"].iloc[1:].tolist() == yes["count"].tolist()
    assert made["base"].iloc[1:].tolist() == yes["n"].tolist()


@pytest.mark.parametrize("statistic", ["mean", "total", "median", "ratio"])
def test_a_number_is_keyed_by_its_statistic(statistic) -> None:
    under = "enroll" if statistic == "ratio" else ""
    wanted = Indicator("score", statistic, "api00", denominator=under)
    made = estimate(design("strat"), wanted, None)
    assert made["key"].tolist() == [f"score/{statistic}@total"]
    assert made["estimate"].notna().all()


@pytest.mark.parametrize("statistic", ["mean", "total", "median", "ratio"])
def test_a_number_of_one_respondent_has_an_estimate_and_no_limits(statistic) -> None:
    under = "enroll" if statistic == "ratio" else ""
    whole = design("strat")
    one = whole.subset(whole.frame.index == 7)
    made = estimate(one, Indicator("score", statistic, "api00", denominator=under), None).iloc[0]
    assert (made["key"], made["n"], made["df"]) == (f"score/{statistic}@total", 1, 0)
    assert np.isfinite(made["estimate"])
    assert np.isnan([made["ci_low"], made["ci_high"]]).all()


def test_levels_of_a_variable_that_is_called_as_a_figure_is_are_its_own() -> None:
    renamed = design("strat")
    renamed = renamed.assign(n=renamed.frame["stype"])
    made = estimate(renamed, Indicator("score", "mean", "api00", by="n"), None)
    assert made["by_level"].tolist() == ["total", "E", "H", "M"]


def test_an_unknown_category_names_its_neighbour() -> None:
    wanted = Indicator("awarded", "proportion", "awards", categories=("yes",))
    with pytest.raises(InputError, match="no such choice.*did you mean Yes"):
        estimate(design("strat"), wanted, dummies("awards"))


def rows(statistic: str, *counts: tuple[int, int]) -> pd.DataFrame:
    """One figure a level, with its n and base."""
    frame = pd.DataFrame(counts, columns=["n", "base"])
    figures = dict.fromkeys(["estimate", "se", "ci_low", "ci_high", "df", "deff"], 1.0)
    return frame.assign(analysis="a_by_b", statistic=statistic, alike=False, **figures)


@pytest.mark.parametrize(
    ("statistic", "n", "base", "status"),
    [
        ("mean", 10, 10, "shown"),
        ("mean", 9, 9, "suppressed-primary"),
        ("mean", 0, 0, "empty"),
        ("proportion", 5, 20, "shown"),
        ("proportion", 4, 20, "suppressed-primary"),
        ("proportion", 16, 20, "suppressed-primary"),
        ("proportion", 0, 20, "shown"),
        ("proportion", 20, 20, "shown"),
    ],
)
def test_a_figure_on_too_few_is_withheld(statistic: str, n: int, base: int, status: str) -> None:
    made = withhold(rows(statistic, (n, base)), threshold=5, minimum_base=10)
    assert made["status"].tolist() == [status]
    figures = made[["n", "base", "estimate", "se", "ci_low", "ci_high", "df", "deff"]]
    assert figures.notna().to_numpy().all() == (status == "shown")


def test_one_withheld_level_takes_the_other_levels_with_it() -> None:
    made = withhold(rows("mean", (40, 40), (6, 6), (30, 30)), threshold=5, minimum_base=10)
    assert made["status"].tolist() == [
        "suppressed-secondary",
        "suppressed-primary",
        "suppressed-secondary",
    ]
    assert made["estimate"].isna().all()


@pytest.mark.parametrize(
    ("statistic", "alike", "n", "base", "status"),
    [
        ("proportion", False, 0, 19, "suppressed-primary"),
        ("proportion", False, 19, 19, "suppressed-primary"),
        ("proportion", False, 0, 20, "shown"),
        ("mean", True, 19, 19, "suppressed-primary"),
        ("mean", True, 20, 20, "shown"),
        ("mean", False, 19, 19, "shown"),
    ],
)
def test_what_all_or_none_of_a_small_group_gave_is_withheld(
    statistic: str, alike: bool, n: int, base: int, status: str
) -> None:
    made = withhold(rows(statistic, (n, base)).assign(alike=alike), 5, 10, group_base=20)
    assert made["status"].tolist() == [status]


@pytest.fixture(scope="module")
def weighted(tmp_path_factory: pytest.TempPathFactory, stages: None) -> Study:
    """The government survey as it ships, read, cleaned and weighted."""
    study = Study.load(copy_study(tmp_path_factory.mktemp("study")) / "config.yaml")
    for step in (read, clean, weight):
        step.run(study, "government")
    return study


def declare(study: Study, *indicators: dict[str, object]) -> Study:
    tree = yaml_text.load(study.file.read_text(encoding="utf-8"))
    path = study.root / "other.yaml"
    path.write_text(yaml_text.dump({**tree, "indicators": list(indicators)}), encoding="utf-8")
    return Study.load(path)


def test_the_shipped_indicators_are_written_to_the_store(weighted: Study) -> None:
    stage.run(weighted, "government")
    made = store.read("estimates", weighted.paths.result("estimates", "indicators_government"))
    declared = [i for i in weighted.section("indicators") if i["population"] == "government"]
    assert set(made["analysis"]) >= {i["id"] for i in declared}
    whole, _ = load_design(weighted, "government")
    expected = estimation.mean(whole, "ngos_worked_with")["estimate"][0]
    close(made.set_index("key").loc["partner_ngos/mean@total", "estimate"], expected, 1e-9)


def test_no_indicator_leaves_a_file_with_heads_alone(weighted: Study) -> None:
    none = declare(weighted)
    stage.run(none, "government")
    assert store.read("estimates", none.paths.result("estimates", "indicators_government")).empty


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"variable": "ngos_worked_wiht"}, "did you mean ngos_worked_with"),
        ({"variable": "body_type"}, "are no numbers"),
        ({"id": "gov_outlook"}, "this name is taken"),
        ({"population": "goverment"}, "did you mean government"),
    ],
)
def test_a_wrong_indicator_is_named_with_its_key(
    weighted: Study, change: dict[str, str], said: str
) -> None:
    right = {
        "id": "partners",
        "population": "government",
        "statistic": "mean",
        "variable": "ngos_worked_with",
    }
    with pytest.raises(ConfigError, match=rf"key indicators\.0.*{said}"):
        stage.run(declare(weighted, {**right, **change}), "government")


def test_a_ratio_without_a_denominator_is_refused_by_the_schema(weighted: Study) -> None:
    with pytest.raises(ConfigError, match="'denominator' is missing"):
        declare(
            weighted,
            {
                "id": "r",
                "population": "government",
                "statistic": "ratio",
                "variable": "sso_contracts",
            },
        )


def test_the_design_of_the_pipeline_meets_what_is_eligible_of_the_register(weighted: Study) -> None:
    whole, _ = load_design(weighted, "government")
    # Less than the register holds, where some of it was found ineligible.
    totals = pd.read_csv(weighted.paths.calibration("government"))
    bodies = totals[totals["margin"] == "margin_body_type"].set_index("level")["total"]
    found = (
        whole.frame.assign(w=whole.weights).groupby("(margin_body_type)", observed=True)["w"].sum()
    )
    close(found[bodies.index], bodies, 1e-9)
    register = pd.read_csv(weighted.population("government").register)
    held = register.groupby("body_type")["count"].sum()
    assert (bodies <= held[bodies.index] + 1e-6).all()
    assert whole.degrees_of_freedom == whole.n - whole.frame["(stratum)"].nunique()


def test_weights_of_other_respondents_are_refused(weighted: Study, tmp_path: Path) -> None:
    copied = Study.load(copy_study(tmp_path) / "config.yaml")
    for path in ("clean", "weights", "calibration"):
        frame = store.read_text_csv(getattr(weighted.paths, path)("government"))
        frame = frame.iloc[::-1] if path == "weights" else frame
        store.write_csv(frame, getattr(copied.paths, path)("government"))
    with pytest.raises(InputError, match="the weights belong to other respondents"):
        load_design(copied, "government")


def test_a_step_taken_too_early_says_what_is_missing(tmp_path: Path) -> None:
    early = Study.load(copy_study(tmp_path) / "config.yaml")
    for step in (weight, stage):
        with pytest.raises(InputError, match="an earlier step has not written this file"):
            step.run(early, "government")


def test_written_weights_are_the_weights_of_the_design(weighted: Study) -> None:
    whole, _ = load_design(weighted, "government")
    written = store.read_text_csv(weighted.paths.weights("government"))
    np.testing.assert_allclose(whole.weights, written["weight"].astype(float), rtol=1e-8)
