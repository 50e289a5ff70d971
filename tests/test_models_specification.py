"""A specification curve runs every combination, compares one quantity, and hides no failure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import FitError
from ngo_survey.statistics.models.imputation import pool
from ngo_survey.statistics.models.specification import (
    OutcomeCoding,
    covariate_sets,
    event_effect,
    run,
    specifications,
    summary,
)

TERMS = ["x", "group"]
CODINGS = {
    "three": OutcomeCoding("ordinal", "y3", ("rose",)),
    "five": OutcomeCoding("ordinal", "y5", ("rose", "rose much")),
    "event": OutcomeCoding("binomial", "y3", ("rose",)),
}


def frame(seed: int, n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, group = rng.normal(size=n), rng.choice(["a", "b", "c"], n)
    latent = 0.8 * x + 0.5 * (group == "b") + rng.logistic(size=n)
    five = np.digitize(latent, [-2, -0.7, 0.7, 2])
    names = ["fell much", "fell", "same", "rose", "rose much"]
    three = np.array([0, 0, 1, 2, 2])[five]
    return pd.DataFrame(
        {
            "x": x,
            "group": pd.Categorical(group),
            "y5": pd.Categorical.from_codes(five, names, ordered=True),
            "y3": pd.Categorical.from_codes(three, ["fell", "same", "rose"], ordered=True),
            "w": rng.uniform(1, 4, n),
            "one": 1.0,
            "h": rng.integers(0, 5, n),
        }
    )


def designs(weights: str, missing: str) -> Sequence[SurveyDesign]:
    name = "w" if weights == "weighted" else "one"
    seeds = [1] if missing == "complete" else [1, 2, 3]
    return [SurveyDesign(frame(s), weights=name, strata="h") for s in seeds]


@pytest.fixture(scope="module")
def curve() -> pd.DataFrame:
    declared = specifications(
        {
            "coding": list(CODINGS),
            "weights": ["weighted", "unweighted"],
            "missing": ["complete", "imputed"],
            "covariates": ["all", "x"],
        }
    )
    sets = covariate_sets(TERMS, {"all": {}, "x": {"only": ["x"]}})
    return run(declared, CODINGS, sets, ["x", "group=b"], designs)


def test_every_combination_is_run_once(curve: pd.DataFrame) -> None:
    choices = ["coding", "weights", "missing", "covariates"]
    assert curve["number"].nunique() == 3 * 2 * 2 * 2
    assert not curve.duplicated([*choices, "term"]).any()
    assert len(curve) == 48
    assert (curve["link"] == "").all()


def test_a_term_that_a_set_leaves_out_is_said(curve: pd.DataFrame) -> None:
    without = curve[(curve["covariates"] == "x") & (curve["term"] == "group=b")]
    assert len(without) == 12
    assert without["estimate"].isna().all()
    assert (without["note"] == "the term is not in these covariates").all()
    assert curve[curve["covariates"] == "all"]["estimate"].notna().all()


def test_codings_estimate_one_and_the_same_effect(curve: pd.DataFrame) -> None:
    x = curve[(curve["term"] == "x") & (curve["covariates"] == "all")]
    x = x[x["missing"] == "complete"]
    assert np.ptp(x["estimate"]) < 0.03
    assert (x["ci_low"] > 0).all()


def test_the_effect_of_one_level_is_that_of_the_model() -> None:
    fit = models.ordinal(designs("weighted", "complete")[0], "y3", TERMS)
    ours = fit.effects().query("outcome == 'rose'").set_index("term")
    for term in ("x", "group=b"):
        estimate, variance = event_effect(fit, term, ["rose"])
        assert estimate == pytest.approx(ours.loc[term, "estimate"], rel=1e-10)
        assert variance**0.5 == pytest.approx(ours.loc[term, "se"], rel=1e-10)


def test_effects_on_levels_together_add_up_and_on_all_levels_vanish() -> None:
    fit = models.ordinal(designs("weighted", "complete")[0], "y5", TERMS)
    ours = fit.effects().query("term == 'x'").set_index("outcome")["estimate"]
    both, variance = event_effect(fit, "x", ["rose", "rose much"])
    assert both == pytest.approx(ours["rose"] + ours["rose much"], rel=1e-10)
    separate = sum(event_effect(fit, "x", [e])[1] ** 0.5 for e in ("rose", "rose much"))
    assert variance**0.5 < separate
    nothing, none = event_effect(fit, "x", list(fit.outcomes))
    assert abs(nothing) < 1e-12
    assert none < 1e-24


def test_imputed_specifications_are_pooled(curve: pd.DataFrame) -> None:
    row = curve.query(
        "term == 'x' and coding == 'event' and weights == 'weighted' and missing == 'imputed' "
        "and covariates == 'all'"
    ).iloc[0]
    fits = [
        models.glm(d, "y3", TERMS, family="binomial", event=["rose"])
        for d in designs("weighted", "imputed")
    ]
    each = [event_effect(fit, "x", ["rose"]) for fit in fits]
    own = pool([e for e, _ in each], [v for _, v in each], fits[0].df)
    assert row["estimate"] == pytest.approx(own.estimate[0])
    assert row["se"] == pytest.approx(own.se[0])
    assert row["note"] == "pooled over 3 imputed data sets"


def test_a_failed_fit_is_a_row_with_its_reason() -> None:
    def separated(weights: str, missing: str) -> Sequence[SurveyDesign]:
        design = designs(weights, missing)[0]
        risen = (design.frame["y3"] == "rose").astype(float)
        return [design.assign(x=risen)]

    declared = specifications({"coding": ["event", "three"], "covariates": ["all"]})
    made = run(declared, CODINGS, {"all": TERMS}, ["x"], separated)
    assert len(made) == 2
    assert made["estimate"].isna().all()
    assert made["note"].str.contains("separated").all()


def test_an_event_that_is_no_level_is_a_row_with_its_reason() -> None:
    coding = {"odd": OutcomeCoding("ordinal", "y3", ("soared",))}
    declared = specifications({"coding": ["odd"], "covariates": ["all"]})
    made = run(declared, coding, {"all": TERMS}, ["x"], designs)
    assert made["note"].str.contains("no level of the outcome.*soared").all()
    fit = models.ordinal(designs("weighted", "complete")[0], "y3", TERMS)
    with pytest.raises(FitError, match="soared"):
        event_effect(fit, "x", ["soared"])


def test_sets_of_covariates_are_checked() -> None:
    terms = ["a", {"variable": "b", "per": 10}, "c"]
    made = covariate_sets(terms, {"all": {}, "few": {"only": ["b"]}, "less": {"without": ["a"]}})
    named = {label: [term.variable for term in chosen] for label, chosen in made.items()}
    assert named == {"all": ["a", "b", "c"], "few": ["b"], "less": ["b", "c"]}
    assert made["few"][0].per == 10
    with pytest.raises(InputError, match="no such term.*bb"):
        covariate_sets(terms, {"odd": {"without": ["bb"]}})
    with pytest.raises(InputError, match="empty"):
        covariate_sets(terms, {"none": {"without": ["a", "b", "c"]}})


def test_the_summary_tells_how_an_effect_moves() -> None:
    rows = pd.DataFrame(
        {
            "term": ["x"] * 4,
            "estimate": [0.1, 0.2, -0.1, np.nan],
            "ci_low": [0.05, -0.1, -0.2, np.nan],
            "ci_high": [0.15, 0.5, 0.0, np.nan],
        }
    )
    effect = summary(rows).iloc[0]
    assert effect[["run", "failed"]].tolist() == [3, 1]
    assert effect["median"] == pytest.approx(0.1)
    assert effect["same_sign"] == pytest.approx(2 / 3)
    assert effect["clear"] == pytest.approx(1 / 3)
