"""What the columns of an export seem to be: a form drafted from generated exports of each kind."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from ngo_survey.cli import main
from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools import find
from ngo_survey.workflow.new_study.candidates import Asked, banner_candidates, consent_candidates
from ngo_survey.workflow.new_study.draft import Draft, DraftQuestion
from ngo_survey.workflow.new_study.drafting import draft_form
from ngo_survey.workflow.new_study.roles import guess_roles, made_by_name
from ngo_survey.workflow.new_study.scales import ordered, unmangled
from ngo_survey.workflow.new_study.unique_names import choice_names, slug

from conftest import ROOT

ROWS = 60


def turns(*answers: str, rows: int = ROWS) -> list[str]:
    """A column in which answers take turns."""
    return list(itertools.islice(itertools.cycle(answers), rows))


def drafted(columns: Mapping[str, list[str]], **more: Any) -> Draft:
    frame = pd.DataFrame(dict(columns), dtype=object)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    table = ExportTable(frame, "made.csv", "csv", "made", **more)
    tool = find(table, None)
    table = tool.prepare(table)
    return draft_form(table, tool, guess_roles(table, tool.OWN, {}))


def only(columns: Mapping[str, list[str]], **more: Any) -> DraftQuestion:
    (question,) = drafted(columns, **more).questions
    return question


WORDS = [f"something of their own, number {place}" for place in range(ROWS)]


@pytest.mark.parametrize(
    ("cells", "kind", "form"),
    [
        (turns("Red", "Green", "Blue"), "select_one", "single"),
        (turns("Never", "Sometimes", "Often"), "select_one", "scale"),
        (turns("65+", "18-34", "35-64"), "select_one", "scale"),
        (turns("Over 100", "0", "1-5", "6-100", "Prefer not to answer"), "select_one", "scale"),
        (turns("иногда", "никогда", "часто"), "select_one", "scale"),
        (turns("1 (bad)", "2", "3", "5 (good)"), "select_one", "rating"),
        (turns("Yes", "No"), "select_one", "single"),
        (turns("1", "0"), "select_one", "single"),
        (turns("a;b", "b;c", "c", "a;c;d", "d", "a;b;c"), "select_multiple", "multiple"),
        (turns(*(str(n) for n in range(30))), "integer", "number"),
        (turns(*(f"{n}.5" for n in range(30))), "decimal", "number"),
        (WORDS, "text", "text"),
        ([f"who{place}@example.org" for place in range(ROWS)], "text", "none"),
    ],
)
def test_a_column_is_told_by_its_cells(cells: list[str], kind: str, form: str) -> None:
    found = only({"Your answer": cells})
    assert (found.type, found.form) == (kind, form)


def test_contact_details_are_identifiers() -> None:
    assert only({"Phone number": [f"+7 700 555 {n:04d}" for n in range(ROWS)]}).disclosure == (
        "identifier"
    )


PARTS = ("Staff", "Members", "Place")
SPLIT = {
    "plain": ["q4_1", "q4_2", "q4_3"],
    "numbered": ["4.1. Lost staff", "4.2. Lost members", "4.3. Moved"],
    "bracketed": [f"What changed? [{part}]" for part in PARTS],
    "dashed": [f"What changed - {part}" for part in PARTS],
    "limesurvey": [f"q4[SQ{n}]. What changed? [{part}]" for n, part in enumerate(PARTS)],
    "limesurvey in words": [f"What changed? [{part}]" for part in PARTS],
    "path": ["q4/staff", "q4/members", "q4/place"],
}  # fmt: skip


@pytest.mark.parametrize("headers", SPLIT.values(), ids=SPLIT)
@pytest.mark.parametrize("ticks", [("1", ""), ("1", "0"), ("TRUE", "FALSE"), ("Yes", "No")])
def test_columns_of_ticks_are_one_question(headers: list[str], ticks: tuple[str, str]) -> None:
    found = only(dict(zip(headers, (turns(*ticks), turns("", *ticks), turns(*ticks)), strict=True)))
    assert (found.type, found.form, len(found.choices)) == ("select_multiple", "multiple", 3)
    assert list(found.headers) == headers


def test_a_tick_that_says_the_choice_names_it() -> None:
    columns = {f"q4_{n}": turns("Not selected", w) for n, w in ((1, "Staff"), (2, "Members"))}
    assert list(only(columns).choices.values()) == ["Staff", "Members"]


def test_words_beside_ticks_are_those_of_other() -> None:
    columns = {"4.1. Staff": turns("1", ""), "4.2. Place": turns("", "1"), "4.3. Other": WORDS}
    assert only(columns).headers["4.3. Other"] == "other"


def test_a_choice_that_nobody_ticked_is_one() -> None:
    columns = {"4.1. A": turns("1", ""), "4.2. B": turns("", "1"), "4.3. C": turns("")}
    assert len(only(columns).choices) == 3


def test_answers_that_come_joined_and_split_are_read_once() -> None:
    draft = drafted({"q4": turns("a b", "a"), "q4/a": turns("1", "1"), "q4/b": turns("1", "0")})
    assert draft.names == {"q4/a": "q4", "q4/b": "q4"}
    assert draft.ignored == {"q4": "its answers stand in a column each"}


def test_columns_with_one_list_are_a_battery() -> None:
    columns = {f"How good? [{w}]": turns("good", "fair", "poor") for w in ("Staff", "Books")}
    found = drafted(columns).questions
    assert {q.battery for q in found} == {"how_good"}
    assert {tuple(q.choices.values()) for q in found} == {("poor", "fair", "good")}
    assert {q.battery_label for q in found} == {"How good?"}


@pytest.mark.parametrize(
    ("places", "third", "form"),
    [
        (("Rank 1", "Rank 2", "Rank 3"), ("Room", "Aid", "Books"), "rank"),
        (("Место 1", "Место 2", "Место 3"), ("", "Aid", "Books"), "rank"),
        (("Rank 1", "Rank 2", "Rank 3"), ("Room", "Aid", "Aid"), "single"),
        (("First", "Second", "Third"), ("Room", "Aid", "Books"), "single"),
    ],
)
def test_places_of_which_nobody_gives_one_choice_twice_are_ranks(
    places: tuple[str, ...], third: tuple[str, ...], form: str
) -> None:
    answers = [("Aid", "Books", "Room"), ("Books", "Room", "Aid"), third]
    columns = {
        f"What first? [{place}]": turns(*a) for place, a in zip(places, answers, strict=True)
    }
    assert {q.form for q in drafted(columns).questions} == {form}


def test_an_item_that_lacks_an_answer_shares_the_list_of_the_others() -> None:
    found = drafted(
        {"How good? [A]": turns("good", "fair", "poor"), "How good? [B]": turns("good", "poor")}
    ).questions
    assert len({q.list_name for q in found}) == 1


@pytest.mark.parametrize(("parts", "shares"), [(("70", "30"), 0), (("0.7", "0.3"), 1)])
def test_parts_that_add_up_are_a_constant_sum(parts: tuple[str, str], shares: int) -> None:
    draft = drafted({"funds_1": turns(*parts), "funds_2": turns(*reversed(parts))})
    assert {q.form for q in draft.questions} == {"constant_sum"}
    assert len(draft.shares) == shares


def test_ranges_that_a_spreadsheet_made_days_of_are_read_by_an_alias() -> None:
    draft = drafted({"17. How many?": turns("05-Jan", "20-Nov", "10-Jun", "Over 100")})
    (question,) = draft.questions
    assert list(question.choices.values()) == ["1-5", "6-10", "11-20", "Over 100"]
    spelled = draft.aliases[question.list_name]
    assert question.choices[spelled["20-Nov"]] == "11-20"


@pytest.mark.parametrize(
    ("cell", "meant"), [("05-Jan", "1-5"), ("20-Nov", "11-20"), ("Mar-05", "3-5"), ("01-Dec", "")]
)
def test_a_day_is_a_range_where_it_goes_up(cell: str, meant: str) -> None:
    assert unmangled(cell) == (meant or cell)


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("q0004", "Question 4"),
        ("Q_12", "Question 12"),
        ("q0007_0002", "Question 7, item 2"),
        ("quality", "quality"),
        ("q4b", "q4b"),
    ],
)
def test_a_header_of_numbers_alone_is_spelt_out(header: str, label: str) -> None:
    assert only({header: turns("Red", "Green", "Blue")}).label == label


def test_labels_of_a_package_are_the_choices() -> None:
    coded = {"1": "Yes", "2": "No", "3": "Maybe"}
    codes = pd.Series(turns("1", "2"), index=pd.RangeIndex(2, ROWS + 2))
    found = only(
        {"v1": turns("Yes", "No")},
        labels={"v1": "Would you come again?"},
        codes={"v1": codes},
        values={"v1": coded},
    )
    assert (found.label, dict(found.choices)) == ("Would you come again?", coded)


def test_the_design_is_found_by_what_columns_are_called_and_hold() -> None:
    draft = drafted(
        {
            "caseid": [str(n) for n in range(ROWS)],
            "pweight": turns("0.5", "1.5"),
            "stratum": turns("a", "b"),
            "psu": turns("1", "2", "3"),
            "colour": turns("Red", "Green"),
        }
    )
    assert [q.form for q in draft.questions] == ["none"] * 4 + ["single"]
    assert draft.questions[0].role == "id"


@pytest.mark.parametrize("cells", [turns("1.5", "0"), turns("1.5", ""), turns("much", "little")])
def test_a_column_that_cannot_weigh_is_no_weight(cells: list[str]) -> None:
    frame = pd.DataFrame({"weight": cells}, dtype=object)
    roles = guess_roles(ExportTable(frame, "made.csv", "csv", ""), (), {})
    assert not roles.columns


def test_codes_for_no_answer_are_proposed_and_not_taken() -> None:
    numbers = turns(*(str(n) for n in range(20)), "-99", "999")
    draft = drafted({"staff": numbers})
    assert draft.proposed == {"staff": ["-99", "999"]}
    assert not draft.missing


def test_what_databases_write_is_no_answer() -> None:
    assert set(drafted({"colour": turns("Red", "Green", "NULL")}).missing) == {"NULL"}


def test_a_dash_among_words_is_left_to_them() -> None:
    assert not drafted({"remarks": [*WORDS[1:], "-"]}).missing


def test_a_few_cells_that_are_no_number_are_named() -> None:
    draft = drafted({"staff": [str(n) for n in range(ROWS - 1)] + ["about ten"]})
    assert draft.odd == {"staff": ["about ten"]}


def test_every_column_is_in_the_form_or_left_out_with_a_reason() -> None:
    numbers = [str(n) for n in range(ROWS)]
    draft = drafted({"(row number)": numbers, "colour": turns("Red", "Green"), "x": turns("")})
    assert draft.names == {"colour": "colour"}
    assert draft.ignored == {"(row number)": "row numbers", "x": "nobody answered it"}


def test_moments_are_start_and_end_in_a_format_that_fits_both() -> None:
    draft = drafted(
        {"StartDate": turns("5/10/18 4:01", "5/22/18 5:00"), "EndDate": turns("5/10/18 4:09")}
    )
    assert [q.name for q in draft.questions] == ["start", "end"]
    assert draft.dates == ("%m/%d/%y %H:%M",)


@pytest.mark.parametrize(
    "scale",
    [
        ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
        ["Not at all important", "Not too important", "Somewhat important", "Very important"],
        ["None", "1-5", "6-20", "More than 20"],
        ["$0 - $99,999", "$100,000 - $249,999", "Over $250,000", "Prefer not to answer"],
        ["Under 18", "18 to 34", "35 and up"],
    ],
)
def test_a_scale_is_put_into_its_order(scale: list[str]) -> None:
    for mixed in (scale[::-1], scale[1::2] + scale[::2]):
        assert ordered(mixed) == scale


def coded(labels: Mapping[str, str], *codes: str) -> DraftQuestion:
    """The question of one column that comes with codes and their labels, as SPSS and Stata have."""
    cells = turns(*codes)
    frame = pd.DataFrame({"v": [labels.get(code, code) for code in cells]}, dtype=object)
    return only({"v": list(frame["v"])}, codes={"v": pd.Series(cells)}, values={"v": dict(labels)})


@pytest.mark.parametrize(
    ("labels", "codes", "kind", "form"),
    [
        ({"99": "No answer"}, [str(n) for n in range(1, 9)], "integer", "number"),
        ({"-1": "Refused"}, ["-1", "5000", "7200.5"], "decimal", "number"),
        ({"0": "Not at all", "10": "Fully", "88": "Don't know"},
         ["0", "3", "5", "10", "88"], "select_one", "rating"),
        ({"1": "Male", "2": "Female"}, ["1", "2"], "select_one", "single"),
        ({"1": "Male", "2": "Female"}, ["1", "2", "3"], "select_one", "single"),
    ],
)  # fmt: skip
def test_what_a_file_labels_in_part_is_a_number_or_points(
    labels: dict[str, str], codes: list[str], kind: str, form: str
) -> None:
    found = coded(labels, *codes)
    assert (found.type, found.form) == (kind, form)


def test_a_code_for_no_answer_that_nobody_has_is_no_choice() -> None:
    found = coded({"1": "Male", "2": "Female", "8": "Other", "9": "Refused"}, "1", "2")
    assert list(found.choices) == ["1", "2", "8"]


def test_points_that_nobody_gave_stand_among_those_of_the_file() -> None:
    found = coded({"0": "Not at all", "10": "Fully", "88": "Don't know"}, "0", "3", "10", "88")
    assert list(found.choices) == [str(point) for point in range(11)]
    assert found.choices["10"] == "Fully"


@pytest.mark.parametrize("turned", [False, True])
def test_a_scale_of_a_file_keeps_its_direction_and_its_rest_stands_last(turned: bool) -> None:
    scale = ["Very bad", "Bad", "Fair", "Good", "Very good"]
    asked = scale[::-1] if turned else scale
    labels = {"0": "Don't know", **{str(n): text for n, text in enumerate(asked, start=1)}}
    found = coded(labels, *labels)
    assert (found.form, list(found.choices.values())) == ("scale", [*asked, "Don't know"])


@pytest.mark.parametrize(
    "scale",
    [
        "Strongly disagree/Disagree/Somewhat disagree/Neither agree nor disagree/Somewhat agree/"
        "Agree/Strongly agree",
        "Very dissatisfied/Dissatisfied/Somewhat dissatisfied/Neutral/Somewhat satisfied/"
        "Satisfied/Very satisfied/Don't know",
        "Very unlikely/Somewhat unlikely/Neither likely nor unlikely/Somewhat likely/Very likely",
        "Полностью не согласен/Не согласен/Скорее не согласен/Ни да, ни нет/Скорее согласен/"
        "Согласен/Полностью согласен/Затрудняюсь ответить",
        "Очень плохо/Плохо/Удовлетворительно/Хорошо/Отлично/Отказ",
        "Мүлдем келіспеймін/Келіспеймін/Бейтарап/Келісемін/Толық келісемін/Білмеймін",
        "Ешқашан/Сирек/Кейде/Жиі/Әрқашан",
    ],
)
def test_scales_of_five_and_seven_points_have_an_order(scale: str) -> None:
    points = scale.split("/")
    for mixed in (sorted(points), points[::-1], points[1::2] + points[::2]):
        assert ordered(mixed) == points


def test_other_stands_last_where_answers_have_no_order() -> None:
    found = only({"Where?": turns("Other", "Refused", "Town", "Other", "Village", "Other")})
    assert list(found.choices.values())[:2] == ["Town", "Village"]


def test_numbers_in_words_among_numbers_keep_it_a_question_of_numbers() -> None:
    cells = [str(n) for n in range(1, 51)] + ["about 20", "10-15", "more than 50", "4 people"]
    draft = drafted({"How many?": cells})
    (question,) = draft.questions
    assert (question.type, question.form) == ("integer", "number")
    assert sorted(draft.odd[question.name]) == ["10-15", "4 people", "about 20", "more than 50"]


def test_a_choice_that_is_no_plain_number_keeps_numbers_a_list() -> None:
    assert only({"How many?": turns("0", "1", "2", "3 and more")}).type == "select_one"


@pytest.mark.parametrize("other", ["Sport", "sport"])
def test_a_choice_that_holds_a_comma_is_one(other: str) -> None:
    whole = "Education, culture"
    cells = turns(f"Aid, {whole}", whole, f"Aid, {other}", f"{whole}, {other}", "Aid", other)
    assert sorted(only({"Fields": cells}).choices.values()) == sorted(["Aid", whole, other])


def test_parts_that_also_stand_alone_are_choices_of_their_own() -> None:
    cells = turns("aid, advice", "aid", "advice", "aid, advice, room", "room")
    assert sorted(only({"Fields": cells}).choices.values()) == ["advice", "aid", "room"]


def test_words_that_labels_begin_with_are_those_of_the_question() -> None:
    labels = {"q3_1": "Which do you use? Radio", "q3_2": "Which do you use? Press"}
    found = only({"q3_1": turns("1", "0"), "q3_2": turns("0", "1", "1")}, labels=labels)
    assert (found.label, list(found.choices.values())) == ("Which do you use?", ["Radio", "Press"])


def test_words_that_items_begin_with_are_those_of_the_battery() -> None:
    labels = {"q2a": "Do you agree: Courts are fair", "q2b": "Do you agree: The press is free"}
    answers = turns("Agree", "Neutral", "Disagree")
    found = drafted({"q2a": answers, "q2b": answers[::-1]}, labels=labels).questions
    assert [q.label for q in found] == ["Courts are fair", "The press is free"]
    assert {q.battery_label for q in found} == {"Do you agree"}


def test_a_column_that_stands_twice_counts_once() -> None:
    draft = drafted({"sex": turns("Male", "Female"), "age": turns("18-34", "35-64", "65+"),
                     "sex_recoded": turns("Male", "Female")})  # fmt: skip
    assert [q.name for q in draft.questions] == ["sex", "age"]
    assert draft.ignored == {"sex_recoded": "in every row the same as sex"}


def test_columns_that_few_answered_may_be_alike() -> None:
    few = turns("Yes", "No", rows=8) + [""] * (ROWS - 8)
    assert len(drafted({"a": few, "b": few, "c": WORDS}).questions) == 3


@pytest.mark.parametrize("names", [["Red", "Green", "Blue"], ["A 1", "B 1", "C 2"], ["Yes", "No"]])
def test_names_have_no_order(names: list[str]) -> None:
    assert ordered(names) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [("How many staff?", "how_many_staff"), ("Élan", "elan"), ("Сколько?", "q3"), ("4%", "4")],
)
def test_a_name_is_made_of_latin_letters(text: str, name: str) -> None:
    assert slug(text, "q3") == name


def test_choices_of_one_spelling_get_names_of_their_own() -> None:
    assert list(choice_names(["A lot!", "A lot?", "Много"])) == ["a_lot", "a_lot_2", "c3"]


def test_banners_are_questions_about_the_respondent_with_enough_in_each_level() -> None:
    def asked(name: str, cells: list[str]) -> Asked:
        return Asked(name, name, "single", "", pd.Series(cells))

    found = [
        asked("colour", turns("Red", "Green")),
        asked("region", turns("North", "South")),
        asked("gender", ["Female", *turns("Male")[1:]]),
    ]
    assert banner_candidates(found) == ["region"]


TUTORIAL = (ROOT / "docs" / "new-study.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "label", "asks"),
    [
        ("consent", "Ready?", True),
        ("kelisim", "Сауалнамаға қатысуға келісесіз бе?", True),
        ("q1", "Согласны ли вы принять участие?", True),
        ("q1", "Do you agree to take part in this survey?", True),
        ("q1", "Do you agree that courts are fair?", False),
    ],
)
def test_who_was_asked_to_take_part_is_proposed_for_consent_and_is_no_banner(
    name: str, label: str, asks: bool
) -> None:
    question = Asked(name, label, "single", "", pd.Series(turns("Yes", "No")))
    assert consent_candidates([question]) == [name] * asks
    assert banner_candidates([question]) == [name] * (not asks)


def test_the_tutorial_shows_what_a_column_becomes() -> None:
    shown = re.search(r"```csv\n(.*?)```", TUTORIAL, re.DOTALL)
    assert shown
    five = pd.read_csv(io.StringIO(shown[1]), dtype=str, keep_default_na=False)
    frame = pd.concat([five] * 8, ignore_index=True)
    frame["ID"] = [str(place) for place in range(len(frame))]
    frame["Remarks"] += frame["ID"]
    frame["Staff"] = [str(place * 3 % 17) for place in range(len(frame))]
    found = drafted({str(head): frame[head].tolist() for head in frame}).questions
    told = TUTORIAL.partition("| columns | question |")[2].partition("\n\n")[0].splitlines()[2:]
    said = [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in told]
    assert said == [[", ".join(q.headers), q.name, q.type, q.form, q.battery] for q in found]


def test_the_tutorial_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["new", "--help"])
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out))
    assert known - {"--help", "--log"} <= set(re.findall(r"--[a-z]+", TUTORIAL))


@pytest.mark.parametrize(
    ("stem", "made"),
    [
        ("PWGTP", {"type": "SDR", "around": "estimate"}),
        ("W_FSTR", {"type": "Fay", "rho": 0.5}),
        ("brrwt_", {"type": "BRR"}),
        ("bsw", {"type": "bootstrap"}),
        ("repwt", {}),
        ("jk", {}),
    ],
)
def test_replicate_weights_are_found_by_their_names_and_sums(
    stem: str, made: dict[str, object]
) -> None:
    columns = {f"{stem}{place}": ["0", "3", "1", "4"] for place in range(1, 7)}
    frame = pd.DataFrame({"weight": ["1", "2", "2", "3"], **columns}, dtype=object)
    roles = guess_roles(ExportTable(frame, "made.csv", "csv", ""), (), {})
    assert [h for h, role in roles.columns.items() if role == "replicates"] == list(columns)
    assert made_by_name(f"{stem}1") == made


@pytest.mark.parametrize(
    "cells", [["0.1", "0", "0.2", "0"], ["0", "3", "x", "4"], ["0", "3", "", "4"]]
)
def test_columns_that_cannot_be_replicate_weights_are_none(cells: list[str]) -> None:
    columns = {f"repwt{place}": cells for place in range(1, 7)}
    frame = pd.DataFrame({"weight": ["1", "2", "2", "3"], **columns}, dtype=object)
    roles = guess_roles(ExportTable(frame, "made.csv", "csv", ""), (), {})
    assert "replicates" not in roles.columns.values()
