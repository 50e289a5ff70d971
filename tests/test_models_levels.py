"""A model tells of no level of which its table would not."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacker_models import counts, read_levels, width
from ngo_survey.disclosure.model_levels import Modelled, hidden_in_tables, too_few, withhold
from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.results.store import csv_text, read, tidy
from ngo_survey.statistics.models.level_counts import COLUMNS
from ngo_survey.workflow.verbs.model import fit_declared, result_frames
from small_tables import RULES, plain_design, spec, tabulate
from suites import examples, sample
from test_tables_attack import CODEBOOK, answers

FAMILIES_OF_MODELS = (
    *("coefficients", "effects", "predictions", "contrasts", "specifications", "imputed"),
    *("diagnostics", "validation", "calibration"),
)


def results(frame: pd.DataFrame, declared: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Rows of one model by family, with ten digits, as the stage `model` writes them."""
    design = plain_design(CODEBOOK, frame)
    fit = fit_declared(design, declared)
    made = result_frames("m", fit, declared, {"all": ["form"]}, RULES)
    rows = {}
    for family in FAMILIES_OF_MODELS:
        rows[family] = stored(made.get(family, pd.DataFrame({"key": []})), family)
    return rows


def stored(frame: pd.DataFrame, family: str) -> pd.DataFrame:
    """Rows as they are read from the store."""
    text = csv_text(tidy(frame, family))
    return read(family, io.StringIO(text)).assign(file=f"{family}/m.csv")


def leaves(made: dict[str, pd.DataFrame], hidden: set | frozenset = frozenset()) -> dict:
    rounded = {family: released(frame, family, Rounding()) for family, frame in made.items()}
    return withhold(rounded, hidden)


@cache
def models(seed: int, *terms: str) -> list[tuple[pd.DataFrame, str, dict, set]]:
    """Binomial models of each answer of a random study, with what its table hides.

    What cannot be fitted is left out: all or none of a level gave the answer.
    """
    frame = answers(seed).drop(columns="money")
    frame = frame.dropna(subset=["change"]).reset_index(drop=True)
    made = tabulate(CODEBOOK, frame, [spec(CODEBOOK, "change", ["form"])], RULES)
    found = []
    for event in frame["change"].unique():
        shares = (frame["change"] == event).groupby(frame["form"]).mean()
        if shares.isin([0, 1]).any():
            continue
        declared = {"kind": "binomial", "outcome": "change", "event": event, "terms": list(terms)}
        rows = results(frame, declared | {"contrasts": ["form"]})
        of = Modelled("m", "ngo", ("change",), (event,))
        found.append((frame, event, rows, hidden_in_tables(made.estimates["change"], of)))
    return found


def test_a_model_of_one_term_repeats_the_counts_that_its_table_hides() -> None:
    """The attack is no formality: this is what was released."""
    found = 0
    for seed in range(8):
        for frame, event, rows, hidden in models(seed, "form"):
            gave, n = counts(frame, "form", (frame["change"] == event).to_numpy())
            means = rows["predictions"].set_index("level")["estimate"]
            for _, _, level in hidden:
                assert means[level] * n[level] == pytest.approx(gave[level], abs=1e-3)
                found += 1
    assert found > 20


@pytest.mark.parametrize("seed", sample(range(30), 4))
def test_no_hidden_count_follows_from_a_model_of_one_term(seed: int) -> None:
    for frame, event, rows, hidden in models(seed, "form"):
        gave, n = counts(frame, "form", (frame["change"] == event).to_numpy())
        levels = list(rows["predictions"]["level"])
        told = read_levels(leaves(rows, hidden), levels)
        assert not told & {level for _, _, level in hidden}
        small = RULES.small(gave.to_numpy()) | RULES.small((n - gave).to_numpy())
        for level in n.index[small]:
            alone = width(gave, n, set(), level)
            assert width(gave, n, told, level) >= min(RULES.protection, alone)


def test_a_second_term_shows_no_level_that_the_first_alone_would_hide() -> None:
    seen = 0
    for seed in range(6):
        alone = {event: leaves(rows, hidden) for _, event, rows, hidden in models(seed, "form")}
        for _, event, rows, hidden in models(seed, "form", "rural"):
            if event in alone:
                both = leaves(rows, hidden)["predictions"]
                both = both[(both["variable"] == "form") & both["estimate"].isna()]
                one = alone[event]["predictions"]
                assert set(one.loc[one["estimate"].isna(), "level"]) <= set(both["level"])
                seen += len(both)
    assert seen > 10


