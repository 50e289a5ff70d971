"""Models that continue a series: a local level, and exponential smoothing.

Both are statsmodels' own; here the limits of short series are put right. The variance of the
errors is estimated from as many points as the series has, so the fan uses Student's t on what is
left after the estimated parameters instead of the normal quantile (``tests/test_trends_models.py``
measures the coverage).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.statistics import distributions

Floats = NDArray[np.float64]
#: Shares of the fans, in percent.
SHARES = (80, 95)


@dataclass(frozen=True)
class Projection:
    """A fitted model and what it says of the years ahead.

    Attributes
    ----------
    mean, se: (horizon,) forecasts and standard errors of a new figure.
    df: degrees of freedom of the limits.
    level, level_se: (n,) smoothed level under the figures; empty for exponential smoothing.
    parameters: as fitted, in units of the series.
    """

    mean: Floats
    se: Floats
    df: float
    level: Floats
    level_se: Floats
    parameters: Mapping[str, float]


def limits(mean: Floats, se: Floats, df: float, share: int) -> tuple[Floats, Floats]:
    """Return the limits that hold ``share`` percent."""
    half = float(distributions.t_quantile(0.5 + share / 200, df)) * se
    return mean - half, mean + half


def local_level(values: Floats, horizon: int) -> Projection | None:
    """Fit a level that walks at random under noise, by maximum likelihood with a diffuse start.

    Durbin & Koopman 2012, ch. 2; statsmodels ``UnobservedComponents``. None when the fit does not
    converge.
    """
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    scale = float(np.std(values))
    with warnings.catch_warnings():
        # What they warn of is asked of the fit below.
        warnings.simplefilter("ignore")
        model = UnobservedComponents(values / scale, level="local level")
        fit = model.fit(disp=0, maxiter=200)
        if not fit.mle_retvals["converged"]:
            # A variance near zero stops the gradient's line search; a simplex goes on.
            fit = model.fit(fit.params, method="nm", disp=0, maxiter=2000)
    if not fit.mle_retvals["converged"]:
        return None
    ahead = fit.get_forecast(horizon)
    noise, walk = np.asarray(fit.params) * scale**2
    return Projection(
        mean=np.asarray(ahead.predicted_mean) * scale,
        se=np.asarray(ahead.se_mean) * scale,
        df=len(values) - 2.0,
        level=np.asarray(fit.level.smoothed) * scale,
        level_se=np.sqrt(np.maximum(np.asarray(fit.level.smoothed_cov), 0.0)) * scale,
        parameters={"noise": float(noise), "walk": float(walk)},
    )


def exponential_smoothing(values: Floats, horizon: int) -> Projection | None:
    """Fit exponential smoothing with additive errors: no trend, a trend, or a damped one.

    The one of the least corrected AIC is taken (Hyndman, Koehler, Ord & Snyder 2008, ch. 2, 6 and
    7; statsmodels ``ETSModel``). None when no fit converges.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    scale = float(np.std(values))
    best: Any = None
    for trend, damped in ((None, False), ("add", False), ("add", True)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ETSModel(
                pd.Series(values / scale), error="add", trend=trend, damped_trend=damped
            )
            if len(values) - len(model.param_names) < 2:
                continue  # as many parameters as points
            fit = model.fit(disp=0, maxiter=2000)
        usable = fit.mle_retvals["converged"] and np.isfinite(fit.aicc)
        if usable and (best is None or fit.aicc < best.aicc):
            best = fit
    if best is None:
        return None
    n, parameters = len(values), dict(zip(best.param_names, map(float, best.params), strict=True))
    ahead = best.get_prediction(start=n, end=n + horizon - 1)
    df = float(n - len(parameters))
    se = np.sqrt(np.asarray(ahead.forecast_variance) * n / df) * scale
    states = ("initial_level", "initial_trend")
    return Projection(
        mean=np.asarray(ahead.predicted_mean) * scale,
        se=se,
        df=df,
        level=np.array([]),
        level_se=np.array([]),
        parameters={k: v * scale if k in states else v for k, v in parameters.items()},
    )


#: Models by the name that the configuration and the store give them.
MODELS: dict[str, Callable[[Floats, int], Projection | None]] = {
    "local_level": local_level,
    "ets": exponential_smoothing,
}
