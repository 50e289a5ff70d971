"""What each rule of cleaning promises beside the simulated survey: people, copies, corrections."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from ngo_survey.codebook import Choice, Question, Questionnaire
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.ingest.choices import Choices
from ngo_survey.ingest.cleaning import coding, corrections, spelling
from ngo_survey.ingest.cleaning.agreement import krippendorff_alpha
from ngo_survey.ingest.cleaning.clean import RULES, Cleaned, clean, read_rules
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.review import review
from ngo_survey.ingest.decode import decode
from ngo_survey.simulate.key import score
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.verbs.clean import clean_responses
from ngo_survey.workflow.verbs.read import read_responses
from suites import examples, sample

from conftest import ROOT

FIELDWORK = {"from": "2026-01-01", "to": "2026-12-31"}
STUDIES = ROOT.parent / "shared" / "studies"


@pytest.fixture(scope="module")
def form(study: Study) -> Questionnaire:
    return codebook(study, "ngo")


def small(**columns: list[object]) -> tuple[pd.DataFrame, Questionnaire]:
    """Answers to a form of one's own: `one` of a, b, other; `many`; ratings r_1..r_6; `other`."""
    choices = tuple(Choice(n, {"en": n.upper()}) for n in ("a", "b", "other"))
    points = tuple(Choice(str(i), {"en": str(i)}) for i in range(1, 6))

    def q(name: str, kind: str, form: str, **more: Any) -> Question:
        return Question(name, kind, {"en": name}, {"en": name}, form=form, **more)

    listed = [
        q("sample_id", "text", "none", role="id", disclosure="internal"),
        q("consent", "text", "none", role="consent", disclosure="internal"),
        q("end", "end", "none", disclosure="internal"),
        q("one", "select_one", "single", choices=choices, role="stratum", list_name="l"),
        q("many", "select_multiple", "multiple", choices=choices),
        q("many_other", "text", "text", disclosure="free_text"),
        *(q(f"r_{i}", "select_one", "rating", choices=points, battery="r") for i in range(1, 7)),
        *(q(f"t_{i}", "select_one", "rating", choices=points, battery="t") for i in range(1, 7)),
        *(q(f"n{i}", "integer", "number") for i in range(40)),
    ]
    form = Questionnaire({x.name: x for x in listed}, ("en",), {}, {}, "small")
    n = len(next(iter(columns.values())))
    blank = {x.name: [None] * n for x in listed}
    frame = pd.DataFrame({**blank, "consent": ["yes"] * n, **columns}, dtype=object)
    ids = frame["sample_id"].where(frame["sample_id"].notna(), [f"R{i}" for i in range(n)])
    frame.insert(0, "respondent", ids)
    frame.insert(1, "source_row", range(2, n + 2))
    return frame.assign(sample_id=ids), form


def run(frame: pd.DataFrame, form: Questionnaire, **options: Any) -> Cleaned:
    known = {k: options.pop(k) for k in ("codings", "corrections", "invited") if k in options}
    return clean(frame, form, CleaningInputs(options, FIELDWORK, **known), {}, file="a.csv")


# The key of the simulated survey -------------------------------------------------------------


@pytest.mark.parametrize("group", sample(["government", "ngo"]))
def test_every_planted_fault_is_found_and_no_sound_cell_touched(study: Study, group: str) -> None:
    cleaned = clean_responses(study, group, read_responses(study, group).frame)
    key = pd.read_csv(ROOT / f"data/raw/simulation/key/{group}.csv", dtype=str)
    made = score(key, cleaned, codebook(study, group)).set_index("fault")
    assert made.loc["(no fault)", "found"] == 0
    faults = made.drop("(no fault)")
    assert (faults["found"] == faults["planted"]).all(), faults
    correctable = faults.drop(["sums", "wild", "twice"], errors="ignore")
    assert (correctable["corrected"] == correctable["planted"]).all(), correctable


