"""Weights bring the respondents to the register, and say what was done on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.weighting.register import (
    Weighting,
    eligible_share,
    kish_deff,
    weight_sample,
)
from suites import examples

from reference import close

OPTIONS: dict[str, Any] = {"strata": ["region", "form"], "margins": ["region", "form"]}
#: Units in the register, and what became of those invited.
STRATA = {
    ("A", "club"): (100, {"complete": 8, "refusal": 2}),
    ("A", "fund"): (60, {"complete": 6}),
    ("B", "club"): (40, {"complete": 5, "noncontact": 5}),
    ("B", "fund"): (90, {"complete": 9}),
}
Strata = dict[tuple[str, str], tuple[int, dict[str, int]]]


def study(strata: Strata) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Sample, register and the ids of those who are complete."""
    register = pd.DataFrame(
        [{"region": r, "form": f, "count": size} for (r, f), (size, _) in strata.items()]
    )
    invited = [
        {"region": r, "form": f, "disposition": what}
        for (r, f), (_, outcome) in strata.items()
        for what, times in outcome.items()
        for _ in range(times)
    ]
    sample = pd.DataFrame(invited)
    sample.insert(0, "sample_id", [f"S{i:03}" for i in range(len(sample))])
    done = sample["sample_id"][sample["disposition"] == "complete"].tolist()
    return sample, register, done


def weighted(strata: Strata, **options: Any) -> Weighting:
    return weight_sample(*study(strata), {**OPTIONS, **options})


def rate(made: Weighting, name: str) -> float:
    return float(made.rates.set_index("name").loc[name, "value"])


def note(made: Weighting, name: str) -> str:
    return str(made.rates.set_index("name").loc[name, "note"])


