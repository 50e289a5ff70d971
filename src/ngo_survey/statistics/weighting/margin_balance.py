"""The sample held against the register, variable by variable, before and after weighting."""

from __future__ import annotations

import pandas as pd


def against_register(
    answered: pd.DataFrame, register: pd.DataFrame, cases: pd.DataFrame
) -> pd.DataFrame:
    """Return each variable of the register with its levels before and after weighting.

    ``answered`` are the sampled units that answered, ``cases`` their weights; columns are those of
    :attr:`ngo_survey.statistics.weighting.register.Weighting.margins`.
    """
    variables = [c for c in register.columns if c != "count"]
    by_id = cases.set_index("respondent").loc[answered["sample_id"]]
    frames = []
    for variable in variables:
        levels = register.groupby(variable)["count"].sum()
        level = answered[variable].to_numpy()
        n = pd.Series(1, index=level).groupby(level).sum().reindex(levels.index, fill_value=0)
        shares = {
            name: pd.Series(values.to_numpy(), index=level)
            .groupby(level)
            .sum()
            .reindex(levels.index, fill_value=0.0)
            / values.sum()
            for name, values in (
                ("base_weighted", by_id["base_weight"]),
                ("weighted", by_id["weight"]),
            )
        }
        frames.append(
            pd.DataFrame(
                {
                    "variable": variable,
                    "level": levels.index,
                    "register": (levels / levels.sum()).to_numpy(),
                    "n": n.to_numpy(),
                    "sample": (n / n.sum()).to_numpy(),
                    **{name: share.to_numpy() for name, share in shares.items()},
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def withhold_margins(margins: pd.DataFrame, threshold: int, minimum_base: int) -> pd.DataFrame:
    """Blank the counts and shares of respondents of a variable that has a level of few.

    Fewer than ``threshold`` in a level or outside it, or fewer than ``minimum_base`` in all; with
    one level gone the total would tell it, so that the whole variable goes. The tables take what is
    left as they are.
    """
    n = margins["n"].astype(float)
    base = n.groupby(margins["variable"]).transform("sum")
    few = ((n > 0) & (n < threshold)) | ((n < base) & (base - n < threshold))
    small = (few | (base < minimum_base)).groupby(margins["variable"]).transform("any")
    hidden = ["n", "sample", "base_weighted"]
    return margins.assign(**{c: margins[c].astype(float).mask(small) for c in hidden})
