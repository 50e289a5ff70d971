"""Shares, means, totals, ratios and tests of a design that is read by parts.

A share needs one pass: the counts of its cells by stratum or PSU say everything. A mean needs two,
since squares about it keep their digits only once it is known. What follows from the sums, limits,
design effects and flags, is the code of :mod:`ngo_survey.statistics.estimation`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics import limits as confidence
from ngo_survey.statistics.design.variance import Codes, Floats
from ngo_survey.statistics.estimation.crosstabs import Percentages, TestMethod, test_of_shares
from ngo_survey.statistics.estimation.domains import (
    DomainMeans,
    SimpleSample,
    design_effect,
    held_without_replacement,
    worth_if_alike,
)
from ngo_survey.statistics.estimation.means import By, Names, refuse_empty, tidy
from ngo_survey.statistics.names import name_list
from ngo_survey.statistics.streaming.counts import Counts, Crossing, count_answers
from ngo_survey.statistics.streaming.design import Moments, ScannedDesign
from ngo_survey.statistics.streaming.sums import Sums, spread_of, sums_of


def mean(
    design: ScannedDesign,
    variable: Names,
    by: By = None,
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate means: :func:`means.mean`, of a file that is read twice."""
    names = name_list(variable)
    (split,) = Crossing.of(design, by)
    sums = sums_of(design, [[name] for name in names], split)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = [one.total[0] / one.weight for one in sums]

    def influence(place: int, numbers: list[Floats], group: Codes) -> Floats:
        return (numbers[0] - centre[place][group]) / sums[place].weight[group]

    frames = []
    deviations = spread_of(design, [[name] for name in names], split, influence)
    for place, name in enumerate(names):
        one, (moments, squares) = sums[place], deviations[place]
        with np.errstate(invalid="ignore", divide="ignore"):
            # Influence is the deviation over the domain's weight.
            spread = squares * one.weight
        variance = design.moment_variances(moments)
        variance[variance < 1e-24 * np.maximum(centre[place] ** 2, 1e-300)] = 0.0
        spread[spread < 1e-24 * centre[place] ** 2] = 0.0
        made = _made(design, one, moments, centre[place], variance, spread, deff)
        frames.append(_symmetric({"variable": [name]}, split, made, one.silent, level))
    return refuse_empty(pd.concat(frames, ignore_index=True), split.domains)


