"""Shares, means, totals, ratios and tests of a design that is read by parts.

A share needs one pass: the counts of its cells by stratum or PSU say everything. A mean needs two,
since squares about it keep their digits only once it is known. What follows from the sums, limits,
design effects and flags, is the code of :mod:`ngo_survey.statistics.estimation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics import limits as confidence
from ngo_survey.statistics.design.variance import Codes, Floats
from ngo_survey.statistics.estimation.crosstabs import Percentages, TestMethod, test_of_shares
from ngo_survey.statistics.estimation.domains import (
    DomainMeans,
    Domains,
    SimpleSample,
    design_effect,
    heads,
    held_without_replacement,
    worth_if_alike,
)
from ngo_survey.statistics.estimation.means import By, Names, as_numbers, refuse_empty, tidy
from ngo_survey.statistics.names import name_list
from ngo_survey.statistics.streaming.design import Moments, Part, ScannedDesign
from ngo_survey.statistics.streaming.rows import Levels

#: Cells of a table by PSU or stratum that are held at once (80 MB each of a few arrays).
MOST_CELLS = 10_000_000
#: A column of influence values of a part, from its place among the variables, their numbers and
#: the domain of each row.
Influence = Callable[[int, list[Floats], Codes], Floats]


@dataclass(frozen=True)
class Crossing:
    """Variables whose levels are crossed: the domains of a banner, or the cells of a table."""

    names: tuple[str, ...]
    known: tuple[Levels, ...]

    @classmethod
    def of(cls, design: ScannedDesign, *sides: By) -> list[Crossing]:
        """Return one a side, the levels of all of them read in one pass."""
        named = [name_list(side) for side in sides]
        for names in named:
            for name in names:
                if names.count(name) > 1:
                    raise InputError(
                        "a variable makes domains twice", column=name, hint="name it once"
                    )
        levels = design.rows.levels([name for names in named for name in names])
        return [cls(tuple(names), tuple(levels[name] for name in names)) for names in named]

    @property
    def levels(self) -> tuple[tuple[object, ...], ...]:
        """One tuple of values a crossed level."""
        made: list[tuple[object, ...]] = [()]
        for own in self.known:
            made = [(*above, level) for above in made for level in own.values]
        return tuple(made)

    def __len__(self) -> int:
        return int(np.prod([len(own.values) for own in self.known], dtype=np.int64))

    @property
    def domains(self) -> Domains:
        """The same as the estimators of frames in memory know it, without respondents."""
        return Domains(heads(self.names), np.empty(0, dtype=np.int64), self.levels)

    def codes(self, frame: pd.DataFrame) -> Codes:
        """Return the crossed level of each row, -1 where one of the variables is missing."""
        codes = np.zeros(len(frame), dtype=np.int64)
        for name, own in zip(self.names, self.known, strict=True):
            code = own.codes(frame[name])
            codes = np.where((codes < 0) | (code < 0), -1, codes * len(own.values) + code)
        return codes


class Counts:
    """Answers counted by stratum or PSU: all that shares and tests of a table stand on.

    Attributes
    ----------
    count: (G, C) respondents of each domain and category; silent: (G,) who gave no answer.
    linear, square: (P, G, C) sums of weights and, of designs without PSUs, of their squares.
    """

    def __init__(self, design: ScannedDesign, split: Crossing, answers: Crossing) -> None:
        self.split, self.answers = split, answers
        shape = (design.places, len(split), len(answers))
        if np.prod(shape, dtype=float) > MOST_CELLS:
            raise InputError(
                f"{shape[0]:,} {'PSUs' if design.declared.psu else 'strata'} by {shape[1]:,} "
                f"domains by {shape[2]:,} answers are more than {MOST_CELLS:,} cells",
                file=design.rows.path,
                column=", ".join([*answers.names, *split.names]),
                hint="cross fewer variables, or group their levels first",
            )
        self.count = np.zeros(shape[1:], dtype=np.int64)
        self.silent = np.zeros(shape[1], dtype=np.int64)
        self.linear = np.zeros(shape)
        self.square = None if design.declared.psu else np.zeros(shape)

    def add(self, part: Part) -> None:
        """Count the answers of some rows."""
        group, answer = self.split.codes(part.frame), self.answers.codes(part.frame)
        groups, categories = self.count.shape
        self.silent += np.bincount(group[(group >= 0) & (answer < 0)], minlength=groups)
        inside = (group >= 0) & (answer >= 0)
        cell = group[inside] * categories + answer[inside]
        self.count += np.bincount(cell, minlength=groups * categories).reshape(groups, categories)
        at, weights = part.place[inside] * groups * categories + cell, part.weights[inside]
        shape, most = self.linear.shape, self.linear.size
        self.linear += np.bincount(at, weights, most).reshape(shape)
        if self.square is not None:
            self.square += np.bincount(at, weights**2, most).reshape(shape)


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
    sums = _sums(design, [[name] for name in names], split)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = [one.total[0] / one.weight for one in sums]

    def influence(place: int, numbers: list[Floats], group: Codes) -> Floats:
        return (numbers[0] - centre[place][group]) / sums[place].weight[group]

    frames = []
    deviations = _spread(design, [[name] for name in names], split, influence)
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
    for counts in _counted(design, [(split, own) for own in answers]):
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
    counted = [_count_totals(design, counts, deff, level) for counts in _counted(design, pairs)]
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
    sums = _sums(design, pairs, split)
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
    for place, (moments, squares) in enumerate(_spread(design, pairs, split, influence)):
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
    counted = _counted(design, list(zip(crossed, crossed, strict=True)))
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
    for counts in _counted(design, [(whole, table) for table in tables]):
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


def _counted(design: ScannedDesign, pairs: Sequence[tuple[Crossing, Crossing]]) -> list[Counts]:
    """Count the answers (second) in the domains (first) of each pair, in one pass."""
    counts = [Counts(design, split, answers) for split, answers in pairs]
    names = [name for split, answers in pairs for name in (*split.names, *answers.names)]
    for part in design.parts(names) if pairs else ():
        for one in counts:
            one.add(part)
    return counts


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
    variance = design.share_variances(counts.linear, counts.square, np.zeros(estimate.shape))
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


@dataclass(frozen=True)
class Sums:
    """Sums of one or two variables by domain, of those who answered all of them.

    Attributes
    ----------
    n, silent: (G,) respondents who answered, and who did not; weight: (G,) sum of weights.
    total: (k, G) weighted totals of the variables.
    """

    n: Codes
    silent: Codes
    weight: Floats
    total: Floats


def _number_totals(
    design: ScannedDesign, names: list[str], split: Crossing, deff: SimpleSample, level: float
) -> list[pd.DataFrame]:
    """Return the totals of numbers, one frame a variable."""
    sums = _sums(design, [[name] for name in names], split)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = [one.total[0] / one.weight for one in sums]

    def influence(place: int, numbers: list[Floats], group: Codes) -> Floats:
        return numbers[0]

    frames = []
    found = _spread(design, [[name] for name in names], split, influence, centre)
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


def _numbers(
    design: ScannedDesign, part: Part, names: Sequence[str], group: Codes
) -> tuple[list[Floats], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return numbers of who is in a domain and answered, who these are, and who did not answer."""
    try:
        given = [as_numbers(part.frame[name], name, part.first) for name in names]
    except InputError as error:
        raise InputError(
            error.problem,
            hint=error.hint,
            file=design.rows.path,
            row=error.row,
            column=error.column,
        ) from error
    answered = np.all([known for _, known in given], axis=0)
    inside = answered & (group >= 0)
    return [numbers[inside] for numbers, _ in given], inside, ~answered & (group >= 0)


