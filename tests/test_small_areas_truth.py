"""Small areas held against truths that are known: drawn from the model, and the study's own."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pandas as pd
import pytest

import ngo_survey as ns

from conftest import ROOT

#: Some two hundred surveys of areas are drawn and fitted.
pytestmark = pytest.mark.thorough


def test_limits_and_errors_of_drawn_areas_hold_what_they_promise() -> None:
    rng = np.random.default_rng(20)
    areas, between, samples = 20, 0.04, 150
    variance = pd.Series(np.linspace(0.01, 0.09, areas))
    X = pd.DataFrame({"x": rng.permutation(np.linspace(-1, 1, areas))})
    errors, mse, held = [], [], []
    for _ in range(samples):
        truth = 1 + 0.3 * X["x"] + rng.normal(0, between**0.5, areas)
        direct = truth + rng.normal(0, variance**0.5)
        made = ns.fay_herriot(direct, variance, X, method="adjusted").estimates()
        errors.append(made["estimate"] - truth)
        mse.append(made["se"] ** 2)
        held.append((made["ci_low"] <= truth) & (truth <= made["ci_high"]))
    bias = np.mean(errors, axis=0) / np.std(errors, axis=0)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)
    assert np.mean(mse) == pytest.approx(np.mean(np.square(errors)), rel=0.12)
    assert np.abs(bias).max() < 4 / samples**0.5
    assert np.mean(np.square(errors)) < 0.6 * variance.mean()


def test_regions_of_the_simulated_study_are_nearer_to_the_truth_than_their_own_figures() -> None:
    path = ROOT / "benchmarks" / "small_areas.py"
    spec = importlib.util.spec_from_file_location("small_areas_benchmark", path)
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    sys.modules["small_areas_benchmark"] = bench
    spec.loader.exec_module(bench)
    made = bench.account(pd.concat([bench.one((600, seed)) for seed in range(8)]))
    rmse = made.pivot(index="question", columns="by", values="rmse")
    coverage = made.pivot(index="question", columns="by", values="coverage")
    assert (rmse["model"] < rmse["direct"]).all()
    assert (coverage["model"] > 0.9).all()