def refusal(strata: Strata, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        weighted(strata, **options)
    return str(caught.value)


def test_a_base_weight_is_the_inverse_of_the_sampling_fraction() -> None:
    base = weighted(STRATA).weights.groupby("stratum")["base_weight"].unique()
    assert {k: list(v) for k, v in base.items()} == {
        "A|club": [10.0],
        "A|fund": [10.0],
        "B|club": [4.0],
        "B|fund": [10.0],
    }


def test_those_who_did_not_answer_are_stood_for_by_their_own_stratum() -> None:
    adjusted = weighted(STRATA).weights.groupby("stratum")["adjusted_weight"].sum()
    close(adjusted, [100, 60, 40, 90], 1e-12)


def test_ineligible_units_take_their_share_of_the_register_with_them() -> None:
    strata = {**STRATA, ("A", "club"): (100, {"complete": 8, "ineligible": 2})}
    adjusted = weighted(strata).weights.groupby("stratum")["adjusted_weight"].sum()
    close(adjusted["A|club"], 80, 1e-12)


def test_raking_does_not_give_dead_units_back() -> None:
    """Half of A's clubs are dead: its margin is what is left of it, not the register's."""
    strata = {**STRATA, ("A", "club"): (100, {"complete": 5, "ineligible": 5})}
    made = weighted(strata)
    close(made.weights.groupby("margin_region")["weight"].sum(), [110, 130], 1e-9)
    close(made.weights.groupby("margin_form")["weight"].sum(), [90, 150], 1e-9)
    totals = made.calibration.set_index(["margin", "level"])["total"]
    close(totals["margin_region"], [110, 130], 1e-9)


@given(st.integers(0, 10_000))
@examples(30)
def test_the_weights_are_those_of_completes_and_ineligible_units_raked_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strata: Strata = {
        (region, form): (
            int(rng.integers(100, 400)),
            {
                "complete": int(rng.integers(2, 9)),
                "ineligible": int(rng.integers(0, 5)),
                "refusal": 1,
            },
        )
        for region in "ABC"
        for form in ("club", "fund", "union")
    }
    made = weighted(strata)
    framed, register, done = study(strata)
    whole = weight_sample(
        framed.assign(disposition=framed["disposition"].replace("ineligible", "complete")),
        register,
        framed["sample_id"][framed["disposition"] != "refusal"].tolist(),
        OPTIONS,
    )
    assert made.weights["weight"].sum() <= whole.weights["weight"].sum() * (1 + 1e-9)
    for margin in ("region", "form"):
        register_by = register.groupby(margin)["count"].sum()
        kept = made.weights.groupby(f"margin_{margin}")["weight"].sum()
        assert (kept <= register_by * (1 + 1e-9)).all()
    assert len(made.weights) == len(done)


def test_a_unit_of_a_cell_that_the_register_does_not_know_is_named() -> None:
    sample, register, done = study(
        {**STRATA, ("A", "club"): (100, {"complete": 8, "ineligible": 2})}
    )
    lost = register[(register["region"] != "A") | (register["form"] != "club")]
    moved = sample.assign(region=sample["region"].mask(sample["disposition"] == "ineligible", "B"))
    moved["form"] = moved["form"].mask(moved["disposition"] == "ineligible", "band")
    with pytest.raises(InputError, match="the register has no such"):
        weight_sample(moved, lost, done, {**OPTIONS, "strata": ["region"]})


def one_survey(population: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """Draw, weight and estimate the share that says yes."""
    drawn = population.groupby("region").sample(100, random_state=int(rng.integers(1 << 31)))
    answers = rng.random(len(drawn)) < np.where(drawn["form"] == "club", 0.8, 0.6)
    unknown = ~answers & (rng.random(len(drawn)) < 0.3)
    what = np.where(drawn["dead"], "ineligible", np.where(answers, "complete", "refusal"))
    sample = drawn[["region", "form"]].assign(
        disposition=np.where(unknown, "unknown_eligibility", what),
        sample_id=[f"S{i}" for i in range(len(drawn))],
    )
    register = population.groupby(["region", "form"]).size().rename("count").reset_index()
    done = (sample["disposition"] == "complete").to_numpy()
    ids = sample["sample_id"][done].tolist()
    made = weight_sample(
        sample, register, ids, {"strata": ["region"], "margins": ["region", "form"]}
    )
    totals = {
        name: dict(zip(rows["level"], rows["total"], strict=True))
        for name, rows in made.calibration.groupby("margin")
    }
    frame = made.weights.assign(y=np.where(drawn["yes"][done], "yes", "no"))
    design = SurveyDesign(frame, weights="adjusted_weight", strata="stratum", fpc="stratum_size")
    return estimation.proportion(design.rake(totals), "y").iloc[1]


@pytest.mark.thorough
def test_a_register_half_dead_in_one_region_biases_nothing_and_limits_hold() -> None:
    """Raked to the register itself: off by 3.6 points, limits held 84 % of 300 samples."""
    rng = np.random.default_rng(1)
    region = np.repeat(["A", "B", "C"], [3000, 3000, 2000])
    population = pd.DataFrame({"region": region, "form": np.tile(["club", "fund"], 4000)})
    dead = population["region"].map({"A": 0.5, "B": 0.05, "C": 0.1})
    yes = population["region"].map({"A": 0.3, "B": 0.6, "C": 0.5})
    yes += np.where(population["form"] == "club", 0.1, -0.1)
    population["dead"], population["yes"] = rng.random(8000) < dead, rng.random(8000) < yes
    true = population.loc[~population["dead"], "yes"].mean()
    made = pd.DataFrame([one_survey(population, rng) for _ in range(300)])
    estimate = made["estimate"].astype(float)
    assert abs(estimate.mean() - true) < 3 * estimate.std() / 300**0.5
    assert 0.9 < made["se"].astype(float).mean() / estimate.std() < 1.1
    held = (made["ci_low"] <= true) & (true <= made["ci_high"])
    assert 0.92 < held.mean() < 0.98


def test_units_of_unknown_eligibility_count_with_e() -> None:
    strata = {**STRATA, ("A", "club"): (100, {"complete": 8, "unknown_eligibility": 2})}
    adjusted = weighted(strata, eligible_share=0.5).weights.groupby("stratum")["adjusted_weight"]
    close(adjusted.sum()["A|club"], 10 * (8 + 0.5 * 2), 1e-12)


def test_e_is_the_share_of_eligible_units_among_the_known_unless_declared() -> None:
    final = pd.Series(["complete"] * 6 + ["refusal"] * 3 + ["ineligible"] + ["unknown_other"] * 5)
    assert eligible_share(final, "proportional")[0] == 0.9
    assert eligible_share(final, 0.25)[0] == 0.25


def test_the_weighted_sample_meets_every_margin_of_the_register() -> None:
    made = weighted(STRATA)
    close(made.margins["weighted"], made.margins["register"], 1e-10)
    close(made.weights["weight"].sum(), 290, 1e-10)
    # The margins are met by weighting, not by the sample.
    assert np.abs(made.margins["sample"] - made.margins["register"]).max() > 0.01


def test_two_thin_strata_of_a_region_join_and_the_merge_is_written_down() -> None:
    strata: Strata = {
        **STRATA,
        ("C", "club"): (10, {"complete": 1, "refusal": 1}),
        ("C", "fund"): (20, {"complete": 1}),
    }
    made = weighted(strata)
    assert note(made, "strata_merged") == "C|club into C|fund"
    alone = made.weights[made.weights["stratum"] == "C|fund"]
    assert alone["stratum_size"].tolist() == [30, 30]
    # Each keeps the base weight of the stratum it was drawn in.
    assert sorted(alone["base_weight"]) == [5.0, 20.0]


def test_a_stratum_where_nobody_was_invited_is_stood_for_by_its_region() -> None:
    made = weighted({**STRATA, ("B", "union"): (30, {})}, margins=["region"])
    close(made.weights.groupby("stratum")["adjusted_weight"].sum()["B|fund"], 120, 1e-12)


def test_a_thin_stratum_without_a_neighbour_is_refused() -> None:
    said = refusal({**STRATA, ("C", "club"): (10, {"complete": 1, "refusal": 1})})
    assert "fewer than 2 respondents and no neighbour to join" in said
    assert "'C|club'" in said


def test_a_stratum_that_answered_completely_stays_alone_however_small() -> None:
    made = weighted({**STRATA, ("C", "club"): (1, {"complete": 1})})
    assert rate(made, "strata_merged") == 0
    assert (made.weights["stratum"] == "C|club").sum() == 1


def test_a_thin_cell_of_a_crossed_margin_joins_its_region() -> None:
    strata: Strata = {**STRATA, ("A", "union"): (30, {"complete": 2, "refusal": 1})}
    made = weighted(strata, margins=[["region", "form"]], minimum_margin=3)
    assert note(made, "margin_cells_merged") == "A|union into A|club"
    totals = made.calibration.set_index("level")["total"]
    assert totals["A|club"] == 130


def test_trimmed_weights_keep_the_bounds_and_the_margins() -> None:
    strata: Strata = {**STRATA, ("A", "club"): (200, {"complete": 4, "refusal": 2})}
    untrimmed = weighted(strata, margins=["form"]).weights["weight"]
    assert untrimmed.max() > 4.5 * untrimmed.median()
    made = weighted(strata, margins=["form"], trim={"low": 0.3, "high": 4})
    weight = made.weights["weight"]
    assert rate(made, "weight_trimmed") == 4
    assert weight.max() <= 4 * weight.median() * (1 + 1e-5)
    close(made.weights.groupby("margin_form")["weight"].sum(), [240, 150], 1e-10)


def test_bounds_that_no_weights_can_keep_are_refused() -> None:
    strata: Strata = {**STRATA, ("A", "club"): (900, {"complete": 4, "refusal": 2})}
    assert "do not settle" in refusal(strata, margins=["form"], trim={"low": 0.3, "high": 5})


def test_a_respondent_who_was_never_invited_is_named() -> None:
    sample, register, done = study(STRATA)
    with pytest.raises(InputError, match=r"1 respondents are not in the sample file.*'S999'"):
        weight_sample(sample, register, [*done, "S999"], OPTIONS)


def test_a_unit_that_stands_twice_in_the_sample_is_named() -> None:
    sample, register, done = study(STRATA)
    with pytest.raises(InputError, match="twice in the sample file.*'S000'"):
        weight_sample(pd.concat([sample, sample.head(1)]), register, done, OPTIONS)


def test_answers_that_cleaning_set_aside_are_no_complete_interviews() -> None:
    sample, register, done = study(STRATA)
    made = weight_sample(sample, register, done[1:], OPTIONS)
    assert rate(made, "disposition_complete") == len(done) - 1
    assert rate(made, "disposition_other") == 1
    assert rate(made, "reconciled") == 1


def test_answers_in_hand_are_complete_whatever_the_sample_file_says() -> None:
    sample, register, done = study(STRATA)
    refused = sample["sample_id"][sample["disposition"] == "refusal"].tolist()
    made = weight_sample(sample, register, [*done, refused[0]], OPTIONS)
    assert rate(made, "disposition_complete") == len(done) + 1


def test_a_register_smaller_than_the_sample_is_refused() -> None:
    said = refusal({**STRATA, ("A", "fund"): (5, {"complete": 6})})
    assert "6 units were invited where the register has 5" in said


def test_kish_design_effect_is_one_plus_the_squared_variation_of_the_weights() -> None:
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    close(kish_deff(weights), 1 + (weights.std() / weights.mean()) ** 2, 1e-12)


# Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "base_weight",
        "weight",
        "adjusted_weight",
        "stratum",
        "stratum_size",
        "respondent",
        "margin_form",
    ],
)
def test_a_stratum_may_be_called_as_a_column_of_the_weights(name: str) -> None:
    sample, register, done = study(STRATA)
    named = {"strata": [name, "form"], "margins": [name, "form"]}
    called = {"region": name}
    made = weight_sample(
        sample.rename(columns=called), register.rename(columns=called), done, named
    )
    assert made.weights["weight"].tolist() == weighted(STRATA).weights["weight"].tolist()


@pytest.mark.parametrize("key", ["strata", "margins"])
@pytest.mark.parametrize("name", ["sample_id", "disposition", "count"])
def test_a_stratum_or_margin_that_is_another_column_of_the_sample_is_refused(
    key: str, name: str
) -> None:
    with pytest.raises(InputError, match=rf"weighting\.{key}.*call it q_{name}"):
        weight_sample(*study(STRATA), {**OPTIONS, key: [["region", name]]})


def test_a_crossed_margin_and_one_that_is_called_like_it_are_two() -> None:
    sample, register, done = study(STRATA)
    for frame in (sample, register):
        frame["region_form"] = frame["region"]
    margins = [["region", "form"], "region_form"]
    made = weight_sample(sample, register, done, {**OPTIONS, "margins": margins})
    assert made.calibration["margin"].nunique() == 2
    plain = weighted(STRATA, margins=[["region", "form"], "region"])
    assert made.weights["weight"].tolist() == pytest.approx(plain.weights["weight"].tolist())
