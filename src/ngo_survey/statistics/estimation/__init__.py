"""Design-based estimates and tests: frames in, tidy frames out."""

from ngo_survey.statistics.estimation.answers import (
    box,
    constant_sum,
    multiple_response,
    rank_shares,
)
from ngo_survey.statistics.estimation.compositions import composition_test
from ngo_survey.statistics.estimation.contrasts import between, compare, contrast, domain_covariance
from ngo_survey.statistics.estimation.crosstabs import crosstab, independence_test, means_test
from ngo_survey.statistics.estimation.families import adjust, gatekeep
from ngo_survey.statistics.estimation.many_answers import multiple_independence_test
from ngo_survey.statistics.estimation.means import mean, proportion, ratio, total
from ngo_survey.statistics.estimation.quantiles import quantile
from ngo_survey.statistics.estimation.ranks import rank_sets, ranking
from ngo_survey.statistics.estimation.reliability import reliability
from ngo_survey.statistics.estimation.sides import gaps, rank_correlation
from ngo_survey.statistics.estimation.trends import trend_test

__all__ = [
    "adjust",
    "between",
    "box",
    "compare",
    "composition_test",
    "constant_sum",
    "contrast",
    "crosstab",
    "domain_covariance",
    "gaps",
    "gatekeep",
    "independence_test",
    "mean",
    "means_test",
    "multiple_independence_test",
    "multiple_response",
    "proportion",
    "quantile",
    "rank_correlation",
    "rank_sets",
    "rank_shares",
    "ranking",
    "ratio",
    "reliability",
    "total",
    "trend_test",
]
