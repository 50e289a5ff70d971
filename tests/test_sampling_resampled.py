"""Samples drawn from the sample are weighted anew, and every variance is taken from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import yaml_text
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results.store import Results
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign, replicate
from ngo_survey.statistics.design.resampling import grouped_jackknife, rescaled_bootstrap
from ngo_survey.statistics.weighting.from_columns import (
    DesignColumns,
    given_design,
    weight_from_columns,
)
from ngo_survey.statistics.weighting.register import Weighting, weight_sample
from ngo_survey.statistics.weighting.resampled import REPLICATE, Resampling
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.verbs.check import run as check
from ngo_survey.workflow.verbs.clean import run as clean
from ngo_survey.workflow.verbs.estimate import run as estimate
from ngo_survey.workflow.verbs.read import run as read
from ngo_survey.workflow.verbs.weight import run as weight
from plain_study import build, plain_study
from suites import examples

from reference import api, close

Frame = pd.DataFrame
SEEDS = st.integers(0, 10_000)


def named(name: str) -> np.random.Generator:
    return np.random.default_rng([ord(letter) for letter in name])


def how(method: Any = "bootstrap", replicates: int = 40, **more: Any) -> Resampling:
    return Resampling(method, replicates, named, **more)


def replicates_of(made: Weighting) -> np.ndarray:
    return made.weights.filter(regex=f"^{REPLICATE}").to_numpy(dtype=float)


def schools(**columns: Any) -> Frame:
    """Schools of three strata as an export gives them: as text."""
    frame = api("apistrat").assign(respondent=lambda d: np.arange(len(d)), **columns)
    return frame.astype({"pw": str, "fpc": str})


STRATIFIED = DesignColumns(weights="pw", strata=["stype"], fpc="fpc")
AWARDS = {"awards": {"Yes": 0.7, "No": 0.3}}


def of_schools(
    resampling: Resampling | None, columns: DesignColumns = STRATIFIED, **more: Any
) -> SurveyDesign:
    answers = schools()
    made = weight_from_columns(
        answers, columns, more.get("margins", {}), {}, more.get("trim"), resampling
    )
    frame = made.weights.join(answers[["enroll", "api00", "awards", "stype"]])
    return given_design(frame, replicates=made.replicates)


# -- what is drawn --------------------------------------------------------------------------------


def test_a_jackknife_of_single_units_has_the_linearised_error_of_a_total() -> None:
    """Of a linear estimate JKn is the stratified variance, finite populations in it."""
    drawn = of_schools(how("jackknife", 1000))
    plain = SurveyDesign(api("apistrat"), weights="pw", strata="stype", fpc="fpc")
    close(estimation.total(drawn, "enroll")["se"], estimation.total(plain, "enroll")["se"], 1e-8)


def test_a_jackknife_of_a_mean_is_that_of_r() -> None:
    plain = SurveyDesign(api("apistrat"), weights="pw", strata="stype", fpc="fpc")
    mean: Callable[[SurveyDesign], Frame] = lambda d: estimation.mean(d, "api00")  # noqa: E731
    theirs = replicate(plain, "JKn").estimate(mean)
    close(mean(of_schools(how("jackknife", 1000)))["se"], theirs["se"], 1e-4)


@given(SEEDS)
@examples(20)
def test_a_bootstrap_has_the_linearised_error_of_a_total_up_to_chance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = rng.integers(2, 30, rng.integers(2, 6))
    stratum = np.repeat(np.arange(len(size)), size)
    fraction = rng.uniform(0, 1, len(size)) * rng.integers(0, 2, len(size))
    values = rng.gamma(2, 1, len(stratum))[:, None]
    counts, scales = rescaled_bootstrap(stratum, fraction, 4000, lambda _: rng)
    moved = (counts.T @ values).ravel()
    between = [
        (1 - f) * n / (n - 1) * ((values[stratum == h] - values[stratum == h].mean()) ** 2).sum()
        for h, (n, f) in enumerate(zip(size, fraction, strict=True))
    ]
    made = scales @ (moved - moved.mean()) ** 2
    # Four standard errors of a variance of 4,000 draws, were they normal.
    assert made / sum(between) == pytest.approx(1, abs=4 * np.sqrt(3 / 4000))


@given(SEEDS)
@examples(20)
def test_every_sample_is_as_large_as_the_sample(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stratum = np.repeat([0, 1, 2], rng.integers(2, 20, 3))
    fraction = np.array([0.0, 0.5, 1.0])
    for counts, _ in (
        rescaled_bootstrap(stratum, fraction, 30, lambda _: rng),
        grouped_jackknife(stratum, fraction, 6, lambda _: rng),
    ):
        for code in (0, 1, 2):
            mine = counts[stratum == code]
            np.testing.assert_allclose(mine.sum(axis=0), len(mine), rtol=1e-12)
        assert (counts >= 0).all()
        assert (counts[stratum == 2] == 1).all()


@given(SEEDS)
@examples(20)
def test_a_group_left_out_never_holds_all_of_a_stratum_that_answered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stratum = np.repeat([0, 1], rng.integers(4, 25, 2))
    answered = np.zeros(len(stratum), dtype=bool)
    for code in (0, 1):
        answered[rng.choice(np.flatnonzero(stratum == code), 2, replace=False)] = True
    counts, _ = grouped_jackknife(stratum, np.zeros(2), 6, lambda _: rng, answered)
    for code in (0, 1):
        assert (counts[answered & (stratum == code)].sum(axis=0) > 0).all()


def test_a_replicate_is_drawn_from_the_seed_its_stratum_and_its_place_alone() -> None:
    """More replicates and another stratum leave those that were drawn as they are."""
    stratum = np.repeat([0, 1], 10)
    few, _ = rescaled_bootstrap(stratum, np.zeros(2), 20, lambda code: named(f"s{code}"))
    more, _ = rescaled_bootstrap(
        np.concatenate([stratum, np.full(5, 2)]), np.zeros(3), 40, lambda code: named(f"s{code}")
    )
    np.testing.assert_array_equal(more[:20, :20], few)


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_a_stratum_of_one_unit_is_refused_or_a_certainty(method: Any) -> None:
    lone = DesignColumns(weights="pw", strata=["cds"], lonely="adjust")
    with pytest.raises(InputError, match=r"single sampled unit.*lonely: certainty"):
        of_schools(how(method), lone)


# -- the weighting is done anew -------------------------------------------------------------------


def by_hand(counts: np.ndarray) -> np.ndarray:
    """Rake every replicate by itself, the sum of its weights kept, as R ``calibrate`` would."""
    frame = api("apistrat")
    rows = []
    for column in counts.T:
        whole = float(column.sum())
        design = SurveyDesign(frame, weights=column)
        rows.append(design.rake({"awards": {"Yes": 0.7 * whole, "No": 0.3 * whole}}).weights)
    return np.stack(rows, axis=1)


def test_every_replicate_is_raked_by_itself() -> None:
    answers = schools()
    plain = weight_from_columns(answers, STRATIFIED, {}, {}, None, how())
    raked = weight_from_columns(answers, STRATIFIED, AWARDS, {}, None, how())
    close(replicates_of(raked), by_hand(replicates_of(plain)), 1e-8)


def test_the_error_is_that_of_estimates_on_weights_raked_anew() -> None:
    design = of_schools(how(), margins=AWARDS)
    assert design.replication is not None
    weights = design.replication.factors * design.weights[:, None]
    values = design.frame["api00"].to_numpy(dtype=float)
    anew = (weights.T @ values) / weights.sum(axis=0)
    se = np.sqrt(((anew - anew.mean()) ** 2).sum() / (len(anew) - 1))
    close(estimation.mean(design, "api00")["se"], [se], 1e-8)


def test_a_raked_share_has_no_error() -> None:
    made = estimation.proportion(of_schools(how(), margins=AWARDS), "awards")
    assert made["se"].max() < 1e-8


def test_weights_of_replicates_are_trimmed_by_respondent() -> None:
    made = weight_from_columns(
        schools(), STRATIFIED, {}, {}, {"low": 0.5, "high": 1.2}, how("jackknife", 1000)
    )
    plain = weight_from_columns(schools(), STRATIFIED, {}, {}, None, how("jackknife", 1000))
    given_weights = plain.weights["base_weight"].to_numpy()[:, None]
    counts = replicates_of(plain) / given_weights
    each = replicates_of(made) / counts
    drawn = counts > 0.5
    for place in range(counts.shape[1]):
        one = each[drawn[:, place], place]
        assert one.max() <= 1.2 * np.median(one) * (1 + 1e-5)
        assert one.min() >= 0.5 * np.median(one) * (1 - 1e-5)


#: Units of the register, who was invited of them, and how likely each of them answers.
CELLS = {
    ("A", "club"): (300, 60, 0.8),
    ("A", "fund"): (240, 40, 0.5),
    ("B", "club"): (200, 50, 0.6),
}
OPTIONS: dict[str, Any] = {"strata": ["region", "form"], "margins": ["region", "form"]}


def invited(seed: int, dead: float = 0.0) -> tuple[Frame, Frame, list[str]]:
    """Sample, register and who answered."""
    rng = np.random.default_rng(seed)
    register = pd.DataFrame([(*cell, size) for cell, (size, _, _) in CELLS.items()])
    register.columns = ["region", "form", "count"]
    rows = [
        (
            *cell,
            "complete" if here else rng.choice(["refusal", "noncontact", "unknown_eligibility"]),
        )
        for cell, (_, n, rate) in CELLS.items()
        for here in [True, True, *(rng.random(n - 2) < rate)]
    ]
    sample = pd.DataFrame(rows, columns=["region", "form", "disposition"])
    out = (rng.random(len(sample)) < dead) & (sample["disposition"] != "complete")
    sample["disposition"] = sample["disposition"].mask(out, "ineligible")
    sample.insert(0, "sample_id", [f"S{place:03}" for place in range(len(sample))])
    return sample, register, sample["sample_id"][sample["disposition"] == "complete"].tolist()


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_every_replicate_goes_to_the_register(method: Any) -> None:
    made = weight_sample(*invited(1), OPTIONS, how(method))
    held = made.weights.groupby("margin_region")[list(made.replicates["replicate"])].sum()
    np.testing.assert_allclose(held.loc["A"], 540, rtol=1e-8)
    np.testing.assert_allclose(held.loc["B"], 200, rtol=1e-8)


def test_what_is_left_of_the_register_is_estimated_anew() -> None:
    """Who is dead is known of the sample alone: totals of the living have an error."""
    made = weight_sample(*invited(2, dead=0.8), OPTIONS, how())
    held = made.weights.groupby("margin_region")[list(made.replicates["replicate"])].sum()
    assert (held.std(axis=1) > 0.01 * held.mean(axis=1)).all()


@given(SEEDS)
@examples(10, quick=3)
def test_replicates_leave_the_weights_of_the_sample_as_they_are(seed: int) -> None:
    plain = weight_sample(*invited(seed, dead=0.3), OPTIONS)
    made = weight_sample(*invited(seed, dead=0.3), OPTIONS, how(replicates=20))
    pd.testing.assert_frame_equal(made.weights[list(plain.weights)], plain.weights)
    pd.testing.assert_frame_equal(made.calibration, plain.calibration)
    assert np.isfinite(replicates_of(made)).all()


def test_a_register_that_all_answered_varies_no_more_than_it_can() -> None:
    """A stratum taken whole, of which all answered, adds nothing."""
    register = pd.DataFrame({"region": ["A", "B"], "count": [4, 40]})
    rows = [("A", "complete")] * 4 + [("B", "complete")] * 9
    sample = pd.DataFrame(rows, columns=["region", "disposition"])
    sample.insert(0, "sample_id", [f"S{place}" for place in range(len(sample))])
    options = {"strata": ["region"], "margins": ["region"]}
    made = weight_sample(sample, register, sample["sample_id"].tolist(), options, how())
    whole = replicates_of(made)[made.weights["stratum"] == "A"]
    np.testing.assert_allclose(whole, 1.0, rtol=1e-12)


def test_without_finite_populations_the_variance_is_as_large_as_what_was_drawn_makes_it() -> None:
    finite, infinite = (
        estimation.total(of_schools(how("jackknife", 1000, finite_population=has)), "enroll")["se"]
        for has in (True, False)
    )
    endless = SurveyDesign(api("apistrat"), weights="pw", strata="stype")
    close(infinite, estimation.total(endless, "enroll")["se"], 1e-8)
    assert (finite < infinite).all()


def coverage(method: Any, samples: int, replicates: int) -> tuple[float, float]:
    """Share of 95 % limits that hold the truth, and mean standard error over the true one."""
    rng = np.random.default_rng(11)
    cells = {("A", "club"): (700, 90, 0.8, 0.3), ("A", "fund"): (500, 80, 0.5, 0.6),
             ("B", "club"): (500, 80, 0.6, 0.45), ("B", "fund"): (300, 60, 0.7, 0.75)}  # fmt: skip
    register = pd.DataFrame([(*cell, said[0]) for cell, said in cells.items()])
    register.columns = ["region", "form", "count"]
    units = register.loc[register.index.repeat(register["count"]), ["region", "form"]]
    units = units.reset_index(drop=True).assign(sample_id=lambda d: [f"U{i}" for i in d.index])
    place = [cells[cell] for cell in zip(units["region"], units["form"], strict=True)]
    share, answers = (np.array([said[k] for said in place]) for k in (3, 2))
    yes = rng.random(len(units)) < share
    truth, held, errors, estimates = yes.mean(), 0, [], []
    for number in range(samples):
        drawn = np.concatenate([
            rng.choice(np.flatnonzero((units["region"] == cell[0]) & (units["form"] == cell[1])),
                       said[1], replace=False)
            for cell, said in cells.items()
        ])  # fmt: skip
        sample = units.loc[np.sort(drawn)]
        said = rng.random(len(sample)) < answers[sample.index]
        sample = sample.assign(disposition=np.where(said, "complete", "refusal"))
        ids = sample["sample_id"][said].tolist()
        stream: Callable[[str], np.random.Generator] = lambda name, number=number: named(  # noqa: E731
            f"{number}{name}"
        )
        made = weight_sample(sample, register, ids, OPTIONS, Resampling(method, replicates, stream))
        frame = made.weights.assign(yes=yes[sample.index[said]].astype(float))
        row = estimation.mean(given_design(frame, replicates=made.replicates), "yes").iloc[0]
        held += row["ci_low"] <= truth <= row["ci_high"]
        errors.append(row["se"])
        estimates.append(row["estimate"])
    return held / samples, float(np.mean(errors) / np.std(estimates))


@pytest.mark.thorough
@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_limits_hold_the_truth_where_weighting_is_done_anew(method: Any) -> None:
    """Of 100 samples; docs/methods.md has the figures of more."""
    covered, ratio = coverage(method, 100, 40)
    assert covered >= 0.89
    assert 0.85 < ratio < 1.15


# -- a study --------------------------------------------------------------------------------------


def study(folder: Path, errors: Any, **more: Any) -> Study:
    plain_study(folder, ["visitors"], language="en", report={"formats": ["html"]})
    file = folder / "config.yaml"
    config = yaml_text.load(file.read_text(encoding="utf-8"))
    config["populations"]["visitors"]["weighting"] |= {"errors": errors}
    config |= more
    file.write_text(yaml_text.dump(config), encoding="utf-8")
    return Study.load(file)


@pytest.fixture(scope="module")
def drawn(stages: None, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study of which every variance is a bootstrap's, and a model is fitted."""
    models = {
        "declared": {
            "time": {
                "title": {"en": "Time"}, "population": "visitors", "kind": "ordinal",
                    "outcome": "care_time",
                "terms": ["place"],
            }
        }
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("drawn")
    made = study(folder, {"method": "bootstrap", "replicates": 20}, models=models)
    build(made)
    return made


def test_tables_have_the_errors_of_samples_that_are_weighted_anew(drawn: Study) -> None:
    rows = Results.load(drawn.paths.results).family("estimates").set_index("key")
    weights = pd.read_csv(drawn.paths.weights("visitors"))
    answers = pd.read_csv(drawn.paths.clean("visitors"), dtype=str)
    chosen = answers["wishes"].fillna("").str.split().map(lambda said: "shade" in said)
    asked = answers["wishes"].notna().to_numpy()
    varied = weights.filter(regex=f"^{REPLICATE}").to_numpy()[asked]
    anew = (varied.T @ chosen[asked].to_numpy(dtype=float)) / varied.sum(axis=0)
    se = np.sqrt(((anew - anew.mean()) ** 2).sum() / (len(anew) - 1))
    assert float(rows.loc["wishes/shade@total", "se"]) == pytest.approx(se, rel=1e-6)


def test_the_report_says_that_samples_are_drawn(drawn: Study) -> None:
    page = drawn.paths.report("en").read_text(encoding="utf-8")
    assert "samples drawn from the sample and weighted anew" in page


def test_replicate_weights_are_never_released(drawn: Study) -> None:
    files = list(drawn.paths.released.rglob("*.csv"))
    assert files
    assert not any(f"{REPLICATE}1" in file.read_text(encoding="utf-8") for file in files)


INDICATORS = [
    {"id": "in_town", "population": "visitors", "statistic": "proportion", "variable": "place",
     "category": "town"},
    {"id": "agreed", "population": "visitors", "statistic": "proportion", "variable": "care_time",
     "category": "5", "by": "place"},
]  # fmt: skip
CHAPTER = """# Errors

{{ resampled_errors("errors", "visitors", caption="Standard errors",
   columns=["Estimate", "Linearised", "Anew"], stub="Figure") }}
"""


@pytest.fixture(scope="module")
def beside(stages: None, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with linearised errors, and others beside those of its indicators."""
    folder = tmp_path_factory.mktemp("beside")
    errors = {"method": "linearisation", "beside": "bootstrap", "replicates": 40}
    made = study(folder, errors, indicators=INDICATORS)
    (folder / "chapters" / "en").mkdir(parents=True)
    (folder / "chapters" / "en" / "01_errors.md").write_text(CHAPTER, encoding="utf-8")
    build(made)
    return made


def test_errors_beside_leave_the_estimates_linearised(beside: Study, tmp_path: Path) -> None:
    plain = study(tmp_path, {"method": "linearisation"}, indicators=beside.section("indicators"))
    for verb in (read, clean, weight, estimate):
        verb(plain, "visitors")
    for name in ("weights", "calibration", "replicates"):
        one, other = (getattr(s.paths, name)("visitors").read_bytes() for s in (plain, beside))
        assert one == other
    one, other = (
        s.paths.result("estimates", "indicators_visitors").read_bytes() for s in (plain, beside)
    )
    assert one == other


def test_the_report_prints_both_errors(beside: Study) -> None:
    page = beside.paths.report("en").read_text(encoding="utf-8")
    rows = Results.load(beside.paths.released).family("rates").set_index("name")["value"]
    told = rows[rows.index.str.startswith("resampled_error.")]
    assert "resampled_error.in_town/town@total" in told
    assert "Standard errors" in page
    assert page.count("resampled_error.in_town/town@total") >= 1


@pytest.mark.parametrize(
    ("errors", "more", "problem"),
    [
        ({"method": "linearisation", "replicates": 40}, {}, r"errors\.replicates.*draw no samples"),
        (
            {"method": "bootstrap", "beside": "jackknife"},
            {},
            r"errors\.beside.*of samples drawn from the sample already",
        ),
        ({"method": "bootstap"}, {}, r"errors\.method.*bootstrap"),
        ({"method": "bootstrap", "replicates": 5}, {}, r"errors\.replicates.*20"),
        (
            {"method": "bootstrap"},
            {
                "models": {
                    "declared": {
                        "time": {
                            "title": {"en": "Time"},
                            "population": "visitors",
                            "kind": "ordinal",
                            "outcome": "care_time",
                            "terms": ["place"],
                            "finite_population": False,
                        }
                    }
                }
            },
            r"time\.finite_population.*hold the finite population.*errors\.finite_population",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, errors: Any, more: Any, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        check_names(study(tmp_path, errors, **more))


def test_check_draws_samples_to_see_that_they_can_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = study(tmp_path, {"method": "linearisation", "beside": "bootstrap"})
    config = yaml_text.load(made.file.read_text(encoding="utf-8"))
    errors = config["populations"]["visitors"]["weighting"]["errors"]
    config["populations"]["visitors"]["weighting"] = {
        "weights": "none", "strata": "sample_id", "lonely": "adjust", "errors": errors,
    }  # fmt: skip
    made.file.write_text(yaml_text.dump(config), encoding="utf-8")
    assert check(Study.load(made.file)) == 1
    assert "single sampled unit, which no replicate can leave out" in "".join(capsys.readouterr())
