"""Tails and quantiles are those of scipy.stats, bit for bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from ngo_survey.statistics import distributions as ours

Floats = NDArray[np.float64]
RANDOM = np.random.default_rng(23)
N = 20_000
#: Statistics of either sign, far out and near, with what nobody can compare.
X = np.r_[RANDOM.normal(size=N) * RANDOM.choice([0.1, 1, 5, 40], N), 0, np.inf, -np.inf, np.nan]
P = np.r_[RANDOM.uniform(size=N), 0.0, 1.0, 1e-300, np.nan]
DF = RANDOM.choice([1, 2, 3.5, 17, 400.25, 1e6, 0, -1, np.nan], len(X))
OTHER = RANDOM.choice([1, 2.5, 30, 12_000, 0, np.nan], len(X))


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (lambda: ours.t_tail(X, DF), lambda: stats.t.sf(X, DF)),
        (lambda: ours.t_quantile(P, DF), lambda: stats.t.ppf(P, DF)),
        (lambda: ours.f_tail(X, OTHER, DF), lambda: stats.f.sf(X, OTHER, DF)),
        (lambda: ours.chi2_tail(X, DF), lambda: stats.chi2.sf(X, DF)),
        (lambda: ours.chi2_quantile(P, DF), lambda: stats.chi2.ppf(P, DF)),
        (lambda: ours.normal_tail(X), lambda: stats.norm.sf(X)),
        (lambda: ours.normal_quantile(P), lambda: stats.norm.ppf(P)),
        (lambda: ours.beta_quantile(P, DF, OTHER), lambda: stats.beta.ppf(P, DF, OTHER)),
    ],
    ids=["t tail", "t quantile", "F", "chi2 tail", "chi2 quantile", "tail", "quantile", "beta"],
)
def test_a_tail_or_a_quantile_is_that_of_scipy_stats(
    made: Callable[[], Floats], known: Callable[[], Floats]
) -> None:
    np.testing.assert_array_equal(made(), known())


@pytest.mark.thorough
def test_no_verb_loads_scipy_stats() -> None:
    code = (
        "import importlib, pkgutil, sys, ngo_survey.workflow.verbs as verbs\n"
        "[importlib.import_module(f'{verbs.__name__}.{m.name}')"
        " for m in pkgutil.iter_modules(verbs.__path__)]\n"
        "print('scipy.stats' in sys.modules, 'ngo_survey.workflow.verbs.model' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )
    assert ran.stdout.split() == ["False", "True"]
