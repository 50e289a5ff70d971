"""What estimators promise beside R's digits: names in lists, gaps counted, nothing silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.limits import of_proportion

from reference import WIDE, api, calibrated, close, design, values


def schools() -> SurveyDesign:
    return calibrated("calrake_strat")


def test_a_list_of_variables_gives_what_each_gives_alone() -> None:
    both = estimation.mean(schools(), ["api00", "enroll"])
    for place, name in enumerate(("api00", "enroll")):
        alone = estimation.mean(schools(), name)
        pd.testing.assert_frame_equal(both.iloc[[place]].reset_index(drop=True), alone)


def test_a_list_of_banners_crosses_them() -> None:
    made = estimation.mean(schools(), "api00", by=["stype", "awards"])
    assert made[["stype", "awards"]].to_numpy().tolist()[:3] == [
        ["E", "No"],
        ["E", "Yes"],
        ["H", "No"],
    ]
    frame = schools().frame
    alone = schools().subset((frame["stype"] == "H") & (frame["awards"] == "No"))
    close(made.loc[2, ["estimate", "se"]], estimation.mean(alone, "api00")[["estimate", "se"]])


@pytest.mark.parametrize("statistic", ["mean", "total", "quantile", "ratio", "proportion"])
def test_a_level_of_a_banner_is_the_domain_estimated_alone(statistic: str) -> None:
    def ask(of: SurveyDesign, by: str | None) -> pd.DataFrame:
        if statistic == "quantile":
            return estimation.quantile(of, "api00", 0.4, by=by)
        if statistic == "ratio":
            return estimation.ratio(of, "api.stu", "enroll", by=by)
        if statistic == "proportion":
            return estimation.proportion(of, "awards", by=by)
        return getattr(estimation, statistic)(of, "api00", by=by)

    whole = schools()
    level = ask(whole, "stype").query("stype == 'M'").drop(columns="stype")
    alone = ask(whole.subset(whole.frame["stype"] == "M"), None)
    pd.testing.assert_frame_equal(level.reset_index(drop=True), alone, rtol=1e-10)


def test_domain_totals_add_up_to_the_whole() -> None:
    parts = estimation.total(schools(), "enroll", by="awards")["estimate"].sum()
    close(parts, estimation.total(schools(), "enroll")["estimate"], 1e-12)


def test_missing_answers_are_left_out_and_counted() -> None:
    frame = api("apistrat")
    gaps = frame.assign(api00=frame["api00"].where(frame.index % 5 > 0))
    made = estimation.mean(SurveyDesign(gaps, weights="pw", strata="stype", fpc="fpc"), "api00")
    assert (made["n"][0], made["missing"][0]) == (160, 40)
    whole = design("strat")
    answered = whole.subset(whole.frame.index % 5 > 0)
    close(made[["estimate", "se"]], estimation.mean(answered, "api00")[["estimate", "se"]])


def test_a_variable_nobody_answered_is_refused() -> None:
    silent = design("strat").assign(nothing=np.nan)
    with pytest.raises(InputError, match="column nothing: nobody in this domain answered"):
        estimation.mean(silent, "nothing")


def test_a_domain_without_degrees_of_freedom_is_refused_alone_and_flagged_among_others() -> None:
    whole = design("strat")
    one = whole.subset(whole.frame.index == 7)
    for ask in (estimation.mean, estimation.total):
        with pytest.raises(InputError, match="1 respondents leave no degrees of freedom"):
            ask(one, "api00")
    with pytest.raises(InputError, match="no degrees of freedom"):
        estimation.quantile(one, "api00", 0.5)
    group = np.where(whole.frame.index == 7, "one", "rest")
    made = estimation.mean(whole.assign(group=group), "api00", by="group")
    assert made["flag"].tolist() == ["no degrees of freedom", ""]
    assert made["ci_low"].isna().tolist() == [True, False]


def test_a_constant_has_no_design_effect_and_says_so() -> None:
    made = estimation.mean(design("strat").assign(one=1e6), "one").iloc[0]
    close(made["estimate"], 1e6, 1e-12)
    assert (made["se"], made["flag"]) == (0, "constant")
    assert np.isnan(made["deff"])


def test_infinite_numbers_are_named_with_their_row() -> None:
    frame = api("apistrat").astype({"api00": float})
    frame.loc[4, "api00"] = np.inf
    with pytest.raises(InputError, match="row 6, column api00: a number is infinite"):
        estimation.mean(SurveyDesign(frame, weights="pw", strata="stype"), "api00")


def test_text_has_no_mean() -> None:
    with pytest.raises(InputError, match="column stype: this variable is not a number"):
        estimation.mean(schools(), "stype")


@pytest.mark.parametrize("times", [1.0, 1.001, 40.0])
def test_design_effects_do_not_move_with_the_scale_of_the_weights(times: float) -> None:
    """As R ``svymean(deff = "replace")``: weights near 1 gave 2,063 where 2.4 was right."""
    frame = api("apistrat").assign(pw=lambda f: f["pw"] / f["pw"].mean() * times)
    relative = estimation.mean(SurveyDesign(frame, weights="pw", strata="stype"), "api00")["deff"]
    theirs = values()["stratnofpc"]["mean_api00"]["deff"]
    n, population = 200, api("apistrat")["pw"].sum()
    close(relative, theirs * (1 - n / population))


def test_a_design_effect_may_be_held_against_a_sample_with_replacement() -> None:
    whole = design("strat")
    ours = estimation.mean(whole, "api00", deff="replace")["deff"]
    theirs = values()["strat"]["mean_api00"]["deff"]
    close(ours, theirs * (1 - 200 / whole.weights.sum()))


@pytest.mark.parametrize("statistic", ["mean", "total", "ratio"])
def test_a_simple_random_sample_has_design_effect_one(statistic: str) -> None:
    frame = api("apistrat").assign(pw=30.97, size=200 * 30.97, one=1.0)
    simple = SurveyDesign(frame, weights="pw", fpc="size")
    if statistic == "ratio":
        deff = estimation.ratio(simple, "api99", "api00")["deff"]
    else:
        deff = getattr(estimation, statistic)(simple, "api00")["deff"]
    close(deff, 1.0, 1e-10)


def test_proportions_of_a_small_spread_around_a_large_number_keep_their_digits() -> None:
    frame = api("apistrat")
    near, far = (
        estimation.mean(
            SurveyDesign(
                frame.assign(y=frame["growth"] + shift), weights="pw", strata="stype", fpc="fpc"
            ),
            "y",
        )
        for shift in (0.0, 1e7)
    )
    close(far[["se", "deff"]], near[["se", "deff"]], 1e-8)


def never(design: SurveyDesign) -> pd.Series:
    """The row of an answer that nobody gave, beside one that half gave."""
    parity = np.where(np.arange(len(design.frame)) % 2, "odd", "even")
    answers = pd.Categorical(parity, ["odd", "even", "never"])
    made = estimation.proportion(design.assign(z=answers), "z")
    return made.set_index("category").loc["never"]


def test_an_answer_nobody_gave_has_korn_graubards_limits() -> None:
    equal = SurveyDesign(api("apistrat").assign(pw=2.0), weights="pw")
    made = never(equal)
    assert (made["estimate"], made["se"], made["ci_low"], made["flag"]) == (0, 0, 0, "constant")
    close(made["ci_high"], 1 - 0.025 ** (1 / 200), 1e-12)


def test_unequal_weights_and_strata_leave_fewer_answers_to_stand_on() -> None:
    frame = api("apistrat")
    made = never(SurveyDesign(frame, weights="pw", strata="stype"))
    worth = frame["pw"].sum() ** 2 / (frame["pw"] ** 2).sum()
    worth *= (stats.t.ppf(0.975, 199) / stats.t.ppf(0.975, 197)) ** 2
    close(made["ci_high"], 1 - 0.025 ** (1 / worth), 1e-9)


def test_none_of_a_census_is_none() -> None:
    made = never(SurveyDesign(api("apistrat").assign(N=200), fpc="N"))
    assert (made["ci_low"], made["ci_high"]) == (0.0, 0.0)


def test_a_finite_population_narrows_the_limits_of_none() -> None:
    """200 of 400 were asked: as Wilson's limits on the variance with its correction, n doubles."""
    made = never(SurveyDesign(api("apistrat").assign(N=400), fpc="N"))
    close(made["ci_high"], 1 - 0.025 ** (1 / 400), 1e-12)