def proportion(
    design: ScannedDesign,
    variable: Names,
    by: By = None,
    limits: confidence.Method = "wilson",
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the proportion of each category: :func:`means.proportion`, in one pass."""
    split, *answers = Crossing.of(design, by, *name_list(variable))
    frames = []
    for counts in count_answers(design, [(split, own) for own in answers]):
        categories = [level[0] for level in counts.answers.levels]
        variables = [counts.answers.names[0]] * len(categories)
        labels: dict[str, list[object]] = {"variable": [*variables], "category": categories}
        frames.append(_shares(design, counts, labels, limits, deff, level))
    return refuse_empty(pd.concat(frames, ignore_index=True), split.domains)


def total(
    design: ScannedDesign,
    variable: Names,
    by: By = None,
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate totals: :func:`means.total`; in two passes, of categories in one more."""
    names = name_list(variable)
    kinds = {}
    for part in design.parts(names):
        kinds = {name: pd.api.types.is_numeric_dtype(part.frame[name]) for name in names}
        break
    (split,) = Crossing.of(design, by)
    numbers = [name for name in names if kinds[name]]
    words = [name for name in names if not kinds[name]]
    made = dict(zip(numbers, _number_totals(design, numbers, split, deff, level), strict=True))
    pairs = [(split, own) for own in Crossing.of(design, *words)]
    counted = [
        _count_totals(design, counts, deff, level) for counts in count_answers(design, pairs)
    ]
    made |= dict(zip(words, counted, strict=True))
    frame = pd.concat([made[name] for name in names], ignore_index=True)
    # Categories of a later variable stand before the flags of an earlier one.
    return refuse_empty(frame.assign(flag=frame.pop("flag")), split.domains)


def ratio(
    design: ScannedDesign,
    numerator: Names,
    denominator: Names,
    by: By = None,
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate ratios of totals: :func:`means.ratio`, of a file that is read twice."""
    over, under = name_list(numerator), name_list(denominator)
    under = under * len(over) if len(under) == 1 else under
    if len(over) != len(under):
        raise InputError(
            f"{len(over)} numerators do not go with {len(under)} denominators",
            hint="name one denominator, or one for each numerator",
        )
    (split,) = Crossing.of(design, by)
    pairs = [[top, bottom] for top, bottom in zip(over, under, strict=True)]
    sums = sums_of(design, pairs, split)
    for one, bottom in zip(sums, under, strict=True):
        for code in np.flatnonzero((one.n > 0) & (one.total[1] == 0))[:1]:
            raise InputError(
                "the denominator of a ratio adds up to zero",
                file=design.rows.path,
                column=bottom,
                value=" ".join(map(str, split.levels[code])) or None,
                hint="leave out the domains that have none of it",
            )
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [one.total[0] / one.total[1] for one in sums]

    def influence(place: int, numbers: list[Floats], group: Codes) -> Floats:
        rest = numbers[0] - found[place][group] * numbers[1]
        return rest / sums[place].total[1][group]

    frames = []
    for place, (moments, squares) in enumerate(spread_of(design, pairs, split, influence)):
        one = sums[place]
        with np.errstate(invalid="ignore", divide="ignore"):
            variance, spread = design.moment_variances(moments), squares / one.weight
            relative = variance / one.weight**2
        made = _made(design, one, moments, found[place], relative, spread, deff)
        made.variance[:, 0] = np.where(one.n > 0, variance, np.nan)
        labels: dict[str, list[object]] = {"variable": ["/".join(pairs[place])]}
        frames.append(_symmetric(labels, split, made, one.silent, level))
    return refuse_empty(pd.concat(frames, ignore_index=True), split.domains)


def crosstab(
    design: ScannedDesign,
    row: Names,
    col: Names,
    percentages: Percentages = "column",
    limits: confidence.Method = "wilson",
    level: float = 0.95,
) -> pd.DataFrame:
    """Cross-tabulate two variables, or every pair: :func:`crosstabs.crosstab`, in one pass."""
    if percentages not in ("column", "row", "joint"):
        raise InputError("no such percentages", value=percentages, hint="joint, row or column")
    pairs = [(upper, left) for upper in name_list(row) for left in name_list(col)]
    sides = {"column": lambda u, c: (c, u), "row": lambda u, c: (u, c)}
    asked = [sides[percentages](*p) if percentages in sides else (None, [*p]) for p in pairs]
    crossed = iter(Crossing.of(design, *[side for pair in asked for side in pair]))
    counted = count_answers(design, list(zip(crossed, crossed, strict=True)))
    frames = []
    for (upper, left), counts in zip(pairs, counted, strict=True):
        levels = counts.answers.levels
        if percentages == "joint":
            labels = {"row": [cell[0] for cell in levels], "column": [cell[1] for cell in levels]}
            frame = _shares(design, counts, labels, limits, "declared", level)
        else:
            own, beside = ("row", "column") if percentages == "column" else ("column", "row")
            labels = {"(answer)": [cell[0] for cell in levels]}
            frame = _shares(design, counts, labels, limits, "declared", level)
            names = {"(answer)": own, counts.split.domains.names[0]: beside}
            frame = frame.rename(columns=names)
        refuse_empty(frame.assign(variable=f"{upper} x {left}"), counts.split.domains)
        for place, (name, value) in enumerate(
            {"row_variable": upper, "row": None, "column_variable": left, "column": None}.items()
        ):
            frame.insert(place, name, frame.pop(name) if value is None else value)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def independence_test(
    design: ScannedDesign,
    row: Names,
    col: Names,
    method: TestMethod = "rao-scott",
    level: float = 0.95,
) -> pd.Series | pd.DataFrame:
    """Test independence: :func:`crosstabs.independence_test`, all pairs in one pass."""
    pairs = [[upper, left] for upper in name_list(row) for left in name_list(col)]
    whole, *tables = Crossing.of(design, None, *pairs)
    rows = []
    for counts in count_answers(design, [(whole, table) for table in tables]):
        shape = [len(own.values) for own in counts.answers.known]
        table = counts.count.reshape(shape)
        n = int(table.sum())
        if n == 0:
            raise InputError("nobody answered both questions of a test")
        # A level that nobody chose is no level of this table.
        kept = np.outer(table.any(axis=1), table.any(axis=0)).ravel()
        r, c = int(table.any(axis=1).sum()), int(table.any(axis=0).sum())
        if min(r, c) < 2:
            raise InputError("a test of independence needs two levels that somebody chose")
        nu = design.degrees_of_freedom
        if nu <= 0:
            raise InputError("a test has no degrees of freedom", hint="widen the domain")
        linear = counts.linear[:, 0, kept]
        square = None if counts.square is None else counts.square[:, 0, kept]
        weight = float(linear.sum())
        p = linear.sum(axis=0) / weight
        spread = design.count_covariance(linear, square)
        made = test_of_shares(p, spread, (r, c), (n, weight, nu), method, level)
        upper, left = counts.answers.names
        labels = {"row_variable": upper, "column_variable": left, "method": made.method}
        keys = ("n", "statistic", "df1", "df2", "p", "effect", "effect_low", "effect_high")
        rows.append({**labels, **{key: getattr(made, key) for key in keys}})
    if isinstance(row, str) and isinstance(col, str):
        return pd.Series(rows[0], dtype=object)
    return pd.DataFrame(rows)


# -- shares --------------------------------------------------------------------------------------


def _weighted(counts: Counts) -> tuple[Floats, Floats]:
    """Return sums of weights by domain and category (G, C), and by domain (G,)."""
    by_cell = counts.linear.sum(axis=0)
    return by_cell, by_cell.sum(axis=1)


def _shares(
    design: ScannedDesign,
    counts: Counts,
    labels: dict[str, list[object]],
    limits: confidence.Method,
    deff: SimpleSample,
    level: float,
) -> pd.DataFrame:
    by_cell, weight = _weighted(counts)
    n = counts.count.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = by_cell / weight[:, None]
        variance = design.share_variances(counts.linear, counts.square, p) / weight[:, None] ** 2
    spread = p * (1 - p)
    spread[(counts.count == 0) | (counts.count == n[:, None])] = 0.0
    variance[spread == 0] = 0.0
    variance[n == 0] = np.nan
    finite = held_without_replacement(design.finite, deff)
    against = design_effect(variance, spread, n[:, None], weight[:, None], finite)
    df = design.counted_degrees_of_freedom(n, counts.linear.sum(axis=2) > 0)
    made = DomainMeans(p, variance, against, n, weight, df)
    square = None if counts.square is None else counts.square.sum(axis=2)
    alone = design.independent_size(counts.linear.sum(axis=2), square)
    alike = worth_if_alike(alone, design.of_rows, made)[:, None]
    low, high = confidence.of_proportion(
        p, variance, df[:, None], n[:, None], limits, level, alike=alike
    )
    frame = tidy(labels, counts.split.domains, made, counts.silent, low, high)
    frame.insert(frame.columns.get_loc("n"), "count", counts.count.ravel())
    return frame


def _count_totals(
    design: ScannedDesign, counts: Counts, deff: SimpleSample, level: float
) -> pd.DataFrame:
    """Return the total number in each category."""
    estimate, weight = _weighted(counts)
    n = counts.count.sum(axis=1)
    nothing = np.zeros((len(n), 1))
    # One category at a time: each is in strata of its own, over which single units are averaged.
    columns = []
    for c in range(estimate.shape[1]):
        square = None if counts.square is None else counts.square[:, :, [c]]
        columns.append(design.share_variances(counts.linear[:, :, [c]], square, nothing))
    variance = np.hstack(columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = estimate / weight[:, None]
        spread, relative = p * (1 - p), variance / weight[:, None] ** 2
    spread[(counts.count == 0) | (counts.count == n[:, None])] = 0.0
    finite = held_without_replacement(design.finite, deff)
    against = design_effect(relative, spread, n[:, None], weight[:, None], finite)
    df = design.counted_degrees_of_freedom(n, counts.linear.sum(axis=2) > 0)
    nobody = (n == 0)[:, None]
    estimate, variance = np.where(nobody, np.nan, estimate), np.where(nobody, np.nan, variance)
    made = DomainMeans(estimate, variance, against, n, weight, df)
    categories = [own[0] for own in counts.answers.levels]
    labels: dict[str, list[object]] = {
        "variable": [counts.answers.names[0]] * len(categories),
        "category": categories,
    }
    return _symmetric(labels, counts.split, made, counts.silent, level)


# -- numbers -------------------------------------------------------------------------------------


def _number_totals(
    design: ScannedDesign, names: list[str], split: Crossing, deff: SimpleSample, level: float
) -> list[pd.DataFrame]:
    """Return the totals of numbers, one frame a variable."""
    sums = sums_of(design, [[name] for name in names], split)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = [one.total[0] / one.weight for one in sums]

    def influence(place: int, numbers: list[Floats], group: Codes) -> Floats:
        return numbers[0]

    frames = []
    found = spread_of(design, [[name] for name in names], split, influence, centre)
    for name, one, (moments, squares), middle in zip(names, sums, found, centre, strict=True):
        variance = design.moment_variances(moments)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread, relative = squares / one.weight, variance / one.weight**2
        spread[spread < 1e-24 * middle**2] = 0.0
        estimate = np.where(one.n > 0, one.total[0], np.nan)
        made = _made(design, one, moments, estimate, relative, spread, deff)
        made.variance[:, 0] = np.where(one.n > 0, variance, np.nan)
        frames.append(_symmetric({"variable": [name]}, split, made, one.silent, level))
    return frames


def _made(
    design: ScannedDesign,
    one: Sums,
    moments: Moments,
    estimate: Floats,
    variance: Floats,
    spread: Floats,
    deff: SimpleSample,
) -> DomainMeans:
    """Return estimates (G,) with variance and design effect as one column of domains."""
    finite = held_without_replacement(design.finite, deff)
    against = design_effect(variance, spread, one.n, one.weight, finite)
    df = design.counted_degrees_of_freedom(one.n, moments.count > 0)
    held = np.where(one.n > 0, variance, np.nan)[:, None]
    return DomainMeans(estimate[:, None], held, against[:, None], one.n, one.weight, df)


def _symmetric(
    labels: dict[str, list[object]], split: Crossing, made: DomainMeans, silent: Codes, level: float
) -> pd.DataFrame:
    low, high = confidence.symmetric(made.estimate, made.variance, made.df[:, None], level)
    return tidy(labels, split.domains, made, silent, low, high)
