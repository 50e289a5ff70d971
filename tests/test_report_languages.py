"""The report says the same in every language, in the forms that each language asks for."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.errors import ConfigError, ResultError, SurveyError
from ngo_survey.present.document.build import Builder
from ngo_survey.present.document.chapters import ChapterSource, write_chapter
from ngo_survey.present.document.complete import refuse_incomplete
from ngo_survey.present.document.document import Document, Figure, Heading, Slot, Table, walk
from ngo_survey.present.document.guard import NumberWords, refuse_loose_numbers
from ngo_survey.present.document.labels import Labels, OfficialWords
from ngo_survey.present.document.language import language
from ngo_survey.present.document.localize import PROJECTION, TERMS, localized
from ngo_survey.present.document.method import Method
from ngo_survey.present.document.placeholders import Placeholders
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.present.html.render import printed_keys
from ngo_survey.present.words.complete import refuse_unlike
from ngo_survey.results.store import Results
from ngo_survey.statistics.trends.rule import ProjectionRule
from ngo_survey.statistics.trends.series import project
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from small_store import small_store

from conftest import ROOT

CODES = ("en", "ru", "kk")
OTHERS = ("ru", "kk")
CHAPTERS, WORDS = ROOT / "chapters", ROOT / "words"
OFFICIAL = Path("data/raw/official")


def template(study: Study, tmp_path: Path, code: str) -> TemplateFunctions:
    labels = Labels.load(study, code)
    return TemplateFunctions(
        study,
        small_store(tmp_path),
        labels,
        language(code, WORDS),
        study.section("report")["rules"],
    )


def said(template: TemplateFunctions, marked: str) -> str:
    return "".join(p.text if isinstance(p, Slot) else str(p) for p in template.slots.split(marked))


#: A chapter of a study's own, the same in every language: headings, slots, tables.
CHAPTER = """# Ours

## The first part {: #first}

{{ n("barriers/funding@total", ci=True) }} and {{ n("audience_change/net@total") }}

{{ table("growth_reasons") }}

{{ table("shrink_reasons") }}

## The second part {: #second}

