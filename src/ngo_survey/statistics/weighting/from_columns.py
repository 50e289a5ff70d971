"""Weights of a survey that brings its design along: columns of the export, shares of a population.

Pure functions on one frame: the respondents who passed cleaning, with the columns that hold weight,
stratum, PSU, finite population and replicate weights, as far as there are any, and the variables of
the margins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.calibration import margin
from ngo_survey.statistics.design.replication import Centre, Replication, replication_of
from ngo_survey.statistics.design.survey_design import SurveyDesign
from ngo_survey.statistics.design.variance import Floats, LonelyPSU
from ngo_survey.statistics.weighting.register import (
    MARGIN,
    Totals,
    Weighting,
    recoded,
    weight_diagnostics,
)
from ngo_survey.statistics.weighting.resampled import (
    REPLICATE,
    REPLICATES,
    Resampled,
    Resampling,
    resample,
    weigh_again,
    with_replicates,
)
from ngo_survey.statistics.weighting.trimming import trimmed

#: The level of those who gave no answer to the variable of a margin.
NO_ANSWER = "(no answer)"
#: How far shares may be from 1, and parts of a hundred from 100, in parts of the whole.
NEAR = 0.01


@dataclass(frozen=True)
class ReplicateColumns:
    """Replicate weights: their columns and how they are called (:data:`replication.TYPES`).

    ``scales`` (one a column, see :func:`replication.scales_of`), ``around`` and
    ``degrees_of_freedom`` as :func:`replication.replication_of` takes them.
    """

    columns: Sequence[str]
    kind: str
    scales: Floats
    around: Centre = "mean"
    degrees_of_freedom: int | None = None


@dataclass(frozen=True)
class DesignColumns:
    """Which columns hold the design.

    Attributes
    ----------
    weights: of the design weight, None where all respondents count alike.
    strata: columns whose crossing is the stratum.
    psu, fpc: of the primary sampling unit (named within its stratum) and of the size of the stratum
        in the population, or its sampling fraction.
    lonely: what a stratum with one PSU adds to a variance.
    replicates: weights that variances are taken from, in place of strata and PSUs.
    """

    weights: str | None = None
    strata: Sequence[str] = ()
    psu: str | None = None
    fpc: str | None = None
    lonely: LonelyPSU = "fail"
    replicates: ReplicateColumns | None = None

    @property
    def names(self) -> list[str]:
        """Every column that is named, each once."""
        more = () if self.replicates is None else self.replicates.columns
        named = [self.weights, *self.strata, self.psu, self.fpc, *more]
        return list(dict.fromkeys(name for name in named if name))


def weight_from_columns(
    answers: pd.DataFrame,
    columns: DesignColumns,
    margins: Mapping[str, Mapping[str, float]],
    merge: Mapping[str, Mapping[str, list[str]]],
    trim: Mapping[str, float] | None = None,
    resampling: Resampling | None = None,
) -> Weighting:
    """Take the weights as given and rake them to shares of the population, where there are any.

    Those without an answer to the variable of a margin keep the share that they have by the given
    weights; the shares of the population are spread over the rest.

    Parameters
    ----------
    answers: ``respondent``, ``source_row`` (row of the export), the columns of the design and of
        the margins, as text.
    margins: ``{variable: {level: share or count}}``.
    merge: ``{variable: {new level: [old levels]}}``, for levels that nobody has.
    trim: ``low`` and ``high``, see :func:`trimming.trimmed`.
    resampling: how replicate weights are made, None for none: sampling units are drawn within
        strata, and each sample is raked and trimmed anew, see :mod:`resampled`.

    Raises
    ------
    InputError: a weight or finite population is missing or no positive number; a stratum or PSU is
        missing; shares do not add up; a level of a margin has no respondents, or those of a level
        have no share; a replicate weight is no number, or the replicates are at fault (see
        :func:`replication_of`).
    """
    cases = pd.DataFrame({"respondent": answers["respondent"].to_numpy()})
    cases["stratum"] = _stratum(answers, columns.strata)
    if columns.psu:
        cases["psu"] = _filled(answers, columns.psu, "the sampling unit").to_numpy()
    if columns.fpc:
        cases["stratum_size"] = _numbers(
            answers, columns.fpc, "a size of a stratum", positive=True
        ).to_numpy()
    given = 1.0
    if columns.weights:
        given = _numbers(answers, columns.weights, "a weight", positive=True).to_numpy()
    cases["base_weight"] = cases["adjusted_weight"] = given
    lonely, replicates = columns.lonely, pd.DataFrame(columns=list(REPLICATES))
    if columns.replicates is not None:
        # What a stratum with one unit adds is no question then.
        lonely = "certainty"
        cases, replicates = _given(answers, cases, columns.replicates)
    cases["lonely"] = lonely
    levels, shares = recoded(answers, merge), {}
    for variable, said in margins.items():
        cases[MARGIN + variable] = levels[variable].fillna(NO_ANSWER).to_numpy()
        shares[variable] = _merged(_shares(variable, said), merge.get(variable, {}))

    def weigh(counts: Floats | None = None) -> tuple[pd.DataFrame, int, Totals]:
        """Weight the sample, or one in which each respondent counts so often."""
        adjusted = cases["base_weight"].to_numpy(dtype=float) * (1.0 if counts is None else counts)
        totals = {
            MARGIN + variable: _totals(
                variable, of, cases[MARGIN + variable], pd.Series(adjusted, index=cases.index)
            )
            for variable, of in shares.items()
        }
        held = [margin(cases, column, of) for column, of in totals.items()]
        adjusted, made, bound = trimmed(adjusted, held, trim, counts)
        return cases.assign(adjusted_weight=adjusted, weight=made), bound, totals

    design = _designed(answers, cases)
    if resampling is not None:
        drawn = _drawn(resampling, design, cases)
        cases, replicates = weigh_again(cases, drawn, lambda counts: weigh(counts)[0])
    cases, bound, totals = weigh()
    calibration = [(m, level, total) for m, of in totals.items() for level, total in of.items()]
    return Weighting(
        cases,
        pd.DataFrame(calibration, columns=["margin", "level", "total"]),
        _against(cases, totals),
        pd.DataFrame(
            [*_sizes(cases, columns, resampling), *weight_diagnostics(cases, bound)],
            columns=["name", "value", "note"],
        ),
        replicates,
    )


def given_design(
    cases: pd.DataFrame, name: Any = str, replicates: pd.DataFrame | None = None
) -> SurveyDesign:
    """Return the design that the columns of :attr:`Weighting.weights` hold.

    ``name`` says how a column is called in ``cases``; ``replicates`` is
    :attr:`Weighting.replicates`. It is to be raked, unless :func:`weighting_is_done`.
    """
    lonely: LonelyPSU = cases[name("lonely")].iloc[0] if name("lonely") in cases else "fail"
    present = {what: name(what) for what in ("stratum", "psu", "stratum_size")}
    there = {what: column for what, column in present.items() if column in cases}
    done = weighting_is_done(replicates)
    design = SurveyDesign(
        cases,
        weights=name("weight" if done else "adjusted_weight"),
        strata=there["stratum"],
        psu=there.get("psu"),
        fpc=there.get("stratum_size"),
        nest=True,
        lonely=lonely,
    )
    if replicates is None or replicates.empty:
        return design
    return design.replicated(replication_in(cases, replicates, name))


def replication_in(cases: pd.DataFrame, replicates: pd.DataFrame, name: Any = str) -> Replication:
    """Return what the replicate weights among the columns of :func:`given_design` say."""
    given = cases[name(replicates["of"].iloc[0])].to_numpy(dtype=float)
    weights = cases[[name(column) for column in replicates["replicate"]]].to_numpy(dtype=float)
    scales = replicates["scale"].to_numpy(dtype=float)
    around, df = replicates["around"].iloc[0], int(replicates["degrees_of_freedom"].iloc[0])
    return Replication(weights / given[:, None], scales, around, df)


def weighting_is_done(replicates: pd.DataFrame | None) -> bool:
    """Whether raking is in the replicate weights already, so that a design is not raked again."""
    return replicates is not None and not replicates.empty and (replicates["of"] == "weight").all()


def _given(
    answers: pd.DataFrame, cases: pd.DataFrame, said: ReplicateColumns
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cases with the replicate weights of the export, and what these say."""
    weights = {name: _numbers(answers, name, "a replicate weight") for name in said.columns}
    held = pd.DataFrame(weights)
    full = cases["base_weight"].to_numpy(dtype=float)
    made = replication_of(full, held, said.scales, said.around, said.degrees_of_freedom)
    what = (made.scales, made.around, made.degrees_of_freedom, "base_weight")
    return with_replicates(cases, held.to_numpy(), *what)


