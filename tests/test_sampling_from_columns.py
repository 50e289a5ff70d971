"""Weights that came with the answers, and shares of a population that nobody listed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics.weighting.from_columns import (
    NO_ANSWER,
    DesignColumns,
    given_design,
    weight_from_columns,
)
from ngo_survey.statistics.weighting.register import Weighting

from reference import close

#: Eight respondents in two strata of two sampling units each.
ANSWERS = pd.DataFrame(
    {
        "respondent": list("abcdefgh"),
        "source_row": [str(row) for row in range(3, 11)],
        "w": ["1", "2", "1.5", "1", "3", "1", "1", "2"],
        "h": ["x", "x", "x", "x", "y", "y", "y", "y"],
        "u": ["1", "1", "2", "2", "1", "1", "2", "2"],
        "sex": ["f", "m", "f", "m", "f", "f", "f", None],
    }
)


def weighted(answers: pd.DataFrame = ANSWERS, margins: Any = None, **columns: Any) -> Weighting:
    merge = columns.pop("merge", {})
    return weight_from_columns(answers, DesignColumns(**columns), margins or {}, merge)


def test_without_weights_everybody_counts_alike() -> None:
    made = weighted()
    assert set(made.weights["weight"]) == {1.0}
    assert made.calibration.empty
    assert made.margins.empty


def test_weights_of_the_export_are_taken_as_they_are() -> None:
    made = weighted(weights="w")
    assert made.weights["weight"].tolist() == [1, 2, 1.5, 1, 3, 1, 1, 2]
    assert made.rates.set_index("name")["value"]["respondents"] == 8


def test_strata_and_units_of_the_export_are_those_of_the_design() -> None:
    made = weighted(weights="w", strata=["h"], psu="u")
    # Four units, named alike in both strata, less two strata.
    assert given_design(made.weights).degrees_of_freedom == 2


def test_shares_are_met_by_those_who_answered() -> None:
    made = weighted(weights="w", margins={"sex": {"f": 0.5, "m": 0.5}})
    by_sex = made.weights["weight"].groupby(ANSWERS["sex"].fillna(NO_ANSWER)).sum()
    close(by_sex["f"], by_sex["m"])


def test_those_without_an_answer_keep_their_share() -> None:
    made = weighted(weights="w", margins={"sex": {"f": 0.5, "m": 0.5}})
    close(made.weights["weight"].iloc[-1], 2.0)
    close(made.weights["weight"].sum(), 12.5)


@pytest.mark.parametrize("said", [{"f": 60, "m": 40}, {"f": 600, "m": 400}, {"f": 0.6, "m": 0.4}])
def test_shares_may_be_of_one_of_a_hundred_or_counts(said: dict[str, float]) -> None:
    made = weighted(margins={"sex": said}).margins.set_index("level")
    close(made.loc["f", "weighted"], 0.6)
    close(made.loc["f", "register"], 0.6)


def test_an_empty_level_is_merged_by_a_declared_rule() -> None:
    margins = {"sex": {"f": 0.6, "m": 0.3, "other": 0.1}}
    made = weighted(margins=margins, merge={"sex": {"m_or_other": ["m", "other"]}})
    close(made.margins.set_index("level").loc["m_or_other", "weighted"], 0.4)


@pytest.mark.parametrize(
    ("change", "asked", "said"),
    [
        ({"w": "0"}, {"weights": "w"}, r"row 4, column w.*no positive number.*\(found '0'\)"),
        ({"w": None}, {"weights": "w"}, r"row 4, column w: a weight .* missing.*key_questions"),
        ({"h": None}, {"strata": ["h"]}, "row 4, column h: the stratum"),
    ],
)
def test_a_cell_that_cannot_be_is_named(
    change: dict[str, Any], asked: dict[str, Any], said: str
) -> None:
    wrong = ANSWERS.copy()
    for column, value in change.items():
        wrong.loc[1, column] = value
    with pytest.raises(InputError, match=said):
        weighted(wrong, **asked)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"f": 0.6, "m": 0.2}, "add up to 0.8"),
        ({"f": 1.0}, r"no share in the population \(found 'm'\).*merge"),
        ({"f": 0.5, "m": 0.4, "x": 0.1}, r"has a share in the population \(found 'x'\); merge it"),
    ],
)
def test_shares_that_cannot_be_met_are_named(said: dict[str, float], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        weighted(margins={"sex": said})


def test_a_stratum_with_one_unit_asks_how_it_counts() -> None:
    lonely = ANSWERS.assign(h=["x"] * 7 + ["z"])
    with pytest.raises(InputError, match="lonely"):
        weighted(lonely, strata=["h"])
    assert len(weighted(lonely, strata=["h"], lonely="certainty").weights) == 8
