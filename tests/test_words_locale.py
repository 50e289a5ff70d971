"""Numbers, dates and letters of each language: by Unicode CLDR, or as we decided otherwise."""

from __future__ import annotations

import pytest
from babel import Locale

from ngo_survey.present.words.language import numbers
from ngo_survey.study.languages import labels

NARROW = "\u202f"


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
def test_decimal_marks_and_percent_signs_are_those_of_the_locale(code: str) -> None:
    locale = Locale.parse(numbers(code).word("number.locale"))
    assert numbers(code).word("number.decimal") == locale.number_symbols["latn"]["decimal"]
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "{value}")
    assert numbers(code).word("number.percent") == pattern


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_thousands_are_set_apart_by_a_narrow_space_that_does_not_break(code: str) -> None:
    # CLDR has a space of full width; a narrow one does not tear a number apart in a table.
    assert numbers(code).format(1234567.0, "count") == f"1{NARROW}234{NARROW}567"


@pytest.mark.parametrize(
    ("code", "words"),
    [("en", "2 March 2026"), ("ru", "2 марта 2026\u202fг."), ("kk", "2026 ж. 2 наурыз")],
)
def test_a_date_is_written_out(code: str, words: str) -> None:
    made = numbers(code).date("2026-03-02")
    assert " ".join(made.split()) == " ".join(words.split())


@pytest.mark.parametrize(
    ("code", "ordered"),
    [
        (
            "kk",
            [
                "Абай",
                "Әулие",
                "Гүлсім",
                "Ғалым",
                "Кеген",
                "Қостанай",
                "Нұра",
                "Ңа",
                "Орал",
                "Өскемен",
                "Ұлытау",
                "Үржар",
                "Хан",
                "Һа",
                "Ыбырай",
                "Ілияс",
            ],
        ),
        ("ru", ["Астана", "Ежов", "Ёлкин", "Жамбыл", "область Абай", "Шымкент", "Яковлев"]),
        ("en", ["Abai", "Jetisu", "Zhanaozen"]),
    ],
)
def test_names_stand_in_the_order_of_their_alphabet(code: str, ordered: list[str]) -> None:
    say = numbers(code)
    assert sorted(reversed(ordered), key=say.alphabetical) == ordered


def test_every_text_of_a_configuration_is_found_with_its_languages(study) -> None:
    found = dict(labels(study.raw, ("en", "ru", "kk")))
    assert len(found) > 100
    assert {"study.title", "populations.ngo.derive.rural.levels.urban.labels"} <= set(found)
    assert "models.declared.audience.title" in found
    missing = [path for path, codes in found.items() if not codes >= {"en", "ru", "kk"}]
    assert [path for path in missing if not path.startswith("figures.")] == []