def test_nothing_is_told_of_the_test_of_a_variable_with_a_withheld_level() -> None:
    """Of one term it is the test of the table, of which not even the level may be told."""
    tested = 0
    for seed in range(6):
        for _, _, rows, hidden in models(seed, "form"):
            made = leaves(rows, hidden)
            told = made["diagnostics"].set_index("name")
            if not told.index.str.startswith("withheld/").any():
                continue
            assert np.isnan(told.loc["term/form", "value"])
            assert told.loc[["term/form", "term_holm/form"], "p"].isna().all()
            assert told.loc[["mcfadden", "log_pseudolikelihood", "rps"], "value"].isna().all()
            tested += 1
    assert tested > 5


def crossed(n: int = 240) -> pd.DataFrame:
    """Many of each form and place, but three villages of form b where it went down."""
    frame = answers(0, n).drop(columns="money")
    place = np.arange(n)
    village = (place // 2) % 2 == 1
    form = np.where(place % 2 == 1, "b", "a")
    down = place % 5 < 2
    inside = village & (form == "b")
    down[inside] = np.arange(inside.sum()) < 3
    change = np.where(down, "down", "same")
    return frame.assign(form=form, rural=np.where(village, "village", "town"), change=change)


def test_terms_that_interact_are_withheld_where_few_are_in_both() -> None:
    declared = {"kind": "binomial", "outcome": "change", "event": "down"}
    apart = leaves(results(crossed(), declared | {"terms": ["form", "rural"]}))
    assert apart["predictions"]["estimate"].notna().all()
    terms = ["form", "rural", {"interaction": ["form", "rural"]}]
    made = leaves(results(crossed(), declared | {"terms": terms}))
    for family in ("coefficients", "effects", "predictions"):
        assert made[family]["estimate"].isna().all()


def test_a_number_of_two_values_is_a_level() -> None:
    frame = crossed()
    design = plain_design(CODEBOOK, frame)
    few = (np.arange(len(frame)) < 7).astype(float)
    design.frame = design.frame.assign(member=few)
    declared = {"kind": "binomial", "outcome": "change", "event": "down", "terms": ["member"]}
    fit = fit_declared(design, declared)
    made = result_frames("m", fit, declared, {}, RULES)
    none = pd.DataFrame({"key": []})
    rows = {family: stored(made.get(family, none), family) for family in FAMILIES_OF_MODELS}
    out = withhold(rows, set())
    assert out["predictions"]["estimate"].isna().all()
    assert out["coefficients"]["estimate"].isna().all()


def test_nothing_is_withheld_where_no_group_is_small() -> None:
    declared = {"kind": "binomial", "outcome": "change", "event": "down", "terms": ["form"]}
    made = results(crossed(), declared)
    rounded = {family: released(frame, family, Rounding()) for family, frame in made.items()}
    out = withhold(rounded, set())
    for family in FAMILIES_OF_MODELS:
        pd.testing.assert_frame_equal(out[family], rounded[family])


def told(table: dict[str, tuple[str, str]]) -> set:
    """Levels withheld for a table: status of the answers down, same and up by level."""
    rows = [
        {"analysis": "change_by_form", "population": "ngo", "item": "", "by": "form"}
        | {"by_level": level, "category": answer, "statistic": "proportion", "status": status}
        for level, statuses in table.items()
        for answer, status in zip(("down", "same", "up"), statuses, strict=True)
    ]
    of = Modelled("m", "ngo", ("change",), ("down", "same"))
    return {level for _, _, level in hidden_in_tables(pd.DataFrame(rows), of)}


def test_an_event_is_told_where_its_answers_or_all_others_are_shown() -> None:
    few, more = "suppressed-primary", "suppressed-secondary"
    table = {
        "both": (few, more, "shown"),
        "one": (few, "shown", more),
        "none": ("shown", "shown", "shown"),
    }
    assert told(table) == {"one"}


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=2, max_size=8))
@examples(300)
def test_what_is_left_of_the_total_is_as_wide_as_the_protection(
    levels: list[tuple[int, float]],
) -> None:
    n = pd.Series({f"l{i}": size for i, (size, _) in enumerate(levels)})
    gave = pd.Series({f"l{i}": round(size * part) for i, (size, part) in enumerate(levels)})
    rows = [
        {"variable": "v", "level": level, "whole": "", "outcome": outcome, "n": n[level], "gave": g}
        for level in n.index
        for outcome, g in (("yes", gave[level]), ("no", n[level] - gave[level]))
    ]
    hidden = {level for _, level in too_few(pd.DataFrame(rows, columns=COLUMNS), RULES)}
    shown = set(n.index) - hidden
    small = RULES.small(gave.to_numpy()) | RULES.small((n - gave).to_numpy())
    small |= (n < RULES.minimum_base).to_numpy()
    assert set(n.index[small]) <= hidden
    for level in n.index[small]:
        assert not shown or width(gave, n, shown, level) >= RULES.protection