def test_every_kind_of_fault_is_planted(study: Study) -> None:
    key = pd.read_csv(ROOT / "data/raw/simulation/key/ngo.csv", dtype=str)
    assert key["fault"].nunique() == 21
    assert key.groupby("fault").size().min() >= 3


# Spellings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("г.Алматы", "KZ-75"), ("г. Алматы", "KZ-75"), ("АЛМАТЫ ", "KZ-75"), ("ЮКО", "KZ-61"),
        ("Семей", "KZ-10"), ("Нур-Султан", "KZ-71"), ("Чимкент", "KZ-79"), ("ВКО", "KZ-63"),
        ("Aлматы", "KZ-75"), ("КZ-75", "KZ-75"), ("Алма-Ата", "KZ-75"), ("БҚО", "KZ-27"),
        ("KZ-AKM", "KZ-11"), ("KZ-ALA", "KZ-75"), ("Turkestan Region", "KZ-61"), ("75", "KZ-75"),
    ],
)  # fmt: skip
def test_names_of_regions_old_and_new_are_read(
    study: Study, form: Questionnaire, text: str, choice: str
) -> None:
    aliases = pd.read_csv(ROOT / "data/raw/aliases/regions.csv", dtype=str)
    table = dict(zip(aliases["alias"], aliases["choice"], strict=True))
    assert Choices(form.question("region"), table).one(text) == {choice}


@drawn(st.text(max_size=20))
@examples(200)
def test_a_spelling_is_the_same_in_other_case_and_white_space_alone(text: str) -> None:
    key = spelling.key(text)
    assert spelling.key(f" \u00a0{text}\n") == key
    assert spelling.key(key) == key
    if key:
        assert spelling.key(f"-{text}") != key
        assert spelling.key(f"{text}.") != key
        assert spelling.key(f"{text}0") != key


@drawn(st.text(st.characters(max_codepoint=127)))
@examples(200)
def test_an_answer_in_plain_letters_is_compared_as_any_other(text: str) -> None:
    """A soft hyphen is not seen; with it the text takes the longer way."""
    assert spelling.exact(f"{text}\u00ad") == spelling.exact(text)
    assert spelling.key(f"{text}\u00ad") == spelling.key(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("-9", "9"), ("1.5", "15"), ("1.0", "10"), ("*", "**"), ("Agree", "Agree!")],
        *[("1, 2", "12"), ("C", "C++"), ("5 > 3", "5"), ("½", "12"), ("10²", "102"), ("<5", "5")],
    ],
)
def test_signs_marks_and_digits_tell_spellings_apart(one: str, other: str) -> None:
    assert spelling.key(one) != spelling.key(other)


def test_what_nobody_knows_is_proposed_and_never_taken() -> None:
    frame, form = small(one=["a", "bb", "zzzz"])
    made = review(Ledger(frame, form, "a.csv"), CleaningInputs({}, FIELDWORK, {"l": {"bbb": "b"}}))
    assert made[["value", "candidate", "rows"]].to_numpy().tolist() == [
        ["bb", "b", "3"],
        ["zzzz", "", "4"],
    ]
    with pytest.raises(InputError, match="row 3"):
        run(frame, form)


# People --------------------------------------------------------------------------------------

CODES = pd.DataFrame(
    {"text": ["Go away", "Come here", "No idea"], "coder_1": ["a", "b", "other"],
     "coder_2": ["a", "a", "other"], "choice": [None, "b", None]}
)  # fmt: skip


