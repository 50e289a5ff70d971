"""Coverage and bias of model-based estimates by region, against the truth of the default study.

Run: ``python benchmarks/small_areas.py [samples]`` (200 by default, two processes). Each sample is
drawn by the study's design from its register, answers come from its truth file, weights from raking
to the register; shares by region are estimated directly (Wilson's limits), by Fay and Herriot's
model with the shares of villages and of cities of republican rank by region as columns, which the
register knows, and as the stage `areas` does it: by the same model from what would be released,
rounded, small counts hidden, benchmarked to the rounded whole. The truth of a region is the mean
over ten draws of answers of its whole register.

Printed by number of respondents and question: samples that weighting did not refuse; over regions,
mean and least coverage of 95 % limits, mean absolute bias in points, root mean squared error in
points, mean length of limits; how often REML finds no variance between regions.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ngo_survey.disclosure.released_areas import area_weights, as_released, model_based
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.errors import InputError
from ngo_survey.simulate.answers import Answers
from ngo_survey.simulate.population import draw_sample, make_register
from ngo_survey.statistics import estimation, small_areas
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.weighting.register import weight_sample
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook

ROOT = Path(__file__).parents[1]
#: Respondents aimed at, and the share of the invited who answer in the default study.
SIZES = (300, 1200)
ANSWERING = 0.66
#: Questions with the answer that is counted: driven by region itself, by settlement, by both.
ASKED = {"interview_language": "kk", "reach": "local", "sso_experience": "last_three_years"}
#: Draws of the whole register that the truth is the mean of.
DRAWS = 10
CITY = "republican_city"
#: How the study is released.
ROUNDING = Rounding()


@cache
def world() -> tuple[Study, Any, Mapping[str, Any], pd.DataFrame]:
    """Return the study, the codebook of NGOs, their truth and the register."""
    study = Study.load(ROOT / "config.yaml")
    text = (ROOT / "data/raw/simulation/truth.yaml").read_text(encoding="utf-8")
    truth = yaml.safe_load(text)["ngo"]
    return study, codebook(study, "ngo"), truth, make_register(truth["register"])


def models() -> list[Mapping[str, Any]]:
    """Return the models of the answers asked for, and of those that they depend on."""
    wanted, kept = set(ASKED), []
    for model in reversed(world()[2]["answers"]):
        if {model.get("question"), model.get("battery")} & wanted:
            kept.insert(0, model)
            wanted |= set(model.get("shift", {}))
    return kept


@cache
def truth() -> pd.DataFrame:
    """Return the true share of each answer by region."""
    _, book, _, register = world()
    units = register.loc[register.index.repeat(register["count"])].drop(columns="count")
    everybody = pd.concat([units] * DRAWS, ignore_index=True)
    said = Answers(everybody, book, np.random.default_rng(1)).draw(models())
    return pd.DataFrame(
        {q: said[q].eq(choice).groupby(said["region"]).mean() for q, choice in ASKED.items()}
    )


@cache
def columns() -> pd.DataFrame:
    """Return the shares of villages and of cities of republican rank by region."""
    register = world()[3]
    counts = register.pivot_table("count", "region", "settlement", "sum", fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0)[["village", CITY]]


def sample(n: int, rng: np.random.Generator) -> SurveyDesign:
    """Draw, interview and weight one sample."""
    study, book, truth, register = world()
    least = max(2, round(truth["sample"]["minimum"] * n / SIZES[1]))
    plan = {**truth["sample"], "invited": int(n / ANSWERING), "minimum": least}
    drawn = draw_sample(register, plan, "N", rng)
    said = drawn[drawn["disposition"] == "complete"].reset_index(drop=True)
    options = study.population("ngo").raw["weighting"]
    made = weight_sample(drawn, register, said["sample_id"].tolist(), options)
    text = Answers(said.drop(columns="disposition"), book, rng).draw(models())
    rows = made.weights.set_index("respondent").loc[text["sample_id"]].reset_index(drop=True)
    frame = book.type_frame(text[[*ASKED, "region", "sample_id"]]).join(
        rows.drop(columns=[c for c in rows if c in text])
    )
    raw = SurveyDesign(frame, weights="adjusted_weight", strata="stratum", fpc="stratum_size")
    return raw.rake(
        {
            str(margin): dict(zip(part["level"], part["total"].astype(float), strict=True))
            for margin, part in made.calibration.groupby("margin", sort=False)
        }
    )


def released_rows(design: SurveyDesign, question: str, choice: str, by: str = "") -> pd.DataFrame:
    """Return rows of one answer as a release has them: small counts hidden, all rounded."""
    made = estimation.proportion(design, question, by=by or None)
    made = made[made["category"] == choice]
    level = made[by].astype(str) if by else pd.Series("total", made.index)
    weight = design.frame.assign(weight=design.weights)["weight"]
    of = design.frame[by].astype(str) if by else pd.Series("total", weight.index)
    base, squares = weight.groupby(of).sum(), (weight**2).groupby(of).sum()
    rows = made.assign(
        **{"key": level, "analysis": question, "item": "", "by": by, "by_level": level},
        statistic="proportion",
        base=made["n"],
        n=made["count"],
        weighted_base=level.map(base),
        n_effective=level.map(base**2 / squares),
        status="shown",
    ).drop(columns=["variable", "count", "missing", *([by] if by else [])])
    few = (rows["n"] < ROUNDING.count) | (rows["base"] - rows["n"] < ROUNDING.count)
    rows.loc[few, ["n", "estimate", "se", "ci_low", "ci_high", "df", "deff"]] = np.nan
    rows.loc[few, "status"] = "suppressed-primary"
    return as_released(rows, "estimates", ROUNDING)


def from_release(design: SurveyDesign, question: str, choice: str) -> pd.DataFrame:
    """Return the rows of the stage `areas` of one answer by region."""
    direct = released_rows(design, question, choice, "region")
    whole = released_rows(design, question, choice).iloc[0].to_dict()
    counts = world()[3].groupby("region")["count"].sum()
    weights = area_weights(direct, whole, counts / counts.sum())
    return model_based(direct, whole, columns(), ROUNDING, weights)


def one(task: tuple[int, int]) -> pd.DataFrame:
    """Return the estimates of one sample, direct and by the model, one row a region.

    None where weighting refuses the sample, as it does where a rare legal form has one respondent.
    """
    n, seed = task
    try:
        design = sample(n, np.random.default_rng([n, seed]))
    except InputError:
        return pd.DataFrame()
    parts = []
    for question, choice in ASKED.items():
        made = estimation.proportion(design, question, by="region")
        direct = made[made["category"] == choice].set_index("region")
        direct.index = direct.index.astype(str)
        # The design effect of one region is noise; that of the question is not.
        deff = np.average(direct["deff"].fillna(1.0), weights=direct["n"])
        model = partial(
            small_areas.fay_herriot,
            direct["estimate"],
            X=columns(),
            effective_size=direct["n"] / deff,
        )
        zero = float(model().variance == 0)
        areas = model(method="adjusted").estimates().set_index("area")
        kinds = {"direct": direct, "model": areas}
        # Where few regions are released the stage refuses the figure.
        with suppress(InputError):
            kinds["released"] = from_release(design, question, choice).set_index("by_level")
        for name, frame in kinds.items():
            part = frame[["estimate", "ci_low", "ci_high"]].reindex(columns().index)
            parts.append(part.assign(question=question, by=name, zero=zero, n=n, seed=seed))
    return pd.concat(parts).rename_axis("region").reset_index()


def account(made: pd.DataFrame) -> pd.DataFrame:
    """Return one row a size, question and kind of estimate."""
    true = truth().stack().rename_axis(["region", "question"]).rename("true").reset_index()
    rows = made.merge(true, on=["region", "question"]).dropna(subset=["estimate"])
    rows["held"] = rows["true"].between(rows["ci_low"], rows["ci_high"])
    rows["error"] = 100 * (rows["estimate"] - rows["true"])
    rows["length"] = 100 * (rows["ci_high"] - rows["ci_low"])
    found = []
    for name, part in rows.groupby(["n", "question", "by"]):
        region = part.groupby("region")
        found.append(
            dict(zip(("n", "question", "by"), name, strict=True))
            | {
                "samples": part["seed"].nunique(),
                "coverage": part["held"].mean(),
                "least": region["held"].mean().min(),
                "bias": region["error"].mean().abs().mean(),
                "rmse": (part["error"] ** 2).mean() ** 0.5,
                "length": part["length"].mean(),
                "zero": part["zero"].mean(),
            }
        )
    return pd.DataFrame(found)


def main(samples: int = 200) -> None:
    truth()
    with ProcessPoolExecutor(2) as pool:
        for n in SIZES:
            made = pool.map(one, [(n, seed) for seed in range(samples)], chunksize=5)
            print(account(pd.concat(made)).round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
