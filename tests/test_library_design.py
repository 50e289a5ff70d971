"""Designs in a notebook: weights by name or as numbers, frames of any library, what is printed."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ngo_survey as ns
from ngo_survey.errors import InputError

import reference


def mean_of(frame: Any, **design: Any) -> list[float]:
    made = ns.mean(ns.SurveyDesign(frame, **design), "api00")
    return [float(made["estimate"].iloc[0]), float(made["se"].iloc[0])]


def loaded(code: str) -> set[str]:
    """Return which heavy libraries a process has loaded after some code."""
    heavy = "numpy pandas scipy matplotlib narwhals formulaic statsmodels seaborn"
    code += f"; import sys; print(*[m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_no_library() -> None:
    assert loaded("import ngo_survey") == set()


def test_a_design_waits_for_nothing_but_pandas() -> None:
    assert loaded("import ngo_survey as ns; ns.SurveyDesign") == {"numpy", "pandas"}


def test_every_public_name_is_there_and_documented() -> None:
    for name in ns.__all__:
        assert getattr(ns, name).__doc__
    assert set(ns.__all__) < set(dir(ns))


def test_the_package_says_that_it_is_typed() -> None:
    assert (files("ngo_survey") / "py.typed").is_file()


def test_what_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="meen"):
        ns.meen  # noqa: B018


@pytest.mark.parametrize("kind", [np.asarray, list, tuple, lambda w: w.sample(frac=1.0)])
def test_weights_may_be_numbers_in_order_or_a_series_by_index(kind: Any) -> None:
    schools = reference.data("apistrat")
    named = mean_of(schools, weights="pw", strata="stype")
    assert mean_of(schools, weights=kind(schools["pw"]), strata="stype") == named


def shifted(weights: pd.Series) -> pd.Series:
    return weights.set_axis(weights.index + 1)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (lambda w: w.to_numpy()[:-1], "200 respondents need as many values"),
        (shifted, "1 of 200 respondents have no value by the index"),
        (lambda w: 1.0, "200 respondents need as many weights"),
        (lambda w: w.where(w.index != 7).to_numpy(), "row 9, column weights"),
        (lambda w: w.where(w.index != 7, 0.0).to_numpy(), "row 9, column weights"),
        (lambda w: np.column_stack([w, w]), "this is no column"),
        (lambda w: ["heavy"] * len(w), "the weight is not a number"),
    ],
)
def test_weights_that_do_not_go_with_the_rows_are_refused(weights: Any, said: str) -> None:
    schools = reference.data("apistrat")
    with pytest.raises(InputError, match=said):
        ns.SurveyDesign(schools, weights=weights(schools["pw"]))


def test_polars_frames_give_the_same_figures() -> None:
    polars = pytest.importorskip("polars", reason="Polars is not installed")
    schools = reference.data("apistrat")
    given = polars.DataFrame(schools.to_dict("list"))
    design = {"weights": "pw", "strata": "stype", "fpc": "fpc"}
    assert mean_of(given, **design) == mean_of(schools, **design)


def test_weights_and_domains_may_be_series_of_polars() -> None:
    polars = pytest.importorskip("polars", reason="Polars is not installed")
    schools = reference.data("apistrat")
    design = ns.SurveyDesign(schools, weights=polars.Series(schools["pw"].tolist()), strata="stype")
    named = ns.SurveyDesign(schools, weights="pw", strata="stype")
    assert np.array_equal(design.weights, named.weights)
    assert design.subset(polars.Series((schools["stype"] == "E").tolist())).n == 100


def test_polars_gaps_orders_and_long_numbers_stay_what_they_are() -> None:
    polars = pytest.importorskip("polars", reason="Polars is not installed")
    order = polars.Enum(["low", "high"])
    given = polars.DataFrame(
        {
            "id": [2**60 + 1, None, 3],
            "yes": [True, None, False],
            "word": ["a", None, "c"],
            "scale": polars.Series(["high", "low", None], dtype=order),
        }
    )
    frame = ns.SurveyDesign(given, weights=[1.0, 1.0, 1.0]).frame
    assert frame["id"].tolist()[0] == 2**60 + 1
    assert frame.isna().sum().tolist() == [1, 1, 1, 1]
    assert frame["scale"].cat.ordered
    assert frame["scale"].cat.categories.tolist() == ["low", "high"]
    assert frame["yes"].dtype == "boolean"


def test_a_lazy_frame_is_asked_to_be_computed() -> None:
    polars = pytest.importorskip("polars", reason="Polars is not installed")
    with pytest.raises(InputError, match=r"collect\(\)"):
        ns.SurveyDesign(polars.LazyFrame({"w": [1.0]}), weights="w")


def test_arrow_tables_give_the_same_figures() -> None:
    arrow = pytest.importorskip("pyarrow", reason="Arrow is not installed")
    schools = reference.data("apistrat")
    columns = {name: schools[name].tolist() for name in ("stype", "api00", "pw", "fpc")}
    design = {"weights": "pw", "strata": "stype", "fpc": "fpc"}
    assert mean_of(arrow.table(columns), **design) == mean_of(schools, **design)


def test_arrow_columns_of_one_name_are_refused() -> None:
    arrow = pytest.importorskip("pyarrow", reason="Arrow is not installed")
    table = arrow.Table.from_arrays([arrow.array([1.0]), arrow.array([2.0])], names=["w", "w"])
    with pytest.raises(InputError, match="two columns have one name"):
        ns.SurveyDesign(table, weights="w")


class Interchanged:
    """A frame of a library that offers the interchange protocol and nothing else."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __dataframe__(self, **options: Any) -> Any:
        return self.frame.__dataframe__(**options)


@pytest.mark.filterwarnings("ignore:The Dataframe Interchange")
def test_any_frame_with_the_interchange_protocol_is_taken() -> None:
    schools = reference.data("apistrat")[["api00", "pw", "stype"]]
    design = {"weights": "pw", "strata": "stype"}
    assert mean_of(Interchanged(schools), **design) == mean_of(schools, **design)


def test_a_design_prints_what_a_statistician_asks_for() -> None:
    text = repr(reference.design("clus2"))
    assert "respondents         126" in text
    assert "40 (dnum, snum), 2 stages" in text
    assert "degrees of freedom  39" in text
    assert "(fpc1, fpc2)" in text


def test_a_calibrated_domain_says_both() -> None:
    design = reference.design("strat").rake({"stype": reference.TYPES, "sch.wide": reference.WIDE})
    inside = design.subset(design.frame["awards"] == "Yes")
    assert "113 of 200, a domain" in repr(inside)
    assert "calibrated by       stype, sch.wide (raking)" in repr(inside)
    assert "6,194" in repr(design)


def test_names_of_columns_are_no_markup_in_a_notebook() -> None:
    schools = reference.data("apistrat").rename(columns={"pw": "<b>pw"})
    html = ns.SurveyDesign(schools, weights="<b>pw")._repr_html_()
    assert "&lt;b&gt;pw" in html
    assert "<b>" not in html
