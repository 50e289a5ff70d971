"""Change between two waves agrees with R on stacked data, and its limits hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.overlap import Overlap
from ngo_survey.statistics.estimation.contrasts import between

from reference import TYPES, WIDE, close, data, values

WAVES = "r_waves"


def wave(frame: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """The schools of one wave, its outcome called y and whether it is high."""
    made = frame.assign(y=frame[outcome].astype(float)).reset_index(drop=True)
    high = np.where(made["y"] > 650, "high", "low")
    return made.assign(high=pd.Categorical(high, ["low", "high"]))


def stratified(frame: pd.DataFrame) -> SurveyDesign:
    """A sample with the weights that its strata's sizes give."""
    sizes = frame.groupby("stype")["stype"].transform("size")
    return SurveyDesign(frame.assign(w=frame["fpc"] / sizes), "w", strata="stype", fpc="fpc")


def held(made: pd.Series, case: str) -> None:
    expected = values(WAVES)[case]
    close(made[["second", "first"]], [expected["first"], expected["second"]])
    close(made[["estimate", "se"]], [expected["difference"], expected["se"]])


def both(first: SurveyDesign, second: SurveyDesign, unit: str) -> Overlap:
    """The overlap of the later sample with the earlier, by a column of both."""
    return Overlap(second.frame[unit], first.frame[unit])


def test_independent_samples_add_their_variances_as_in_r() -> None:
    schools = data("apistrat")
    early, late = wave(schools[::2], "api99"), wave(schools[1::2], "api00")
    one, two = stratified(early), stratified(late)
    held(between(two, one, "y"), "independent")
    held(between(two, one, "high", "high"), "independent_share")


def test_the_same_units_in_both_waves_are_one_design_as_in_r() -> None:
    one, two = (stratified(wave(data("apistrat"), y)) for y in ("api99", "api00"))
    overlap = both(one, two, "snum")
    made = between(two, one, "y", overlap=overlap)
    held(made, "whole")
    assert made["df"] == values(WAVES)["whole"]["df"]
    held(between(two, one, "high", "high", overlap=overlap), "whole_share")
    awarded = [d.subset(d.frame["awards"] == "Yes") for d in (two, one)]
    held(between(*awarded, "y", overlap=overlap), "whole_domain")


def test_each_wave_keeps_its_own_raking_as_in_r() -> None:
    margins = {"stype": TYPES, "sch.wide": WIDE}
    one, two = (stratified(wave(data("apistrat"), y)).rake(margins) for y in ("api99", "api00"))
    held(between(two, one, "y", overlap=both(one, two, "snum")), "whole_raked")


def test_other_respondents_of_the_same_psus_overlap_as_in_r() -> None:
    schools = data("apiclus1")
    many = schools[schools.groupby("dnum")["dnum"].transform("size") > 1]
    odd = many.groupby("dnum").cumcount() % 2 == 0
    one, two = (
        SurveyDesign(wave(part, y), "pw", psu="dnum", fpc="fpc")
        for part, y in ((many[odd], "api99"), (many[~odd], "api00"))
    )
    made = between(two, one, "y", overlap=both(one, two, "dnum"))
    held(made, "districts")
    assert made["df"] == values(WAVES)["districts"]["df"]


def test_rotating_samples_agree_with_the_formula_in_r_and_nearly_with_one_design() -> None:
    schools = data("apistrat")
    by = schools.groupby("stype")["stype"]
    place = (by.cumcount() + 1) / by.transform("size")
    one = stratified(wave(schools[place <= 0.7], "api99"))
    two = stratified(wave(schools[place > 0.3], "api00"))
    made = between(two, one, "y", overlap=both(one, two, "snum"))
    expected = values(WAVES)["rotating"]
    close(made[["estimate", "se"]], [expected["difference"], expected["se"]])
    # One stratum a pattern of rotation, as R can have it, knows no finite population.
    assert made["se"] == pytest.approx(values(WAVES)["rotating_stacked"]["se"], rel=0.01)


def test_no_common_unit_is_independence() -> None:
    schools = data("apistrat")
    one, two = stratified(wave(schools[::2], "api99")), stratified(wave(schools[1::2], "api00"))
    overlap = both(one, two, "snum")
    assert overlap.common == 0
    assert overlap.covariance(two, one, (np.ones(100), np.ones(100))) == 0.0


