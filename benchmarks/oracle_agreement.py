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

from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign, replicate

from reference import DESIGNS, api, calibrated, data, design, values

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
    for r, ours in (
        ("logit", "logit"),
        ("beta", "beta"),
        ("mean", "wald"),
        ("likelihood", "likelihood"),
    ):
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
    known = values("r_oracles3")["domain_diff_clus1"]
    _, covariance = estimation.domain_covariance(whole, "api00", "stype")
    yield "domains: covariance", covariance, known["vcov"]
    made = estimation.compare(whole, "api00", "stype", ("H", "E"))
    yield "domains: difference", made[["estimate", "se"]], [known["est"], known["se"]]


def of_replicates() -> Iterator[Pair]:
    """Jackknives of a cluster and of a stratified sample."""
    for name, made in (
        ("jk1_clus1", replicate(design("clus1"), "JK1")),
        ("jkn_strat", replicate(design("strat"), "JKn")),
        ("jkn_strat_nofpc", replicate(design("stratnofpc"), "JKn")),
    ):
        for statistic, estimator in (
            ("mean", lambda d: estimation.mean(d, "api00")),
            ("total", lambda d: estimation.total(d, "api00")),
            ("ratio", lambda d: estimation.ratio(d, "api00", "api99")),
            ("by", lambda d: estimation.mean(d, "api00", by="awards")),
        ):
            theirs = values("r_replicates")[f"{name}/{statistic}"]
            yield "replicates: estimate, se", *both(made.estimate(estimator), theirs)


def of_nested() -> Iterator[Pair]:
    """Sixty strata of two nested PSUs with missing answers."""
    frame = data("nested")
    frame[["g", "k"]] = frame[["g", "k"]].astype("category")
    whole = SurveyDesign(frame, weights="w", strata="h", psu="u", nest=True)
    theirs = values("r_nested")
    for name, made in (
        ("mean", estimation.mean(whole, "y")),
        ("total", estimation.total(whole, "y")),
        ("ratio", estimation.ratio(whole, "y", "z")),
        ("by", estimation.mean(whole, "y", by="g")),
        ("proportion", estimation.proportion(whole, "k")),
    ):
        yield "nested PSUs, gaps: estimates", [*made["estimate"], *made["se"]], theirs[name]
    test = estimation.independence_test(whole, "k", "g")
    keys = ["statistic", "df1", "df2", "p"]
    yield "nested PSUs, gaps: Rao-Scott", test[keys].astype(float), theirs["rao-scott"]


def of_families() -> Iterator[Pair]:
    """Adjusted p values, and tests of answers of many where the farmers are at hand."""
    known = values("r_oracles3")["padjust"]
    yield "p adjusted: Holm", estimation.adjust(known["p"]), known["holm"]
    yield "p adjusted: Benjamini, Hochberg", estimation.adjust(known["p"], "bh"), known["BH"]
    farmers = Path(__file__).parents[2] / "shared" / "oracle" / "data"
    for name, block, items, by in (
        ("mrcv_farmer1", "mmi_farmer1", [f"Y{i}" for i in range(1, 6)], "Ed"),
        ("mrcv_farmer2", "spmi_farmer2", ["w1", "w2", "w3"], [f"y{i}" for i in range(1, 5)]),
    ):
        if (farmers / f"{name}.csv").exists():
            answers = pd.read_csv(farmers / f"{name}.csv").assign(w=1.0)
            whole = SurveyDesign(answers, weights="w")
            made = estimation.multiple_independence_test(whole, items, by, "bilder-loughin")
            theirs = list(values("r_oracles2")[block]["rs2"].values())
            yield "answers of many: MRCV", [made.statistic, made.df1, made.p], theirs


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
    for source in [*sources, of_differences(), of_replicates(), of_nested(), of_families()]:
        for family, ours, theirs in source:
            worst[family].append(difference(ours, theirs))
    print(f"{'family':34} {'comparisons':>11} {'largest relative difference':>28}")
    for family, found in worst.items():
        print(f"{family:34} {len(found):11d} {max(found):28.1e}")


if __name__ == "__main__":
    main()
