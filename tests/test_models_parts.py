"""Parts of a whole in a model: coordinates of a mix, and points moved between its parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.composition import (
    closed,
    diversity,
    ilr,
    ilr_inverse,
    pivot_basis,
    without_zeros,
)
from ngo_survey.statistics.models.terms import design_matrix

from reference import close


def test_coordinates_of_a_mix_as_published() -> None:
    # scikit-bio takes the parts from the other end; the coordinates are the same but for sign.
    close(np.abs(ilr(np.array([[0.2, 0.3, 0.5]])))[0, ::-1], [0.3612083, 0.5396046], 1e-6)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=9))
def test_coordinates_come_back_as_the_mix(parts: list[float]) -> None:
    shares = closed(np.array([parts]))
    np.testing.assert_allclose(ilr_inverse(ilr(shares)), shares, atol=1e-12)


def test_the_basis_of_a_mix_is_orthonormal_and_blind_to_the_whole() -> None:
    basis = pivot_basis(7)
    np.testing.assert_allclose(basis.T @ basis, np.eye(6), atol=1e-14)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-14)


def test_zeros_are_replaced_and_ratios_kept() -> None:
    made = without_zeros(np.array([[0.6, 0.3, 0.1, 0.0]]), 0.0065)
    close(made.sum(), 1)
    close(made[0, 3], 0.0065)
    close(made[0, 0] / made[0, 1], 2)


def mix(n: int = 1500) -> SurveyDesign:
    """Respondents whose outcome follows the log-ratio of own services to state orders."""
    rng = np.random.default_rng(20)
    parts = rng.dirichlet([0.8, 0.8, 0.8], n)
    parts[rng.random(n) < 0.3, 2] = 0.0
    parts = np.round(100 * closed(parts))
    parts[:, 0] += 100 - parts.sum(axis=1)
    parts = np.maximum(parts, 0)
    slope = 0.3 * np.log(without_zeros(closed(parts), 0.0065)[:, [1]] / 0.2).ravel()
    latent = slope + rng.logistic(size=n)
    frame = pd.DataFrame(
        {
            "y": pd.cut(latent, [-np.inf, -1, 0.5, np.inf], labels=["fell", "same", "grew"]),
            "fund_order": parts[:, 0],
            "fund_services": parts[:, 1],
            "fund_other": parts[:, 2],
            "form": pd.Categorical(rng.choice(["a", "b", "c"], n)),
            "w": rng.uniform(1, 3, n),
            "h": rng.integers(0, 5, n),
        }
    )
    frame["mixed"] = diversity(parts)
    return SurveyDesign(frame, weights="w", strata="h")


BATTERIES = {"fund": ["fund_order", "fund_services", "fund_other"]}
MIXED = [{"ilr": "fund"}, {"variable": "mixed", "simpson": "fund"}, "form"]


@pytest.fixture(scope="module")
def mixed() -> models.Fit:
    return models.ordinal(mix(), "y", MIXED, batteries=BATTERIES)


def test_the_order_of_parts_does_not_change_a_model(mixed: models.Fit) -> None:
    turned = {"fund": BATTERIES["fund"][::-1]}
    other = models.ordinal(mix(), "y", MIXED, batteries=turned)
    close(other.loglik, mixed.loglik, 1e-12)
    a, b = (f.effects().query("level == 'services'")["estimate"] for f in (mixed, other))
    np.testing.assert_allclose(a, b, atol=1e-10)


def test_moved_points_move_log_ratios_and_diversity_together(mixed: models.Fit) -> None:
    made = mixed.shift("fund_order", "fund_services", 10).set_index("outcome")
    frame = mixed.design.frame
    movers = frame["fund_order"] >= 10
    parts = frame[BATTERIES["fund"]].to_numpy(float)[movers]
    after = parts + np.array([-10.0, 10.0, 0.0])
    w = frame.loc[movers, "w"].to_numpy()

    def grew(p: np.ndarray) -> np.ndarray:
        rows = mixed.matrix.X[movers.to_numpy()].copy()
        rows[:, :2] = ilr(without_zeros(closed(p), 0.0065))
        rows[:, 2] = diversity(p)
        return mixed.likelihood.response(mixed.theta, rows)[:, 2]

    close(made.loc["grew", "estimate"], w @ (grew(after) - grew(parts)) / w.sum(), 1e-10)
    assert made["n"].eq(movers.sum()).all()
    assert abs(made["estimate"].sum()) < 1e-12
    assert made.loc["grew", "ci_low"] > 0


def test_free_shares_are_no_whole() -> None:
    fit = models.ordinal(mix(), "y", ["fund_order", "fund_services", "form"])
    with pytest.raises(InputError, match="one whole.*ilr"):
        fit.shift("fund_order", "fund_services", 10)


def test_nobody_to_move_is_said(mixed: models.Fit) -> None:
    with pytest.raises(InputError, match="nobody has so many points"):
        mixed.shift("fund_order", "fund_services", 101)


def test_the_parts_of_an_unknown_battery_are_asked_for() -> None:
    with pytest.raises(InputError, match="parts of a whole are not known"):
        models.ordinal(mix(), "y", "ilr(fund) + form")


def test_parts_not_named_are_taken_together() -> None:
    made = design_matrix(
        mix(), [{"ilr": "fund", "parts": ["services"]}, "form"], batteries=BATTERIES
    )
    assert made.names[0] == "fund:services"
    frame = mix().frame
    two = np.column_stack([frame["fund_services"], frame["fund_order"] + frame["fund_other"]])
    close(made.X[:, 0], ilr(without_zeros(closed(two), 0.0065))[:, 0], 1e-12)


def test_having_nothing_has_a_column_of_its_own_that_moves_too() -> None:
    declared = [{"ilr": "fund", "absent": True}, "form"]
    fit = models.ordinal(mix(), "y", declared, batteries=BATTERIES)
    names = list(fit.matrix.names)
    nothing = fit.matrix.X[:, names.index("fund:no_other")]
    other = fit.design.frame["fund_other"].to_numpy()
    np.testing.assert_array_equal(nothing, other == 0)
    has = other == 10  # they give all that they have of it
    moved = np.where(has, 10.0, 0.0)
    ahead = fit.matrix.rebuild(
        {"fund_other": other - moved, "fund_order": fit.design.frame["fund_order"] + moved}
    )
    assert has.any()
    assert (ahead[has, names.index("fund:no_other")] == 1).all()


def linear_mix(rng: np.random.Generator) -> SurveyDesign:
    """Respondents of whom most have nothing of a source; the truth is linear in points."""
    n = 1000
    parts = rng.dirichlet([1.5, 1.5, 4.0], n) * (rng.random((n, 3)) < [0.3, 0.3, 1.0])
    parts = np.round(100 * closed(parts))
    parts[:, 2] = 100 - parts[:, 0] - parts[:, 1]
    latent = -0.012 * parts[:, 0] + 0.010 * parts[:, 1] + rng.logistic(size=n)
    columns = dict(zip(BATTERIES["fund"], parts.T, strict=True))
    y = pd.cut(latent, [-np.inf, -1, 0.5, np.inf], labels=["fell", "same", "grew"])
    return SurveyDesign(pd.DataFrame(columns).assign(y=y, w=1.0), weights="w")


@pytest.mark.thorough
def test_a_shift_is_found_where_most_have_nothing() -> None:
    # Log-ratios alone take nothing for a little, and stretch; here the truth is linear in points.
    rng = np.random.default_rng(8)
    found = {True: [], False: []}
    inside = []
    for _ in range(40):
        design_ = linear_mix(rng)
        for absent, all_found in found.items():
            declared = [{"ilr": "fund", "absent": absent}]
            fit = models.ordinal(design_, "y", declared, batteries=BATTERIES)
            row = fit.shift("fund_order", "fund_services", 10).set_index("outcome").loc["grew"]
            all_found.append(row["estimate"])
            if absent:
                frame = design_.frame
                p = 1 / (
                    1 + np.exp(0.5 + 0.012 * frame["fund_order"] - 0.010 * frame["fund_services"])
                )
                q = 1 / (
                    1
                    + np.exp(
                        0.5 + 0.012 * frame["fund_order"] - 0.010 * frame["fund_services"] - 0.22
                    )
                )
                truth = (q - p)[frame["fund_order"] >= 10].mean()
                inside.append(row["ci_low"] <= truth <= row["ci_high"])
    assert np.mean(inside) > 0.85
    assert abs(np.mean(found[True]) - truth) < abs(np.mean(found[False]) - truth)
