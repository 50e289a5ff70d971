"""The verb `compare`: the same question to two groups, and orders with their uncertainty."""

from __future__ import annotations

from ngo_survey.results import store
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.codebook.load import codebook
from ngo_survey.workflow.verbs.side import load_side
from ngo_survey.study import Study
from ngo_survey.tables.compare import compare
from ngo_survey.tables.compare_spec import CORRELATIONS, declared


def run(study: Study) -> None:
    """Compare the two sides and rank what the section ``compare`` declares.

    Reads clean.csv, weights.csv, calibration.csv and the questionnaire of each group, and its
    released tables; writes one file an analysis in results/ranks and results/sides, and
    results/tests/rank_correlations.csv.
    """
    plan = declared(study, {name: codebook(study, name) for name in study.populations})
    sides = {}
    for name in plan.populations:
        tables = [spec.id for spec in plan.tables if spec.population == name]
        sides[name] = load_side(study, name, tables)
    try:
        made = compare(plan, sides, study.rng)
    except InputError as error:
        raise ConfigError(
            error.problem,
            file=study.file,
            column="compare",
            value=error.value if error.value is not None else error.column,
            hint=error.hint,
        ) from error
    for name, rows in made.ranks.items():
        store.write(rows, "ranks", study.paths.result("ranks", name))
    for name, rows in made.sides.items():
        store.write(rows, "sides", study.paths.result("sides", name))
    if plan.compared:
        store.write(made.correlations, "tests", study.paths.result("tests", CORRELATIONS))