def _sums(design: ScannedDesign, variables: Sequence[Sequence[str]], split: Crossing) -> list[Sums]:
    """Return the first pass over some variables: how many and how much in each domain."""
    groups = len(split)
    if design.places * groups > MOST_CELLS:
        raise InputError(
            f"{design.places:,} {'PSUs' if design.declared.psu else 'strata'} by {groups:,} "
            f"domains are more than {MOST_CELLS:,} cells",
            file=design.rows.path,
            column=", ".join(split.names),
            hint="cross fewer variables, or group their levels first",
        )
    whole = np.zeros(groups, dtype=np.int64)
    made = [
        Sums(whole.copy(), whole.copy(), np.zeros(groups), np.zeros((len(names), groups)))
        for names in variables
    ]
    names = [name for own in variables for name in own]
    for part in design.parts([*names, *split.names]) if variables else ():
        group = split.codes(part.frame)
        for one, own in zip(made, variables, strict=True):
            numbers, inside, silent = _numbers(design, part, own, group)
            mine, weights = group[inside], part.weights[inside]
            one.n[:] += np.bincount(mine, minlength=groups)
            one.silent[:] += np.bincount(group[silent], minlength=groups)
            one.weight[:] += np.bincount(mine, weights, groups)
            for place, values in enumerate(numbers):
                one.total[place] += np.bincount(mine, weights * values, groups)
    return made


def _spread(
    design: ScannedDesign,
    variables: Sequence[Sequence[str]],
    split: Crossing,
    influence: Influence,
    centre: Sequence[Floats] | None = None,
) -> list[tuple[Moments, Floats]]:
    """Return the second pass: moments of weighted influence by place, weighted squares by domain.

    ``centre``: (G,) of each variable, what the squares are about; zero unless given.
    """
    groups = len(split)
    moments = [Moments.none((design.places, groups)) for _ in variables]
    squares = [np.zeros(groups) for _ in variables]
    names = [name for own in variables for name in own]
    for part in design.parts([*names, *split.names]) if variables else ():
        group = split.codes(part.frame)
        for place, own in enumerate(variables):
            numbers, inside, _ = _numbers(design, part, own, group)
            mine, weights = group[inside], part.weights[inside]
            values = influence(place, numbers, mine)
            cell = part.place[inside] * groups + mine
            moments[place] = moments[place].with_part(cell, weights * values)
            apart = values if centre is None else values - centre[place][mine]
            squares[place] += np.bincount(mine, weights * apart**2, groups)
    return list(zip(moments, squares, strict=True))


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
