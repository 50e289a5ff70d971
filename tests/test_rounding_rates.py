"""No response rate tells how many few units of a sample refused, or were found ineligible."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding, to_count
from ngo_survey.statistics.weighting.register import PROPORTIONAL
from ngo_survey.statistics.weighting.response_rates import DISPOSITIONS, response_rates

ROUNDING = Rounding()
INVITED = 320


def dispositions(seed: int) -> dict[str, int]:
    """How a sample of 320 ended: most answered, few of the others."""
    rng = np.random.default_rng(seed)
    few = rng.integers(0, 20, len(DISPOSITIONS) - 1).tolist()
    return dict(zip(DISPOSITIONS, [INVITED - sum(few), *few], strict=True))


def eligible(counts: dict[str, int]) -> float:
    known = sum(counts.values()) - counts["unknown_eligibility"] - counts["unknown_other"]
    return 1 - counts["ineligible"] / known


def rates(counts: dict[str, int], e: float | None = None, how: str = PROPORTIONAL) -> pd.DataFrame:
    """The family ``rates`` of a group, with ten digits."""
    share = eligible(counts) if e is None else e
    found = response_rates(counts, share) | {"RR1_weighted": 0.75217, "invited": float(INVITED)}
    found |= {f"disposition_{name}": float(n) for name, n in counts.items()}
    found |= {"eligible_share": share, "reconciled": 3.0, "weight_trimmed": 2.0}
    frame = pd.DataFrame({"name": list(found), "value": list(found.values()), "note": ""})
    frame.loc[frame["name"] == "eligible_share", "note"] = how
    return frame.assign(population="g", key="rates/g/" + frame["name"])


def printed(frame: pd.DataFrame) -> pd.Series:
    return released(frame, "rates", ROUNDING).set_index("name")["value"]


def fitting(told: pd.Series) -> np.ndarray:
    """(fits, dispositions): every way in which the sample can have ended, given what is printed."""
    own = [told[f"disposition_{name}"] for name in DISPOSITIONS]
    near = [range(int(max(n - 2, 0)), int(n) + 3) for n in own]
    every = np.array([c for c in itertools.product(*near[1:])])
    every = np.column_stack([INVITED - every.sum(axis=1), every])
    every = every[np.isin(every[:, 0], list(near[0]))]
    counts = dict(zip(DISPOSITIONS, every.T.astype(float), strict=True))
    i, p, r, nc, o, uh, uo, _ = counts.values()
    known = i + p + r + nc + o
    fits = np.ones(len(every), dtype=bool)
    for name, rate in (
        ("RR1", i / (known + uh + uo)),
        ("RR2", (i + p) / (known + uh + uo)),
        ("RR5", i / known),
        ("REF3", r / known),
        ("CON3", (i + p + r + o) / known),
    ):
        fits &= np.abs(rate - told[name]) <= 5.001e-4
    return every[fits]


@pytest.mark.parametrize("seed", range(3))
def test_three_digits_of_the_true_rates_tell_how_many_refused(seed: int) -> None:
    """The attack is no formality: it reads counts that are rounded beside the rates."""
    counts = dispositions(seed)
    told = rates(counts).set_index("name")["value"]
    for name in DISPOSITIONS:
        told[f"disposition_{name}"] = to_count(np.array([float(counts[name])]), ROUNDING)[0]
    found = fitting(told)
    refused = found[:, list(DISPOSITIONS).index("refusal")]
    assert set(refused) == {counts["refusal"]}


@pytest.mark.parametrize("seed", range(20))
def test_rates_follow_from_the_counts_that_are_printed_beside_them(seed: int) -> None:
    told = printed(rates(dispositions(seed)))
    counts = {name: told[f"disposition_{name}"] for name in DISPOSITIONS}
    anew = response_rates(counts, eligible({name: int(n) for name, n in counts.items()}))
    for name, value in anew.items():
        assert told[name] == pytest.approx(value, rel=5.1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_rates_are_close_to_the_true_ones(seed: int) -> None:
    counts = dispositions(seed)
    told, true = printed(rates(counts)), response_rates(counts, eligible(counts))
    # Each of eight counts is off by two at most.
    assert abs(told["RR1"] - true["RR1"]) <= 16 / INVITED


@pytest.mark.parametrize("e", [0.25, 1.0])
def test_a_declared_share_of_eligible_units_stays(e: float) -> None:
    told = printed(rates(dispositions(4), e, "as the configuration declares it"))
    assert told["eligible_share"] == e


def test_weighted_rates_and_counts_of_units_are_worth_the_threshold() -> None:
    told = printed(rates(dispositions(1)))
    assert told["RR1_weighted"] == 0.76
    assert told[["reconciled", "weight_trimmed"]].tolist() == [5.0, 0.0]


def test_of_so_few_that_they_are_rounded_to_none_there_is_no_rate() -> None:
    few = dict.fromkeys(DISPOSITIONS, 0) | {"complete": 2, "noncontact": 40}
    assert np.isnan(printed(rates(few))["RR1"])
