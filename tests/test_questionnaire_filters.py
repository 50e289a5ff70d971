"""The language of filters: what it selects, what it refuses, and that it reads its own writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.codebook import Choice, Question, Questionnaire, filters
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from suites import examples

NAN = float("nan")
RATING = ("1", "2", "3", "4", "5", "dont_know")


def question(name: str, type_: str, form: str, choices: tuple[str, ...] = (), **more: Any) -> Any:
    labels = {"en": f"<{name}>", "ru": f"«{name}»"}
    made = tuple(Choice(c, {"en": c.upper(), "ru": c.title()}) for c in choices)
    return Question(name, type_, labels, labels, choices=made, form=form, **more)


QUESTIONS = {
    q.name: q
    for q in (
        question("rural", "select_one", "single", ("urban", "rural", "staff", "or")),
        question("region", "select_one", "single", ("KZ-10", "KZ-75")),
        question("band", "select_one", "scale", ("1_4", "5_9", "10 plus")),
        question("then", "select_one", "scale", ("1_4", "5_9", "10 plus")),
        question("trust_a", "select_one", "rating", RATING, battery="trust"),
        question("trust_b", "select_one", "rating", RATING, battery="trust"),
        question("staff", "integer", "number"),
        question("helpers", "integer", "number"),
        question("services", "select_multiple", "multiple", ("aid", "aid_legal", "staff")),
        question("proposal", "text", "text", disclosure="free_text"),
        question("email", "text", "none", disclosure="identifier"),
        question("not", "integer", "number"),
    )
}
BOOK = Questionnaire(
    QUESTIONS, ("en", "ru"), {"trust": {"en": "Trust", "ru": "Доверие"}}, {"trust": {"en": "T"}}
)
FRAME = BOOK.type_frame(
    pd.DataFrame(
        {
            "rural": ["urban", "rural", "staff", None, "or", "rural"],
            "region": ["KZ-10", "KZ-75", None, "KZ-10", "KZ-75", "KZ-75"],
            "band": ["1_4", "5_9", "10 plus", None, "5_9", "1_4"],
            "then": ["5_9", "5_9", "1_4", "1_4", None, "1_4"],
            "trust_a": ["5", "dont_know", "3", None, "4", "1"],
            "trust_b": ["5", "dont_know", "5", "4", "dont_know", "1"],
            "staff": [0.0, 5.0, 12.0, NAN, 3.0, 5.0],
            "helpers": [0.0, 2.0, NAN, 4.0, 6.0, 0.0],
            "services": ["aid", "aid_legal staff", None, "aid aid_legal staff", "staff", "aid"],
            "proposal": ["a", None, None, "b", None, "c"],
            "email": ["a", None, None, "b", None, "c"],
            "not": [1.0, 2.0, 3.0, NAN, 5.0, 6.0],
        },
        dtype=object,
    )
)


def selected(text: str) -> list[int]:
    return np.flatnonzero(filters.parse(text, BOOK).select(FRAME)).tolist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("rural = rural", [1, 5]),
        ("rural != rural", [0, 2, 4]),
        ("not rural = rural", [0, 2, 4]),
        ("rural in (urban, 'or')", [0, 4]),
        ("rural not in (urban, 'or')", [1, 2, 5]),
        ("region = KZ-75", [1, 4, 5]),
        ("staff - 2 >= 3", [1, 2, 5]),
        ("staff-2>=3", [1, 2, 5]),
        ("band <= '5_9'", [0, 1, 4, 5]),
        ("band <= 5_9", [0, 1, 4, 5]),
        ("5_9 >= band", [0, 1, 4, 5]),
        ("band > 1_4", [1, 2, 4]),
        ("band between 5_9 and '10 plus'", [1, 2, 4]),
        ("band = then", [1, 5]),
        ("band > then", [2]),
        ("trust_a >= 4", [0, 4]),
        ("trust_a >= 3.5", [0, 4]),
        ("trust_a between 3 and 4", [2, 4]),
        ("trust_a = dont_know", [1]),
        ("trust_a != 5", [1, 2, 4, 5]),
        ("trust_a >= trust_b", [0, 5]),
        ("trust_a = trust_b", [0, 1, 5]),
        ("trust_a + trust_b = 10", [0]),
        ("staff between 3 and 5", [1, 4, 5]),
        ("staff in (0, 12)", [0, 2]),
        ("staff not in (0, 12)", [1, 4, 5]),
        ("staff / helpers > 2", [1]),
        ("helpers * -1 < -1", [1, 3, 4]),
        ("(staff + helpers) * 2 >= 14", [1, 4]),
        ("staff - (helpers - 1) = 4", [1]),
        ("chosen(services, aid)", [0, 3, 5]),
        ("not chosen(services, aid)", [1, 4]),
        ("count(services) >= 2", [1, 3]),
        ("answered(proposal)", [0, 3, 5]),
        ("missing(services)", [2]),
        ("rural = staff", [2]),
        ("${rural} = rural", [1, 5]),
        ("${not} >= 3", [2, 4, 5]),
        ("rural = urban or rural = rural and staff > 5", [0]),
        ("(rural = urban or rural = rural) and staff >= 5", [1, 5]),
    ],
)
def test_a_filter_selects_the_rows_it_is_true_of(text: str, rows: list[int]) -> None:
    assert selected(text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("staff >= 5 or helpers = 4", [1, 2, 3, 5]),
        ("staff >= 5 and helpers = 2", [1]),
        ("not (staff >= 5 and helpers = 2)", [0, 3, 4, 5]),
        ("not (staff >= 5 or helpers = 4)", [0, 4]),
        ("trust_a < 4", [2, 5]),
        ("not trust_a < 4", [0, 4]),
        ("staff / helpers >= 0 or not staff / helpers >= 0", [1, 4]),
    ],
)
def test_what_is_unknown_is_not_selected_nor_is_its_denial(text: str, rows: list[int]) -> None:
    assert selected(text) == rows


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("rurral = rural", 1, "no such question"),
        ("rural = vilage", 9, "rural has no such choice"),
        ("staf >= 5", 1, "did you mean staff"),
        ("rural", 1, "compare it"),
        ("staff", 1, "compare it"),
        ("services = aid", 1, "chosen(services, choice)"),
        ("chosen(services, ad)", 18, "did you mean aid"),
        ("chosen(rural, urban)", 8, "no question of many answers"),
        ("count(staff) > 1", 7, "no question of many answers"),
        ("rural > urban", 9, "no order"),
        ("rural = band", 9, "did you mean"),
        ("trust_a >= 40", 12, "no such point"),
        ("trust_a >= dont_know", 12, "no point of the scale"),
        ("trust_a = 7", 11, "no such choice"),
        ("band between 5_9 and 1_4", 22, "lies below"),
        ("staff between 5 and 1", 21, "lies below"),
        ("staff = 'abc'", 9, "a number is expected"),
        ("proposal = 5", 1, "answered(proposal)"),
        ("email = 5", 1, "who a respondent is"),
        ("answered(email)", 10, "who a respondent is"),
        ("staff == 5", 8, "is expected"),
        ("(staff > 5", 11, "the filter ends"),
        ("staff > 5)", 10, "should end here"),
        ("staff > 5 xor", 11, "should end here"),
        ("rural = 'urban", 9, "close the quotes"),
        ("system(rural)", 1, "no such call"),
        ("staff > 1 and", 14, "the filter ends"),
        ("staff > 12345678901234567", 9, "15 digits"),
        ("", 1, "the filter ends"),
        ("rural.__class__ = 1", 6, "cannot be read"),
        ("rural = rural ; 1", 15, "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_near(
    text: str, position: int, said: str
) -> None:
    with pytest.raises(filters.FilterError) as caught:
        filters.parse(text, BOOK)
    message = str(caught.value)
    assert isinstance(caught.value, ConfigError)
    assert caught.value.position == position
    assert message.startswith(f"character {position} of the filter: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "staff > 1" + ")" * 10_000,
        "not " * 5_000 + "staff > 1",
        "staff > " + "-" * 5_000 + "1",
        "staff > 1" + " and staff > 1" * 5_000,
        "staff > 1" + " + 1" * 5_000,
        "rural = " + "x" * 50_000,
        "(" * 41 + "staff > 1" + ")" * 41,
    ],
)
def test_what_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(filters.FilterError, match="levels|longer"):
        filters.parse(text, BOOK)


def test_what_is_just_short_and_flat_enough_is_read() -> None:
    assert selected(" and ".join(["staff > 4"] * 125)) == [1, 2, 5]
    assert selected("(" * 40 + "staff > 4" + ")" * 40) == [1, 2, 5]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  staff>=5.50   and(rural='rural')", "staff >= 5.5 and rural = rural"),
        ("rural = \"or\" or band = '10 plus'", "rural = 'or' or band = '10 plus'"),
        ("5_9 >= band", "band <= 5_9"),
        ("((staff > 1) and staff > 2) and staff > 3", "staff > 1 and staff > 2 and staff > 3"),
        ("not((staff > 1 or staff < 0))", "not (staff > 1 or staff < 0)"),
        ("staff -(helpers-1)=  4", "staff - (helpers - 1) = 4"),
        ("(staff - helpers) - 1 = 4", "staff - helpers - 1 = 4"),
        ("(staff-helpers)*2=4", "(staff - helpers) * 2 = 4"),
        ("${not}>3", "${not} > 3"),
        ("trust_a between 3 and ${staff}", "trust_a between 3 and staff"),
    ],
)
def test_a_filter_is_written_in_one_way(text: str, normal: str) -> None:
    read = filters.parse(text, BOOK)
    assert read.text == normal
    assert filters.parse(normal, BOOK) == read


@pytest.mark.parametrize(
    "text",
    [
        "rate = ${staff}",
        "${staff} <= rate",
        "rate between 1 and ${staff}",
        "rate between ${staff} and helpers",
        "one = ${two}",
        "${two} != one",
        "one = two",
        "rate = staff",
    ],
)
def test_a_question_called_like_a_choice_beside_it_keeps_its_mark(text: str) -> None:
    same = ("two", "b")
    more = (
        question("rate", "select_one", "rating", ("1", "2", "3", "staff")),
        question("one", "select_one", "single", same),
        question("two", "select_one", "single", same),
    )
    book = Questionnaire({**QUESTIONS, **{q.name: q for q in more}}, ("en",), {}, {})
    read = filters.parse(text, book)
    assert filters.parse(read.text, book).term == read.term
    assert ("${" in text) == ("${" in read.text)


def test_the_variables_of_a_filter_are_named_once_in_order() -> None:
    read = filters.parse("staff > 1 and (rural = rural or staff < helpers)", BOOK)
    assert read.variables == ("staff", "rural", "helpers")


def test_a_frame_without_a_column_is_refused() -> None:
    with pytest.raises(InputError, match="staff"):
        filters.parse("staff > 1", BOOK).select(FRAME.drop(columns="staff"))


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("rural = rural and staff >= 5", "en", "<rural>: RURAL; <staff> ≥ 5"),
        ("rural = rural or staff >= 5.5", "ru", "«rural»: Rural или «staff» ≥ 5,5"),
        ("trust_a >= 4", "en", "Trust – <trust_a> ≥ 4"),
        ("rural != rural", "en", "<rural> ≠ RURAL"),
        ("region in (KZ-10, KZ-75)", "en", "<region>: KZ-10 or KZ-75"),
        ("region not in (KZ-10, KZ-75)", "ru", "не («region»: Kz-10 или Kz-75)"),
        ("band between 1_4 and 5_9", "en", "<band>: 1_4 – 5_9"),
        ("not (staff > 1 or missing(band))", "en", "not (<staff> > 1 or <band>: not answered)"),
        ("staff < 1 or staff > 5 and rural = rural", "en",
         "<staff> < 1 or (<staff> > 5 and <rural>: RURAL)"),
        ("chosen(services, aid)", "kk", "<services>: AID"),
        ("not count(services) > 1", "kk", "(<services> (жауаптар саны) > 1) емес"),
        ("(staff + 1) * 2 > helpers", "en", "(<staff> + 1) × 2 > <helpers>"),
    ],
)  # fmt: skip
def test_a_filter_tells_itself_with_labels(text: str, language: str, words: str) -> None:
    assert filters.parse(text, BOOK).describe(language) == words


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(ConfigError, match="no words"):
        filters.parse("staff > 1", BOOK).describe("fr")


def test_filters_read_the_questionnaire_that_ships(study: Study) -> None:
    read = filters.parse("rural = rural and staff_paid >= 5", codebook(study, "ngo"))
    assert read.describe("en") == "Town or village: Village; Paid staff ≥ 5"
    assert read.describe("ru") == "Город или село: Село; Оплачиваемые сотрудники ≥ 5"


# A reference of three values, row by row, built beside the text it belongs to.
Row = dict[str, Any]
Known = Callable[[Row], Any]


def _both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compared(sign: str, left: Known, right: Known) -> Known:
    def hold(row: Row) -> bool | None:
        a, b = left(row), right(row)
        return None if a is None or b is None else SIGNS[sign](a, b)

    return hold


def _numeric() -> st.SearchStrategy[tuple[str, Known]]:
    names = st.sampled_from(["staff", "helpers", "${not}"]).map(
        lambda n: (n, lambda row: row[n.strip("${}")])
    )
    literal = st.integers(0, 9).map(lambda n: (str(n), lambda row: n))

    def grow(inner: Any) -> Any:
        def join(parts: Any) -> tuple[str, Known]:
            (lt, lf), sign, (rt, rf) = parts

            def value(row: Row) -> Any:
                a, b = lf(row), rf(row)
                if a is None or b is None:
                    return None
                return {"+": a + b, "-": a - b, "*": a * b}[sign]

            return f"({lt} {sign} {rt})", value

        return st.tuples(inner, st.sampled_from("+-*"), inner).map(join) | inner.map(
            lambda p: (f"-{p[0]}", lambda row: None if p[1](row) is None else -p[1](row))
        )

    return st.recursive(names | literal, grow, max_leaves=4)


def _scale(name: str) -> st.SearchStrategy[tuple[str, Known]]:
    order = QUESTIONS[name].choice_names

    def made(pair: tuple[str, str]) -> tuple[str, Known]:
        sign, choice = pair
        place: Known = lambda row: None if row[name] is None else order.index(row[name])  # noqa: E731
        return f"{name} {sign} '{choice}'", _compared(sign, place, lambda row: order.index(choice))

    return st.tuples(st.sampled_from(sorted(SIGNS)), st.sampled_from(order)).map(made)


def _terms() -> st.SearchStrategy[tuple[str, Known]]:
    compared = st.tuples(_numeric(), st.sampled_from(sorted(SIGNS)), _numeric()).map(
        lambda p: (f"{p[0][0]} {p[1]} {p[2][0]}", _compared(p[1], p[0][1], p[2][1]))
    )
    single = st.sampled_from(["urban", "rural", "'or'"]).map(
        lambda c: (f"rural = {c}", _compared("=", lambda row: row["rural"], lambda r: c.strip("'")))
    )
    chosen = st.sampled_from(["aid", "aid_legal", "staff"]).map(
        lambda c: (
            f"chosen(services, {c})",
            lambda row: None if row["services"] is None else c in row["services"].split(),
        )
    )
    there = st.sampled_from(["staff", "band"]).map(
        lambda n: (f"answered({n})", lambda row: row[n] is not None)
    )
    leaves = compared | single | chosen | there | _scale("band")

    def grow(inner: Any) -> Any:
        def join(parts: Any) -> tuple[str, Known]:
            (lt, lf), word, (rt, rf) = parts
            if word == "and":
                return f"({lt}) and ({rt})", lambda row: _both(lf(row), rf(row))
            return f"({lt}) or ({rt})", lambda row: _not(_both(_not(lf(row)), _not(rf(row))))

        joined = st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(join)
        return joined | inner.map(lambda p: (f"not ({p[0]})", lambda row: _not(p[1](row))))

    return st.recursive(leaves, grow, max_leaves=6)


ROWS: list[Row] = [
    {str(k): None if pd.isna(v) else v for k, v in record.items()}
    for record in FRAME.astype(object).to_dict("records")
]


@examples(300)
@given(_terms())
def test_rows_are_selected_as_three_valued_logic_says(case: tuple[str, Known]) -> None:
    text, hold = case
    read = filters.parse(text, BOOK)
    wanted = [hold(row) is True for row in ROWS]
    assert read.select(FRAME).tolist() == wanted
    again = filters.parse(read.text, BOOK)
    assert again.text == read.text
    assert again.select(FRAME).tolist() == wanted
    assert all(read.describe(language) for language in ("en", "ru", "kk"))


WORDS = [
    *"()=<>,+-*/'\"",
    *("and", "or", "not", "in", "between", "answered", "chosen", "count", "!=", "${staff}"),
    *("staff", "rural", "band", "5_9", "KZ-75", "services", "trust_a", "3", "0.5", "__import__"),
]


@examples(600)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        read = filters.parse(text, BOOK)
    except filters.FilterError as error:
        assert 1 <= error.position <= len(text) + 1
        return
    again = filters.parse(read.text, BOOK)
    assert again == read
    assert np.array_equal(again.select(FRAME), read.select(FRAME))
