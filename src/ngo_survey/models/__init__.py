"""Models under a survey design: what makes a target audience grow or shrink."""

from ngo_survey.models.fit import Fit, FitError, glm, ordinal

__all__ = ["Fit", "FitError", "glm", "ordinal"]
