"""What is handed to a design is aligned by its index, or refused; never by a reset position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from suites import examples


def people(seed: int = 0, n: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"w": rng.uniform(1, 9, n), "y": rng.normal(size=n), "g": rng.choice(list("ab"), n)}
    )
    return frame.sample(frac=1, random_state=seed)


def refusal(values: Any, how: str = "assign") -> str:
    design = SurveyDesign(people(), weights="w")
    with pytest.raises(InputError) as caught:
        design.assign(z=values) if how == "assign" else design.subset(values)
    return str(caught.value)


@given(st.integers(0, 10_000), st.booleans())
@examples(60)
def test_a_series_in_any_order_is_aligned_by_its_index(seed: int, more: bool) -> None:
    """Sorted, shuffled or of more rows than the design has: the same answer."""
    frame = people(seed)
    kept = frame[frame["y"] > -0.5]
    design = SurveyDesign(kept, weights="w")
    given_ = (frame if more else kept)["y"].sample(frac=1, random_state=seed + 1)
    ours = estimation.mean(design.assign(z=given_), "z")["estimate"].iloc[0]
    assert ours == pytest.approx(np.average(kept["y"], weights=kept["w"]))
    domain = design.subset(given_ > 0)
    assert domain.in_domain.tolist() == (kept["y"] > 0).tolist()


def test_what_lacks_a_respondent_is_refused_with_the_row() -> None:
    frame = people()
    said = refusal(frame["y"].drop(index=[4, 7]))
    assert "2 of 30 respondents have no value by the index" in said and ".to_numpy()" in said


def test_a_mask_that_lost_its_index_is_refused() -> None:
    """A position after a reset is another respondent."""
    frame = people().set_index(people().index + 100)
    mask = (frame["g"] == "a").reset_index(drop=True)
    with pytest.raises(InputError, match="have no value by the index"):
        SurveyDesign(frame, weights="w").subset(mask)


def test_an_index_that_has_a_row_twice_cannot_align() -> None:
    frame = people()
    assert "a row stands twice" in refusal(pd.concat([frame["y"], frame["y"][:1]]))


def test_data_whose_rows_have_one_name_take_what_has_the_same_index() -> None:
    frame = people().set_index(np.repeat([0, 1], 15))
    design = SurveyDesign(frame, weights="w").assign(z=frame["y"] * 2)
    assert design.frame["z"].tolist() == (frame["y"] * 2).tolist()


@pytest.mark.parametrize("values", [{"a": 1}, np.ones((30, 2)), people()])
def test_a_mapping_or_a_table_is_no_column(values: Any) -> None:
    assert "this is no column" in refusal(values)


def test_an_array_of_another_length_is_refused() -> None:
    assert "30 respondents need as many values (found '29')" in refusal(np.ones(29))


@pytest.mark.parametrize("mask", [["yes", "no"] * 15, ["True", "False"] * 15, [2, 0] * 15])
def test_a_mask_of_words_or_other_numbers_is_refused(mask: list[Any]) -> None:
    assert "neither true nor false" in refusal(mask, "subset")


@pytest.mark.parametrize(
    "mask", [[True, None] * 15, [1, 0] * 15, [1.0, np.nan] * 15, np.array([True, False] * 15)]
)
def test_truth_values_and_zeros_and_ones_are_a_mask_and_gaps_are_outside(mask: Any) -> None:
    assert SurveyDesign(people(), weights="w").subset(mask).n == 15


def test_a_single_value_is_no_mask() -> None:
    assert "a domain needs 30 truth values" in refusal(True, "subset")


@pytest.mark.parametrize("data", [{"w": [1.0, 2.0]}, np.ones((3, 2)), None])
def test_a_design_stands_on_a_frame(data: Any) -> None:
    with pytest.raises(InputError, match="needs a frame"):
        SurveyDesign(data, weights="w")


def test_columns_of_one_name_are_refused() -> None:
    frame = people()
    with pytest.raises(InputError, match="column y: two columns have one name"):
        SurveyDesign(pd.concat([frame, frame[["y"]]], axis=1), weights="w")


@pytest.mark.parametrize("names", [{"y": 1}, {"y"}, np.ones((2, 2)), pd.Series([1.0]), ["y", 3]])
def test_columns_are_asked_for_by_name(names: Any) -> None:
    design = SurveyDesign(people(), weights="w")
    with pytest.raises(InputError, match="is not given by its name"):
        estimation.mean(design, names)
    with pytest.raises(InputError, match="is not given by its name"):
        estimation.mean(design, "y", by=names)


@pytest.mark.parametrize(
    "names", [["y", "w"], ("y", "w"), np.array(["y", "w"]), pd.Index(["y", "w"])]
)
def test_several_names_may_come_in_any_flat_order(names: Any) -> None:
    made = estimation.mean(SurveyDesign(people(), weights="w"), names)
    assert made["variable"].tolist() == ["y", "w"]


@pytest.mark.parametrize("part", ["strata", "psu", "fpc"])
def test_parts_of_a_design_are_named_too(part: str) -> None:
    with pytest.raises(InputError, match="is not given by its name"):
        SurveyDesign(people(), **{"weights": "w", part: np.ones(30)})  # type: ignore[arg-type]