def _drawn(how: Resampling, design: SurveyDesign, cases: pd.DataFrame) -> Resampled:
    """Draw samples of sampling units in each stratum; the counts are those of respondents."""
    stage = design.first_stage
    names = cases["stratum"].astype(str).groupby(stage.stratum[stage.unit]).first().tolist()
    fraction = stage.fraction
    if design.lonely == "certainty":
        fraction = np.where(stage.size == 1, 1.0, fraction)
    elif ((stage.size == 1) & (fraction < 1)).any():
        raise InputError(
            "a stratum has a single sampled unit, which no replicate can leave out",
            value=names[int(((stage.size == 1) & (fraction < 1)).argmax())],
            hint="merge it with a like stratum, or declare lonely: certainty",
        )
    everybody = np.ones(len(stage.stratum), dtype=bool)
    drawn = resample(how, stage.stratum, names, fraction, everybody)
    return replace(drawn, counts=drawn.counts[stage.unit])


def _designed(answers: pd.DataFrame, cases: pd.DataFrame) -> SurveyDesign:
    try:
        return given_design(cases)
    except InputError as error:
        # The design counts rows of its frame; a reader looks into the export.
        place = None if error.row is None else answers.index[error.row - 2]
        row = None if place is None else _row(answers, answers.index == place)
        single = "single sampled unit" in error.problem
        hint = error.hint + (" (lonely: certainty, adjust or average)" if single else "")
        raise InputError(error.problem, row=row, value=error.value, hint=hint) from error