{% if entries("series", kind="projected") %}
{{ figure("barriers") }}
{% endif %}
"""


def with_chapter(study: Study, tmp_path: Path, code: str, old: str, new: str) -> Study:
    """A study with a chapter of its own in which one thing is otherwise in one language."""
    assert CHAPTER.count(old) == 1
    for language_ in CODES:
        file = tmp_path / "own" / language_ / "14_ours.md"
        file.parent.mkdir(parents=True)
        text = CHAPTER.replace(old, new) if language_ == code else CHAPTER
        file.write_text(text, encoding="utf-8")
    raw = {**study.raw, "report": {**study.raw["report"], "chapters": "own"}}
    return Study(tmp_path, study.file, raw)


# -- complete ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_has_all_chapters_slots_words_and_checklists(study: Study, code: str) -> None:
    refuse_incomplete(study, code)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (' and {{ n("audience_change/net@total") }}', "", r"audience_change/net@total"),
        ('n("audience_change/net@total"', 'n("budget_change/net@total"', "net"),
        ("{: #second}", "{: #other}", "#second"),
        ("## The second part", "The second part", "headings"),
        ('table("growth_reasons")', 'table("budget_change")', "growth_reasons"),
        ('kind="projected"', 'kind="observed"', "projected"),
    ],
)
def test_what_a_language_lacks_is_named_with_file_and_language(
    study: Study, tmp_path: Path, old: str, new: str, problem: str
) -> None:
    changed = with_chapter(study, tmp_path, "kk", old, new)
    with pytest.raises(SurveyError, match=problem) as raised:
        refuse_incomplete(changed, "kk")
    assert "chapters/kk/14_ours.md" in str(raised.value)
    assert "language kk" in str(raised.value)


def test_what_is_alike_in_every_language_is_whole(study: Study, tmp_path: Path) -> None:
    refuse_incomplete(with_chapter(study, tmp_path, "kk", "# Ours", "# Біздікі"), "kk")


def test_tables_stand_in_the_same_order_in_every_language(study: Study, tmp_path: Path) -> None:
    first, second = '{{ table("growth_reasons") }}', '{{ table("shrink_reasons") }}'
    both = f"{first}\n\n{second}"
    changed = with_chapter(study, tmp_path, "ru", both, f"{second}\n\n{first}")
    with pytest.raises(SurveyError, match="another order in the language ru"):
        refuse_incomplete(changed, "ru")


def test_a_chapter_of_one_language_alone_is_refused(study: Study, tmp_path: Path) -> None:
    shutil.copytree(CHAPTERS, tmp_path / "chapters")
    (tmp_path / "chapters" / "en" / "14_more.md").write_text("# More\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=r"chapters/ru/14_more\.md.*not in ru"):
        refuse_incomplete(Study(tmp_path, study.file, study.raw), "ru")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"a": {"b": "x {n}"}}, r"words/ru\.yaml, key a\.c: the language ru lacks"),
        ({"a": {"b": "x", "c": "y"}}, r"key a\.b: .*other places"),
        ({"a": {"b": "x {n}", "c": "y", "d": "z"}}, r"key a\.d: .*words that words/en\.yaml lacks"),
        (
            {"a": {"b": "x {n}", "c": {"one": "y", "few": "y"}}},
            r"key a\.c: .*forms of its plural .*write few, many, one",
        ),
    ],
)
def test_a_catalogue_that_is_not_like_the_first_is_refused(words: object, problem: str) -> None:
    model = {"a": {"b": "x {n}", "c": "y"}}
    with pytest.raises(ConfigError, match=problem):
        refuse_unlike(words, "ru", model, "en", "words")


def test_every_language_prints_the_same_keys_tables_and_figures(built: Study) -> None:
    results = Results.load(built.paths.released)
    method = Method((), (), "")
    made = {
        code: Builder(built, results, Labels.load(built, code), method).document() for code in CODES
    }

    def places(document: Document) -> list[tuple[str, str]]:
        kinds = (Heading, Table, Figure)
        parts = [part for part in walk(document) if isinstance(part, kinds)]
        return [(part.anchor, getattr(part, "number", "")) for part in parts]

    for code in OTHERS:
        assert printed_keys(made[code]) == printed_keys(made["en"])
        assert places(made[code]) == places(made["en"])


# -- forms ---------------------------------------------------------------------------------------


def test_a_heading_keeps_the_anchor_that_is_written_after_it(tmp_path: Path) -> None:
    file = tmp_path / "03_test.md"
    file.write_text("# Глава\n\n## Ход ответов {: #response-flow}\n", encoding="utf-8")
    made = write_chapter(ChapterSource(3, "test", file), {}, Placeholders())
    assert made.blocks[0].anchor == "test-response-flow"
    assert made.blocks[0].content[0].text == "Ход ответов"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 государственный орган"),
        (3, "3 государственных органа"),
        (21, "21 государственный орган"),
        (238, "238 государственных органов"),
    ],
)
def test_a_russian_noun_goes_with_its_number(
    study: Study, tmp_path: Path, number: int, words: str
) -> None:
    assert template(study, tmp_path, "ru").counted(str(number), "bodies", number) == words


@pytest.mark.parametrize(
    ("code", "case", "words"),
    [
        (
            "kk",
            "possessive",
            "62%-ы (95%-дық сенім аралығы: 58% … 66%)",
        ),
        (
            "kk",
            "possessive_locative",
            "62%-ында (95%-дық сенім аралығы: 58% … 66%)",
        ),
        (
            "ru",
            "genitive",
            "62\u00a0% (95\u00a0%-й доверительный интервал: от 58\u00a0% до 66\u00a0%)",
        ),
    ],
)
def test_a_percentage_takes_the_case_of_its_sentence(
    study: Study, tmp_path: Path, code: str, case: str, words: str
) -> None:
    speaking = template(study, tmp_path, code)
    assert said(speaking, speaking.n("barriers/funding@total", ci=True, case=case)) == words


def test_a_figure_that_is_not_shown_takes_neither_case_nor_noun(
    study: Study, tmp_path: Path
) -> None:
    speaking = template(study, tmp_path, "kk")
    words = said(speaking, speaking.n("barriers/infrastructure@total", case="possessive"))
    assert words == "көрсетілмеген: респонденттерді қорғау үшін"


@pytest.mark.parametrize(
    ("code", "term", "words"),
    [
        ("ru", "up", "на 8 процентных пунктов выше"),
        ("ru", "down", "на 11 процентных пунктов ниже"),
        ("kk", "up", "8 пайыздық тармаққа жоғары"),
        ("kk", "down", "11 пайыздық тармаққа төмен"),
        ("ru", "flat", "ни выше, ни ниже, насколько можно судить по данным"),
        ("kk", "flat", "деректерден көрінгенше, жоғары да, төмен де емес"),
    ],
)
def test_an_effect_is_said_by_direction_and_size(
    study: Study, tmp_path: Path, code: str, term: str, words: str
) -> None:
    speaking = template(study, tmp_path, code)
    assert said(speaking, speaking.effect(f"model/m/effect/{term}@grew")) == words


@pytest.mark.parametrize(
    ("code", "label", "words"),
    [
        ("en", "Law “On Charity”", "“Law ‘On Charity’”"),
        ("ru", "Закон «О благотворительности»", "«Закон „О благотворительности“»"),
        ("kk", "«Қайырымдылық туралы» Заң", "«„Қайырымдылық туралы“ Заң»"),
    ],
)
def test_marks_within_marks_are_the_inner_ones(code: str, label: str, words: str) -> None:
    assert language(code, WORDS).quoted(label) == words


def test_names_stand_without_marks_where_a_chapter_asks(study: Study, tmp_path: Path) -> None:
    speaking = template(study, tmp_path, "ru")
    words = said(speaking, speaking.bottom("trust", 1, "mean", bare=True))
    assert words == "Министерство юстиции (3,05)"


# -- numbers in words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "About half of NGOs agree."),
        ("en", "Most NGOs agree."),
        ("en", "Two thirds agree, twice as many as before."),
        ("ru", "Около половины НПО согласны."),
        ("ru", "Большинство НПО согласны."),
        ("ru", "Согласны двадцать три НПО."),
        ("ru", "Согласна каждая пятая НПО."),
        ("kk", "ҮЕҰ-ның жартысы келіседі."),
        ("kk", "ҮЕҰ-ның көпшілігі келіседі."),
        ("kk", "Жиырма үш ҮЕҰ келіседі."),
        ("kk", "Әр бесінші ҮЕҰ келіседі."),
    ],
)
def test_a_number_in_words_that_may_be_a_result_fails_the_build(
    tmp_path: Path, code: str, text: str
) -> None:
    file = tmp_path / "03_test.md"
    file.write_text(f"# A\n\n{text}\n", encoding="utf-8")
    made = write_chapter(ChapterSource(3, "test", file), {}, Placeholders())
    document = Document(code, "A", "", "", (made,))
    with pytest.raises(ResultError, match="states a number in words"):
        refuse_loose_numbers(document, language(code, WORDS))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "On a scale of five\npoints, over three years."),
        ("ru", "За три\nгода, по пяти пунктам; третье место."),
        ("kk", "Соңғы үш\nжылда, бес балдық шкала; ұйым үшін; оның үшінші орны."),
    ],
)
def test_numbers_of_the_instrument_pass_even_broken_over_lines(
    tmp_path: Path, code: str, text: str
) -> None:
    file = tmp_path / "03_test.md"
    file.write_text(f"# A\n\n{text}\n", encoding="utf-8")
    made = write_chapter(ChapterSource(3, "test", file), {}, Placeholders())
    assert list(NumberWords.of(language(code, WORDS)).loose(made)) == []


@pytest.mark.parametrize("code", CODES)
def test_no_chapter_claims_significance(code: str) -> None:
    word = {"en": "significan", "ru": "значим", "kk": r"\bмәнді\b"}[code]
    for file in sorted((CHAPTERS / code).glob("*.md")):
        text = " ".join(file.read_text(encoding="utf-8").split())
        assert not re.search(word, text.replace("of republican significance", "")), file


# -- names and official data ---------------------------------------------------------------------


def names(study: Study) -> list[dict[str, str]]:
    with (study.root / "data/raw/aliases/names.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_questionnaires_spell_names_as_the_reviewed_table_does(study: Study) -> None:
    asked = {
        "ngo": {"region": "region", "legal_form": "legal_form", "body": "sso_bodies"},
        "government": {"region": "region", "body": "body"},
    }
    books = {name: codebook(study, name) for name in asked}
    for row in names(study):
        for population, questions in asked.items():
            question = questions.get(row["kind"])
            if question and row["choice"] in books[population].question(question).choice_names:
                for code in CODES:
                    label = books[population].choice_label(question, row["choice"], code)
                    assert label == row[code], (population, row)


def test_the_table_of_names_leaves_out_no_region_form_or_body(study: Study) -> None:
    book = codebook(study, "ngo")
    known = {(row["kind"], row["choice"]) for row in names(study)}
    for kind, question in (
        ("region", "region"),
        ("legal_form", "legal_form"),
        ("body", "sso_bodies"),
    ):
        asked = {name for name in book.question(question).choice_names if name != "other"}
        assert {choice for k, choice in known if k == kind} == asked


def test_official_data_spell_names_as_the_reviewed_table_does(study: Study) -> None:
    words = OfficialWords.read(study.root / OFFICIAL / "words.csv", "words.csv")
    shared = [row for row in names(study) if row["en"] in words.words]
    assert len(shared) > 5
    for row in shared:
        for code in OTHERS:
            assert words(row["en"], code) == row[code]


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_the_official_data_has_its_words(study: Study, code: str) -> None:
    words = OfficialWords.read(study.root / OFFICIAL / "words.csv", "words.csv")
    texts = set()
    for dataset in study.section("official").values():
        with study.path(dataset["file"]).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                texts |= {
                    row[f] for f in ("label", "unit", "qualifier", "certainty", "note", "year")
                }
                texts |= {row["measure"]} if "laws" not in dataset["file"] else set()
    assert len(texts) > 200
    assert all(words(text, code) for text in texts if text)


@pytest.mark.parametrize("code", CODES)
def test_why_an_item_is_unfilled_holds_for_collected_answers_too(code: str) -> None:
    reasons = language(code, WORDS).words["unfilled"]
    assert reasons["interpretation"]
    assert not re.search("simul|смодел|модельден", " ".join(reasons.values()), re.IGNORECASE)


def test_a_text_without_words_is_named_with_file_and_language(study: Study) -> None:
    words = OfficialWords.read(study.root / OFFICIAL / "words.csv", "words.csv")
    assert words("exactly so", "en") == "exactly so"
    assert words("2003-2005", "kk") == "2003-2005"
    with pytest.raises(SurveyError, match=r"words\.csv, column kk: .*'exactly so'"):
        words("exactly so", "kk")


@pytest.mark.parametrize("code", CODES)
def test_why_a_series_is_not_continued_is_said_in_the_language(study: Study, code: str) -> None:
    figures = pd.DataFrame(
        {
            "year": ["2016", "2018", "2019", "2020", "2020"],
            "value": [5.0, 6.0, 7.0, 8.0, 9.0],
            "qualifier": ["exact", "exact", "more than", "exact", "exact"],
        }
    )
    made, _ = project(figures, ProjectionRule.of(study.section("trends")))
    row = {"family": "series", **made.iloc[0].to_dict()}
    said = localized(row, "note", Labels.load(study, code), language(code, WORDS))
    assert (
        said
        == {
            "en": "yearly figures in a row: 1 of 8 needed; a bound alone for 2019; "
            "sources contradict each other for 2020; no figure for 2017",
            "ru": "годовых значений подряд: 1, нужно 8; только граница: 2019; "
            "источники противоречат друг другу: 2020; нет значения: 2017",
            "kk": "қатарынан келген жылдық мәндер: 1, қажеті 8; тек шегі бар: 2019; "
            "дереккөздер бір-біріне қайшы: 2020; мәні жоқ: 2017",
        }[code]
    )
    assert set(language(code, WORDS).words["terms"]["projection"]) == set(PROJECTION)


@pytest.mark.parametrize("code", CODES)
def test_every_cleaning_rule_of_ours_has_words(code: str) -> None:
    from ngo_survey.ingest.cleaning.clean import read_rules

    known = language(code, WORDS).words["terms"]
    assert set(known) >= TERMS
    changing = {rule["id"] for rule in read_rules() if "stage" not in rule} - {"correction"}
    written = {name.replace("constant-sum-rescaled", "constant-sum") for name in known["rule"]}
    assert changing <= written
