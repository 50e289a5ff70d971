"""Cleaning loses nothing and hides nothing: every change is logged, every row has its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning.clean import Cleaned, clean
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.derive import OPERATIONS, derive
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.verbs.clean import clean_responses
from ngo_survey.workflow.verbs.read import read_responses

FIELDWORK = {"from": "2026-03-02", "to": "2026-04-24"}
OPTIONS: dict[str, Any] = {
    "test_prefixes": ["TEST"],
    "key_questions": ["audience_change"],
    "minimum_minutes": 4,
    "constant_sum_tolerance": 5,
}


@pytest.fixture(scope="module")
def form(study: Study) -> Questionnaire:
    return codebook(study, "ngo")


@pytest.fixture(scope="module")
def shipped(study: Study, stages: None) -> dict[str, tuple[pd.DataFrame, Cleaned]]:
    """The answers of each group as they were read, and cleaned."""
    read = {group: read_responses(study, group).frame for group in study.populations}
    return {group: (raw, clean_responses(study, group, raw)) for group, raw in read.items()}


@pytest.fixture(scope="module")
def sound(shipped: Mapping[str, tuple[pd.DataFrame, Cleaned]]) -> pd.DataFrame:
    """Twenty interviews that no rule has anything to say about."""
    raw, done = shipped["ngo"]
    kept = set(done.frame["source_row"]) - set(done.changes["source_row"])
    return raw[raw["source_row"].isin(kept)].head(20).reset_index(drop=True)


def cleaned(
    frame: pd.DataFrame, form: Questionnaire, aliases: Mapping[str, Mapping[str, str]] | None = None
) -> Cleaned:
    inputs = CleaningInputs(OPTIONS, FIELDWORK, aliases or {})
    return clean(frame, form, inputs, {}, file="ngo.csv")


def with_cell(frame: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    changed = frame.copy()
    changed.loc[0, column] = value
    return changed


def test_sound_answers_are_left_alone(sound: pd.DataFrame, form: Questionnaire) -> None:
    done = cleaned(sound, form)
    assert len(done.frame) == len(sound)
    assert done.changes.empty
    assert done.quarantine.empty


@pytest.mark.parametrize(
    ("column", "value", "after", "rule"),
    [
        ("settlement", "  village ", "village", "text-normalised"),
        ("legal_form", "Қоғамдық қор", "public_foundation", "alias"),
        ("region", "г. Нурсултан", "KZ-71", "alias"),
        ("staff_paid", "1 200", "1200", "number-read"),
        ("staff_paid", "1.2e+03", "1200", "number-read"),
        ("staff_paid", "7,0", "7", "number-read"),
        ("year_registered", "1899", None, "out-of-range"),
        ("barriers", "none funding", "funding", "none-beside-others"),
    ],
)
def test_a_change_is_made_and_logged(
    sound: pd.DataFrame, form: Questionnaire, column: str, value: str, after: str, rule: str
) -> None:
    dirty = with_cell(sound, column, value)
    if column == "settlement":
        after = after if sound.loc[0, "settlement"] != "village" else "village"
    done = cleaned(dirty, form, {"regions": {"г. нурсултан": "KZ-71"}})
    change = done.changes[done.changes["variable"] == column].iloc[0]
    assert change["rule"] == rule
    assert change["before"] == value
    assert change["source_row"] == sound.loc[0, "source_row"]
    assert (pd.isna(change["after"]) and after is None) or change["after"] == after
    kept = done.frame.loc[done.frame["respondent"] == sound.loc[0, "respondent"], column].iloc[0]
    assert (pd.isna(kept) and after is None) or kept == after


def test_an_answer_to_a_question_that_was_not_asked_is_blanked(
    sound: pd.DataFrame, form: Questionnaire
) -> None:
    dirty = sound.copy()
    dirty.loc[0, ["audience_change", "growth_reasons"]] = ["unchanged", "need_grew"]
    done = cleaned(dirty, form)
    assert "skipped-question" in set(done.changes["rule"])
    assert pd.isna(done.frame.loc[0, "growth_reasons"])


@pytest.mark.parametrize(("total", "kept"), [(98, True), (103, True), (80, False)])
def test_parts_close_to_a_hundred_are_rescaled_and_others_blanked(
    sound: pd.DataFrame, form: Questionnaire, total: int, kept: bool
) -> None:
    names = [q.name for q in form.battery("funding")]
    dirty = sound.copy()
    dirty.loc[0, names] = ["60", str(total - 60), *["0"] * (len(names) - 2)]
    row = cleaned(dirty, form).frame.loc[0, names]
    if kept:
        assert row.astype(int).sum() == 100
    else:
        assert row.isna().all()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"respondent": "TEST01", "sample_id": "TEST01"}, "test"),
        ({"respondent": None}, "no-id"),
        ({"consent": "no"}, "refused"),
        ({"start": "2025-01-01T09:00:00.000+05:00"}, "outside-fieldwork"),
        ({"audience_change": None}, "partial"),
    ],
)
def test_a_row_set_aside_keeps_its_reason_and_its_row(
    sound: pd.DataFrame, form: Questionnaire, changes: dict[str, object], rule: str
) -> None:
    dirty = sound.copy()
    for column, value in changes.items():
        dirty.loc[0, column] = value
    done = cleaned(dirty, form)
    assert done.quarantine["rule"].tolist() == [rule]
    assert done.quarantine["source_row"].tolist() == [sound.loc[0, "source_row"]]
    assert len(done.frame) == len(sound) - 1


def test_of_two_submissions_the_fuller_is_kept(sound: pd.DataFrame, form: Questionnaire) -> None:
    again = sound.iloc[[0]].assign(proposal=None, staff_paid=None, source_row=9999)
    done = cleaned(pd.concat([again, sound], ignore_index=True), form)
    assert done.quarantine["rule"].tolist() == ["duplicate"]
    assert done.quarantine["source_row"].tolist() == [9999]


def test_every_row_of_the_export_has_its_place(
    shipped: Mapping[str, tuple[pd.DataFrame, Cleaned]],
) -> None:
    for raw, done in shipped.values():
        places = [*done.frame["source_row"], *done.quarantine["source_row"]]
        assert sorted(map(int, places)) == sorted(map(int, raw["source_row"]))
        flow = done.flow.set_index("stage")["count"]
        assert flow["received"] == flow.drop("received").sum()


def test_contact_details_go_no_further(
    shipped: Mapping[str, tuple[pd.DataFrame, Cleaned]],
) -> None:
    for _, done in shipped.values():
        for frame in (done.frame, done.quarantine, done.changes):
            assert not frame.astype(str).apply(lambda c: c.str.contains("@")).to_numpy().any()


def test_an_answer_that_nothing_reads_stops_with_its_row(
    sound: pd.DataFrame, form: Questionnaire
) -> None:
    with pytest.raises(InputError) as stop:
        cleaned(with_cell(sound, "legal_form", "public_asociation"), form)
    said = str(stop.value)
    assert f"row {sound.loc[0, 'source_row']}" in said
    assert "public_association" in said


def one(op: str, form: Questionnaire, rule: dict[str, Any], **answers: object) -> object:
    """What an operation makes of one respondent's answers."""
    frame = form.type_frame(pd.DataFrame({k: [v] for k, v in answers.items()}, dtype=object))
    return OPERATIONS[op](frame, form, {"op": op, **rule}).iloc[0]


