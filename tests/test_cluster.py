"""A build on a cluster gives the results of a build on one machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

import builds
import yaml_text
from ngo_survey.study import Study
from ngo_survey.workflow import SNAKEFILE
from ngo_survey.workflow.code import SOURCE
from ngo_survey.workflow.needs import MEMORY, Needs
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import STAGES
from small_study import small_study

from conftest import ROOT

SCRIPT = ROOT / "tests" / "slurm_node.sh"
CONFIG = Path("/etc/slurm/slurm.conf")
RULES = Path(SNAKEFILE).parent
PROFILE = ROOT / "profiles" / "slurm" / "config.yaml"


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A SLURM of two nodes on this machine; yields its folder."""
    lacking = [tool for tool in ("slurmctld", "slurmd", "munged") if shutil.which(tool) is None]
    if lacking or os.geteuid() != 0:
        pytest.skip(f"a SLURM needs root and {', '.join(lacking) or 'nothing else'} (slurm-wlm)")
    if find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("the executor is not installed: pip install ngo-survey[cluster]")
    if CONFIG.exists():
        pytest.skip(f"{CONFIG} is there already: this machine has a SLURM of its own")
    folder = tmp_path_factory.mktemp("slurm") / "node"
    subprocess.run([SCRIPT, "start", folder], check=True, capture_output=True, text=True)
    yield folder
    subprocess.run([SCRIPT, "stop", folder], check=True, capture_output=True, text=True)


def test_the_profile_names_only_what_the_executor_knows() -> None:
    declared = yaml_text.load(PROFILE.read_text(encoding="utf-8"))
    assert declared["executor"] == "slurm"
    assert any(entry.startswith("mem_mb=") for entry in declared["default-resources"])


@pytest.mark.parametrize("stage", sorted(set(MEMORY) - {"wave"}))
def test_a_stage_asks_for_more_of_more_respondents_and_after_a_failure(stage: str) -> None:
    needs, run = Needs(Products.load(ROOT / "config.yaml")), SimpleNamespace(population="ngo")
    for need in (needs.memory(stage), needs.minutes(stage)):
        small, large = (need(run, SimpleNamespace(size_mb=size), 1) for size in (1.0, 100.0))
        assert 0 < small < large
        assert need(run, SimpleNamespace(size_mb=100.0), 2) == pytest.approx(2 * large, abs=1)


def test_reading_an_export_asks_for_memory_by_the_size_of_the_export(tmp_path: Path) -> None:
    study, nothing = small_study(tmp_path / "study"), SimpleNamespace(size_mb=0.0)
    export = study / "data" / "raw" / "responses" / "ngo.csv"
    need = Needs(Products.load(study / "config.yaml")).memory("read")
    asked = [need(SimpleNamespace(population="ngo"), nothing, 1)]
    export.write_bytes(export.read_bytes() * 20)
    asked.append(need(SimpleNamespace(population="ngo"), nothing, 1))
    assert asked[0] < asked[1]


def test_every_stage_that_reads_respondents_says_what_it_needs() -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*.smk"))
    assert set(re.findall(r'needs\.memory\("(\w+)"', rules)) == set(MEMORY)
    respondents = {"responses", "clean", "weights"}
    reads = {name for name, stage in STAGES.items() if respondents & {*stage.takes, *stage.raw}}
    assert reads <= set(MEMORY)


@pytest.mark.thorough
def test_a_build_on_two_nodes_has_the_bytes_of_one_machine(
    slurm: Path, small_built: Study, tmp_path: Path
) -> None:
    study = small_study(tmp_path / "study")
    builds.run(
        ["snakemake", "--profile", "profiles/slurm", "--default-resources",
         "slurm_partition=main", "mem_mb=1500", "runtime=30"],
        study,
        {"PYTHONPATH": str(SOURCE.parent)},
    )  # fmt: skip
    assert len(set(nodes(slurm))) == 2
    there = {path.relative_to(study): path.read_bytes() for path in released(study)}
    here = {
        path.relative_to(small_built.root): path.read_bytes() for path in released(small_built.root)
    }
    assert there == here


def released(root: Path) -> list[Path]:
    """Return every product that may leave."""
    folders = (root / "data" / "processed" / "released", root / "reports", root / "figures")
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def nodes(folder: Path) -> list[str]:
    """Return the node of each job that ran, from the controller's log."""
    log = (folder / "log" / "slurmctld.log").read_text(encoding="utf-8")
    return [
        line.rpartition("NodeList=")[2].split()[0]
        for line in log.splitlines()
        if "NodeList=" in line
    ]
