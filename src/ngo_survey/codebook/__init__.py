"""The questionnaire: one XLSForm drives collection, reading, checking, labels and tables."""

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, LeftOut, Question

__all__ = ["Choice", "LeftOut", "Question", "Questionnaire"]
