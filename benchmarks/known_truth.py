"""What the models find of what was planted: replicates of the default study from its truth file.

Run: ``python benchmarks/known_truth.py [replicates] [scenario ...]`` (500 and all by default, two
processes). Each replicate draws the sample by the study's design, lets units answer or not, draws
answers from the truth file, weights them to the register and fits the models as declared in
``config.yaml``; nothing is written. n is the number of respondents aimed at.

The planted effects are those of the truth file, with those that the declared model has no term for
set to nought (towns other than regional centres, single barriers, a body of cooperation), and the
three rare legal forms that the model merges made one: then every coefficient is known exactly, and
so is which are nought.

scenario        what is planted
planted         proportional odds; the register grows with n, so that 2 % of it are drawn
register        the register as it is (18,204): at n = 5,000 a quarter of it is drawn
violated        the recent state social order moves the upper cut-point alone
missing         20 % lack staff or funding, more of those who grew in villages: not completely at
                random, but at random given these
informative     20 % lack staff, more of those with many: not at random
selected        20 % lack staff, more of those with many who grew: not at random, and by the outcome
separated       nobody of the smallest group of legal forms grew or stayed

Printed for each model: replicates fitted, those that failed with their reasons, those with a
coefficient beyond ten that nothing was said about; bias in empirical standard errors (largest over
the planted terms), estimated over empirical standard error, coverage of 95 % limits (mean and least
over terms), how often 5 % rejects terms that are nought (mean and most), and parallel lines. What
lies outside four Monte-Carlo standard errors is named in the last column.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning.derive import derive
from ngo_survey.simulate.answers import Answers
from ngo_survey.simulate.population import draw_sample, make_register
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import Fit, FitError
from ngo_survey.statistics.models.imputation import impute, pool
from ngo_survey.statistics.weighting.register import weight_sample
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.imputed_questions import imputed_variables, of_model, sources_of

ROOT = Path(__file__).parents[1]
SIZES = (300, 1200, 5000)
FRACTION = 0.02
#: Share of the invited who answer in the default study.
ANSWERING = 0.66
#: Data sets, rounds and donors of the imputations here.
IMPUTATION = {"m": 10, "iterations": 3, "donors": 5}
#: A coefficient beyond this is one that separation made, whatever the model says.
INFINITE = 10.0
RARE = ("association_of_legal_entities", "foreign_branch", "other")

#: Coefficients of the declared model under the planted truth; every other one is nought.
PLANTED = {
    "form_group=public_foundation": 0.35,
    "form_group=private_institution": 0.20,
    "form_group=other_forms": -0.15,
    "rural=rural": -0.45,
    "staff_paid": 0.25 * np.log(2),
    "reach=national": 0.20,
    "reach=international": 0.30,
    "sso_experience=before": 0.10,
    "sso_experience=last_three_years": 0.50,
    "funding_state_order": 0.06,
    "funding_foreign": -0.12,
    "funding_services": 0.10,
}
#: What the recent order adds above each cut-point of three levels when lines are not parallel.
VIOLATED = {"shrank": 0.0, "grew": 0.9}


class Found(NamedTuple):
    """Estimates of one model in one replicate, by term, or the reason why there are none."""

    table: pd.DataFrame
    failed: str = ""
    parallel: float = float("nan")


@cache
def world() -> tuple[Study, Questionnaire, Mapping[str, Any]]:
    """Return the study, the codebook of NGOs and the truth with the planted effects."""
    study = Study.load(ROOT / "config.yaml")
    text = (ROOT / "data/raw/simulation/truth.yaml").read_text(encoding="utf-8")
    return study, codebook(study, "ngo"), aligned(yaml.safe_load(text)["ngo"])


def aligned(truth: Mapping[str, Any]) -> dict[str, Any]:
    """Return the truth with the effects that the declared model has no term for set to nought."""
    made = copy.deepcopy(dict(truth))
    outcome = next(m for m in made["answers"] if m.get("question") == "audience_change")
    shift = outcome["shift"]
    shift["legal_form"] |= dict.fromkeys(RARE, PLANTED["form_group=other_forms"])
    forms = made["register"]["variables"]["legal_form"]
    for shares in (forms["default"], *forms["by"].values()):
        together = sum(shares[form] for form in RARE)
        shares.update({RARE[0]: together} | dict.fromkeys(RARE[1:], 0))
    shift["settlement"].pop("other_town")
    del shift["barriers"], shift["cooperation_akimat"]
    made["answers"] = needed(made["answers"])
    return made


def needed(answers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the models of the answers that the declared model uses, and those they depend on."""
    study = Study.load(ROOT / "config.yaml")
    book = codebook(study, "ngo")
    derived = study.population("ngo").raw["derive"]
    declared = study.section("models")["declared"]["audience"]
    wanted = set(sources_of(of_model(declared), book, derived))
    kept: list[Mapping[str, Any]] = []
    for model in reversed(list(answers)):
        if {model.get("question"), model.get("battery")} & wanted:
            kept.insert(0, model)
            wanted |= set(model.get("shift", {}))
    return kept


