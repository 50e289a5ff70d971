"""Design-based estimates and tests: frames in, tidy frames out."""

from ngo_survey.estimation.crosstabs import crosstab, independence_test, means_test
from ngo_survey.estimation.means import mean, proportion, ratio, total
from ngo_survey.estimation.quantiles import quantile

__all__ = [
    "crosstab",
    "independence_test",
    "mean",
    "means_test",
    "proportion",
    "quantile",
    "ratio",
    "total",
]
