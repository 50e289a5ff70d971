"""The table of stages says what each stage reads, takes and writes, and is right."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from builds import Snakemake, copied
from ngo_survey.study import Study
from ngo_survey.workflow.config_parts import of_group, without_words
from ngo_survey.workflow.lock import products
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import EVERYTHING, STAGES, before, chain, table, writer
from small_study import small_study

from conftest import ROOT

#: Parts of a block that are files (inputs of the rules) or words for readers.
FILES = {"questionnaire", "responses", "sample", "register", "label"}

#: What a verb reads for its names alone, to refuse one that is taken, or to know whose words are
#: needed (`kept` in the table of stages): nothing else of it moves a figure.
NAMES = {"estimate": {"tables", "banners"}, "read": {"cleaning", "derive"}}

#: The small study has no earlier wave, and the report names all of the configuration.
VERBS = [name for name in STAGES if name not in {"wave", "change", "report"}]


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


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_asks_for_what_its_rule_depends_on_alone(
    verb: str, small_built: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_built.root, tmp_path / "study")
    raw = dict(small_built.raw)
    blocks: set[str] = set()
    raw["populations"] = {name: Spy(block, blocks) for name, block in raw["populations"].items()}
    study = Study(folder, folder / "config.yaml", raw)
    sections: set[str] = set()

    def section(self: Study, name: str) -> Any:
        sections.add(name)
        return self.raw.get(name, {})

    monkeypatch.setattr(Study, "section", section)
    of = {"population": "ngo", "language": "en"}.get(STAGES[verb].of)
    import_module(STAGES[verb].function).run(study, **({STAGES[verb].of: of} if of else {}))
    if STAGES[verb].page:
        assert sections <= set(STAGES[verb].sections)
        return
    lines = [STAGES[step] for step in chain(verb)]
    known = {name.partition(".")[0] for line in lines for name in line.sections}
    assert sections <= known | NAMES.get(verb, set())
    known = {name for line in lines for name in line.block}
    assert blocks - FILES <= known | NAMES.get(verb, set())


def test_a_build_leaves_the_files_of_the_table_and_no_others(small_built: Study) -> None:
    make = Products(small_built)
    declared = {
        path for stage in STAGES for of in make.runs(stage) for path in make.outputs(stage, of)
    }
    standing = {path.relative_to(small_built.root) for path in products(small_built)}
    assert standing == declared - {make.paths.crate}


def test_the_chain_of_a_stage_follows_the_files_it_takes() -> None:
    assert chain("compare") == ("read", "clean", "weight", "tabulate", "compare")
    assert chain("specify") == ("read", "clean", "weight", "impute", "specify")
    assert chain("trend") == ("trend",)
    assert before("weight") == ("clean",)
    assert before("workbook") == ("round",)
    assert chain("crate") == tuple(STAGES)
    assert STAGES["report"].sections == EVERYTHING


def test_the_table_in_the_documentation_is_that_of_the_code() -> None:
    assert table() in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


OWN = """
rule own:
    input:
        "reports/report.en.html",
    output:
        "reports/own.txt",
    shell:
        "wc -c {input} > {output}"
"""
MODULE = """
from ngo_survey.workflow import SNAKEFILE
module survey:
    snakefile: SNAKEFILE
    config: config
use rule * from survey
"""


@pytest.mark.parametrize("rules", [(ROOT / "Snakefile").read_text(encoding="utf-8"), MODULE])
def test_a_study_anywhere_takes_the_rules_and_adds_its_own(
    rules: str, tmp_path: Path, snakemake: Snakemake
) -> None:
    folder = small_study(tmp_path / "studies" / "ours")
    (folder / "Snakefile").write_text(rules + OWN, encoding="utf-8")
    done = snakemake(folder, "reports/own.txt", "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, done.stderr[-2000:]
    counted = set(re.findall(r"^(\w+) +\d+$", done.stdout + done.stderr, re.MULTILINE))
    assert {"own", "report", "draw", "tabulate_ngo", "read"} <= counted


@pytest.mark.parametrize(
    ("file", "stage"),
    [
        ("estimates/legal_form.csv", "tabulate"),
        ("estimates/indicators_ngo.csv", "estimate"),
        ("rates/ngo.csv", "weight"),
        ("rates/coders_ngo.csv", "clean"),
        ("tests/rank_correlations.csv", "compare"),
        ("diagnostics/families_growth.csv", "validate"),
    ],
)
def test_a_result_is_known_by_its_file(file: str, stage: str) -> None:
    assert writer(file) == stage


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
