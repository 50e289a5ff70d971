"""Imputation keeps what was said, what adds up and what was not asked, and corrects what it can."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.question import Choice, Question
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning.derive import derive
from ngo_survey.statistics import estimation, models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.imputation import Imputation, impute, pool
from ngo_survey.statistics.models.imputation.donors import closest, share_out
from ngo_survey.statistics.models.imputation.posterior import (
    draw_binary,
    logit_curve,
    mode,
    ordered_curve,
)
from ngo_survey.statistics.models.pooled import compare
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.imputed_questions import imputed_variables, of_model, sources_of
from ngo_survey.workflow.verbs import clean, read, weight
from ngo_survey.workflow.verbs import impute as impute_verb
from ngo_survey.workflow.verbs.completed import ModelledGroup
from plain_study import plain_study
from suites import examples

WORDS = {"en": "words"}
ITEMS = ("state", "donors", "services")


def question(name: str, form: str, choices: Sequence[str] = (), **more: str) -> Question:
    kind = {"number": "integer", "constant_sum": "integer", "multiple": "select_multiple"}
    return Question(
        name=name,
        type=kind.get(form, "select_one"),
        labels=WORDS,
        titles=WORDS,
        choices=tuple(Choice(c, WORDS) for c in choices),
        form=form,
        **more,
    )


BOOK = Questionnaire(
    questions={
        q.name: q
        for q in (
            question("area", "single", ["a", "b", "c"]),
            question("change", "scale", ["fell", "same", "rose"]),
            question("staff", "number"),
            question("orders", "single", ["yes", "no"]),
            question("burden", "scale", ["low", "mid", "high"], relevant="${orders} = 'yes'"),
            question("help", "multiple", ["money", "advice", "room", "none"]),
            *(question(f"part_{i}", "constant_sum", battery="part") for i in ITEMS),
            *(
                question(f"trust_{i}", "rating", ["1", "2", "3", "dont_know"], battery="trust")
                for i in ("town", "court", "state")
            ),
        )
    },
    languages=("en",),
    battery_titles={"part": WORDS, "trust": WORDS},
    battery_labels={},
)
VARIABLES = ["area", "change", "staff", "orders", "burden", "help", "part", "trust"]


def survey(seed: int, n: int = 300) -> pd.DataFrame:
    """Answers of every form with holes, drawn from a stratified sample."""
    rng = np.random.default_rng(seed)
    area = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    staff = np.exp(rng.normal(1, 0.8, n) + (area == "b") * 0.5).round()
    latent = 0.6 * np.log1p(staff) + rng.logistic(size=n)
    orders = np.where(rng.random(n) < 0.5, "yes", "no")
    parts = rng.dirichlet([0.5, 0.7, 1.0], n) * 100
    parts = np.floor(parts / 5) * 5
    parts[:, 2] = 100 - parts[:, :2].sum(axis=1)
    chosen = rng.random((n, 3)) < 0.4
    names = np.array(["money", "advice", "room"])
    frame = pd.DataFrame(
        {
            "area": area,
            "change": np.array(["fell", "same", "rose"])[np.digitize(latent, [0.2, 1.6])],
            "staff": staff,
            "orders": orders,
            "burden": np.where(orders == "yes", rng.choice(["low", "mid", "high"], n), None),
            "help": [" ".join(names[row]) or "none" for row in chosen],
            **{f"part_{i}": parts[:, k] for k, i in enumerate(ITEMS)},
            **{
                f"trust_{i}": rng.choice(["1", "2", "3", "dont_know"], n, p=[0.3, 0.3, 0.3, 0.1])
                for i in ("town", "court", "state")
            },
        }
    ).astype(object)
    for columns, rate in (
        (["staff"], 0.15),
        (["orders", "burden"], 0.1),
        (["burden"], 0.05),
        (["help"], 0.1),
        ([f"part_{i}" for i in ITEMS], 0.15),
        (["trust_town"], 0.1),
        (["trust_court"], 0.1),
        (["change"], 0.05),
    ):
        frame.loc[rng.random(n) < rate, columns] = None
    typed = BOOK.type_frame(frame)
    return typed.assign(w=np.where(area == "a", 10.0, 20.0), size=10_000.0)


def design_of(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(frame, weights="w", strata="area", fpc="size")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return survey(1)


@pytest.fixture(scope="module")
def made(frame: pd.DataFrame) -> Imputation:
    rng = np.random.default_rng(5)
    return impute(design_of(frame), imputed_variables(BOOK, VARIABLES), rng, m=4, iterations=8)


def test_what_was_answered_is_never_touched(frame: pd.DataFrame, made: Imputation) -> None:
    for completed in made.frames:
        for name in BOOK.questions:
            said = frame[name].notna()
            assert (completed.loc[said, name] == frame.loc[said, name]).all(), name


def test_everybody_who_was_asked_has_an_answer(made: Imputation) -> None:
    for completed in made.frames:
        for name in (q for q in BOOK.questions if q != "burden"):
            assert completed[name].notna().all(), name
        assert completed.loc[completed["orders"] == "yes", "burden"].notna().all()


def test_who_was_not_asked_stays_missing(frame: pd.DataFrame, made: Imputation) -> None:
    for completed in made.frames:
        not_asked = completed["orders"] == "no"
        assert completed.loc[not_asked & frame["burden"].isna(), "burden"].isna().all()
    # The gate itself was imputed, so that who is asked differs between data sets.
    gate = frame["orders"].isna()
    answers = pd.concat([c.loc[gate, "orders"].astype(str) for c in made.frames], axis=1)
    assert (answers.nunique(axis=1) > 1).any()


def test_parts_add_up_exactly_and_are_compositions_that_somebody_has(
    frame: pd.DataFrame, made: Imputation
) -> None:
    names = [f"part_{i}" for i in ITEMS]
    known = {tuple(row) for row in frame[names].dropna().to_numpy()}
    for completed in made.frames:
        assert (completed[names].sum(axis=1) == 100).all()
        lost = frame["part_state"].isna()
        assert {tuple(row) for row in completed.loc[lost, names].to_numpy()} <= known


def test_given_parts_stay_and_the_donor_divides_the_rest() -> None:
    given = np.array([[40.0, np.nan, np.nan], [np.nan] * 3, [100.0, np.nan, np.nan]])
    lent = np.array([[50.0, 30.0, 20.0], [10.0, 60.0, 30.0], [100.0, 0.0, 0.0]])
    made = share_out(given, lent, 100.0)
    np.testing.assert_allclose(made, [[40, 36, 24], [10, 60, 30], [100, 0, 0]])


def test_numbers_are_numbers_that_somebody_said(frame: pd.DataFrame, made: Imputation) -> None:
    lost = frame["staff"].isna()
    for completed in made.frames:
        assert set(completed.loc[lost, "staff"]) <= set(frame["staff"].dropna())


def test_none_excludes_every_other_choice(frame: pd.DataFrame, made: Imputation) -> None:
    lost = frame["help"].isna()
    drawn = pd.concat([c.loc[lost, "help"] for c in made.frames])
    assert (drawn == "none").any()
    assert not drawn.str.contains(r"\bnone\b.+|.+\bnone\b").any()
    assert drawn.str.len().gt(0).all()


def test_a_point_of_a_rating_is_imputed_not_the_absence_of_an_opinion(
    frame: pd.DataFrame, made: Imputation
) -> None:
    lost = frame["trust_town"].isna()
    assert set(made.frames[0].loc[lost, "trust_town"]) <= {"1", "2", "3"}


def test_the_same_stream_gives_the_same_answers_and_another_gives_others(
    frame: pd.DataFrame,
) -> None:
    def completed(seed: int) -> tuple[pd.DataFrame, ...]:
        rng = np.random.default_rng(seed)
        variables = imputed_variables(BOOK, VARIABLES)
        return impute(design_of(frame), variables, rng, m=2, iterations=1).frames

    once, again, other = completed(5), completed(5), completed(6)
    for first, second in zip(once, again, strict=True):
        pd.testing.assert_frame_equal(first, second)
    assert not once[0].equals(other[0])


def test_the_chains_are_summarised(made: Imputation) -> None:
    variables = made.variables.set_index("name")
    assert set(variables.index) == {"change", "staff", "orders", "burden", "help", "part", "trust"}
    assert variables.loc["orders", "method"] == "logit"
    assert variables.loc["change", "method"] == "proportional odds"
    assert (variables["missing"] > 0).all()
    assert variables["rhat"].between(0.8, 1.6).all()
    assert len(made.trace.query("name == 'staff'")) == 32


def test_a_part_or_a_rank_alone_is_refused(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match="a part is imputed with its whole.*name part"):
        impute(design_of(frame), imputed_variables(BOOK, ["part_state"]), rng, m=2)
    empty = frame.assign(staff=np.nan)
    with pytest.raises(InputError, match="nobody answered"):
        impute(design_of(empty), imputed_variables(BOOK, ["staff"]), rng, m=2)


def test_separated_answers_give_finite_odds() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    y = (x[:, 0] > 0).astype(float)
    share, mode = draw_binary(x, y, x, np.random.default_rng(2))
    assert np.isfinite(mode).all()
    assert np.abs(mode).max() < 20
    assert (share[y == 1].mean() > 0.8) & (share[y == 0].mean() < 0.2)


@pytest.mark.thorough
def test_the_modes_are_those_of_the_models_when_the_prior_is_outweighed() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(200_000, 2))
    latent = x @ [0.5, -0.3] + rng.logistic(size=len(x))
    code = np.digitize(latent, [-0.5, 0.8])
    frame = pd.DataFrame(x, columns=["a", "b"]).assign(
        w=1.0, y=pd.Categorical.from_codes(code, ["l", "m", "h"], ordered=True), z=latent > 0.8
    )
    design = SurveyDesign(frame, weights="w")
    start = np.array([0.0, 0.0, -1.0, 1.0])
    ordered, information = mode(ordered_curve(x, code, 3), start, slice(0, 2))
    theirs = models.ordinal(design, "y", ["a", "b"])
    np.testing.assert_allclose(ordered, theirs.theta, atol=1e-4)
    # Under a correct model the inverse information is the sandwich.
    np.testing.assert_allclose(np.linalg.inv(information), theirs.covariance, rtol=0.05, atol=5e-7)
    binary, _ = mode(logit_curve(x, (code == 2).astype(float)), np.zeros(3), slice(1, None))
    event = models.glm(design, "y", ["a", "b"], family="binomial", event=["h"])
    np.testing.assert_allclose(binary, event.theta, atol=1e-4)


def test_the_nearest_donors_lend() -> None:
    fitted = np.array([[0.0], [1.0], [2.0], [10.0]])
    places = [
        closest(fitted, np.array([[9.0]]), np.eye(1), 1, np.random.default_rng(s))[0]
        for s in range(5)
    ]
    assert places == [3] * 5
    two = {
        int(closest(fitted, np.array([[0.4]]), np.eye(1), 2, np.random.default_rng(s))[0])
        for s in range(20)
    }
    assert two == {0, 1}


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans(), st.integers(1, 40))
@examples(200)
def test_donors_are_those_of_a_search_through_all(
    seed: int, columns: int, rounded: bool, size: int
) -> None:
    rng = np.random.default_rng(seed)
    fitted, wanted = rng.normal(size=(size, columns)), rng.normal(size=(9, columns))
    if rounded:  # many are equally far
        fitted, wanted = np.round(fitted), np.round(wanted)
    drawn = closest(fitted, wanted, np.eye(columns), 3, np.random.default_rng(seed))
    distances = np.round(((wanted[:, None] - fitted) ** 2).sum(axis=2), 9)
    for row, donor in enumerate(drawn):
        assert (distances[row] < distances[row, donor]).sum() < min(3, size)


def test_the_answers_behind_a_model_are_found_through_what_is_derived(study: Study) -> None:
    book, derived = codebook(study, "ngo"), study.population("ngo").raw["derive"]
    model = study.section("models")["declared"]["audience"]
    found = sources_of(of_model(model), book, derived)
    assert {"legal_form", "region", "funding", "cooperation", "audience_change"} <= set(found)
    assert not set(found) & {"audience3", "n_services", "funding_state_order"}


def test_derived_variables_are_made_anew_from_each_data_set(frame: pd.DataFrame) -> None:
    rules = {"mix": {"op": "diversity", "of": "part", "form": "number"}}
    with_mix = derive(frame, BOOK, rules)
    made = impute(
        design_of(with_mix),
        imputed_variables(BOOK, VARIABLES),
        np.random.default_rng(1),
        m=2,
        iterations=2,
        derive=lambda f: derive(f, BOOK, rules),
    )
    assert with_mix["mix"].isna().any()
    for completed in made.frames:
        shares = completed[[f"part_{i}" for i in ITEMS]].to_numpy() / 100
        np.testing.assert_allclose(completed["mix"], 1 - (shares**2).sum(axis=1))


def test_pooled_models_stand_beside_complete_cases(frame: pd.DataFrame, made: Imputation) -> None:
    design = design_of(frame)
    terms = ["staff", "orders"]
    fits = [models.ordinal(d, "change", terms) for d in made.designs(design)]
    table = compare(fits, models.ordinal(design, "change", terms))
    assert table.groupby("quantity").size().to_dict() == {"coefficient": 4, "effect": 6, "test": 2}
    slope = table.query("quantity == 'coefficient' and term == 'staff'").iloc[0]
    own = pool([f.theta[0] for f in fits], [f.covariance[0, 0] for f in fits], fits[0].df)
    assert slope["estimate"] == pytest.approx(own.estimate[0])
    assert slope["fmi"] == pytest.approx(own.fmi[0])
    test = table.query("quantity == 'test' and term == 'staff'").iloc[0]
    assert test["estimate"] == pytest.approx((slope["estimate"] / slope["se"]) ** 2)
    effects = table.query("quantity == 'effect'")
    assert effects.groupby("term")["estimate"].sum().abs().max() < 1e-12
    assert (fits[0].df > 250) & (table["df"].dropna() < fits[0].df).all()


SAMPLES = 60


@pytest.mark.thorough
def test_imputation_mends_what_complete_cases_get_wrong() -> None:
    """Answers missing more often among those who grew: means of complete cases are off.

    Missing depends on the change (always answered) and not on the number itself: at random.
    """
    inside = {"imputed": 0, "complete": 0}
    rng = np.random.default_rng(11)
    for _ in range(SAMPLES):
        n = 250
        z = rng.normal(size=n)
        staff = np.round(np.exp(2 + 0.3 * z) * 10)
        latent = 1.5 * z + rng.logistic(size=n)
        change = np.array(["fell", "same", "rose"])[np.digitize(latent, [-0.7, 0.7])]
        staff = np.where((latent > 0.7) & (rng.random(n) < 0.6), np.nan, staff)
        frame = BOOK.type_frame(
            pd.DataFrame({"staff": staff, "change": change}).astype(object)
        ).assign(w=40.0)
        design = SurveyDesign(frame, weights="w")
        truth = 10 * np.exp(2 + 0.3**2 / 2)
        made = impute(design, imputed_variables(BOOK, ["staff", "change"]), rng, m=8, iterations=1)
        rows = [estimation.mean(d, "staff").iloc[0] for d in made.designs(design)]
        pooled = pool(
            [r["estimate"] for r in rows], [r["se"] ** 2 for r in rows], design.degrees_of_freedom
        ).table()
        whole = estimation.mean(design, "staff").iloc[0]
        inside["imputed"] += bool(pooled["ci_low"][0] <= truth <= pooled["ci_high"][0])
        inside["complete"] += bool(whole["ci_low"] <= truth <= whole["ci_high"])
    # 95 % of 60 is 57; three Monte-Carlo errors below is 52.
    assert inside["imputed"] >= 52
    assert inside["complete"] < 40


def test_a_group_that_answered_everything_has_as_many_data_sets_as_declared(tmp_path: Path) -> None:
    model = {"title": {"de": "Ort"}, "population": "visitors", "kind": "binomial"}
    model |= {"outcome": "place", "event": ["town"], "terms": ["care_time"]}
    section = {"declared": {"town": model}, "imputation": {"m": 3, "iterations": 1}}
    study = plain_study(tmp_path, ["visitors"], models=section)
    for verb in (read, clean, weight):
        verb.run(study, "visitors")
    answers = pd.read_csv(study.paths.clean("visitors"), dtype=str)
    assert answers["care_time"].notna().all()
    assert impute_verb.run(study) == "3 data sets, 1 model pooled"
    assert len(ModelledGroup.load(study, "visitors").completed) == 3
