"""Speed of all tables of the default study, against R `survey` on the same file.

Run: ``python benchmarks/tables_speed.py [--small] [--large] [--growth]`` (all three by default; the
first two need Rscript and the R package survey).

small: every question by the standing banners at 1,200 respondents, shares and means and Rao-Scott
tests in one process; R gets the same data, design and calibrated weights and makes the same tables.
large: some questions of every form at 100,000 respondents, who are drawn from the 1,200 with
replacement, strata and register grown with them. Not in either: quantiles, totals and ratios. Ours
makes more tests than R does: Wald tests of means, trends, and one over all answers of many.
growth: processor time a figure of a large mixture of tables, made in sixteen sets to one.

Budgets: 20 times as fast; 6,000 shown cells; the same figures to 1e-8, p to 1e-6; time a cell that
does not grow with the number of tables.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from ngo_survey.codebook import Questionnaire
from ngo_survey.disclosure.decide import decide
from ngo_survey.disclosure.linked import Sources
from ngo_survey.disclosure.status import release
from ngo_survey.disclosure.tabulate import _splits, _within
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import Domains
from ngo_survey.study import Study
from ngo_survey.study.declared_tables import specs
from ngo_survey.tables.comparisons import compare_table
from ngo_survey.tables.declared import Standard, TableSpec
from ngo_survey.tables.estimand import Estimand
from ngo_survey.tables.estimates import estimate, shown_under
from ngo_survey.tables.forms import estimands
from ngo_survey.tables.tests import TESTED, test_table
from ngo_survey.workflow.known_results import indicators, margins
from ngo_survey.workflow.verbs.design import load_design, read_product

from conftest import copy_study, run

FASTER, SHOWN, SAME, SAME_P = 20, 6000, 1e-8, 1e-6
#: One core a process, as the program itself has it.
ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
#: Kinds of figures that both sides make.
BOTH = ("share", "mean", "row_share")
LARGE = 100_000
#: A table of each form, for the larger sample: R would need hours for all.
QUESTIONS = (
    *("in_ngo_database", "audience_change", "factors", "interaction_satisfaction"),
    *("funding", "measures", "staff_paid"),
)
#: So many choices of a question with many answers in the larger sample.
CHOICES = 3
#: Sets of more tables: the same questions by other banners, and of some respondents.
OTHER = (
    *("rural", "reach", "sso_any", "size_band", "age_band", "in_ngo_database", "budget_band"),
    *("audience3", "grants_experience", "interview_language", "budget_change"),
    "audience_expected",
)
SOME, SOME_BY = "rural = rural", "form_group"
#: How many sets the mixture is dealt into, and how much dearer a figure may be in one set of all.
SETS, GROWTH = (16, 8, 4, 2, 1), 1.2
STEPS = ("estimates", "tests", "comparisons", "disclosure")


@dataclass
class Survey:
    """The default study after weighting, and how long its tables take."""

    study: Study
    design: SurveyDesign
    codebook: Questionnaire
    specs: list[TableSpec]
    totals: dict[str, dict[str, float]]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, study: Study) -> Survey:
        design, codebook = load_design(study, "ngo")
        known = read_product(study, study.paths.calibration("ngo"))
        totals = {
            str(margin): dict(zip(rows["level"], rows["total"].astype(float), strict=True))
            for margin, rows in known.groupby("margin", sort=False)
        }
        return cls(study, design, codebook, specs(study, "ngo", codebook), totals)

    def of(self, n: int) -> Survey:
        """Return a sample of ``n`` drawn from the respondents; strata and register grow as it does.

        Each stratum keeps its sampling fraction, each respondent the weight before raking.
        """
        frame = self.design.frame
        rows = np.random.default_rng(1).integers(0, len(frame), n)
        drawn = frame.iloc[rows].reset_index(drop=True)
        size = frame["stratum"].map(frame["stratum"].value_counts())
        grown = drawn["stratum"].map(drawn["stratum"].value_counts())
        fraction = (size / frame["stratum_size"]).to_numpy()[rows]
        drawn["stratum_size"] = (grown / fraction).groupby(drawn["stratum"]).transform("first")
        totals = {
            margin: {level: total * n / len(frame) for level, total in known.items()}
            for margin, known in self.totals.items()
        }
        design = SurveyDesign(
            drawn, weights="adjusted_weight", strata="stratum", fpc="stratum_size"
        ).rake(totals)
        return Survey(self.study, design, self.codebook, self.specs, totals)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        start = time.process_time()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.process_time() - start

    def sources(self, chosen: list[TableSpec], choices: int | None = None) -> Sources:
        """Return tables with their estimands; of answers of many the first ``choices``."""
        found = []
        for spec in chosen:
            within = _within(self.design, spec, self.codebook)
            made = estimands(spec, self.design.frame, self.codebook, within)
            if choices is not None and spec.form in ("multiple", "rank"):
                made = [_fewer(estimand, choices) for estimand in made]
            found.append((spec, made))
        return found

    def known_results(self) -> Sources:
        """Return what other results say already."""
        of = (self.study, "ngo", self.codebook, self.design.frame)
        return [*indicators(*of), *margins(*of)]


def _fewer(estimand: Estimand, choices: int) -> Estimand:
    if estimand.partition or estimand.kind not in ("share", "mean"):
        return estimand
    # What is told of all choices at once no longer holds for some.
    return replace(
        estimand,
        members=estimand.members[:choices],
        values=estimand.values[:, :choices],
        made_of=None,
    )


@dataclass
class Made:
    """Figures of tables before disclosure control, and how many are shown after it."""

    estimates: list[pd.DataFrame]
    tests: pd.DataFrame
    splits: dict[str, Domains]
    shown: int


def ours(survey: Survey, sources: Sources) -> Made:
    """Make the tables; each step on its own clock."""
    design, standard = survey.design, Standard.of(survey.study.section("tables"))
    known_results = survey.known_results()
    with survey.timed("estimates"):
        splits = _splits(
            design, [*(spec for spec, _ in sources), *(spec for spec, _ in known_results)]
        )
        for spec, own in sources:
            estimate(design, spec, [p for p in own if p.kind in BOTH], splits, standard)
    with survey.timed("tests"):
        tests = [
            test_table(
                design, spec, own, splits, lambda b: _ordered(survey, b), lambda *_: (False, False)
            )
            for spec, own in sources
        ]
    tables = [estimate(design, spec, own, splits, standard) for spec, own in sources]
    with survey.timed("disclosure"):
        rules, rng = Rules.of(survey.study.section("disclosure")), survey.study.rng("tabulate.ngo")
        decided = decide(sources, splits, design.in_domain, known_results, rules, rng)
        released = [
            release(table, own, decided.marks(number))
            for number, (table, (_, own)) in enumerate(zip(tables, sources, strict=True))
        ]
    with survey.timed("comparisons"):
        for table, (spec, own) in zip(released, sources, strict=True):
            compare_table(design, spec, own, splits, table, standard)
    shown = sum(int((table["status"] == "shown").sum()) for table in released)
    return Made(tables, pd.concat(tests), splits, shown)


def _ordered(survey: Survey, banner: str) -> bool:
    return banner in survey.codebook and survey.codebook.question(banner).form == "scale"


# -- the peer ------------------------------------------------------------------------------------


class Peer:
    """Writes the data and a list of work for R, and reads what it found."""

    def __init__(self, survey: Survey, sources: Sources, splits: dict[str, Domains]) -> None:
        self.survey, self.sources, self.splits = survey, sources, splits
        self.banners = {banner: f"b{place}" for place, banner in enumerate(splits) if banner}
        self.data = {
            name: _words(splits[banner].codes, "l") for banner, name in self.banners.items()
        }
        #: (id, what, columns, by, whether some are in no level, or answered nothing in one).
        self.tasks: list[tuple[str, str, str, str, str]] = []
        #: The key of each test of ours.
        self.keys: dict[str, str] = {}
        for t, (spec, own) in enumerate(sources):
            for p, estimand in enumerate(own):
                if estimand.kind in BOTH:
                    self._estimand(t, p, spec, estimand)

    def _estimand(self, t: int, p: int, spec: TableSpec, estimand: Estimand) -> None:
        name = f"v{t}x{p}x"
        whole = estimand.kind == "row_share" or (estimand.kind == "share" and estimand.partition)
        if whole:
            self.data[name] = _words(
                np.where(estimand.valid, estimand.values.argmax(axis=1), -1), "c"
            )
            columns = [name]
        else:
            columns = [f"{name}c{m:02d}" for m in range(len(estimand.members))]
            for column, values in zip(columns, estimand.values.T, strict=True):
                self.data[column] = np.where(estimand.valid, values, np.nan)
        for banner in ("", *spec.banners):
            if not shown_under(estimand, banner):
                continue
            of, by = "+".join(columns), self.banners.get(banner, "")
            own_id = f"{t}/{p}/{by}"
            codes = self.splits[banner].codes
            answered = set(codes[estimand.valid])
            some = -1 in answered or answered < set(codes)
            if estimand.kind == "row_share":
                some = some or not estimand.valid.all()
            if estimand.kind == "row_share":
                of, by = by, name
            self.tasks.append((own_id, "mean", of, by, "yes" if banner and some else ""))
        tested = estimand.kind == "share" and estimand.members[0].statistic in TESTED
        if not tested or estimand.columns != "all" or "overall" not in spec.tests:
            return
        first = estimand.members[0]
        parts = (first.item, "first" * (first.statistic == "first"))
        names = [".".join(p for p in parts if p)] if whole else [m.name for m in estimand.members]
        for banner in spec.banners:
            for column, label in zip(columns, names, strict=True):
                own_id = f"{column}/{banner}"
                self.tasks.append((own_id, "test", column, self.banners[banner], ""))
                made = f"{label}.rao_scott" if label else "rao_scott"
                self.keys[own_id] = f"test/{spec.analysis(banner)}/{made}"

    def run(self, folder: Path) -> dict[str, float]:
        """Let R do the work; returns its seconds by step."""
        frame, totals = self.survey.design.frame, self.survey.totals
        of_design = frame[["stratum", "stratum_size", "adjusted_weight", *totals]]
        of_design = of_design.rename(columns={"adjusted_weight": "base_weight"})
        data = pd.concat([of_design, pd.DataFrame(self.data)], axis=1)
        data.to_csv(folder / "data.csv", index=False)
        rows = [(m, level, total) for m, known in totals.items() for level, total in known.items()]
        known = pd.DataFrame(rows, columns=["margin", "level", "total"])
        known.to_csv(folder / "margins.csv", index=False)
        tasks = pd.DataFrame(self.tasks, columns=["id", "what", "columns", "by", "gaps"])
        tasks.to_csv(folder / "tasks.csv", index=False)
        script = str(Path(__file__).with_suffix(".R"))
        out = subprocess.run(
            ["Rscript", script, str(folder)], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        return {line.split()[0]: float(line.split()[1]) for line in out.splitlines()}

    def differences(self, folder: Path, made: Made) -> dict[str, tuple[int, float]]:
        """Return how many figures both have, and their largest relative differences."""
        theirs = pd.read_csv(folder / "r_means.csv", dtype={"level": "string"})
        # R names a category by variable and category, and a single column "mean" or by itself.
        theirs["level"] = theirs["level"].fillna("")
        ours = pd.concat(self._figures(made), ignore_index=True)
        both = ours.merge(theirs, on=["id", "level", "column"], suffixes=("", "_r"))
        both = both[both[["estimate", "se", "estimate_r", "se_r"]].notna().all(axis=1)]
        tests = made.tests.set_index("key")["p"]
        found = pd.read_csv(folder / "r_tests.csv").dropna()
        found["ours"] = tests.reindex(found["id"].map(self.keys)).to_numpy()
        found = found.dropna()
        # Shares that the margins fix have no error but what rounding leaves: not compared.
        erring = both[both["se_r"] > 1e-6 * both["estimate_r"].abs()]
        return {
            "estimate": (len(both), _apart(both["estimate"], both["estimate_r"])),
            "se": (len(erring), _apart(erring["se"], erring["se_r"])),
            "p": (len(found), _apart(found["ours"], found["p"])),
        }

    def _figures(self, made: Made) -> Iterator[pd.DataFrame]:
        """Yield our figures under the names that R gives them."""
        for t, (table, (_, own)) in enumerate(zip(made.estimates, self.sources, strict=True)):
            for (p, banner), rows in table.groupby(["estimand", "by"], sort=False):
                estimand, by = own[int(p)], self.banners.get(str(banner), "")
                if estimand.kind not in BOTH:
                    continue
                name = f"v{t}x{p}x"
                member, level = rows["member"], rows["level"]
                code = member.map("c{:02d}".format)
                place = level.map("l{:02d}".format) if by else ""
                column = name + code
                if estimand.kind == "row_share":
                    place, column = code, by + level.map("l{:02d}".format)
                yield rows[["estimate", "se"]].assign(
                    id=f"{t}/{p}/{by}", level=place, column=column
                )


def _words(codes: np.ndarray, letter: str) -> pd.Series:
    """Return codes as words that sort as the codes do; -1 is missing."""
    return pd.Series(codes).map(lambda code: f"{letter}{code:02d}" if code >= 0 else None)


def _apart(one: pd.Series, other: pd.Series) -> float:
    return float(((one - other).abs() / np.maximum(other.abs(), 1e-12)).max())


# -- runs ----------------------------------------------------------------------------------------


def against(survey: Survey, sources: Sources, what: str) -> bool:
    """Make the tables on both sides in turn and print the ratio; returns whether budgets hold."""
    load = os.getloadavg()[0]
    made = ours(survey, sources)
    with tempfile.TemporaryDirectory() as name:
        peer = Peer(survey, sources, made.splits)
        theirs = peer.run(Path(name))
        apart = peer.differences(Path(name), made)
    cells = sum(len(table) for table in made.estimates)
    print(f"{what}: {survey.design.n:,} respondents, {len(sources)} tables, {cells:,} figures,")
    print(f"  {made.shown:,} shown, {len(made.tests):,} tests of ours; load {load:.1f}")
    both = [0.0, 0.0]
    for step in STEPS:
        mine, other = survey.seconds[step], theirs.get(step)
        ratio = f"{other:>9.1f} s {other / mine:>7.1f} x" if other else ""
        print(f"  {step:<14}{mine:>9.2f} s   R {ratio or 'does not do it'}")
        if other:
            both = [both[0] + mine, both[1] + other]
    faster = both[1] / both[0]
    print(
        f"  together {faster:.1f} x as fast (budget {FASTER}); R's design {theirs['design']:.1f} s"
    )
    for name, (number, most) in apart.items():
        print(f"  {name}: {number:,} common, largest relative difference {most:.1e}")
    limits = {"estimate": SAME, "se": SAME, "p": SAME_P}
    same = all(number > 0 and most < limits[name] for name, (number, most) in apart.items())
    return faster >= FASTER and same


def growth(survey: Survey) -> bool:
    """Print the processor time of a figure for ever larger sets of one mixture of tables.

    The mixture: every default table, the same questions by twelve other banners, and those of the
    rural alone. It is dealt into 16 sets, 8 ... and one, and every set of a deal is made, so that
    each deal makes the same tables and only their number together differs: some questions are
    dearer than others. Dealt twice: by questions, so that what ties a filtered table to a plain one
    is in every deal alike; and by tables, where most of these ties are in the whole alone.
    """
    plain = _plain(survey)
    mixture = survey.specs + [_by(spec, OTHER, "other") for spec in plain]
    mixture += [replace(_by(spec, (SOME_BY,), "rural"), filter=SOME) for spec in plain]
    questions = list(dict.fromkeys(spec.question for spec in mixture))
    places = {question: place for place, question in enumerate(questions)}
    orders = {
        "questions": [places[spec.question] for spec in mixture],
        "tables": list(range(len(mixture))),
    }
    ours(survey, survey.sources(mixture[::16]))  # what is loaded once is not measured
    flat = True
    for what, order in orders.items():
        print(f"{f'microseconds a figure, by {what}':<34}{'figures':>8}", end=" ")
        print(*(f"{step:>12}" for step in (*STEPS, "all")))
        seen = [_each(survey, _dealt(mixture, [place % sets for place in order])) for sets in SETS]
        flat &= seen[-1] <= GROWTH * min(seen[:-1])
    return flat


def _dealt(mixture: list[TableSpec], of: list[int]) -> list[list[TableSpec]]:
    """Return the tables set by set; ``of``: the set that each is in."""
    return [
        [spec for spec, own in zip(mixture, of, strict=True) if own == chosen]
        for chosen in sorted(set(of))
    ]


def _each(survey: Survey, sets: list[list[TableSpec]]) -> float:
    """Make every set by itself; print and return microseconds a figure over all of them."""
    survey.seconds = {}
    figures = sum(
        len(table) for own in sets for table in ours(survey, survey.sources(own)).estimates
    )
    each = [1e6 * survey.seconds[step] / figures for step in STEPS]
    times = " ".join(f"{one:>12.0f}" for one in (*each, sum(each)))
    named = f"{len(sets)} x {sum(map(len, sets)) / len(sets):.0f} tables"
    print(f"{named:<34}{figures:>8,} {times}", flush=True)
    return sum(each)


def _plain(survey: Survey) -> list[TableSpec]:
    """Tables under all standing banners of questions that make no banner themselves."""
    banners = survey.study.population("ngo").raw["banners"]
    return [
        spec
        for spec in survey.specs
        if {*banners} <= {*spec.banners} and not spec.filter and spec.question not in OTHER
    ]


def _by(spec: TableSpec, banners: tuple[str, ...], name: str) -> TableSpec:
    """Return the same table under other banners; none that is a reading of the same question."""
    kind = spec.question.split("_")[0]
    kept = tuple(b for b in banners if b.split("_")[0] != kind and not b.startswith(kind))
    return replace(spec, id=f"{spec.id}_{name}", banners=kept)


def main() -> int:
    """Run what is asked for; returns 1 when a budget is missed."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        # Set before numpy is imported.
        again = [sys.executable, __file__, *sys.argv[1:]]
        return subprocess.run(again, env={**os.environ, **ALONE}, check=False).returncode
    asked = set(sys.argv[1:]) or {"--small", "--large", "--growth"}
    if shutil.which("Rscript") is None:
        print("Rscript is not installed: there is no peer to measure against")
        asked &= {"--growth"}
    with tempfile.TemporaryDirectory() as name:
        folder = copy_study(Path(name) / "study")
        study = Study.load(folder / "config.yaml")
        target = study.paths.weights("ngo").relative_to(study.root)
        done = run(["snakemake", "--cores", "1", str(target)], folder)
        if done.returncode:
            print(done.stderr)
            return 1
        survey = Survey.load(study)
        good = True
        if "--small" in asked:
            good &= against(survey, survey.sources(survey.specs), "all questions")
        if "--large" in asked:
            large = survey.of(LARGE)
            chosen = [spec for spec in survey.specs if spec.id in QUESTIONS]
            good &= against(large, large.sources(chosen, CHOICES), "some questions")
        if "--growth" in asked:
            good &= growth(survey)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
