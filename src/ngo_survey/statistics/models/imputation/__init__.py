"""Missing answers: multiple imputation that knows the design, and one answer from many."""

from ngo_survey.statistics.models.imputation.chain import Imputation, impute
from ngo_survey.statistics.models.imputation.pooling import Pooled, needed, pool

__all__ = ["Imputation", "Pooled", "impute", "needed", "pool"]
