"""The verb `compare`: the same question to two groups, and orders with their uncertainty."""

from __future__ import annotations

import hashlib

from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results import store
from ngo_survey.results.files import write_bytes
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_comparisons import declared
from ngo_survey.tables.compare import compare
from ngo_survey.tables.compared import CORRELATIONS, Declared
from ngo_survey.workflow.config_parts import compact_json
from ngo_survey.workflow.files import sha256
from ngo_survey.workflow.reuse import Read, StageCache
from ngo_survey.workflow.verbs.counts import counted, join_parts
from ngo_survey.workflow.verbs.side import load_side

#: All results of this stage are one part: rankings share their simulated orders.
PART = "results"


def run(study: Study) -> str:
    """Compare the two sides and rank what the section ``compare`` declares.

    Reads what a design is loaded from and the questionnaire of each group, and its
    released tables; writes one file an analysis in results/ranks and results/sides, and
    results/tests/rank_correlations.csv. When all of these are what they were, another table was
    changed: nothing is estimated again.
    """
    plan = declared(study, {name: codebook(study, name) for name in study.populations})
    results = [
        *(("ranks", name) for name in plan.ranked),
        *(("sides", name) for name in plan.compared),
        *([("tests", CORRELATIONS)] if plan.compared else []),
    ]
    kept = StageCache.of(study, "compare")
    reads = _reads(study, plan)
    files = kept.find(PART, [f"{family}.{name}" for family, name in results], reads.get)
    if files is None:
        files = _made(study, plan)
        kept.keep(PART, files, reads)
    for family, name in results:
        write_bytes(files[f"{family}.{name}"], study.paths.result(family, name))
    return join_parts(
        counted(len(plan.compared), "comparison"), counted(len(plan.ranked), "ranking")
    )


def _made(study: Study, plan: Declared) -> dict[str, bytes]:
    """Return each result as CSV, by its family and name."""
    sides = {name: load_side(study, name, _tables(plan, name)) for name in plan.populations}
    try:
        made = compare(plan, sides, study.rng, study.test_level)
    except InputError as error:
        raise ConfigError(
            error.problem,
            file=study.file,
            column="compare",
            value=error.value if error.value is not None else error.column,
            hint=error.hint,
        ) from error
    frames = {
        **{("ranks", name): rows for name, rows in made.ranks.items()},
        **{("sides", name): rows for name, rows in made.sides.items()},
        **({("tests", CORRELATIONS): made.correlations} if plan.compared else {}),
    }
    return {
        f"{family}.{name}": store.csv_text(store.tidy(rows, family)).encode()
        for (family, name), rows in frames.items()
    }


def _reads(study: Study, plan: Declared) -> dict[Read, str]:
    """Return all that the results follow from, each with a digest."""
    to = study.paths
    declares = [repr(plan), study.seed, study.test_level]
    declares.append([study.population(name).raw for name in plan.populations])
    reads: dict[Read, str] = {
        ("declared",): hashlib.sha256(compact_json(declares).encode()).hexdigest()
    }
    for name in plan.populations:
        for path in (
            to.clean(name), to.weights(name), to.calibration(name), to.replicates(name),
            study.population(name).questionnaire,
            *(to.result("estimates", table) for table in _tables(plan, name)),
        ):  # fmt: skip
            # What is missing is reported by the reader of it, with what to do.
            reads["file", name, path.name] = sha256(path) if path.is_file() else ""
    return reads


def _tables(plan: Declared, population: str) -> list[str]:
    """Return the tables of a group whose released figures are compared or ranked."""
    return [spec.id for spec in plan.tables if spec.population == population]
