"""What a wave can see: formulas on published numbers, and against simulated tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.contrasts import compare
from ngo_survey.statistics.models.power import (
    PowerGroup,
    detectable,
    groups_of,
    precision,
    quantiles,
    times_needed,
)

from reference import design as api


def test_the_published_example_of_two_proportions() -> None:
    # Chow et al., sec. 4.2: 65 % against 85 %, level 5 %, power 80 %: 69.6, that is 70 a group.
    large = PowerGroup(1.0, 1e12, 1.0)
    times = times_needed(large, large, 0.75, 0.20, 0.05, 0.80)
    assert times == pytest.approx((1.959964 + 0.841621) ** 2 * (0.2275 + 0.1275) / 0.04, rel=1e-6)
    assert np.ceil(times) == 70


def test_what_is_detectable_needs_the_sample_there_is() -> None:
    first, second = PowerGroup(180, 4000, 1.3), PowerGroup(420, 9000, 1.1)
    d = detectable(first, second, 0.4)
    assert times_needed(first, second, 0.4, d) == pytest.approx(1.0, rel=1e-9)


def test_a_design_effect_of_two_is_half_the_sample() -> None:
    half, double = PowerGroup(200, 1e12, 1.0), PowerGroup(400, 1e12, 2.0)
    assert double.effective == 200
    assert detectable(half, half, 0.3) == pytest.approx(detectable(double, double, 0.3))


def test_a_census_sees_every_difference_and_never_more_than_all_are_needed() -> None:
    whole = PowerGroup(500, 500, 1.0)
    assert detectable(whole, whole, 0.5) == pytest.approx(0, abs=1e-9)
    part = PowerGroup(100, 500, 1.0)
    assert 100 * times_needed(part, part, 0.5, 0.001) < 500


def test_differences_beyond_zero_and_one_have_no_answer() -> None:
    tiny = PowerGroup(5, 1e9, 1.0)
    assert np.isnan(detectable(tiny, tiny, 0.05))
    assert np.isnan(times_needed(tiny, tiny, 0.05, 0.2))
    with pytest.raises(InputError, match="between 0 and 1"):
        times_needed(tiny, tiny, 0.5, 1.5)
    with pytest.raises(InputError, match="a power of a half or more"):
        quantiles(0.05, 0.2)


def test_groups_have_the_design_effect_of_their_share() -> None:
    design = api("strat")
    overall, found = groups_of(design, "awards", "Yes", "stype")
    theirs = design.frame.groupby("stype").size()
    assert {level: group.n for level, group in found.items()} == theirs.to_dict()
    assert all(group.deff == pytest.approx(1.0, abs=0.02) for group in found.values())
    assert 0.5 < overall < 0.8
    with pytest.raises(InputError, match="no such answer.*did you mean Yes"):
        groups_of(design, "awards", "Yess", "stype")


def test_rows_for_every_two_groups_and_none_that_are_too_small() -> None:
    made = precision(api("strat"), "awards", "Yes", "stype", [0.1, 0.2])
    assert made["statistic"].value_counts().to_dict() == {
        "effective": 3,
        "detectable": 3,
        "needed": 6,
    }
    needed = made[made["statistic"] == "needed"].set_index(["level", "against", "difference"])
    assert (needed["value"] == np.ceil(needed["value"])).all()
    assert (needed["value"].xs(0.1, level=2) > needed["value"].xs(0.2, level=2)).all()
    assert precision(api("strat"), "awards", "Yes", "stype", [], minimum=60)["level"].tolist() == [
        "E"
    ]


@pytest.mark.thorough
def test_the_formula_holds_in_simulated_surveys() -> None:
    """Shares as far apart as it says are told apart in eight samples of ten."""
    rng = np.random.default_rng(8)
    sizes = {"a": 3000, "b": 1500}  # strata of each group: half and half
    drawn = {("a", 0): 160, ("a", 1): 40, ("b", 0): 60, ("b", 1): 90}

    def population(d: float) -> pd.DataFrame:
        rows = []
        for (group, stratum), n in drawn.items():
            size = sizes[group] // 2
            p = 0.4 + (d / 2 if group == "b" else -d / 2)
            yes = np.arange(size) < round(p * size)
            rows.append(
                pd.DataFrame({"group": group, "h": f"{group}{stratum}", "yes": yes, "n": n})
            )
        return pd.concat(rows, ignore_index=True)

    def sample(people: pd.DataFrame) -> SurveyDesign:
        order = people.assign(u=rng.random(len(people))).sort_values("u")
        size = people.groupby("h").size()
        parts = [rows.iloc[: rows["n"].iloc[0]] for _, rows in order.groupby("h")]
        frame = pd.concat(parts)
        frame = frame.assign(
            size=frame["h"].map(size), yes=frame["yes"].map({True: "yes", False: "no"})
        )
        return SurveyDesign(frame, strata="h", fpc="size")

    def groups(people: pd.DataFrame) -> tuple[PowerGroup, PowerGroup]:
        each = [groups_of(sample(people), "yes", "yes", "group")[1] for _ in range(40)]
        return tuple(
            PowerGroup(each[0][g].n, each[0][g].size, float(np.mean([e[g].deff for e in each])))
            for g in ("a", "b")
        )

    first, second = groups(population(0.1))
    assert first.deff > 1.3  # unequal weights cost
    d = detectable(first, second, 0.4)
    people = population(d)
    found = [
        compare(sample(people), "yes", "group", ("b", "a"), category="yes")["p"] < 0.05
        for _ in range(400)
    ]
    # 400 trials: a Monte-Carlo error of 2 points.
    assert np.mean(found) == pytest.approx(0.80, abs=0.06)
