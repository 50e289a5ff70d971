"""What is taken from an earlier run is what would be made now, and only that is made again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from builds import copied
from ngo_survey.disclosure import tabulate as disclosure
from ngo_survey.disclosure.tabulate import Released, Tables, make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.present.figures.drawing import Drawer, Drawing
from ngo_survey.study import Study
from ngo_survey.workflow import reuse
from ngo_survey.workflow.verbs import compare, draw, tabulate
from small_store import small_store
from small_study import declared, write_config
from small_tables import book, plain_design, question, spec
from suites import examples, sample

from conftest import ROOT

TITLE = {"en": "A title", "ru": "Название", "kk": "Атауы"}
FIGURES = {
    "both": {
        "kind": "gap",
        "table": "barriers",
        "leave_out": ["none", "infrastructure"],
        "title": TITLE,
    },
    "one": {"kind": "bars", "analyses": [{"analysis": "barriers"}], "title": TITLE},
    "other": {"kind": "bars", "analyses": [{"analysis": "gov_barriers"}], "title": TITLE},
}
Edit = Callable[[Path, dict[str, Any]], None]


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory: pytest.TempPathFactory, stages: None) -> Path:
    """A study of three figures with results of its own, its figures drawn."""
    folder = tmp_path_factory.mktemp("drawn") / "study"
    shutil.copytree(ROOT / "data" / "raw" / "questionnaires", folder / "data/raw/questionnaires")
    write_config(folder, declared() | {"figures": FIGURES})
    small_store(folder / "data" / "processed" / "released")
    with pytest.MonkeyPatch.context() as patch:
        assert drawn(folder, patch) == ["both", "one", "other"]
    return folder


@pytest.fixture
def folder(drawn_once: Path, tmp_path: Path) -> Path:
    """The drawn study, to be changed."""
    return copied(drawn_once, tmp_path / "study")


def drawn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Draw, and return which figures were not taken from the earlier run."""
    names: list[str] = []
    plain = Drawer.draw

    def noted(self: Drawer, name: str, language: str) -> Drawing:
        names.append(name)
        return plain(self, name, language)

    with monkeypatch.context() as patch:
        patch.setattr(Drawer, "draw", noted)
        draw.run(Study.load(folder / "config.yaml"), "en")
    return names


def products(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "figures/en").iterdir())}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def result(name: str, old: str, new: str) -> Edit:
    return lambda folder, _: replace(folder / "data/processed/released" / name, old, new)


def title(language: str) -> Edit:
    return lambda _, config: config["figures"]["one"].update(title=TITLE | {language: "New"})


def data(_: Path, config: dict[str, Any]) -> None:
    config["study"]["data"] = "collected"


def label(_: Path, config: dict[str, Any]) -> None:
    config["populations"]["government"]["label"]["en"] = "Officials"


def table(_: Path, config: dict[str, Any]) -> None:
    config["tables"]["more"][0]["columns"] = ["settlement"]


def spoilt(folder: Path, _: dict[str, Any]) -> None:
    (folder / ".ngo-survey/draw/en/one.svg").write_bytes(b"<svg/>")


def unreadable(folder: Path, _: dict[str, Any]) -> None:
    (folder / ".ngo-survey/draw/en/one.json").write_bytes(b"{")


def dropped(_: Path, config: dict[str, Any]) -> None:
    del config["figures"]["one"]


@pytest.mark.parametrize(
    ("edit", "again"),
    sample(
        [
            (result("estimates/barriers.csv", "0.624", "0.625"), ["both", "one"]),
            (spoilt, ["one"]),
            (lambda *_: None, []),
            (title("en"), ["one"]),
            (label, ["both", "other"]),
            (data, ["both", "one", "other"]),
            (result("estimates/gov_barriers.csv", "0.44", "0.43"), ["both", "other"]),
            (result("estimates/trust.csv", "3.42", "3.43"), []),
            (result("tests/all.csv", "0.2", "0.3"), []),
            (title("ru"), []),
            (table, []),
            (unreadable, ["one"]),
            (dropped, []),
        ],
        quick=2,
    ),
)
def test_a_figure_is_drawn_again_when_what_it_reads_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, edit: Edit, again: list[str]
) -> None:
    config = declared() | {"figures": {name: dict(spec) for name, spec in FIGURES.items()}}
    edit(folder, config)
    write_config(folder, config)
    shutil.rmtree(folder / "figures")
    assert drawn(folder, monkeypatch) == again
    reused = products(folder)
    shutil.rmtree(folder / ".ngo-survey")
    shutil.rmtree(folder / "figures")
    drawn(folder, monkeypatch)
    assert reused == products(folder)


