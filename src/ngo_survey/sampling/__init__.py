"""Sampling: designs, weights, calibration and response rates."""

from ngo_survey.sampling.design import SurveyDesign

__all__ = ["SurveyDesign"]
