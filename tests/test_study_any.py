"""The program knows no study: other groups, other languages, no map and no chapters will do."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path

import openpyxl
import pytest

import yaml_text
from ngo_survey.errors import ConfigError
from ngo_survey.present.figures.drawing import Drawer
from ngo_survey.present.figures.style import GROUPS
from ngo_survey.present.words.catalogue import check_languages
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.code import SOURCE
from ngo_survey.workflow.products import Products
from plain_study import QUESTIONS, plain_study

THREE = ("visitors", "staff", "donors")
LIKERT = {"kind": "likert", "battery": "care", "title": {"de": "Was wichtig ist"}}
GAP = {"kind": "gap", "table": "wishes", "title": {"de": "Was fehlt"}}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, build_plain: Callable[[Study], None]) -> Study:
    """One group, one language that the program has no words for, no map, no chapters."""
    figures = {"wishes": {"kind": "bars", "analyses": [{"analysis": "wishes"}]}}
    figures["wishes"]["title"] = {"de": "Was fehlt"}  # type: ignore[assignment]
    study = plain_study(tmp_path_factory.mktemp("one"), ["visitors"], figures=figures)
    build_plain(study)
    return study


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, build_plain: Callable[[Study], None]) -> Study:
    """Three groups, two of which are compared."""
    study = plain_study(
        tmp_path_factory.mktemp("three"),
        THREE,
        compare={"sides": {"first": "visitors", "second": "staff", "items": ["wishes", "care"]}},
        figures={
            "two": LIKERT,
            "all": LIKERT | {"groups": list(THREE)},
            "wishes": GAP | {"groups": list(THREE)},
        },
        report={"formats": ["html"]},
    )
    build_plain(study)
    return study


def test_no_study_is_named_in_the_program() -> None:
    named = re.compile(r"kazakh|KZ-|gov_|\bngo\b(?!-survey)|government", re.IGNORECASE)
    texts = [f for f in SOURCE.rglob("*") if f.is_file() and f.suffix != ".pyc"]
    found = {
        file.relative_to(SOURCE).as_posix(): named.findall(text)
        for file in texts
        if (text := file.read_text(encoding="utf-8")) and named.search(text)
    }
    assert {name for name in found if not name.startswith("simulate/")} == set()


def readers_text(file: Path) -> str:
    """What a document, a picture or a workbook shows, without scripts, styles and markup."""
    if file.suffix in (".html", ".svg"):
        marked = file.read_text(encoding="utf-8")
        return unescape(
            re.sub(r"<(script|style|metadata)\b.*?</\1>|<[^>]+>", " ", marked, flags=re.S)
        )
    with zipfile.ZipFile(file) as parts:
        texts = (parts.read(n).decode() for n in parts.namelist() if n.endswith(".xml"))
        shown = (re.findall(r"<(?:w:|a:)?t(?: [^>]*)?>([^<]*)<", text) for text in texts)
        return unescape(" ".join(word for found in shown for word in found))


@pytest.mark.parametrize(
    "pattern",
    ["reports/*.html", "reports/*.docx", "reports/*.pptx", "reports/*.xlsx", "figures/**/*.svg"],
)
def test_no_code_stands_where_a_question_or_an_answer_has_words(one: Study, pattern: str) -> None:
    book = codebook(one, "visitors")
    answers = [choice for q in book.questions.values() for choice in q.choices]
    codes = {*book.questions, *book.batteries, *(choice.name for choice in answers)}
    said = (one.root / "words" / "de.yaml").read_text(encoding="utf-8")
    said += " ".join(
        [*(c.labels["de"] for c in answers), *(label for _, _, label, *_ in QUESTIONS)]
    )
    # A code that is a word of the language, or of a label, would be found as that.
    codes -= {code for code in codes if re.search(rf"\b{code}\b", said, re.IGNORECASE)}
    assert {"wishes", "care_time", "shade", "village"} <= codes
    files = sorted(one.root.glob(pattern))
    assert files
    for file in files:
        words = set(re.findall(r"[\w/@.-]+", readers_text(file)))
        assert words
        # A workbook has a sheet of each table, and the name of the sheet beside what is in it.
        keys = set(openpyxl.load_workbook(file).sheetnames) if file.suffix == ".xlsx" else set()
        assert (codes - keys) & words == set(), file.name


def test_a_study_without_chapters_gets_a_report_in_its_own_language(one: Study) -> None:
    page = one.paths.report("de").read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    for words in ("Der Park", "Wer geantwortet hat", "Erfundene Daten", "Was fehlt?", "Schatten"):
        assert words in page
    assert all(one.paths.report("de", form).is_file() for form in ("pdf", "docx"))


def test_the_workbook_has_a_table_of_every_question(one: Study) -> None:
    book = openpyxl.load_workbook(one.paths.workbook("de"), read_only=True)
    assert {"place", "wishes", "care"} <= set(book.sheetnames)


def test_a_study_without_a_map_has_nothing_to_draw_it_from(one: Study) -> None:
    assert Products(one).geography == []
    assert one.paths.figure("wishes", "de").is_file()


def test_the_package_describes_a_study_without_english(one: Study) -> None:
    about = json.loads(one.paths.packaged("datapackage", "json").read_text(encoding="utf-8"))
    assert about["title"] == "Der Park"
    assert about["description"].startswith("Erfundene Daten. ")


def test_the_first_group_has_plain_tables_and_the_others_their_name(three: Study) -> None:
    made = Products(three).tables
    assert "wishes" in made["visitors"]
    assert "staff_wishes" in made["staff"]
    assert "donors_wishes" in made["donors"]
    results = Results.load(three.paths.released)
    assert set(results.family("sides")["analysis"]) == {"wishes", "care"}


def test_a_figure_of_three_groups_has_the_colour_of_each(three: Study) -> None:
    drawer = Drawer.load(three)
    two, every = (drawer.draw(name, "de").svg().decode() for name in ("two", "all"))
    for colour, here in zip(GROUPS[:3], (True, True, False), strict=True):
        assert (colour in two) == here
        assert colour in every
    gap = drawer.draw("wishes", "de")
    assert set(gap.data["population"].dropna()) == set(THREE)


def test_a_renamed_group_keeps_its_figures(three: Study, tmp_path: Path) -> None:
    config = yaml_text.load((three.root / "config.yaml").read_text(encoding="utf-8"))
    renamed = {name: group for name, group in config["populations"].items() if name != "donors"}
    named = {
        "questionnaire": "data/raw/questionnaires/donors.xlsx",
        **{what: f"data/raw/{what}/donors.csv" for what in ("responses", "sample", "register")},
    }
    renamed["givers"] = config["populations"]["donors"] | named
    config["populations"] = renamed
    for figure in config["figures"].values():
        figure.pop("groups", None)
    (tmp_path / "data").symlink_to(three.root / "data")
    (tmp_path / "words").symlink_to(three.root / "words")
    (tmp_path / "config.yaml").write_text(yaml_text.dump(config), encoding="utf-8")
    study = Study.load(tmp_path / "config.yaml")
    check_names(study)
    assert "givers_wishes" in Products(study).tables["givers"]


def test_two_groups_cannot_have_tables_of_one_name(tmp_path: Path) -> None:
    study = plain_study(tmp_path, ["visitors", "staff"])
    study.raw["populations"]["staff"]["table_prefix"] = ""
    with pytest.raises(ConfigError, match=r"populations\.staff\.table_prefix.*staff_ is taken"):
        check_names(study)


def test_a_language_without_words_stops_before_anything_runs(tmp_path: Path) -> None:
    study = plain_study(tmp_path, ["visitors"])
    (tmp_path / "words" / "de.yaml").unlink()
    with pytest.raises(ConfigError, match=r"study\.languages.*write the section .*words/de\.yaml"):
        check_languages(study)


def test_words_of_no_part_are_named(tmp_path: Path) -> None:
    study = plain_study(tmp_path, ["visitors"])
    (tmp_path / "words" / "de.yaml").write_text("reprot: {banner: x}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"words/de\.yaml, key reprot.*report"):
        check_languages(study)
