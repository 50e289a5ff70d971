"""No p-value and no statistic tells more of a figure than the figure that is printed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.disclosure.rounding import consistent, released
from ngo_survey.disclosure.rounding_steps import LEVELS, Rounding, level_of, significant
from ngo_survey.results.store import FAMILIES
from ngo_survey.statistics.models.families import family_tests
from ngo_survey.workflow.verbs.model import fit_declared, result_frames
from small_tables import RULES, book, plain_design, question
from suites import examples

ROUNDING = Rounding()
#: Families that have an error beside the figure that a p-value is of, and that figure.
TESTED = {
    **dict.fromkeys(("sides", "change"), "difference"),
    **dict.fromkeys(("coefficients", "effects", "contrasts", "specifications"), "estimate"),
    "imputed": "estimate",
}


def rows(family: str, figures: np.ndarray, se: float) -> pd.DataFrame:
    """Rows of one family: figures with one error, their tests and p-values."""
    t = figures / se
    p = 2 * scipy.stats.t.sf(np.abs(t), 200)
    made = pd.DataFrame({TESTED[family]: figures, "p": p, "p_adjusted": p, "complete_p": p})
    same = {"se": se, "df": 200.0, "status": "shown", "quantity": "effect"}
    statistic = t if family == "coefficients" else "proportion"
    made = made.assign(**same, statistic=statistic)
    made["key"] = [f"k{place}" for place in range(len(made))]
    return made.reindex(columns=list(FAMILIES[family]))


def three_decimals(p: pd.Series) -> int:
    """How many values p-values take that are cut to three decimals, as they were released."""
    return int((p * 1000).apply(np.floor).nunique())


@pytest.mark.parametrize("family", sorted(TESTED))
def test_a_p_value_tells_no_more_of_a_figure_than_the_figure_does(family: str) -> None:
    """Cut to three decimals it did: of figures printed alike it took many values."""
    told = rows(family, 0.06 + np.linspace(-0.0024, 0.0024, 25), 0.03)
    made = released(told, family, ROUNDING)
    assert made[TESTED[family]].nunique() == 1
    for column in {"p", "p_adjusted", "complete_p"} & set(FAMILIES[family]):
        assert three_decimals(told[column]) > 10
        assert made[column].nunique() <= 2


@pytest.mark.parametrize("family", sorted(TESTED))
@given(st.floats(0.001, 0.2), st.sampled_from([0.02, 0.05, 0.03]))
@examples(100)
def test_no_figure_is_judged_otherwise_for_its_level(
    family: str, figure: float, alpha: float
) -> None:
    rounding = Rounding.of({"threshold": 5, "minimum_base": 10}, (alpha,))
    told = rows(family, np.array([figure]), 0.03)
    made = released(told, family, rounding)
    for column in {"p", "p_adjusted"} & set(FAMILIES[family]):
        assert ((made[column] < alpha) == (told[column] < alpha)).all()


@given(st.floats(0.05, 40))
@examples(200)
def test_the_test_of_a_coefficient_is_made_of_what_is_printed(t: float) -> None:
    told = rows("coefficients", t * 0.0312 + np.linspace(-0.002, 0.002, 9), 0.0312)
    made = released(told, "coefficients", ROUNDING)
    printed = made[["estimate", "se", "statistic"]].drop_duplicates()
    assert not printed.duplicated(["estimate", "se"]).any()
    assert (printed["statistic"] - printed["estimate"] / printed["se"]).abs().max() < 0.1


@given(st.floats(0, 30))
@examples(200)
def test_a_test_of_one_degree_is_no_finer_than_the_difference_that_it_is_of(t: float) -> None:
    """It is the square of a difference in its errors, which is printed in tenths of one."""
    near = t + np.linspace(0, 0.1, 41)
    tests = pd.DataFrame({"statistic": near**2, "df1": 1.0, "df2": 200.0, "p": 0.2})
    tests = tests.assign(key="k", effect=np.nan).reindex(columns=list(FAMILIES["tests"]))
    made = released(tests, "tests", ROUNDING)
    assert made["statistic"].nunique() <= 3
    assert (np.abs(np.sqrt(made["statistic"]) - near) < 0.25).all()
    pooled = pd.DataFrame({"estimate": near**2, "complete": near**2, "quantity": "test"})
    pooled = pooled.assign(key="k").reindex(columns=list(FAMILIES["imputed"]))
    assert released(pooled, "imputed", ROUNDING)[["estimate", "complete"]].nunique().max() <= 3
    checks = pd.DataFrame({"value": near**2, "df1": 1.0, "p": 0.2}).assign(key="k", name="term/a")
    checks = checks.reindex(columns=list(FAMILIES["diagnostics"]))
    assert released(checks, "diagnostics", ROUNDING)["value"].nunique() <= 3


@pytest.mark.parametrize("p", [0.0004, 0.0312, 0.4, 1.0])
def test_the_value_of_an_adjusted_p_value_is_its_level(p: float) -> None:
    row = pd.DataFrame([{"key": "k", "name": "term_holm/a", "value": p, "p": p}])
    made = released(row.reindex(columns=list(FAMILIES["diagnostics"])), "diagnostics", ROUNDING)
    assert made["value"].tolist() == made["p"].tolist() == level_of(np.array([p])).tolist()


def test_a_rank_correlation_is_told_as_its_effect_is() -> None:
    row = {"key": "k", "test": "rank_correlation", "statistic": -0.404762, "effect": -0.404762}
    made = released(pd.DataFrame([row]).reindex(columns=FAMILIES["tests"]), "tests", ROUNDING)
    assert made[["statistic", "effect"]].iloc[0].tolist() == [-0.4, -0.4]


def test_what_is_said_of_all_specifications_is_said_of_the_printed_ones() -> None:
    made = {f: released(pd.DataFrame(columns=list(c)), f, ROUNDING) for f, c in FAMILIES.items()}
    effects = [0.05123, 0.08127, 0.09361, 0.12345]
    of = {"key": "k", "model": "m", "term": "t", "se": 0.031}
    own = pd.DataFrame([of | {"estimate": effect} for effect in effects])
    own = own.reindex(columns=list(FAMILIES["specifications"]))
    made["specifications"] = released(own, "specifications", ROUNDING)
    names = ["median", "lowest", "highest"]
    told = pd.DataFrame({"name": [f"specification/t/{n}" for n in names], "value": effects[1:]})
    told = told.assign(key="k", model="m").reindex(columns=list(FAMILIES["diagnostics"]))
    made["diagnostics"] = released(told, "diagnostics", ROUNDING)
    printed = made["specifications"]["estimate"]
    value = consistent(made)["diagnostics"]["value"].tolist()
    assert value == pytest.approx([printed.median(), printed.min(), printed.max()])


# -- a model of 150 respondents ------------------------------------------------------------------

BOOK = book(question("form", "single", ["a", "b", "c"]), question("grew", "single", ["yes", "no"]))
DECLARED = {"kind": "binomial", "outcome": "grew", "event": "yes", "terms": ["form", "age"]}


def respondents() -> tuple[pd.DataFrame, np.ndarray]:
    """150 of three forms, of some age, and whether they grew: 30 to 70 of each form."""
    rng = np.random.default_rng(3)
    form, age = rng.choice(list("abc"), 150, p=[0.3, 0.5, 0.2]), rng.normal(40, 10, 150).round()
    chance = 1 / (1 + np.exp(-(age - 40) / 25 - (form == "b") * 0.4))
    return pd.DataFrame({"form": form}), np.stack([age, rng.random(150) < chance])


def refitted(forms: pd.DataFrame, age: np.ndarray, grew: np.ndarray) -> pd.DataFrame:
    """Coefficients of the model, as the stage `model` has them."""
    design = plain_design(BOOK, forms.assign(grew=np.where(grew, "yes", "no")))
    design.frame = design.frame.assign(age=age)
    made = result_frames("m", fit_declared(design, DECLARED), DECLARED, {}, RULES)
    return made["coefficients"].reindex(columns=list(FAMILIES["coefficients"]))


def test_no_p_value_of_a_model_tells_which_of_two_respondents_grew() -> None:
    """Who knows all but which of two of one form it was refits the model for each guess.

    The counts of all tables are the same whichever it was, and some guesses are printed alike.
    P-values to three decimals told some of these apart.
    """
    forms, (age, grew) = respondents()
    yes, no = (np.flatnonzero((forms["form"] == "b") & (grew == told)) for told in (1, 0))
    pairs = {(age[one], age[other]): [one, other] for one in yes for other in no}
    worlds = [grew]
    for pair in [pair for ages, pair in pairs.items() if 0 < abs(np.diff(ages)[0]) <= 2][:20]:
        worlds.append(grew.copy())
        worlds[-1][pair] = grew[pair[::-1]]
    fits = [refitted(forms, age, world == 1) for world in worlds]
    leaves = [released(fit, "coefficients", ROUNDING) for fit in fits]
    printed = [values(out, "estimate", "se", "ci_low", "ci_high") for out in leaves]
    alike = [place for place, told in enumerate(printed) if told == printed[0]]
    assert len(alike) > 3
    digits = {tuple((fits[place]["p"] * 1000).apply(np.floor)) for place in alike}
    assert len(digits) > 1
    assert len({values(leaves[place], "statistic", "p") for place in alike}) == 1


def values(frame: pd.DataFrame, *columns: str) -> tuple[float, ...]:
    return tuple(frame[list(columns)].to_numpy(dtype=float).ravel())


def test_no_note_of_a_test_holds_a_p_value() -> None:
    """That of a family told what the test was alone, in three digits."""
    forms, (age, grew) = respondents()
    design = plain_design(BOOK, forms.assign(grew=np.where(grew, "yes", "no")))
    design.frame = design.frame.assign(age=age)
    fit = fit_declared(design, DECLARED)
    notes = [*family_tests(fit, {"one": ["form", "age"]})["note"], *fit.diagnostics()["note"]]
    assert len(notes) > 5
    assert [note for note in notes if re.search(r"[0-9][.][0-9]|e-[0-9]", note)] == []


def test_levels_are_told_for_every_p_value_of_the_store() -> None:
    """Of every family that has one."""
    columns = {"p", "p_adjusted", "complete_p"}
    places = {*np.round(np.array(LEVELS) - 0.001, 3), 0.1}
    for family in (f for f, c in FAMILIES.items() if columns & set(c)):
        row = dict.fromkeys(FAMILIES[family], np.nan) | {"key": "k", "name": "a", "quantity": "x"}
        row |= {"status": "shown"} if "status" in row else {}
        row |= dict.fromkeys(columns & set(row), 0.0312) | {"se": 0.02}
        row["statistic"] = 1.0 if family in ("tests", "coefficients") else "mean"
        frame = pd.DataFrame([row]).reindex(columns=list(FAMILIES[family]))
        made = released(frame, family, ROUNDING)
        assert {round(float(made[column].iloc[0]), 3) for column in columns & set(row)} <= places
        assert significant(np.array([0.0312]), 3)[0] not in made.to_numpy()
