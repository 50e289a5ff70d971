"""Response rates as they may leave: made of dispositions that are rounded.

How many were invited is known, and how many of them answered. A rate with three digits then says of
every disposition how many units have it, however that count is rounded beside it: of 320 invited
one more who refused is 0.3 points. So rates are made anew of the counts as they are printed, where
every reader can follow them, and the share of eligible units with them. Rates with base weights
cannot be; they are multiples of a step that is worth the threshold.

Source: Hundepool et al. 2012, Statistical Disclosure Control, sec. 5.4: what is derived from a
rounded table is derived from its rounded counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.disclosure.rounding_steps import Rounding, step_above, to_count, to_step
from ngo_survey.statistics.weighting.register import PROPORTIONAL
from ngo_survey.statistics.weighting.response_rates import DISPOSITIONS, UNKNOWN, response_rates

#: What stands before the name of a disposition, and behind that of a rate with base weights.
COUNTED, WEIGHTED = "disposition_", "_weighted"


def response(rates: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """Return the rows of the family ``rates`` with response rates of rounded dispositions.

    ``rates`` has ``population``, ``name``, ``value`` and ``note``, its counts not yet rounded; rows
    that are neither a response rate nor a count of dispositions come back as they are.
    """
    made = rates.copy()
    for _, rows in rates.groupby("population", sort=False).groups.items():
        own = rates.loc[rows]
        counted = own["name"].str.startswith(COUNTED)
        if counted.any():
            made.loc[rows, "value"] = _of_one(own, counted.to_numpy(), rounding)
    return made


def _of_one(rates: pd.DataFrame, counted: np.ndarray, rounding: Rounding) -> pd.Series:
    """Return the values of the rates of one group of respondents."""
    value = rates.set_index("name")["value"].astype(float)
    names = value.index[counted]
    invited = float(value[names].sum())
    value[names] = to_count(value[names].to_numpy(), rounding)
    counts = value[names].rename(lambda name: name.removeprefix(COUNTED))
    declared = rates.set_index("name")["note"].get("eligible_share", "") != PROPORTIONAL
    share = float(value.get("eligible_share", 1.0)) if declared else _eligible(counts)
    if not declared:
        value["eligible_share"] = share
    answered = counts.get("complete", 0.0) + counts.get("partial", 0.0)
    # Of so few that they are rounded to none there is no rate.
    anew = response_rates(counts, share) if answered else {}
    for name in value.index:
        plain = name.removesuffix(WEIGHTED)
        if plain != name:
            step = step_above(np.array([rounding.count / invited]))
            value[name] = to_step(np.array([value[name]]), step)[0]
        elif name in _RATES:
            value[name] = anew.get(name, np.nan)
    return value.set_axis(rates.index)


def _eligible(counts: pd.Series) -> float:
    """Return the share of eligible units among those whose eligibility is known."""
    known = float(counts.drop(list(UNKNOWN), errors="ignore").sum())
    return 1.0 - float(counts.get("ineligible", 0.0)) / known if known else 1.0


_RATES = frozenset(response_rates(dict.fromkeys(DISPOSITIONS, 1.0), 1.0))
