"""Two submissions under one number: one interview sent again, or two respondents."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import yaml_text
from ngo_survey.cli import main
from ngo_survey.codebook import Question, Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning.clean import Cleaned, clean, read_rules
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from plain_study import plain_study
from suites import examples

from conftest import ROOT

FIELDWORK = {"from": "2026-01-01", "to": "2026-12-31"}
DOUBLES = [r for r in read_rules() if r["id"] in ("correction", "id-conflict", "duplicate")]
SHARE = 0.85


def answers(rows: list[list[str | None]], numbers: list[str]) -> tuple[pd.DataFrame, Questionnaire]:
    """Interviews in the order of their submission, of questions ``q0`` and on."""
    asked = [Question("sample_id", "text", {"en": "id"}, {}, role="id", disclosure="internal")]
    asked += [
        Question(f"q{i}", "text", {"en": f"q{i}"}, {}, form="text", disclosure="open")
        for i in range(len(rows[0]))
    ]
    form = Questionnaire({q.name: q for q in asked}, ("en",), {}, {}, "doubles")
    frame = pd.DataFrame(rows, columns=[q.name for q in asked[1:]], dtype=object)
    frame.insert(0, "respondent", numbers)
    frame.insert(1, "source_row", range(2, len(rows) + 2))
    return frame.assign(sample_id=numbers), form


def cleaned(
    frame: pd.DataFrame,
    form: Questionnaire,
    corrections: pd.DataFrame | None = None,
    **options: object,
) -> Cleaned:
    inputs = CleaningInputs(options, FIELDWORK, corrections=corrections)
    return clean(frame, form, inputs, {}, DOUBLES, file="a.csv")


def kept(done: Cleaned) -> list[int]:
    return [int(row) for row in done.frame["source_row"]]


#: Of twenty answers the second interview gives a quarter anew.
TWO = [[str(i) for i in range(20)], [*"abcde", *(str(i) for i in range(5, 20))], ["z"] * 20]


def test_interviews_that_differ_in_a_quarter_of_their_answers_are_two_and_stop_the_run() -> None:
    with pytest.raises(InputError, match="rows 2, 3 differ in 5 of 20 answers") as refused:
        cleaned(*answers(TWO, ["X", "X", "Y"]))
    assert refused.value.row == 2


@pytest.mark.parametrize(
    ("declared", "rows"), [("resubmission_share: ", [3, 4]), ("id_conflict to ", [4])]
)
def test_what_the_refusal_proposes_settles_it(declared: str, rows: list[int]) -> None:
    with pytest.raises(InputError) as refused:
        cleaned(*answers(TWO, ["X", "X", "Y"]))
    said = re.search(rf"{declared}([\w.]+)", refused.value.hint)
    assert said is not None
    option = {declared.split(maxsplit=1)[0].rstrip(":"): yaml_text.load(said[1])}
    assert kept(cleaned(*answers(TWO, ["X", "X", "Y"]), **option)) == rows


def test_the_correction_of_the_documentation_takes_out_the_row_that_it_names() -> None:
    said = (ROOT / "docs" / "cleaning.md").read_text(encoding="utf-8")
    written = re.search(r"```csv\n(.*?)```", said, re.DOTALL)
    assert written is not None
    wanted = pd.read_csv(io.StringIO(written[1]), dtype=str)
    frame, form = answers(TWO, ["N00045", "N00045", "Y"])
    frame["source_row"] = [700, 812, 813]
    assert kept(cleaned(frame, form, wanted)) == [700, 813]


def test_a_correction_of_a_row_that_is_not_there_is_refused() -> None:
    wanted = pd.DataFrame(
        [["X", "(row)", "4", None, "typed twice"]],
        columns=["respondent", "variable", "before", "after", "reason"],
    )
    with pytest.raises(InputError, match="row that is not in the export") as refused:
        cleaned(*answers(TWO, ["X", "X", "Y"]), wanted)
    assert refused.value.value == "4"


@pytest.mark.parametrize("before", ["812", "no network here", None])
def test_a_log_takes_the_one_row_of_a_number_out_as_often_as_it_likes(before: str | None) -> None:
    wanted = pd.DataFrame(
        [["Y", "(row)", before, None, "not an NGO"], ["Y", "(row)", "3", None, "again"]],
        columns=["respondent", "variable", "before", "after", "reason"],
    )
    done = cleaned(*answers(TWO, ["W", "X", "Y"]), wanted)
    assert kept(done) == [2, 3]
    assert done.quarantine["reason"].tolist() == ["not an NGO"]


@pytest.mark.parametrize("before", ["no network here", "2.0"])
def test_of_two_rows_of_a_number_words_name_none(before: str) -> None:
    wanted = pd.DataFrame(
        [["X", "(row)", before, None, "typed twice"]],
        columns=["respondent", "variable", "before", "after", "reason"],
    )
    with pytest.raises(InputError, match="row that is not in the export"):
        cleaned(*answers(TWO, ["X", "X", "Y"]), wanted)


def test_what_was_corrected_when_sent_again_is_counted_in_the_reason() -> None:
    again = [*TWO[0][:19], "corrected"]
    done = cleaned(*answers([TWO[0], again, TWO[2]], ["X", "X", "Y"]))
    assert kept(done) == [3, 4]
    assert done.quarantine["reason"].tolist() == [
        "another submission of the same respondent (row 3): 1 of 20 answers differ"
    ]


def by_every_pair(
    rows: list[list[str | None]], numbers: list[str], share: float
) -> list[int] | None:
    """The rule as it is written: rows that are kept; None where two respondents share a number."""
    left = []
    for number in dict.fromkeys(numbers):
        own = [place for place, other in enumerate(numbers) if other == number]
        full = max(own, key=lambda place: (sum(a is not None for a in rows[place]), place))
        for place in own:
            given = [(a, b) for a, b in zip(rows[place], rows[full], strict=True) if a is not None]
            if sum(a == b for a, b in given) < share * len(given) - 1e-9:
                return None
        left.append(full + 2)
    return sorted(left)


@examples(400, quick=20)
@given(data=st.data(), share=st.sampled_from([0.0, 0.5, SHARE, 1.0]))
def test_no_interview_is_dropped_whose_answers_do_not_stand_in_the_one_that_is_kept(
    data: st.DataObject, share: float
) -> None:
    size = data.draw(st.integers(1, 12))
    answer = st.sampled_from(["a", "b", None])
    first = data.draw(st.lists(answer, min_size=size, max_size=size))
    rows = [first]
    for _ in range(data.draw(st.integers(1, 5))):
        other = data.draw(st.lists(answer, min_size=size, max_size=size))
        same = data.draw(st.sets(st.integers(0, size - 1)))
        rows.append([first[i] if i in same else other[i] for i in range(size)])
    numbers = data.draw(
        st.lists(st.sampled_from(["X", "Y"]), min_size=len(rows), max_size=len(rows))
    )
    expected = by_every_pair(rows, numbers, share)
    frame, form = answers(rows, numbers)
    if expected is None:
        with pytest.raises(InputError, match="two respondents have one number"):
            cleaned(frame, form, resubmission_share=share)
    else:
        assert kept(cleaned(frame, form, resubmission_share=share)) == expected


def test_check_says_of_each_double_how_much_of_it_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = plain_study(tmp_path, ["visitors"], "en")
    file = tmp_path / "data" / "raw" / "responses" / "visitors.csv"
    export = pd.read_csv(file, dtype=str)
    again = export.iloc[:2].copy()
    again.loc[0, ["care_time", "care_money"]] = ["1" if export["care_time"][0] != "1" else "2", ""]
    pd.concat([export, again]).to_csv(file, index=False)
    config = yaml_text.load(study.file.read_text(encoding="utf-8"))
    config["populations"]["visitors"]["cleaning"] = {"resubmission_share": 0.5}
    study.file.write_text(yaml_text.dump(config), encoding="utf-8")
    main(["check", "--config", str(study.file)])
    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("2 set aside: duplicate") for line in said), said
    number, row = export["sample_id"][0], len(export) + 2
    assert (
        f"row {row}, {number}: another submission of the same respondent (row 2): "
        "1 of 4 answers differ"
    ) in said
