"""A verb reads no part of the configuration that its rule does not depend on."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ngo_survey.present.document.origin import CHAIN
from ngo_survey.study import Study
from ngo_survey.workflow.causes import EACH
from ngo_survey.workflow.obeyed import MAKERS, OBEYED, of_group, takes, without_words

from conftest import ROOT

#: Parts of a block that are files (inputs of the rules) or words for readers.
FILES = {"questionnaire", "responses", "sample", "register", "label"}

#: What a verb reads for its names alone, to refuse one that is taken: no figure moves.
NAMES = {"estimate": {"tables", "banners", "table_prefix"}}

#: The small study has no earlier wave.
VERBS = [*(v for v in OBEYED if v not in {"wave", "change"}), "draw", "workbook", "package"]


class Spy(dict[str, Any]):
    """A block of the configuration that remembers what was asked of it."""

    def __init__(self, block: dict[str, Any], asked: set[str]) -> None:
        super().__init__(block)
        self.asked = asked

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def earlier(verb: str) -> set[str]:
    """Return the verbs whose reruns rerun a verb."""
    found = set(takes(verb))
    return found.union(*(earlier(step) for step in found if step != verb))


def sections_of_rule(verb: str) -> set[str]:
    """Return the sections that the rule of a maker names in the Snakefile."""
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    rule = text[text.index(f"rule {verb}:") :].partition("shell:")[0]
    named = re.search(r"make\.sections\(([^)]*)\)", rule)
    return set(re.findall(r'"(\w+)"', named[1])) if named else set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "verb", [*(v for v in OBEYED if v not in {"wave", "change"}), "draw", "workbook", "package"]
)
def test_a_verb_asks_for_what_its_rule_depends_on_alone(
    verb: str, small_built: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(small_built.root, folder)
    raw = dict(small_built.raw)
    blocks: set[str] = set()
    raw["populations"] = {name: Spy(block, blocks) for name, block in raw["populations"].items()}
    study = Study(folder, folder / "config.yaml", raw)
    sections: set[str] = set()

    def section(self: Study, name: str) -> Any:
        sections.add(name)
        return self.raw.get(name, {})

    monkeypatch.setattr(Study, "section", section)
    call: dict[str, str] = {"population": "ngo"} if verb in EACH else {}
    if verb in {"draw", "workbook"}:
        call = {"language": "en"}
    import_module(f"ngo_survey.workflow.verbs.{verb}").run(study, **call)
    if verb in MAKERS:
        assert sections <= sections_of_rule(verb)
        return
    rules = [OBEYED[step] for step in {verb, *earlier(verb)}]
    known = {name for rule in rules for name in rule.sections}
    assert sections <= known | NAMES.get(verb, set())
    known = {name for rule in rules for name in rule.block}
    assert blocks - FILES <= known | NAMES.get(verb, set())


def test_every_verb_that_makes_results_says_what_it_obeys() -> None:
    assert set(OBEYED) == {*CHAIN, "wave"}


def test_what_concerns_another_group_or_readers_alone_is_left_out() -> None:
    tables = {
        "languages": ["en"],
        "totals": {"ngo": ["staff"], "government": ["orders"]},
        "more": [{"population": "ngo", "rows": "a"}, {"population": "government", "rows": "b"}],
    }
    assert of_group("tables", tables, "ngo") == {
        "totals": ["staff"],
        "more": [{"population": "ngo", "rows": "a"}],
    }
    assert without_words({"a": {"labels": {"en": "A"}, "from": [{"title": "x"}, 1]}}) == {
        "a": {"from": [{}, 1]}
    }
