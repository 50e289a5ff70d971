"""Largest relative difference between our estimates and R survey's, by family of results.

Run: ``python benchmarks/oracle_agreement.py`` (reads tests/oracle/ alone).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from ngo_survey import estimation
from ngo_survey.sampling import SurveyDesign

from reference import DESIGNS, api, calibrated, design, values

Pair = tuple[str, Any, Any]


def of_design(name: str) -> Iterator[Pair]:
    """Every estimate that R has for one design, as (family, ours, R's)."""
    whole, theirs = design(name), values()[name]
    schools = whole.frame
    yield "degrees of freedom", whole.degrees_of_freedom, theirs["degf"]
    mean, known = estimation.mean(whole, "api00"), theirs["mean_api00"]
    yield "mean: estimate, se", mean[["estimate", "se"]], [known["est"], known["se"]]
    yield "mean: deff", mean["deff"], known["deff"]
    yield "mean: t limits", mean[["ci_low", "ci_high"]], known["ci"]
    for variable in ("stype", "awards"):
        made = estimation.proportion(whole, variable)
        yield "proportion: estimate, se", *both(made, theirs[f"prop_{variable}"])
    for r, ours in (("logit", "logit"), ("beta", "beta"), ("mean", "wald")):
        made = estimation.proportion(whole, "awards", limits=ours).iloc[1]
        yield f"limits: {ours}", made[["ci_low", "ci_high"]], theirs[f"ciprop_{r}"][1:]
    yield "total: estimate, se", *both(estimation.total(whole, "enroll"), theirs["total_enroll"])
    yield "total: estimate, se", *both(estimation.total(whole, "stype"), theirs["total_stype"])
    yield (
        "ratio: estimate, se",
        *both(estimation.ratio(whole, "api.stu", "enroll"), theirs["ratio"]),
    )
    made = estimation.mean(whole, "api00", by="awards")
    yield "domains: estimate, se", *both(made, theirs["dom_mean_api00_by_awards"])
    made = estimation.proportion(whole.subset(schools["stype"] == "E"), "awards")
    yield "domains: estimate, se", *both(made, theirs["dom_prop_awards_E"])
    made = estimation.total(whole.subset(schools["sch.wide"] == "No"), "enroll")
    yield "domains: estimate, se", *both(made, theirs["dom_total_enroll_schwideNo"])
    made = estimation.quantile(whole, "api00", [0.25, 0.5, 0.75])
    yield "quantile: estimate, se", *both(made, theirs["quant_api00"])
    made = estimation.crosstab(whole, "awards", "sch.wide", "joint").sort_values(["column", "row"])
    yield "joint cells: estimate, se", *both(made, theirs["cells_awards_schwide"])
    for rows, columns, pair in (
        ("awards", "sch.wide", "awards_schwide"),
        ("stype", "comp.imp", "stype_compimp"),
    ):
        for method, r in (("rao-scott", "F"), ("first-order", "Chisq"), ("wald", "Wald")):
            test, known = (
                estimation.independence_test(whole, rows, columns, method=method),
                theirs[f"chisq_{pair}_{r}"],
            )
            ours = [test["statistic"], test["df1"], test["df2"]]
            expected = [*np.ravel(known["stat"]), *np.ravel(known["par"])]
            yield f"{method}: statistic, df", ours[: len(expected)], expected
            yield f"{method}: p", test["p"], known["p"]
    test = estimation.means_test(whole, "api00", "awards")
    yield "two means: F against t squared", test.statistic, theirs["ttest"]["t"] ** 2


def of_weights() -> Iterator[Pair]:
    """Post-stratified and calibrated designs."""
    for name in ("ps_clus1", "ps_strat", "calrake_clus1", "calrake_strat"):
        ours, theirs = calibrated(name), values()["weights"][name]
        yield "calibration: weights", ours.weights, theirs["w"]
        for made, key in (
            (estimation.mean(ours, "api00"), "mean_api00"),
            (estimation.total(ours, "enroll"), "total_enroll"),
            (estimation.proportion(ours, "awards"), "prop_awards"),
        ):
            yield "calibration: estimate, se", *both(made, theirs[key])


def of_single_units() -> Iterator[Pair]:
    """Strata with one PSU."""
    schools = api("apistrat")
    high = schools[schools["stype"] == "H"].head(1).assign(pw=755.0)
    few = pd.concat([schools[schools["stype"] != "H"], high])
    for how in ("certainty", "adjust", "average"):
        ours = SurveyDesign(few, weights="pw", strata="stype", lonely=how)
        theirs = values("r_oracles3")[f"lonely_{how}"]
        mean, total = estimation.mean(ours, "api00"), estimation.total(ours, "enroll")
        yield "single PSU: mean", mean[["estimate", "se"]], [theirs["mean"], theirs["se"]]
        yield "single PSU: total", total[["estimate", "se"]], [theirs["total"], theirs["total_se"]]


def of_differences() -> Iterator[Pair]:
    """Covariance of domain means, and the difference of two."""
    whole = design("clus1")
    member = pd.get_dummies(whole.frame["stype"]).to_numpy(dtype=float)
    y, size = whole.frame["api00"].to_numpy(dtype=float), whole.weights @ member
    means = (whole.weights * y) @ member / size
    covariance = whole.covariance(member * (y[:, None] - means) / size)
    known = values("r_oracles3")["domain_diff_clus1"]
    yield "domains: covariance", covariance, known["vcov"]
    contrast = np.array([-1.0, 1.0, 0.0])
    se = np.sqrt(contrast @ covariance @ contrast)
    yield "domains: difference", [means @ contrast, se], [known["est"], known["se"]]


def both(made: pd.DataFrame, theirs: dict[str, Any]) -> tuple[Any, Any]:
    """Estimates and standard errors, ours and R's."""
    expected = np.c_[np.ravel(theirs["est"]), np.ravel(theirs["se"])]
    return made[["estimate", "se"]].to_numpy(dtype=float), expected


def difference(ours: Any, theirs: Any) -> float:
    """Largest difference relative to R's value; where R has 0 or rounding, the absolute one."""
    found, expected = (np.ravel(np.asarray(x, dtype=float)) for x in (ours, theirs))
    scale = np.where(np.abs(expected) > 1e-9, np.abs(expected), 1.0)
    return float(np.max(np.abs(found - expected) / scale))


def main() -> None:
    """Print the table."""
    worst: dict[str, list[float]] = defaultdict(list)
    sources = [*(of_design(name) for name in DESIGNS), of_weights(), of_single_units()]
    for source in [*sources, of_differences()]:
        for family, ours, theirs in source:
            worst[family].append(difference(ours, theirs))
    print(f"{'family':34} {'comparisons':>11} {'largest relative difference':>28}")
    for family, found in worst.items():
        print(f"{family:34} {len(found):11d} {max(found):28.1e}")


if __name__ == "__main__":
    main()
