"""A release holds what may leave and nothing else, says so, and refuses what tells of somebody."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import plain_study
from ngo_survey.cli import main
from ngo_survey.study import Study

GROUP = "visitors"
#: What respondents of the planted study say of themselves, by question.
PLANTED = {
    "phone": "+7 701 555 12 34",
    "mail": "Aigerim.Planted@example.org",
    "remarks": "Please greet Mr Plantedname of our village",
}
#: Questions of the form that hold it: type, name, disclosure.
ASKED = [("phonenumber", "phone", ""), ("text", "mail", "identifier"), ("text", "remarks", "")]


def planted(folder: Path, **more: Any) -> Study:
    """Write a study of which every respondent gives a number, an address and words."""
    figures = {"wishes": {"kind": "bars", "analyses": [{"analysis": "wishes"}]}}
    figures["wishes"]["title"] = {"de": "Was fehlt"}  # type: ignore[assignment]
    study = plain_study.plain_study(folder, [GROUP], figures=figures, **more)
    form = folder / "data" / "raw" / "questionnaires" / f"{GROUP}.xlsx"
    book = openpyxl.load_workbook(form)
    for kind, name, disclosure in ASKED:
        book["survey"].append([kind, name, name.title(), "", "", "", disclosure, name.title()])
    book.save(form)
    (folder / "Snakefile").write_text('include: "all.smk"\n', encoding="utf-8")
    answers = pd.read_csv(study.population(GROUP).responses, dtype=str, keep_default_na=False)
    answers.assign(**PLANTED).to_csv(study.population(GROUP).responses, index=False)
    return Study.load(study.file)


def call(study: Study, *words: str) -> int:
    return main([words[0], "--config", str(study.file), *words[1:]])


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, build_by_verbs: Callable[[Study], None]
) -> Study:
    study = planted(tmp_path_factory.mktemp("made"))
    build_by_verbs(study)
    return study


@pytest.fixture
def park(made: Study, tmp_path: Path) -> Study:
    """A copy of the built study, to be changed."""
    shutil.copytree(made.root, tmp_path / "study", symlinks=True)
    return Study.load(tmp_path / "study" / "config.yaml")


@pytest.fixture(scope="module")
def folder(made: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("release")
    assert call(made, "release", str(place)) == 0
    return place


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_what_may_leave_is_there(made: Study, folder: Path) -> None:
    found = names(folder)
    assert {
        *("config.yaml", "results.lock", f"data/raw/questionnaires/{GROUP}.xlsx"),
        *("reports/report.de.html", "reports/report.de.pdf", "reports/tables.de.xlsx"),
        *("reports/data/datapackage.json", "reports/data/estimates.parquet"),
        *("figures/de/wishes.svg", "figures/de/wishes.csv"),
        *("data/processed/released/estimates/wishes.csv", "manifest.csv", "STATEMENT.md"),
    } <= found
    for name in found - {"manifest.csv", "STATEMENT.md"}:
        assert (folder / name).read_bytes() == (made.root / name).read_bytes()


def test_nothing_else_is(folder: Path) -> None:
    kinds = ("reports/", "figures/", "data/processed/released/", "data/raw/questionnaires/")
    others = {n for n in names(folder) if not n.startswith(kinds)}
    assert others == {"config.yaml", "results.lock", "manifest.csv", "STATEMENT.md"}
    assert "reports/verification.txt" not in names(folder)


def test_the_manifest_names_every_file_with_its_hash_stage_and_share_hidden(folder: Path) -> None:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert rows.keys() == names(folder) - {"manifest.csv", "STATEMENT.md"}
    for name, row in rows.items():
        content = (folder / name).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert int(row["size"]) == len(content)
    assert rows["figures/de/wishes.csv"]["made_by"] == "draw"
    assert rows["data/processed/released/estimates/wishes.csv"]["made_by"] == "round"
    assert rows["config.yaml"]["made_by"] == "configuration"
    wishes = pd.read_csv(folder / "data/processed/released/estimates/wishes.csv")
    hidden = (wishes["status"] == "suppressed").mean()
    told = float(rows["data/processed/released/estimates/wishes.csv"]["hidden"])
    assert told == pytest.approx(hidden)
    assert rows["reports/report.de.html"]["hidden"] == ""


def test_the_statement_says_what_was_collected_by_which_rules_and_what_stays(folder: Path) -> None:
    said = (folder / "STATEMENT.md").read_text(encoding="utf-8")
    for words in (
        *("The answers are simulated", "from 2026-03-01 to 2026-03-31", "| Visitors |"),
        *("fewer than 5 respondents", "fewer than 10 respondents", "multiple of at least 0.1"),
        "of what 2 average respondents change",
        *("What is not released", "docs/disclosure.md", "- visitors: 3 values"),
    ):
        assert words in said, words
    assert "Not searched" not in said


def test_a_release_has_the_same_bytes_anywhere(made: Study, folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "deeper" / "again"
    assert call(made, "release", str(again)) == 0
    assert names(again) == names(folder)
    for name in names(again):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def refused(study: Study, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    before = names(folder) if folder.is_dir() else set()
    assert call(study, "release", str(folder)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert (names(folder) if folder.is_dir() else set()) == before
    assert not folder.with_name(f".{folder.name}.partial").exists()
    return said


def test_a_folder_that_is_not_empty_is_refused(
    park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    assert "the folder is not empty" in refused(park, full, capsys)
    (tmp_path / "link").symlink_to(tmp_path / "study")
    assert "a release needs a folder" in refused(park, tmp_path / "link", capsys)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_products_that_were_not_made_from_what_stands_are_refused(
    park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(park.population(GROUP).responses, "yes,town", "yes,village")
    said = refused(park, tmp_path / "out", capsys)
    assert f"not made from what stands here: read {GROUP}: raw files" in said
    assert "run snakemake" in said


def test_results_that_the_lock_does_not_record_are_refused(
    park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    park.paths.lock.unlink()
    assert "there is no record of the results" in refused(park, tmp_path / "out", capsys)
    edit(park.file, "Der Park", "Der Garten")
    study = Study.load(park.file)
    for verb in ("draw", "workbook", "report", "package", "crate"):
        assert call(study, verb) == 0
    capsys.readouterr()
    shutil.copy(Path(__file__).parent.parent / "results.lock", park.paths.lock)
    assert "not those that the lock records" in refused(study, tmp_path / "out", capsys)


def test_collected_data_are_not_released_by_rules_that_nobody_stated(
    park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(park.file, "data: simulated", "data: collected")
    said = refused(Study.load(park.file), tmp_path / "out", capsys)
    assert "key disclosure: collected data are released by rules that the study" in said


def test_answers_that_are_not_here_cannot_be_searched_for(
    park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    from ngo_survey.workflow.verbs import release

    monkeypatch.setattr(release, "_refuse_stale", lambda study: None)
    park.population(GROUP).responses.unlink()
    assert "the answers are not here" in refused(park, tmp_path / "out", capsys)


@pytest.mark.parametrize("question", PLANTED)
def test_a_file_that_quotes_a_respondent_is_refused_without_repeating_it(
    question: str, park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    from ngo_survey.workflow.verbs import release

    monkeypatch.setattr(release, "_refuse_stale", lambda study: None)
    page = park.paths.report("de")
    page.write_text(page.read_text(encoding="utf-8") + PLANTED[question].upper(), encoding="utf-8")
    said = refused(park, tmp_path / "out", capsys)
    assert "reports/report.de.html: it holds 1 answer in a respondent's own words" in said
    assert PLANTED[question].lower() not in said.lower()


# -- beside a former release ----------------------------------------------------------------------


def changed(folder: Path, place: Path, before: str, after: str, listed: bool = True) -> Path:
    """A release whose tables of the place once told something else."""
    shutil.copytree(folder, place)
    table = place / "data/processed/released/estimates/place.csv"
    was = hashlib.sha256(table.read_bytes()).hexdigest()
    edit(table, before, after)
    if listed:
        now = hashlib.sha256(table.read_bytes()).hexdigest()
        edit(place / "manifest.csv", was, now)
    return place


def first_count(folder: Path) -> tuple[str, int, int]:
    rows = pd.read_csv(folder / "data/processed/released/estimates/place.csv")
    row = rows[rows["status"] == "shown"].iloc[0]
    return str(row["key"]), int(row["n"]), int(row["base"])


def test_the_same_figures_may_be_released_again(made: Study, folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert call(made, "release", str(again), "--after", str(folder)) == 0
    said = (again / "STATEMENT.md").read_text(encoding="utf-8")
    assert f"subtraction from each earlier release ({folder.name})" in said


def test_figures_that_tell_of_few_beside_a_former_release_are_refused(
    park: Study, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, n, base = first_count(folder)
    then = changed(
        folder, tmp_path / "then", f"proportion,{n},{base}", f"proportion,{n - 2},{base}"
    )
    assert call(park, "release", str(tmp_path / "out"), "--after", str(then)) == 1
    said = capsys.readouterr().err
    assert "fewer than 5 respondents" in said
    assert key in said
    assert "name its folder under disclosure.after and build again" in said
    assert not (tmp_path / "out").exists()


def test_a_former_release_that_was_changed_is_refused(
    park: Study, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, n, base = first_count(folder)
    told = f"proportion,{n},{base}"
    then = changed(folder, tmp_path / "then", told, f"proportion,{n - 9},{base}", listed=False)
    assert call(park, "release", str(tmp_path / "out"), "--after", str(then)) == 1
    assert "place.csv: this file is not the one that was released" in capsys.readouterr().err
    assert call(park, "release", str(tmp_path / "out"), "--after", str(tmp_path)) == 1
    assert "there is no release in this folder" in capsys.readouterr().err


@pytest.mark.thorough
def test_a_study_that_names_its_former_release_hides_what_the_two_would_tell(
    park: Study,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    build_by_verbs: Callable[[Study], None],
) -> None:
    file = park.population(GROUP).responses
    answers = pd.read_csv(file, dtype=str, keep_default_na=False)
    answers.iloc[30:].to_csv(file, index=False)
    shutil.copytree(folder, park.root / "data/raw/former")
    with park.file.open("a", encoding="utf-8") as config:
        config.write("disclosure: {after: data/raw/former}\n")
    study = Study.load(park.file)
    build_by_verbs(study)
    assert call(study, "release", str(tmp_path / "out")) == 0, capsys.readouterr().err
    rows = pd.read_csv(tmp_path / "out" / "data/processed/released/estimates/place.csv")
    assert (rows["status"] == "shown").any()
    # A third one is held against both that are out: the one it names, and the one before.
    out = tmp_path / "out"
    assert call(study, "release", str(tmp_path / "third"), "--after", str(out)) == 0
    said = (tmp_path / "third" / "STATEMENT.md").read_text(encoding="utf-8")
    assert "each earlier release (former, out)" in said
    key, n, base = first_count(out)
    row = f"proportion,{n},{base}"
    first = changed(out, tmp_path / "first", row, f"proportion,{n - 2},{base}")
    assert call(study, "release", str(tmp_path / "fourth"), "--after", str(first)) == 1
    assert key in capsys.readouterr().err
