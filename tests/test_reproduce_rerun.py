"""A change reruns what it concerns and nothing else.

What a change concerns is planned in this process: the parameters of every run of a stage before
and after, and the runs that take what these write. Two dry runs show that Snakemake does the same.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ngo_survey
import yaml_text
from builds import Snakemake, copied
from ngo_survey.cli import main
from ngo_survey.study import Study
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import STAGES
from small_study import small_study, write_config
from test_study_config import parted

from conftest import run

#: A run of a stage, and what it has as parameters.
Runs = dict[tuple[str, str], tuple[object, ...]]


def parameters(make: Products) -> Runs:
    """Return the parameters of every run, as the rules have them."""
    return {
        (stage, of): tuple(
            of_stage(stage, of)(SimpleNamespace())
            for of_stage in (make.config, make.sources, make.code)
        )
        for stage in STAGES
        for of in make.runs(stage)
    }


def concerned(folder: Path, before: Runs) -> dict[str, int]:
    """Return the stages that run again, with the number of their runs."""
    make = Products(Study.load(folder / "config.yaml"))
    after = parameters(make)
    waiting = [each for each in after if after[each] != before.get(each)]
    writes = {each: set(make.outputs(*each)) for each in after}
    takes = {each: set(make.inputs(*each)) for each in after}
    found = set(waiting)
    while waiting:
        made = writes[waiting.pop()]
        new = {each for each in after if each not in found and takes[each] & made}
        found |= new
        waiting += new
    return dict(Counter(stage for stage, of in found if writes[stage, of]))


def rerun(folder: Path, environment: Mapping[str, str] | None = None) -> dict[str, int]:
    """Return the rules that a dry run of Snakemake would run again, with the number of jobs."""
    done = run(["snakemake", "--cores", "1", "--dry-run", "--quiet", "rules"], folder, environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    counted = re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE)
    return {rule: int(jobs) for rule, jobs in counted if rule not in {"all", "total"}}


def configure(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = yaml_text.load((folder / "config.yaml").read_text(encoding="utf-8"))
    change(config)
    write_config(folder, config)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


#: What every page is made of: results, whichever they are.
PAGES = {"draw": 1, "workbook": 2, "package": 1, "report": 1, "crate": 1}
#: The same where results differ.
RELEASED = {"round": 1, **PAGES}
#: What is made of the answers of NGOs alone, from their weights on.
OF_NGOS = {
    **{"tabulate": 1, "estimate": 1, "precision": 1, "compare": 1},
    **{"model": 1, "impute": 1, "validate": 1, "specify": 1, "areas": 1},
}
#: The same of government bodies, that no model is about.
OF_BODIES = {"tabulate": 1, "estimate": 1, "precision": 1, "compare": 1}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, stages: None) -> tuple[Path, Runs]:
    """The small study, not built, and the parameters of its runs."""
    folder = small_study(tmp_path_factory.mktemp("written") / "study")
    return folder, parameters(Products(Study.load(folder / "config.yaml")))


@pytest.fixture
def folder(written: tuple[Path, Runs], tmp_path: Path) -> Path:
    """The small study, to be changed."""
    return copied(written[0], tmp_path / "study")


@pytest.fixture
def planned(folder: Path, written: tuple[Path, Runs]) -> Callable[[], dict[str, int]]:
    """What a change of the small study concerns."""
    return partial(concerned, folder, written[1])


Planned = Callable[[], dict[str, int]]


def test_a_comment_or_another_layout_of_the_configuration_reruns_nothing(
    folder: Path, planned: Planned
) -> None:
    file = folder / "config.yaml"
    file.write_text("# Ours.\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert planned() == {}


def test_the_order_of_categories_in_the_configuration_reruns_what_shows_them(
    folder: Path, planned: Planned
) -> None:
    def turn(config: dict[str, Any]) -> None:
        labels = config["populations"]["ngo"]["derive"]["form_group"]["labels"]
        config["populations"]["ngo"]["derive"]["form_group"]["labels"] = dict(
            reversed(labels.items())
        )

    configure(folder, turn)
    assert planned() == PAGES


def test_the_spec_of_one_table_reruns_the_tables_of_its_group(
    folder: Path, planned: Planned
) -> None:
    configure(folder, lambda c: c["tables"]["more"][1].update(sort="descending"))
    assert planned() == {"tabulate": 1, "compare": 1, "areas": 1, **RELEASED}
    configure(folder, lambda c: c["tables"]["more"][1].pop("sort"))
    assert planned() == {}


def test_a_label_reruns_what_readers_see_and_no_statistic(folder: Path, planned: Planned) -> None:
    def rename(config: dict[str, Any]) -> None:
        config["populations"]["ngo"]["derive"]["form_group"]["labels"]["ru"] = "Форма"

    configure(folder, rename)
    assert planned() == PAGES


def test_a_cleaning_rule_reruns_its_group_from_cleaning_on(folder: Path, planned: Planned) -> None:
    configure(folder, lambda c: c["populations"]["ngo"]["cleaning"].update(minimum_minutes=5))
    assert planned() == {"clean": 1, "weight": 1, **OF_NGOS, **RELEASED}


def test_a_spelling_reruns_the_groups_whose_cleaning_reads_it(
    folder: Path, planned: Planned
) -> None:
    spellings = folder / "data" / "raw" / "aliases" / "legal_forms.csv"
    spellings.write_text(
        spellings.read_text(encoding="utf-8") + "фонд (общ.),public_foundation\n", encoding="utf-8"
    )
    assert planned() == {"clean": 1, "weight": 1, **OF_NGOS, **RELEASED}


def test_a_response_reruns_its_group_from_reading_on(folder: Path, planned: Planned) -> None:
    replace(folder / "data" / "raw" / "responses" / "ngo.csv", "village", "other_town")
    assert planned() == {"read": 1, "clean": 1, "weight": 1, **OF_NGOS, **RELEASED}


def test_a_bound_of_the_weights_reruns_from_weighting_on(folder: Path, planned: Planned) -> None:
    configure(folder, lambda c: c["populations"]["ngo"]["weighting"]["trim"].update(high=4))
    assert planned() == {"weight": 1, **OF_NGOS, **RELEASED}


def test_a_model_reruns_what_is_modelled(folder: Path, planned: Planned) -> None:
    configure(folder, lambda c: c["models"]["declared"]["growth"].update(terms=["rural"]))
    around = {"model": 1, "impute": 1, "validate": 1, "specify": 1, "precision": 2}
    # No table is made of a model.
    assert planned() == {**around, **RELEASED}


def test_a_figure_reruns_drawing_and_what_shows_it(folder: Path, planned: Planned) -> None:
    configure(folder, lambda c: c["figures"]["audience"].update(kind="items"))
    assert planned() == {"draw": 1, "report": 1, "crate": 1}


def test_words_of_the_official_data_rerun_pages(folder: Path, planned: Planned) -> None:
    words = folder / "data" / "raw" / "official" / "words.csv"
    words.write_text(words.read_text(encoding="utf-8") + "Ours,Наше,Біздің\n", encoding="utf-8")
    assert planned() == PAGES


def test_parameters_are_the_same_wherever_a_section_is_written(
    tmp_path: Path, study: Study
) -> None:
    file = parted(tmp_path, tables="config/tables.yaml", derive="derive.yaml")
    (tmp_path / "data").symlink_to(study.root / "data")
    before = parameters(Products(study))
    assert {run: made[0] for run, made in parameters(Products(Study.load(file))).items()} == {
        run: made[0] for run, made in before.items()
    }
    own = tmp_path / "config" / "tables.yaml"
    tables = yaml_text.load(own.read_text(encoding="utf-8"))
    own.write_text(yaml_text.dump(tables | {"omit": {"ngo": ["reach"]}}), encoding="utf-8")
    changed = parameters(Products(Study.load(file)))
    assert changed["tabulate", "ngo"][0] != before["tabulate", "ngo"][0]


# -- by Snakemake itself -------------------------------------------------------------------------


def code_copied(folder: Path) -> tuple[Path, dict[str, str]]:
    """Copy the program; return where it lies and the environment that uses it."""
    source = Path(ngo_survey.__file__).parent
    shutil.copytree(source, folder / "ngo_survey", ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "ngo_survey", {"PYTHONPATH": str(folder)}


def test_comments_docstrings_and_dates_rerun_nothing_and_words_their_pages(
    small_built: Study, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(small_built.root, folder, symlinks=True)
    source, there = code_copied(tmp_path / "src")
    for file in source.rglob("*.py"):
        file.write_text(f"{file.read_text(encoding='utf-8')}\n# Ours.\n", encoding="utf-8")
    replace(source / "errors.py", "A file that the study reads", "A  file that the study reads")
    replace(source / "present" / "words" / "ru" / "workbook.yaml", "\n", "\n# Ours.\n")
    ahead = time.time() + 86400
    for file in (folder / "data" / "raw").rglob("*.csv"):
        os.utime(file, (ahead, ahead))
    assert rerun(folder, there) == {}
    words = source / "present" / "words" / "ru" / "workbook.yaml"
    words.write_text(words.read_text(encoding="utf-8") + "ours: Наше\n", encoding="utf-8")
    assert rerun(folder, there) == {"workbook": 1, "package": 1, "crate": 1}


def test_a_raw_file_of_an_older_date_reruns_what_reads_it_and_is_not_recorded_before(
    small_built: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(small_built.root, folder, symlinks=True)
    update = ["verify", "--update", "--config", str(folder / "config.yaml")]
    assert main(update) == 0
    responses = folder / "data" / "raw" / "responses" / "government.csv"
    was = responses.read_text(encoding="utf-8")
    responses.write_text(was[: was.rstrip("\n").rfind("\n") + 1], encoding="utf-8")
    os.utime(responses, (946684800, 946684800))
    bodies = {**OF_BODIES, "tabulate_government": 1}
    del bodies["tabulate"]
    assert rerun(folder) == {"read": 1, "clean": 1, "weight": 1, **bodies, **RELEASED}
    capsys.readouterr()
    assert main(update) == 1
    said = capsys.readouterr().err
    assert "read government: raw files (data/raw/responses/government.csv)" in said
    assert "--forcerun read" in said
    responses.write_text(was, encoding="utf-8")
    assert main(update) == 0
    clean = folder / "data" / "processed" / "ngo" / "clean.csv"
    clean.write_text(clean.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert main(update) == 1
    assert "clean ngo: outputs (data/processed/ngo/clean.csv)" in capsys.readouterr().err


def test_a_raw_file_dated_in_the_future_does_not_stop_a_build(
    folder: Path, snakemake: Snakemake
) -> None:
    ahead = time.time() + 86400
    os.utime(folder / "data" / "raw" / "responses" / "government.csv", (ahead, ahead))
    made = "data/processed/government/responses.csv"
    done = snakemake(folder, "--cores", "1", made)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_a_raw_file_that_is_missing_is_named_before_anything_runs(
    folder: Path, snakemake: Snakemake
) -> None:
    (folder / "data" / "raw" / "register" / "ngo.csv").unlink()
    done = snakemake(folder, "--cores", "1")
    assert done.returncode != 0
    assert "data/raw/register/ngo.csv" in done.stdout + done.stderr
    assert not (folder / "data" / "processed").exists()
