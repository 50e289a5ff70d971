"""Replicate weights of the export are the variance of every estimate."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import yaml_text
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results.store import Results
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import ReplicateDesign, SurveyDesign, replicate
from ngo_survey.statistics.design.replication import replication_of, scales_of
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.verbs.check import run as check
from plain_study import build, plain_study
from suites import turns

from reference import api, close, design, values

Estimator = Callable[[SurveyDesign], pd.DataFrame]


def pairs() -> SurveyDesign:
    schools = api("apistrat").assign(pair=np.repeat(np.arange(100), 2), psu=np.arange(200))
    return SurveyDesign(schools, weights="pw", strata="pair", psu="psu")


def one_stratum() -> SurveyDesign:
    return SurveyDesign(api("apiclus1"), weights="pw", psu="dnum")


MADE: dict[str, Callable[[], ReplicateDesign]] = {
    "jk1_clus1_nofpc": lambda: replicate(one_stratum(), "JK1"),
    "jkn_strat": lambda: replicate(design("strat"), "JKn"),
    "brr": lambda: replicate(pairs(), "BRR"),
    "fay": lambda: replicate(pairs(), "Fay", rho=0.3),
}
TOTAL: Estimator = lambda d: estimation.total(d, "api00")  # noqa: E731


def given(made: ReplicateDesign, around: Any = "mean") -> SurveyDesign:
    """Take the replicates of a design as columns that came with its data."""
    weights = made.design.weights
    own = SurveyDesign(made.design.frame, weights=weights)
    return own.replicated(
        replication_of(weights, pd.DataFrame(made.weights), made.scale, around=around)
    )


ESTIMATORS: dict[str, Estimator] = {
    "total": lambda d: estimation.total(d, "api00"),
    "mean": lambda d: estimation.mean(d, "api00"),
    "ratio": lambda d: estimation.ratio(d, "api00", "api99"),
    "prop": lambda d: estimation.proportion(d, "stype"),
    "by": lambda d: estimation.mean(d, "api00", by="awards"),
}


@pytest.mark.parametrize(("statistic", "name"), turns(ESTIMATORS, list(MADE)))
def test_replicates_that_are_given_have_the_standard_errors_of_r(name: str, statistic: str) -> None:
    made = ESTIMATORS[statistic](given(MADE[name]()))
    theirs = values("r_replicates").get(f"{name}/{statistic}")
    if theirs is None:
        # R was asked for totals of half-samples alone: run the estimator on every replicate.
        anew = MADE[name]().estimate(ESTIMATORS[statistic])
        theirs = {"est": anew["estimate"], "se": anew["se"]}
    close(made["estimate"], theirs["est"])
    np.testing.assert_allclose(made["se"], theirs["se"], rtol=1e-8, atol=1e-10)


def test_balanced_half_samples_are_the_linearised_figure_itself() -> None:
    """Of a linear estimate half-samples give the stratified variance exactly (McCarthy 1969)."""
    made, linear = TOTAL(given(MADE["brr"]())), TOTAL(pairs())
    np.testing.assert_allclose(made["se"], linear["se"], rtol=1e-9)


def test_domains_and_what_they_share_have_the_covariance_of_the_replicates() -> None:
    made, whole = given(MADE["jkn_strat"]()), MADE["jkn_strat"]()
    by: Estimator = lambda d: estimation.total(d, "enroll", by="awards")  # noqa: E731
    np.testing.assert_allclose(by(made)["se"], whole.estimate(by)["se"], rtol=1e-8)
    codes = (made.frame["awards"] == "Yes").to_numpy().astype(np.int64)
    apart = made.cell_covariance(codes, 2)
    counted = np.stack([whole.weights[codes == cell].sum(axis=0) for cell in (0, 1)])
    moved = counted - counted.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(apart, (moved * whole.scale) @ moved.T, rtol=1e-8, atol=1e-6)


def test_a_calibrated_design_keeps_its_replicates() -> None:
    margin = {"stype": {"E": 4421.0, "H": 755.0, "M": 1018.0}}
    raked = given(MADE["brr"]()).rake(margin)
    assert estimation.total(raked, "stype")["se"].max() < 1e-6
    linear = TOTAL(pairs().rake(margin))
    np.testing.assert_allclose(TOTAL(raked)["se"], linear["se"], rtol=1e-9)


def test_around_the_estimate_is_around_the_weights() -> None:
    made = MADE["jk1_clus1_nofpc"]()
    weights = made.design.weights
    totals = made.weights.T @ made.design.frame["api00"].to_numpy()
    whole = float(weights @ made.design.frame["api00"])
    by_hand = np.sqrt(made.scale @ (totals - whole) ** 2)
    assert TOTAL(given(made, "estimate"))["se"].iloc[0] == pytest.approx(by_hand, rel=1e-10)


def test_degrees_of_freedom_are_the_rank_less_one_and_fewer_in_a_small_domain() -> None:
    made = given(MADE["jk1_clus1_nofpc"]())
    assert made.degrees_of_freedom == values("r_replicates")["jk1_clus1_nofpc/total"]["df"]
    few = np.arange(len(made.frame)) < 5
    assert made.subset(few).degrees_of_freedom == 4


@pytest.mark.parametrize(
    ("kind", "more", "each"),
    [
        ("JK1", {}, 0.75),
        ("JK2", {}, 1.0),
        ("BRR", {}, 0.25),
        ("Fay", {"rho": 0.5}, 1.0),
        ("bootstrap", {}, 1 / 3),
        ("SDR", {}, 1.0),
        ("other", {"scale": 0.1}, 0.1),
    ],
)
def test_the_scale_of_a_type_is_that_of_its_source(kind: str, more: Any, each: float) -> None:
    assert scales_of(kind, 4, **more).tolist() == pytest.approx([each] * 4)


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("JK4", {}, "no such replicates.*JK"),
        ("JKn", {}, "scales that their producer gives.*rscales"),
        ("Fay", {}, "have a rho"),
        ("BRR", {"rho": 0.5}, "have a rho"),
        ("JKn", {"rscales": [1.0]}, "1 rscales for 4 replicates"),
    ],
)
def test_scales_that_cannot_be_are_refused(kind: str, more: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        scales_of(kind, 4, **more)


#: Replicates of the study below.
REPLICATES = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has weights and random half-samples as columns of its export."""
    folder = tmp_path_factory.mktemp("replicated")
    plain_study(folder, ["visitors"], language="en", report={"formats": ["html"]})
    names = ["factor", *(f"rep_{place}" for place in range(1, REPLICATES + 1))]
    form = folder / "data/raw/questionnaires/visitors.xlsx"
    book = openpyxl.load_workbook(form)
    for name in names:
        book["survey"].append(["decimal", name, name, "none", "", "", "internal", name])
    book.save(form)
    export = folder / "data/raw/responses/visitors.csv"
    frame = pd.read_csv(export, dtype=str)
    rng = np.random.default_rng(3)
    weights = np.where(frame["place"] == "town", 1.5, 0.5)
    halves = rng.integers(0, 2, (len(frame), REPLICATES)) * 2 * weights[:, None]
    drawn = pd.DataFrame(np.column_stack([weights, halves]).astype(str), columns=names)
    pd.concat([frame, drawn], axis=1).to_csv(export, index=False)
    return folder


