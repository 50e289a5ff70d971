"""Models under a survey design: what makes a target audience grow or shrink.

The names are imported when they are used, so that reading a formula costs no scientific library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fit import (
        Fit,
        FitError,
        SeparatedError,
        glm,
        multinomial,
        ordinal,
        partial,
    )

__all__ = ["Fit", "FitError", "SeparatedError", "glm", "multinomial", "ordinal", "partial"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("ngo_survey.statistics.models.fit"), name)
