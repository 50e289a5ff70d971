"""Tests of several tables of the same people tell together no more than each by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from attacker_tests import splits
from ngo_survey.disclosure.rounding import released as rounded
from ngo_survey.disclosure.rounding import withheld
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.tabulate import Tables
from small_tables import RULES, plain_design, spec, tabulate
from suites import sample
from test_tables_attack import CODEBOOK, answers

#: Splits of one table that are enumerated at most.
MOST = 3000


@dataclass(frozen=True)
class Half:
    """One of two tables of an answer by form, over all four forms.

    Attributes
    ----------
    base: (forms,) respondents.
    hidden: (forms,) whose count of the answer is hidden.
    every: (tables, forms) counts that fit the margins of the table.
    fits: (tables,) which of them have the test that is printed.
    truth: (forms,) the true counts.
    told: whether anything of the test is.
    """

    base: np.ndarray
    hidden: np.ndarray
    every: np.ndarray
    fits: np.ndarray
    truth: np.ndarray
    told: bool


def half(frame: pd.DataFrame, tables: Tables, name: str) -> Half | None:
    """None where nothing is hidden, or too much to enumerate."""
    told, tests = tables.estimates[name], tables.tests[name]
    test = tests[(tests["analysis"] == f"{name}_by_form") & (tests["test"] == "rao_scott")]
    town = told[(told["by"] == "form") & (told["category"] == "town")]
    town = town[town["statistic"] == "proportion"].set_index("by_level")["n"].astype(float)
    forms = pd.Index(list("abcd"))
    counts = pd.crosstab(frame["form"], frame["rural"]).reindex(forms, fill_value=0)
    counts = counts.reindex(columns=["town", "village"], fill_value=0)
    base, own = counts.sum(axis=1).to_numpy(), counts.sum(axis=1).to_numpy() > 0
    hidden = town.reindex(forms).isna().to_numpy() & own
    # A column of fewer than the threshold hides its base too.
    few = bool((base[hidden] < RULES.threshold).any())
    if not len(test) or not hidden.any() or few or np.prod(base[hidden][:-1] + 1.0) > MOST:
        return None
    design = plain_design(CODEBOOK, frame.drop(columns="money").reset_index(drop=True))
    every = splits(design, base[own], counts["town"].to_numpy()[own], hidden[own])
    out = withheld(rounded(test, "tests", Rounding()), rounded(told, "estimates", Rounding()))
    whole = np.zeros((len(every.every), len(forms)))
    whole[:, own] = every.every
    truth = whole[every.truth]
    return Half(base, hidden, whole, every.fit(out.iloc[0]), truth, bool(out["p"].notna().all()))


def small(count: np.ndarray, base: np.ndarray) -> np.ndarray:
    return RULES.small(count) | RULES.small(base - count)


def width(one: Half, part: Half, fits: tuple[np.ndarray, np.ndarray]) -> int:
    """How far the narrowest small hidden count of both tables, and of what one leaves, can lie."""
    all_, some = one.every[fits[0]], part.every[fits[1]]
    left = all_[:, None, :] - some[None, :, :]
    i, j = np.nonzero(((left >= 0) & (left <= one.base - part.base)).all(axis=2))
    found = [
        np.ptp(all_[i], axis=0)[one.hidden & small(one.truth, one.base)],
        np.ptp(some[j], axis=0)[part.hidden & small(part.truth, part.base)],
    ]
    apart, base = one.truth - part.truth, one.base - part.base
    found.append(np.ptp(left[i, j], axis=0)[one.hidden & part.hidden & small(apart, base)])
    return int(np.concatenate(found).min(initial=RULES.protection))


def both(seed: int) -> tuple[Half, Half] | None:
    """The table of all respondents and that of the north, of a random study."""
    frame = answers(seed)
    north = frame["macro"].eq("north")
    if not north.any():
        return None
    own = spec(CODEBOOK, "rural", ["form"], own_id="rural_of_north", filter="macro = north")
    specs = [spec(CODEBOOK, "rural", ["form"]), own]
    tables = tabulate(CODEBOOK, frame.drop(columns="money"), specs, RULES)
    one, part = half(frame, tables, "rural"), half(frame[north], tables, "rural_of_north")
    return (one, part) if one and part else None


#: Random studies of which both tables hide something and told both tests, and one that told one.
STUDIES = (36, 173, 84, 98, 104, 51)


@pytest.mark.parametrize("seed", sample(STUDIES, 2))
def test_levels_of_two_tables_leave_hidden_counts_as_wide_as_the_protection(seed: int) -> None:
    """All respondents and those of the north: who subtracts has the south too."""
    found = both(seed)
    assert found is not None
    one, part = found
    whole = np.ones(len(one.every), dtype=bool), np.ones(len(part.every), dtype=bool)
    alone = width(one, part, whole)
    assert width(one, part, (one.fits, part.fits)) >= min(RULES.protection, alone)


@pytest.mark.parametrize("seed", sample(STUDIES, 2))
def test_of_cells_that_hang_together_the_test_of_one_table_is_told(seed: int) -> None:
    found = both(seed)
    assert found is not None
    assert not (found[0].told and found[1].told)


@pytest.mark.parametrize("banner", ["form", "region"])
def test_a_coarser_reading_that_hides_nothing_keeps_its_test(banner: str) -> None:
    """It is a function of counts that are shown."""
    told = 0
    for seed in range(4):
        frame = answers(seed, 450).drop(columns="money")
        specs = [spec(CODEBOOK, name, [banner]) for name in ("change", "change2")]
        tables = tabulate(CODEBOOK, frame, specs, RULES)
        for name in ("change", "change2"):
            rows = tables.estimates[name]
            if not rows.loc[rows["by"] == banner, "status"].str.startswith("suppressed").any():
                assert tables.tests[name]["p"].notna().all()
                told += 1
    assert told
