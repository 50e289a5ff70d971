"""Waves are named in the configuration alone; mistakes in them say where they are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import yaml_text
from ngo_survey.errors import ConfigError, Faults
from ngo_survey.study import Study
from ngo_survey.study.declared_changes import books_of, read_changes
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.products import Products

from conftest import ROOT

pytestmark = pytest.mark.usefixtures("stages")

NGO = {
    "responses": "data/raw/responses/ngo.csv",
    "sample": "data/raw/sample/ngo.csv",
    "register": "data/raw/register/ngo.csv",
    "samples": "overlapping",
    "unit": "organisation",
}
NAMED = {"en": "Barriers", "ru": "Барьеры", "kk": "Кедергілер"}
FIELDWORK = {"from": "2024-03-04", "to": "2024-04-26", "year": 2024}


def waves() -> dict[str, Any]:
    earlier = {"id": "2024", "fieldwork": FIELDWORK, "populations": {"ngo": dict(NGO)}}
    change = [{"population": "ngo", "question": "audience3", "by": ["form_group"]}]
    return {"earlier": [earlier], "change": change}


def load(folder: Path, section: dict[str, Any]) -> Study:
    config = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    path = folder / "config.yaml"
    path.write_text(yaml_text.dump(config | {"waves": section}), "utf-8")
    (folder / "data").symlink_to(ROOT / "data")
    return Study.load(path)


def test_the_shipped_study_has_one_wave_and_nothing_to_compare(study: Study) -> None:
    assert list(study.waves) == ["2026"]
    assert study.earlier_waves == []
    products = Products(study)
    assert (products.waves, products.outputs("change")) == ([], [])
    assert not [path for path in products.results() if "waves" in path.parts]


def test_an_earlier_wave_is_the_study_with_other_files_and_products(tmp_path: Path) -> None:
    section = waves()
    section["earlier"][0]["populations"]["ngo"] |= {
        "responses": "data/raw/responses/government.csv",
        "derive": {"age": {"value": 2024}},
    }
    study = load(tmp_path, section)
    then = study.wave("2024")
    assert then.population("ngo").responses.name == "government.csv"
    assert study.population("ngo").responses.name == "ngo.csv"
    rule = then.population("ngo").raw["derive"]["age"]
    assert (rule["value"], rule["of"]) == (2024, "year_registered")
    assert then.raw["study"]["fieldwork"]["year"] == 2024
    clean = then.paths.clean("ngo").relative_to(tmp_path.resolve())
    assert clean == Path("data/processed/waves/2024/ngo/clean.csv")
    assert then.population("government").raw == study.population("government").raw


def test_what_changes_has_files_of_its_own(tmp_path: Path) -> None:
    products = Products(load(tmp_path, waves()))
    names = [path.as_posix() for path in products.outputs("change")]
    stem = "data/processed/results"
    assert names == [f"{stem}/waves/audience3.csv", f"{stem}/change/audience3.csv"]
    assert set(products.outputs("change")) < set(products.results())


def test_all_means_every_table_that_a_wave_shares(tmp_path: Path) -> None:
    products = Products(load(tmp_path, waves() | {"change": "all"}))
    compared = {changed.analysis for changed in products.changed}
    assert {"audience3", "trust", "barriers", "funding"} <= compared
    # The wave has no government bodies.
    assert not any(name.startswith("gov_") for name in compared)


def ngo(section: dict[str, Any]) -> dict[str, Any]:
    return section["earlier"][0]["populations"]["ngo"]


Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("spoil", "where", "problem"),
    [
        (lambda w: ngo(w).pop("sample"), "waves.earlier.0.populations.ngo", "from a sample"),
        (lambda w: ngo(w).pop("register"), "waves.earlier.0.populations.ngo", "from a register"),
        (lambda w: ngo(w).pop("samples"), "waves.earlier.0.populations.ngo", "'samples'"),
        (lambda w: ngo(w).update(samples="same"), "ngo.samples", "overlapping"),
        (lambda w: ngo(w).update(derive={"age": {"vale": 1}}), "ngo.derive.age", "vale"),
        (lambda w: w["earlier"][0].update(id="2026"), "waves.earlier", "two waves have one id"),
        (
            lambda w: w["earlier"][0]["populations"].update(ngos=dict(NGO)),
            "waves.earlier.0.populations.ngos",
            "nearest: ngo|ngo",
        ),
        (lambda w: w["change"][0].update(question="audience4"), "change.0.question", "audience3"),
        (lambda w: w["change"][0].update(by=["form_groups"]), "change.0.by", "form_group"),
        (
            lambda w: w["change"][0].update(population="government", question="factors", by=[]),
            "change.0.population",
            "no earlier wave has",
        ),
        (lambda w: w["change"].append(dict(w["change"][0])), "change.1", "compared twice"),
    ],
)
def test_mistakes_say_where_they_are(
    spoil: Spoil, where: str, problem: str, tmp_path: Path
) -> None:
    section = waves()
    spoil(section)
    with pytest.raises(ConfigError) as stop:
        check_names(load(tmp_path, section))
    said = str(stop.value)
    assert where in said
    assert any(part in said for part in problem.split("|"))


@pytest.mark.parametrize(("samples", "count"), [("overlapping", 1), ("independent", 0)])
def test_samples_of_replicate_weights_cannot_overlap(
    samples: str, count: int, tmp_path: Path
) -> None:
    section = waves()
    ngo(section)["samples"] = samples
    study = load(tmp_path, section)
    raw = copy.deepcopy(dict(study.raw))
    replicates = {"columns": "rep_*", "type": "BRR"}
    raw["populations"]["ngo"]["weighting"] = {"weights": "weight", "replicates": replicates}
    replicated = Study(study.root, study.file, raw)
    faults = Faults()
    read_changes(replicated, books_of(replicated), faults)
    found = [e for e in faults.errors if e.column == "waves.earlier.0.populations.ngo.samples"]
    assert len(found) == count
    assert all("strata and psu" in error.hint for error in found)


def test_an_unknown_wave_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2024"):
        load(tmp_path, waves()).wave("2020")


def test_a_slope_shows_what_is_compared_and_nothing_else(tmp_path: Path) -> None:
    study = load(tmp_path, waves())
    figure = {"kind": "slope", "analysis": "barriers", "title": NAMED}
    raw = {**study.raw, "figures": {"slope": figure}}
    with pytest.raises(ConfigError, match="audience3"):
        check_names(Study(study.root, study.file, raw, study.written))