def test_words_take_the_choice_agreed_upon_and_stay_where_they_are() -> None:
    frame, form = small(
        many=["other", "a other", "other", "other", "b"],
        many_other=["go away!", "Come  here", "No idea", "uncoded", None],
    )
    done = run(frame, form, codings={"many": CODES}, coding={"many": "codes.csv"})
    assert done.frame["many"].tolist() == ["a", "a b", "other", "other", "b"]
    assert done.frame["many_other"].notna().sum() == 4
    assert set(done.changes["rule"]) == {"text-normalised", "coded-other"}


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [("choice", None, "differ"), ("coder_1", "zz", "no choice"), ("text", "go away", "twice")],
)
def test_a_coders_file_that_cannot_be_used_is_refused(
    column: str, value: str | None, problem: str
) -> None:
    _, form = small(one=["a"])
    wrong = CODES.copy()
    wrong.loc[1, column] = value
    with pytest.raises(InputError, match=problem) as stop:
        coding.agreed(wrong, form.question("many"), "codes.csv")
    assert "row 3" in str(stop.value)


HAYES = """1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 ."""


@pytest.mark.parametrize(
    ("metric", "published"),
    [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)],
)
def test_agreement_is_krippendorffs(metric: Any, published: float) -> None:
    """Four coders, twelve units (Krippendorff 2011): .743 .815 .849 .797."""
    table = [[None if v == "." else int(v) for v in row.split()] for row in HAYES.split("\n")]
    made = krippendorff_alpha(np.array(table, dtype=object), metric, rng=np.random.default_rng(1))
    assert made.value == pytest.approx(published, abs=5e-7)
    assert made.low < made.value < made.high <= 1
    assert made.units == 11


def test_perfect_agreement_is_one_and_chance_is_about_zero() -> None:
    rng = np.random.default_rng(3)
    same = rng.integers(0, 3, 200)
    assert krippendorff_alpha(np.array([same, same], dtype=object)).value == 1
    apart = rng.integers(0, 3, (2, 4000))
    assert abs(krippendorff_alpha(apart.astype(object)).value) < 0.05


# Corrections ---------------------------------------------------------------------------------


def correction(**cells: object) -> pd.DataFrame:
    line = {"respondent": "R1", "variable": "n0", "before": "100", "after": "10", "reason": "typo"}
    return pd.DataFrame([line | cells], dtype=object)


def test_a_correction_is_applied_and_logged_while_the_export_says_what_it_said() -> None:
    frame, form = small(n0=["5", "100"])
    done = run(frame, form, corrections=correction())
    assert done.frame["n0"].tolist() == ["5", "10"]
    assert done.changes["rule"].tolist() == ["correction"]
    with pytest.raises(InputError, match="another answer"):
        run(frame.assign(n0=["5", "99"]), form, corrections=correction())


@pytest.mark.parametrize("column", ["respondent", "variable"])
def test_a_correction_of_nothing_is_refused(column: str) -> None:
    frame, form = small(n0=["5", "100"])
    with pytest.raises(InputError, match="row 2"):
        run(frame, form, corrections=correction(**{column: "zz"}))


def test_a_row_can_be_taken_out_with_its_reason() -> None:
    frame, form = small(n0=["5", "100"])
    taken = correction(variable=corrections.WHOLE, before=None, after=None, reason="not an NGO")
    done = run(frame, form, corrections=taken)
    assert done.quarantine["reason"].tolist() == ["not an NGO"]
    assert done.flow.set_index("stage").loc["ineligible", "count"] == 1