def test_names_of_units_are_checked() -> None:
    one, two = (stratified(wave(data("apistrat"), y)) for y in ("api99", "api00"))
    names = two.frame["snum"].copy()
    names.iloc[1] = names.iloc[0]
    with pytest.raises(InputError, match="stands for two units"):
        between(two, one, "y", overlap=Overlap(names, one.frame["snum"]))


def population(rng: np.random.Generator) -> pd.DataFrame:
    """900 organisations in three strata: an answer at two times, which go together."""
    n = 900
    stratum = np.repeat([0, 1, 2], n // 3)
    lasting = rng.normal(size=n)
    before, after = (lasting + rng.normal(scale=0.7, size=n) for _ in range(2))
    return pd.DataFrame(
        {
            "unit": np.arange(n),
            "h": stratum,
            "N": n // 3,
            "before": before + 0.3 * stratum > 0.3,
            "after": after + 0.4 * stratum > 0.1,
            # A few organisations are in another stratum the second time.
            "h2": np.where(rng.random(n) < 0.05, (stratum + 1) % 3, stratum),
        }
    )


def draw(
    frame: pd.DataFrame, rng: np.random.Generator, moving: bool = False
) -> tuple[SurveyDesign, SurveyDesign]:
    """Two samples of 60 a stratum, about half of the second taken over from the first."""
    then = frame.groupby("h").sample(60, random_state=rng)
    by = "h2" if moving else "h"
    rest = frame[~frame["unit"].isin(then["unit"])]
    kept = then.groupby("h").sample(30, random_state=rng)
    now = pd.concat([kept, rest.groupby("h").sample(30, random_state=rng)])
    designs = []
    for part, stratum, answer in ((then, "h", "before"), (now, by, "after")):
        sizes = frame.groupby(stratum)["unit"].size()
        answers = pd.Categorical(np.where(part[answer], "yes", "no"), ["no", "yes"])
        designs.append(
            SurveyDesign(
                part.assign(answer=answers, N=part[stratum].map(sizes)), strata=stratum, fpc="N"
            )
        )
    return designs[0], designs[1]


@pytest.mark.parametrize("moving", [False, True], ids=["same strata", "strata that change"])
@pytest.mark.thorough
def test_limits_of_change_hold_the_truth_when_half_of_a_sample_recurs(moving: bool) -> None:
    """300 pairs of samples from a finite population whose change is known."""
    rng = np.random.default_rng(41)
    frame = population(rng)
    truth = frame["after"].mean() - frame["before"].mean()
    trials, inside, alone, found, seen = 300, 0, 0, [], []
    for _ in range(trials):
        one, two = draw(frame, rng, moving)
        made = between(two, one, "answer", "yes", overlap=both(one, two, "unit"))
        apart = between(two, one, "answer", "yes")
        inside += bool(made["ci_low"] <= truth <= made["ci_high"])
        alone += bool(apart["ci_low"] <= truth <= apart["ci_high"])
        found.append(made["estimate"])
        seen.append(made["se"] ** 2)
    assert abs(inside / trials - 0.95) < 4 * np.sqrt(0.95 * 0.05 / trials)
    assert np.mean(seen) == pytest.approx(np.var(found), rel=0.2)
    # Taken as independent the limits would be too wide: the check can fail.
    assert alone > inside


@pytest.mark.thorough
def test_the_covariance_is_without_bias_where_few_units_recur() -> None:
    """Strata of forty, eight drawn a wave, two of them twice: against the exact covariance."""
    rng = np.random.default_rng(5)
    n, strata = 400, 10
    shared = rng.normal(size=n)
    frame = pd.DataFrame({"unit": np.arange(n), "h": np.arange(n) % strata, "N": n // strata})
    frame["a"], frame["b"] = (shared + rng.normal(scale=0.5, size=n) for _ in range(2))
    within = frame.groupby("h")[["a", "b"]].cov().xs("a", level=1)["b"].sum()
    exact = (1 / strata) ** 2 * (2 / 64 - 1 / 40) * within
    found = []
    for _ in range(400):
        ranked = frame.assign(order=rng.random(n)).sort_values(["h", "order"])
        place = ranked.groupby("h").cumcount()
        one = SurveyDesign(ranked[place < 8], strata="h", fpc="N")
        two = SurveyDesign(ranked[(place >= 6) & (place < 14)], strata="h", fpc="N")
        values = one.frame["a"] / n, two.frame["b"] / n
        found.append(both(two, one, "unit").covariance(one, two, values))
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) - exact) < 4 * error
    assert exact > 4 * error
