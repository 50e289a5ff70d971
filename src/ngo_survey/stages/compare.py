"""The verb `compare`: the same question to two groups, and orders with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ngo_survey import store
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.questionnaire.codebook import codebook
from ngo_survey.stages.design import load_design
from ngo_survey.study import Study
from ngo_survey.tables.compare import Side, compare
from ngo_survey.tables.compare_spec import CORRELATIONS, Declared, declared
from ngo_survey.tables.pairs import declared_pairs, pairs


def run(study: Study) -> None:
    """Compare the two sides and rank what the section ``compare`` declares.

    Reads clean.csv, weights.csv, calibration.csv and the questionnaire of each group, and its
    released tables; writes one file an analysis in results/ranks and results/sides,
    results/tests/rank_correlations.csv, and one file a pair analysis in results/estimates.
    """
    plan = declared(study, {name: codebook(study, name) for name in study.populations})
    sides = {name: _side(study, plan, name) for name in plan.populations}
    try:
        made = compare(plan, sides, study.rng)
    except InputError as error:
        raise ConfigError(
            error.problem,
            file=study.file,
            column="compare",
            value=error.value if error.value is not None else error.column,
            mend=error.mend,
        ) from error
    for name, rows in made.ranks.items():
        store.write(rows, "ranks", study.paths.result("ranks", name))
    for name, rows in made.sides.items():
        store.write(rows, "sides", study.paths.result("sides", name))
    if plan.compared:
        store.write(made.correlations, "tests", study.paths.result("tests", CORRELATIONS))
    for spec in declared_pairs(study):
        design, book = load_design(study, spec.population)
        rows = pairs(study, spec, design, book, study.section("disclosure"))
        store.write(rows, "estimates", study.paths.result("estimates", f"pairs_{spec.name}"))


def _side(study: Study, plan: Declared, population: str) -> Side:
    released: dict[str, Mapping[str, Any]] = {}
    for spec in plan.tables:
        if spec.population != population:
            continue
        path = study.paths.result("estimates", spec.id)
        try:
            rows = store.read("estimates", path)
        except FileNotFoundError:
            raise InputError(
                "an earlier step has not written this file",
                file=path.relative_to(study.root),
                mend="run snakemake, which takes the steps in their order",
            ) from None
        rows = rows[rows["by_level"] == "total"]
        released |= {str(row["key"]): row for row in rows.to_dict("records")}
    return Side(*load_design(study, population), released)
