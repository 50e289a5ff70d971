"""A change in a file of its own reruns what its section concerns, and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from ngo_survey.reproduce.products import Products
from ngo_survey.study import Study
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


def rerun(folder: Path) -> set[str]:
    """Names of the rules that a dry run would run again."""
    done = run(["snakemake", "--cores", "1", "--dry-run"], folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    counted = re.findall(r"^(\w+) +\d+$", done.stdout + done.stderr, re.MULTILINE)
    return set(counted) - {"all", "total"}


@pytest.mark.slow
def test_a_change_in_an_own_file_reruns_its_rules_alone(built: Study, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(built.root, folder, symlinks=True)
    assert rerun(folder) == set()
    parts = {"tables": "config/tables.yaml", "figures": "config/figures.yaml"}
    moved = parted(folder, **parts)
    assert moved == folder / "config.yaml"
    assert rerun(folder) == set()
    own = folder / parts["tables"]
    text = own.read_text(encoding="utf-8")
    tables = yaml.safe_load(text)
    own.write_text(yaml.safe_dump(tables | {"totals": {}}), encoding="utf-8")
    after = rerun(folder)
    assert {"tabulate_ngo", "tabulate_government", "draw", "report"} <= after
    assert after.isdisjoint({"read", "clean", "weight", "estimate", "model", "trend"})
    own.write_text(text, encoding="utf-8")
    figures = folder / parts["figures"]
    drawn = figures.read_text(encoding="utf-8")
    figures.write_text(drawn.replace("kind: ranking", "kind: items"), encoding="utf-8")
    assert rerun(folder) == {"draw", "report"}
