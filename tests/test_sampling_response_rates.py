"""Response rates are AAPOR's, to the digit."""

from __future__ import annotations

import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics.weighting.response_rates import response_rates

from reference import close

#: The worked example of shared/METHODS.md.
CASES = {
    "complete": 120,
    "partial": 15,
    "refusal": 80,
    "noncontact": 60,
    "other": 5,
    "unknown_eligibility": 40,
    "unknown_other": 20,
}


def test_the_six_response_rates_of_the_worked_example() -> None:
    rates = response_rates(CASES, 0.8)
    expected = [0.35294, 0.39706, 0.36585, 0.41159, 0.42857, 0.48214]
    assert [round(rates[f"RR{k}"], 5) for k in range(1, 7)] == expected


def test_cooperation_refusal_and_contact_of_the_worked_example() -> None:
    rates = response_rates(CASES, 0.8)
    close([rates[f"COOP{k}"] for k in range(1, 5)], [120 / 220, 135 / 220, 120 / 215, 135 / 215])
    close([rates[f"REF{k}"] for k in range(1, 4)], [80 / 340, 80 / 328, 80 / 280])
    close([rates[f"CON{k}"] for k in range(1, 4)], [220 / 340, 220 / 328, 220 / 280])


def test_ineligible_units_are_in_no_rate() -> None:
    assert response_rates({**CASES, "ineligible": 99}, 0.8) == response_rates(CASES, 0.8)


def test_weighted_rates_do_not_depend_on_the_scale_of_the_weights() -> None:
    scaled = response_rates(pd.Series(CASES) * 7.5, 0.8)
    close(list(scaled.values()), list(response_rates(CASES, 0.8).values()), 1e-12)


@pytest.mark.parametrize(
    ("counts", "e", "said"),
    [
        ({"complet": 3}, 0.5, "did you mean complete"),
        (CASES, 1.2, "between 0 and 1"),
        ({"refusal": 4}, 0.5, "nobody answered"),
    ],
)
def test_rates_that_cannot_be_are_refused(counts: dict[str, int], e: float, said: str) -> None:
    with pytest.raises(InputError, match=said):
        response_rates(counts, e)
