"""A small run of `benchmarks/known_truth.py`: limits hold what was planted in the survey."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from conftest import ROOT

#: The slowest of the statistical tests: some two hundred surveys are drawn and fitted.
pytestmark = pytest.mark.thorough
SAMPLES = 60


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = ROOT / "benchmarks" / "known_truth.py"
    spec = importlib.util.spec_from_file_location("known_truth", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["known_truth"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def planted(bench: ModuleType) -> pd.DataFrame:
    made = [bench.one(("planted", 500, seed)) for seed in range(SAMPLES)]
    return bench.account("planted", [m for m in made if m]).set_index("model")


def test_limits_of_planted_and_of_absent_effects_cover_as_promised(planted: pd.DataFrame) -> None:
    # Twenty-three terms of sixty samples; one term alone may miss by four Monte-Carlo errors.
    assert planted["fitted"].min() > 50
    assert planted["coverage"].between(0.92, 0.975).all()
    assert (planted["least"] > 0.95 - 4 * (0.95 * 0.05 / SAMPLES) ** 0.5).all()


def test_what_was_not_planted_is_rarely_found(planted: pd.DataFrame) -> None:
    assert planted["type_one"].between(0.02, 0.085).all()
    assert planted.loc["ordinal", "parallel"] < 0.05 + 4 * (0.05 * 0.95 / SAMPLES) ** 0.5


def test_estimates_are_near_what_was_planted_and_know_how_near(planted: pd.DataFrame) -> None:
    assert (planted["bias"] < 4 / SAMPLES**0.5).all()
    assert planted["se_ratio"].between(0.9, 1.1).all()


def test_the_truth_of_the_benchmark_is_the_one_of_the_truth_file(bench: ModuleType) -> None:
    """A very large sample finds every planted coefficient."""
    frame, totals = bench.answers_of(40_000, np.random.default_rng(1), total=400_000)
    fit = bench.three(bench.design_of(frame, totals))
    table = fit.coefficients.set_index("term")
    true = pd.Series({t: bench.truth_of("planted", "ordinal", t) for t in table.index})
    assert ((table["estimate"] - true).abs() / table["se"]).max() < 4
    assert (table["estimate"] - true).abs().max() < 0.15
    assert set(bench.PLANTED) <= set(table.index)


def test_imputation_holds_what_complete_cases_lose(bench: ModuleType) -> None:
    made = [bench.one(("missing", 600, seed)) for seed in range(12)]
    account = bench.account("missing", [m for m in made if m]).set_index("model")
    complete, imputed = account.loc["ordinal, complete cases"], account.loc["ordinal, imputed"]
    assert imputed["coverage"] > 0.9
    assert imputed["bias"] < complete["bias"]
