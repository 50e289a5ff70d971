"""Small areas of the library: a model that prints its estimates, and frames of results of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ngo_survey.statistics import small_areas
from ngo_survey.statistics.library.frame import ResultFrame, results
from ngo_survey.statistics.small_areas.benchmarking import Kind
from ngo_survey.statistics.small_areas.fay_herriot import AreaFit, Method

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class AreaModel(AreaFit):
    """A fitted model of areas: what :class:`AreaFit` holds, and frames of results made of it."""

    def __repr__(self) -> str:
        return repr(self.estimates())

    def _repr_html_(self) -> str:
        return self.estimates()._repr_html_()

    def estimates(self, level: float = 0.95) -> ResultFrame:
        """Model-based estimates of every area: see :meth:`AreaFit.estimates`."""
        return results(super().estimates(level), self._title(level))

    def summary(self, level: float = 0.95) -> ResultFrame:
        """Return the coefficients of the auxiliary columns, on the scale of the model.

        Columns ``term, estimate, se, statistic, df, p, ci_low, ci_high``.
        """
        named = f"{self._title(level)}, variance between areas {self.variance:.4g}"
        return results(self.coefficients(level), named)

    def benchmark(
        self,
        weights: pd.Series,
        target: float,
        method: Kind = "difference",
        level: float = 0.95,
    ) -> ResultFrame:
        """Estimates that add up to that of the whole: see :func:`benchmarking.benchmark`."""
        shares = self.scale == "arcsine"
        made = small_areas.benchmark(self.estimates(level), weights, target, method, shares)
        return results(made, f"{self._title(level)}, benchmarked to {target:.4g}")

    def plot(self, ax: Axes | None = None, level: float = 0.95) -> Axes:
        """Draw the estimates with their limits."""
        return self.estimates(level).plot(ax)

    def _title(self, level: float) -> str:
        kind = f"Fay-Herriot, {self.method}" + (", arcsine" if self.scale == "arcsine" else "")
        sampled = int(self.areas.sampled.sum())
        return f"Model-based estimates ({kind}), {sampled} areas sampled, {100 * level:g} % limits"


def fay_herriot(
    direct: pd.Series,
    variance: pd.Series | None = None,
    X: pd.DataFrame | pd.Series | None = None,
    *,
    effective_size: pd.Series | None = None,
    method: Method = "reml",
) -> AreaModel:
    """Fit the area-level model of Fay and Herriot: see :func:`small_areas.fay_herriot`.

    Parameters
    ----------
    direct, variance: direct estimates and their sampling variances, by area (the index).
    X: auxiliary columns by area; areas that it has and ``direct`` has not are estimated too.
    effective_size: in place of ``variance``, of shares: respondents over the design effect.
    method: ``reml``, ``ml``, ``moments`` or ``adjusted``.

    Raises
    ------
    InputError: as :func:`small_areas.fay_herriot`.
    """
    fit = small_areas.fay_herriot(direct, variance, X, effective_size=effective_size, method=method)
    return AreaModel(**vars(fit))


def smoothed_variance(
    variance: pd.Series, size: pd.Series, predictors: pd.DataFrame | None = None
) -> pd.Series:
    """Sampling variances smoothed by a variance function: see :func:`variances.smoothed`."""
    return small_areas.smoothed(variance, size, predictors)
