"""Load, validate and hold the configuration of a study."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ConfigError, Faults, SurveyError, nearest, refuse
from ngo_survey.study.config import load_config
from ngo_survey.study.declared_weighting import from_register
from ngo_survey.study.paths import Paths
from ngo_survey.study.schema_check import schema_faults
from ngo_survey.study.waves import Wave, as_of, waves_of
from ngo_survey.study.written import Written, locate

if TYPE_CHECKING:
    import numpy as np

    from ngo_survey.results.store import Results

#: The environment variable that names the folder of raw data kept outside the study.
RAW = "NGO_SURVEY_RAW"
#: The report, and the formats that each document is made in where the study names them.
FORMATS = {
    "report": ("html", "pdf", "docx"),
    "brief": ("pdf", "docx"),
    "annex": ("pdf", "docx"),
    "topline": ("pdf", "docx"),
    "slides": ("pptx",),
    "dashboard": ("html", "pdf"),
}


@dataclass(frozen=True)
class Population:
    """One group of respondents: its files and its block of the configuration.

    ``questionnaire``, ``responses``, ``sample`` and ``register`` are absolute paths, the last two
    None for a group without; ``first`` says whether the group is the first of the configuration.
    """

    name: str
    questionnaire: Path
    responses: Path
    sample: Path | None
    register: Path | None
    raw: Mapping[str, Any]
    first: bool = True

    @property
    def table_prefix(self) -> str:
        """What stands before the name of a question in the ids of the group's tables.

        The same question of two groups makes two tables: the first keeps its plain name.
        """
        return str(self.raw.get("table_prefix", "" if self.first else f"{self.name}_"))

    def label(self, language: str) -> str:
        """Return the name of the group of respondents as readers see it."""
        return str(self.raw["label"][language])


@dataclass(frozen=True)
class Study:
    """The study as ``config.yaml`` declares it.

    Attributes
    ----------
    root: folder of the configuration; every path in it is relative to this.
    raw: the validated configuration as a plain tree.
    written: the files it is written in, for the lines of errors.
    earlier: id of the earlier wave that this is the study of, "" for the present one.
    """

    root: Path
    file: Path
    raw: Mapping[str, Any]
    written: tuple[Written, ...] = field(default=(), repr=False, compare=False)
    earlier: str = ""

    @classmethod
    def load(
        cls, file: str | Path = "config.yaml", settings: Mapping[str, Any] | None = None
    ) -> Study:
        """Read and check a configuration; raises :class:`ConfigError` naming the key at fault.

        ``settings`` lie over the file: a tree like it, of what the command line sets. Several
        faults are raised as one :class:`~ngo_survey.errors.SeveralFaultsError`.
        """
        path = Path(file)
        loaded = load_config(path, settings)
        study = cls(path.resolve().parent, path, loaded.tree, loaded.written)
        refuse(study._wave_faults())
        return study

    @classmethod
    def load_sound_part(
        cls, file: str | Path, settings: Mapping[str, Any] | None, faults: Faults
    ) -> Study:
        """Read a configuration as far as it has no fault, and keep what is wrong in ``faults``.

        Nothing but `check` may go on with such a study. Raises as :meth:`load` where nothing is
        left to look at.
        """
        path = Path(file)
        loaded = load_config(path, settings, sound=True)
        for fault in loaded.faults:
            faults.add(fault)
        faults.lose(loaded.names, loaded.keys)
        study = cls(path.resolve().parent, path, loaded.tree, loaded.written)
        if loaded.keys:
            faults.leave(f"what needs {', '.join(loaded.keys)}")
        wrong = study._wave_faults()
        for fault in wrong:
            faults.add(fault)
        if wrong:
            faults.leave("the waves")
            study = replace(study, raw={k: v for k, v in study.raw.items() if k != "waves"})
            faults.lose(("wave", *(e["id"] for e in loaded.tree["waves"]["earlier"])))
        return study

    @property
    def data(self) -> str:
        """``simulated`` or ``collected``."""
        return str(self.raw["study"]["data"])

    @property
    def simulated(self) -> bool:
        """Whether every output must carry the mark of simulated data."""
        return self.data == "simulated"

    @property
    def unprotected(self) -> str:
        """``off`` or ``internal`` where results show small groups, "" where they are protected."""
        section = self.section("disclosure")
        return "off" if "off" in section else "internal" * (section.get("preset") == "internal")

    @property
    def seed(self) -> int:
        """The one seed of the study; see :meth:`rng`."""
        return int(self.raw["study"]["seed"])

    @property
    def fieldwork(self) -> Mapping[str, Any]:
        """``from``, ``to`` and ``year`` of the fieldwork; empty where the study does not say."""
        said: Mapping[str, Any] = self.raw["study"].get("fieldwork", {})
        return said

    @property
    def year(self) -> str:
        """Year of the survey, "" where the study does not say."""
        return str(self.fieldwork.get("year", ""))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that the report is made in."""
        return tuple(self.raw["study"]["languages"])

    @property
    def table_languages(self) -> tuple[str, ...]:
        """Languages that the workbook of tables is made in."""
        return tuple(self.section("tables").get("languages", self.languages))

    @property
    def report_formats(self) -> tuple[str, ...]:
        """Formats that the report is made in."""
        return tuple(form for name, form in self.documents if name == "report")

    @property
    def pictures(self) -> bool:
        """Whether figures are needed as PNG beside SVG, which Word and PowerPoint do not hold."""
        return any(form in {"docx", "pptx"} for _, form in self.documents)

    @property
    def documents(self) -> tuple[tuple[str, str], ...]:
        """The documents of a language, each with a format: the report, then what goes beside it."""
        report = self.section("report")
        return tuple(
            (name, form)
            for name in ("report", *report["documents"])
            for form in report["formats"]
            if form in FORMATS[name]
        )

    def title(self, language: str) -> str:
        """Return the title of the study."""
        return str(self.raw["study"]["title"][language])

    @cached_property
    def populations(self) -> dict[str, Population]:
        """The groups of respondents by name, in the order of the configuration."""
        return {
            name: Population(
                name=name,
                questionnaire=self.path(block["questionnaire"]),
                responses=self.path(block["responses"]),
                sample=self.path(block["sample"]) if "sample" in block else None,
                register=self.path(block["register"]) if "register" in block else None,
                raw=block,
                first=not place,
            )
            for place, (name, block) in enumerate(self.raw["populations"].items())
        }

    @property
    def sides(self) -> tuple[str, ...]:
        """The two groups of respondents that are compared, the first first; none without any."""
        sides = self.section("compare").get("sides", {})
        return (str(sides["first"]), str(sides["second"])) if sides else ()

    def population(self, name: str) -> Population:
        """Return one group of respondents; raises :class:`ConfigError` for an unknown name."""
        try:
            return self.populations[name]
        except KeyError:
            raise self.mistake(
                "no such group of respondents",
                "populations",
                name,
                nearest(name, self.populations),
            ) from None

    def mistake(
        self, problem: str, where: str, value: object = None, hint: str = ""
    ) -> ConfigError:
        """Return the error of a key of the configuration, with its file and its line.

        ``where`` is the path of the key, with dots, numbers standing for entries of a list.
        """
        file, row = locate(self.written, where) or (self.file, None)
        return ConfigError(problem, file=file, row=row, column=where, value=value, hint=hint)

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Give every error of the block the place of a key, unless it has one already.

        For pure functions, which do not know where in the configuration their rule stands: the
        key that a :class:`ConfigError` names goes on from ``where``; the name at fault of any
        other error (a question, a column) becomes the value found.
        """
        try:
            yield
        except SurveyError as error:
            if isinstance(error, ConfigError) and error.file is not None:
                raise
            found = error.value if error.value is not None else error.column
            if isinstance(error, ConfigError) and error.column:
                where, found = f"{where}.{error.column}", error.value
            raise self.mistake(error.problem, where, found, error.hint) from error

    @cached_property
    def waves(self) -> dict[str, Wave]:
        """The waves by id: earlier ones in the order of the configuration, the present one last."""
        return waves_of(self.raw)

    @property
    def present(self) -> Wave:
        """The wave that the configuration is about."""
        return list(self.waves.values())[-1]

    @property
    def earlier_waves(self) -> list[Wave]:
        """The waves before it, in the order of the configuration."""
        return list(self.waves.values())[:-1]

    def wave(self, name: str) -> Study:
        """Return the study as of an earlier wave: its files, its fieldwork, products of its own.

        Raises
        ------
        ConfigError: there is no such earlier wave.
        """
        known = [wave.id for wave in self.earlier_waves]
        if name not in known:
            raise self.mistake("no such earlier wave", "waves.earlier", name, nearest(name, known))
        return replace(self, raw=as_of(self.raw, name), earlier=name)

    def _wave_faults(self) -> list[ConfigError]:
        """Hold what each earlier wave says against the schema of the whole."""
        entries = self.raw.get("waves", {}).get("earlier", [])
        found = []
        if len(self.waves) <= len(entries):
            names = [entry["id"] for entry in entries] + [self.present.id]
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            found.append(
                self.mistake("two waves have one id", "waves.earlier", twice, "rename one")
            )
        for place, entry in enumerate(entries):
            where = f"waves.earlier.{place}"
            strange = [name for name in entry["populations"] if name not in self.raw["populations"]]
            for name in strange:
                known = nearest(name, self.raw["populations"])
                at = f"{where}.populations.{name}"
                found.append(self.mistake("no such group of respondents", at, name, known))
            if strange:
                continue
            then = as_of(self.raw, entry["id"])
            found += [
                self.mistake(fault.problem, f"{where}.{fault.column}", fault.value, fault.hint)
                for fault in schema_faults(then, self.written)
            ]
            for name, block in entry["populations"].items():
                at = f"{where}.populations.{name}"
                found += self._lacking_files(then["populations"][name], block, at)
        return found

    def _lacking_files(
        self, then: Mapping[str, Any], said: Mapping[str, Any], where: str
    ) -> list[ConfigError]:
        """Return what a wave lacks that would be weighted from the sample of the present."""
        files = ("sample", "register") if from_register(then.get("weighting")) else ()
        return [
            self.mistake(
                f"the group is weighted from a {file}, and the wave names none of its own",
                where,
                hint=f"add {file}: the file of that time",
            )
            for file in files
            if file not in said
        ]

    def section(self, name: str) -> Any:
        """Return a top-level section of the configuration (an empty one when it is absent)."""
        return self.raw.get(name, {})

    @property
    def test_level(self) -> float:
        """Level of the tests that text, figures and the limits of differences go by."""
        return float(self.section("report")["rules"]["alpha"])

    def path(self, relative: str) -> Path:
        """Return the absolute path of a path written in the configuration.

        What lies in ``data/raw`` may be kept elsewhere, on a restricted or encrypted disk that the
        environment variable :data:`RAW` names; a file that is not there is looked for here.
        """
        kept = os.environ.get(RAW)
        if kept and relative.startswith("data/raw/"):
            there = Path(kept) / relative.removeprefix("data/raw/")
            if there.exists():
                return there.absolute()
        return self.root / relative

    @property
    def chapters(self) -> Path:
        """Folder of the study's own chapters, a folder a language; it may have none."""
        return self.root / str(self.section("report").get("chapters", "chapters"))

    @property
    def words(self) -> Path | None:
        """Folder of the study's own words, ``<language>.yaml`` each; None without any."""
        folder = self.root / "words"
        return folder if folder.is_dir() else None

    @property
    def paths(self) -> Paths:
        """Where every product of the pipeline lies."""
        return Paths(self.root, self.earlier)

    @cached_property
    def results(self) -> Results:
        """What the last build released, by key: ``study.results["trust/akimat@total"]``.

        Rounded and protected, as the report prints it. Raises :class:`ResultError` where nothing
        was built yet.
        """
        from ngo_survey.results.store import Results

        return Results.load(self.paths.released)

    def rng(self, name: str) -> np.random.Generator:
        """Return the random stream of one analysis.

        Streams are children of the study's seed by *name*: adding an analysis never moves the
        numbers of another, and no global state is used.
        """
        import numpy as np

        child = zlib.crc32(name.encode("utf-8"))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(child,)))
