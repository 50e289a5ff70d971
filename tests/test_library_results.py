"""Results of the library: one kind of frame, short in print, at any level, to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import ngo_survey as ns
from ngo_survey.errors import InputError, ResultError
from ngo_survey.statistics.library.frame import SHOWN, ResultFrame
from ngo_survey.study import Study
from small_store import small_store
from suites import sample

import reference

DESIGN = reference.design("strat")
ESTIMATES: dict[str, Callable[..., pd.DataFrame]] = {
    "mean": lambda **o: ns.mean(DESIGN, "api00", by="stype", **o),
    "total": lambda **o: ns.total(DESIGN, "enroll", by="stype", **o),
    "ratio": lambda **o: ns.ratio(DESIGN, "api.stu", "enroll", by="stype", **o),
    "proportion": lambda **o: ns.proportion(DESIGN, "awards", by="stype", **o),
    "quantile": lambda **o: ns.quantile(DESIGN, "api00", [0.3, 0.5], **o),
    "crosstab": lambda **o: ns.crosstab(DESIGN, "stype", "awards", percentages="joint", **o),
    "compare": lambda **o: ns.compare(DESIGN, "api00", "stype", ("E", "H"), **o),
    "contrast": lambda **o: ns.contrast(DESIGN, "api00", "stype", {"E": 1, "H": -1}, **o),
    "independence_test": lambda **o: ns.independence_test(DESIGN, "stype", "awards", **o),
}


@pytest.fixture(autouse=True)
def drawn_off_screen() -> Iterator[None]:
    with mpl.rc_context({"backend": "agg"}):
        yield
        plt.close("all")


@pytest.mark.parametrize("name", ESTIMATES)
def test_every_result_is_one_kind_of_frame(name: str) -> None:
    made = ESTIMATES[name]()
    assert type(made) is ResultFrame
    assert "95 % limits" in repr(made).splitlines()[0]
    assert "<table" in made._repr_html_()


@pytest.mark.parametrize("name", ESTIMATES)
def test_limits_follow_the_level(name: str) -> None:
    low, high = (
        ("effect_low", "effect_high")
        if name == "independence_test"
        else (
            "ci_low",
            "ci_high",
        )
    )
    narrow, usual = ESTIMATES[name](level=0.8), ESTIMATES[name]()
    assert ESTIMATES[name](level=0.95).equals(usual)
    assert (narrow[low] >= usual[low]).all()
    assert (narrow[high] <= usual[high]).all()
    assert (narrow[high] < usual[high]).any()
    assert "80 % limits" in repr(narrow)


REPLICATED = [name for name in ESTIMATES if name in {"mean", "total", "ratio", "proportion"}]


@pytest.mark.parametrize("name", sample(REPLICATED))
def test_replicates_take_the_place_of_the_design(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ESTIMATES[name]()
    monkeypatch.setattr("test_library_results.DESIGN", ns.replicate(DESIGN, "JKn"))
    made = ESTIMATES[name]()
    assert type(made) is ResultFrame
    assert made["estimate"].to_numpy() == pytest.approx(plain["estimate"].to_numpy())
    assert made["se"].to_numpy() == pytest.approx(plain["se"].to_numpy(), rel=0.05)


def test_a_design_with_replicates_prints_how_many() -> None:
    replicated = ns.replicate(DESIGN, "JKn")
    assert "replicates          200 (JKn)" in repr(replicated)
    assert "200 (JKn)" in replicated._repr_html_()


def test_a_test_on_replicates_is_refused() -> None:
    with pytest.raises(InputError, match="a test is not made of replicates"):
        ns.independence_test(ns.replicate(DESIGN, "JKn"), "stype", "awards")


@pytest.mark.parametrize("level", [95, 0, 1, -0.5])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(InputError, match="a level lies between 0 and 1"):
        ns.mean(DESIGN, "api00", level=level)


def test_an_estimate_of_a_bare_frame_asks_for_a_design() -> None:
    with pytest.raises(InputError, match="an estimate needs a design"):
        ns.mean(DESIGN.frame, "api00")


def test_print_is_rounded_and_the_numbers_are_not() -> None:
    made = ns.mean(DESIGN, "api00")
    assert "662.29" in repr(made)
    assert made["estimate"].iloc[0] == pytest.approx(662.287363159321, rel=1e-12)


def test_what_says_nothing_is_not_printed_and_is_there() -> None:
    made = ns.mean(DESIGN, "api00")
    assert {"flag", "missing"} <= set(made)
    assert "flag" not in repr(made)
    assert "missing" in repr(ns.mean(DESIGN, "acs.core"))


def test_a_long_result_prints_its_beginning_and_says_so() -> None:
    made = ns.mean(DESIGN, "api00", by="cnum")
    assert len(made) > SHOWN
    assert repr(made).endswith(f"{SHOWN} of {len(made)} rows")
    assert len(repr(made).splitlines()) == SHOWN + 3


def test_names_are_no_markup_in_a_notebook() -> None:
    frame = DESIGN.frame.assign(word="<b>x</b>")
    html = ns.proportion(ns.SurveyDesign(frame, weights="pw"), "word")._repr_html_()
    assert "&lt;b&gt;x" in html
    assert "<b>" not in html


def test_what_is_selected_from_a_result_is_a_result() -> None:
    made = ns.mean(DESIGN, "api00", by="stype")
    assert type(made[made["n"] > 50]) is ResultFrame
    assert type(made.sort_values("estimate")) is ResultFrame


@pytest.mark.parametrize("name", [name for name in ESTIMATES if name != "independence_test"])
def test_a_result_is_drawn_as_dots_with_limits(name: str) -> None:
    made = ESTIMATES[name]()
    axes = made.plot()
    (dots,) = [line for line in axes.lines if len(line.get_xdata()) == len(made)][:1]
    assert dots.get_xdata() == pytest.approx(made["estimate"].to_numpy())
    (bars,) = axes.collections
    ends = np.array([[a[0], b[0]] for a, b in bars.get_segments()])
    assert ends == pytest.approx(made[["ci_low", "ci_high"]].to_numpy())
    assert len(axes.get_yticklabels()) == len(made)


def test_labels_of_rows_are_printed_where_they_say_something() -> None:
    made = ns.mean(DESIGN, "api00", by="stype").set_index("stype")
    assert [line.split()[0] for line in repr(made).splitlines()[3:]] == ["E", "H", "M"]
    assert "estimate" in repr(made.T)
    names = [label.get_text() for label in made.plot().get_yticklabels()]
    assert names == ["E", "H", "M"]


def test_a_result_turned_into_a_wide_table_still_prints() -> None:
    made = ns.proportion(DESIGN, "awards", by="stype")
    wide = made.pivot(index="stype", columns="category", values=["estimate", "se"])
    assert "estimate" in repr(wide)


def test_a_plain_frame_of_estimates_is_drawn_too(tmp_path: Path) -> None:
    ns.mean(DESIGN, "api00", by="stype").to_csv(tmp_path / "means.csv", index=False)
    axes = ns.plot(pd.read_csv(tmp_path / "means.csv"))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["E", "H", "M"]


def test_rows_are_named_by_what_tells_them_apart() -> None:
    axes = ns.proportion(DESIGN, "awards", by="stype").plot()
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[:2] == ["No, E", "Yes, E"]


def test_a_result_is_drawn_into_given_axes() -> None:
    axes = Figure().subplots()
    assert ns.mean(DESIGN, "api00", by="stype").plot(axes) is axes


@pytest.mark.parametrize("made", [lambda m: m[["n"]], lambda m: m[m["n"] > 1e9]])
def test_what_has_nothing_to_draw_says_so(made: Any) -> None:
    with pytest.raises(InputError, match="nothing to draw"):
        made(ns.mean(DESIGN, "api00")).plot()


def test_results_of_a_study_are_asked_for_by_key(tmp_path: Path) -> None:
    study = Study(tmp_path, tmp_path / "config.yaml", {})
    small_store(study.paths.released)
    found = study.results["barriers/funding@total"]
    assert found["estimate"] == pytest.approx(0.624)
    assert found.name == "barriers/funding@total"
    with pytest.raises(ResultError, match="no result has this key"):
        study.results["barriers/fundin@total"]


def test_a_study_without_a_build_says_so(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="there are no results yet"):
        Study(tmp_path, tmp_path / "config.yaml", {}).results  # noqa: B018