def _stratum(answers: pd.DataFrame, names: Sequence[str]) -> Any:
    if not names:
        return "all"
    parts = [_filled(answers, name, "the stratum") for name in names]
    return [" x ".join(row) for row in zip(*parts, strict=True)]


def _filled(answers: pd.DataFrame, name: str, what: str) -> pd.Series:
    column = answers[name]
    if column.isna().any():
        raise InputError(
            f"{what} of a respondent is missing",
            row=_row(answers, column.isna()),
            column=name,
            hint=f"fill it in, or set the row aside: cleaning.key_questions: [{name}]",
        )
    return column.astype(str)


def _numbers(answers: pd.DataFrame, name: str, what: str, positive: bool = False) -> pd.Series:
    numbers = pd.to_numeric(_filled(answers, name, what), errors="coerce")
    wrong = numbers.isna() | np.isinf(numbers)
    kind, hint = "number", "correct it"
    if positive:
        wrong |= numbers <= 0
        kind = "positive number"
        hint += f', or set the row aside: cleaning.eligible: "${{{name}}} > 0"'
    if wrong.any():
        raise InputError(
            f"{what} is no {kind}",
            row=_row(answers, wrong),
            column=name,
            value=answers.loc[wrong, name].iloc[0],
            hint=hint,
        )
    return numbers.astype(float)


def _row(answers: pd.DataFrame, wrong: Any) -> int | None:
    return int(answers.loc[wrong, "source_row"].iloc[0]) if "source_row" in answers else None


