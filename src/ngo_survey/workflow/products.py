"""The table of stages for one study: which files each run of a stage takes and writes.

The rules stay a table of contents; this holds the lists behind their words. Nothing here reads an
answer or a result, and nothing slow is imported: it runs before every call of snakemake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from pathlib import Path
from typing import Any

from ngo_survey.present.figures import figure_ids
from ngo_survey.present.words.catalogue import check_languages
from ngo_survey.results.package.files import package_files
from ngo_survey.study import Paths, Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_areas import declared_areas
from ngo_survey.study.declared_changes import books_of, changes
from ngo_survey.study.declared_comparisons import declared
from ngo_survey.study.declared_pairs import declared_pairs
from ngo_survey.study.declared_tables import table_ids
from ngo_survey.study.links import refuse_links
from ngo_survey.study.name_check import check_names
from ngo_survey.tables.compared import Changed, Declared
from ngo_survey.workflow import config_parts
from ngo_survey.workflow.code import code_hash, package_hash
from ngo_survey.workflow.files import MANIFEST, hash_of, raw_files
from ngo_survey.workflow.stages import RELEASED, RESULTS, STAGES, WRITER

CAPTIONS = Path(__file__).parent / "captions"
#: Kinds of raw files that each group of respondents has one of.
OF_A_GROUP = ("responses", "questionnaire", "sample", "register")
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Products:
    """Inputs and outputs of every rule, relative to the folder of the study."""

    study: Study

    @classmethod
    def load(cls, config: str, settings: Mapping[str, Any] | None = None) -> Products:
        """Load and check the study; raises :class:`~ngo_survey.errors.SurveyError`."""
        study = Study.load(config, settings)
        refuse_links(study)
        # A broken questionnaire or a mistyped name stops the run before it starts.
        check_names(study)
        check_languages(study)
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
        """What the stages before the comparison make of an earlier wave."""
        then = Products(self.study.wave(wave))
        return [
            path
            for group in self.study.waves[wave].relations
            for stage in ("read", "clean", "weight", "tabulate")
            for path in then.outputs(stage, group)
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
    def populations(self) -> list[str]:
        """Names of the groups of respondents."""
        return list(self.study.populations)

    @property
    def languages(self) -> list[str]:
        """Languages of the report."""
        return list(self.study.languages)

    @property
    def drawings(self) -> list[str]:
        """Formats that every figure is drawn in."""
        return ["svg", "png"] if self.study.pictures else ["svg"]

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
    def models(self) -> list[str]:
        """Names of the declared models."""
        return list(self.study.section("models").get("declared", {}))

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
        return [str(file)] if file else []

    @property
    def former(self) -> list[str]:
        """The manifest of the release that is out already; most studies have none."""
        after = self.study.section("disclosure").get("after")
        return [f"{after}/{MANIFEST}"] if after and not self.study.earlier else []

    @property
    def small_areas(self) -> list[str]:
        """Names of the figures of small areas."""
        return [areas.name for areas in declared_areas(self.study)]

    @property
    def area_groups(self) -> list[str]:
        """Groups of respondents that a model estimates small areas of."""
        return list(dict.fromkeys(areas.population for areas in declared_areas(self.study)))

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
        return [str(d["file"]) for d in self.study.section("official").values()]

    @property
    def official_words(self) -> list[str]:
        """The table of words of the official data; a study may have none."""
        file = self.study.section("report").get("official_words")
        return [str(file)] if file else []

    @property
    def series(self) -> list[str]:
        """Names of the series made from official figures."""
        return list(self.study.section("trends").get("series", {}))

    def chapters(self, language: str) -> list[str]:
        """Chapters that the study writes itself, in a language."""
        return self._own(self.study.chapters / language, "**/*.md")

    def words(self, language: str) -> list[str]:
        """The study's own words in a language, in all of them for a stage of none."""
        folder = self.study.words
        return self._own(folder, f"{language or '*'}.yaml") if folder else []

    def _own(self, folder: Path, pattern: str) -> list[str]:
        """Return files of the study; none where it has not written any."""
        found = sorted(folder.glob(pattern))
        return [file.relative_to(self.study.root).as_posix() for file in found]

    @property
    def geography(self) -> list[str]:
        """Files that maps are drawn from; a study without maps has none."""
        outlines = self.study.section("geography").get("outlines")
        return [str(outlines["file"])] if outlines else []

    @property
    def environment(self) -> list[str]:
        """The pinned packages, whose hash the report tells; a study may have none."""
        pinned = "requirements.lock"
        return [pinned] if self.study.path(pinned).exists() else []

    @property
    def compared_groups(self) -> list[str]:
        """Groups of respondents that are compared with each other or ranked."""
        return list(self.comparison.populations)

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

    # -- readings of the table of stages -----------------------------------------------------------

    def runs(self, stage: str) -> list[str]:
        """What a stage runs for: groups of respondents, languages, waves, or [""] for one run."""
        line = STAGES[stage]
        return list(getattr(self, line.each)) if line.of else [""]

    def outputs(self, stage: str, of: str = "") -> list[Path]:
        """Files that a run of a stage writes; for every run alike, with the wildcard of the rule.

        ``of`` is a group of respondents, a language or a wave. Without it the name of the wildcard
        stands there, as in ``{population}``.
        """
        writes = STAGES[stage].writes
        return [path for token in writes for path in self._files(token, self._of(stage, of))]

    def inputs(self, stage: str, of: str = "") -> list[Path]:
        """Files that a run of a stage takes from other stages; see :meth:`outputs`."""
        line, of = STAGES[stage], self._of(stage, of)
        groups = self.groups(stage, of)
        found: list[Path] = []
        for token in line.takes:
            if token == RESULTS:
                found += self.results()
                continue
            by = STAGES[WRITER[token]].of
            same = by == line.of and by in {"language", "population"}
            runs = [of] if same else groups if by == "population" else self.runs(WRITER[token])
            found += [path for run in runs for path in self._files(token, run)]
        return list(dict.fromkeys(found))

    @property
    def targets(self) -> list[Path]:
        """What people take away: pages, workbooks, data, and the description of the run."""
        return [*self.inputs("crate"), *self.outputs("crate")]

    def results(self) -> list[Path]:
        """Every file of the results store."""
        return [
            path
            for token, stage in WRITER.items()
            if "/" in token
            for run in self.runs(stage)
            for path in self._files(token, run)
        ]

    def released(self) -> list[Path]:
        """Every file of the results as rounded for release, those of earlier waves too."""
        to = self.paths
        found = [to.released / path.relative_to(to.results) for path in self.results()]
        for wave in self.waves:
            then = Products(self.study.wave(wave)).paths
            rows = [path for path in self.of_wave(wave) if path.is_relative_to(then.results)]
            found += [then.released / path.relative_to(then.results) for path in rows]
        return found

    def names(self, kind: str, of: str) -> Sequence[str]:
        """The names of one kind in a study, which stand in braces in the table of stages.

        ``of`` is what the run of the stage is for.
        """
        if kind == "population":
            return [of] if of else self.imputed
        if kind == "table":
            return self.tables[of]
        if kind == "pairs":
            return [pairs.name for pairs in declared_pairs(self.study, of)]
        named: dict[str, Callable[[], Sequence[str]]] = {
            "model": lambda: self.models,
            "pooled": lambda: self.pooled,
            "curve": lambda: self.curves,
            "ranked": lambda: list(self.comparison.ranked),
            "compared": lambda: list(self.comparison.compared),
            "if_compared": lambda: [""] if self.comparison.compared else [],
            "changed": lambda: [changed.analysis for changed in self.changed],
            "areas": lambda: self.small_areas,
            "dataset": lambda: self.official,
            "series": lambda: self.series,
            "if_series": lambda: [""] if self.series else [],
        }
        return named[kind]()

    def _of(self, stage: str, of: str) -> str:
        kind = STAGES[stage].of
        return of or (f"{{{kind}}}" if kind else "")

    def _files(self, token: str, of: str) -> list[Path]:
        """Files of one kind, as the table of stages names it, for one run."""
        to = self.paths
        if "/" in token:
            kinds = PLACE.findall(token)
            rows = product(*(self.names(kind, of) for kind in kinds))
            names = [token.format(**dict(zip(kinds, row, strict=True))) for row in rows]
            return [to.result(*name.split("/")) for name in names]
        several: dict[str, Callable[[], list[Path]]] = {
            RELEASED: self.released,
            "imputed": lambda: [to.imputed(group) for group in self.imputed],
            "wave": lambda: self.of_wave(of),
            "drawings": lambda: [
                to.figure(name, of, drawn) for name in self.figures for drawn in self.drawings
            ],
            "figure_data": lambda: [to.figure(name, of, "csv") for name in self.figures],
            "report": lambda: [to.document(name, of, form) for name, form in self.study.documents],
            "package": lambda: [to.package / name for name in package_files()],
            "crate": lambda: [to.crate],
        }
        return several[token]() if token in several else [getattr(to, token)(of)]

    def raw_names(self, stage: str, of: str = "") -> list[str]:
        """Files that people provide and a run of a stage reads, as the configuration names them."""
        return list(self.raw_kinds(stage, of))

    def raw_kinds(self, stage: str, of: str = "") -> dict[str, str]:
        """The same, each with its kind in the table of stages."""
        line, groups = STAGES[stage], self.groups(stage, of)

        def each(kind: str) -> list[str]:
            blocks = [self.study.population(group).raw for group in groups]
            return [str(block[kind]) for block in blocks if kind in block]

        found: dict[str, Callable[[], Sequence[str]]] = {
            **{kind: partial(each, kind) for kind in OF_A_GROUP},
            "aids": lambda: [path for group in groups for path in self.aids_of(group)],
            "wave": lambda: self.wave_files(of),
            "official": lambda: self.official_files,
            "official_words": lambda: self.official_words,
            "registration": lambda: self.registration,
            "former": lambda: self.former,
            "geography": lambda: self.geography,
            "chapters": lambda: self.chapters(of),
            "words": lambda: self.words(of if line.of == "language" else ""),
            "environment": lambda: self.environment,
        }
        return {name: kind for kind in line.raw for name in found[kind]()}

    def missing(self, stage: str, of: str = "") -> Callable[..., list[str]]:
        """Files that people provide and that are not there, as inputs of a rule.

        So Snakemake says what is missing before anything runs. Files that are there are no inputs,
        because Snakemake would go by their dates, and refuses outputs older than an input; their
        contents are a parameter (:meth:`sources`).
        """

        def files(wildcards: object) -> list[str]:
            names = self.raw_names(stage, self._run(stage, of, wildcards))
            return [self.place(name) for name in names if not self.study.path(name).is_file()]

        return files

    def sources(self, stage: str, of: str = "") -> Callable[..., dict[str, str]]:
        """Files that people provide with the hash of each, as parameter of a rule."""

        def hashes(wildcards: object) -> dict[str, str]:
            run = self._run(stage, of, wildcards)
            return {name: hash_of(self.study.path(name)) for name in self.read_by(stage, run)}

        return hashes

    def read_by(self, stage: str, of: str = "") -> list[str]:
        """Files that people provide whose content counts for a run of a stage."""
        quoted = raw_files(self.study) if STAGES[stage].quotes else []
        return list(dict.fromkeys([*self.raw_names(stage, of), *quoted]))

    def config(self, stage: str, of: str = "") -> Callable[..., str]:
        """What a stage reads of the configuration, as text that changes when it does."""

        def text(wildcards: object) -> str:
            run = self._run(stage, of, wildcards)
            return config_parts.text(self.study, stage, self.group(stage, run))

        return text

    def code(self, stage: str, of: str = "") -> Callable[..., str]:
        """Hash of the code that a stage uses, in the language of its run."""
        return lambda wildcards: self.code_of(stage, self._run(stage, of, wildcards))

    def code_of(self, stage: str, of: str = "") -> str:
        """Hash of the code that a run of a stage uses; of all code where a page names that."""
        own = code_hash(stage, of if STAGES[stage].of == "language" else "")
        return f"{own} {package_hash()}" if stage == "crate" else own

    def group(self, stage: str, of: str) -> str:
        """The group of respondents that a run is for, "" for none."""
        return of if STAGES[stage].of == "population" else ""

    def groups(self, stage: str, of: str) -> list[str]:
        """The groups of respondents that a run takes from."""
        line = STAGES[stage]
        if line.of == "population":
            return [of]
        return self.populations if line.of else list(getattr(self, line.each))

    def _run(self, stage: str, of: str, wildcards: object) -> str:
        return of or str(getattr(wildcards, STAGES[stage].of or "_", ""))

    def caption(self, kind: str) -> str:
        """The caption under which the report of snakemake shows a kind of product."""
        return str(CAPTIONS / f"{kind}.rst")
