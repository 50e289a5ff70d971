"""Where every product of the pipeline lies; the Snakefile and the verbs share this one map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """Paths of products under the folder of the study; an earlier wave has a folder of its own."""

    root: Path
    wave: str = ""

    @property
    def processed(self) -> Path:
        """Folder of everything between the raw data and the results."""
        folder = self.root / "data" / "processed"
        return folder / "waves" / self.wave if self.wave else folder

    @property
    def results(self) -> Path:
        """The results store, in full precision and never released: one folder a family."""
        return self.processed / "results"

    def result(self, family: str, name: str) -> Path:
        """One file of the results store."""
        return self.results / family / f"{name}.csv"

    @property
    def released(self) -> Path:
        """The same files as they may leave: rounded, with one word for what is hidden."""
        return self.processed / "released"

    def responses(self, population: str) -> Path:
        """Raw answers under the questionnaire's names, all text, each row with its source row."""
        return self.processed / population / "responses.csv"

    def columns(self, population: str) -> Path:
        """How each header of the export was matched to a question."""
        return self.processed / population / "columns.csv"

    def clean(self, population: str) -> Path:
        """Complete, eligible respondents with derived variables."""
        return self.processed / population / "clean.csv"

    def changes(self, population: str) -> Path:
        """Every cell that cleaning changed."""
        return self.processed / population / "changes.csv"

    def quarantine(self, population: str) -> Path:
        """Every row that was set aside, with its reason and its raw text."""
        return self.processed / population / "quarantine.csv"

    def review(self, population: str) -> Path:
        """Spellings and words that people must look at."""
        return self.processed / population / "review.csv"

    def losses(self, population: str) -> Path:
        """How many answers to each question each rule of cleaning took; never released."""
        return self.processed / population / "losses.csv"

    @property
    def monitoring(self) -> Path:
        """Folder of what the field looks at while it works; it names respondents."""
        return self.processed / "monitoring"

    def weights(self, population: str) -> Path:
        """Stratum and weights of each respondent."""
        return self.processed / population / "weights.csv"

    def calibration(self, population: str) -> Path:
        """The register totals that the weights are raked to."""
        return self.processed / population / "calibration.csv"

    def replicates(self, population: str) -> Path:
        """The scales of replicate weights that came with the answers; none without any."""
        return self.processed / population / "replicates.csv"

    def imputed(self, population: str) -> Path:
        """The imputed answers: one row a data set, respondent and variable."""
        return self.processed / population / "imputed.csv"

    @property
    def figures(self) -> Path:
        """Folder of the figures: one folder a language."""
        return self.root / "figures"

    def figure(self, name: str, language: str, suffix: str = "svg") -> Path:
        """One figure (``svg``, ``png`` for Word) or the data behind it (``csv``)."""
        return self.figures / language / f"{name}.{suffix}"

    @property
    def kept(self) -> Path:
        """Folder of what stages made before (``workflow.reuse``); it may be removed at any time."""
        folder = self.root / ".ngo-survey"
        return folder / "waves" / self.wave if self.wave else folder

    def contact_sheet(self, language: str, vision: str) -> Path:
        """All figures of a language on one page, as a kind of vision sees them."""
        look = "" if vision == "colour" else f".{vision}"
        return self.root / "pictures" / f"sheet.{language}{look}.html"

    def picture(self, name: str, language: str) -> Path:
        """One figure in pixels; like contact sheets made on request, so no product of a build."""
        return self.root / "pictures" / language / f"{name}.png"

    def report(self, language: str, suffix: str = "html") -> Path:
        """The report as one file: ``html``, ``pdf`` or ``docx``."""
        return self.document("report", language, suffix)

    def document(self, name: str, language: str, suffix: str) -> Path:
        """The report, or a document that is made beside it."""
        return self.root / "reports" / f"{name}.{language}.{suffix}"

    def workbook(self, language: str) -> Path:
        """The tables as one XLSX workbook."""
        return self.root / "reports" / f"tables.{language}.xlsx"

    @property
    def package(self) -> Path:
        """Folder of the data package: every released result with a description for machines."""
        return self.root / "reports" / "data"

    def packaged(self, name: str, suffix: str = "csv") -> Path:
        """One file of the data package."""
        return self.package / f"{name}.{suffix}"

    @property
    def crate(self) -> Path:
        """The description of the run for machines: the folder of the study is its crate."""
        return self.root / "ro-crate-metadata.json"

    @property
    def verification(self) -> Path:
        """What `verify` found."""
        return self.root / "reports" / "verification.txt"

    def log(self, job: str) -> Path:
        """What one job of the pipeline said: for people who look for a cause, no product."""
        return self.logs / f"{job}.log"

    @property
    def logs(self) -> Path:
        """Folder of the logs, one a job."""
        return self.root / "logs"

    def benchmark(self, job: str) -> Path:
        """Time and memory of one job, as Snakemake measures them."""
        return self.logs / "benchmarks" / f"{job}.tsv"

    @property
    def lock(self) -> Path:
        """The committed record of what the results must be."""
        return self.root / "results.lock"
