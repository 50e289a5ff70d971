"""What `check` says that a banner costs is what a build hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ngo_survey.cli import main
from ngo_survey.disclosure.forecast import Forecast, forecast
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.workflow.hidden_figures import said
from plain_study import plain_study
from small_tables import RULES, plain_design, spec, tabulate
from suites import sample
from test_tables_attack import CODEBOOK, answers

#: Questions whose tables hold shares of one answer, and nothing that follows from them.
ASKED = ("change", "rural", "region", "form")
BANNERS = ["form", "region"]


def told(frame: pd.DataFrame, banners: Sequence[str], most: int, rules: Rules = RULES) -> Forecast:
    tables = [spec(CODEBOOK, q, [b for b in banners if b != q]) for q in ASKED]
    design = plain_design(CODEBOOK, frame)
    return forecast(design, tables, CODEBOOK, rules, np.random.default_rng(1), most=most)


@pytest.mark.parametrize("seed", sample(range(12), 2))
def test_what_is_forecast_is_hidden_in_the_tables(seed: int) -> None:
    frame = answers(seed).drop(columns="money")
    made = told(frame, BANNERS, most=10_000)
    tables = [spec(CODEBOOK, q, [b for b in BANNERS if b != q]) for q in ASKED]
    rows = pd.concat(tabulate(CODEBOOK, frame, tables, RULES).estimates.values())
    rows = rows[rows["statistic"].eq("proportion") & rows["status"].ne("empty")]
    hidden = rows["status"].str.startswith("suppressed")
    for banner in ("", *BANNERS):
        own = hidden[rows["by"] == banner]
        assert (made.by[banner].figures, made.by[banner].hidden) == (len(own), own.sum())


def test_beyond_a_number_of_figures_the_least_is_said() -> None:
    frame = answers(3).drop(columns="money")
    whole, least = (told(frame, BANNERS, most=most) for most in (10_000, 10))
    assert (whole.whole, least.whole) == (True, False)
    for banner, count in least.by.items():
        assert count.figures == whole.by[banner].figures
        assert count.hidden <= whole.by[banner].hidden
    assert "at least" in said(least)[0]


def test_totals_are_not_hidden_for_a_banner() -> None:
    made = told(answers(3).drop(columns="money"), BANNERS, most=10_000)
    assert made.totals == {}
    assert said(made)[0].endswith("totals, none because of a banner")


def test_a_banner_that_costs_a_total_is_named() -> None:
    """A level that holds hardly more than the threshold: everything under it is too little."""
    frame = answers(6, 60).drop(columns="money")
    made = told(frame, BANNERS, most=10_000, rules=replace(RULES, minimum_base=5))
    assert made.totals == {"region": 2}
    assert any(
        "under region: " in line and "and 2 totals because of it" in line for line in said(made)
    )


def test_check_says_which_figures_a_banner_costs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = plain_study(tmp_path, ["visitors"])
    assert main(["check", "--config", str(study.file)]) == 0
    out = capsys.readouterr().out
    assert "hidden to protect small groups: 0 of " in out
    assert "none because of a banner" in out
    assert "under place: 0 of " in out


def test_check_says_nothing_of_results_that_are_not_protected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = plain_study(tmp_path, ["visitors"], disclosure={"off": "for the team alone"})
    assert main(["check", "--config", str(study.file)]) == 0
    assert "hidden to protect" not in capsys.readouterr().out
