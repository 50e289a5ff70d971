"""Reference values of other people's software, and the designs they were made on."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.statistics.design import SurveyDesign

ORACLE = Path(__file__).parent / "oracle"
#: Data of other packages that may be read but not copied: beside the project, where they are.
SHARED = [parent / "shared/oracle/data" for parent in Path(__file__).resolve().parents]
TYPES = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}
#: Designs of the reference values in r_survey.json.
DESIGNS = ("strat", "clus1", "clus2", "clus2_1st", "stratnofpc")


@cache
def values(name: str = "r_survey") -> dict[str, Any]:
    return json.loads((ORACLE / f"{name}.json").read_text(encoding="utf-8"))


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / "data" / f"{name}.csv")


def outside(name: str) -> Path:
    """Return a file of other people's data that may not be copied; skip the test without it."""
    import pytest

    found = [folder / name for folder in SHARED if (folder / name).is_file()]
    if not found:
        pytest.skip(f"{name} is not ours to copy, and is not beside the project")
    return found[0]


def api(name: str) -> pd.DataFrame:
    """A sample of Californian schools with the ordered outcome of the reference values."""
    frame = data(name)
    growth = frame["api00"] - frame["api99"]
    frame["ord3"] = pd.cut(growth, [-np.inf, 10, 40, np.inf], labels=["shrink", "same", "grow"])
    frame["aw"] = (frame["awards"] == "Yes").astype(float)
    frame["ell10"], frame["meals10"] = frame["ell"] / 10, frame["meals"] / 10
    return frame


def design(name: str) -> SurveyDesign:
    if name == "strat":
        return SurveyDesign(api("apistrat"), weights="pw", strata="stype", fpc="fpc")
    if name == "stratnofpc":
        return SurveyDesign(api("apistrat"), weights="pw", strata="stype")
    if name == "clus1":
        return SurveyDesign(api("apiclus1"), weights="pw", psu="dnum", fpc="fpc")
    if name == "clus2":
        return SurveyDesign(api("apiclus2"), psu=["dnum", "snum"], fpc=["fpc1", "fpc2"])
    return SurveyDesign(api("apiclus2"), weights="pw", psu="dnum", fpc="fpc1")


def calibrated(name: str) -> SurveyDesign:
    """A design of the block `weights` that R calibrates as we do."""
    return {
        "ps_clus1": lambda: design("clus1").post_stratify("stype", TYPES),
        "ps_strat": lambda: design("stratnofpc").post_stratify("sch.wide", WIDE),
        "calrake_clus1": lambda: design("clus1").rake({"stype": TYPES, "sch.wide": WIDE}),
        "calrake_strat": lambda: design("strat").rake({"stype": TYPES, "sch.wide": WIDE}),
    }[name]()


def close(ours: Any, theirs: Any, tolerance: float = 1e-8) -> None:
    """Hold numbers against the reference, relative to the reference."""
    expected = np.asarray(theirs, dtype=float).ravel()
    found = np.asarray(ours, dtype=float).ravel()
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-12)


def tenants() -> SurveyDesign:
    """Satisfaction of tenants (Venables & Ripley), one row a tenant: counts repeat them."""
    frame = data("housing")
    frame["Sat"] = pd.Categorical(frame["Sat"], ["Low", "Medium", "High"], ordered=True)
    for variable, levels in {
        "Infl": ["Low", "Medium", "High"],
        "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
        "Cont": ["Low", "High"],
    }.items():
        frame[variable] = pd.Categorical(frame[variable], levels)
    return SurveyDesign(frame.loc[frame.index.repeat(frame["Freq"])].assign(one=1.0), weights="one")
