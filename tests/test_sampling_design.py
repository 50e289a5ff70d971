"""A design refuses what it cannot stand on, and keeps the properties that need no referee."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from suites import examples

from reference import TYPES, WIDE, api, close, design


def sample(n: int = 12) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "w": 10.0,
            "h": np.repeat(["a", "b"], n // 2),
            "c": np.arange(n) // 2,
            "N": 60.0,
            "y": np.arange(n, dtype=float) ** 1.5,
        }
    )


def refusal(frame: pd.DataFrame, **how: object) -> str:
    with pytest.raises(InputError) as caught:
        SurveyDesign(frame, **{"weights": "w", "strata": "h", **how})  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_a_weight_that_is_not_positive_is_named_with_its_row(bad: float) -> None:
    frame = sample()
    frame.loc[3, "w"] = bad
    assert "row 5, column w" in refusal(frame)


def test_a_missing_stratum_is_named_with_its_row() -> None:
    frame = sample()
    frame.loc[2, "h"] = None
    assert "row 4, column h: the stratum is missing" in refusal(frame)


def test_an_unknown_column_names_its_neighbour() -> None:
    assert "did you mean" in refusal(sample().rename(columns={"h": "stratum"}), strata="strata")


def test_a_stratum_with_one_psu_is_refused_unless_declared() -> None:
    frame = sample()
    frame.loc[0, "h"] = "alone"
    assert "single sampled unit" in refusal(frame)
    SurveyDesign(frame, weights="w", strata="h", lonely="adjust")


def test_a_certainty_stratum_may_have_one_psu() -> None:
    frame = sample()
    frame.loc[0, ["h", "N", "w"]] = ["alone", 1.0, 1.0]
    SurveyDesign(frame, weights="w", strata="h", fpc="N")


def test_a_population_smaller_than_its_sample_is_refused() -> None:
    assert "smaller than its sample of 6" in refusal(sample().assign(N=5.0), fpc="N")


def test_a_population_that_differs_within_a_stratum_is_refused() -> None:
    frame = sample()
    frame.loc[1, "N"] = 61.0
    assert "differs within a stratum" in refusal(frame, fpc="N")


def test_a_psu_in_two_strata_is_refused_unless_nested() -> None:
    frame = sample().assign(c=[0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2])
    assert "PSU lies in two strata" in refusal(frame, psu="c")
    nested = SurveyDesign(frame, weights="w", strata="h", psu="c", nest=True)
    assert nested.degrees_of_freedom == 4


@pytest.mark.parametrize("name", ["strat", "clus1", "clus2"])
def test_without_a_finite_population_a_design_is_one_with_replacement(name: str) -> None:
    free = design(name).without_finite_population()
    how = {"strat": {"strata": "stype"}, "clus1": {"psu": "dnum"}, "clus2": {"psu": "dnum"}}[name]
    frame = design(name).frame.assign(weight_given=design(name).weights)
    again = SurveyDesign(frame, weights="weight_given", **how)  # type: ignore[arg-type]
    close(estimation.mean(free, "api00")["se"], estimation.mean(again, "api00")["se"], 1e-10)


def test_a_census_knows_the_register_and_not_what_made_it() -> None:
    frame = sample().assign(N=6.0, w=1.0)
    frame.loc[0, ["h", "N"]] = ["alone", 1.0]
    frame.loc[frame["h"] == "a", "N"] = 5.0
    whole = SurveyDesign(frame, weights="w", strata="h", fpc="N")
    assert estimation.mean(whole, "y")["se"].iloc[0] == 0
    assert estimation.mean(whole.without_finite_population(), "y")["se"].iloc[0] > 0


@pytest.mark.thorough
def test_limits_of_a_process_hold_where_half_of_the_register_was_drawn() -> None:
    rng = np.random.default_rng(8)
    held = []
    for _ in range(400):
        register = pd.DataFrame({"N": 200, "w": 2.0, "y": rng.normal(size=200)})
        drawn = SurveyDesign(register.sample(100, random_state=rng), weights="w", fpc="N")
        both = (drawn, drawn.without_finite_population())
        made = [estimation.mean(d, "y").iloc[0] for d in both]
        held.append([m["ci_low"] <= 0 <= m["ci_high"] for m in made])
    of_register, of_process = np.mean(held, axis=0)
    assert of_register < 0.88
    assert 0.92 < of_process < 0.975


def test_a_domain_nobody_is_in_is_refused() -> None:
    nobody = SurveyDesign(sample(), weights="w", strata="h").subset(np.zeros(12, dtype=bool))
    with pytest.raises(InputError, match="nobody in this domain"):
        estimation.mean(nobody, "y")


def test_an_empty_level_of_a_banner_is_flagged_not_silent() -> None:
    frame = sample()
    frame["g"] = pd.Categorical(["x"] * 12, categories=["x", "z"])
    made = estimation.mean(SurveyDesign(frame, weights="w", strata="h"), "y", by="g")
    assert made["flag"].tolist() == ["", "no respondents"]


def test_margins_must_know_every_level_of_the_sample() -> None:
    with pytest.raises(InputError, match="no total in the population.*'M'"):
        design("clus1").rake({"stype": {"E": 4421, "H": 755}})


def test_margins_must_not_name_a_level_that_nobody_has() -> None:
    with pytest.raises(InputError, match="has no respondent.*'X'"):
        design("clus1").rake({"stype": {**TYPES, "X": 5}})


def test_margins_must_have_one_grand_total() -> None:
    with pytest.raises(InputError, match="different grand totals"):
        design("clus1").rake({"stype": TYPES, "sch.wide": {"No": 1072, "Yes": 9999}})


def test_raked_margins_are_exact_and_have_no_variance() -> None:
    raked = design("strat").rake({"stype": TYPES, "sch.wide": WIDE})
    for variable, totals in (("stype", TYPES), ("sch.wide", WIDE)):
        made = estimation.total(raked, variable)
        close(made["estimate"], list(totals.values()), 1e-10)
        assert (made["se"] < 1e-6).all()


def test_a_crossed_margin_is_raked_to_its_cells() -> None:
    whole = design("strat")
    cells = whole.frame.groupby(["stype", "sch.wide"])["pw"].sum() * 1.1
    raked = whole.rake({("stype", "sch.wide"): dict(cells)})
    found = whole.frame.assign(w=raked.weights).groupby(["stype", "sch.wide"])["w"].sum()
    close(found, cells, 1e-12)


def test_a_census_has_no_sampling_error() -> None:
    frame = sample().assign(N=6.0, w=1.0)
    census = SurveyDesign(frame, weights="w", strata="h", fpc="N")
    assert estimation.mean(census, "y")["se"].iloc[0] == 0


def test_one_stratum_with_equal_weights_gives_the_textbook_error() -> None:
    frame = sample()
    made = estimation.mean(SurveyDesign(frame, weights="w"), "y").iloc[0]
    close(made["se"], frame["y"].std(ddof=1) / np.sqrt(len(frame)), 1e-12)


@examples(25)
@given(scale=st.floats(0.01, 1000), seed=st.integers(0, 2**16))
def test_errors_do_not_depend_on_scale_of_weights_or_order_of_rows(scale: float, seed: int) -> None:
    frame = api("apiclus1").drop(columns="fpc")
    first = estimation.mean(SurveyDesign(frame, weights="pw", psu="dnum"), "api00").iloc[0]
    shuffled = frame.sample(frac=1, random_state=seed).assign(pw=lambda f: f["pw"] * scale)
    again = estimation.mean(SurveyDesign(shuffled, weights="pw", psu="dnum"), "api00").iloc[0]
    close(again[["estimate", "se"]], first[["estimate", "se"]], 1e-9)


def test_integer_weights_are_repeated_rows_for_estimates() -> None:
    frame = sample().assign(w=lambda f: 1.0 + f.index % 3)
    repeated = frame.loc[frame.index.repeat(frame["w"].astype(int))].assign(w=1.0)
    close(
        estimation.mean(SurveyDesign(frame, weights="w"), "y")["estimate"],
        estimation.mean(SurveyDesign(repeated, weights="w"), "y")["estimate"],
        1e-12,
    )
