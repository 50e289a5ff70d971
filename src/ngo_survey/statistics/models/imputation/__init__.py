"""Missing answers: multiple imputation that knows the design, and one answer from many."""

from ngo_survey.statistics.models.imputation.chain import Imputation, impute
from ngo_survey.statistics.models.imputation.pooling import Pooled, imputations_needed, pool

__all__ = ["Imputation", "Pooled", "imputations_needed", "impute", "pool"]
