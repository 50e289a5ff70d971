"""Tabulate: every declared table of a group of respondents, safe to release."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field

from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.tabulate import Released, make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.results import store
from ngo_survey.study import Study
from ngo_survey.study.declared_pairs import check_pairs, declared_pairs
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.register_variables import register_variables
from ngo_survey.tables.declared import Standard
from ngo_survey.workflow.config_parts import compact_json
from ngo_survey.workflow.files import sha256
from ngo_survey.workflow.former_release import former_release
from ngo_survey.workflow.known_results import indicators, margins
from ngo_survey.workflow.reuse import Read, StageCache
from ngo_survey.workflow.verbs.counts import counted, join_parts
from ngo_survey.workflow.verbs.design import load_design

#: The families of one table, each kept as one file.
FAMILIES = ("estimates", "tests", "comparisons")


@dataclass(frozen=True)
class MadeBefore:
    """The tables of a group of respondents as they were last released (:class:`tabulate.Before`).

    Attributes
    ----------
    reads: what every table is made of: respondents, weights and codebook, each with a digest.
    """

    kept: StageCache
    reads: dict[Read, str]
    _asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, study: Study, population: str) -> MadeBefore:
        """Return those that were made of the same respondents, weights and codebook or not."""
        to, group = study.paths, study.population(population)
        files = [
            to.clean(population), to.weights(population), to.calibration(population),
            to.replicates(population), group.questionnaire,
        ]  # fmt: skip
        block = hashlib.sha256(compact_json(group.raw).encode()).hexdigest()
        reads: dict[Read, str] = {("file", file.name): sha256(file) for file in files}
        reads["group",] = block
        return cls(StageCache.of(study, "tabulate", population), reads)

    def find(self, table: str, made_of: str) -> Released | None:
        """Return a table that was made of the same, if there is one."""
        self._asked.add(table)
        files = self.kept.find(table, FAMILIES, self._reads(made_of).get)
        if files is None:
            return None
        texts = [io.StringIO(files[family].decode()) for family in FAMILIES]
        return Released(*map(store.read, FAMILIES, texts))

    def keep(self, table: str, made_of: str, made: Released) -> None:
        """Keep a table that was just made."""
        frames = (made.estimates, made.tests, made.comparisons)
        files = {
            family: store.csv_text(store.tidy(frame, family)).encode()
            for family, frame in zip(FAMILIES, frames, strict=True)
        }
        self.kept.keep(table, files, self._reads(made_of))

    def prune(self) -> None:
        """Remove tables that are no longer declared."""
        self.kept.prune(self._asked)

    def _reads(self, made_of: str) -> dict[Read, str]:
        return self.reads | {("table",): hashlib.sha256(made_of.encode()).hexdigest()}


def run(study: Study, population: str) -> str:
    """Tabulate one population.

    Reads clean.csv, weights.csv, calibration.csv and the questionnaire; writes one file a table
    in results/estimates, results/tests and results/comparisons, one file an analysis of answers
    that go together in results/estimates, and
    results/rates/disclosure_<population>.csv.
    """
    design, codebook = load_design(study, population)
    before = MadeBefore.of(study, population)
    pairs = declared_pairs(study, population)
    for spec in pairs:
        check_pairs(study, spec, codebook)
    tables = make(
        design,
        specs(study, population, codebook),
        codebook,
        Rules.of(study.section("disclosure")),
        study.rng(f"tabulate.{population}"),
        [
            *indicators(study, population, codebook, design.frame),
            *margins(study, population, codebook, design.frame),
        ],
        Standard.of(study.section("tables")),
        pairs,
        before,
        former=former_release(study),
        public=register_variables(study, population, codebook),
        rounding=Rounding.of(study.section("disclosure")),
        population=population,
    )
    before.prune()
    for name, rows in tables.estimates.items():
        store.write(rows, "estimates", study.paths.result("estimates", name))
    for name, rows in tables.tests.items():
        store.write(rows, "tests", study.paths.result("tests", name))
    for name, rows in tables.comparisons.items():
        store.write(rows, "comparisons", study.paths.result("comparisons", name))
    store.write(tables.rates, "rates", study.paths.result("rates", f"disclosure_{population}"))
    rates = tables.rates.set_index("name")["value"]
    told = int(rates["groups_told"])
    groups = f"{counted(told, 'small group')} of whom all or none gave an answer not protected"
    if not rates["figures"]:
        return counted(len(tables.estimates), "table")
    return join_parts(
        counted(len(tables.estimates), "table"),
        f"{rates['suppressed_share']:.1%} of {rates['figures']:,.0f} figures hidden",
        *([groups] if told else []),
    )