def test_clusters_widen_the_limits_of_none_by_the_design_effect_of_the_other_answers() -> None:
    """Clusters answer with one voice: their number is what the limits stand on, not n."""
    frame = pd.DataFrame({"w": 1.0, "u": np.repeat(np.arange(20), 10)})
    levels = pd.CategoricalDtype(["a", "b", "never"])
    frame["z"] = pd.Series(np.where(frame["u"] % 2, "a", "b"), dtype=levels)
    made = estimation.proportion(SurveyDesign(frame, weights="w", psu="u"), "z")
    high = made.set_index("category").loc["never", "ci_high"]
    t = stats.t.ppf(0.975, [199, 19])
    size = 20 * (t[0] / t[1]) ** 2
    assert high == pytest.approx(1 - 0.025 ** (1 / size), rel=0.06)
    alone = estimation.proportion(
        SurveyDesign(frame.assign(z="a"), weights="w", psu="u").assign(
            z=pd.Categorical(["a"] * 200, ["a", "b"])
        ),
        "z",
    )
    close(alone["ci_high"].iloc[1], 1 - 0.025 ** (1 / size), 1e-9)


@pytest.mark.thorough
def test_limits_of_a_rare_answer_in_clusters_hold_what_they_promise() -> None:
    """Half of the samples have none: limits on n held 86 % of 1,000, those on the clusters more."""
    rng = np.random.default_rng(11)
    units, size, true = 30, 10, 0.01
    held, on_n = [], []
    for _ in range(1_000):
        p = rng.beta(true * 4, (1 - true) * 4, units)
        rare = rng.random((units, size)) < p[:, None]
        other = rng.random((units, size)) < rng.beta(2, 2, units)[:, None]
        z = np.where(rare, "rare", np.where(other, "a", "b")).ravel()
        frame = pd.DataFrame({"w": 1.0, "u": np.repeat(np.arange(units), size)})
        frame["z"] = pd.Categorical(z, ["a", "b", "rare"])
        made = estimation.proportion(SurveyDesign(frame, weights="w", psu="u"), "z").iloc[2]
        held.append(made["ci_low"] <= true <= made["ci_high"])
        if not rare.any():
            on_n.append(1 - 0.025 ** (1 / (units * size)) >= true)
    assert np.mean(held) > 0.94
    assert np.mean(on_n) > 0


