"""Estimates and tests of the library: those of :mod:`estimation`, as frames of results."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import ReplicateDesign, SurveyDesign
from ngo_survey.statistics.library.frame import ResultFrame, results
from ngo_survey.statistics.streaming import estimates as streaming
from ngo_survey.statistics.streaming.design import ScannedDesign

Given = ParamSpec("Given")
#: What has more than an estimate and its error, which is all that replicates give.
TESTS = (estimation.independence_test, estimation.contrast, estimation.compare)
#: What is made of sums of a file that is read by parts.
BY_PARTS: dict[Callable, Callable] = {
    estimation.mean: streaming.mean,
    estimation.proportion: streaming.proportion,
    estimation.total: streaming.total,
    estimation.ratio: streaming.ratio,
    estimation.crosstab: streaming.crosstab,
    estimation.independence_test: streaming.independence_test,
}


def _as_results(
    title: str,
) -> Callable[[Callable[Given, pd.DataFrame | pd.Series]], Callable[Given, ResultFrame]]:
    """Return what makes an estimator give a frame of results, with its arguments and its words.

    On a design with replicates the estimator is run on each of them.
    """

    def around(
        function: Callable[Given, pd.DataFrame | pd.Series],
    ) -> Callable[Given, ResultFrame]:
        @wraps(function)
        def made(*args: Given.args, **kwargs: Given.kwargs) -> ResultFrame:
            held = inspect.signature(function).bind(*args, **kwargs)
            held.apply_defaults()
            design, level = held.arguments["design"], held.arguments["level"]

            made_by = _by_parts(function) if isinstance(design, ScannedDesign) else function

            def of(one: SurveyDesign) -> pd.DataFrame:
                held.arguments["design"] = one
                found = made_by(*held.args, **held.kwargs)
                return found.to_frame().T.infer_objects() if isinstance(found, pd.Series) else found

            frame = design.estimate(of, level) if _replicated(design, function) else of(design)
            names = dict.fromkeys(frame["variable"]) if "variable" in frame else {}
            about = f" of {next(iter(names))}" if len(names) == 1 else ""
            return results(frame, f"{title}{about}, {100 * level:g} % limits")

        return made

    return around


def _by_parts(function: Callable) -> Callable:
    """Return an estimator of a file that is read by parts; refuse what needs all rows at once."""
    if function not in BY_PARTS:
        raise InputError(
            "this is not made of a file that is read by parts",
            value=function.__name__,
            hint=f"{', '.join(known.__name__ for known in BY_PARTS)} are; read the columns that "
            "it needs into a SurveyDesign for the rest",
        )
    return BY_PARTS[function]


def _replicated(design: object, function: Callable) -> bool:
    """Return whether a design has replicates; refuse what is no design, or has none for this."""
    if isinstance(design, SurveyDesign | ScannedDesign):
        return False
    if not isinstance(design, ReplicateDesign):
        raise InputError(
            "an estimate needs a design",
            value=type(design).__name__,
            hint='design = SurveyDesign(frame, weights="w"), then mean(design, "age")',
        )
    if function in TESTS:
        raise InputError(
            "a test is not made of replicates",
            value=function.__name__,
            hint="give it the design itself, which replicates hold as .design",
        )
    return True


mean = _as_results("Means")(estimation.mean)
total = _as_results("Totals")(estimation.total)
ratio = _as_results("Ratios")(estimation.ratio)
proportion = _as_results("Proportions")(estimation.proportion)
quantile = _as_results("Quantiles")(estimation.quantile)
crosstab = _as_results("Shares")(estimation.crosstab)
independence_test = _as_results("Tests of independence")(estimation.independence_test)
contrast = _as_results("Contrast of domains")(estimation.contrast)
compare = _as_results("Two domains compared")(estimation.compare)
