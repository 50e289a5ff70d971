"""Other people's answers, read truthfully: the one that was given, or one sentence why not.

Each test writes the smallest export with one fault that users of survey tools have reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.choices import NONE_TICKED
from small_exports import SCORE, SERVICES, cleaned, form, from_file, question, said

from conftest import ROOT

# Spellings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["-9", "1.0", "1.5", "1,0", "+1", "1.", "01", "10%"])
def test_a_number_that_is_no_choice_is_refused(tmp_path: Path, answer: str) -> None:
    asked = form(question("score", "select_one", SCORE))
    with pytest.raises(InputError, match=r"row 3.*no choice") as stop:
        cleaned(tmp_path, {"score": ["2", answer, "7"]}, asked)
    assert "did you mean" not in str(stop.value)


def test_codes_that_pandas_wrote_as_floats_are_read_where_the_study_says_so(tmp_path: Path) -> None:
    asked = form(question("score", "select_one", SCORE))
    rows = {"score": ["1.0", "10.0", ""]}
    with pytest.raises(InputError, match=r"sources\.float_codes: true"):
        cleaned(tmp_path, rows, asked)
    assert said(cleaned(tmp_path, rows, asked, {"float_codes": True}), "score") == ["1", "10", ""]


def test_one_label_of_two_choices_stands_for_neither(tmp_path: Path) -> None:
    asked = form(question("place", "select_one", {"d1": "Kind", "d2": "Kind", "d3": "Third"}))
    with pytest.raises(InputError, match=r"two ways, as d1 or d2.*rows 2, 3") as stop:
        cleaned(tmp_path, {"place": ["Kind", "Kind", "Third"]}, asked)
    assert "export names" in str(stop.value)


def test_labels_that_differ_by_a_mark_stay_apart(tmp_path: Path) -> None:
    stars = form(question("star", "select_one", {"s1": "*", "s2": "**", "s3": "***"}))
    assert said(cleaned(tmp_path, {"star": ["*", "**", "***"]}, stars), "star") == [
        "s1",
        "s2",
        "s3",
    ]
    marks = form(question("m", "select_one", {"a": "Agree", "b": "Agree!", "c": "< 5", "d": "> 5"}))
    rows = {"m": ["Agree!", "Agree", "> 5", "< 5"]}
    assert said(cleaned(tmp_path, rows, marks), "m") == ["b", "a", "d", "c"]


def test_an_alias_wins_over_the_name_that_it_is_declared_for(tmp_path: Path) -> None:
    """A code list that was turned round in the field is turned back, and every cell is logged."""
    asked = form(question("q", "select_one", {"1": "Bad", "2": "So so", "3": "Good"}))
    done = cleaned(tmp_path, {"q": ["1", "2", "3"]}, asked, aliases={"q": {"1": "3", "3": "1"}})
    assert said(done, "q") == ["3", "2", "1"]
    assert done.changes["rule"].tolist() == ["alias", "alias"]


def test_an_alias_of_a_name_does_not_touch_a_label(tmp_path: Path) -> None:
    asked = form(question("q", "select_one", {"1": "Bad", "2": "So so", "3": "Good"}))
    aliases = {"q": {"1": "3", "3": "1"}}
    done = cleaned(tmp_path, {"q": ["Bad", "So so", "Good"]}, asked, aliases=aliases)
    assert said(done, "q") == ["1", "2", "3"]


def test_answers_that_are_names_and_labels_of_others_are_asked_about(tmp_path: Path) -> None:
    """Nothing else in the export says whether it holds names or labels."""
    turned = question("q", "select_one", {"1": "2", "2": "1"})
    neutral = question("consent", "select_one", {"yes": "yes", "no": "no"}, role="consent")
    asked = form(turned)
    asked = Questionnaire({**asked.questions, "consent": neutral}, ("en",), {}, {}, "q.xlsx")
    rows = {"q": ["1", "2", "1"]}
    with pytest.raises(InputError, match=r"two ways.*rows 2, 4.*sources\.answers"):
        cleaned(tmp_path, rows, asked)
    for way, expected in (("names", ["1", "2", "1"]), ("labels", ["2", "1", "2"])):
        done = cleaned(tmp_path, rows, asked, {"answers": {"q": way}})
        assert said(done, "q") == expected


def test_the_rest_of_the_export_says_whether_it_holds_names_or_labels(tmp_path: Path) -> None:
    asked = form(
        question("q", "select_one", {"1": "2", "2": "1"}), question("s", "select_one", SERVICES)
    )
    names = cleaned(tmp_path, {"q": ["1", "2"], "s": ["legal", "psy"]}, asked)
    assert said(names, "q") == ["1", "2"]
    rows = {"q": ["1", "2"], "s": ["Legal aid", "Counselling"], "consent": ["I agree"] * 2}
    assert said(cleaned(tmp_path, rows, asked), "q") == ["2", "1"]


# Several answers in one cell -----------------------------------------------------------------


@pytest.mark.parametrize("mark", [", ", ",", ";", " ; ", "|", "\n", " "])
def test_codes_joined_by_any_mark_are_several_answers(tmp_path: Path, mark: str) -> None:
    codes = {str(i): f"Service {i}" for i in (1, 2, 12)}
    asked = form(question("many", "select_multiple", codes))
    assert said(cleaned(tmp_path, {"many": [f"1{mark}2", "12"]}, asked), "many") == ["1 2", "12"]


def test_an_option_that_holds_the_separator_is_told_from_two_ticks(tmp_path: Path) -> None:
    options = {"email": "Email", "phone": "Phone", "both": "Email, phone"}
    asked = form(question("many", "select_multiple", options))
    rows = {"many": ["Email", "Email, Phone", "Email, phone"], "consent": ["I agree"] * 3}
    assert said(cleaned(tmp_path, rows, asked), "many") == ["email", "email phone", "both"]
    with pytest.raises(InputError, match=r"two ways, as email \+ phone or both"):
        cleaned(tmp_path, rows | {"many": ["Email", "Phone", "EMAIL, PHONE"]}, asked)


GOOGLE = ("Timestamp", "2026/03/03 10:30:00")


def google(rows: Mapping[str, list[str]]) -> pd.DataFrame:
    n = len(next(iter(rows.values())))
    beside = {GOOGLE[0]: [GOOGLE[1]] * n, "Sample_id": [f"N{i}" for i in range(n)]}
    return pd.DataFrame({**beside, "Consent": ["I agree"] * n, **rows})


def test_an_option_that_was_renamed_is_asked_about_and_its_other_ticks_are_kept(
    tmp_path: Path,
) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        question("services_other", disclosure="free_text"),
    )
    cells = ["Legal aid, Training", "Legal help, Training", "Counselling"] * 10
    with pytest.raises(InputError, match=r"row 3.*no choice of the question \('Legal help'\)"):
        cleaned(tmp_path, google({"Services": cells}), asked)
    aliases = {"services": {"Legal help": "legal"}}
    done = cleaned(tmp_path, google({"Services": cells}), asked, aliases=aliases)
    assert said(done, "services")[:3] == ["legal train", "legal train", "psy"]
    blanked = cleaned(tmp_path, google({"Services": cells}), asked, unknown_choice="blank")
    assert said(blanked, "services")[1] == "train"


def test_words_of_other_among_the_answers_tick_it(tmp_path: Path) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        question("services_other", disclosure="free_text"),
    )
    cells = ["Training, a lawyer, and a friend", "Legal aid", "only once"]
    done = cleaned(tmp_path, google({"Services": cells}), asked)
    assert said(done, "services") == ["train other", "legal", "other"]
    assert said(done, "services_other") == ["a lawyer, and a friend", "", "only once"]


# Ticked, not ticked, not asked, not exported, no answer --------------------------------------

ALL = {f"services/{c}": ["0", "1", ""] for c in SERVICES}


def split(**columns: list[str]) -> dict[str, list[str]]:
    return {f"services/{c}": columns.get(c, ["0", "1", ""]) for c in SERVICES}


def test_no_in_every_part_is_an_answer_and_an_empty_row_is_none(tmp_path: Path) -> None:
    asked = form(question("services", "select_multiple", SERVICES))
    done = cleaned(tmp_path, split(train=["0", "0", ""]), asked)
    assert said(done, "services") == [NONE_TICKED, "legal psy other", ""]
    ticks = asked.indicator(done.frame, "services")
    assert ticks.iloc[0].tolist() == [0.0] * 4
    assert ticks.iloc[2].isna().all()


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["0", "0", "0", "0"], NONE_TICKED),
        (["0", "", "", ""], NONE_TICKED),
        (["", "0", "", "0"], NONE_TICKED),
        (["", "", "", "0"], ""),  # no words of "other" alone
        (["1", "", "0", ""], "legal"),
        (["1", "", "", ""], "legal"),
        (["", "", "", ""], ""),
    ],
)
def test_one_no_shows_that_the_question_was_asked(
    tmp_path: Path, cells: list[str], read: str
) -> None:
    """What is empty beside it was not shown: a choice may come to the form later."""
    asked = form(question("services", "select_multiple", SERVICES))
    rows = {f"services/{c}": ["1", cell] for c, cell in zip(SERVICES, cells, strict=True)}
    assert said(cleaned(tmp_path, rows, asked), "services")[1] == read


@pytest.mark.parametrize("missing", ["N/A", "NA", "n/a"])
def test_what_tools_write_for_no_answer_is_none_in_every_column(
    tmp_path: Path, missing: str
) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        question("score", "select_one", SCORE),
        question("staff", "integer"),
        question("why", disclosure="free_text"),
    )
    rows = {f"services/{c}": ["1", missing] for c in SERVICES}
    done = cleaned(tmp_path, rows | {n: ["1", missing] for n in ("score", "staff", "why")}, asked)
    for name in ("services", "score", "staff", "why"):
        assert said(done, name)[1] == "", name
    assert set(done.changes["rule"]) == {"missing-code"}


def test_na_is_an_answer_where_it_is_a_choice(tmp_path: Path) -> None:
    asked = form(question("country", "select_one", {"NA": "Namibia", "ZA": "South Africa"}))
    assert said(cleaned(tmp_path, {"country": ["NA", "ZA"]}, asked), "country") == ["NA", "ZA"]


def test_a_choice_without_a_column_stops_or_is_declared(tmp_path: Path) -> None:
    asked = form(question("services", "select_multiple", SERVICES))
    rows = split()
    del rows["services/psy"]
    with pytest.raises(InputError, match=r"services/psy.*sources\.not_exported"):
        cleaned(tmp_path, rows, asked)
    done = cleaned(tmp_path, rows, asked, {"not_exported": ["services/psy"]})
    assert said(done, "services") == [NONE_TICKED, "legal train other", ""]


def test_joined_and_split_columns_must_agree(tmp_path: Path) -> None:
    asked = form(question("services", "select_multiple", SERVICES))
    rows = split() | {"services": ["", "legal train psy other", ""], "_uuid": ["a", "b", "c"]}
    assert said(cleaned(tmp_path, rows, asked), "services")[1] == "legal train psy other"
    rows["services"][1] = "legal"
    with pytest.raises(InputError, match=r"differ.*rows: 3.*sources\.ignore"):
        cleaned(tmp_path, rows, asked)


def surveymonkey(folder: Path, other: str, whole: str) -> Path:
    lines = [
        [
            "ID",
            "Collector",
            "Début",
            "Fin",
            "Sample_id",
            "Consent",
            "Services",
            "",
            "",
            "",
            "Staff",
        ],
        ["", "", "", "", whole, whole, "Legal aid", "Training", "Counselling", other, whole],
        *(
            [f"100{i}", "1", "", "", f"N{i}", "I agree", legal, "", "", words, "8"]
            for i, (legal, words) in enumerate([("Legal aid", ""), ("", "Childcare"), ("", "")])
        ),
    ]
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
    (folder / "sm.csv").write_text(text, encoding="utf-8")
    return folder / "sm.csv"


@pytest.mark.parametrize(
    ("other", "whole"),
    [("Other (please specify)", "Response"), ("Autre (veuillez préciser)", "Réponse libre")],
)
def test_the_words_of_other_tick_it_in_surveymonkey_of_any_language(
    tmp_path: Path, other: str, whole: str
) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        question(
            "services_other", disclosure="free_text", relevant="selected(${services}, 'other')"
        ),
        question("staff", "integer"),
    )
    done = from_file(surveymonkey(tmp_path, other, whole), asked)
    assert said(done, "services") == ["legal", "other", ""]
    assert said(done, "services_other") == ["", "Childcare", ""]


def test_no_words_of_other_are_no_missing_part(tmp_path: Path) -> None:
    """LimeSurvey says no in every part but that of the words, which it leaves empty."""
    asked = form(question("services", "select_multiple", SERVICES))
    rows = {f"services/{c}": ["No", "No", ""] for c in SERVICES} | {
        "services/other": ["", "Childcare", ""]
    }
    done = cleaned(tmp_path, rows, asked)
    assert said(done, "services") == [NONE_TICKED, "other", ""]


def test_limesurvey_is_read_as_it_writes(tmp_path: Path) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        question("services_other", disclosure="free_text"),
        question("region", "select_one", {"a": "Abai", "other": "Other"}),
        question("fulltime", "integer"),
    )
    rows = {
        **{"id": ["1", "2", "3"], "submitdate": [""] * 3, "startlanguage": ["en"] * 3},
        **{"sampleid": ["N1", "N2", "N3"], "consent": ["yes"] * 3},
        **{f"services[{c}]": ["Y", "", "N/A"] for c in ("legal", "train", "psy")},
        **{"services[other]": ["", "Childcare", "N/A"], "region": ["a", "-oth-", "N/A"]},
        **{"fulltime": ["3", "4", "5"], "groupTime12": ["1.5"] * 3, "interviewtime": ["9"] * 3},
    }
    done = cleaned(tmp_path, pd.DataFrame(rows), asked)
    assert said(done, "services") == ["legal train psy", "other", ""]
    assert said(done, "services_other") == ["", "Childcare", ""]
    assert said(done, "region") == ["a", "other", ""]
    assert said(done, "fulltime") == ["3", "4", "5"]


@pytest.mark.parametrize("ticks", [("1", "0"), ("Checked", "Unchecked")])
def test_redcap_is_read_as_it_writes(tmp_path: Path, ticks: tuple[str, str]) -> None:
    asked = form(question("services", "select_multiple", SERVICES))
    on, off = ticks
    rows = {f"services___{c}": [on if c in ("legal", "psy") else off, off] for c in SERVICES}
    done = cleaned(tmp_path, rows, asked)
    assert said(done, "services") == ["legal psy", NONE_TICKED]


@pytest.mark.parametrize("tool", [{}, {"tool": "limesurvey"}])
def test_limesurvey_is_read_by_the_words_of_its_questions(
    tmp_path: Path, tool: dict[str, str]
) -> None:
    """One of the three ways to export: full question texts, and no codes."""
    asked = form(
        replace(question("services", "select_multiple", SERVICES), labels={"en": "Which ones?"}),
        question("services_other", disclosure="free_text"),
        *(
            replace(question(f"care_{part}", "integer", battery="care"), labels={"en": words})
            for part, words in (("time", "Time"), ("money", "Money"))
        ),
    )
    asked = replace(asked, battery_labels={"care": {"en": "How much care?"}})
    rows = {
        **{"Response ID": ["1", "2"], "Date submitted": ["2026-03-01 10:00:00"] * 2},
        **{"Last page": ["3"] * 2, "Start language": ["en"] * 2, "Seed": ["7"] * 2},
        **{"Sample_id": ["N1", "N2"], "Consent": ["I agree"] * 2},
        "Which ones? [Legal aid]": ["Yes", "N/A"],
        "Which ones? [Training]": ["No", "N/A"],
        "Which ones? [Counselling]": ["No", "N/A"],
        "Which ones? [Other]": ["Childcare", "N/A"],
        **{"How much care? [Time]": ["1", "2"], "How much care? [Money]": ["3", "4"]},
        **{"Total time": ["9", "9"], "Group time: One": ["4", "4"]},
    }
    done = cleaned(tmp_path, pd.DataFrame(rows), asked, tool)
    assert said(done, "services") == ["legal other", ""]
    assert said(done, "services_other") == ["Childcare", ""]
    assert said(done, "care_time") == ["1", "2"]
    assert said(done, "care_money") == ["3", "4"]


def test_odk_central_splits_a_question_inside_groups(tmp_path: Path) -> None:
    asked = form(question("services", "select_multiple", SERVICES))
    rows = {f"a-grp-{header}": cells for header, cells in split().items()} | {
        "KEY": ["1", "2", "3"]
    }
    assert said(cleaned(tmp_path, rows, asked), "services")[1] == "legal train psy other"


# What the documents show ---------------------------------------------------------------------


def shown(heading: str) -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "cleaning.md").read_text(encoding="utf-8")
    table = text.partition(f"| {heading} | is read as |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = [re.findall(r"\| (.+?) \| (.+?) \|", line)[0] for line in table.splitlines()]
    return [(cell.strip("`"), read.strip("`")) for cell, read in rows]


@pytest.mark.parametrize(("cell", "read"), shown("in the cell"))
def test_answers_are_read_as_the_documents_say(tmp_path: Path, cell: str, read: str) -> None:
    labels = {"1": "Bad", "2": "Good", "10": "Good!", "12": "Better, much better"}
    same = {"a": "Same", "b": "Same"}
    several = any(mark in cell for mark in ",;")
    kind = "select_multiple" if several else "select_one"
    asked = form(question("q", kind, labels | same))
    aliases = {"q": {"great": "10"}}
    if read == "refused":
        with pytest.raises(InputError):
            cleaned(tmp_path, {"q": ["1", cell]}, asked, aliases=aliases)
    else:
        done = cleaned(tmp_path, {"q": ["1", cell]}, asked, aliases=aliases)
        assert said(done, "q")[1] == read


@pytest.mark.parametrize(("cell", "read"), shown("number in the cell"))
def test_numbers_are_read_as_the_documents_say(tmp_path: Path, cell: str, read: str) -> None:
    asked = form(question("n", "decimal"))
    if read == "refused":
        with pytest.raises(InputError):
            cleaned(tmp_path, {"n": ["7", cell]}, asked)
    else:
        assert said(cleaned(tmp_path, {"n": ["7", cell]}, asked), "n")[1] == read
