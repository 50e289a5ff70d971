"""Shares from counts by design cell are those of one column a respondent."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.calibrated_variance import QuadraticForm
from ngo_survey.statistics.estimation.comparisons import compare_columns
from ngo_survey.statistics.estimation.crosstabs import independence_of
from ngo_survey.statistics.estimation.domains import (
    domain_means,
    domain_proportions,
    domains,
)
from suites import examples

LONELY = ["certainty", "adjust", "fail"]


def drawn(seed: int, calibrated: bool, lonely: Any, fpc: bool) -> tuple[SurveyDesign, np.ndarray]:
    """Return a stratified sample whose weights are those of cells, and 0/1 answers to six items.

    The first item nobody gave, the second everybody, the third one respondent alone.
    """
    rng = np.random.default_rng(seed)
    n, strata = int(rng.integers(60, 400)), int(rng.integers(1, 5))
    stratum = np.concatenate([np.arange(strata), np.arange(strata), rng.integers(0, strata, n)])
    if lonely != "fail":
        stratum = np.append(stratum, strata)
    n = len(stratum)
    frame = pd.DataFrame(
        {
            "h": stratum,
            "w": 1.0 + 0.7 * stratum,
            "size": 5.0 * n,
            "a": rng.choice(list("xyz"), n, p=[0.6, 0.3, 0.1]),
            "b": rng.choice(list("pq"), n),
            "g": pd.Categorical(rng.choice(list("klm"), n, p=[0.7, 0.28, 0.02]), list("klmn")),
        }
    )
    design = SurveyDesign(frame, "w", strata="h", fpc="size" if fpc else None, lonely=lonely)
    if calibrated:
        margins = {
            name: {
                level: float(count) * 3.0 * (1.1 if level in "xp" else 1.0)
                for level, count in frame.groupby(name)["w"].sum().items()
            }
            for name in "ab"
        }
        whole = sum(margins["a"].values())
        margins["b"] = {k: v * whole / sum(margins["b"].values()) for k, v in margins["b"].items()}
        design = design.rake(margins)
    answers = (rng.random((n, 6)) < rng.uniform(0.05, 0.95, 6)).astype(float)
    answers[:, 0], answers[:, 1], answers[:, 2] = 0.0, 1.0, 0.0
    answers[int(rng.integers(n)), 2] = 1.0
    return design.subset(rng.random(n) < 0.9), answers


DRAWN = (
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from(LONELY),
    st.booleans(),
)


@given(*DRAWN)
@examples(120)
def test_shares_from_counts_are_means_of_columns(
    seed: int, calibrated: bool, lonely: Any, fpc: bool
) -> None:
    design, answers = drawn(seed, calibrated, lonely, fpc)
    valid = np.random.default_rng(seed).random(len(answers)) < 0.8
    for split in (domains(design, "g"), domains(design, None)):
        with patch.object(SurveyDesign, "tally", autospec=True, side_effect=always):
            ours = domain_proportions(design, answers, valid, split)
        long = domain_means(design, answers, valid, split)
        for name in ("estimate", "weight", "deff", "variance"):
            np.testing.assert_allclose(
                getattr(ours, name), getattr(long, name), rtol=1e-10, atol=1e-15, err_msg=name
            )
        assert ours.n.tolist() == long.n.tolist()
        assert ours.df.tolist() == long.df.tolist()


@given(*DRAWN)
@examples(80)
def test_columns_compared_by_counts_are_compared_as_columns_of_numbers(
    seed: int, calibrated: bool, lonely: Any, fpc: bool
) -> None:
    design, answers = drawn(seed, calibrated, lonely, fpc)
    valid, split = answers[:, 3] + answers[:, 4] > 0, domains(design, "g")
    with patch.object(SurveyDesign, "tally", autospec=True, side_effect=always):
        ours = compare_columns(design, answers, valid, split, shares=True)
    long = compare_columns(design, answers, valid, split)
    for name in ("estimate", "pair_p", "rest", "rest_se", "rest_p"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(long, name), rtol=1e-9, atol=1e-13, err_msg=name
        )


def always(design: SurveyDesign, chosen: Any, codes: Any, groups: int) -> Any:
    """Count by design cell however few respondents there are."""
    codes = np.where(design.in_domain, codes, -1)
    form = design._form
    assert form is not None
    return form.cells.tally(design.weights, chosen, codes, groups)


@pytest.mark.parametrize("how", ["free weights", "clusters", "two calibrations"])
def test_designs_without_design_cells_are_not_counted_by_them(how: str) -> None:
    design, answers = drawn(3, how == "two calibrations", "certainty", False)
    whole = design.subset(np.ones(len(answers)))
    if how == "free weights":
        frame = design.frame.assign(w=np.random.default_rng(1).uniform(1, 2, len(answers)))
        whole = SurveyDesign(frame, "w", strata="h", lonely="certainty")
    elif how == "clusters":
        frame = design.frame.assign(psu=np.arange(len(answers)) // 2)
        whole = SurveyDesign(frame, "w", psu="psu", lonely="certainty")
    else:
        fresh = SurveyDesign(design.frame, "w", strata="h", lonely="certainty")
        totals = fresh.frame.groupby("a")["w"].sum().to_dict()
        whole = fresh.rake({"a": totals}).rake({"a": totals})
    split = domains(whole, "g")
    assert whole.tally(answers, split.codes, len(split.levels)) is None
    made = domain_proportions(whole, answers, np.ones(len(answers), dtype=bool), split)
    long = domain_means(whole, answers, np.ones(len(answers), dtype=bool), split)
    assert made.variance.tobytes() == long.variance.tobytes()


def by_counts(design: SurveyDesign, codes: Any, cells: int) -> Any:
    """Covariance of the sizes of cells from counts, however few respondents there are."""
    form = design._form
    assert form is not None
    return form.sums_of_counts(np.where(design.in_domain, codes, -1), cells).covariances()[0]


def by_columns(design: SurveyDesign, codes: Any, cells: int) -> Any:
    """The same from one 0/1 column a cell."""
    return design.covariance((codes[:, None] == np.arange(cells)).astype(float))


@given(*DRAWN)
@examples(60)
def test_a_covariance_of_sizes_from_counts_is_that_of_one_column_a_cell(
    seed: int, calibrated: bool, lonely: Any, fpc: bool
) -> None:
    design, _ = drawn(seed, calibrated, lonely, fpc)
    codes = np.random.default_rng(seed).integers(-1, 5, len(design.frame))
    # The last cell holds nobody.
    made, known = by_counts(design, codes, 6), by_columns(design, codes, 6)
    np.testing.assert_allclose(made, known, rtol=0, atol=1e-10 * np.abs(known).max())


@given(*DRAWN)
@examples(60)
def test_rao_and_scotts_test_is_the_same_from_counts(
    seed: int, calibrated: bool, lonely: Any, fpc: bool
) -> None:
    design, answers = drawn(seed, calibrated, lonely, fpc)
    beside = domains(design, "g").codes

    def tested(covariance: Any) -> tuple[float, ...] | str:
        with patch.object(SurveyDesign, "cell_covariance", covariance):
            try:
                made = independence_of(design, answers[:, 3].astype(int), beside)
            except InputError as error:
                return str(error)
        return made.statistic, made.df1, made.p, made.effect

    known, made = tested(by_columns), tested(by_counts)
    if isinstance(known, str):
        assert made == known
    else:
        np.testing.assert_allclose(np.array(made), known, rtol=1e-10, atol=1e-12)


def test_many_respondents_of_few_design_cells_are_counted() -> None:
    n = 900
    frame = pd.DataFrame({"h": np.arange(n) % 3, "w": 1.0 + np.arange(n) % 3, "a": "x"})
    frame.loc[::4, "a"] = "y"
    design = SurveyDesign(frame, "w", strata="h").rake({"a": {"x": 1500.0, "y": 400.0}})
    codes = np.random.default_rng(1).integers(0, 4, n)
    with patch.object(QuadraticForm, "sums", side_effect=AssertionError("a row a respondent")):
        made = design.cell_covariance(codes, 4)
    np.testing.assert_allclose(made, by_columns(design, codes, 4), rtol=1e-10, atol=1e-8)
