"""Designs: weights, strata, PSUs, calibration, replicates, variances.

Replicates are imported when they are used: a design without them need not wait for scipy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ngo_survey.statistics.design.survey_design import SurveyDesign

if TYPE_CHECKING:
    from ngo_survey.statistics.design.replicates import (
        ReplicateDesign,
        given_replicates,
        replicate,
    )

__all__ = ["ReplicateDesign", "SurveyDesign", "given_replicates", "replicate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("ngo_survey.statistics.design.replicates"), name)
