"""What every statistical stage starts from: the calibrated design of one group of respondents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.results import store
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.replication import scales_of
from ngo_survey.statistics.weighting.from_columns import (
    DesignColumns,
    ReplicateColumns,
    given_design,
    weighting_is_done,
)
from ngo_survey.statistics.weighting.resampled import REPLICATE
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_weighting import replicates_of, strata_of


def load_design(study: Study, population: str) -> tuple[SurveyDesign, Questionnaire]:
    """Return the raked design over the typed clean answers, and the codebook.

    Reads clean.csv, weights.csv, calibration.csv and replicates.csv; raises :class:`InputError`
    when they do not belong together.
    """
    questions = codebook(study, population)
    typed = questions.type_frame(read_product(study, study.paths.clean(population)))
    weights = read_product(study, study.paths.weights(population))
    numbers = {"stratum_size", "base_weight", "adjusted_weight", "weight"} & set(weights)
    numbers |= {name for name in weights if name.startswith(REPLICATE)}
    weights = weights.astype(dict.fromkeys(numbers, float))
    if typed["respondent"].tolist() != weights["respondent"].tolist():
        raise InputError(
            "the weights belong to other respondents",
            file=study.paths.weights(population).relative_to(study.root),
            hint="run snakemake again",
        )
    # A question may be called weight or stratum.
    frame = typed.join(weights.drop(columns="respondent").rename(columns=internal_column))
    calibration = read_product(study, study.paths.calibration(population))
    totals = {
        internal_column(str(margin)): dict(
            zip(rows["level"], rows["total"].astype(float), strict=True)
        )
        for margin, rows in calibration.groupby("margin", sort=False)
    }
    replicates = read_product(study, study.paths.replicates(population))
    design = given_design(frame, internal_column, replicates)
    if totals and not weighting_is_done(replicates):
        design = design.rake(totals)
    if not np.allclose(design.weights, frame[internal_column("weight")], rtol=1e-6):
        raise InputError(
            "the weights do not follow from the calibration totals",
            file=study.paths.weights(population).relative_to(study.root),
            hint="run snakemake again",
        )
    return design, questions


def design_columns(weighting: Any) -> DesignColumns:
    """Return which columns of the export hold the design, but for replicates."""
    said = weighting if isinstance(weighting, Mapping) else {}
    weights = said.get("weights", "none")
    return DesignColumns(
        None if weights == "none" else weights,
        strata_of(weighting),
        said.get("psu"),
        said.get("fpc"),
        said.get("lonely", "fail"),
    )


def replicate_columns(weighting: Any, questions: Iterable[str]) -> ReplicateColumns | None:
    """Return which columns of the export hold replicate weights, None without any.

    Raises
    ------
    InputError: scales that no such replicates have, see :func:`replication.scales_of`.
    """
    said = weighting.get("replicates") if isinstance(weighting, Mapping) else None
    if said is None:
        return None
    columns = replicates_of(weighting, questions)
    return ReplicateColumns(
        columns,
        said["type"],
        scales_of(
            said["type"], len(columns), said.get("scale"), said.get("rscales"), said.get("rho")
        ),
        said.get("around", "mean"),
        said.get("degrees_of_freedom"),
    )


def internal_column(name: str) -> str:
    """Return the name of a column of the design itself, which no question of an XLSForm has."""
    return f"({name})"


def read_product(study: Study, path: Path) -> pd.DataFrame:
    """Read what an earlier verb wrote, as text; raises :class:`InputError` when it has not run."""
    return store.read_text_csv(existing(study, path))


def existing(study: Study, path: Path) -> Path:
    """Return the path of what an earlier verb wrote; raises :class:`InputError` without a file."""
    if not path.is_file():
        raise InputError(
            "an earlier step has not written this file",
            file=path.relative_to(study.root),
            hint="run snakemake, which takes the steps in their order",
        )
    return path
