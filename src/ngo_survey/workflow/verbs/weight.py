"""The verb `weight`: clean responses and what is known of the population in; weights out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import Faults, InputError, SurveyError, nearest
from ngo_survey.results import store
from ngo_survey.statistics.weighting.from_columns import weight_from_columns
from ngo_survey.statistics.weighting.margin_balance import withhold_margins
from ngo_survey.statistics.weighting.merging import cells
from ngo_survey.statistics.weighting.register import Weighting, weight_sample
from ngo_survey.statistics.weighting.resampled import Resampling
from ngo_survey.statistics.weighting.response_rates import DISPOSITIONS
from ngo_survey.study import Study
from ngo_survey.study.declared_weighting import from_register, margins_of, strata_of
from ngo_survey.workflow.files import read_table
from ngo_survey.workflow.verbs.counts import counted, join_parts
from ngo_survey.workflow.verbs.design import (
    design_columns,
    read_product,
    replicate_columns,
)


def run(study: Study, population: str) -> str:
    """Weight one group of respondents, as the study says.

    Reads clean.csv and, where weights are made from them, the sample and the register; writes
    weights.csv, calibration.csv, replicates.csv and the families ``margins`` and ``rates``.
    """
    clean = read_product(study, study.paths.clean(population))
    made = weigh(study, population, clean)
    ordered = made.weights.set_index("respondent").loc[clean["respondent"]].reset_index()
    store.write_csv(ordered, study.paths.weights(population))
    store.write_csv(made.calibration, study.paths.calibration(population))
    store.write_csv(made.replicates, study.paths.replicates(population))
    rules = study.section("disclosure")
    safe = withhold_margins(made.margins, rules["threshold"], rules["minimum_base"])
    margins = safe.assign(
        population=population,
        key=[
            f"margins/{population}/{variable}={level}"
            for variable, level in zip(safe["variable"], safe["level"], strict=True)
        ],
    )
    store.write(margins, "margins", study.paths.result("margins", population))
    rates = made.rates.assign(
        population=population, key=[f"rates/{population}/{n}" for n in made.rates["name"]]
    )
    store.write(rates, "rates", study.paths.result("rates", population))
    value = rates.set_index("name")["value"]
    return join_parts(
        counted(len(ordered), "respondent"),
        f"effective sample {value['effective_n']:,.0f}",
        f"response rate {value['RR3']:.1%} (RR3)" if "RR3" in value else "",
    )


def weigh(
    study: Study, population: str, clean: pd.DataFrame, errors: Mapping[str, Any] | None = None
) -> Weighting:
    """Return the weights of those who passed cleaning: from the register, or from the export.

    ``clean`` are their answers as text; ``errors`` says how standard errors are made, as the
    configuration does unless given.
    """
    block = study.population(population)
    options = block.raw["weighting"]
    said = {} if options == "none" else options
    resampling = Resampling.of(
        said.get("errors", {}) if errors is None else errors,
        lambda stratum: study.rng(f"weighting.{population}.{stratum}"),
    )
    if from_register(options):
        sample, register = read_frames(study, population)
        try:
            respondents = clean["respondent"].tolist()
            return weight_sample(sample, register, respondents, options, resampling)
        except InputError as error:
            raise _in_the_sample(study, population, sample, error) from error
    margins, merge = said.get("margins", {}), said.get("merge", {})
    where_key = f"populations.{population}.weighting"
    try:
        replicates = replicate_columns(options, clean.columns)
    except InputError as error:
        place = f"{where_key}.replicates"
        raise study.mistake(error.problem, place, error.value, error.hint) from error
    columns = replace(design_columns(options), replicates=replicates)
    try:
        return weight_from_columns(clean, columns, margins, merge, said.get("trim"), resampling)
    except InputError as error:
        if error.row is not None:
            # A cell of the export is at fault.
            raise InputError(
                error.problem,
                file=str(block.raw["responses"]),
                row=error.row,
                column=error.column,
                value=error.value,
                hint=error.hint,
            ) from error
        named = f".margins.{error.column}" if error.column in margins else ""
        if replicates is not None and error.column in replicates.columns:
            named = f".replicates.columns.{error.column}"
        raise study.mistake(error.problem, where_key + named, error.value, error.hint) from error


def _in_the_sample(
    study: Study, population: str, sample: pd.DataFrame, error: InputError
) -> SurveyError:
    """Return what keeps weights from being made, at its key or in the first row of the sample."""
    column, path = error.column or "", study.population(population).sample
    if column.startswith("weighting."):
        place = f"populations.{population}.{column}"
        return study.mistake(error.problem, place, error.value, error.hint)
    names = column.split(" x ")
    if path is None or not set(names) <= set(sample.columns):
        return error
    rows = (cells(sample, names) == str(error.value)).to_numpy()
    if not rows.any():
        return error
    return InputError(
        error.problem,
        file=path.relative_to(study.root),
        row=int(rows.argmax()) + 2,
        column=column,
        value=error.value,
        hint=error.hint,
    )


def read_frames(study: Study, population: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return sample and register of one group, as far as weighting uses them.

    Raises
    ------
    InputError: a file, column or cell is missing, a disposition is unknown, a count is none.
    """
    block = study.population(population)
    options = block.raw["weighting"]
    if block.sample is None or block.register is None:
        raise study.mistake(
            "weights from a register need a sample and a register",
            f"populations.{population}.weighting",
            hint="name the files sample and register",
        )
    used = sorted({*strata_of(options), *margins_of(options)})
    return _sample(study, block.sample, used), _register(study, block.register, used)


