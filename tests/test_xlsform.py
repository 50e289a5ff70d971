"""Any XLSForm that KoboToolbox and ODK take is read; what is wrong with one is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyxform import aliases
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from forms import YES_NO, accepted, write_form
from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.expressions import check_rules, unchecked_rules
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.codebook.xlsform_sheets import language_code
from ngo_survey.codebook.xlsform_types import read_type
from ngo_survey.errors import InputError, SeveralFaultsError
from suites import examples

TEXT = {"type": "text", "name": "words", "label": "Words"}


@pytest.fixture
def form(tmp_path: Path) -> Any:
    """Write a form that pyxform takes, and read it."""

    def made(*survey: Mapping[str, Any], taken: bool = True, **sheets: Any) -> Questionnaire:
        path = write_form(tmp_path / "form.xlsx", survey, **{"choices": YES_NO, **sheets})
        assert accepted(path) == taken
        return read_xlsform(path, "form.xlsx", "en")

    return made


def faults(form: Any, *survey: Mapping[str, Any], **sheets: Any) -> list[InputError]:
    with pytest.raises(InputError) as caught:
        form(*survey, taken=False, **sheets)
    return list(getattr(caught.value, "errors", [caught.value]))


# -- types -----------------------------------------------------------------------------------------


def test_every_type_of_pyxform_is_known() -> None:
    selects = [f"{name} yn" for name in aliases.select]
    containers = [f"{edge}{name}" for edge in ("begin ", "end_") for name in aliases.control]
    written = [*QUESTION_TYPE_DICT, *aliases._type_alias_map, *selects, *containers]
    assert [name for name in written if read_type(name) is None] == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("int", "integer"),
        ("string", "text"),
        ("dateTime", "datetime"),
        ("select1 yn", "select_one"),
        ("select all that apply from yn", "select_multiple"),
    ],
)
def test_an_older_name_of_a_type_is_the_type(form: Any, written: str, name: str) -> None:
    assert form({"type": written, "name": "a", "label": "A"}).question("a").type == name


@pytest.mark.parametrize(
    "kind",
    ["audit", "geopoint", "geotrace", "geoshape", "image", "audio", "video", "barcode", "file",
     "note", "acknowledge", "trigger", "background-audio", "deviceid", "username",
     "phonenumber", "email", "start-geopoint", "xml-external", "csv-external"],
)  # fmt: skip
def test_what_has_no_answer_to_analyse_is_left_out(form: Any, kind: str) -> None:
    name = "audit" if kind == "audit" else "seen"
    book = form({"type": kind, "name": name, "label": "Seen"}, TEXT)
    assert list(book.questions) == ["words"]
    assert [one.name for one in book.left_out] == [name]


def test_a_type_without_answers_is_read_where_the_form_says_how(form: Any) -> None:
    book = form({"type": "barcode", "name": "card", "label": "Card", "analysis_role": "id"}, TEXT)
    assert book.by_role("id").name == "card"


def test_a_range_is_a_number(form: Any) -> None:
    row = {"type": "range", "name": "a", "label": "A", "parameters": "start=0 end=10 step=1"}
    question = form(row).question("a")
    assert question.numeric
    assert question.form == "number"


def test_what_the_tool_records_is_kept_and_not_tabled(form: Any) -> None:
    kinds = ("start", "end", "today", "calculate")
    book = form(*({"type": k, "name": k, "calculation": "1"} for k in kinds), TEXT)
    assert [book.question(k).disclosure for k in kinds] == ["internal"] * 4


# -- rows ------------------------------------------------------------------------------------------


def test_of_a_repeat_nothing_is_read_and_it_is_said_once(form: Any) -> None:
    book = form(
        TEXT,
        {"type": "begin_repeat", "name": "child", "label": "Children"},
        {"type": "integer", "name": "age", "label": "Age"},
        {"type": "begin group", "name": "school", "label": "School"},
        {"type": "select_one yn", "name": "goes", "label": "Goes"},
        {"type": "end group"},
        {"type": "end_repeat"},
        {"type": "integer", "name": "adults", "label": "Adults", "relevant": "count(${child}) > 1"},
    )
    assert list(book.questions) == ["words", "adults"]
    assert [note for note in book.notes if "child" in note] == [
        "not read: the answers in repeats: child"
    ]
    assert list(unchecked_rules(book)) == ["adults"]


def test_a_disabled_row_is_not_in_the_form(form: Any) -> None:
    old = {"type": "integer", "name": "old", "label": "Old", "disabled": "yes"}
    assert list(form(TEXT, old).questions) == ["words"]


def test_empty_rows_and_comments_part_questions(form: Any) -> None:
    assert list(form(TEXT, {}, {"type": None, "remark": "ask Asel"}).questions) == ["words"]


def test_names_that_differ_by_case_are_two_names(form: Any) -> None:
    rows = [{"type": "integer", "name": name, "label": name} for name in ("age", "Age")]
    assert list(form(*rows).questions) == ["age", "Age"]


def test_a_name_in_two_groups_takes_the_name_of_its_group(form: Any) -> None:
    age = {"type": "integer", "name": "age", "label": "Age"}
    groups = [
        row
        for name in ("wife", "man")
        for row in (
            {"type": "begin_group", "name": name, "label": name}, age, {"type": "end_group"},
        )
    ]  # fmt: skip
    book = form(*groups)
    assert {q.name: q.path for q in book} == {"wife_age": "wife/age", "man_age": "man/age"}


def test_a_question_called_as_a_column_of_ours_is_renamed_and_so_are_rules(form: Any) -> None:
    book = form(
        {"type": "text", "name": "respondent", "label": "Who"},
        {"type": "text", "name": "why", "label": "Why", "relevant": "${respondent} != ''"},
    )
    assert [q.name for q in book] == ["q_respondent", "why"]
    assert book.question("why").relevant == "(${q_respondent} != '')"
    check_rules(book)


def test_a_rule_that_is_a_word_alone_is_a_truth(form: Any) -> None:
    book = form({**TEXT, "relevant": "yes", "constraint": "false"})
    assert book.question("words").relevant == "(true())"
    assert book.question("words").constraint == "false()"


# -- choices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["select_one", "select_multiple"])
def test_or_other_adds_a_choice_and_a_question_for_its_words(form: Any, kind: str) -> None:
    book = form({"type": f"{kind} yn or_other", "name": "a", "label": "A"})
    assert book.question("a").choice_names == ("yes", "no", "other")
    words = book.question("a_other")
    assert (words.form, words.relevant) == ("text", "selected(${a}, 'other')")


def test_words_of_other_belong_to_the_question_of_their_group(form: Any) -> None:
    one = {"type": "select_one yn or_other", "name": "a", "label": "A"}
    groups = [
        row
        for name in ("g", "h")
        for row in (
            {"type": "begin_group", "name": name, "label": name},
            one,
            {"type": "end_group"},
        )
    ]
    book = form(*groups)
    assert {q.name: q.relevant for q in book if q.type == "text"} == {
        "g_a_other": "selected(${g_a}, 'other')", "h_a_other": "selected(${h_a}, 'other')",
    }  # fmt: skip


def test_choices_of_the_sheet_external_choices_are_read(form: Any) -> None:
    towns = [{"list_name": "towns", "name": "aktau", "label": "Aktau", "region": "m"}]
    row = {"type": "select_one_external towns", "name": "town", "label": "Town"}
    book = form({**row, "choice_filter": "region='m'"}, external_choices=towns)
    assert book.question("town").choice_names == ("aktau",)


def test_choices_of_a_file_leave_a_text_and_it_is_said(form: Any) -> None:
    book = form({"type": "select_one_from_file towns.csv", "name": "town", "label": "Town"})
    assert book.question("town").form == "text"
    assert any("town" in note and "towns.csv" in note for note in book.notes)


def test_a_choice_twice_is_one_where_the_settings_allow_it(form: Any) -> None:
    again = {"list_name": "yn", "name": "no", "label": "No", "region": "south"}
    one = {"type": "select_one yn", "name": "a", "label": "A"}
    allowed = {"allow_choice_duplicates": "yes"}
    assert form(one, choices=[*YES_NO, again], settings=allowed).question("a").choice_names == (
        "yes", "no",
    )  # fmt: skip
    assert "allow_choice_duplicates" in faults(form, one, choices=[*YES_NO, again])[0].hint


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "languages"),
    [
        (["label"], ("en",)),
        (["label::English"], ("en",)),
        (["label::English (en)"], ("en",)),
        (["label:English"], ("en",)),
        (["label", "label::Русский"], ("ru", "en")),
        (["label::Kazakh", "label::русский язык"], ("kk", "ru")),
        (["label::Қазақша", "label::English"], ("kk", "en")),
        (["label::our own"], ("en",)),
    ],
)
def test_the_language_of_words_is_that_of_their_header(
    form: Any, headers: list[str], languages: tuple[str, ...]
) -> None:
    book = form({"type": "text", "name": "a"} | {h: f"in {h}" for h in headers})
    assert set(book.languages) == set(languages)
    assert all(book.question("a").labels[code].startswith("in label") for code in languages)


def test_the_settings_say_the_language_of_plain_labels(form: Any) -> None:
    book = form(TEXT, settings={"default_language": "Русский (ru)"})
    assert book.question("words").labels == {"ru": "Words"}


def test_words_that_a_language_lacks_are_those_of_another_and_it_is_said(form: Any) -> None:
    book = form(
        {"type": "text", "name": "a", "label::English (en)": "A", "label::Russian (ru)": "А"},
        {"type": "text", "name": "b", "label::English (en)": "B"},
        choices=(),
    )
    assert book.question("b").labels == {"en": "B", "ru": "B"}
    assert "words in ru are missing, others are shown: b" in book.notes


@pytest.mark.parametrize(
    ("said", "code"),
    [("English", "en"), ("ru", "ru"), ("Казахский", "kk"), ("O‘zbekcha (uz)", "uz"), ("x1", "")],
)
def test_a_language_is_known_by_its_name(said: str, code: str) -> None:
    assert language_code(said) == code


# -- faults ----------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_its_place(form: Any) -> None:
    found = faults(
        form,
        {"type": "txt", "name": "a", "label": "A"},
        {"type": "select_one ny", "name": "b", "label": "B", "relevant": "${a} > 1 and ${zz} > ("},
        {"type": "text", "label": "C"},
        {"type": "text", "name": "d e", "label": "D"},
        {"type": "text", "name": "f", "label": "F", "analysis_form": "nuber"},
        {"type": "text", "name": "f", "label": "F"},
        {"type": "end_group"},
        {"type": "begin_group", "name": "g", "label": "G"},
        choices=[*YES_NO, {"list_name": "yn", "label": "No name"}],
    )
    assert [(e.sheet, e.row, e.column, e.value) for e in found] == [
        ("survey", 2, "type", "txt"),
        ("survey", 3, "type", "ny"),
        ("survey", 3, "relevant", None),
        ("survey", 4, "name", None),
        ("survey", 5, "name", "d e"),
        ("survey", 6, "analysis_form", "nuber"),
        ("survey", 7, "name", "f"),
        ("survey", 8, "type", "end_group"),
        ("survey", 9, "type", "begin_group"),
        ("choices", 4, "name", None),
    ]
    assert all(e.hint for e in found)


def test_several_faults_are_printed_a_line_each() -> None:
    error = SeveralFaultsError([InputError("one", file="a.xlsx"), InputError("two", file="a.xlsx")])
    assert str(error) == "a.xlsx: 2 faults\n  a.xlsx: one\n  a.xlsx: two"


@pytest.mark.parametrize(
    ("header", "meant"),
    [("analysis_from", "analysis_form"), ("analysis_title_english", "analysis_title_en")],
)
def test_a_mistyped_column_of_the_analysis_is_told(form: Any, header: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean {meant}"):
        form({**TEXT, header: "text"})


def test_a_rule_that_names_one_of_two_questions_is_told(form: Any) -> None:
    found = faults(
        form,
        {"type": "integer", "name": "age", "label": "Age"},
        {"type": "begin_group", "name": "g", "label": "G", "relevant": "${age} > 1"},
        {"type": "integer", "name": "age", "label": "Age"},
        {"type": "end_group"},
    )
    assert [(e.row, e.column, e.value) for e in found] == [(3, "relevant", "age")]


# -- any form --------------------------------------------------------------------------------------

RULES = (
    "${a} = 1", "selected(${b}, 'yes')", "../a = 2", "position(..) > 1", "once(today()) > 3",
    ". > 1", ". + ${a} = 100", "regex(., '\\p{L}')", "true", "nobody-knows(.)",
    "indexed-repeat(${a}, ${g}, 1) = 2",
)  # fmt: skip
WORDS = st.sampled_from([None, "A label", "100 % in total", "**b**"])
TYPES = [
    *sorted({*QUESTION_TYPE_DICT} - {"select one", "select all that apply", "q select"}),
    *(f"{name} yn" for name in sorted(aliases.select) if "file" not in name and "ext" not in name),
    *("select_one yn or_other", "select_multiple five", "select_one_from_file f.csv", "rank five"),
]
ROW = st.fixed_dictionaries(
    {
        "type": st.sampled_from(TYPES),
        "name": st.sampled_from(["a", "A", "age", "respondent", "consent", "x-y", "p.q", "é"]),
    },
    optional={
        **dict.fromkeys(("label", "label::English (en)", "label::Русский", "hint::Own"), WORDS),
        **dict.fromkeys(("relevant", "constraint"), st.sampled_from(RULES)),
        "disabled": st.sampled_from(["yes", "no"]),
        "appearance": st.sampled_from(["likert", "minimal"]),
        "analysis_form": st.sampled_from(["number", "single"]),
    },
)


def block(rows: st.SearchStrategy[list[dict[str, Any]]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    kind = st.sampled_from(["group", "repeat", "lgroup"])
    return st.builds(
        lambda kind, label, inside: [
            {"type": f"begin {kind}", "name": "g", "label": label},
            *(row for part in inside for row in part),
            {"type": f"end_{kind}"},
        ],
        kind, WORDS, st.lists(rows, max_size=3),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for every example: the last form lies in it."""
    return tmp_path_factory.mktemp("forms")


