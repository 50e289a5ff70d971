"""The questionnaire: one XLSForm drives collection, reading, checking, labels and tables."""

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, Question

__all__ = ["Choice", "Question", "Questionnaire"]