@pytest.mark.thorough
@pytest.mark.skipif(not STUDIES.is_dir(), reason="the real survey files are not beside the project")
def test_a_real_cleaning_log_turns_the_raw_export_into_the_clean_one() -> None:
    """A humanitarian survey: its analysts' log on its raw export gives its published clean data."""
    folder = STUDIES / "kobo_household"
    raw, published, log = (
        pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("raw_data", "clean_data", "cleaning_log")
    )
    shared = [c for c in raw if c in published]
    text = [Question(c, "text", {"en": c}, {"en": c}) for c in shared]
    form = Questionnaire({q.name: q for q in text}, ("en",), {}, {}, "kobo")
    frame = raw[shared].astype(object).mask(raw[shared] == "", None)
    heads = pd.DataFrame({"respondent": raw["X_uuid"], "source_row": range(2, len(raw) + 2)})
    frame = pd.concat([heads, frame], axis=1)
    acted = log[log["change_type"] != "no_action"].drop_duplicates(["X_uuid", "questions"])
    removed = acted["change_type"] == "remove_survey"
    wanted = pd.DataFrame(
        {
            "respondent": acted["X_uuid"],
            "variable": acted["questions"].where(~removed, corrections.WHOLE),
            "before": acted["old_value"],
            "after": acted["new_value"].where(acted["change_type"] == "change_response", None),
            "reason": acted["reason"].where(acted["reason"] != "", acted["issue"]),
        },
        dtype=object,
    )
    wanted = wanted[wanted["respondent"].isin(frame["respondent"])]
    # Totals were computed anew, which the log notes without what stood there before.
    wanted = wanted[wanted["variable"] != "tot_expenses"].copy()
    # Where the log is silent on what stood there, what stands in the export.
    cells = frame.set_index("respondent")
    wanted["before"] = [
        before or (None if name == corrections.WHOLE else cells.at[who, name])
        for who, name, before in zip(
            wanted["respondent"], wanted["variable"], wanted["before"], strict=True
        )
    ]
    # The log writes 0 and 1 where the export, once through R, has FALSE and TRUE.
    logical = {c for c in shared if set(raw[c]) & {"TRUE", "FALSE"}}
    for column in ("before", "after"):
        words = wanted[column].replace({"0": "FALSE", "1": "TRUE"})
        wanted[column] = wanted[column].mask(wanted["variable"].isin(logical), words)
    ledger = Ledger(frame, form, "raw_data.csv", "correction")
    corrections.apply_corrections(ledger, CleaningInputs({}, FIELDWORK, corrections=wanted))
    ours = ledger.frame.set_index("respondent")[shared].fillna("")
    theirs = published.set_index("X_uuid", drop=False)[shared]
    assert set(ours.index) == set(theirs.index)
    differing = (ours.loc[theirs.index] != theirs).stack()
    cells = [
        (who, name)
        for who, name in differing[differing].index
        # R writes 100000 as 1e+05, and a column of zeros as FALSE.
        if {ours.at[who, name], theirs.at[who, name]} not in ({"1e+05", "100000"}, {"0", "FALSE"})
    ]
    # What is left are totals that the analysts computed anew.
    assert {name for _, name in cells} == {"tot_expenses"}


# Doubles -------------------------------------------------------------------------------------


def test_one_number_of_two_respondents_stops_the_run_or_sets_both_aside() -> None:
    frame, form = small(sample_id=["X", "X", "Y"], one=["a", "b", "a"])
    with pytest.raises(InputError, match="rows 2, 3 differ in one"):
        run(frame, form)
    done = run(frame, form, id_conflict="set_aside")
    assert done.quarantine["rule"].tolist() == ["id-conflict"] * 2


def interviews(n: int, rng: np.random.Generator) -> dict[str, list[object]]:
    answers = rng.integers(0, 60, (40, n)).astype(str)
    return {f"n{i}": list(answers[i]) for i in range(40)}


@pytest.mark.parametrize(("changed", "caught"), [(0, True), (1, True), (2, True), (4, False)])
def test_a_copy_is_caught_up_to_the_share_declared(changed: int, caught: bool) -> None:
    columns = interviews(60, np.random.default_rng(changed))
    for i in range(40):
        columns[f"n{i}"][50] = columns[f"n{i}"][3] if i >= changed else "999"
    frame, form = small(**columns)
    done = run(frame, form, near_identical={"share": 0.95, "answers": 30})
    assert done.quarantine["source_row"].tolist() == ([52] if caught else [])
    if caught:
        assert "R3" in done.quarantine["reason"].iloc[0]