FIRST = (
    {"type": "integer", "name": "a", "label": "A"},
    {"type": "select_multiple yn", "name": "b", "label": "B"},
    {"type": "begin repeat", "name": "g", "label": "G"},
    {"type": "text", "name": "t", "label": "T"},
    {"type": "end repeat"},
)
FIVE = tuple({"list_name": "five", "name": n, "label": n} for n in range(1, 6))


@examples(400)
@given(
    st.lists(st.recursive(ROW.map(lambda row: [row]), block, max_leaves=5), max_size=4),
    st.sampled_from([None, {"default_language": "English (en)"}]),
)
def test_every_form_that_pyxform_takes_is_read(
    folder: Path, blocks: list[list[dict[str, Any]]], said: dict[str, str] | None
) -> None:
    survey = [dict(row) for part in blocks for row in part]
    for number, row in enumerate(survey):
        if "name" in row:
            row["name"] = "audit" if row["type"] == "audit" else f"{row['name']}{number}"
        if "calculate" in row["type"]:
            row["calculation"] = "1"
    path = write_form(folder / "any.xlsx", [*FIRST, *survey], [*YES_NO, *FIVE], said)
    taken = accepted(path)
    try:
        check_rules(read_xlsform(path, "any.xlsx", "en"))
    except InputError as error:
        # pyxform knows nothing of our columns, in which a form may be that answers do not fit.
        faults = error.errors if isinstance(error, SeveralFaultsError) else (error,)
        assert not taken or {fault.column for fault in faults} == {"analysis_form"}
