"""How well a model would have continued a series: rolling origin, against no change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.statistics.trends.smoothing import MODELS, SHARES, Floats, limits

COLUMNS = [
    *("model", "steps", "origins", "mase", "mase_naive", "smape", "smape_naive"),
    *(f"coverage{share}" for share in SHARES),
]


def backtest(values: Floats, model: str, horizon: int, first_origin: int) -> pd.DataFrame:
    """Continue a series from each of its years as if what followed were not known.

    From ``first_origin`` points on, each start of the series is fitted anew and held against what
    came (rolling origin: Tashman 2000, Int. J. Forecasting 16, 437-450).

    Returns
    -------
    One row a step ahead: ``origins`` that reach it; ``mase``, the mean absolute error over that of
    no change within the start (Hyndman & Koehler 2006, Int. J. Forecasting 22, 679-688); ``smape``
    in percent of the mean of figure and forecast; both also for the naive forecast, the last
    figure; ``coverage80`` and ``coverage95``, the shares of figures within the fans. No row for a
    step that no origin reaches; an origin whose fit does not converge does not count.
    """
    found: list[dict[str, float]] = []
    for origin in range(first_origin, len(values)):
        known, after = values[:origin], values[origin : origin + horizon]
        scale = float(np.abs(np.diff(known)).mean())
        made = MODELS[model](known, len(after)) if scale > 0 else None
        if made is None:
            continue
        fans = {share: limits(made.mean, made.se, made.df, share) for share in SHARES}
        for place, truth in enumerate(after):
            row = {"steps": place + 1.0}
            for name, forecast in (("", made.mean[place]), ("_naive", known[-1])):
                error = abs(truth - forecast)
                size = (abs(truth) + abs(forecast)) / 2
                row[f"mase{name}"] = error / scale
                row[f"smape{name}"] = 100 * error / size if size > 0 else 0.0
            for share, (low, high) in fans.items():
                row[f"coverage{share}"] = float(low[place] <= truth <= high[place])
            found.append(row)
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    rows = pd.DataFrame(found)
    steps = rows.groupby("steps")
    made_of = steps.mean().assign(origins=steps.size(), model=model).reset_index()
    return made_of[COLUMNS]
