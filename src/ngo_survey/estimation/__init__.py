"""Design-based estimates and tests: frames in, tidy frames out."""

from ngo_survey.estimation.contrasts import between, compare, contrast, domain_covariance
from ngo_survey.estimation.crosstabs import crosstab, independence_test, means_test
from ngo_survey.estimation.families import adjust
from ngo_survey.estimation.means import mean, proportion, ratio, total
from ngo_survey.estimation.multiple_response import multiple_independence_test
from ngo_survey.estimation.quantiles import quantile
from ngo_survey.estimation.trends import trend_test

__all__ = [
    "adjust",
    "between",
    "compare",
    "contrast",
    "crosstab",
    "domain_covariance",
    "independence_test",
    "mean",
    "means_test",
    "multiple_independence_test",
    "proportion",
    "quantile",
    "ratio",
    "total",
    "trend_test",
]
