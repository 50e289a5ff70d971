"""Sampling: designs, weights, calibration and response rates."""

from ngo_survey.statistics.design.survey_design import SurveyDesign
from ngo_survey.statistics.design.replicates import ReplicateDesign, given_replicates, replicate

__all__ = ["ReplicateDesign", "SurveyDesign", "given_replicates", "replicate"]