def declared(folder: Path, **replicates: Any) -> Study:
    """Load the study with ``replicates`` as its configuration says them."""
    file = folder / "config.yaml"
    config = yaml_text.load(file.read_text(encoding="utf-8"))
    more = replicates.pop("more", {})
    said = {"columns": "rep_*", "type": "BRR"} | replicates
    config["populations"]["visitors"]["weighting"] = {
        "weights": "factor",
        "replicates": said,
    } | more
    file.write_text(yaml_text.dump(config), encoding="utf-8")
    return Study.load(file)


@pytest.fixture(scope="module")
def built(folder: Path) -> Study:
    study = declared(folder)
    build(study)
    return study


def test_the_figures_of_a_study_have_the_errors_of_its_replicates(built: Study) -> None:
    rows = Results.load(built.paths.results).family("estimates").set_index("key")
    frame = pd.read_csv(built.population("visitors").responses)
    weights = frame["factor"].to_numpy()
    halves = frame[[f"rep_{place}" for place in range(1, REPLICATES + 1)]].to_numpy()
    town = (frame["place"] == "town").to_numpy().astype(float)
    share = weights @ town / weights.sum()
    anew = (halves.T @ town) / halves.sum(axis=0)
    se = np.sqrt(((anew - anew.mean()) ** 2).mean())
    assert float(rows.loc["place/town@total", "estimate"]) == pytest.approx(share, rel=1e-9)
    assert float(rows.loc["place/town@total", "se"]) == pytest.approx(se, rel=1e-8)


def test_the_report_says_that_errors_are_of_replicates(built: Study) -> None:
    page = built.paths.report("en").read_text(encoding="utf-8")
    assert "takes in the design: replicate weights and unequal weights" in page
    assert "Replicate weights" in page


def test_replicates_are_never_released(built: Study) -> None:
    released = [f for f in built.paths.released.rglob("*.csv")]
    assert released
    assert not any("rep_" in f.read_text(encoding="utf-8") for f in released)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"columns": "wrep_*"}, r"replicates\.columns.*wrep_\*"),
        ({"columns": ["rep_1", "rpe_2"]}, r"replicates\.columns.*rpe_2.*rep_2"),
        ({"more": {"fpc": "factor"}}, r"weighting\.fpc.*already.*rscales"),
        ({"more": {"lonely": "adjust"}}, r"weighting\.lonely.*already"),
    ],
)
def test_names_of_replicates_are_checked(folder: Path, said: Any, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        check_names(declared(folder, **said))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"type": "JKn"}, r"weighting\.replicates: .*scales that their producer gives"),
        ({"type": "Fay"}, r"weighting\.replicates: .*rho"),
        ({"columns": ["factor", "rep_1"], "more": {"weights": "rep_1"}}, "no positive number"),
    ],
)
def test_check_refuses_replicates_that_give_no_variance(
    folder: Path, said: Any, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(declared(folder, **said)) == 1
    assert re.search(problem, "".join(capsys.readouterr()))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (lambda w: np.column_stack([w, w]), "no replicate differs"),
        (lambda w: np.column_stack([w / w, 2 * w / w]), "does not add up"),
    ],
)
def test_columns_that_are_no_replicate_weights_are_refused(
    weights: Callable[[Any], Any], said: str
) -> None:
    full = api("apiclus1")["pw"].to_numpy()
    with pytest.raises(InputError, match=said):
        replication_of(full, pd.DataFrame(weights(full)), scales_of("JK1", 2))