def find_frames(study: Study, population: str, questions: Questionnaire, faults: Faults) -> None:
    """Keep what is wrong in sample and register; of variables that no question is, nothing."""
    block = study.population(population)
    if not from_register(block.raw["weighting"]):
        return
    named = {*strata_of(block.raw["weighting"]), *margins_of(block.raw["weighting"])}
    used = sorted(name for name in named if name in questions)
    if block.sample is not None:
        with faults.check():
            _sample(study, block.sample, used)
    if block.register is not None:
        with faults.check():
            _register(study, block.register, used)


def _sample(study: Study, path: Path, used: Sequence[str]) -> pd.DataFrame:
    sample = read_frame(study, path, ["sample_id", *used, "disposition"])
    _known_dispositions(study, path, sample)
    return sample


def _register(study: Study, path: Path, used: Sequence[str]) -> pd.DataFrame:
    register = read_frame(study, path, [*used, "count"])
    register["count"] = _counts(study, path, register["count"])
    return register


def read_frame(study: Study, path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a sample or register file as text; raises for a missing file, column or cell."""
    shown = path.relative_to(study.root)
    frame = read_table(study, shown.as_posix(), columns)
    faults = Faults()
    for column in columns:
        with faults.check():
            _refuse_cells(frame[column], shown)
    faults.refuse()
    _refuse_twice(frame, columns, shown)
    return frame[columns].fillna("none")


def _refuse_cells(cells: pd.Series, shown: Path) -> None:
    """Refuse a blank around a level, and an empty cell where something must be said."""
    column = str(cells.name)
    # Central bodies have no region: an empty stratum variable is a level of its own.
    if column in {"sample_id", "disposition", "count"} and cells.isna().any():
        row = int(cells.isna().to_numpy().argmax()) + 2
        raise InputError("a cell is empty", file=shown, row=row, column=column, hint="fill it in")
    blank = cells.fillna("") != cells.fillna("").str.strip()
    if blank.any():
        row = int(blank.to_numpy().argmax())
        raise InputError(
            "there is a blank before or behind this",
            file=shown,
            row=row + 2,
            column=column,
            value=cells.iloc[row],
            hint="take it away: levels are compared as they are written",
        )


def _refuse_twice(frame: pd.DataFrame, columns: list[str], shown: Path) -> None:
    """Refuse a cell of a register that stands twice, as two editions in one file do."""
    if "count" not in columns:
        return
    twice = frame.drop(columns="count").fillna("none").duplicated(keep=False)
    if twice.any():
        first, second = (int(row) for row in twice.to_numpy().nonzero()[0][:2])
        cell = " x ".join(frame.drop(columns="count").fillna("none").iloc[second].astype(str))
        raise InputError(
            f"a cell of the register stands twice (row {first + 2} as well)",
            file=shown,
            row=second + 2,
            value=cell,
            hint="keep the row of the edition that the sample was drawn from",
        )


def _known_dispositions(study: Study, path: Path, sample: pd.DataFrame) -> None:
    strange = ~sample["disposition"].isin(DISPOSITIONS)
    if strange.any():
        row = int(strange.to_numpy().argmax())
        value = sample["disposition"].iloc[row]
        raise InputError(
            "no such disposition",
            file=path.relative_to(study.root),
            row=row + 2,
            column="disposition",
            value=value,
            hint=nearest(value, DISPOSITIONS),
        )


def _counts(study: Study, path: Path, column: pd.Series) -> pd.Series:
    counts = pd.to_numeric(column, errors="coerce")
    wrong = ~(counts >= 0)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            "this is not a count",
            file=path.relative_to(study.root),
            row=row + 2,
            column="count",
            value=column.iloc[row],
            hint="write a whole number",
        )
    return counts.astype("int64")