def parts(form: Questionnaire, **shares: str) -> dict[str, str]:
    return {q.name: shares.get(q.item, "0") for q in form.battery("funding")}


def test_the_largest_part_is_named_and_a_tie_is_a_tie(form: Questionnaire) -> None:
    rule = {"of": "funding", "tie": "mixed"}
    assert one("largest", form, rule, **parts(form, foreign="60", fees="40")) == "foreign"
    assert one("largest", form, rule, **parts(form, foreign="50", fees="50")) == "mixed"


def test_diversity_is_one_less_the_herfindahl_index(form: Questionnaire) -> None:
    rule = {"of": "funding"}
    assert one("diversity", form, rule, **parts(form, foreign="100")) == pytest.approx(0)
    made = one("diversity", form, rule, **parts(form, foreign="50", fees="30", services="20"))
    assert made == pytest.approx(1 - 0.25 - 0.09 - 0.04)


def test_counts_leave_out_what_is_named(form: Questionnaire) -> None:
    rule = {"of": "barriers", "except": ["none"]}
    assert one("count", form, rule, barriers="funding staff taxes") == 3
    assert one("count", form, rule, barriers="none") == 0
    assert pd.isna(one("count", form, rule, barriers=None))


def test_cuts_include_both_ends(form: Questionnaire) -> None:
    levels = {"none": {"range": [0, 0]}, "few": {"range": [1, 4]}, "many": {"range": [5, None]}}
    made = [one("cut", form, {"of": "staff_paid", "levels": levels}, staff_paid=v)
            for v in ("0", "1", "4", "5", "400")]  # fmt: skip
    assert made == ["none", "few", "few", "many", "many"]
    assert pd.isna(one("cut", form, {"of": "staff_paid", "levels": levels}, staff_paid=None))


def test_derived_variables_may_build_on_each_other(study: Study, form: Questionnaire) -> None:
    declared = study.population("ngo").raw["derive"]
    frame = form.type_frame(pd.DataFrame({"year_registered": ["2024", "1996"]}, dtype=object))
    made = derive(frame, form, {name: declared[name] for name in ("age", "age_band")})
    assert made["age"].tolist() == [2, 30]
    assert made["age_band"].astype(str).tolist() == ["under_5", "20_plus"]
