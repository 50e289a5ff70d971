"""The data package: every released result with a description that a machine can hold it against."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastparquet import ParquetFile

from ngo_survey.errors import ConfigError, ResultError
from ngo_survey.results import store
from ngo_survey.results.package import description as describing
from ngo_survey.results.package.description import columns_of, describe, schema
from ngo_survey.results.package.files import LABELS, RELEASED, package_files
from ngo_survey.results.package.parquet import write_parquet
from ngo_survey.results.package.released import labels, refuse_formulas, released
from ngo_survey.results.rows import is_number
from ngo_survey.results.store import FAMILIES, Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.about import about
from ngo_survey.workflow.verbs import package
from small_store import estimate, small_store

from conftest import ROOT

PLANTED = '=HYPERLINK("https://example.org")'


def study_of(folder: Path, study: Study, data: str = "simulated") -> Study:
    """The study as it ships, in a folder of its own with a small store and a planted label."""
    shutil.copytree(ROOT / "data" / "raw" / "questionnaires", folder / "data/raw/questionnaires")
    small_store(folder / "data" / "processed" / "released")
    raw = json.loads(json.dumps(study.raw))
    raw["study"]["data"] = data
    raw["populations"]["ngo"]["derive"]["rural"]["labels"]["en"] = PLANTED
    return Study(folder, folder / "config.yaml", raw)


@pytest.fixture(scope="module")
def made(study: Study, tmp_path_factory: pytest.TempPathFactory, stages: None) -> Path:
    own = study_of(tmp_path_factory.mktemp("own"), study)
    package.run(own)
    return own.paths.package


@pytest.fixture(scope="module")
def description(made: Path) -> Mapping[str, Any]:
    return json.loads((made / "datapackage.json").read_text(encoding="utf-8"))


def test_the_files_are_those_that_are_announced(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == sorted(package_files())


def test_every_column_of_every_family_is_described() -> None:
    for family in RELEASED:
        for column in columns_of(family):
            assert len(describe(family, column)) >= 4
    assert set(RELEASED) == set(FAMILIES) - {"changes"}


def test_nothing_is_described_that_does_not_exist() -> None:
    said = describing._said()
    known = {c for family in (*RELEASED, LABELS) for c in columns_of(family)}
    assert set(said["columns"]) <= known
    assert set(said["constraints"]) <= known
    for family, own in said["families"].items():
        assert set(own.get("columns", {})) <= set(columns_of(family))


def test_a_column_that_nobody_described_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "flow", ("key", "surprise"))
    with pytest.raises(ConfigError, match="surprise"):
        schema("flow")


def test_the_description_follows_the_published_rules(description: Mapping[str, Any]) -> None:
    """Frictionless Data Package 1.0: what its profile asks of package, resource and schema.

    The whole profile is `frictionless validate reports/data/datapackage.json`; docs/data.md says
    how to run it.
    """
    assert description["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[-a-z0-9._/]+", description["name"])
    assert all(set(source) >= {"title"} for source in description["sources"])
    assert all(set(licence) & {"name", "path"} for licence in description["licenses"])
    names = [resource["name"] for resource in description["resources"]]
    assert len(names) == len(set(names)) > 10
    for resource in description["resources"]:
        assert resource["profile"] == "tabular-data-resource"
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
        assert not Path(resource["path"]).is_absolute() and ".." not in resource["path"]
        fields = resource["schema"]["fields"]
        columns = [field["name"] for field in fields]
        assert len(columns) == len(set(columns))
        for field in fields:
            assert field["type"] in {"string", "number"}
            assert field["description"]
            assert set(field.get("constraints", {})) <= {
                "required", "unique", "minimum", "maximum", "enum",
            }  # fmt: skip
        assert all(isinstance(value, str) for value in resource["schema"]["missingValues"])
        if "primaryKey" in resource["schema"]:
            assert resource["schema"]["primaryKey"] in columns


def test_each_file_is_what_its_description_says(made: Path, description: Mapping[str, Any]) -> None:
    for resource in description["resources"]:
        for file in (resource, resource.get("alternative", resource)):
            content = (made / file["path"]).read_bytes()
            assert file["bytes"] == len(content)
            assert file["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        with (made / resource["path"]).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        assert rows[0] == [field["name"] for field in resource["schema"]["fields"]]
        for place, field in enumerate(resource["schema"]["fields"]):
            cells = [row[place] for row in rows[1:]]
            given = [cell for cell in cells if cell != ""]
            rules = field.get("constraints", {})
            if field["type"] == "number":
                assert all(float(cell) >= rules.get("minimum", -1e300) for cell in given)
            if "enum" in rules:
                assert set(given) <= set(rules["enum"])
            if rules.get("required"):
                assert len(given) == len(cells)
            if rules.get("unique"):
                assert len(given) == len(set(given))


def test_the_package_holds_every_row_of_the_store(made: Path) -> None:
    results = Results.load(made.parent.parent / "data" / "processed" / "released")
    for family in RELEASED:
        held = pd.read_csv(made / f"{family}.csv", dtype=str, keep_default_na=False)
        assert list(held["key"]) == list(results.family(family)["key"])


def test_parquet_holds_what_the_csv_holds(made: Path) -> None:
    with (made / "estimates.parquet").open("rb") as stream:
        table = ParquetFile(stream).to_pandas()
    text = pd.read_csv(made / "estimates.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == list(text.columns)
    for column in table.columns:
        if is_number("estimates", column):
            numbers = pd.to_numeric(text[column].replace("", None)).astype(float)
            pd.testing.assert_series_equal(table[column], numbers, check_names=False)
        else:
            assert list(table[column]) == list(text[column])


def test_parquet_has_the_same_bytes_whenever_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"key": ["a", "б"], "estimate": [0.5, float("nan")]})
    write_parquet(frame, tmp_path / "one.parquet")
    monkeypatch.setenv("TZ", "Asia/Almaty")
    write_parquet(frame, tmp_path / "elsewhere" / "two.parquet")
    first = (tmp_path / "one.parquet").read_bytes()
    assert first == (tmp_path / "elsewhere" / "two.parquet").read_bytes()
    assert str(tmp_path).encode() not in first


def test_the_same_results_give_the_same_package(study: Study, made: Path, tmp_path: Path) -> None:
    again = study_of(tmp_path / "elsewhere", study)
    package.run(again)
    for name in package_files():
        assert (again.paths.package / name).read_bytes() == (made / name).read_bytes()


def test_a_word_of_the_study_stands_in_the_labels_alone(made: Path) -> None:
    holding = [p.name for p in made.iterdir() if b"HYPERLINK" in p.read_bytes()]
    assert holding == ["labels.csv"]
    rows = pd.read_csv(made / "labels.csv", dtype=str, keep_default_na=False)
    planted = rows[rows["label"] == PLANTED]
    assert list(planted["variable"]) == ["rural"]


def test_no_cell_of_the_estimates_starts_as_a_formula(made: Path) -> None:
    with (made / "estimates.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    text = [c for c in columns_of("estimates") if not is_number("estimates", c)]
    assert rows
    assert not [row[c] for row in rows for c in text if row[c].startswith(tuple("=+-@\t\r"))]


@pytest.mark.parametrize("name", ["=1+1", "+7", "-cmd", "@sum", "\tx"])
def test_a_name_that_begins_as_a_formula_is_not_packaged(tmp_path: Path, name: str) -> None:
    rows = pd.DataFrame([estimate("a", name, 0.5)])
    with pytest.raises(ResultError, match="begins as a formula"):
        refuse_formulas(rows, "estimates")
    refuse_formulas(pd.DataFrame([estimate("a", "-99", 0.5)]), "estimates")


def test_questions_answered_in_words_or_that_identify_have_no_label(study: Study) -> None:
    books = {name: codebook(study, name) for name in study.populations}
    table = labels(books)
    for name, book in books.items():
        said = set(table.loc[table["population"] == name, "variable"])
        secret = {q.name for q in book if q.disclosure != "open" or q.type == "text"}
        assert secret and said.isdisjoint(secret)
        assert {"region", "macro_region"} <= said


def test_every_name_of_the_estimates_can_be_read(study: Study) -> None:
    """A reader of the CSV finds each answer, item and level in the labels, in each language."""
    book = codebook(study, "ngo")
    table = labels({"ngo": book})
    known = {tuple(row) for row in table[["variable", "item", "choice", "language"]].to_numpy()}
    for code in ("en", "ru", "kk"):
        assert ("trust", "", "", code) in known
        assert ("trust", "akimat", "", code) in known
        assert ("trust", "", "5", code) in known
        assert ("services", "", "legal_aid", code) in known
        assert ("macro_region", "", "west", code) in known
    assert not table.duplicated(["population", "variable", "item", "choice", "language"]).any()
    assert (table["label"] != "").all()


def test_the_package_says_that_the_data_are_simulated(
    study: Study, made: Path, description: Mapping[str, Any], tmp_path: Path
) -> None:
    assert description["data"] == "simulated"
    assert description["description"].startswith("Simulated data: not findings.")
    assert set(pd.read_csv(made / "estimates.csv")["data"]) == {"simulated"}
    assert "data" not in pd.read_csv(made / "official.csv")
    collected = study_of(tmp_path / "collected", study, "collected")
    package.run(collected)
    text = (collected.paths.package / "datapackage.json").read_text(encoding="utf-8")
    assert "imulated data" not in text
    assert set(pd.read_csv(collected.paths.package / "flow.csv")["data"]) == {"collected"}


@pytest.mark.parametrize(
    ("field", "value", "rule"), [("status", "secret", "enum"), ("se", -0.1, "minimum")]
)
def test_a_value_outside_its_description_is_not_packaged(
    tmp_path: Path, field: str, value: object, rule: str
) -> None:
    row = estimate("a", "b", 0.5) | {field: value}
    store.write(pd.DataFrame([row]), "estimates", tmp_path / "estimates" / "a.csv")
    with pytest.raises(ResultError, match=rule):
        released(Results.load(tmp_path), "simulated")


def test_a_study_without_a_licence_claims_none(study: Study) -> None:
    raw = {**study.raw, "study": {k: v for k, v in study.raw["study"].items() if k != "licence"}}
    assert "licenses" not in about(replace(study, raw=raw))