@pytest.mark.parametrize("none", ["a", "b", "both"])
def test_limits_of_a_difference_of_shares_stay_on_the_scale_where_one_is_none(none: str) -> None:
    frame = pd.DataFrame({"w": 1.0, "g": ["a", "b"] * 40, "yes": ["yes", "no", "no", "yes"] * 20})
    where = frame["g"].isin(list("ab") if none == "both" else [none])
    frame["yes"] = frame["yes"].mask(where, "no").astype(pd.CategoricalDtype(["yes", "no"]))
    whole = SurveyDesign(frame, weights="w")
    made = estimation.compare(whole, "yes", "g", ("a", "b"), category="yes")
    assert -1 <= made["ci_low"] < made["estimate"] < made["ci_high"] <= 1


def test_limits_of_a_difference_of_shares_of_one_sample_know_their_correlation() -> None:
    """Domains that are halves of the same clusters, answering alike: narrower than independent."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"w": 1.0, "u": np.repeat(np.arange(25), 8), "g": ["a", "b"] * 100})
    own = rng.random(25)[frame["u"]]
    frame["yes"] = np.where(rng.random(200) < (own > 0.5) * 0.8 + 0.1, "yes", "no")
    whole = SurveyDesign(frame, weights="w", psu="u")
    made = estimation.compare(whole, "yes", "g", ("a", "b"), category="yes")
    apart = [estimation.proportion(whole.subset(frame["g"] == g), "yes").iloc[1] for g in "ab"]
    square = sum(((s["ci_high"] - s["ci_low"]) / 2) ** 2 for s in apart)
    assert made["ci_high"] - made["ci_low"] < 2 * np.sqrt(square) * 0.9
    assert made["ci_low"] <= made["estimate"] <= made["ci_high"]


def test_rounding_does_not_turn_everybody_into_certainty() -> None:
    low, high = of_proportion(1 - 2e-16, 0.0, 30, 31)
    close([low, high], [0.025 ** (1 / 31), 1.0], 1e-12)


def test_limits_lie_within_the_scale_and_around_the_estimate() -> None:
    for limits in ("wilson", "beta", "logit"):
        made = estimation.proportion(schools(), ["stype", "awards"], by="comp.imp", limits=limits)
        assert ((made["ci_low"] >= 0) & (made["ci_high"] <= 1)).all()
        inside = (made["ci_low"] <= made["estimate"] + 1e-9) & (
            made["estimate"] <= made["ci_high"] + 1e-9
        )
        assert inside.all()


def test_an_unknown_method_of_limits_names_the_known() -> None:
    with pytest.raises(InputError, match="wilson, logit, beta, likelihood or wald"):
        estimation.proportion(schools(), "awards", limits="jeffreys")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("percentages", "whole"), [("row", ["row"]), ("column", ["column"]), ("joint", [])]
)
def test_percentages_of_a_crosstab_add_up_to_their_base(percentages, whole: list[str]) -> None:
    made = estimation.crosstab(schools(), "stype", "awards", percentages=percentages)
    sums = made.groupby(whole)["estimate"].sum() if whole else made["estimate"].sum()
    close(sums, np.ones(np.size(sums)), 1e-12)
    assert made["count"].sum() == 200


def test_crosstabs_and_tests_take_lists_on_both_sides() -> None:
    table = estimation.crosstab(schools(), ["stype", "awards"], ["comp.imp", "yr.rnd"])
    pairs = table[["row_variable", "column_variable"]].drop_duplicates()
    tests = estimation.independence_test(schools(), ["stype", "awards"], ["comp.imp", "yr.rnd"])
    assert pairs.to_numpy().tolist() == tests.iloc[:, :2].to_numpy().tolist()
    alone = estimation.independence_test(schools(), "awards", "yr.rnd")
    close(tests.iloc[3][["statistic", "df1", "df2", "p"]], alone[["statistic", "df1", "df2", "p"]])


def test_independence_has_no_direction() -> None:
    one = estimation.independence_test(schools(), "stype", "comp.imp")
    other = estimation.independence_test(schools(), "comp.imp", "stype")
    keys = ["statistic", "df1", "df2", "p", "effect", "effect_low", "effect_high"]
    close(one[keys].astype(float), other[keys].astype(float), 1e-9)


def test_independence_of_a_constant_is_refused() -> None:
    with pytest.raises(InputError, match="needs two levels"):
        estimation.independence_test(design("strat").assign(one="a"), "one", "awards")


def test_a_ratio_over_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="column none: the denominator of a ratio adds up to zero"):
        estimation.ratio(design("strat").assign(none=0.0), "api00", "none")


def test_quantiles_of_integer_weights_are_those_of_repeated_rows() -> None:
    frame = api("apistrat").assign(w=lambda f: 1 + f.index % 4)
    made = estimation.quantile(SurveyDesign(frame, weights="w"), "api00", [0.1, 0.5, 0.9])
    values = np.sort(frame["api00"].repeat(frame["w"]).to_numpy())
    expected = [values[int(np.ceil(p * len(values) - 1e-9)) - 1] for p in (0.1, 0.5, 0.9)]
    assert made["estimate"].tolist() == expected


def test_what_a_caller_writes_outside_the_domain_has_no_influence() -> None:
    whole = design("clus2")
    domain = whole.subset(whole.frame["stype"] == "E")
    influence = whole.frame["api00"].to_numpy(dtype=float)
    clean = np.where(domain.in_domain, influence, 0.0)
    close(domain.variance(influence), whole.variance(clean), 1e-14)
    close(domain.covariance(clean), whole.variance(clean), 1e-12)


def test_a_calibrated_variable_has_no_variance_and_its_parts_have() -> None:
    raked = design("strat").rake({"sch.wide": WIDE})
    made = estimation.proportion(raked, ["sch.wide", "awards"]).set_index("variable")
    assert made.loc["sch.wide", "se"].max() < 1e-12
    assert made.loc["awards", "se"].min() > 0.01


def test_a_level_of_no_units_needs_no_respondent() -> None:
    raked = design("strat").rake({"sch.wide": {**WIDE, "Closed": 0}})
    close(raked.weights.sum(), sum(WIDE.values()), 1e-12)


@pytest.mark.parametrize("total", [-5.0, np.nan])
def test_a_margin_total_that_is_no_count_is_refused(total: float) -> None:
    with pytest.raises(InputError, match="missing or negative"):
        design("strat").rake({"sch.wide": {**WIDE, "Closed": total}})


def test_strata_that_no_stage_has_are_refused_not_ignored() -> None:
    with pytest.raises(InputError, match="more columns than there are stages"):
        SurveyDesign(api("apistrat"), weights="pw", strata=["stype", "awards"])
    with pytest.raises(InputError, match="more columns than there are stages"):
        SurveyDesign(api("apiclus2"), weights="pw", psu="dnum", fpc=["fpc1", "fpc2"])


@pytest.mark.parametrize("role", ["weights", "fpc"])
def test_text_in_place_of_numbers_is_refused(role: str) -> None:
    columns = {"weights": "pw", "strata": "stype", "fpc": "fpc", role: "cname"}
    with pytest.raises(InputError, match="column cname: .* is not a number"):
        SurveyDesign(api("apistrat"), **columns)


def test_two_stages_agree_with_weights_given_or_taken_from_the_fpc() -> None:
    frame = api("apiclus2")
    given = SurveyDesign(frame, weights="pw", psu=["dnum", "snum"], fpc=["fpc1", "fpc2"])
    columns = ["estimate", "se", "deff"]
    ours = estimation.mean(given, "api00")[columns]
    close(ours, estimation.mean(design("clus2"), "api00")[columns], 1e-6)


def test_fractions_and_sizes_say_the_same() -> None:
    frame = api("apistrat").assign(f=lambda d: d.groupby("stype")["pw"].transform("size") / d.fpc)
    sizes = estimation.mean(design("strat"), "api00")
    fractions = SurveyDesign(frame, weights="pw", strata="stype", fpc="f")
    pd.testing.assert_frame_equal(estimation.mean(fractions, "api00"), sizes, rtol=1e-12)


def test_shares_that_the_calibration_fixes_are_not_tested() -> None:
    """What is left of their variance is rounding; a test of it would be a number out of nothing."""
    base = design("strat")
    base.frame = base.frame.assign(both=lambda f: f["sch.wide"] + f["awards"])
    cells = estimation.total(base, "both").set_index("category")["estimate"]
    known = base.rake({"both": cells.to_dict()})
    with pytest.raises(InputError, match="register"):
        estimation.independence_test(known, "sch.wide", "awards")


def test_a_table_of_too_many_empty_cells_is_not_tested() -> None:
    sparse = schools()
    place = np.arange(sparse.n)
    for name in ("left", "right"):
        sparse.frame[name] = pd.Categorical((place // 4 % 12).astype(str))
    with pytest.raises(InputError, match="empty"):
        estimation.independence_test(sparse, "left", "right")
