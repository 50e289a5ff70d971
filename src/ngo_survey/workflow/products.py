"""What the pipeline makes from what: the names that the Snakefile puts into its rules.

The Snakefile stays a table of contents; this holds the lists behind its words. Nothing here reads
an answer or a result, and nothing slow is imported: it runs before every call of snakemake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ngo_survey.codebook.load import codebook
from ngo_survey.present.figures import figure_ids
from ngo_survey.results.package.files import package_files
from ngo_survey.study import Paths, Study
from ngo_survey.tables.change_spec import Changed, books_of, changes
from ngo_survey.tables.compare_spec import CORRELATIONS, Declared, declared
from ngo_survey.tables.pair_spec import declared_pairs
from ngo_survey.tables.spec import table_ids
from ngo_survey.workflow.code import code_hash
from ngo_survey.workflow.commit import tree
from ngo_survey.workflow.files import raw_files
from ngo_survey.workflow.names import check_names
from ngo_survey.workflow.obeyed import canonical
from ngo_survey.workflow.obeyed import text as obeyed

CAPTIONS = Path(__file__).parent / "captions"
MODEL_FAMILIES = ("coefficients", "effects", "predictions", "contrasts", "diagnostics")


@dataclass(frozen=True)
class Products:
    """Inputs and outputs of every rule, relative to the folder of the study."""

    study: Study

    @classmethod
    def load(cls, config: str, settings: Mapping[str, Any] | None = None) -> Products:
        """Load and check the study; raises :class:`~ngo_survey.errors.SurveyError`."""
        study = Study.load(config, settings)
        # A broken questionnaire or a mistyped name stops the run before it starts.
        check_names(study)
        return cls(study)

    @property
    def paths(self) -> Paths:
        """Where products lie, relative so that a moved folder stays up to date."""
        return Paths(Path(), self.study.earlier)

    @property
    def waves(self) -> list[str]:
        """Ids of the earlier waves."""
        return [wave.id for wave in self.study.earlier_waves]

    def of_wave(self, wave: str) -> list[Path]:
        """What the steps before the comparison make of an earlier wave."""
        then = Products(self.study.wave(wave))
        to, groups = then.paths, list(self.study.waves[wave].relations)
        return [
            path
            for p in groups
            for path in (
                *(make(p) for make in (to.responses, to.columns, to.clean, to.changes)),
                *(make(p) for make in (to.quarantine, to.review, to.weights, to.calibration)),
                *(to.result(family, p) for family in ("flow", "changes", "margins", "rates")),
                *(to.result("rates", f"{name}_{p}") for name in ("coders", "disclosure")),
                *(
                    to.result(family, table)
                    for table in then.tables[p]
                    for family in ("estimates", "tests", "comparisons")
                ),
                *then.pairs(p),
            )
        ]

    def wave_files(self, wave: str) -> list[str]:
        """Raw files of an earlier wave."""
        then = Products(self.study.wave(wave))
        named = {
            file
            for p in self.study.waves[wave].relations
            for file in (*then.aids_of(p), *raw_files(then.study, p))
        }
        return sorted(named)

    @cached_property
    def changed(self) -> list[Changed]:
        """Tables that are compared between waves."""
        return changes(self.study, books_of(self.study))

    @property
    def changed_groups(self) -> list[str]:
        """Groups of respondents that are compared between waves."""
        return list(dict.fromkeys(changed.population for changed in self.changed))

    @property
    def changes(self) -> list[Path]:
        """Files of the comparison of waves."""
        return [
            self.paths.result(family, changed.analysis)
            for changed in self.changed
            for family in ("waves", "change")
        ]

    @property
    def populations(self) -> list[str]:
        """Names of the groups of respondents."""
        return list(self.study.populations)

    @property
    def languages(self) -> list[str]:
        """Languages of the report."""
        return list(self.study.languages)

    @property
    def formats(self) -> list[str]:
        """Formats of the report."""
        return list(self.study.report_formats)

    @property
    def drawings(self) -> list[str]:
        """Formats that every figure is drawn in: PNG beside SVG where the report is a Word file."""
        return ["svg", "png"] if "docx" in self.formats else ["svg"]

    @property
    def table_languages(self) -> list[str]:
        """Languages of the workbook."""
        return list(self.study.table_languages)

    @cached_property
    def tables(self) -> dict[str, list[str]]:
        """Tables by group of respondents."""
        return {name: table_ids(self.study, name) for name in self.populations}

    @cached_property
    def comparison(self) -> Declared:
        """What is compared between groups of respondents and what is ranked."""
        return declared(self.study, {name: codebook(self.study, name) for name in self.populations})

    @property
    def comparisons(self) -> list[Path]:
        """Files of the comparison of the two sides and of rankings."""
        plan, to = self.comparison, self.paths
        return [
            *(to.result("ranks", analysis) for analysis in plan.ranked),
            *(to.result("sides", analysis) for analysis in plan.compared),
            *([to.result("tests", CORRELATIONS)] if plan.compared else []),
        ]

    def pairs(self, population: str) -> list[Path]:
        """Files of the answers that go together."""
        declared = declared_pairs(self.study, population)
        return [self.paths.result("estimates", pairs.file) for pairs in declared]

    @property
    def models(self) -> list[str]:
        """Names of the declared models."""
        return list(self.study.section("models").get("declared", {}))

    @property
    def model_families(self) -> tuple[str, ...]:
        """Families of results that each model writes."""
        return MODEL_FAMILIES

    @property
    def modelled(self) -> list[str]:
        """Groups of respondents that a model is fitted to."""
        declared = self.study.section("models").get("declared", {}).values()
        return sorted({model["population"] for model in declared})

    @property
    def imputed(self) -> list[str]:
        """Groups of respondents whose missing answers are imputed: those with a model."""
        return self.modelled if "imputation" in self.study.section("models") else []

    @property
    def pooled(self) -> list[str]:
        """Models that are fitted to imputed answers as well."""
        return self.models if self.imputed else []

    @property
    def curves(self) -> list[str]:
        """Models with a specification curve."""
        return list(self.study.section("models").get("specifications", {}))

    @property
    def registration(self) -> list[str]:
        """The file that holds the models as registered; a study may have none."""
        file = self.study.section("models").get("registration")
        return [file] if file else []

    @property
    def figures(self) -> list[str]:
        """Names of the declared figures."""
        return figure_ids(self.study)

    @property
    def official(self) -> list[str]:
        """Names of the official data sets."""
        return list(self.study.section("official"))

    @property
    def official_files(self) -> list[str]:
        """Files of the official data sets."""
        return [self.place(d["file"]) for d in self.study.section("official").values()]

    @property
    def series(self) -> list[str]:
        """Names of the series made from official figures."""
        return list(self.study.section("trends").get("series", {}))

    @property
    def backtests(self) -> list[Path]:
        """Back-tests of what is projected; a study without series has none."""
        return [self.paths.result("backtests", "series")] if self.series else []

    def chapters(self) -> Callable[..., list[Path]]:
        """Chapters of the study in the language of the rule's wildcard."""
        return lambda wildcards: self._own(self.study.chapters / wildcards.language, "*.md")

    def words(self, code: str = "") -> Callable[..., list[Path]]:
        """The study's own words in the language of the rule's wildcard, or in ``code``."""
        folder = self.study.root / "words"
        return lambda wildcards: self._own(folder, f"{code or wildcards.language}.yaml")

    def _own(self, folder: Path, pattern: str) -> list[Path]:
        """Return files of the study; none where it has not written any."""
        return [file.relative_to(self.study.root) for file in sorted(folder.glob(pattern))]

    @property
    def geography(self) -> list[str]:
        """Files that maps are drawn from; a study without maps has none."""
        outlines = self.study.section("geography").get("outlines")
        return [self.place(outlines["file"])] if outlines else []

    @property
    def environment(self) -> list[str]:
        """The pinned packages, whose hash the report tells; a study may have none."""
        pinned = "requirements.lock"
        return [pinned] if self.study.path(pinned).exists() else []

    @property
    def lock(self) -> Path:
        """The committed record of the results."""
        return self.paths.lock

    def raw(self, what: str, population: str | None = None) -> Callable[..., str] | str:
        """One raw file of a group of respondents; without a name, of the rule's wildcard."""
        if population is not None:
            return self.place(str(self.study.population(population).raw[what]))
        return lambda wildcards: str(self.raw(what, wildcards.population))

    def aids(self) -> Callable[..., list[str]]:
        """Files that cleaning reads beside the answers of the rule's group of respondents."""
        return lambda wildcards: [self.place(p) for p in self.aids_of(wildcards.population)]

    def aids_of(self, population: str) -> list[str]:
        """Files of one group of respondents: spellings, codes, corrections, rules."""
        raw = self.study.population(population).raw
        cleaning = raw.get("cleaning", {})
        named = [*cleaning.get("aliases", {}).values(), *cleaning.get("coding", {}).values()]
        named += [rule["codes"] for rule in raw.get("derive", {}).values() if "codes" in rule]
        named += [cleaning[key] for key in ("corrections", "rules") if key in cleaning]
        return sorted(set(named))

    def place(self, path: str) -> str:
        """Where a file of the study lies: under its folder, or where restricted data are kept."""
        kept = self.study.path(path)
        return path if kept == self.study.root / path else str(kept)

    def obeys(self, verb: str, population: str | None = None) -> Callable[..., str] | str:
        """What a verb obeys of the configuration, as text that changes when it does.

        For one group of respondents; without a name, for that of the rule's wildcard, if any.
        """
        if population is not None:
            return obeyed(self.study, verb, population)
        return lambda wildcards: obeyed(self.study, verb, getattr(wildcards, "population", ""))

    def sections(self, *names: str) -> str:
        """Sections of the configuration, as text that changes when they do."""
        return _text(self.study.raw, names)

    def of_study(self, *names: str) -> str:
        """Keys of the section ``study``, as text that changes when they do."""
        return _text(self.study.raw["study"], names)

    def whole(self) -> str:
        """The whole configuration: the report tells all of it."""
        return _text(self.study.raw, sorted(self.study.raw))

    def code(self, verb: str) -> str:
        """Hash of the code that a verb uses."""
        return code_hash(verb)

    def code_in(self, verb: str) -> Callable[..., str]:
        """Hash of the code that a verb uses in the language of the rule's wildcard."""
        return lambda wildcards: code_hash(verb, str(wildcards.language))

    def caption(self, kind: str) -> str:
        """The caption under which the report of snakemake shows a kind of product."""
        return str(CAPTIONS / f"{kind}.rst")

    def tree(self) -> str:
        """Git's name of the source tree, which the report and the crate tell."""
        return tree()

    def table_results(self) -> list[Path]:
        """Files of the results store that the workbook is made of."""
        return [
            self.paths.result(family, table)
            for population in self.populations
            for table in self.tables[population]
            for family in ("estimates", "tests", "comparisons")
        ]

    @property
    def package(self) -> list[Path]:
        """Every file of the data package."""
        return [self.paths.package / name for name in package_files()]

    def results(self) -> list[Path]:
        """Every file of the results store."""
        to = self.paths
        by_population = ("flow", "changes", "margins", "rates")
        return [
            *(to.result(family, p) for family in by_population for p in self.populations),
            *(to.result("rates", f"disclosure_{p}") for p in self.populations),
            *(to.result("rates", f"coders_{p}") for p in self.populations),
            *(to.result("rates", f"reliability_{p}") for p in self.populations),
            *(to.result("estimates", f"indicators_{p}") for p in self.populations),
            *self.table_results(),
            *(file for p in self.populations for file in self.pairs(p)),
            *self.comparisons,
            *self.changes,
            *(to.result(family, model) for model in self.models for family in MODEL_FAMILIES),
            *(to.result("rates", f"imputation_{p}") for p in self.imputed),
            *(to.result("imputed", model) for model in self.pooled),
            *(
                to.result(family, m)
                for m in self.models
                for family in ("validation", "calibration")
            ),
            *(to.result("diagnostics", f"families_{model}") for model in self.models),
            *(to.result("specifications", model) for model in self.curves),
            *(to.result("diagnostics", f"specification_{model}") for model in self.curves),
            to.result("registration", "models"),
            *(to.result("precision", p) for p in self.populations),
            *(to.result("official", dataset) for dataset in self.official),
            *(to.result("series", series) for series in self.series),
            *self.backtests,
        ]


def _text(tree: Any, names: Iterable[str]) -> str:
    return canonical({name: tree.get(name) for name in names})
