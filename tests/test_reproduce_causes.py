"""A moved figure is told from what moved it, and from nothing else."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from builds import copied
from ngo_survey.cli import main
from ngo_survey.results import store
from ngo_survey.results.files import write_text
from ngo_survey.study import Study
from ngo_survey.workflow import lock_text
from ngo_survey.workflow.attribute import Attribution
from ngo_survey.workflow.causes import Cause, Record, record
from ngo_survey.workflow.diff_report import DiffReport
from ngo_survey.workflow.lock import Lock, Output, Value, take
from small_store import estimate, small_store

from conftest import copy_study, run

#: A spelling that NGOs used, with its code.
SPELLINGS = "data/raw/aliases/legal_forms.csv"
ALIAS, MISTYPED = "ЧУ,private_institution", "ЧУ,public_foundation"
STAGES = {
    "clean ngo": (),
    "weight ngo": ("clean ngo",),
    "tabulate ngo": ("clean ngo", "weight ngo"),
    "model": ("clean ngo", "weight ngo"),
    "trend": (),
}
CAUSES = (
    Cause("cleaning rule", "data/raw/aliases/regions.csv", "a1", ("clean ngo",)),
    Cause("weights", "populations.ngo.weighting.trim", "5", ("weight ngo",)),
    Cause("table spec", "tables.more.barriers", "t1", ("tabulate ngo",)),
    Cause("table spec", "tables.more.trust", "t2", ("tabulate ngo",)),
    Cause("table spec", "disclosure.threshold", "5", ("tabulate ngo",)),
    Cause("model", "models.declared.growth", "m1", ("model",)),
    Cause("code", "tabulate", "c1", ("tabulate ngo",)),
    Cause("dependency", "scipy", "1.16", ("weight ngo", "tabulate ngo", "model")),
)
RELEASED = "data/processed/released/"
FIGURES = {
    "barriers/law@total": ("estimates/barriers.csv", "tabulate ngo"),
    "trust/akimat@total": ("estimates/trust_by_region.csv", "tabulate ngo"),
    "model/growth/effect/rural": ("effects/growth.csv", "model"),
    "series/registered/2026": ("series/registered.csv", "trend"),
}


def lock(
    causes: dict[str, str] | None = None, stirred: str = "", moved: tuple[str, ...] = ()
) -> Lock:
    """Return a lock in which some causes, products and figures are not as in the first."""
    made = tuple(replace(c, print=(causes or {}).get(c.name, c.print)) for c in CAUSES)
    outputs = {
        f"data/processed/ngo/{name}.csv": Output("x" * (name in stirred) or "0", None, stage)
        for name, stage in (("clean", "clean ngo"), ("weights", "weight ngo"))
    }
    values = {}
    for key, (file, stage) in FIGURES.items():
        outputs[f"{RELEASED}{file}"] = Output("1" if key in moved else "0", None, stage)
        values[key] = Value(0.5 if key in moved else 0.4, 0.02, file)
    return Lock(outputs, values, Record(made, STAGES))


def causes_of(key: str, after: Lock) -> list[str]:
    return [change.name for change in Attribution(lock(), after).of(key)]


TRUST, BARRIERS, MODEL, SERIES = (
    *("trust/akimat@total", "barriers/law@total"),
    *("model/growth/effect/rural", "series/registered/2026"),
)


def test_a_cleaning_rule_reaches_tables_and_models_through_what_was_cleaned() -> None:
    after = lock({"data/raw/aliases/regions.csv": "a2"}, stirred="clean weights", moved=(TRUST,))
    assert causes_of(TRUST, after) == ["data/raw/aliases/regions.csv"]
    assert causes_of(MODEL, after) == ["data/raw/aliases/regions.csv"]
    assert causes_of(SERIES, after) == []


def test_a_rule_that_cleans_as_before_is_no_cause() -> None:
    after = lock({"data/raw/aliases/regions.csv": "a2", "tabulate": "c2"}, moved=(TRUST,))
    assert causes_of(TRUST, after) == ["tabulate"]


def test_a_bound_of_the_weights_reaches_what_is_weighted() -> None:
    after = lock({"populations.ngo.weighting.trim": "4"}, stirred="weights", moved=(TRUST,))
    assert causes_of(TRUST, after) == ["populations.ngo.weighting.trim"]
    assert "(5 -> 4)" in Attribution(lock(), after).of(TRUST)[0].text


def test_the_spec_of_a_table_is_the_cause_of_that_table_and_not_of_another() -> None:
    after = lock({"tables.more.barriers": "t3", "tables.more.trust": "t4"}, moved=(TRUST, BARRIERS))
    assert causes_of(BARRIERS, after) == ["tables.more.barriers"]
    assert causes_of(TRUST, after) == ["tables.more.trust"]


def test_a_table_that_hides_more_because_of_another_has_the_other_as_its_cause() -> None:
    after = lock({"tables.more.barriers": "t3"}, moved=(TRUST,))
    assert causes_of(TRUST, after) == ["tables.more.barriers"]


def test_a_dependency_reaches_the_stages_whose_code_uses_it() -> None:
    after = lock({"scipy": "1.17"}, stirred="weights", moved=(TRUST, MODEL))
    assert causes_of(MODEL, after) == ["scipy"]
    assert causes_of(SERIES, after) == []


def test_moved_figures_are_grouped_by_their_causes() -> None:
    after = lock({"models.declared.growth": "m2", "tabulate": "c2"}, moved=(TRUST, BARRIERS, MODEL))
    report = DiffReport.of("a", "b", lock(), after)
    assert [(g.title, len(g.moved)) for g in report.groups] == [("code", 2), ("model", 1)]
    text, page, review = report.text(), report.html(), report.markdown()
    for said in (text, page, review):
        for key in (TRUST, BARRIERS, MODEL, "models.declared.growth", "5.00"):
            assert key in said
    assert "2 moved by code" in text
    assert "| `barriers/law@total` | 0.4 | 0.5 | 0.1 | 5.00 |" in review


def test_the_page_is_whole_and_escapes_what_it_is_told() -> None:
    class Tags(HTMLParser):
        seen: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.seen.append(tag)

    after = lock({"tabulate": "<img src=x>"}, moved=(TRUST,))
    parser = Tags()
    parser.feed(DiffReport.of("<script>", "b", lock(), after).html())
    assert not {"script", "img", "link"} & set(parser.seen)
    assert parser.seen.count("table") == 1


def test_nothing_between_a_lock_and_itself() -> None:
    report = DiffReport.of("a", "a", lock(), lock())
    assert report.difference.is_none
    assert report.groups == () and report.changes == ()


def test_causes_read_back_are_those_that_were_written(study: Study) -> None:
    made = record(study)
    again = lock_text.parse(lock_text.write(Lock({}, {}, made)), "results.lock").made
    assert again.causes == made.causes
    assert again.stages == made.stages


def test_every_stage_has_its_code_and_the_packages_it_runs_on(study: Study) -> None:
    made = record(study)
    for stage in made.stages:
        kinds = {cause.kind for cause in made.causes if stage in cause.stages}
        assert {"code", "dependency"} <= kinds
    scipy = next(cause for cause in made.causes if cause.name == "scipy")
    assert "model" in scipy.stages and "workbook ru" not in scipy.stages


def test_a_label_is_no_cause_of_a_figure(study: Study) -> None:
    derive = study.raw["populations"]["ngo"]["derive"]
    renamed = {**derive, "rural": {**derive["rural"], "labels": {"en": "x", "ru": "x", "kk": "x"}}}
    populations = study.raw["populations"]
    raw = {**study.raw, "populations": {**populations, "ngo": {**populations["ngo"]}}}
    raw["populations"]["ngo"]["derive"] = renamed
    other = record(Study(study.root, study.file, raw))
    changed = {c.name for c in set(record(study).causes) ^ set(other.causes)}
    assert changed == {"config.yaml"}


def commit(folder: Path, words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(folder), *who, "commit", "-qm", words], check=True)


def rebuild(folder: Path) -> None:
    done = run(["snakemake", "--cores", "2"], folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert main(["verify", "--update", "--config", str(folder / "config.yaml")]) == 0


def write_lock(folder: Path) -> None:
    """Record what stands, also what no build made."""
    study = Study.load(folder / "config.yaml")
    write_text(lock_text.write(take(study)), study.paths.lock)


@pytest.mark.usefixtures("stages")
def test_a_changed_declaration_is_told_between_commits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a store of four tables, without a build of them."""
    folder = copy_study(tmp_path / "study")
    (folder / "results.lock").unlink()
    config = ["--config", str(folder / "config.yaml")]
    results = Study.load(folder / "config.yaml").paths.released
    small_store(results)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text("/data\n/reports\n")
    write_lock(folder)
    commit(folder, "Hide below five")
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    assert "threshold: 5" in text
    (folder / "config.yaml").write_text(
        text.replace("threshold: 5", "threshold: 6"), encoding="utf-8"
    )
    moved = [estimate("trust", "", 3.3, item="akimat", statistic="mean", se=0.03)]
    store.write(pd.DataFrame(moved), "estimates", results / "estimates" / "trust.csv")
    write_lock(folder)
    commit(folder, "Hide below six")
    capsys.readouterr()
    page = tmp_path / "diff.html"
    assert main(["diff", "HEAD~1", "HEAD", "--html", str(page), *config]) == 1
    said = capsys.readouterr().out
    assert "moved by table spec\n  table spec: disclosure.threshold" in said
    assert "trust/akimat" in page.read_text(encoding="utf-8")
    assert main(["diff", "HEAD", "HEAD", *config]) == 0


