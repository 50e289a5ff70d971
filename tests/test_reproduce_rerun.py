"""A change reruns the rules it concerns and no others, by Snakemake's own dry run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import ngo_survey
from builds import copied
from ngo_survey.study import Study
from ngo_survey.workflow.products import Products
from small_study import write_config
from test_study_config import parted

from conftest import run


def test_parameters_of_rules_are_the_same_wherever_a_section_is_written(
    tmp_path: Path, study: Study
) -> None:
    file = parted(tmp_path, tables="config/tables.yaml", derive="derive.yaml")
    one, other = Products(Study.load(file)), Products(study)
    assert one.obeys("tabulate", "ngo") == other.obeys("tabulate", "ngo")
    assert one.whole() == other.whole()
    own = tmp_path / "config" / "tables.yaml"
    tables = yaml.safe_load(own.read_text(encoding="utf-8"))
    own.write_text(yaml.safe_dump(tables | {"omit": {"ngo": ["reach"]}}), encoding="utf-8")
    changed = Products(Study.load(file))
    assert changed.obeys("tabulate", "ngo") != other.obeys("tabulate", "ngo")
    assert changed.obeys("tabulate", "government") == other.obeys("tabulate", "government")


def rerun(folder: Path, environment: Mapping[str, str] | None = None) -> dict[str, int]:
    """Rules that a dry run would run again, with the number of their jobs."""
    done = run(["snakemake", "--cores", "1", "--dry-run"], folder, environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    counted = re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE)
    return {rule: int(jobs) for rule, jobs in counted if rule not in {"all", "total"}}


@pytest.fixture
def folder(small_built: Study, tmp_path: Path) -> Path:
    """A copy of the small study, up to date."""
    return copied(small_built.root, tmp_path / "study")


def configure(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    change(config)
    write_config(folder, config)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


#: What every page is made of: results, whichever they are.
PAGES = {"draw": 1, "workbook": 2, "package": 1, "report": 1, "crate": 1}
#: What is made of the answers of NGOs alone, from their weights on.
OF_NGOS = {
    **{"tabulate_ngo": 1, "estimate": 1, "precision": 1, "compare": 1},
    **{"model": 1, "impute": 1, "validate": 1, "specify": 1},
}


def test_nothing_reruns_when_nothing_changed(folder: Path) -> None:
    assert rerun(folder) == {}


def test_a_comment_or_another_layout_of_the_configuration_reruns_nothing(folder: Path) -> None:
    file = folder / "config.yaml"
    file.write_text("# Ours.\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert rerun(folder) == {}


def test_the_spec_of_one_table_reruns_the_tables_of_its_group(folder: Path) -> None:
    configure(folder, lambda c: c["tables"]["more"][1].update(sort="descending"))
    assert rerun(folder) == {"tabulate_ngo": 1, "compare": 1, **PAGES}
    configure(folder, lambda c: c["tables"]["more"][1].pop("sort"))
    assert rerun(folder) == {}
    configure(folder, lambda c: c["tables"]["more"][2].update(sort="descending"))
    assert rerun(folder) == {"tabulate_government": 1, "compare": 1, **PAGES}


def test_a_label_reruns_what_readers_see_and_no_statistic(folder: Path) -> None:
    def rename(config: dict[str, Any]) -> None:
        config["populations"]["ngo"]["derive"]["form_group"]["labels"]["ru"] = "Форма"

    configure(folder, rename)
    assert rerun(folder) == PAGES


def test_a_cleaning_rule_reruns_its_group_from_cleaning_on(folder: Path) -> None:
    configure(folder, lambda c: c["populations"]["ngo"]["cleaning"].update(minimum_minutes=5))
    assert rerun(folder) == {"clean": 1, "weight": 1, **OF_NGOS, **PAGES}


def test_a_spelling_reruns_the_groups_whose_cleaning_reads_it(folder: Path) -> None:
    spellings = folder / "data" / "raw" / "aliases" / "legal_forms.csv"
    spellings.write_text(
        spellings.read_text(encoding="utf-8") + "фонд (общ.),public_foundation\n", encoding="utf-8"
    )
    assert rerun(folder) == {"clean": 1, "weight": 1, **OF_NGOS, **PAGES}


def test_a_response_reruns_its_group_from_reading_on(folder: Path) -> None:
    replace(folder / "data" / "raw" / "responses" / "ngo.csv", "village", "other_town")
    assert rerun(folder) == {"read": 1, "clean": 1, "weight": 1, **OF_NGOS, **PAGES}


def test_a_bound_of_the_weights_reruns_from_weighting_on(folder: Path) -> None:
    configure(folder, lambda c: c["populations"]["ngo"]["weighting"]["trim"].update(high=4))
    assert rerun(folder) == {"weight": 1, **OF_NGOS, **PAGES}


def test_a_model_reruns_what_is_modelled(folder: Path) -> None:
    configure(folder, lambda c: c["models"]["declared"]["growth"].update(terms=["rural"]))
    around = {"model": 1, "impute": 1, "validate": 1, "specify": 1, "precision": 2}
    # No table is made of a model.
    assert rerun(folder) == {**around, "draw": 1, "package": 1, "report": 1, "crate": 1}


def test_a_word_of_a_language_reruns_the_pages_in_it(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "src"
    shutil.copytree(Path(ngo_survey.__file__).parent, source / "ngo_survey")
    there = {"PYTHONPATH": str(source)}
    # Pages that tell the tree of the code see that this copy is in no repository.
    before = rerun(folder, there)
    assert before.keys() <= {"report", "crate"}
    words = source / "ngo_survey" / "workbook" / "words" / "ru.yaml"
    words.write_text(words.read_text(encoding="utf-8") + "# Ours.\n", encoding="utf-8")
    assert rerun(folder, there) == {"workbook": 1, "report": 1, "crate": 1}
    words = source / "ngo_survey" / "figures" / "words" / "en.yaml"
    words.write_text(words.read_text(encoding="utf-8") + "# Ours.\n", encoding="utf-8")
    pages = {"workbook": 1, "draw": 1, "report": 1, "crate": 1}
    assert rerun(folder, there) == {**before, **pages}


@pytest.mark.thorough
def test_sections_in_files_of_their_own_rerun_nothing_and_then_their_rules_alone(
    built: Study, tmp_path: Path
) -> None:
    folder = copied(built.root, tmp_path / "study")
    assert rerun(folder) == {}
    parts = {"tables": "config/tables.yaml", "figures": "config/figures.yaml"}
    assert parted(folder, **parts) == folder / "config.yaml"
    assert rerun(folder) == {}
    replace(folder / parts["figures"], "kind: ranking", "kind: items")
    assert set(rerun(folder)) == {"draw", "report", "crate"}
