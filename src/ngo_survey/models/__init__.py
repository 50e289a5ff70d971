"""Models under a survey design: what makes a target audience grow or shrink."""

from ngo_survey.models.fit import Fit, FitError, SeparatedError, glm, multinomial, ordinal, partial

__all__ = ["Fit", "FitError", "SeparatedError", "glm", "multinomial", "ordinal", "partial"]
