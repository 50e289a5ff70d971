"""Boxes, many answers, parts of a whole and ranks are the means and ratios they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign

from reference import close, design


@pytest.fixture(scope="module")
def answers() -> SurveyDesign:
    rng = np.random.default_rng(4)
    n = 200
    whole = design("strat")
    parts = rng.multinomial(100, [0.5, 0.3, 0.2], n)
    ranks = np.array([rng.permutation(list("abcd")) for _ in range(n)])
    columns: dict[str, Any] = {f"p{i}": parts[:, i].astype(float) for i in range(3)}
    columns |= {f"t{i}": rng.integers(0, 2, n).astype(float) for i in range(3)}
    columns |= {f"r{i}": pd.Categorical(ranks[:, i], list("abcd")) for i in range(3)}
    columns["rate"] = pd.Categorical(rng.integers(1, 6, n).astype(str), list("12345"), ordered=True)
    made = whole.assign(**columns)
    made.frame.loc[:9, ["p0", "t0", "rate", "r0"]] = np.nan
    return made


def test_a_box_is_the_mean_of_zeros_and_ones(answers: SurveyDesign) -> None:
    made = estimation.box(answers, "rate", ["4", "5"], by="stype")
    ones = answers.frame["rate"].isin(["4", "5"]).astype(float).where(answers.frame["rate"].notna())
    numbers = estimation.mean(answers.assign(top=ones), "top", by="stype")
    close(made[["estimate", "se", "n"]], numbers[["estimate", "se", "n"]])


def test_shares_of_respondents_and_of_answers_stand_on_the_same_ticks(
    answers: SurveyDesign,
) -> None:
    items = ["t0", "t1", "t2"]
    people = estimation.multiple_response(answers, items)
    ticks = estimation.multiple_response(answers, items, base="answers")
    assert people["n"].unique().tolist() == [190]
    assert ticks["estimate"].sum() == pytest.approx(1)
    close(people["estimate"] / people["estimate"].sum(), ticks["estimate"])
    assert people["variable"].tolist() == ticks["variable"].tolist() == items


def test_parts_of_a_whole_add_up(answers: SurveyDesign) -> None:
    made = estimation.constant_sum(answers, ["p0", "p1", "p2"], by="stype")
    shares = made[made["statistic"] == "mean_share"].groupby("stype")["estimate"].sum()
    close(shares, [1.0, 1.0, 1.0])
    assert made["n"].sum() == 6 * 190


def test_parts_that_do_not_add_up_are_refused_with_their_row(answers: SurveyDesign) -> None:
    wrong = answers.frame["p1"].where(answers.frame.index != 30, 500.0)
    with pytest.raises(InputError, match="row 32"):
        estimation.constant_sum(answers.assign(p1=wrong), ["p0", "p1", "p2"])


def test_shares_of_the_first_three_of_four_add_up_to_three(answers: SurveyDesign) -> None:
    one = estimation.rank_shares(answers, ["r0", "r1", "r2"], top=1)
    three = estimation.rank_shares(answers, ["r0", "r1", "r2"])
    assert one["estimate"].sum() == pytest.approx(1)
    assert three["estimate"].sum() == pytest.approx(3)
    first = estimation.proportion(answers, "r0")
    close(one[["estimate", "se"]], first[["estimate", "se"]])


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda d: estimation.box(d, "rate", ["6"]), "no such category"),
        (lambda d: estimation.multiple_response(d, ["p0"]), "not 0 or 1"),
        (lambda d: estimation.multiple_response(d, ["t0"], base="people"), "base"),
        (lambda d: estimation.rank_shares(d, ["r0"], top=0), "at least one"),
    ],
)
def test_what_is_no_answer_of_the_kind_is_refused(
    answers: SurveyDesign, call: Any, problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        call(answers)


def test_an_item_may_be_called_as_the_banner_is(answers: SurveyDesign) -> None:
    """Columns made on the way must not take the place of the data's own."""
    ranks = {
        f"r{i}": answers.frame[f"r{i}"].cat.rename_categories({"a": "stype"}) for i in range(3)
    }
    renamed = answers.assign(**ranks)
    made = estimation.rank_shares(renamed, ["r0", "r1", "r2"], by="stype")
    plain = estimation.rank_shares(answers, ["r0", "r1", "r2"], by="stype")
    assert made["stype"].tolist() == plain["stype"].tolist()
    close(made[["estimate", "se"]], plain[["estimate", "se"]])
    box = estimation.box(answers, "rate", ["4", "5"], by="rate")
    assert set(box["estimate"].round(9)) == {0.0, 1.0}