def _shares(variable: str, said: Mapping[str, float]) -> dict[str, float]:
    """Return what is said of each level as shares of one.

    Numbers that add up to 1 or 100 are shares or parts of a hundred; others are counts.
    """
    whole = float(sum(said.values()))
    shares = any(abs(whole - whole_of) <= NEAR * whole_of for whole_of in (1, 100))
    if not shares and (whole <= 0 or any(value != int(value) for value in said.values())):
        raise InputError(
            f"the shares add up to {whole:.4g}, not to 1 or 100, and are no counts",
            column=variable,
            hint="give every level of the population its share",
        )
    return {str(level): float(value) / whole for level, value in said.items()}


def _merged(shares: Mapping[str, float], merge: Mapping[str, Sequence[str]]) -> dict[str, float]:
    new = {old: level for level, olds in merge.items() for old in olds}
    made: dict[str, float] = {}
    for level, share in shares.items():
        made[new.get(level, level)] = made.get(new.get(level, level), 0.0) + share
    return made


def _totals(
    variable: str, shares: Mapping[str, float], levels: pd.Series, weights: pd.Series
) -> dict[str, float]:
    """Return the total of each level: the given weights keep their sum."""
    held = weights.groupby(levels).sum()
    answered = held.drop(NO_ANSWER, errors="ignore")
    strange = sorted(set(answered.index) - {level for level, share in shares.items() if share > 0})
    if strange:
        raise InputError(
            "respondents gave an answer that has no share in the population",
            column=variable,
            value=strange[0],
            hint=f"add its share, or merge it: merge: {{{variable}: {{new: [{strange[0]}, ...]}}}}",
        )
    empty = [level for level, share in shares.items() if share > 0 and level not in answered]
    if empty:
        near = next(iter(answered.index), "...")
        merged = f"{{{near}_and_{empty[0]}: [{near}, {empty[0]}]}}"
        raise InputError(
            "nobody gave an answer that has a share in the population",
            column=variable,
            value=empty[0],
            hint=f"merge it: merge: {{{variable}: {merged}}}",
        )
    made = {level: share * float(answered.sum()) for level, share in shares.items() if share > 0}
    if NO_ANSWER in held:
        made[NO_ANSWER] = float(held[NO_ANSWER])
    return made


def _against(cases: pd.DataFrame, totals: Mapping[str, Mapping[Any, float]]) -> pd.DataFrame:
    """Return each margin with its levels before and after raking, as shares of who answered."""
    rows = []
    for column, of in totals.items():
        kept = cases[cases[column] != NO_ANSWER]
        level = kept[column]
        whole = sum(total for name, total in of.items() if name != NO_ANSWER)
        n, base, final = (
            level.value_counts(),
            *(
                kept.groupby(level)[weight].sum() / kept[weight].sum()
                for weight in ("base_weight", "weight")
            ),
        )
        rows += [
            (column.removeprefix(MARGIN), name, total / whole, n[name], n[name] / len(kept),
             base[name], final[name])
            for name, total in of.items()
            if name != NO_ANSWER
        ]  # fmt: skip
    names = ["variable", "level", "register", "n", "sample", "base_weighted", "weighted"]
    return pd.DataFrame(rows, columns=names)


def _sizes(
    cases: pd.DataFrame, columns: DesignColumns, resampling: Resampling | None
) -> list[tuple[str, float, str]]:
    made = [("respondents", float(len(cases)), "respondents who passed cleaning")]
    if columns.strata:
        made.append(("strata", cases["stratum"].nunique(), "strata as the export names them"))
    if columns.psu:
        units = cases.groupby("stratum")["psu"].nunique().sum()
        made.append(("sampling_units", int(units), "primary sampling units"))
    number = sum(str(name).startswith(REPLICATE) for name in cases)
    if number:
        kind = columns.replicates.kind if columns.replicates is not None else ""
        kind = resampling.method if resampling is not None else kind
        made.append(("replicates", float(number), f"replicate weights ({kind})"))
    return made