def test_other_code_or_libraries_draw_everything_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuse, "code_hash", lambda *_: "another")
    assert drawn(folder, monkeypatch) == ["both", "one", "other"]
    monkeypatch.setattr(reuse, "_libraries", lambda: "matplotlib-99")
    assert drawn(folder, monkeypatch) == ["both", "one", "other"]
    assert drawn(folder, monkeypatch) == []


def test_what_is_no_longer_declared_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(folder, declared() | {"figures": {"one": FIGURES["one"]}})
    drawn(folder, monkeypatch)
    kept = {path.name for path in (folder / ".ngo-survey/draw/en").iterdir()}
    assert kept == {"one.csv", "one.json", "one.png", "one.svg"}


# -- tables ------------------------------------------------------------------------------------

BOOK = book(
    question("q1", "single", ["a", "b", "c"]),
    question("q2", "single", ["x", "y"]),
    question("sex", "single", ["f", "m"]),
    question("town", "single", ["s", "t"]),
)


class Memory:
    """Tables of an earlier run, and the names of those that had to be made."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], Released] = {}
        self.made: list[str] = []

    def find(self, table: str, made_of: str) -> Released | None:
        return self.tables.get((table, made_of))

    def keep(self, table: str, made_of: str, made: Released) -> None:
        self.made.append(table)
        self.tables[table, made_of] = made


def tables(banners: dict[str, list[str]], threshold: int, before: Memory | None) -> Tables:
    chance = np.random.default_rng(4)
    answers = pd.DataFrame(
        {
            "q1": chance.choice(["a", "b", "c"], 90, p=[0.6, 0.33, 0.07]),
            "q2": chance.choice(["x", "y"], 90),
            "sex": chance.choice(["f", "m"], 90),
            "town": chance.choice(["s", "t"], 90, p=[0.85, 0.15]),
        }
    )
    rules = Rules(threshold=threshold, minimum_base=10, protection=threshold, thin_share=0.25)
    specs = [spec(BOOK, name, columns) for name, columns in banners.items()]
    chance = np.random.default_rng(1)
    return make(plain_design(BOOK, answers), specs, BOOK, rules, chance, before=before)


DECLARED = some.fixed_dictionaries(
    {name: some.sampled_from([[], ["sex"], ["town"], ["sex", "town"]]) for name in ("q1", "q2")}
)


@examples(15, quick=2)
@given(some.lists(some.tuples(DECLARED, some.integers(1, 6)), min_size=2, max_size=4))
def test_tables_made_before_are_those_that_would_be_made_now(
    runs: list[tuple[dict[str, list[str]], int]],
) -> None:
    before = Memory()
    for banners, threshold in runs:
        reused, fresh = tables(banners, threshold, before), tables(banners, threshold, None)
        for family in ("estimates", "tests", "comparisons"):
            for name, rows in getattr(fresh, family).items():
                pd.testing.assert_frame_equal(getattr(reused, family)[name], rows)
        pd.testing.assert_frame_equal(reused.rates, fresh.rates)


def test_a_table_is_made_again_when_it_is_declared_otherwise() -> None:
    before = Memory()
    tables({"q1": ["sex"], "q2": ["sex"]}, 1, before)
    before.made.clear()
    tables({"q1": ["sex"], "q2": ["sex", "town"]}, 1, before)
    assert before.made == ["q2"]


def test_a_change_of_one_table_estimates_that_table_and_compares_nothing(
    small_built: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(small_built.root, tmp_path / "study")
    config = declared()
    config["tables"]["more"][0]["columns"] = ["settlement"]
    write_config(tmp_path / "study", config)
    study = Study.load(tmp_path / "study" / "config.yaml")
    made: list[str] = []
    plain = disclosure.estimate

    def noted(design: Any, spec: Any, *more: Any) -> pd.DataFrame:
        made.append(spec.id)
        return plain(design, spec, *more)

    monkeypatch.setattr(disclosure, "estimate", noted)
    monkeypatch.setattr(compare, "compare", None)  # calling it would fail
    tabulate.run(study, "ngo")
    compare.run(study)
    assert made == ["audience3"]
    reused = {p: p.read_bytes() for p in study.paths.results.rglob("*.csv")}
    monkeypatch.undo()
    shutil.rmtree(study.paths.kept)
    tabulate.run(study, "ngo")
    compare.run(study)
    assert reused == {p: p.read_bytes() for p in study.paths.results.rglob("*.csv")}
