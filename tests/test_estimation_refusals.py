"""What looks like an answer and is none: refused with a hint, or answered right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign, replicate
from ngo_survey.statistics.estimation.domains import FIGURES

from reference import close, design

#: Columns of any result that a question may be called like.
RESULT_COLUMNS = sorted(FIGURES | {"row", "column", "level", "statistic"})


def answers(n: int = 120, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 3, n),
            "h": rng.integers(0, 4, n),
            "x": rng.normal(size=n),
            "g": rng.choice(list("abc"), n),
            "mixed": [1 if i % 2 else "one" for i in range(n)],
            "nobody": pd.Series([None] * n, dtype=object),
        }
    )


def survey() -> SurveyDesign:
    return SurveyDesign(answers(), weights="w", strata="h")


@pytest.mark.parametrize("by", [None, "g"])
def test_answers_of_several_types_have_no_order(by: str | None) -> None:
    with pytest.raises(InputError, match="column mixed: answers are of several types.*int, str"):
        estimation.proportion(survey(), "mixed", by=by)


def test_a_question_that_nobody_answered_is_named() -> None:
    for ask in (
        lambda: estimation.proportion(survey(), "nobody"),
        lambda: estimation.total(survey(), "nobody"),
        lambda: estimation.mean(survey(), "x", by="nobody"),
        lambda: estimation.crosstab(survey(), "nobody", "g"),
        lambda: estimation.mean(survey(), "nobody"),
        lambda: estimation.quantile(survey(), "nobody", 0.5),
    ):
        with pytest.raises(InputError, match="column nobody: nobody"):
            ask()


@pytest.mark.parametrize("name", RESULT_COLUMNS)
def test_a_banner_may_be_called_as_a_column_of_results(name: str) -> None:
    called = survey().assign(**{name: answers()["g"]})
    plain = estimation.proportion(survey().assign(k=answers()["g"]), "k", by="g")
    for made, expected in (
        (estimation.mean(called, "x", by=name), estimation.mean(survey(), "x", by="g")),
        (estimation.proportion(called, "g", by=name), plain),
        (
            estimation.quantile(called, "x", 0.5, by=name),
            estimation.quantile(survey(), "x", 0.5, "g"),
        ),
        (estimation.crosstab(called, name, "g"), plain),
    ):
        assert made.columns.is_unique
        close(made["estimate"], expected["estimate"])


def test_a_banner_of_two_variables_whose_heads_would_meet() -> None:
    both = survey().assign(**{"n": answers()["g"], "n (domain)": answers()["h"]})
    made = estimation.mean(both, "x", by=["n", "n (domain)"])
    assert made.columns.is_unique and len(made) == 12


def test_a_variable_crosses_itself_no_more_than_once() -> None:
    with pytest.raises(InputError, match="column g: a variable makes domains twice"):
        estimation.mean(survey(), "x", by=["g", "g"])


def test_two_domains_of_one_sample_are_compared_with_their_covariance() -> None:
    whole = design("clus1")
    high, elementary = (whole.subset(whole.frame["stype"] == s) for s in ("H", "E"))
    made = estimation.between(high, elementary, "api00")
    expected = estimation.compare(whole, "api00", "stype", ("H", "E"))
    close(made[expected.index], expected)
    apart = float(
        np.hypot(*(estimation.mean(d, "api00")["se"].iloc[0] for d in (high, elementary)))
    )
    assert abs(made["se"] / apart - 1) > 0.02


def test_a_sample_held_against_itself_differs_by_nothing() -> None:
    made = estimation.between(design("clus1"), design("clus1"), "api00")
    assert made["se"] > 0  # two files of one design are two samples, for all that is known
    whole = design("clus1")
    assert estimation.between(whole, whole, "api00")["se"] == pytest.approx(0, abs=1e-9)


def test_a_wald_test_needs_as_many_degrees_of_freedom_as_cells() -> None:
    frame = answers().assign(u=np.arange(120) % 6, r=np.arange(120) * 7 % 5)
    clustered = SurveyDesign(frame, weights="w", psu="u")
    with pytest.raises(InputError, match="8 cells cannot stand on 5 degrees.*rao-scott"):
        estimation.independence_test(clustered, "r", "g", "wald")


def negative() -> SurveyDesign:
    frame = answers().assign(b=lambda f: np.where(f["x"] > 1.2, "high", "low"))
    totals = {"b": {"high": 1.0, "low": 199.0}, "g": {"a": 4.0, "b": 4.0, "c": 192.0}}
    made = SurveyDesign(frame, weights="w").calibrate(totals, "linear")
    assert (made.weights < 0).any()
    return made


def test_what_needs_a_distribution_refuses_negative_weights() -> None:
    linear = negative()
    close(estimation.total(linear, "b")["estimate"], [1.0, 199.0])
    for ask in (
        lambda: estimation.quantile(linear, "x", 0.5),
        lambda: estimation.independence_test(linear, "b", "g"),
    ):
        with pytest.raises(InputError, match="weights are negative.*bounds"):
            ask()


def test_a_share_outside_its_range_is_refused() -> None:
    linear = negative()
    marked = linear.assign(odd=pd.Series(linear.weights < 0).map({True: "yes", False: "no"}))
    with pytest.raises(InputError, match="a share lies outside 0 to 1"):
        estimation.proportion(marked, "odd")


@pytest.mark.parametrize("kind", ["JKn", "bootstrap"])
def test_a_quantile_has_no_jackknife(kind: str) -> None:
    made = replicate(survey(), kind, replicates=20, rng=np.random.default_rng(1))  # type: ignore[arg-type]
    if kind == "bootstrap":
        assert made.estimate(lambda d: estimation.quantile(d, "x", 0.5))["se"].iloc[0] > 0
        return
    with pytest.raises(InputError, match="jackknife of a quantile.*bootstrap"):
        made.estimate(lambda d: estimation.quantile(d, "x", 0.5))


def test_limits_of_a_share_on_replicates_stay_within_its_range() -> None:
    rare = survey().assign(r=np.where(np.arange(120) < 2, "yes", "no"))
    made = replicate(rare, "JKn").estimate(lambda d: estimation.proportion(d, "r"))
    assert made["ci_low"].min() > 0 and made["ci_high"].max() < 1
    close(made["ci_low"], estimation.proportion(rare, "r")["ci_low"], 0.02)


def test_an_item_that_nobody_put_first_has_its_row() -> None:
    frame = pd.DataFrame({"w": 1.0, "first": ["a", "b"] * 20, "second": ["c", "a"] * 20})
    made = estimation.rank_shares(SurveyDesign(frame, weights="w"), ["first", "second"])
    assert made["variable"].tolist() == ["a", "b", "c"]
    close(made["estimate"], [1.0, 0.5, 0.5])
    first = estimation.rank_shares(SurveyDesign(frame, weights="w"), ["first", "second"], top=1)
    close(first["estimate"], [0.5, 0.5, 0.0])
