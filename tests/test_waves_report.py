"""Change between waves in the report: a section of its own where the study has waves, else none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from ngo_survey.present.document.document import (
    Chapter,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
    plain,
)
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import report
from suites import sample

SLOPE = {"kind": "slope", "analysis": "audience3"}
SLOPE |= {"title": {"en": "From wave to wave", "ru": "От волны к волне", "kk": "Толқындар"}}
SECTION = "outlook-change-between-waves"


@pytest.fixture(scope="module")
def waves(built: Study, two_waves: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study as it ships with an earlier wave: its results, and those of the waves."""
    folder: Path = tmp_path_factory.mktemp("report") / "study"
    for part in ("data/raw", "chapters", "words"):
        shutil.copytree(built.root / part, folder / part)
    shutil.copytree(two_waves.root / "data/raw/waves", folder / "data/raw/waves")
    shutil.copytree(built.paths.released, folder / built.paths.released.relative_to(built.root))
    written = yaml.safe_load((built.root / "config.yaml").read_text(encoding="utf-8"))
    written["waves"] = two_waves.raw["waves"]
    written["figures"]["audience_waves"] = SLOPE
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    study = Study.load(config)
    for family in ("waves", "change"):
        shutil.copytree(two_waves.paths.released / family, study.paths.released / family)
    return study


def outlook(document: Document) -> Chapter:
    return next(chapter for chapter in document.chapters if chapter.anchor == "outlook")


def anchors(chapter: Chapter) -> list[str]:
    return [block.anchor for block in chapter.blocks if isinstance(block, Heading)]


@pytest.fixture(scope="module", params=sample(["kk", "en", "ru"]))
def chapter(waves: Study, request: pytest.FixtureRequest) -> Chapter:
    return outlook(report.load(waves, request.param).document)


def test_every_declared_change_has_a_table_and_every_slope_a_place(chapter: Chapter) -> None:
    assert SECTION in anchors(chapter)
    tables = [b.anchor for b in chapter.blocks if isinstance(b, Table) and "change" in b.anchor]
    names = ["audience3", "audience3_by_rural", "barriers", "gov_barriers", "trust"]
    assert sorted(tables) == [f"table-change-{name}-2024" for name in names]
    drawn = [b.name for b in chapter.blocks if isinstance(b, Figure)]
    assert drawn.count("audience_waves") == 1


def test_a_table_of_change_prints_both_waves_their_difference_limits_and_test(
    chapter: Chapter, waves: Study
) -> None:
    table = next(
        block
        for block in chapter.blocks
        if isinstance(block, Table) and block.anchor == "table-change-audience3-2024"
    )
    heads = [plain(cell.content) for cell in table.header[0]]
    assert "2024" in heads[0]
    assert heads[1] == "2026"
    fields = ["before", "after", "difference", "ci_low", "p_adjusted"]
    for row in table.rows:
        assert [cell.content[0].field for cell in row.cells] == fields  # type: ignore[union-attr]


def test_the_sentence_names_what_changed_and_says_where_nothing_did(waves: Study) -> None:
    chapter = outlook(report.load(waves, "en").document)
    said = [plain(block.content) for block in chapter.blocks if isinstance(block, Paragraph)]
    audience = next(text for text in said if text.startswith("Target audience (NGOs)"))
    assert "Changed since Spring 2024 beyond chance: " in audience
    assert "“Shrank” (−" in audience
    assert "“Grew” (+" in audience
    assert "Unchanged" not in audience
    barriers = next(text for text in said if text.startswith("Barriers to interaction (NGOs)"))
    assert barriers.endswith("nothing has changed beyond chance.")


def test_a_study_of_one_wave_says_nothing_of_waves(built: Study) -> None:
    assert SECTION not in anchors(outlook(report.load(built, "en").document))
