"""Rounding for release: no figure is finer than what two respondents change in it.

Here stands the rule of each family of results; the steps are :mod:`.rounding_steps`.

Weights take few values, so a weighted figure with many digits is a fingerprint of the respondents
behind it: of 120 cells of the shipped study 104 have one composition by stratum and margins that
fits ten digits, and one cell fits three. Rounding takes these digits away. What a reader loses
is a quarter of the standard error on average (shares of the study that ships).

=====================  ============================================================================
figures                released as
=====================  ============================================================================
shares                 multiples of a step, 1, 2 or 5 times a power of ten: the smallest that is
                       neither below ``share`` nor below two respondents, 2 / effective base:
                       where weights differ one respondent may be worth several; no half percent
means, totals, ratios  multiples of such a step, at least twice a standard error over the root of
                       the effective base; half a standard error for quantiles, which are one
                       answer
differences, effects   multiples of a step of a tenth of the standard error; of shares at least
                       eight times its square, which is two respondents again
limits                 as far from the rounded figure as they were from the figure, in its steps;
                       a limit keeps its sign, so that no figure becomes clear, or unclear, by
                       rounding
weighted bases         multiples of a step of at least two mean weights, of the effective base;
                       where it is hidden, the effective base is
standard errors        two significant digits, as are degrees of freedom, design effects and
                       effective sample sizes; of a share no more than two respondents change
p-values               the level alone that they are below (``LEVELS``): no comparison with one
                       changes
tests                  steps of a tenth of an error of what is tested; of a coefficient its printed
                       figure over its printed error; where a figure of the table is hidden nothing
                       but the level
levels of models       not at all where the table of the outcome would not tell of them
                       (:mod:`.model_levels`)
small areas            as their stage makes them, of figures that are rounded already
comparisons of         the difference of two figures rounded as in their tables
columns                (:mod:`.rounding_comparisons`)
small counts           of rows set aside, of dispositions and of cells changed: multiples of the
                       threshold; response rates are made of these (:mod:`.rounding_rates`)
=====================  ============================================================================

Half a respondent of the plain base took the whole composition away from who knows every weight, but
left single classes narrower than the protection in half of the cells (docs/disclosure.md).

Sources: Hundepool et al. 2012, Statistical Disclosure Control, sec. 5.4 (rounding of tables) and
4.2 (what weights reveal); NCHS 2017, Data Presentation Standards for Proportions (no more decimals
than the sample supports); Statistics Canada 2018, Guidelines for release of public use microdata
(rounding of weighted estimates, unrounded values never); ONS 2021, Policy on protecting
confidentiality in tables (small counts to a base).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from ngo_survey.disclosure.cells import Bools
from ngo_survey.disclosure.rounding_comparisons import errors_and_levels
from ngo_survey.disclosure.rounding_rates import response
from ngo_survey.disclosure.rounding_steps import (
    DECIMALS,
    SHARES,
    Rounding,
    effective_base,
    level_of,
    limit_to_step,
    rounded_figures,
    significant,
    step_above,
    step_of_error,
    step_of_figures,
    tests_to_step,
    to_count,
    to_step,
)
from ngo_survey.tables.estimand import Floats
from ngo_survey.tables.tests import told_by_level

#: The word for a figure that is hidden: why it is would tell how few there are.
SUPPRESSED = "suppressed"
#: Names of rates that are counts of units.
COUNTED = ("disposition_", "protected_counts", "reconciled", "weight_trimmed")


def released(frame: pd.DataFrame, family: str, rounding: Rounding) -> pd.DataFrame:
    """Return the rows of a family of results as they may leave: rounded, one word for hidden.

    ``frame`` has the columns of its family (``results.store``); so has what comes back.
    """
    made = frame.copy()
    if "status" in made:
        hidden = made["status"].str.startswith(SUPPRESSED)
        made.loc[hidden, "status"] = SUPPRESSED
    rule = FAMILIES.get(family)
    return made if rule is None or made.empty else rule(made, rounding)


def consistent(
    made: Mapping[str, pd.DataFrame], sides: tuple[str, str] = ("", "")
) -> dict[str, pd.DataFrame]:
    """Return released families in which a figure that stands in several is the same in all.

    Some families lack what another rounds by: a comparison of two groups has the standard error of
    the difference, not those of its two figures.

    Parameters
    ----------
    made: rows by family, each rounded by :func:`released`.
    sides: prefixes of the tables of the two groups that are compared.
    """
    known = pd.concat([made[f].set_index("key")["estimate"] for f in ALIKE])
    found = dict(made)
    for family, column, start, parts, end in (
        ("ranks", "estimate", "", 1, "@total"),
        ("sides", "first", sides[0], 1, "@total"),
        ("sides", "second", sides[1], 1, "@total"),
        ("change", "before", "wave/{against}/", 2, ""),
        ("change", "after", "wave/{wave}/", 2, ""),
        ("imputed", "complete", "model/", 1, ""),
    ):
        frame = found[family]
        keys = [
            f"{start.format_map(row)}{row['key'].split('/', parts)[parts]}{end}"
            for row in frame.to_dict("records")
        ]
        same = known.reindex(keys).to_numpy(dtype=float)
        own = frame[column].to_numpy(dtype=float)
        shown = ~np.isnan(own) & ~np.isnan(same)
        found[family] = frame.assign(**{column: np.where(shown, same, own)})
    found["diagnostics"] = _of_curves(found["diagnostics"], found["specifications"])
    for family, place, figure in (
        ("ranks", "rank", "estimate"),
        ("sides", "rank_first", "first"),
        ("sides", "rank_second", "second"),
    ):
        found[family] = found[family].assign(**{place: _rank(found[family], place, figure)})
    return found


#: How what is said of all specifications of an effect follows from them.
CURVE = {"median": "median", "lowest": "min", "highest": "max"}


def _of_curves(diagnostics: pd.DataFrame, specifications: pd.DataFrame) -> pd.DataFrame:
    """Return diagnostics whose median, lowest and highest effect are those of what is printed."""
    made = diagnostics.copy()
    parts = made["name"].astype(str).str.extract(r"^specification/(?P<term>.*)/(?P<of>[a-z_]+)$")
    for row, term, of in parts[parts["of"].isin(CURVE)].itertuples(name=None):
        own = specifications["model"].eq(made.at[row, "model"]) & specifications["term"].eq(term)
        effects = specifications.loc[own, "estimate"].astype(float)
        if effects.notna().any():
            made.loc[row, "value"] = round(float(effects.agg(CURVE[of])), DECIMALS)
    return made


def _rank(frame: pd.DataFrame, place: str, figure: str) -> Floats:
    """Return the ranks of what is printed: figures that are printed alike share the best of theirs.

    Which of them is larger is one of the digits that rounding takes away.
    """
    placed = frame[figure].astype(float).where(frame[place].notna())
    # Items of a battery stand beside each other for one answer, answers of a question for all.
    answer = frame["category"].where(frame["item"].ne(""), "")
    of = [frame["analysis"], frame["statistic"], answer]
    found = placed.groupby(of).rank(method="min", ascending=False).to_numpy(dtype=float)
    if "rank_low" not in frame:
        return found
    # What is shown to lie apart is apart, however it is printed.
    return np.clip(found, frame["rank_low"].to_numpy(float), frame["rank_high"].to_numpy(float))


#: Families whose figures stand in others too.
ALIKE = ("estimates", "waves", "coefficients", "effects", "predictions", "contrasts")


def withheld(tests: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return released tests with nothing but their level where a figure of theirs is hidden."""
    bare = told_by_level(tests, estimates[estimates["status"] == SUPPRESSED])
    made = tests.copy()
    made.loc[bare, ["statistic", "df1", "df2", "effect", "effect_low", "effect_high"]] = np.nan
    return made


