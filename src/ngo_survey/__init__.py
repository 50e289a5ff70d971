"""A survey as a program, and the library that it is made of: ``import ngo_survey as ns``.

Every name is imported when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ngo_survey.errors import SurveyError
    from ngo_survey.statistics.design import SurveyDesign, given_replicates, replicate
    from ngo_survey.statistics.library.estimates import (
        compare,
        contrast,
        crosstab,
        independence_test,
        mean,
        proportion,
        quantile,
        ratio,
        total,
    )
    from ngo_survey.statistics.library.models import glm, multinomial, ordinal
    from ngo_survey.statistics.library.plot import plot
    from ngo_survey.statistics.library.small_areas import fay_herriot, smoothed_variance
    from ngo_survey.statistics.streaming.design import ScannedDesign
    from ngo_survey.study.study import Study

__version__ = "0.1.0"

#: Where each public name is at home.
_HOMES = {
    "errors": ("SurveyError",),
    "statistics.design": ("SurveyDesign", "given_replicates", "replicate"),
    "statistics.library.estimates": (
        "compare",
        "contrast",
        "crosstab",
        "independence_test",
        "mean",
        "proportion",
        "quantile",
        "ratio",
        "total",
    ),
    "statistics.library.models": ("glm", "multinomial", "ordinal"),
    "statistics.library.plot": ("plot",),
    "statistics.library.small_areas": ("fay_herriot", "smoothed_variance"),
    "statistics.streaming.design": ("ScannedDesign",),
    "study.study": ("Study",),
}

__all__ = [
    "ScannedDesign",
    "Study",
    "SurveyDesign",
    "SurveyError",
    "compare",
    "contrast",
    "crosstab",
    "fay_herriot",
    "given_replicates",
    "glm",
    "independence_test",
    "mean",
    "multinomial",
    "ordinal",
    "plot",
    "proportion",
    "quantile",
    "ratio",
    "replicate",
    "smoothed_variance",
    "total",
]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
