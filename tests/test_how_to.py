"""Every recipe of docs/how-to.md, followed as it stands, ends in a study that can run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from snakemake.utils import update_config

import yaml_text
from ngo_survey.cli import main
from ngo_survey.present.document.chapters import GENERIC
from ngo_survey.study import Study

from conftest import ROOT

TEXT = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
RECIPES = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.M)[1:]}
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, stages: None) -> Path:
    folder = tmp_path_factory.mktemp("example") / "readers"
    assert main(["new", str(folder), "--example"]) == 0
    return folder


def follow(heading: str, study: Path) -> None:
    """Do in a copy of the example, which is the working folder, what a recipe says."""
    shutil.copytree(study, ".", dirs_exist_ok=True)
    for language, file, text in BLOCK.findall(RECIPES[heading]):
        if language == "sh":
            for line in text.splitlines():
                assert main(shlex.split(line)[1:]) == 0
        elif file == "config.yaml":
            config = yaml_text.load(Path(file).read_text(encoding="utf-8"))
            update_config(config, yaml_text.load(text))
            Path(file).write_text(yaml_text.dump(config), encoding="utf-8")
        else:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_ends_in_a_study_that_can_run(
    heading: str,
    example: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(heading, example)
    code = main(["check"])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "the study can run" in said.out


def test_the_chapter_that_is_had_back_is_that_of_the_program() -> None:
    text = next(t for _, f, t in BLOCK.findall(TEXT) if f == "chapters/en/30_results.md")
    own = (GENERIC / "report" / "02_results.md").read_text(encoding="utf-8")
    assert own.startswith(text.rstrip())


def test_the_documentation_names_every_chapter_of_the_plain_report() -> None:
    named = (ROOT / "docs" / "chapters.md").read_text(encoding="utf-8")
    for file in (GENERIC / "report").glob("*.md"):
        assert f"| `report/{file.name}` |" in named


#: Recipes whose study is another, or says something else.
REPORTED = [
    h for h, recipe in RECIPES.items() if re.search(r"^```\w+ (config|chapters)", recipe, re.M)
]


@pytest.mark.thorough
@pytest.mark.parametrize("heading", REPORTED)
def test_a_recipe_ends_in_a_report(
    heading: str,
    example: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build_plain: Callable[[Study], None],
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(heading, example)
    study = Study.load("config.yaml", {"report": {"formats": ["html"]}})
    build_plain(study)
    assert study.paths.report("en").is_file()