def _estimates(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    step = step_of_figures(frame, rounding)
    made = _errors(frame.assign(estimate=rounded_figures(frame, rounding)), rounding)
    share = frame["statistic"].isin(SHARES).to_numpy()
    for limit in made.columns.intersection(["ci_low", "ci_high"]):  # a rank has none
        made[limit] = _from_figure(frame, made["estimate"], limit, step, share)
    made["se"] = _error_of_share(frame, made["se"], rounding, share)
    if "weighted_base" in made:
        with np.errstate(divide="ignore", invalid="ignore"):
            mean_weight = frame["weighted_base"].to_numpy(dtype=float) / effective_base(frame)
        least = rounding.respondents * mean_weight
        made["weighted_base"] = to_step(
            made["weighted_base"].to_numpy(dtype=float), step_above(least)
        )
        made["n_effective"] = made["n_effective"].where(made["weighted_base"].notna())
    return made


def _from_figure(
    frame: pd.DataFrame, rounded: pd.Series, limit: str, step: Floats, share: Bools
) -> Floats:
    """Return a limit as far from the rounded figure as it was from the figure, in whole steps.

    Rounded by itself it would be a second rounding of the same figure, and two say more than one.
    It keeps its sign, and that of a share stays a share.
    """
    true = frame[limit].to_numpy(dtype=float)
    reach = to_step(true - frame["estimate"].to_numpy(dtype=float), step)
    made = np.asarray(rounded, dtype=float) + np.where(np.isnan(step), 0.0, reach)
    made = np.where(np.isnan(step), true, np.round(made, 12))
    made = np.where(share & (np.abs(true) <= 1), np.clip(made, -1.0, 1.0), made)
    lost = (np.sign(made) != np.sign(true)) & ~np.isnan(true) & ~np.isnan(step)
    made = np.where(lost, np.sign(true) * step, made)
    # A figure that is rounded to zero lies between its limits all the same.
    within = np.minimum if limit == "ci_low" else np.maximum
    return np.asarray(within(made, np.asarray(rounded, dtype=float))) + 0.0


def _error_of_share(
    frame: pd.DataFrame, rounded: pd.Series, rounding: Rounding, share: Bools
) -> Floats:
    """Return standard errors; of a share no finer than what so many respondents change in it.

    The error of a share p of m effective respondents is about the root of p (1 - p) / m: it changes
    by |1 - 2p| / (2 m se) times what the share changes by.
    """
    effective, se = effective_base(frame), frame["se"].to_numpy(dtype=float)
    slope = np.abs(1 - 2 * frame["estimate"].to_numpy(dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        least = slope * rounding.respondents / (2 * effective**2 * se)
        two = 10.0 ** (np.floor(np.log10(se)) - 1)
    coarse = share & (least > two)
    step = np.where(coarse, np.fmin(step_above(least), step_above(se)), np.nan)
    return np.where(coarse, np.fmax(to_step(se, step), step), np.asarray(rounded, dtype=float))


def _differences(*figures: str, share: bool | None = None) -> Callable[..., pd.DataFrame]:
    """Return the rule of a family whose rows have a standard error and no base.

    ``share`` says whether the figures are shares; None where ``statistic`` tells it.
    """

    def rule(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
        shares = frame["statistic"].isin(SHARES) if share is None else np.full(len(frame), share)
        step = step_of_error(frame["se"].to_numpy(), np.asarray(shares), rounding)
        return _errors(_apply(frame, step, figures, ("ci_low", "ci_high")), rounding)

    return rule


def _coefficients(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """The test of a coefficient is made of what is printed: its own would be a second rounding."""
    made = _differences("estimate", share=False)(frame, rounding)
    estimate, error = (made[name].to_numpy(dtype=float) for name in ("estimate", "se"))
    with np.errstate(divide="ignore", invalid="ignore"):
        told = significant(np.where(error > 0, estimate / error, np.nan), 3)
    return made.assign(statistic=np.where(frame["statistic"].isna(), np.nan, told))


def _apply(
    frame: pd.DataFrame, step: Floats, figures: tuple[str, ...], limits: tuple[str, ...]
) -> pd.DataFrame:
    made = frame.copy()
    for columns, rounds in ((figures, to_step), (limits, limit_to_step)):
        for column in set(columns) & set(made.columns):
            value = made[column].to_numpy(dtype=float)
            # Without an error there is no step: a test among figures, what cannot vary.
            made[column] = np.where(np.isnan(step), significant(value, 3), rounds(value, step))
    return made


def _errors(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """Round what goes with a figure: its error, degrees of freedom, p-values."""
    made = frame.copy()
    for columns, digits in ((TWO_DIGITS, 2), (THREE_DIGITS, 3)):
        for column in made.columns.intersection(columns):
            made[column] = significant(made[column].to_numpy(dtype=float), digits)
    for column in made.columns.intersection(["p", "p_adjusted", "complete_p"]):
        made[column] = level_of(made[column].to_numpy(dtype=float), rounding.levels)
    return made


TWO_DIGITS = ["se", "df", "df1", "df2", "deff", "n_effective", "complete_se"]
THREE_DIGITS = ["fmi", "increase"]


def _tests(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    made = _errors(frame, rounding)
    made["statistic"] = tests_to_step(frame["statistic"].to_numpy(dtype=float))
    # A test without degrees of freedom is of the figure that it has as its effect.
    bare = frame["df1"].isna() & frame["statistic"].eq(frame["effect"])
    # The first degrees of freedom say how many categories there are: nothing of respondents.
    made["df1"] = np.where(np.mod(frame["df1"], 1) == 0, frame["df1"], made["df1"])
    for column in ("effect", "effect_low", "effect_high"):
        made[column] = to_step(made[column].to_numpy(dtype=float), np.full(len(made), 0.01))
    made["statistic"] = made["statistic"].mask(bare, made["effect"])
    return made


def _imputed(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    effect = frame["quantity"].ne("coefficient").to_numpy()
    step = step_of_error(frame["se"].to_numpy(), effect, rounding)
    limits = ("ci_low", "ci_high", "complete_low", "complete_high")
    made = _errors(_apply(frame, step, ("estimate", "complete"), limits), rounding)
    tested = frame["quantity"].eq("test")
    for column in ("estimate", "complete"):
        told = tests_to_step(frame[column].to_numpy(dtype=float))
        made[column] = np.where(tested, told, made[column])
    return made


def _calibration(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    shares = frame.assign(base=frame["n"], estimate=frame["observed"], statistic="proportion")
    step = step_of_figures(shares, rounding)
    limits = ("ci_low", "ci_high")
    return _errors(_apply(frame, step, ("predicted", "observed"), limits), rounding)


def _values(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """Round values of many kinds: whole numbers stay, others keep three significant digits."""
    made = _errors(frame, rounding)
    value = frame["value"].to_numpy(dtype=float)
    error = frame["se"].to_numpy(dtype=float) if "se" in frame else np.full(len(frame), np.nan)
    step = step_of_error(error, np.zeros(len(frame), dtype=bool), rounding)
    rounded = np.where(np.isnan(step), significant(value, 3), to_step(value, step))
    made["value"] = np.where(np.mod(value, 1) == 0, value, rounded)
    if "p" in frame:
        # The value of a test is its statistic, and of what is adjusted the p-value itself.
        p = frame["p"].to_numpy(dtype=float)
        told = np.where(value == p, made["p"], tests_to_step(value))
        made["value"] = np.where(np.isnan(p), made["value"], told)
    if "ci_low" in made:
        made = _apply(made, np.where(np.isnan(step), 0.001, step), (), ("ci_low", "ci_high"))
    return made


def _rates(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    made = _values(response(frame, rounding), rounding)
    counted = frame["name"].str.startswith(COUNTED)
    value = frame["value"].to_numpy(dtype=float)
    made["value"] = np.where(counted, to_count(value, rounding), made["value"])
    weights = frame["name"].str.startswith("weight_")
    counted_weights = weights & ~counted
    made["value"] = np.where(counted_weights, significant(value, 2), made["value"])
    # How much was hidden at first, and how much to protect that, tells the two apart; that some
    # group is not protected tells that there is one to look for.
    inner = ["suppressed_primary_share", "suppressed_secondary_share", "groups_told"]
    return made[~frame["name"].isin(inner)]


def _flow(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """Rows set aside for a reason are rounded; those received and those complete are not."""
    ends = frame["stage"].isin(["received", "complete"])
    count = frame["count"].to_numpy(dtype=float)
    return frame.assign(count=np.where(ends, count, to_count(count, rounding)))


def _changes(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    return frame.assign(cells=to_count(frame["cells"].to_numpy(dtype=float), rounding))


def _margins(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """Hide levels of few respondents, and the smallest other one, which would give them away."""
    made = frame.copy()
    n = frame["n"]
    for _, rows in frame.groupby("variable", sort=False).groups.items():
        small = rows[(n[rows] > 0) & (n[rows] < rounding.count)]
        others = rows.difference(small)
        if len(small):
            hidden = small.append(pd.Index([n[others].idxmin()])) if len(others) else small
            made.loc[hidden, ["n", "sample", "base_weighted"]] = np.nan
    for column in ("register", "sample", "base_weighted", "weighted"):
        values = made[column].to_numpy(dtype=float)
        made[column] = to_step(values, np.full(len(made), rounding.share))
    return made


def _precision(frame: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    made = _errors(frame, rounding)
    for column in ("difference", "value"):
        made[column] = significant(made[column].to_numpy(dtype=float), 2)
    return made


#: The rule of each family; official figures and what was registered are released as published.
FAMILIES: dict[str, Callable[[pd.DataFrame, Rounding], pd.DataFrame]] = {
    "estimates": _estimates,
    "waves": _estimates,
    "ranks": _estimates,
    "tests": _tests,
    "comparisons": errors_and_levels,
    "sides": _differences("first", "second", "difference"),
    "change": _differences("before", "after", "difference"),
    "coefficients": _coefficients,
    "effects": _differences("estimate", share=True),
    "predictions": _differences("estimate", share=True),
    "contrasts": _differences("estimate", share=True),
    "specifications": _differences("estimate", share=True),
    "imputed": _imputed,
    "calibration": _calibration,
    "validation": _values,
    "diagnostics": _values,
    "precision": _precision,
    "rates": _rates,
    "flow": _flow,
    "changes": _changes,
    "margins": _margins,
}