def test_straight_lines_are_counted_by_battery() -> None:
    same = {f"{b}_{i}": ["3", "3", None] for b in "rt" for i in range(1, 7)}
    same["t_6"] = ["3", "4", None]
    frame, form = small(**same)
    done = run(frame, form, straight_lining={"batteries": 2, "items": 6})
    assert done.quarantine["source_row"].tolist() == [2]


def test_who_was_not_invited_or_is_not_eligible_is_set_aside() -> None:
    frame, form = small(n0=["1", "2", "3"])
    done = run(frame, form, invited=frozenset({"R0", "R1"}), eligible="${n0} < 2")
    assert done.quarantine["rule"].tolist() == ["ineligible", "not-invited"]
    assert done.flow.set_index("stage").loc["ineligible", "count"] == 2


# The file of rules ---------------------------------------------------------------------------


def test_every_rule_that_ships_can_run_and_every_function_is_used() -> None:
    assert {rule["run"] for rule in read_rules()} == set(RULES)


def test_a_study_may_leave_rules_out_and_name_them_anew() -> None:
    frame, form = small(one=[" a ", "b"], n0=["1 000", "2"])
    own = read_rules("- {id: trimmed, run: normalise_text}\n- {id: N1, run: read_numbers}\n")
    done = clean(frame, form, CleaningInputs({}, FIELDWORK), {}, own)
    assert done.changes["rule"].tolist() == ["trimmed", "N1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: a, run: normalize_text}", "normalise_text"),
        ("- {id: a, run: order_choices, stage: gone}", "stage"),
        ("- {id: a, run: order_choices}\n- {id: a, run: normalise_text}", "one id"),
        ("- order_choices", "needs id and run"),
    ],
)
def test_a_file_of_rules_that_cannot_run_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_rules(text)


# Properties ----------------------------------------------------------------------------------

CELL = st.one_of(st.none(), st.sampled_from(["a", "b", "other", " A ", "B", "a b"]), st.text("ab "))


@drawn(st.lists(st.tuples(CELL, CELL, st.sampled_from(["yes", "no"])), min_size=1, max_size=12))
@examples(60, quick=5)
def test_rows_in_are_rows_kept_and_rows_set_aside(rows: list[tuple[Any, Any, str]]) -> None:
    one, many, consent = map(list, zip(*rows, strict=True))
    frame, form = small(one=one, many=many, consent=[*consent[:-1], "yes"])
    done = run(frame, form, unknown_choice="blank", key_questions=[])
    places = [*done.frame["source_row"], *done.quarantine["source_row"]]
    assert sorted(places) == frame["source_row"].tolist()
    # Every cell that differs is in the log, and nothing else is.
    read = decode(frame, form, {}).frame  # a column of labels is read as one
    kept = read.set_index("source_row").loc[done.frame["source_row"]]
    for name in ("one",):
        before, after = kept[name].fillna(""), done.frame.set_index("source_row")[name].fillna("")
        logged = set(done.changes.loc[done.changes["variable"] == name, "source_row"])
        assert set(before.index[before != after]) <= logged


@drawn(st.lists(st.integers(0, 60), min_size=2, max_size=6).filter(sum))
@examples(100)
def test_rescaled_parts_add_up_to_a_hundred(parts: list[int]) -> None:
    from ngo_survey.ingest.cleaning.form_rules import _largest_remainder

    made = _largest_remainder(pd.DataFrame([parts]).astype(float), 100)
    assert made.sum(axis=1).tolist() == [100]
    assert ((made - pd.DataFrame([parts]) * 100 / sum(parts)).abs() < 1).all(axis=None)


@drawn(st.data())
@examples(30, quick=5)
def test_cleaning_what_is_clean_changes_nothing(data: st.DataObject) -> None:
    cells = data.draw(st.lists(CELL, min_size=1, max_size=8))
    frame, form = small(one=cells, many=cells)
    once = run(frame, form, unknown_choice="blank").frame
    again = run(once, form, unknown_choice="blank")
    assert again.changes.empty
