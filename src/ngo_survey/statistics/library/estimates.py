"""Estimates and tests of the library: those of :mod:`estimation`, as frames of results."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.library.frame import ResultFrame, results

Given = ParamSpec("Given")


def _as_results(
    title: str,
) -> Callable[[Callable[Given, pd.DataFrame | pd.Series]], Callable[Given, ResultFrame]]:
    """Return what makes an estimator give a frame of results, with its arguments and its words."""

    def around(
        function: Callable[Given, pd.DataFrame | pd.Series],
    ) -> Callable[Given, ResultFrame]:
        @wraps(function)
        def made(*args: Given.args, **kwargs: Given.kwargs) -> ResultFrame:
            design = args[0] if args else kwargs.get("design")
            if not isinstance(design, SurveyDesign):
                raise InputError(
                    "an estimate needs a design",
                    value=type(design).__name__,
                    hint='design = SurveyDesign(frame, weights="w"), then mean(design, "age")',
                )
            found = function(*args, **kwargs)
            frame = found.to_frame().T.infer_objects() if isinstance(found, pd.Series) else found
            held = inspect.signature(function).bind(*args, **kwargs)
            held.apply_defaults()
            names = dict.fromkeys(frame["variable"]) if "variable" in frame else {}
            of = f" of {next(iter(names))}" if len(names) == 1 else ""
            return results(frame, f"{title}{of}, {100 * held.arguments['level']:g} % limits")

        return made

    return around


mean = _as_results("Means")(estimation.mean)
total = _as_results("Totals")(estimation.total)
ratio = _as_results("Ratios")(estimation.ratio)
proportion = _as_results("Proportions")(estimation.proportion)
quantile = _as_results("Quantiles")(estimation.quantile)
crosstab = _as_results("Shares")(estimation.crosstab)
independence_test = _as_results("Tests of independence")(estimation.independence_test)
contrast = _as_results("Contrast of domains")(estimation.contrast)
compare = _as_results("Two domains compared")(estimation.compare)
