"""Sampling: designs, weights, calibration and response rates."""

from ngo_survey.sampling.design import SurveyDesign
from ngo_survey.sampling.replicates import ReplicateDesign, given_replicates, replicate

__all__ = ["ReplicateDesign", "SurveyDesign", "given_replicates", "replicate"]
