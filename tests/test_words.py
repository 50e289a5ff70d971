"""What is said in each language: the same keys, the same places, the right plural."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest
import yaml

from ngo_survey.errors import ConfigError
from ngo_survey.present.document.language import language
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.present.words.catalogue import PARTS
from ngo_survey.present.words.complete import catalogue_texts, refuse_unlike
from ngo_survey.present.words.language import numbers
from ngo_survey.present.words.plural import plural
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.code import SOURCE, code_files

CODES = ("en", "ru", "kk")
KAZAKH = set("әғқңөұүһі")
#: Names that are written alike in every language.
PROPER = "ngo-survey explain|ngo-survey|SHA-256|CSV|PNG|SVG"
#: Statistics that tables give, now and in forms to come.
STATISTICS = [
    *("proportion", "mean", "mean_share", "any", "top_two", "bottom_two", "net", "net_rating"),
    *("median", "p25", "p75", "total", "first", "top_three", "mean_rank", "borda"),
    *("mean_answers", "share_of_answers", "row_percent"),
]


def catalogue(name: str, code: str) -> Any:
    file = files("ngo_survey.present.words") / code / f"{name}.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", PARTS)
def test_every_language_has_the_same_keys_places_and_its_own_plurals(name: str, code: str) -> None:
    refuse_unlike(catalogue(name, code), code, catalogue(name, "en"), "en", name)


@pytest.mark.parametrize(
    ("code", "form", "samples"),
    [
        # The samples of CLDR 46, plurals.xml.
        ("en", "one", [1]),
        ("en", "other", [0, 2, 11, 21, 100, 1000]),
        ("ru", "one", [1, 21, 31, 101, 1001]),
        ("ru", "few", [2, 3, 4, 22, 24, 32, 102, 1002]),
        ("ru", "many", [0, 5, 11, 12, 14, 19, 100, 111, 1000]),
        ("kk", "one", [1]),
        ("kk", "other", [0, 2, 11, 21, 100, 1000]),
    ],
)
def test_a_number_takes_the_form_of_cldr(code: str, form: str, samples: list[int]) -> None:
    assert {plural(code, number) for number in samples} == {form}


@pytest.mark.parametrize(
    ("code", "value", "form", "said"),
    [
        ("en", 18204.0, "count", "18,204"),
        ("ru", 18204.0, "count", "18\u202f204"),
        ("kk", 18204.0, "count", "18\u202f204"),
        ("ru", 3.417, "mean", "3,42"),
        ("kk", -3.417, "mean", "−3,42"),
        ("ru", 0.624, "percent", "62\u00a0%"),
        ("kk", 0.624, "percent", "62%"),
        ("ru", 0.002, "percent", "менее 1\u00a0%"),
        ("kk", 0.002, "percent", "1%-дан кем"),
        ("ru", 0.21, "points", "21 процентный пункт"),
        ("ru", 0.03, "points", "3 процентных пункта"),
        ("ru", 0.12, "points", "12 процентных пунктов"),
        ("kk", 0.03, "points", "3 пайыздық тармақ"),
        ("ru", 0.0001, "p", "p < 0,001"),
    ],
)
def test_numbers_are_said_as_the_language_says_them(
    code: str, value: float, form: str, said: str
) -> None:
    assert numbers(code).format(value, form) == said


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_statistic_has_its_words_in_every_language(code: str, statistic: str) -> None:
    assert table_words(code)(f"statistic.{statistic}")


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_words_of_another_language_are_in_its_letters(code: str) -> None:
    said = [
        text
        for name in PARTS
        for path, text in catalogue_texts(catalogue(name, code))
        if path != "number.locale"
    ]
    foreign = [re.sub(rf"\{{[\w:]+\}}|{PROPER}", "", text) for text in said]
    assert not [text for text in foreign if re.search(r"[A-Za-z]{2,}", text)]
    letters = set("".join(said).casefold())
    assert (letters >= KAZAKH - {"һ"}) == (code == "kk")
    assert letters.isdisjoint(KAZAKH) == (code == "ru")


def test_a_language_that_nobody_wrote_gets_the_known_ones() -> None:
    for load in (numbers, table_words, language):
        with pytest.raises(ConfigError, match="no words in this language"):
            load("uz")


def test_the_report_says_numbers_with_the_words_of_all_outputs() -> None:
    assert language("en").format(0.624, "percent") == numbers("en").format(0.624, "percent")
    assert language("en").word("list.two", first="a", last="b") == "a and b"


def test_a_label_that_a_language_of_the_workbook_lacks_stops_before_anything_runs(
    study: Study,
) -> None:
    raw = json.loads(json.dumps(study.raw))
    raw["study"]["languages"], raw["tables"]["languages"] = ["en"], ["en", "kk"]
    del raw["populations"]["ngo"]["derive"]["rural"]["levels"]["urban"]["labels"]["kk"]
    lacking = Study(study.root, study.file, raw)
    with pytest.raises(ConfigError, match=r"ngo\.derive\.rural\.levels\.urban: .*'kk'"):
        check_names(lacking)
    raw["tables"]["languages"] = ["en", "ru"]
    check_names(lacking)


def test_the_workbook_is_made_in_the_languages_of_the_study_unless_told(study: Study) -> None:
    raw = {**study.raw, "study": {**study.raw["study"], "languages": ["en"]}}
    assert Study(study.root, study.file, raw).table_languages == ("en",)
    raw["tables"] = study.raw["tables"] | {"languages": ["en", "kk"]}
    assert Study(study.root, study.file, raw).table_languages == ("en", "kk")


def test_a_changed_chapter_writes_no_workbook_anew() -> None:
    used = {"/".join(path.relative_to(SOURCE).parts[:2]) for path in code_files("workbook")}
    assert {"present/xlsx", "present/table_layout", "present/words"} <= used
    assert used.isdisjoint({"present/document", "present/figures"})
