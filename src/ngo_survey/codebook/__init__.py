"""The questionnaire: one XLSForm drives collection, reading, checking, labels and tables."""

from ngo_survey.codebook.model import Choice, Question, Questionnaire

__all__ = ["Choice", "Question", "Questionnaire"]
