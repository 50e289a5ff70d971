"""The run described for machines: a crate that the validator of RO-Crate accepts, offline."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from builds import copied
from ngo_survey import __version__
from ngo_survey.study import Study
from ngo_survey.workflow.code import package_hash
from ngo_survey.workflow.verbs import crate as stage

ROOT = Path(__file__).parent.parent
#: Terms of the two published contexts that are not of schema.org; all others are its own.
OTHER_TERMS = {
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "File": "http://schema.org/MediaObject",
    "sha256": "https://w3id.org/ro/terms/workflow-run#sha256",
}


@pytest.fixture(scope="module")
def written(small_built):
    return json.loads(small_built.paths.crate.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def entities(written):
    return {entity["@id"]: entity for entity in written["@graph"]}


def context(written):
    """The published contexts, as far as the crate uses their terms: no network is needed."""
    terms = set(re.findall(r'"(\w+)": ', json.dumps(written["@graph"])))
    types = [entity["@type"] for entity in written["@graph"]]
    terms |= {t for kind in types for t in ([kind] if isinstance(kind, str) else kind)}
    return {term: OTHER_TERMS.get(term, f"http://schema.org/{term}") for term in sorted(terms)}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib, within the validator
def test_the_validator_finds_no_fault_with_a_workflow_run_crate(
    small_built, written, monkeypatch, tmp_path
):
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    document = {"@context": context(written)}
    reply = SimpleNamespace(
        status_code=200,
        ok=True,
        headers={"Content-Type": "application/ld+json"},
        text=json.dumps(document),
        json=lambda: document,
        raise_for_status=lambda: None,
    )
    monkeypatch.setattr(HttpRequester, "get", lambda *_, **__: reply, raising=False)
    # The validator takes no path with spaces or letters beyond ASCII.
    crate = tmp_path / "crate"
    ignored = shutil.ignore_patterns(".snakemake", ".ngo-survey")
    shutil.copytree(small_built.root, crate, ignore=ignored)
    settings = services.ValidationSettings(
        rocrate_uri=str(crate),
        profile_identifier="workflow-run-crate-0.5",
        requirement_severity=models.Severity.REQUIRED,
        offline=True,
        cache_path=str(tmp_path / "cache"),
    )
    found = services.validate(settings)
    assert [f"{i.check.identifier}: {i.message}" for i in found.get_issues()] == []


def test_every_file_is_there_with_its_hash_and_no_answer_of_a_person_is_a_result(
    small_built, entities
):
    files = [e for e in entities.values() if "sha256" in e]
    assert len(files) > 20
    for file in files:
        content = (small_built.root / file["@id"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert file["contentSize"] == str(len(content))
    run = entities["#run"]
    assert {e["@id"] for e in run["result"]} >= {"reports/report.en.html", "reports/data/tests.csv"}
    assert all(e["@id"].startswith("reports/") for e in run["result"])
    assert {e["@id"] for e in run["object"]} >= {"config.yaml", "data/raw/responses/ngo.csv"}


def test_the_crate_is_the_same_bytes_again_and_tells_no_time_or_place(small_built, tmp_path):
    before = small_built.paths.crate.read_bytes()
    again = Study.load(copied(small_built.root, tmp_path / "elsewhere") / "config.yaml")
    again.paths.crate.unlink()
    stage.run(again)
    assert again.paths.crate.read_bytes() == before
    text = before.decode()
    assert str(small_built.root) not in text
    assert not re.search(r"startTime|endTime|dateCreated", text)


def test_the_software_is_told_with_its_version_and_source(entities):
    tool = entities["#ngo-survey"]
    assert tool["softwareVersion"] == __version__
    assert tool["identifier"] == f"code {package_hash()}"
    assert entities["https://pypi.org/project/pandas/"]["softwareVersion"]


def test_the_citation_file_cites_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert (cited["title"], str(cited["version"])) == ("ngo-survey", __version__)
    assert cited["license"] == "MIT"
    assert cited["authors"] and cited["message"]
