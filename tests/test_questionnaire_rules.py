"""Skip rules and constraints mean what they mean in ODK; what cannot be known is left unchecked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.codebook import Choice, LeftOut, Question, Questionnaire
from ngo_survey.codebook.expressions import Rule, check_rules, parse_rule, unchecked_rules
from ngo_survey.codebook.question import FormRule
from ngo_survey.errors import InputError, SeveralFaultsError
from suites import examples


def question(name: str, type_: str, *choices: str) -> Question:
    made = tuple(Choice(c, {"en": c}) for c in choices)
    return Question(name, type_, {"en": name}, {"en": name}, choices=made)


QUESTIONS = (
    question("a", "integer"),
    question("b", "decimal"),
    question("one", "select_one", "x", "y", "1"),
    question("many", "select_multiple", "x", "y", "xy"),
    question("words", "text"),
    question("day", "date"),
    question("made", "calculate"),
)
BOOK = Questionnaire({q.name: q for q in QUESTIONS}, ("en",), {}, {}, source="form.xlsx")
FRAME = pd.DataFrame(
    {
        "a": ["1", "3", np.nan],
        "b": ["2.5", np.nan, np.nan],
        "one": ["x", "1", np.nan],
        "many": ["x y", "xy", np.nan],
        "words": ["Abc 12", "77", np.nan],
        "day": ["2026-05-01", "2026-06-15", np.nan],
        "made": ["1", np.nan, np.nan],
    },
    dtype=object,
)


def rule(text: str, current: str = "a") -> Rule:
    return parse_rule(text, BOOK, current)


def truth(text: str, frame: pd.DataFrame = FRAME, current: str = "a") -> list[bool | None]:
    found = rule(text, current).evaluate(frame)
    assert found.index.equals(frame.index)
    return [None if pd.isna(value) else bool(value) for value in found]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        # An answer that is missing is the empty text (JavaRosa, XPathPathExpr.unpackValue).
        ("${a} = ''", [False, False, True]),
        ("${a} != ''", [True, True, False]),
        ("${one} = 'x'", [True, False, False]),
        ("${one} != 'x'", [False, True, True]),
        ("${a} = ${b}", [False, False, True]),
        # No number is larger, smaller or equal to anything (XPath 1.0, 3.4).
        ("${a} > 2", [False, True, False]),
        ("${a} <= 2", [True, False, False]),
        ("${a} = 0", [False, False, False]),
        ("${a} != 0", [True, True, True]),
        ("not(${a} > 2)", [True, False, True]),
        ("${a} + ${b} > 0", [True, False, False]),
        ("${a} + ${b} != 0", [True, True, True]),
        ("-${a} < 0", [True, True, False]),
        # An answer to a question about a number is one; a choice becomes one beside a number.
        ("${a} = '1.0'", [True, False, False]),
        ("${a} = 1.0", [True, False, False]),
        ("${one} = '1.0'", [False, False, False]),
        ("${one} = 1", [False, True, False]),
        ("${a} and ${b}", [True, False, False]),
        ("${a} - 1", [False, True, False]),
        ("${words}", [True, True, False]),
        ("'x' < 'y'", [False, False, False]),
        ("${day} > date('2026-05-20')", [False, True, False]),
        ("${day} = date('2026-05-01')", [True, False, False]),
        ("${day} + 1 = date('2026-05-02')", [True, False, False]),
        ("date(${day} + 1) = '2026-05-02'", [True, False, False]),
        # Operators bind as in XPath.
        ("${a} = 1 or ${a} = 3 and ${b} = 9", [True, False, False]),
        ("(${a} = 1 or ${a} = 3) and ${b} = 2.5", [True, False, False]),
        ("1 + 2 * 3 = 7", [True, True, True]),
        ("7 mod 4 = 3 and -7 mod 4 = -3 and 7 div 2 = 3.5", [True, True, True]),
        ("1 div 0 > 1000 and not(0 div 0 = 0 div 0)", [True, True, True]),
        ("${a} > 2 = true()", [False, True, False]),
        (". >= -5 and . <= 2 * 100", [True, True, False]),
        (". = -99 or . = 3", [False, True, False]),
        (". >= 1 and . <= 3", [True, True, False]),
        (".>.5", [True, True, False]),
        ("${a}-1=0", [True, False, False]),
        ("${ a }\n=\t1", [True, False, False]),
        ("${one} = ‘x’", [True, False, False]),
    ],
)
def test_operators_mean_what_they_mean_in_odk(text: str, rows: list[bool]) -> None:
    assert truth(text) == rows
    assert not rule(text).unchecked


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("selected(${many}, 'x')", [True, False, False]),
        ("not(selected(${many}, 'x'))", [False, True, True]),
        ("selected(${many}, ${one})", [True, False, True]),
        ("count-selected(${many}) = 2", [True, False, False]),
        ("count-selected(${many}) = 0", [False, False, True]),
        ("selected-at(${many}, 1) = 'y'", [True, False, False]),
        ("selected-at(${many}, -1) = ''", [True, True, True]),
        ("coalesce(${b}, 0) >= 0", [True, True, True]),
        ("coalesce(${b}, ${a}) = 3", [False, True, False]),
        ("if(${a} > 2, ${b} = '', false())", [False, True, False]),
        ("if(${a} = '', 'none', ${a}) = 3", [False, True, False]),
        ("if(selected(${many}, 'x'), 'yes', false())", [True, False, False]),
        ("once(5) = 5", [False, False, True]),
        ("true() and not(false())", [True, True, True]),
        ("boolean(${a}) and boolean('false')", [True, True, False]),
        ("boolean-from-string(${made})", [True, False, False]),
        ("string-length(${words}) = 6", [True, False, False]),
        ("string-length() = 0", [False, False, True]),
        ("contains(${words}, 'bc')", [True, False, False]),
        ("starts-with(${words}, '7') or ends-with(${words}, '12')", [True, True, False]),
        ("substr(${words}, 1, 3) = 'bc'", [True, False, False]),
        ("substr(${words}, -2) = '12'", [True, False, False]),
        ("substring-before(${words}, ' ') = 'Abc'", [True, False, False]),
        ("substring-after(${words}, ' ') = '12'", [True, False, False]),
        ("translate(${words}, 'Ab7', 'aB') = 'aBc 12'", [True, False, False]),
        ("normalize-space('  a   b ') = 'a b'", [True, True, True]),
        ("concat(${a}, '-', ${one}) = '1-x'", [True, False, False]),
        ("join(' ', ${one}, 'z', ${a}) = 'x z 1'", [True, False, False]),
        ("string(${a} + 0.5) = '1.5' and string(2 + 2) = '4'", [True, False, False]),
        ("number(${words}) = 77", [False, True, False]),
        ("int(${b}) = 2 and int(-2.7) = -2", [True, False, False]),
        ("round(${b}) = 3 and round(-2.5) = -2", [True, False, False]),
        ("round(1.005, 2) = 1.01 and round(1234, -2) = 1200", [True, True, True]),
        ("abs(-2) + floor(2.7) + ceiling(2.1) + pow(2, 3) = 15", [True, True, True]),
        ("sqrt(16) = 4 and log10(1000) = 3 and exp10(2) = 100", [True, True, True]),
        ("log(exp(2)) = 2 and abs(sin(pi())) < 0.001", [True, True, True]),
        ("atan2(1, 1) * 4 = pi() and tan(0) = 0 and cos(0) = 1", [True, True, True]),
        ("min(${a}, ${b}, 2) = 2", [False, True, True]),
        ("max(${a}, ${b}) = 3", [False, True, False]),
        ("sum(${a}) = 1", [True, False, False]),
        ("count-non-empty(${b}) = 1", [True, False, False]),
        ("checklist(1, 2, ${a} > 2, ${b} > 2, ${one} = 'x')", [True, True, False]),
        ("checklist(-1, 0, ${a} > 2)", [True, False, True]),
        ("weighted-checklist(3, 9, ${a} > 2, 3, ${b} > 2, 1)", [False, True, False]),
        ("regex(${words}, '[0-9]+')", [None, True, False]),
        ("regex(${words}, '^[A-Z].*$')", [True, False, False]),
        ("decimal-date-time(${day}) > 20600", [False, True, False]),
        ("decimal-date-time('1970-01-02T12:00:00Z') = 1.5", [True, True, True]),
        ("decimal-time('06:00:00.000+03:00') = 0.25", [True, True, True]),
        ("format-date(${day}, '%e.%n.%y') = '1.5.26'", [True, False, False]),
        ("format-date-time('2026-05-01T09:30:00Z', '%Y-%m-%d %H:%M') = '2026-05-01 09:30'",
         [True, True, True]),
    ],
)  # fmt: skip
def test_functions_mean_what_they_mean_in_odk(text: str, rows: list[bool | None]) -> None:
    assert truth(text) == rows
    assert not rule(text).unchecked


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (". <= today()", [None, None, None]),
        (". > 1 and . <= decimal-date-time(now())", [False, None, False]),
        (". > 1 or . = random()", [None, True, None]),
        ("pulldata('prices', 'p', 'k', ${one}) = 'x'", [None, None, None]),
        ("jr:choice-name(${one}, '${one}') = 'X'", [None, None, None]),
        ("count(${people}) > 1", [None, None, None]),
        ("indexed-repeat(${name}, ${people}, 1) = 'x'", [None, None, None]),
        ("position(..) = 1", [None, None, None]),
        ("instance('l')/root/item[name = current()/../one]/label = 'x'", [None, None, None]),
        ("${last-saved#a} = 1 or ${a} = 1", [True, None, None]),
        ("/form/group/a = 1 or ../b = 2", [None, None, None]),
        ("if(${a} = 1, true(), today() > 5)", [True, None, None]),
        ("coalesce(${a}, today()) = 3", [False, True, None]),
        ("regex(${words}, '\\p{L}+')", [None, None, None]),
        ("not(today() = 1)", [None, None, None]),
        ("format-date(${day}, '%b') = 'May'", [None, None, False]),
    ],
)
def test_what_is_evaluated_on_the_phone_alone_is_unknown(
    text: str, rows: list[bool | None]
) -> None:
    assert truth(text) == rows
    if "%b" not in text:
        assert "is not evaluated" in rule(text).unchecked


def test_the_questions_whose_rules_are_left_unchecked_are_named() -> None:
    day = Question("day", "date", {}, {}, relevant="${a} > 1", constraint=". <= today()")
    made = Question("made", "text", {}, {}, relevant="../a = 1", constraint="regex(., '[a-z]+')")
    book = Questionnaire({**BOOK.questions, "day": day, "made": made}, ("en",), {}, {})
    assert unchecked_rules(book) == {
        "day": "today() is not evaluated",
        "made": "the path ../a is not evaluated",
    }


def test_a_question_that_was_not_exported_is_unknown() -> None:
    text = "${made} = 1 and ${a} > 2"
    assert truth(text) == [False, False, False]
    assert truth(text, FRAME.drop(columns="made")) == [False, None, False]
    assert rule(text).variables == ("made", "a")


def test_an_answer_that_cleaning_blanked_is_unknown() -> None:
    blanked = {"a": np.array([False, False, True])}
    found = rule("${a} > 2 or ${one} = 'x'").evaluate(FRAME, blanked)
    assert found.isna().tolist() == [False, False, True]


def test_typed_answers_are_read_as_texts_are() -> None:
    typed = FRAME.assign(a=[1.0, 3.0, np.nan], one=pd.Categorical(["x", "1", None]))
    for text in ("${a} = '' or ${a} = 3", "${one} = 'x'", "concat(${a}, ${one}) = '1x'"):
        assert truth(text, typed) == truth(text)


def test_a_frame_without_rows_gives_none() -> None:
    assert truth("selected(${many}, 'x') and ${a} > 1 and concat(${a}, ${one}) = ''",
                 FRAME.iloc[:0]) == []  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slected(${many}, 'x')", "there is no function slected(), did you mean selected"),
        ("__import__('os')", "there is no function __import__()"),
    ],
)
def test_a_function_that_nobody_knows_leaves_its_rule_unchecked(text: str, said: str) -> None:
    assert said in rule(text).unchecked
    assert truth(f"{text} or ${{a}} > 2") == [None, True, None]


def test_a_rule_that_asks_for_what_is_left_out_is_unchecked() -> None:
    place = LeftOut("place", "home/place", "geopoint")
    book = Questionnaire(BOOK.questions, ("en",), {}, {}, left_out=(place,))
    asked = parse_rule("${place} != '' or ${a} > 2", book)
    assert asked.unchecked == "place is not read"
    assert asked.evaluate(FRAME).fillna(False).tolist() == [False, True, False]


def test_all_mistakes_in_rules_are_told_at_once_each_with_its_row() -> None:
    rules = (
        FormRule(4, "relevant", "${zz} > 1"),
        FormRule(7, "constraint", ". > (", "a"),
        FormRule(9, "constraint", ". > 1", "a"),
    )
    book = Questionnaire(BOOK.questions, ("en",), {}, {}, "form.xlsx", rules=rules)
    with pytest.raises(SeveralFaultsError) as caught:
        check_rules(book)
    assert [(e.sheet, e.row, e.column) for e in caught.value.errors] == [
        ("survey", 4, "relevant"), ("survey", 7, "constraint"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "${a} > (",
            "character 9: a question, a choice or a number is expected, but the rule ends",
        ),
        ("${zz} > 1", "character 1: there is no such question (found 'zz')"),
        ("selected(${many})", "selected() takes 2 arguments (found '1')"),
        ("if(true(), 1)", "if() takes 3 arguments"),
        ("round()", "round() takes 1 to 2 arguments"),
        ("weighted-checklist(1, 2, true(), 1, true())", "takes 4 or more arguments"),
        ("a > 1", "a question is written ${name}"),
        ("${a} > 1)", "the rule should end here"),
        ("${a} = 'x", "close the quotes"),
        ("${a} == 1", "character 7"),
        ("${a} in (1, 2)", "character 6"),
        ("", "the rule ends"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_rule(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        rule(text)
    message = str(caught.value)
    assert said in message
    assert message.startswith("form.xlsx, column a: a rule of the form cannot be read")
    assert message.endswith(f"correct relevant or constraint: {text}")
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "${a} > 1" + ")" * 10_000,
        "not(" * 100 + "${a} > 1" + ")" * 100,
        "if(${a} = 1, 1, " * 60 + "0" + ")" * 60,
        "-" * 3_000 + "1",
        "${a} > 1" + " and ${a} > 1" * 5_000,
    ],
)
def test_a_rule_too_deep_or_too_long_is_left_unchecked(text: str) -> None:
    assert truth(text) == [None, None, None]
    assert "levels" in rule(text).unchecked or "longer" in rule(text).unchecked


def test_a_long_flat_rule_and_one_of_forty_levels_are_checked() -> None:
    assert truth(" or ".join(f"${{a}} = {n}" for n in range(1, 1_000))) == [True, True, False]
    assert truth("not(" * 40 + "${a} > 2" + ")" * 40) == [False, True, False]


# A reference by row, after JavaRosa: Python's own texts, numbers and truths.
Row = dict[str, Any]
Known = Callable[[Row], Any]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            "NaN" if math.isnan(value) else str(int(value)) if value == int(value) else f"{value}"
        )
    return str(value)


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _true(value: Any) -> bool:
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return value if isinstance(value, bool) else value != ""


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return _true(one) == _true(other)
    if isinstance(one, float) or isinstance(other, float):
        return _number(one) == _number(other)
    return bool(one == other)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": _equal,
    "!=": lambda a, b: not _equal(a, b),
    "<": lambda a, b: _number(a) < _number(b),
    ">=": lambda a, b: _number(a) >= _number(b),
    "+": lambda a, b: _number(a) + _number(b),
    "-": lambda a, b: _number(a) - _number(b),
    "*": lambda a, b: _number(a) * _number(b),
    "and": lambda a, b: _true(a) and _true(b),
    "or": lambda a, b: _true(a) or _true(b),
}
CALLS: dict[str, tuple[int, Callable[..., Any]]] = {
    "not": (1, lambda a: not _true(a)),
    "string-length": (1, lambda a: float(len(_text(a)))),
    "concat": (2, lambda a, b: _text(a) + _text(b)),
    "coalesce": (2, lambda a, b: b if a == "" or (isinstance(a, float) and math.isnan(a)) else a),
    "if": (3, lambda a, b, c: b if _true(a) else c),
    "number": (1, _number),
    "boolean": (1, _true),
}
ROWS: list[Row] = [
    {
        name: "" if pd.isna(value) else float(value) if name in {"a", "b"} else value
        for name, value in record.items()
    }
    for record in FRAME.to_dict("records")
]


def _expressions() -> st.SearchStrategy[tuple[str, Known]]:
    names = st.sampled_from(["a", "b", "one", "words"]).map(
        lambda name: (f"${{{name}}}", lambda row: row[name])
    )
    literals = st.sampled_from(["''", "'x'", "'1'", "'77'"]).map(
        lambda text: (text, lambda row: text.strip("'"))
    )
    numbers = st.sampled_from(["0", "1", "2.5", "77"]).map(
        lambda text: (text, lambda row: float(text))
    )

    def grow(inner: Any) -> Any:
        def operated(parts: Any) -> tuple[str, Known]:
            (lt, lf), sign, (rt, rf) = parts
            return f"({lt} {sign} {rt})", lambda row: OPERATORS[sign](lf(row), rf(row))

        def called(parts: Any) -> tuple[str, Known]:
            name, *given_ = parts
            count, function = CALLS[name]
            used = given_[:count]
            text = f"{name}({', '.join(text for text, _ in used)})"
            return text, lambda row: function(*(known(row) for _, known in used))

        operations = st.tuples(inner, st.sampled_from(sorted(OPERATORS)), inner).map(operated)
        calls = st.tuples(st.sampled_from(sorted(CALLS)), inner, inner, inner).map(called)
        return operations | calls

    return st.recursive(names | literals | numbers, grow, max_leaves=8)


@given(_expressions())
@examples(400, quick=100)
def test_rules_are_what_a_reading_row_by_row_gives(case: tuple[str, Known]) -> None:
    text, known = case
    assert truth(text) == [_true(known(row)) for row in ROWS]


WORDS = [
    *("()", "(", ")", ",", "=", "!=", "<", ">=", "+", "-", "*", "div", "mod", "and", "or", "|"),
    *(
        "${a}",
        "${many}",
        "${zz}",
        ".",
        "..",
        "/x",
        "'x'",
        '"',
        "1",
        ".5",
        "not(",
        "selected(",
        "if(",
    ),
    *("today()", "true()", "instance('x')/root", "[1]", "regex(., '[')", "concat(", "coalesce("),
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=40))
@examples(600, quick=100)
def test_any_text_is_evaluated_or_refused_in_one_line(text: str) -> None:
    try:
        read = rule(text)
    except InputError as error:
        assert "\n" not in str(error).replace(text.strip(), "")
        return
    assert len(read.evaluate(FRAME)) == len(FRAME)
