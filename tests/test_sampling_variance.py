"""However variances are reckoned, they are those of the columns that were never made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import domain_means, domain_shares, domains
from suites import examples

from reference import TYPES, WIDE, close, design

LONELY = ["certainty", "adjust", "average"]


def drawn(seed: int, kind: str, lonely: Any) -> SurveyDesign:
    """A design with strata of one to nine units, gaps among answers, and unequal weights."""
    rng = np.random.default_rng(seed)
    n = 90
    frame = pd.DataFrame(
        {
            "h": rng.choice(list("aabbccccdddddde"), n),
            "u": rng.integers(0, 25, n),
            "v": np.arange(n),
            "w": rng.uniform(1, 30, n),
            "y": rng.normal(50, 3, n),
            "g": pd.Categorical(rng.choice([*"rst", None], n), categories=list("rstz")),
            "x": pd.Categorical(rng.choice([*"01", None], n), categories=list("01")),
        }
    )
    frame["N"] = frame.groupby("h")["h"].transform("size") * 3
    frame["k"] = frame["h"] + frame["u"].astype(str)
    frame["M"] = frame.groupby("k")["v"].transform("nunique") * 2
    frame["K"] = frame.groupby("h")["k"].transform("nunique") * 4
    made = {
        "rows": lambda: SurveyDesign(frame, weights="w", strata="h", lonely=lonely),
        "fpc": lambda: SurveyDesign(frame, weights="w", strata="h", fpc="N", lonely=lonely),
        "clusters": lambda: SurveyDesign(frame, weights="w", strata="h", psu="k", lonely=lonely),
        "two stages": lambda: SurveyDesign(
            frame, weights="w", strata="h", psu=["k", "v"], fpc=["K", "M"], lonely=lonely
        ),
    }[kind]()
    return made.subset(frame["y"] > 46)


@given(st.integers(0, 10_000), st.sampled_from(["rows", "fpc", "clusters", "two stages"]),
       st.sampled_from(LONELY))  # fmt: skip
@examples(80)
def test_domains_counts_and_cells_have_the_variance_of_their_columns(
    seed: int, kind: str, lonely: Any
) -> None:
    whole = drawn(seed, kind, lonely)
    frame, split = whole.frame, domains(whole, "g")
    inside = whole.in_domain & (split.codes >= 0)
    member = (split.codes[:, None] == np.arange(4)) & inside[:, None]
    w = np.where(inside, whole.weights, 0.0)

    made = domain_means(whole, frame[["y"]].to_numpy(), np.ones(len(frame), dtype=bool), split)
    with np.errstate(invalid="ignore"):
        influence = np.nan_to_num(
            member * (frame[["y"]].to_numpy() - made.estimate.T) / (w @ member)
        )
    expected = np.where(made.n > 0, whole.variance(influence), np.nan)
    np.testing.assert_allclose(made.variance[:, 0], expected, rtol=1e-9, atol=1e-15)
    assert made.df.tolist() == whole.domain_degrees_of_freedom(member).tolist()

    answer = frame["x"].cat.codes.to_numpy().astype(np.int64)
    shares, count = domain_shares(whole, answer, 2, split)
    dummies = (answer[:, None] == [0, 1]).astype(float)
    long = domain_means(whole, dummies, answer >= 0, split)
    np.testing.assert_allclose(shares.estimate, long.estimate, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(shares.variance, long.variance, rtol=1e-8, atol=1e-14)
    assert count.sum() == (inside & (answer >= 0)).sum()

    cells = np.where(inside & (answer >= 0), split.codes * 2 + answer, -1)
    spread = whole.cell_covariance(cells, 8)
    columns = (cells[:, None] == np.arange(8)).astype(float)
    reference = whole.covariance(columns)
    np.testing.assert_allclose(spread, reference, rtol=1e-8, atol=1e-8 * np.abs(reference).max())


@given(st.integers(0, 10_000), st.sampled_from(["rows", "fpc", "clusters", "two stages"]),
       st.sampled_from(LONELY), st.booleans())  # fmt: skip
@examples(80)
def test_covariances_between_domains_are_those_of_spread_columns(
    seed: int, kind: str, lonely: Any, calibrated: bool
) -> None:
    whole = drawn(seed, kind, lonely)
    if calibrated:
        margin = whole.frame["h"].value_counts()
        fresh = whole.subset(np.ones(len(whole.frame)))
        fresh.in_domain = np.ones(len(whole.frame), dtype=bool)
        raked = fresh.calibrate({"h": (margin * 7.0).to_dict()}, "linear")
        whole = raked.subset(whole.frame["y"] > 46)
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(len(whole.frame), 2))
    codes = domains(whole, "g").codes
    mine = codes[:, None] == np.arange(4)
    spread = np.hstack([np.where(mine, c[:, None], 0.0) for c in columns.T])
    expected = whole.covariance(spread)
    size = np.abs(expected).max()
    own, beside = whole.domain_covariances(columns, codes, 4)
    for place in (0, 1):
        part = slice(4 * place, 4 * place + 4)
        np.testing.assert_allclose(own[place], expected[part, part], rtol=1e-8, atol=1e-10 * size)
    np.testing.assert_allclose(beside[0], expected[:4, 4:], rtol=1e-8, atol=1e-10 * size)
    crossed = whole.crossed_covariance(columns, codes, 4)
    order = [2 * g + place for place in (0, 1) for g in range(4)]
    np.testing.assert_allclose(
        crossed[np.ix_(order, order)], expected, rtol=1e-8, atol=1e-10 * size
    )
    variances = whole.domain_variances(columns, codes, 4)
    alone = whole.variance(spread)
    np.testing.assert_allclose(variances.T.ravel(), alone, rtol=1e-8, atol=1e-10 * size)


@pytest.mark.parametrize("name", ["strat", "clus1", "clus2"])
def test_calibrated_designs_give_the_same_by_the_long_way(name: str) -> None:
    raked = design(name).rake({"stype": TYPES, "sch.wide": WIDE})
    for by in ("awards", "stype"):
        made = estimation.proportion(raked, "comp.imp", by=by)
        for level, rows in made.groupby(by, observed=True):
            alone = raked.subset(raked.frame[by] == level)
            close(rows["se"], estimation.proportion(alone, "comp.imp")["se"], 1e-9)


def test_memory_does_not_grow_with_domains_times_categories() -> None:
    """By 20 regions and 50 categories: 1.6 GB if every column were made."""
    import tracemalloc

    rng = np.random.default_rng(1)
    n = 200_000
    frame = pd.DataFrame(
        {
            "h": rng.integers(0, 20, n),
            "w": 1.0,
            "a": pd.Categorical.from_codes(rng.integers(0, 50, n), range(50)),
        }
    )
    whole = SurveyDesign(frame, weights="w", strata="h")
    tracemalloc.start()
    estimation.proportion(whole, "a", by="h")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * n * 8


@given(st.integers(0, 10_000), st.sampled_from(["rows", "clusters"]))
@examples(40)
def test_averaged_single_units_leave_strata_without_the_domain_out(seed: int, kind: str) -> None:
    """A domain made of whole strata has the variance of their own design, as in R."""
    rng = np.random.default_rng(seed)
    n = 60
    frame = pd.DataFrame(
        {"h": np.arange(n) // 10, "u": np.arange(n) // 2, "w": rng.uniform(1, 5, n),
         "y": rng.normal(size=n), "z": pd.Categorical(rng.choice(list("ab"), n))}
    )  # fmt: skip
    # One stratum of a single unit in each half.
    frame.loc[[58, 59], "h"], frame.loc[[28, 29], "h"] = 7, 8
    if kind == "rows":
        frame = frame.drop(index=[28, 58])
    how: dict[str, Any] = {"weights": "w", "strata": "h", "lonely": "average"}
    how |= {"psu": "u"} if kind == "clusters" else {}
    whole = SurveyDesign(frame, **how)
    half = frame["h"].isin([0, 1, 2, 8])
    domain, alone = whole.subset(half), SurveyDesign(frame[half], **how)
    for ask in (
        lambda d: estimation.mean(d, "y"),
        lambda d: estimation.total(d, "y"),
        lambda d: estimation.proportion(d, "z"),
        lambda d: estimation.ratio(d, "y", "w"),
    ):
        close(ask(domain)["se"], ask(alone)["se"], 1e-9)
    split = whole.assign(half=half.to_numpy())
    by = estimation.mean(split, "y", by="half")
    close(by["se"].iloc[1], estimation.mean(alone, "y")["se"], 1e-9)
