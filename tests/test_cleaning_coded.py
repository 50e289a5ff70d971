"""Open questions coded by people: words in, levels out, and the words stay inside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import with_derived
from ngo_survey.codebook.filters import parse
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.ingest.cleaning.clean import Cleaned, clean
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs, Coding
from ngo_survey.ingest.cleaning.coding import reliability
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.review import review
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.verbs.clean import agreement, clean_responses, review_responses
from ngo_survey.workflow.verbs.read import read_responses
from small_tables import OPEN, book, question, shown, spec, tabulate
from suites import sample
from test_study_config import changed

FILE = "codes.csv"
FIELDWORK = {"from": "2026-01-01", "to": "2026-12-31"}
LEVELS = {name: {"labels": {"en": name.upper()}} for name in ("money", "rules", "none")}
CODES = pd.DataFrame(
    {
        "text": ["More money", "Simpler rules", "Деньги и правила", "no"],
        "coder_1": ["money", "rules", "rules money", "none"],
        "coder_2": ["money", "money", "money rules", "none"],
        "choice": [None, "rules", None, None],
    }
)
WORDS = ["more  MONEY!", "Simpler rules", "деньги и правила", "Nobody knows this", None, "No"]


def form_of(form: str = "multiple") -> Questionnaire:
    """A form with words and a derived variable coded from them."""
    asked = book(
        question("place", "single", ["town", "village"]),
        replace(question("idea", "text", kind="text"), disclosure="free_text"),
    )
    rule = {"op": "coded", "of": "idea", "codes": FILE, "form": form, "labels": {"en": "Ideas"}}
    return with_derived(asked, {"ideas": {**rule, "levels": LEVELS}})


def cleaned(codes: pd.DataFrame, form: str = "multiple", words: list[Any] = WORDS) -> Cleaned:
    """Clean answers in words with what coders made of them."""
    questions = form_of(form)
    n = len(words)
    frame = pd.DataFrame(
        {
            "respondent": [f"R{i}" for i in range(n)],
            "source_row": range(2, n + 2),
            "place": ["town", "village"] * (n // 2),
            "idea": words,
        },
        dtype=object,
    )
    rule = {"op": "coded", "of": "idea", "codes": FILE, "form": form, "levels": LEVELS}
    inputs = CleaningInputs({}, FIELDWORK, texts={"ideas": Coding("ideas", "idea", FILE, codes)})
    kept = [{"id": "text-normalised", "run": "normalise_text", "stage": ""}]
    return clean(frame, questions, inputs, {"ideas": rule}, kept, "answers.csv")


def listed(values: pd.Series) -> list[Any]:
    return [None if pd.isna(v) else v for v in values]


def test_words_take_all_codes_agreed_upon_in_the_order_of_the_levels() -> None:
    made = cleaned(CODES).frame["ideas"]
    assert listed(made) == ["money", "rules", "money rules", None, None, "none"]


def test_words_of_one_answer_take_one_code() -> None:
    made = cleaned(CODES.drop(2), "single").frame["ideas"]
    assert listed(made) == ["money", "rules", None, None, None, "none"]


def test_every_coded_text_is_in_the_log_beside_its_words_and_no_other() -> None:
    log = cleaned(CODES).changes
    log = log[log["rule"] == "coded-text"]
    assert log[["respondent", "variable", "before", "after"]].to_numpy().tolist() == [
        ["R0", "ideas", "more MONEY!", "money"],
        ["R1", "ideas", "Simpler rules", "rules"],
        ["R2", "ideas", "деньги и правила", "money rules"],
        ["R5", "ideas", "No", "none"],
    ]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("choice", None, ("the coders differ", "rules / money", "choice agreed upon")),
        ("coder_2", "ruels", ("no choice", "ruels", "did you mean rules")),
        ("text", "more money", ("coded twice",)),
        ("text", None, ("no text",)),
    ],
)
def test_a_file_that_cannot_be_used_names_its_row(
    column: str, value: str | None, said: tuple[str, ...]
) -> None:
    wrong = CODES.copy()
    wrong.loc[1, column] = value
    with pytest.raises(InputError) as caught:
        cleaned(wrong)
    assert all(part in str(caught.value) for part in (FILE, "row 3", *said))


def test_several_codes_where_there_is_one_answer_ask_for_the_form() -> None:
    with pytest.raises(InputError, match="row 4.*declare form: multiple"):
        cleaned(CODES, "single")


def test_signs_alone_are_told_apart() -> None:
    codes = pd.DataFrame({"text": ["+", "???"], "coder_1": ["money", "none"], "choice": [None] * 2})
    made = cleaned(codes, words=["+", "???", "!", "+"]).frame["ideas"]
    assert listed(made) == ["money", "none", None, "money"]


def test_words_nobody_coded_are_proposed_for_coding() -> None:
    frame = pd.DataFrame({"respondent": list("abc"), "source_row": [2, 3, 4]})
    frame["place"] = ["town"] * 3
    frame["idea"] = ["Nobody knows this", "more money", "Nobody knows this"]
    ledger = Ledger(frame.astype(object), form_of(), "answers.csv")
    inputs = CleaningInputs({}, FIELDWORK, texts={"ideas": Coding("ideas", "idea", FILE, CODES)})
    found = review(ledger, inputs)
    assert found[["kind", "variable", "value", "count", "file"]].to_numpy().tolist() == [
        ["words", "idea", "Nobody knows this", 2, FILE]
    ]


def alpha(**coders: list[str]) -> float:
    made = reliability({"x": pd.DataFrame(coders)}, {"x": np.random.default_rng(1)})
    return float(made["value"].iloc[0])


def test_coders_agree_on_several_codes_whatever_their_order() -> None:
    parted = alpha(coder_1=["a b", "a", "b", "b"], coder_2=["b  a", "a", "b", "a"])
    # Coincidences: c-c 2, a-a 2, b-b 2, a-b 1 and b-a 1 of 8; alpha = 1 - 7 * 2 / (64 - 22).
    assert parted == alpha(coder_1=["c", "a", "b", "b"], coder_2=["c", "a", "b", "a"])
    assert parted == pytest.approx(1 - 7 * 2 / 42)


def test_the_table_is_that_of_many_answers_on_those_whose_words_are_coded() -> None:
    questions = form_of()
    frame = cleaned(CODES).frame.drop(columns=["respondent", "source_row"])
    tables = tabulate(questions, frame, [spec(questions, "ideas", ["place"])], OPEN)
    # Of four with a code two speak of money and two of rules, one of both, one of nothing.
    for theme, n in (("money", 2), ("rules", 2), ("none", 1)):
        row = shown(tables, f"ideas/{theme}@total")
        assert (row["n"], row["base"], row["estimate"]) == (n, 4, n / 4)
    assert shown(tables, "ideas/mean_answers@total")["estimate"] == 5 / 4
    assert shown(tables, "ideas_by_place/money@town")["base"] == 2
    rows = tables.estimates["ideas"].to_csv().casefold()
    assert not [w for w in WORDS if w and len(w) > 3 and w.casefold() in rows]


def test_a_filter_may_ask_for_a_theme() -> None:
    questions = form_of()
    frame = questions.type_frame(cleaned(CODES).frame)
    truth = parse("chosen(ideas, rules) and count(ideas) = 2", questions).truth(frame)
    assert truth.yes.tolist() == [False, False, True, False, False, False]


# The study as it ships -----------------------------------------------------------------------


@pytest.mark.parametrize("group", sample(["government", "ngo"]))
def test_every_simulated_proposal_is_coded(study: Study, group: str) -> None:
    responses = read_responses(study, group).frame
    frame = clean_responses(study, group, responses).frame
    assert frame["proposal"].notna().sum() > 30
    assert frame["proposals"].notna().equals(frame["proposal"].notna())
    waiting = review_responses(study, group, responses)
    assert "proposal" not in set(waiting["variable"])
    rates = agreement(study, group).set_index("key")["value"]
    key = f"rates/{group}/coders_proposals"
    assert rates[f"{key}_low"] <= rates[key] < 1


def test_words_stay_free_text_and_their_codes_are_open(study: Study) -> None:
    for group in study.populations:
        questions = codebook(study, group)
        assert questions.question("proposal").disclosure == "free_text"
        assert questions.question("proposals").disclosure == "open"


def test_a_missing_coders_file_is_told_before_anything_runs(study: Study, tmp_path: Path) -> None:
    file = changed(tmp_path, "coding/ngo_proposals.csv", "coding/nowhere.csv")
    (tmp_path / "data").symlink_to(study.root / "data")
    with pytest.raises(ConfigError, match="coders' file is missing") as caught:
        check_names(Study.load(file))
    assert "populations.ngo.derive.proposals.codes" in str(caught.value)


def texts_in(path: Path) -> Iterator[str]:
    """The text of a file, of a workbook all its parts."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as parts:
            for name in parts.namelist():
                yield parts.read(name).decode("utf-8", "ignore")
    else:
        yield path.read_bytes().decode("utf-8", "ignore")


def released(study: Study) -> list[Path]:
    folders = (study.paths.results, study.root / "reports")
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_the_words_of_an_open_question_reach_no_output(built: Study) -> None:
    words = {
        text
        for group in built.populations
        for text in pd.read_csv(built.paths.clean(group), dtype=str)["proposal"].dropna()
    }
    assert len(words) == 8
    files = released(built)
    assert {".csv", ".xlsx", ".parquet", ".html", ".json"} <= {path.suffix for path in files}
    for path in files:
        for text in texts_in(path):
            assert not [w for w in words if w in text], path
    # Their codes do.
    estimates = Results.load(built.paths.results).family("estimates")
    assert {"proposals", "gov_proposals"} <= set(estimates["analysis"])
