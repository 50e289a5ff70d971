"""Tabulate: every declared table of a group of respondents, safe to release."""

from __future__ import annotations

from ngo_survey.results import store
from ngo_survey.workflow.verbs.design import load_design
from ngo_survey.study import Study
from ngo_survey.tables.declared import Standard
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.disclosure.tabulate import make
from ngo_survey.tables.pair_spec import check_pairs, declared_pairs
from ngo_survey.tables.spec import specs
from ngo_survey.disclosure.known_results import indicators, margins


def run(study: Study, population: str) -> None:
    """Tabulate one population.

    Reads clean.csv, weights.csv, calibration.csv and the questionnaire; writes one file a table
    in results/estimates, results/tests and results/comparisons, one file an analysis of answers
    that go together in results/estimates, and
    results/rates/disclosure_<population>.csv.
    """
    design, codebook = load_design(study, population)
    pairs = declared_pairs(study, population)
    for spec in pairs:
        check_pairs(study, spec, codebook)
    tables = make(
        design,
        specs(study, population, codebook),
        codebook,
        Rules.of(study),
        study.rng(f"tabulate.{population}"),
        [
            *indicators(study, population, codebook, design.frame),
            *margins(study, population, codebook, design.frame),
        ],
        Standard.of(study.section("tables")),
        pairs,
    )
    for name, rows in tables.estimates.items():
        store.write(rows, "estimates", study.paths.result("estimates", name))
    for name, rows in tables.tests.items():
        store.write(rows, "tests", study.paths.result("tests", name))
    for name, rows in tables.comparisons.items():
        store.write(rows, "comparisons", study.paths.result("comparisons", name))
    store.write(tables.rates, "rates", study.paths.result("rates", f"disclosure_{population}"))