def answers_of(
    n: int, rng: np.random.Generator, total: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw one sample: its answers, typed and weighted, with derived variables; its totals."""
    study, book, truth = world()
    register = make_register({**truth["register"], "total": total or int(n / FRACTION)})
    least = max(2, round(truth["sample"]["minimum"] * n / SIZES[1]))  # invited a stratum
    plan = {**truth["sample"], "invited": int(n / ANSWERING), "minimum": least}
    sample = draw_sample(register, plan, "N", rng)
    said = sample[sample["disposition"] == "complete"].reset_index(drop=True)
    frame = said.drop(columns="disposition").assign(consent="yes")
    text = Answers(frame, book, rng).draw(truth["answers"])
    block = study.population("ngo").raw
    weights = weight_sample(sample, register, said["sample_id"].tolist(), block["weighting"])
    typed = book.type_frame(text).rename(columns={"sample_id": "respondent"})
    rows = weights.weights.set_index("respondent").loc[typed["respondent"]].reset_index(drop=True)
    return derived(typed.join(rows)), weights.calibration


def derived(frame: pd.DataFrame) -> pd.DataFrame:
    """Make the derived variables that the model uses, and what they are made of."""
    study, book, _ = world()
    rules = study.population("ngo").raw["derive"]
    used = set(of_model(study.section("models")["declared"]["audience"]))
    return derive(frame, book, {name: rule for name, rule in rules.items() if name in used})


def design_of(frame: pd.DataFrame, calibration: pd.DataFrame) -> SurveyDesign:
    """Return the calibrated design, as the verb `model` does."""
    totals = {
        str(margin): dict(zip(rows["level"], rows["total"].astype(float), strict=True))
        for margin, rows in calibration.groupby("margin", sort=False)
    }
    raw = SurveyDesign(frame, weights="adjusted_weight", strata="stratum", fpc="stratum_size")
    return raw.rake(totals)


def declared_terms() -> list[Any]:
    return list(world()[0].section("models")["declared"]["audience"]["terms"])


def three(design: SurveyDesign) -> Fit:
    return models.ordinal(design, "audience3", declared_terms())


def grew(design: SurveyDesign) -> Fit:
    return models.glm(design, "audience3", declared_terms(), family="binomial", event=["grew"])


def shrank(design: SurveyDesign) -> Fit:
    return models.glm(design, "audience3", declared_terms(), family="binomial", event=["shrank"])


MODELS: dict[str, Callable[[SurveyDesign], Fit]] = {
    "ordinal": three,
    "grew": grew,
    "shrank": shrank,
}


def found(design: SurveyDesign, fit: Callable[[SurveyDesign], Fit]) -> Found:
    """Fit a model; a failure is kept with its reason."""
    empty = pd.DataFrame(columns=["term", "estimate", "se", "ci_low", "ci_high", "p"])
    try:
        made = fit(design)
    except FitError as error:
        return Found(empty, error.problem)
    parallel = float("nan")
    if made.kind == "ordinal":
        try:
            parallel = float(made.diagnostics().set_index("name")["p"]["parallel/score"])
        except np.linalg.LinAlgError:  # a cut separates the data: there is no such test
            parallel = float("nan")
    return Found(made.coefficients[list(empty.columns)], parallel=parallel)


# -- scenarios -------------------------------------------------------------------------------------


def planted(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng)
    design = design_of(frame, totals)
    return {name: found(design, fit) for name, fit in MODELS.items()}


def register(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng, total=18_204)
    design = design_of(frame, totals)
    return {name: found(design, fit) for name, fit in MODELS.items()}


def violated(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng)
    recent = (frame["sso_experience"] == "last_three_years").to_numpy(dtype=float)
    latent = linear_predictor(frame) - PLANTED["sso_experience=last_three_years"] * recent
    latent += logistic(rng, len(frame))
    lower, upper = (latent + VIOLATED[k] * recent for k in ("shrank", "grew"))
    code = (lower > -0.75).astype(int) + (upper > 0.75)
    frame["audience3"] = levels(code)
    design = design_of(frame, totals)
    return {name: found(design, fit) for name, fit in MODELS.items()}


def separated(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng)
    frame.loc[frame["form_group"] == "other_forms", "audience3"] = "shrank"
    design = design_of(frame, totals)
    return {name: found(design, fit) for name, fit in MODELS.items()}


def missing(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng)
    risen = (frame["audience3"] == "grew").to_numpy(dtype=float)
    village = (frame["rural"] == "rural").to_numpy(dtype=float)
    chance = 1 / (1 + np.exp(2.6 - 1.3 * risen - 1.2 * village * risen))
    return with_holes(frame, totals, [chance, chance], rng)


def informative(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng)
    staff = np.log1p(frame["staff_paid"].to_numpy(dtype=float))
    chance = 1 / (1 + np.exp(3.6 - 1.3 * staff))
    return with_holes(frame, totals, [chance, np.zeros(len(frame))], rng)


def selected(n: int, rng: np.random.Generator) -> dict[str, Found]:
    frame, totals = answers_of(n, rng)
    staff = np.log1p(frame["staff_paid"].to_numpy(dtype=float))
    risen = (frame["audience3"] == "grew").to_numpy(dtype=float)
    chance = 1 / (1 + np.exp(2.8 - 1.6 * staff * risen))
    return with_holes(frame, totals, [chance, np.zeros(len(frame))], rng)


def with_holes(
    frame: pd.DataFrame,
    totals: pd.DataFrame,
    chances: Sequence[np.ndarray],
    rng: np.random.Generator,
) -> dict[str, Found]:
    """Take staff and funding out, and fit to all answers, complete cases and imputed ones."""
    study, book, _ = world()
    whole = found(design_of(frame, totals), three)
    parts = [q.name for q in book.battery("funding")]
    gaps = frame.copy()
    gaps.loc[rng.random(len(frame)) < chances[0], "staff_paid"] = np.nan
    gaps.loc[rng.random(len(frame)) < chances[1], parts] = np.nan
    design = design_of(derived(gaps), totals)
    declared = study.section("models")["declared"]["audience"]
    names = sources_of(of_model(declared), book, study.population("ngo").raw["derive"])
    made = impute(
        design,
        imputed_variables(book, [*names, "legal_form", "region", "settlement"]),
        rng,
        derive=derived,
        **IMPUTATION,
    )
    fits = [three(d) for d in made.designs(design)]
    pooled = pool([f.theta for f in fits], [f.covariance for f in fits], fits[0].df).table()
    pooled.insert(0, "term", list(fits[0].names))
    slopes = pooled.iloc[fits[0].slopes]
    return {
        "ordinal, all answers": whole,
        "ordinal, complete cases": found(design, three),
        "ordinal, imputed": Found(slopes[["term", "estimate", "se", "ci_low", "ci_high", "p"]]),
    }


def linear_predictor(frame: pd.DataFrame) -> np.ndarray:
    """Return what is planted for each respondent, up to a constant that the cut-points hold."""
    total = np.full(len(frame), -0.25)  # staff are centred at 1 on the natural logarithm
    for term, slope in PLANTED.items():
        variable, _, level = term.partition("=")
        if level:
            total += slope * (frame[variable] == level).to_numpy(dtype=float)
        elif variable == "staff_paid":
            total += slope * np.log2(1 + frame[variable].to_numpy(dtype=float))
        else:
            total += slope * frame[variable].to_numpy(dtype=float) / 10
    return total


def logistic(rng: np.random.Generator, n: int) -> np.ndarray:
    u = rng.random(n)
    return np.log(u / (1 - u))


def levels(code: np.ndarray) -> pd.Categorical:
    return pd.Categorical.from_codes(code, ["shrank", "unchanged", "grew"], ordered=True)


SCENARIOS: dict[str, tuple[Callable[[int, np.random.Generator], dict[str, Found]], Sequence[int]]]
SCENARIOS = {
    "planted": (planted, SIZES),
    "register": (register, (1200, 5000)),
    "violated": (violated, SIZES),
    "missing": (missing, SIZES),
    "informative": (informative, (1200,)),
    "separated": (separated, (300, 1200)),
    "selected": (selected, (1200,)),
}


# -- the account -----------------------------------------------------------------------------------


def truth_of(scenario: str, model: str, term: str) -> float:
    """Return the coefficient that is true; NaN where the model has none (lines not parallel)."""
    value = PLANTED.get(term, 0.0)
    if scenario == "violated" and term == "sso_experience=last_three_years":
        value = VIOLATED.get(model, np.nan)
    return -value if model == "shrank" else value


def one(task: tuple[str, int, int]) -> dict[str, Found]:
    """Run one replicate; a sample that the declared weighting refuses has no models."""
    scenario, n, seed = task
    rng = np.random.default_rng([list(SCENARIOS).index(scenario), n, seed])
    try:
        return SCENARIOS[scenario][0](n, rng)
    except InputError:
        return {}


def account(scenario: str, made: Sequence[Mapping[str, Found]]) -> pd.DataFrame:
    """Return one row a model: see the head of this file."""
    rows = []
    for model in made[0]:
        each = [replicate[model] for replicate in made]
        tables = [f.table for f in each if not f.failed]
        row: dict[str, Any] = {
            "model": model,
            "fitted": len(tables),
            "failed": len(each) - len(tables),
        }
        row["infinite"] = sum(bool((t["estimate"].abs() > INFINITE).any()) for t in tables)
        if tables:
            row |= _promises(scenario, model, tables)
            parallel = [f.parallel for f in each if f.parallel == f.parallel]
            row["parallel"] = float(np.mean(np.array(parallel) < 0.05)) if parallel else np.nan
        row["reasons"] = "; ".join(sorted({f.failed for f in each if f.failed}))
        rows.append(row)
    return pd.DataFrame(rows)


def _promises(scenario: str, model: str, tables: Sequence[pd.DataFrame]) -> dict[str, float]:
    every = pd.concat(tables, ignore_index=True)
    every = every[every["term"] != "(intercept)"]
    true = every["term"].map({t: truth_of(scenario, model, t) for t in every["term"].unique()})
    every = every.assign(true=true).dropna(subset=["true"])
    every["held"] = (every["ci_low"] <= every["true"]) & (every["true"] <= every["ci_high"])
    by = every.groupby("term", sort=False)
    spread = by["estimate"].std()
    bias = (by["estimate"].mean() - by["true"].first()) / spread
    null = by["true"].first() == 0
    rejects = every.assign(r=every["p"] < 0.05).groupby("term", sort=False)["r"].mean()[null]
    held = by["held"].mean()
    return {
        "bias": float(bias[~null].abs().max()),
        "worst": str(bias[~null].abs().idxmax()),
        "se_ratio": float((by["se"].mean() / spread).mean()),
        "coverage": float(held.mean()),
        "least": float(held.min()),
        "type_one": float(rejects.mean()),
        "most": float(rejects.max()),
    }


def marked(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures of a row, those outside four Monte-Carlo standard errors marked."""
    n = max(int(row["fitted"]), 1)
    band = 4 * (0.95 * 0.05 / n) ** 0.5
    for name, middle in (("least", 0.95), ("most", 0.05)):
        if row.get(name) == row.get(name) and abs(row.get(name, middle) - middle) > band:
            yield name
    if row.get("bias", 0) > 4 / n**0.5:
        yield "bias"


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    replicates = numbers[0] if numbers else 500
    chosen = [a for a in sys.argv[1:] if not a.isdigit()] or list(SCENARIOS)
    pd.set_option("display.width", 200)
    pd.set_option("display.max_columns", 20)
    with ProcessPoolExecutor(2) as workers:
        for scenario in chosen:
            for n in SCENARIOS[scenario][1]:
                start = time.perf_counter()
                tasks = [(scenario, n, seed) for seed in range(replicates)]
                drawn = list(workers.map(one, tasks, chunksize=5))
                made = [replicate for replicate in drawn if replicate]
                refused = len(drawn) - len(made)
                table = account(scenario, made)
                table["!"] = [" ".join(marked(r)) for r in table.to_dict("records")]
                seconds = time.perf_counter() - start
                print(f"\n{scenario}, n = {n:,}: {replicates} replicates, {seconds:.0f} s")
                if refused:
                    print(f"{refused} samples were too thin for the declared weighting")
                print(table.round(3).to_string(index=False))
                sys.stdout.flush()


if __name__ == "__main__":
    main()
