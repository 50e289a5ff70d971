"""A finding passed its test, is large enough, and is said with the figures that tables print."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.present.document.findings import FindingRules, findings, share_size
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from small_store import estimate

LEVELS = ("town", "village", "city")


def results(folder: Path, shares: dict[str, float], above: dict[str, str], p: float) -> Results:
    """A store of one table under one banner, and a comparison of two groups of respondents."""
    heads = {"population": "ngo", "item": "", "category": "yes", "statistic": "proportion"}
    shown = {"n": 50, "base": 100, "se": 0.05, "ci_low": 0.1, "ci_high": 0.9, "status": "shown"}
    figures = pd.DataFrame(
        {
            **heads, **shown,
            "key": f"q_by_place/yes@{level}", "analysis": "q_by_place", "by": "place",
            "by_level": level, "estimate": share,
        }
        for level, share in shares.items()
    )  # fmt: skip
    compared = pd.DataFrame(
        {
            **heads,
            "key": f"compare/q_by_place/yes@{level}", "analysis": "q_by_place", "by": "place",
            "by_level": level, "letter": letter, "above": above.get(level, ""), "p_adjusted": p,
        }
        for level, letter in zip(shares, "ABC", strict=False)
    )  # fmt: skip
    tests = pd.DataFrame(
        {"key": ["test/q_by_place/rao_scott"], "analysis": ["q_by_place"], "test": ["rao_scott"]}
    ).assign(p=p, p_adjusted=p)
    sides = pd.DataFrame(
        {
            "key": ["sides/q/yes"], "analysis": ["q"], "item": [""], "category": ["yes"],
            "statistic": ["proportion"], "first": [0.5], "second": [0.2], "difference": [0.3],
            "se": [0.05], "p_adjusted": [p], "status": ["shown"],
        }
    )  # fmt: skip
    for family, frame in {
        "estimates": figures,
        "comparisons": compared,
        "tests": tests,
        "sides": sides,
    }.items():
        store.write(frame, family, folder / family / "q.csv")
    return Results.load(folder)


SHARES = dict(zip(LEVELS, (0.6, 0.2, 0.5), strict=True))


def test_the_pair_furthest_apart_among_printed_letters_is_the_finding(tmp_path: Path) -> None:
    made = findings(results(tmp_path, SHARES, {"town": "B", "city": "B"}, 0.01), FindingRules())
    split = next(finding for finding in made if finding.kind == "split")
    assert split.row["by_level"] == "town"
    assert split.other is not None
    assert split.other["by_level"] == "village"
    assert split.size == pytest.approx(share_size(0.6, 0.2))


def test_of_two_levels_that_a_text_compares_only_their_difference_is_told(tmp_path: Path) -> None:
    store_ = results(tmp_path, SHARES, {"town": "B", "city": "B"}, 0.01)
    made = findings(store_, FindingRules(), ("city", "village"))
    split = next(finding for finding in made if finding.kind == "split")
    assert split.row["by_level"] == "city"
    made = findings(store_, FindingRules(), ("town", "city"))
    assert "split" not in {finding.kind for finding in made}


def test_without_a_letter_and_below_the_level_nothing_is_claimed(tmp_path: Path) -> None:
    made = findings(results(tmp_path, SHARES, {}, 0.2), FindingRules())
    assert [(finding.kind, finding.by) for finding in made] == [("none", "place")]


def test_what_is_small_is_not_told(tmp_path: Path) -> None:
    near = dict(zip(LEVELS, (0.52, 0.48, 0.5), strict=True))
    made = findings(results(tmp_path, near, {"town": "B"}, 0.01), FindingRules())
    assert [finding.kind for finding in made] == ["gap"]


def test_the_study_says_what_weighs_more(tmp_path: Path) -> None:
    store_ = results(tmp_path, SHARES, {"town": "B"}, 0.01)
    assert [f.kind for f in findings(store_, FindingRules())] == ["split", "gap"]
    weighed = FindingRules(weights={"place": 0.1})
    assert [f.kind for f in findings(store_, weighed)] == ["gap", "split"]


def test_what_is_so_by_definition_is_no_finding(tmp_path: Path) -> None:
    rules = FindingRules(tied={("q", "place")})
    made = findings(results(tmp_path, SHARES, {"town": "B"}, 0.01), rules)
    assert [finding.kind for finding in made] == ["gap"]


def test_the_size_of_means_goes_by_their_base_where_the_effective_one_is_hidden(
    tmp_path: Path,
) -> None:
    mean = estimate("q", "", 3.0, statistic="mean", se=0.05) | {"n_effective": float("nan")}
    store.write(pd.DataFrame([mean]), "estimates", tmp_path / "estimates" / "q.csv")
    gap = {
        "key": "sides/q/mean", "analysis": "q", "item": "", "category": "", "statistic": "mean",
        "first": 3.0, "second": 2.7, "difference": 0.3, "se": 0.05, "p_adjusted": 0.01,
        "status": "shown",
    }  # fmt: skip
    store.write(pd.DataFrame([gap]), "sides", tmp_path / "sides" / "q.csv")
    (found,) = findings(Results.load(tmp_path), FindingRules())
    # The error of 0.05 on the base of 400 is a standard deviation of 1.
    assert found.size == pytest.approx(0.3)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_size_of_two_shares_has_no_sign_and_is_none_for_equal_ones(a: float, b: float) -> None:
    assert share_size(a, b) == share_size(b, a) >= 0
    assert share_size(a, a) == 0


def test_cohens_h_is_that_of_his_table() -> None:
    # Cohen 1988, table 6.2.2: phi of .50 is 1.571, of .60 1.772.
    assert share_size(0.6, 0.5) == pytest.approx(1.772 - 1.571, abs=1e-3)


def contradictions(folder: Path, family: str) -> pd.DataFrame:
    """Rows whose limits say other of zero than the adjusted p beside them."""
    told = Results.load(folder).family(family)
    told = told[told["p_adjusted"].notna()]
    assert len(told)
    apart = (told["ci_low"] > 0) | (told["ci_high"] < 0)
    return told[apart != (told["p_adjusted"] < 0.05)]


@pytest.mark.parametrize("family", ["sides", "effects"])
def test_no_limits_contradict_the_verdict_beside_them(small_built: Study, family: str) -> None:
    assert contradictions(small_built.paths.released, family).empty


def test_no_limits_of_a_change_contradict_its_verdict(two_waves: Study) -> None:
    assert contradictions(two_waves.paths.released, "change").empty
