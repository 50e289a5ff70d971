"""Model-based estimates of areas whose own samples are too small: direct figures in, EBLUPs out."""

from ngo_survey.statistics.small_areas.benchmarking import benchmark
from ngo_survey.statistics.small_areas.columns import official_column, register_column
from ngo_survey.statistics.small_areas.fay_herriot import AreaFit, fay_herriot
from ngo_survey.statistics.small_areas.variances import smoothed

__all__ = [
    "AreaFit",
    "benchmark",
    "fay_herriot",
    "official_column",
    "register_column",
    "smoothed",
]
