"""Every declared index tells how reliable it is, and only where enough respondents stand behind."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation import reliability
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.verbs.reliability import reliability_rates

BODIES = ["trust_akimat", "trust_maslikhat", "trust_justice"]


def rates(study: Study, answers: pd.DataFrame, **rule: Any) -> pd.DataFrame:
    """The rates of one index of three bodies."""
    raw = copy.deepcopy(dict(study.raw))
    labels = {"en": "Trust"}
    index = {"op": "index", "of": BODIES, "form": "number", "labels": labels, **rule}
    raw["populations"]["ngo"]["derive"] = {"local": index}
    own = Study(study.root, study.file, raw)
    book = codebook(own, "ngo")
    frame = book.type_frame(answers).assign(w=1.0)
    made = reliability_rates(own, "ngo", SurveyDesign(frame, weights="w"), book)
    assert (made["key"] == "rates/ngo/" + made["name"]).all()
    return made.set_index("name")


def answers(n: int, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    points = np.round(3 + rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 3)))
    return pd.DataFrame(np.clip(points, 1, 5).astype(int).astype(str), columns=BODIES, dtype=object)


def test_rates_are_the_reliability_of_complete_answers(study: Study) -> None:
    given = answers(60)
    extra = pd.DataFrame([["dont_know", "1", "5"], [None, "5", "1"]], columns=BODIES)
    made = rates(study, pd.concat([given, extra], ignore_index=True))
    gaps = pd.DataFrame([[np.nan, 1, 5], [np.nan, 5, 1]], columns=BODIES)
    points = pd.concat([given.astype(float), gaps], ignore_index=True).assign(w=1.0)
    known = reliability(SurveyDesign(points, weights="w"), BODIES)
    assert made.loc["complete.local", "value"] == 60
    assert made.loc["alpha.local", "value"] == pytest.approx(known.loc[0, "estimate"])
    assert made.loc["omega_high.local", "value"] == pytest.approx(known.loc[1, "ci_high"])
    assert made.loc["item_rest.local.trust_akimat", "value"] == pytest.approx(
        known.loc[2, "estimate"]
    )


def test_items_are_turned_as_the_index_turns_them(study: Study) -> None:
    given = answers(60)
    turned = given.assign(trust_justice=[str(6 - int(v)) for v in given["trust_justice"]])
    one = rates(study, given)["value"]
    other = rates(study, turned, reverse=["justice"])["value"]
    assert one.to_numpy() == pytest.approx(other.to_numpy())


def test_too_few_complete_answers_give_no_figure(study: Study) -> None:
    few = pd.concat([answers(9), pd.DataFrame([["5", None, "1"]] * 30, columns=BODIES)])
    made = rates(study, few)
    assert made.index.tolist() == ["alpha.local"]
    assert made["value"].isna().all()
    assert "fewer than 10" in made.loc["alpha.local", "note"]


def test_an_item_without_variety_is_said_and_stops_nothing(
    study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    made = rates(study, answers(40).assign(trust_justice="3"))
    assert "does not vary" in made.loc["alpha.local", "note"]
    assert "trust_justice" in caplog.text


def test_an_index_that_one_factor_cannot_explain_says_so(study: Study) -> None:
    # Justice goes with both others more than they go with each other.
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 400))
    raw = pd.DataFrame({BODIES[0]: one, BODIES[1]: other, BODIES[2]: one + other})
    given = raw.apply(lambda c: pd.qcut(c, 5, labels=list("12345")).astype(str)).astype(object)
    made = rates(study, given)
    assert pd.isna(made.loc["omega.local", "value"])
    assert "one factor" in made.loc["omega.local", "note"]
    assert made.loc["alpha.local", "value"] > 0
