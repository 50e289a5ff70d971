"""The simulated register and the sample drawn from it, with who answered."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.simulate import draws

Truth = Mapping[str, Any]


def make_register(truth: Truth) -> pd.DataFrame:
    """Return counts of the population: one row a cell of the declared variables, and ``count``.

    Shares of later variables may depend on the first: ``{level: {...}}`` under ``by``, else
    ``default``. Cells with no share are left out; every other cell has at least one unit.
    """
    names = list(truth["variables"])
    cells = []
    for first, share in truth["variables"][names[0]].items():
        tables = [_shares(truth["variables"][name], first) for name in names[1:]]
        for rest in product(*(t.items() for t in tables)):
            weight = share * float(np.prod([w for _, w in rest])) if rest else share
            if weight > 0:
                cells.append(([first, *(level for level, _ in rest)], weight))
    counts = draws.allocate(
        np.array([w for _, w in cells]), int(truth["total"]), int(truth.get("minimum", 1))
    )
    frame = pd.DataFrame([levels for levels, _ in cells], columns=names)
    return frame.assign(count=counts)


def _shares(given: Truth, first: str) -> Mapping[str, float]:
    return given.get("by", {}).get(first, given["default"])


def draw_sample(
    register: pd.DataFrame, truth: Truth, prefix: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the invited units by stratum and decide who answers.

    Returns ``sample_id``, the variables of the register and ``disposition``.
    """
    names = [c for c in register.columns if c != "count"]
    merge = {
        variable: {old: new for new, olds in groups.items() for old in olds}
        for variable, groups in truth.get("merge", {}).items()
    }
    strata = register[truth["strata"]].copy()
    for variable, codes in merge.items():
        strata[variable] = strata[variable].replace(codes)
    label = strata.agg("|".join, axis=1)
    size = register.groupby(label, sort=False)["count"].sum()
    minimum = np.minimum(int(truth["minimum"]), size.to_numpy())
    certain = size.index.isin(truth.get("census", []))
    minimum = np.where(certain, size.to_numpy(), minimum)
    shares = np.where(certain, 1e-9, size.to_numpy(dtype=float))
    invited = np.minimum(draws.allocate(shares, int(truth["invited"]), minimum), size.to_numpy())
    chosen = []
    for stratum, n in zip(size.index, invited, strict=True):
        rows = register.index[label == stratum]
        units = np.repeat(rows.to_numpy(), register.loc[rows, "count"])
        order = np.argsort(rng.random(len(units)), kind="stable")
        chosen.append(np.sort(units[order[:n]]))
    sample = register.loc[np.concatenate(chosen), names].reset_index(drop=True)
    sample["disposition"] = _dispositions(sample, truth["response"], rng)
    sample.insert(0, "sample_id", [f"{prefix}{i:05d}" for i in range(1, len(sample) + 1)])
    return sample


def _dispositions(sample: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> list[str]:
    odds = np.full(len(sample), float(truth["base"]))
    for variable, shifts in truth.get("shift", {}).items():
        odds += sample[variable].map(shifts).fillna(0.0).to_numpy(dtype=float)
    answers = rng.random(len(sample)) < draws.expit(odds)
    others = list(truth["otherwise"])
    weights = np.tile(
        np.array([truth["otherwise"][o] for o in others], dtype=float), (len(sample), 1)
    )
    otherwise = np.array(others, dtype=object)[draws.categories(rng, weights)]
    return list(np.where(answers, "complete", otherwise))
