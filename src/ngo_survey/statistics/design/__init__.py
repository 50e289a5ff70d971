"""Designs: weights, strata, PSUs, calibration, replicates, variances."""

from ngo_survey.statistics.design.replicates import ReplicateDesign, given_replicates, replicate
from ngo_survey.statistics.design.survey_design import SurveyDesign

__all__ = ["ReplicateDesign", "SurveyDesign", "given_replicates", "replicate"]
