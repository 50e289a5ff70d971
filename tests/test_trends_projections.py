"""A series is continued only where it may be, by models that are right, with fans that hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yaml_text
from ngo_survey.results import store
from ngo_survey.statistics.trends import backtest as testing
from ngo_survey.statistics.trends.backtest import backtest
from ngo_survey.statistics.trends.official import check
from ngo_survey.statistics.trends.rule import ProjectionRule
from ngo_survey.statistics.trends.series import make_series, project
from ngo_survey.statistics.trends.smoothing import (
    MODELS,
    exponential_smoothing,
    limits,
    local_level,
)
from ngo_survey.study import Study
from ngo_survey.workflow.verbs.trend import run as trend

from conftest import ROOT


def series(
    years: list[int], values: np.ndarray | list[float], qualifier: str = "exact"
) -> pd.DataFrame:
    return pd.DataFrame({"year": [str(y) for y in years], "value": values, "qualifier": qualifier})


def nile() -> pd.DataFrame:
    """Yearly flow of the Nile at Aswan, 1871 to 1970, 10^8 m3: the series of the textbooks."""
    from statsmodels.datasets import nile as data

    frame = data.load_pandas().data
    return series(frame["year"].astype(int).tolist(), frame["volume"].to_numpy())


def walk(generator: np.random.Generator, n: int) -> np.ndarray:
    """A local level: a random walk of step 20 under noise of 20."""
    return 1000 + np.cumsum(generator.normal(0, 20, n)) + generator.normal(0, 20, n)


def test_no_shipped_series_is_continued_and_each_says_why(study: Study) -> None:
    trends = study.section("trends")
    for declared in trends["series"].values():
        file = ROOT / study.section("official")[declared["dataset"]]["file"]
        frame = pd.read_csv(file, dtype=str)
        made = make_series(check(frame.set_axis(range(2, len(frame) + 2)), file.name), declared)
        rows, tested = project(made, ProjectionRule.of(trends))
        assert rows["kind"].tolist() == ["not_projected"]
        assert f"of {trends['minimum_points']} needed" in rows["note"][0]
        assert tested.empty


@pytest.mark.parametrize(
    ("years", "points", "why"),
    [
        ([2015, 2016, 2017, 2018, 2019, 2021, 2022, 2023], 3, "no figure for 2020"),
        ([2015, 2016, 2017, 2017, 2018, 2019, 2020, 2021], 4, "contradict each other for 2017"),
    ],
)
def test_gaps_and_contradictions_are_not_bridged(years: list[int], points: int, why: str) -> None:
    rows, _ = project(series(years, np.arange(8.0)), ProjectionRule())
    assert rows[["kind", "points"]].to_numpy().tolist() == [["not_projected", points]]
    assert why in rows["note"][0]


def test_a_bound_is_no_point() -> None:
    figures = series(list(range(2010, 2020)), np.arange(10.0))
    figures.loc[9, "qualifier"] = "more than"
    rows, _ = project(figures, ProjectionRule(minimum_points=10))
    assert rows["points"].tolist() == [9]
    assert "a bound alone for 2019" in rows["note"][0]


def test_two_sources_that_agree_are_one_figure() -> None:
    figures = series([*range(2010, 2018), 2017], [1.0, 3, 2, 4, 3, 5, 4, 6, 6])
    rows, _ = project(figures, ProjectionRule(minimum_points=8))
    assert "not_projected" not in set(rows["kind"])
    assert set(rows["points"]) == {8}


def test_a_series_is_continued_from_what_follows_its_last_gap() -> None:
    values = [900.0, *walk(np.random.default_rng(3), 9)]
    rows, _ = project(series([2000, *range(2010, 2019)], values), ProjectionRule(minimum_points=9))
    ahead = rows[(rows["kind"] == "projected") & (rows["model"] == "ets")]
    assert ahead["year"].tolist() == ["2019", "2020", "2021"]
    assert set(rows["note"]) == {"from the figures of 2010 to 2018"}


def test_what_cannot_be_negative_has_no_negative_limit() -> None:
    rows, _ = project(series(list(range(2010, 2018)), [3.0, 0, 5, 1, 9, 0, 2, 6]), ProjectionRule())
    assert (rows["low95"] >= 0).all()
    assert (rows["low95"] == 0).any()


def test_figures_that_do_not_vary_are_not_continued() -> None:
    rows, _ = project(series(list(range(2010, 2020)), np.full(10, 7.0)), ProjectionRule())
    assert rows["note"].tolist() == ["the figures do not vary"]


def test_the_local_level_of_the_nile_is_that_of_the_textbook() -> None:
    """Durbin & Koopman 2012, sec. 2.10.3: variances 15,099 and 1,469.1."""
    made = local_level(nile()["value"].to_numpy(float), 1)
    assert made is not None
    assert made.parameters["noise"] == pytest.approx(15099, rel=1e-3)
    assert made.parameters["walk"] == pytest.approx(1469.1, rel=2e-3)


def test_a_long_local_level_is_continued_as_its_steady_state() -> None:
    """Harvey 1989, sec. 4.1.2: a weighted mean of the past, and its error, in closed form."""
    values = walk(np.random.default_rng(11), 300)
    made = local_level(values, 3)
    assert made is not None
    noise, step = made.parameters["noise"], made.parameters["walk"]
    q = step / noise
    spread = noise * (q + np.sqrt(q**2 + 4 * q)) / 2  # of the level, a step ahead
    gain = spread / (spread + noise)
    level = values[0]
    for value in values[1:]:
        level += gain * (value - level)
    np.testing.assert_allclose(made.mean, level, rtol=1e-8)
    np.testing.assert_allclose(made.se**2, spread + noise + step * np.arange(3), rtol=1e-6)


def test_simple_exponential_smoothing_is_its_recursion() -> None:
    """Hyndman et al. 2008, table 6.2: variance s2 (1 + (h - 1) a2), here on n - k points."""
    values = walk(np.random.default_rng(12), 40)
    made = exponential_smoothing(values, 3)
    assert made is not None
    assert set(made.parameters) == {"smoothing_level", "initial_level"}
    alpha, level, errors = made.parameters["smoothing_level"], made.parameters["initial_level"], []
    for value in values:
        errors.append(value - level)
        level += alpha * errors[-1]
    np.testing.assert_allclose(made.mean, level, rtol=1e-8)
    variance = np.square(errors).sum() / (40 - 2)
    np.testing.assert_allclose(made.se**2, variance * (1 + np.arange(3) * alpha**2), rtol=1e-6)


def test_exponential_smoothing_follows_a_trend() -> None:
    values = 100 + 10.0 * np.arange(20) + np.random.default_rng(4).normal(0, 1, 20)
    made = exponential_smoothing(values, 2)
    assert made is not None
    assert made.mean == pytest.approx([300, 310], abs=3)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n", [8, 30])
@pytest.mark.thorough
def test_fans_hold_the_future_about_as_often_as_they_say(model: str, n: int) -> None:
    """Nominal within four standard errors of the simulation, at the fewest points in use too.

    Eight points leave the fit itself unsure: up to eight points of a hundred are allowed there.
    """
    generator = np.random.default_rng(7)
    trials, inside = 150, {80: 0, 95: 0}
    for _ in range(trials):
        values = walk(generator, n + 3)
        made = MODELS[model](values[:n], 3)
        assert made is not None
        for share in inside:
            low, high = limits(made.mean, made.se, made.df, share)
            inside[share] += bool(low[2] <= values[n + 2] <= high[2])
    for share, count in inside.items():
        nominal = share / 100
        slack = 4 * np.sqrt(nominal * (1 - nominal) / trials) + (0.08 if n == 8 else 0)
        assert abs(count / trials - nominal) < slack, count / trials


def test_a_back_test_measures_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: a forecast of no change, whose errors are the naive ones."""
    from ngo_survey.statistics.trends.smoothing import Projection

    def stay(values: np.ndarray, horizon: int) -> Projection:
        none = np.array([])
        last, wide = np.full(horizon, values[-1]), np.full(horizon, 2.0)
        return Projection(last, wide, 1e9, none, none, {})

    monkeypatch.setitem(testing.MODELS, "stay", stay)
    made = backtest(np.array([0.0, 2.0, 4.0, 4.0, 9.0]), "stay", 2, 3).set_index("steps")
    # Origins 3 (scale 2; errors 0, 5) and 4 (scale 4/3; error 5).
    assert made["origins"].tolist() == [2, 1]
    assert made["mase"].tolist() == pytest.approx([(0 / 2 + 5 / (4 / 3)) / 2, 5 / 2])
    assert made["mase_naive"].tolist() == made["mase"].tolist()
    assert made["smape"].tolist() == pytest.approx([100 * (0 + 5 / 6.5) / 2, 100 * 5 / 6.5])
    assert made["coverage95"].tolist() == [0.5, 0.0]  # half width 3.92


