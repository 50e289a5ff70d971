"""Columns that nobody tabulates but the program computes with: weights, strata, sampled units."""

from __future__ import annotations

from pathlib import Path

import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from small_exports import cleaned, form, question, said


def design(kind: str = "decimal") -> Questionnaire:
    return form(question("weight", kind, form="none", disclosure="internal"))


@pytest.mark.parametrize(
    ("cell", "problem"),
    [("1,000", "two ways, as 1000 or 1.000"), ("heavy", "this is not a"), ("99", "")],
)
@pytest.mark.parametrize("kind", ["decimal", "integer"])
def test_a_weight_that_is_no_number_is_refused_with_its_row(
    tmp_path: Path, kind: str, cell: str, problem: str
) -> None:
    rows = {"weight": ["2", cell]}
    if not problem:
        assert said(cleaned(tmp_path, rows, design(kind), {"missing": ["99"]}), "weight") == [
            "2",
            "99",
        ]
        return
    with pytest.raises(InputError, match=problem) as refused:
        cleaned(tmp_path, rows, design(kind))
    assert (refused.value.row, refused.value.column) == (3, "weight")


def test_a_weight_is_read_as_the_study_declares_and_kept_as_it_is_written(tmp_path: Path) -> None:
    rows = {"weight": ["1,000", "1.50", "NA"]}
    done = cleaned(tmp_path, rows, design(), {"thousands": ","})
    assert said(done, "weight") == ["1000", "1.50", ""]
    named = {"missing": {"weight": ["-9"]}}
    assert said(cleaned(tmp_path, {"weight": ["1,5", "-9"]}, design(), named), "weight") == [
        "1.5",
        "",
    ]


def test_a_stratum_of_the_design_is_read_as_a_choice(tmp_path: Path) -> None:
    regions = {"n": "North", "s": "South"}
    asked = form(
        question("stratum", "select_one", regions, form="none", disclosure="internal"),
    )
    assert said(cleaned(tmp_path, {"stratum": ["North", "South"]}, asked), "stratum") == ["n", "s"]
    with pytest.raises(InputError, match="no choice of the question") as refused:
        cleaned(tmp_path, {"stratum": ["n", "east"]}, asked)
    assert refused.value.row == 3
