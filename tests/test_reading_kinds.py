"""Answers that could be taken for others: each kind of reading that once changed one in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastparquet
import pandas as pd
import pyreadstat
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.choices import NONE_TICKED
from ngo_survey.ingest.cleaning.clean import Cleaned
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.coding import code_other
from ngo_survey.ingest.cleaning.ledger import Ledger
from small_exports import cleaned, export, form, from_file, question, said

TURNED = {"1": "2", "2": "1"}


def sav(
    folder: Path,
    asked: Questionnaire,
    frame: pd.DataFrame,
    values: Mapping[str, Any],
    **sources: Any,
) -> Cleaned:
    whole = frame.assign(sample_id=[f"N{i}" for i in range(len(frame))], consent="yes")
    pyreadstat.write_sav(whole, folder / "r.sav", variable_value_labels=values)
    return from_file(folder / "r.sav", asked, sources)


# Columns of choices --------------------------------------------------------------------------


def test_a_choice_found_by_its_header_is_not_read_again_as_a_label(tmp_path: Path) -> None:
    """Labels in other columns of the export once turned it round."""
    asked = form(
        question("one", "select_one", {"a": "Good", "b": "Bad"}),
        question("many", "select_multiple", TURNED),
    )
    rows = {"one": ["Good", "Bad"], "many.1": ["TRUE", "FALSE"], "many.2": ["FALSE", "TRUE"]}
    asked = replace(
        asked,
        questions={
            **asked.questions,
            "many": replace(asked.question("many"), labels={"en": "Which of these?"}),
        },
    )
    assert said(cleaned(tmp_path, rows, asked), "many") == ["1", "2"]


def test_headers_in_words_are_labels(tmp_path: Path) -> None:
    asked = form(replace(question("many", "select_multiple", TURNED), labels={"en": "Which?"}))
    rows = {"Which?/2": ["1", "0"], "Which?/1": ["0", "1"], "_uuid": ["a", "b"]}
    assert said(cleaned(tmp_path, rows, asked), "many") == ["1", "2"]


def test_a_header_that_is_two_choices_is_asked_about(tmp_path: Path) -> None:
    asked = form(question("many", "select_multiple", TURNED))
    rows = {"many/1": ["1", "0"], "many/2": ["0", "1"]}
    with pytest.raises(InputError, match=r"many is the choice 1 by its name.*sources\.answers"):
        cleaned(tmp_path, rows, asked)
    for answers, read in (("names", ["1", "2"]), ("labels", ["2", "1"])):
        done = cleaned(tmp_path, rows, asked, {"answers": {"many": answers}})
        assert said(done, "many") == read


def test_a_code_in_a_header_that_contradicts_the_label_beside_it_is_asked_about(
    tmp_path: Path,
) -> None:
    asked = form(question("many", "select_multiple", {"1": "Radio", "2": "Television"}))
    rows = export({"many[1]. Many [Television]": ["Y"], "many[2]. Many [Radio]": ["N"]})
    rows = rows.assign(submitdate="", startlanguage="en")
    with pytest.raises(InputError, match="the choice 1 by its name and another one by its label"):
        cleaned(tmp_path, rows, asked)


def test_an_alias_of_a_name_does_not_touch_a_header_that_is_a_label(tmp_path: Path) -> None:
    asked = form(question("many", "select_multiple", {"1": "Radio", "2": "Television"}))
    rows = {"many/Radio": ["1", "0"], "many/Television": ["0", "1"]}
    done = cleaned(tmp_path, rows, asked, aliases={"many": TURNED})
    assert said(done, "many") == ["1", "2"]
    named = {"many/1": ["1", "0"], "many/2": ["0", "1"]}
    assert said(cleaned(tmp_path, named, asked, aliases={"many": TURNED}), "many") == ["2", "1"]


def test_a_choice_goes_before_a_question_of_its_name(tmp_path: Path) -> None:
    asked = form(
        question("ways", "select_multiple", {"phone": "Phone", "email": "Email"}),
        question("phone", disclosure="identifier"),
    )
    rows = {"ways/phone": ["1", "0"], "ways/email": ["0", "1"], "_uuid": ["a", "b"]}
    assert said(cleaned(tmp_path, rows, asked), "ways") == ["phone", "email"]


def test_a_column_of_one_and_two_is_not_ticked_by_the_name_2(tmp_path: Path) -> None:
    asked = form(question("many", "select_multiple", {"1": "Radio", "2": "Television"}))
    with pytest.raises(InputError, match="as its name, beside a 1"):
        cleaned(tmp_path, {"many/1": ["1", "1"], "many/2": ["1", "2"]}, asked)


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        ({0.0: "No", 1.0: "Yes"}, ["a b", "b"]),
        ({0.0: "Not mentioned", 1.0: "Mentioned"}, ["a b", "b"]),
        ({1.0: "No", 2.0: "Yes"}, [NONE_TICKED, "a"]),
        ({0.0: "Yes", 1.0: "No"}, None),
        ({0.0: "Mentioned", 1.0: "Not mentioned"}, None),
    ],
)
def test_codes_of_a_choice_are_what_their_labels_say(
    tmp_path: Path, labels: dict[float, str], read: list[str] | None
) -> None:
    """The list tells what 1 is, though nobody was given another code."""
    asked = form(question("many", "select_multiple", {"a": "Radio", "b": "Television"}))
    other = max(set(labels) - {1.0})
    frame = pd.DataFrame({"many_a": [1.0, other], "many_b": [1.0, 1.0]})
    values = {"many_a": labels, "many_b": labels}
    if read is None:
        with pytest.raises(InputError, match=r"the opposite of their labels.*sources\.answers"):
            sav(tmp_path, asked, frame, values)
        assert said(sav(tmp_path, asked, frame, values, answers="names"), "many") == ["a b", "b"]
    else:
        assert said(sav(tmp_path, asked, frame, values), "many") == read


# Orders --------------------------------------------------------------------------------------


def ranked(labels: Mapping[str, str]) -> Questionnaire:
    places = [
        question(f"order_{i}", "select_one", labels, battery="order", place_of="order")
        for i in (1, 2)
    ]
    places = [replace(place, list_name="things") for place in places]
    return replace(form(*places), battery_labels={"order": {"en": "Order"}})


def test_an_order_of_names_that_are_labels_of_others_is_asked_about(tmp_path: Path) -> None:
    asked = ranked(TURNED)
    with pytest.raises(InputError, match=r"read in two ways.*sources\.answers"):
        cleaned(tmp_path, {"order": ["1 2"]}, asked)
    for answers, first in (("names", "1"), ("labels", "2")):
        done = cleaned(tmp_path, {"order": ["1 2"]}, asked, {"answers": {"order_1": answers}})
        assert said(done, "order_1") == [first]


def test_an_alias_of_a_name_does_not_touch_an_order_of_labels(tmp_path: Path) -> None:
    asked, aliases = ranked({"1": "Radio", "2": "Television"}), {"things": TURNED}
    done = cleaned(tmp_path, {"order": ["Radio, Television"]}, asked, aliases=aliases)
    assert said(done, "order_1") == ["1"]
    assert said(cleaned(tmp_path, {"order": ["1 2"]}, asked, aliases=aliases), "order_1") == ["2"]


# What says that there is no answer -----------------------------------------------------------


def test_what_was_not_shown_is_told_from_a_choice_of_that_name(tmp_path: Path) -> None:
    asked = form(
        question("one", "select_one", {"a": "Radio", "na": "N/A"}),
        question("two", "select_one", {"x": "X"}),
    )
    rows = export({"one": ["Radio", "N/A"], "two": ["X", "N/A"]})
    rows = rows.assign(submitdate="", startlanguage="en")
    with pytest.raises(InputError, match=r"N/A is a choice.*sources\.missing.*sources\.answers"):
        cleaned(tmp_path, rows, asked)
    done = cleaned(tmp_path, rows, asked, {"missing": {"one": ["N/A"]}})
    assert said(done, "one") == ["a", ""]
    done = cleaned(tmp_path, rows, asked, {"answers": {"one": "labels"}})
    assert (said(done, "one"), said(done, "two")) == (["a", "na"], ["x", ""])


def test_na_that_says_no_answer_elsewhere_is_told_from_the_choice(tmp_path: Path) -> None:
    asked = form(
        question("country", "select_one", {"NA": "Namibia", "ZA": "South Africa"}),
        question("staff", "integer"),
    )
    rows = {"country": ["ZA", "NA"], "staff": ["NA", "5"]}
    with pytest.raises(InputError, match=r"NA is a choice of the question, and what tools"):
        cleaned(tmp_path, rows, asked)
    done = cleaned(tmp_path, rows, asked, {"missing": {"country": ["NA"]}})
    assert said(done, "country") == ["ZA", ""]
    done = cleaned(tmp_path, rows, asked, aliases={"country": {"NA": "NA"}})
    assert said(done, "country") == ["ZA", "NA"]


def test_a_code_for_no_answer_among_the_words_ticks_nothing(tmp_path: Path) -> None:
    asked = form(
        question("one", "select_one", {"a": "Radio", "other": "Other"}),
        question("one_other", disclosure="free_text"),
    )
    rows = {"one": ["a", "", ""], "one [Other]": ["", "-99", "Letters"]}
    done = cleaned(tmp_path, rows, asked, {"missing": ["-99"]})
    assert said(done, "one") == ["a", "", "other"]


@pytest.mark.parametrize("cell", ["99", "-9", ".", "1.0"])
def test_a_number_among_labels_is_nobodys_words(tmp_path: Path, cell: str) -> None:
    asked = form(
        question("one", "select_one", {"a": "Radio", "other": "Other"}),
        question("one_other", disclosure="free_text"),
    )
    with pytest.raises(InputError, match="no choice of the question"):
        cleaned(tmp_path, {"one": ["Radio", "Letters", cell]}, asked)


def test_nothing_ticked_breaks_no_constraint(tmp_path: Path) -> None:
    asked = form(
        question(
            "many", "select_multiple", {"a": "A", "b": "B"}, constraint="count-selected(.) >= 1"
        )
    )
    done = cleaned(tmp_path, {"many/a": ["1", "0"], "many/b": ["0", "0"]}, asked)
    assert said(done, "many") == ["a", NONE_TICKED]


def test_words_are_coded_only_where_other_stands() -> None:
    asked = form(
        question("many", "select_multiple", {"a": "A", "other": "O"}), question("many_other")
    )
    frame = export({"many": [NONE_TICKED, "other"], "many_other": ["letters", "letters"]})
    frame = frame.rename(columns={"sample_id": "respondent"}).assign(source_row=[2, 3])
    ledger = Ledger(frame, asked, "a.csv")
    codes = pd.DataFrame({"text": ["letters"], "coder_1": ["a"], "choice": ["a"]})
    code_other(ledger, CleaningInputs({}, {}, codings={"many": codes}))
    assert ledger.frame["many"].tolist() == [NONE_TICKED, "a"]


# Numbers and days ----------------------------------------------------------------------------


def test_a_label_of_a_number_is_asked_about_unless_it_is_the_number(tmp_path: Path) -> None:
    asked = form(question("staff", "integer"))
    frame, same = pd.DataFrame({"staff": [1.0, 2.0]}), {"staff": {2.0: "2"}}
    assert said(sav(tmp_path, asked, frame, same), "staff") == ["1", "2"]
    values = {"staff": {1.0: "10", 2.0: "none"}}
    with pytest.raises(InputError, match=r"the number 1 has the label '10'.*sources\.answers"):
        sav(tmp_path, asked, frame, values)
    done = sav(tmp_path, asked, frame, values, answers={"staff": "names"})
    assert said(done, "staff") == ["1", "2"]


def test_numbers_of_invitations_that_a_double_has_rounded_are_refused(tmp_path: Path) -> None:
    asked = form(question("staff", "integer"))
    long = [12345678901234567, 12345678901234568]
    frame = pd.DataFrame({"sample_id": long, "consent": ["yes"] * 2, "staff": ["1", "2"]})
    fastparquet.write(str(tmp_path / "r.parquet"), frame)
    assert said(from_file(tmp_path / "r.parquet", asked), "staff") == ["1", "2"]
    fastparquet.write(str(tmp_path / "r.parquet"), frame.astype({"sample_id": float}))
    with pytest.raises(InputError, match="the last ones of this are lost"):
        from_file(tmp_path / "r.parquet", asked)


def test_numbers_of_single_precision_are_read_as_they_were_written(tmp_path: Path) -> None:
    asked = form(question("pay", "decimal"))
    pay = pd.Series([12.3, 0.1, 16777217.0], dtype="float32")
    rows = pd.DataFrame({"sample_id": ["a", "b", "c"], "consent": ["yes"] * 3, "pay": pay})
    rows.to_stata(tmp_path / "r.dta", write_index=False)
    assert said(from_file(tmp_path / "r.dta", asked), "pay") == ["12.3", "0.1", "16777216"]


def test_parts_with_decimals_that_add_up_to_a_hundred_stay(tmp_path: Path) -> None:
    parts = ["8.9", "27.6", "15.2", "21.1", "27.2"]
    assert sum(map(float, parts)) != 100
    names = [f"sum_{i}" for i in range(len(parts))]
    asked = form(*(question(n, "decimal", battery="sum", form="constant_sum") for n in names))
    done = cleaned(tmp_path, {n: [p] for n, p in zip(names, parts, strict=True)}, asked)
    assert [said(done, n)[0] for n in names] == parts


def test_shares_that_r_writes_with_an_exponent_are_scaled(tmp_path: Path) -> None:
    asked = form(question("part", "decimal"))
    done = cleaned(tmp_path, {"part": ["1e-04", "0.5"]}, asked, {"shares": ["part"]})
    assert said(done, "part") == ["0.01", "50"]


def test_a_day_in_other_writing_is_not_known_to_a_rule(tmp_path: Path) -> None:
    asked = form(
        question("born", "date"),
        question("adult", "integer", relevant="${born} > date('1990-01-01')"),
    )
    rows = {"born": ["2000-01-01", "1980-01-01", "31.12.2001"], "adult": ["1", "2", "3"]}
    assert said(cleaned(tmp_path, rows, asked), "adult") == ["1", "", "3"]
