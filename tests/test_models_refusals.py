"""What a model cannot read is refused with a hint; what it can, it reads as it was meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import firth
from suites import sample

from reference import close


def answers(n: int = 120, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"w": rng.uniform(1, 3, n), "x": rng.normal(size=n)})
    frame["points"] = rng.integers(1, 4, n)
    frame["yes"] = frame["points"] == 3
    frame["words"] = frame["points"].map({1: "one", 2: "two", 3: "three"})
    frame["coded"] = pd.Categorical(frame["points"])
    frame["group"] = pd.Categorical(rng.choice(list("bc"), n), categories=list("abc"))
    frame["blank"] = np.nan
    return frame


def design() -> SurveyDesign:
    return SurveyDesign(answers(), weights="w")


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        ("yes", None),
        ("yes", True),
        ("yes", [True]),
        ("points", [3]),
        ("points", "3"),
        ("coded", [3]),
        ("coded", ["3"]),
        ("coded", None),
        ("words", "three"),
        ("words", ["three"]),
    ],
)
def test_an_event_is_the_same_in_every_kind_of_column(outcome: str, event: Any) -> None:
    made = models.glm(design(), outcome, "x", "binomial", event=event)
    expected = models.glm(
        design().assign(z=(answers()["points"] == 3).astype(float)), "z", "x", "binomial"
    )
    close(made.theta, expected.theta, 1e-12)


def test_the_event_of_a_truth_value_may_be_false() -> None:
    made = models.glm(design(), "yes", "x", "binomial", event=False)
    close(made.theta, -models.glm(design(), "yes", "x", "binomial").theta)


@pytest.mark.parametrize(("outcome", "event"), [("points", [4]), ("yes", "no"), ("coded", ["x"])])
def test_an_event_that_is_no_level_is_refused(outcome: str, event: Any) -> None:
    with pytest.raises(InputError, match=f"column {outcome}: the event is no level"):
        models.glm(design(), outcome, "x", "binomial", event=event)


def test_only_a_binomial_model_has_an_event() -> None:
    with pytest.raises(InputError, match="only a binomial model has an event"):
        models.glm(design(), "points", "x", event=[3])


def test_categories_without_an_order_make_no_ordered_outcome() -> None:
    for fit in (models.ordinal, models.partial):
        with pytest.raises(InputError, match="no declared order.*ordered=True"):
            fit(design(), "coded", "x")


@pytest.mark.parametrize("place", ["outcome", "predictor"])
def test_an_infinite_number_is_named_with_its_row(place: str) -> None:
    frame = answers()
    frame.loc[4, "x"] = -np.inf
    y, x = ("x", "points") if place == "outcome" else ("points", "x")
    with pytest.raises(InputError, match="row 6, column x: a number is infinite"):
        models.glm(SurveyDesign(frame, weights="w"), y, x)


@pytest.mark.parametrize("reference", ["", "a", "z"])
def test_a_reference_is_a_level_that_somebody_has(reference: str) -> None:
    term = {"variable": "group", "reference": reference}
    with pytest.raises(InputError, match="the reference is no level that anybody has"):
        models.glm(design(), "x", [term])


def test_a_reference_of_nobody_who_answered_everything_is_named() -> None:
    frame = answers().assign(z=lambda f: f["x"].where(f["group"] != "b"))
    with pytest.raises(InputError, match="column group: nobody who answered everything has"):
        models.glm(SurveyDesign(frame, weights="w"), "points", "z + group")


def test_a_reference_may_be_a_number() -> None:
    made = models.glm(design(), "x", [{"variable": "coded", "reference": 2}])
    assert made.names == ("(intercept)", "coded=1", "coded=3")


def test_a_question_that_nobody_answered_is_named() -> None:
    for outcome, term in (("blank", "x"), ("x", "blank")):
        with pytest.raises(InputError, match="column blank: nobody answered"):
            models.glm(design(), outcome, term)


def test_a_predictor_of_several_types_is_refused() -> None:
    mixed = design().assign(mixed=[1 if i % 2 else "one" for i in range(120)])
    with pytest.raises(InputError, match="column mixed: answers are of several types"):
        models.glm(mixed, "x", "mixed")


def test_a_likelihood_refuses_negative_weights() -> None:
    frame = answers().assign(b=lambda f: np.where(f["x"] > 1.2, "high", "low"))
    sizes = {"group": {"b": 6.0, "c": 194.0}, "b": {"high": 1.0, "low": 199.0}}
    linear = SurveyDesign(frame, weights="w").calibrate(sizes, "linear")
    assert (linear.weights < 0).any()
    with pytest.raises(InputError, match="weights are negative, on which a likelihood"):
        models.glm(linear, "points", "x")


@pytest.mark.parametrize(
    "x", sample([["p"] * 20 + ["q"] * 40, list(range(60)), ["p"] * 20 + ["q"] * 20 + ["r"] * 20])
)
def test_a_separated_order_has_finite_estimates_and_limits(x: list[Any]) -> None:
    y = pd.Categorical(np.repeat(list("abc"), 20), list("abc"), ordered=True)
    frame = pd.DataFrame({"w": 1.0, "y": y, "x": x})
    made = models.ordinal(SurveyDesign(frame, weights="w"), "y", "x", penalty="separated")
    table = made.coefficients
    assert made.penalised and np.isfinite(table[["estimate", "ci_low", "ci_high"]]).all(axis=None)
    assert (table["ci_low"] > 0).all() and (table["ci_low"] < table["estimate"]).all()


def one_answer_alone(seed: int) -> SurveyDesign:
    """Forty respondents, of whom one group gave the lowest answer alone."""
    rng = np.random.default_rng(seed)
    n, levels = 40, int(rng.integers(3, 6))
    x = rng.choice(list("pqr"), n)
    y = np.where(x == "p", 0, rng.integers(0, levels, n))
    x[:levels], y[:levels] = "q", np.arange(levels)
    frame = pd.DataFrame({"w": rng.uniform(1, 4, n), "x": x, "z": rng.normal(size=n)})
    frame["y"] = pd.Categorical.from_codes(y, list("abcde")[:levels], ordered=True)
    return SurveyDesign(frame, weights="w")


@pytest.mark.parametrize("seed", sample(range(9)))
def test_a_group_that_gave_one_answer_alone_is_estimated(seed: int) -> None:
    made = models.ordinal(one_answer_alone(seed), "y", "x + z", penalty="always")
    table = made.coefficients
    assert np.isfinite(table["estimate"]).all()
    assert ((table["ci_low"] < table["estimate"]) & (table["estimate"] < table["ci_high"])).all()


@pytest.mark.parametrize("steps", sample([30, firth.STEPS]))
def test_where_no_limit_is_found_the_model_is_refused_with_a_hint(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """About one such sample in twenty: its profile is flat as far as it is followed."""
    monkeypatch.setattr(firth, "STEPS", steps)
    with pytest.raises(models.FitError, match="does not converge; leave terms out"):
        models.ordinal(one_answer_alone(9783), "y", "x + z", penalty="always")
