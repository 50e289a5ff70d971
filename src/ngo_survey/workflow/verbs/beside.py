"""A design whose variances are those of samples weighted anew, beside the linearised one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.weighting.from_columns import replication_in
from ngo_survey.study import Study
from ngo_survey.workflow.verbs.design import read_product
from ngo_survey.workflow.verbs.weight import weigh


def drawn_beside(
    study: Study, population: str, design: SurveyDesign, errors: Mapping[str, Any]
) -> SurveyDesign:
    """Return a design with the same weights and the variances of samples that are weighted anew.

    Parameters
    ----------
    design: of the population, one row a respondent of clean.csv.
    errors: how samples are drawn: ``method``, ``replicates``, ``finite_population``.

    Raises
    ------
    InputError: see :func:`weight.weigh`.
    """
    clean = read_product(study, study.paths.clean(population))
    made = weigh(study, population, clean, errors)
    ordered = made.weights.set_index("respondent").loc[clean["respondent"]]
    # Raking is in the replicates: what calibration explains is not taken out once more.
    return design.without_calibration_gain().replicated(replication_in(ordered, made.replicates))
