"""What the documents show works: commands, examples of the configuration, links, names of files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import yaml_text
from config_keys import tables as keys_of_the_configuration
from ngo_survey.cli import VERBS
from ngo_survey.codebook import filters
from ngo_survey.codebook.functions import FUNCTIONS
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.name_check import check_names
from ngo_survey.study.study import RAW
from refusals import tables

from conftest import ROOT, run

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("data/raw/**/*.md")]
)
EXAMPLES = re.findall(
    r"```yaml\n(.*?)```", (ROOT / "docs" / "config.md").read_text(encoding="utf-8"), re.DOTALL
)


def merged(base: Any, over: Any) -> Any:
    """Lay an example over the shipped configuration, key by key."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merged(base.get(key), value) for key, value in over.items()}
    return over


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0])
@pytest.mark.usefixtures("stages")
def test_every_example_of_the_configuration_is_one(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RAW, str(ROOT / "data" / "raw"))
    shipped = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    shown = yaml_text.load(example)
    # The examples are labelled in English.
    shipped["study"]["languages"] = shipped["tables"]["languages"] = ["en"]
    for section, name in shown.items():
        if isinstance(name, str):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(yaml_text.dump(shipped[section]), encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(yaml_text.dump(merged(shipped, shown)), encoding="utf-8")
    check_names(Study.load(path))


def test_every_filter_of_the_documents_is_one(study: Study) -> None:
    said = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    table = said.partition("| written | is true where |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    shown = [f for cell in cells for f in re.findall(r"`([^`]+)`", cell)]
    whole = [f for f in shown if re.search(r"\w+ (=|!=|<=|>=|in|between) |\(\w+", f)]
    book = codebook(study, "ngo")
    assert len(whole) > 12
    assert all(filters.parse(f, book).variables for f in whole)


def keys(schema: Any) -> Iterator[str]:
    """Every key that a schema lets a user write."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


@pytest.mark.parametrize("name", [f.name for f in files("ngo_survey.study.schema").iterdir()])
def test_every_key_of_the_schema_is_documented(name: str) -> None:
    text = (files("ngo_survey.study.schema") / name).read_text(encoding="utf-8")
    said = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    absent = {key for key in keys(json.loads(text)) if not re.search(rf"\b{key}\b", said)}
    assert not absent


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_methods_name_files_that_exist() -> None:
    said = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+/\w+\.py)`", said))
    homes = (ROOT / "src" / "ngo_survey", ROOT)
    assert named
    assert [n for n in sorted(named) if not any((home / n).is_file() for home in homes)] == []


def test_the_commands_of_the_readme_exist() -> None:
    said = (ROOT / "README.md").read_text(encoding="utf-8")
    verbs = set(re.findall(r"ngo-survey (\w+)", said))
    targets = set(re.findall(r"^make ?(\w*)", said, re.MULTILINE)) - {""}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert verbs
    assert verbs <= {*VERBS, "new"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_what_the_readme_explains_is_explained(built: Study) -> None:
    said = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = re.findall(r"^ngo-survey explain (\S+)$", said, re.MULTILINE)
    assert asked
    for key in asked:
        done = run(["ngo-survey", "explain", key], built.root)
        assert done.returncode == 0, done.stderr
        assert key in done.stdout


def test_the_single_file_that_the_readme_asks_for_is_a_product(built: Study) -> None:
    said = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = re.findall(r"^snakemake --cores 1 (\S+)$", said, re.MULTILINE)
    assert asked
    assert all((built.root / path).is_file() for path in asked)


def test_every_dependency_is_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").casefold()
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    listed = {re.split(r"[<>=~\[]", entry)[0].casefold() for group in groups for entry in group}
    assert len(listed) > 15
    assert sorted(name for name in listed if name not in said) == []


def test_everything_that_is_refused_is_listed_in_the_words_that_are_printed() -> None:
    assert tables() in (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")


def test_every_key_of_the_configuration_is_listed_as_the_schema_says_it() -> None:
    said = (ROOT / "docs" / "config-keys.md").read_text(encoding="utf-8")
    assert said.partition("<!-- python tests/config_keys.py -->\n\n")[2] == (
        keys_of_the_configuration()
    )


def test_every_function_of_a_form_is_listed() -> None:
    said = (ROOT / "docs" / "cleaning.md").read_text(encoding="utf-8")
    listed = re.findall(r"^> (.*)$", said, re.MULTILINE)
    assert " ".join(listed).split(", ") == sorted({*FUNCTIONS, "once"})