@pytest.mark.thorough
def test_a_mended_spelling_and_a_changed_bound_are_told_apart_between_commits(
    small_built: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(small_built.root, tmp_path / "study")
    (folder / ".gitignore").write_text("/data/processed\n/figures\n/reports\n/.snakemake\n")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    config = ["--config", str(folder / "config.yaml")]
    spellings = folder / SPELLINGS
    right = spellings.read_text(encoding="utf-8")
    assert ALIAS in right
    spellings.write_text(right.replace(ALIAS, MISTYPED), encoding="utf-8")
    rebuild(folder)
    commit(folder, "Mistype a legal form")
    spellings.write_text(right, encoding="utf-8")
    rebuild(folder)
    commit(folder, "Mend the legal form")
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    assert "high: 5" in text
    (folder / "config.yaml").write_text(text.replace("high: 5", "high: 2"), encoding="utf-8")
    rebuild(folder)
    commit(folder, "Trim harder")
    capsys.readouterr()
    page = tmp_path / "diff.html"
    assert main(["diff", "HEAD~2", "HEAD~1", "--html", str(page), *config]) == 1
    spelling = capsys.readouterr().out
    assert f"moved by cleaning rule\n  cleaning rule: {SPELLINGS}" in spelling
    assert "weights:" not in spelling
    assert SPELLINGS in page.read_text(encoding="utf-8")
    assert main(["diff", "HEAD~1", "HEAD", "--markdown", *config]) == 1
    bound = capsys.readouterr().out
    assert "moved by weights</summary>" in bound
    assert "cleaning rule" not in bound
    assert main(["diff", "HEAD~2", "HEAD", *config]) == 1
    both = capsys.readouterr().out
    assert "moved by cleaning rule and weights" in both
    assert main(["diff", "HEAD", str(folder), "--build", "--cores", "2", *config]) == 0
    assert main(["diff", "HEAD~9", *config]) == 1
    assert "no such commit, folder or lock" in capsys.readouterr().err