def test_a_declared_series_of_enough_points_is_continued_and_back_tested(tmp_path: Path) -> None:
    config = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config["official"] = {"flow": {"file": "flow.csv", "title": {"en": "Flow"}}}
    config["trends"] = {
        "minimum_points": 20,
        "horizon": 2,
        "first_origin": 90,
        "series": {
            "nile": {"concept": {"en": "Flow"}, "dataset": "flow", "where": {"region": ["KZ"]}}
        },
    }
    (tmp_path / "config.yaml").write_text(yaml_text.dump(config), "utf-8")
    figures = nile().assign(
        label="Aswan", region="KZ", measure="flow", unit="10^8 m3", certainty="high",
        source="statsmodels", note="", id=lambda f: f["year"],
    )  # fmt: skip
    figures.to_csv(tmp_path / "flow.csv", index=False)
    study = Study.load(tmp_path / "config.yaml")
    trend(study)
    made = store.read("series", study.paths.result("series", "nile")).set_index("key")
    kinds = made.groupby(["kind", "model"]).size().to_dict()
    assert kinds == {
        ("observed", ""): 100,
        ("level", "local_level"): 100,
        ("projected", "local_level"): 2,
        ("projected", "ets"): 2,
    }
    ahead = made.loc["series/nile/1971@projected_local_level"]
    assert ahead["value"] == pytest.approx(798.4, abs=0.2)  # Durbin & Koopman 2012, fig. 2.6
    assert ahead["low95"] < ahead["low80"] < ahead["value"] < ahead["high80"] < ahead["high95"]
    tests = store.read("backtests", study.paths.result("backtests", "series")).set_index("key")
    assert tests.loc["backtest/nile/local_level@1", "origins"] == 10
    assert tests.loc["backtest/nile/local_level@2", "origins"] == 9
    assert (tests["mase"] < tests["mase_naive"]).all()
    assert tests["coverage95"].between(0, 1).all()
