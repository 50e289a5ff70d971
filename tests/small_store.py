"""A results store small enough to read, for tests of the report and reproduce rooms."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ngo_survey.results import store
from ngo_survey.results.store import Results

NAN = float("nan")


def estimate(
    analysis: str,
    category: str,
    value: float,
    *,
    by: str = "",
    level: str = "total",
    statistic: str = "proportion",
    item: str = "",
    se: float = 0.02,
    status: str = "shown",
    population: str = "ngo",
) -> dict[str, object]:
    """Return one row of the family ``estimates`` with limits two standard errors away."""
    member = ".".join(part for part in (item, category) if part)
    if statistic != "proportion" and not (item and statistic == "mean"):
        member = ".".join(part for part in (member, statistic) if part)
    hidden = status != "shown"
    return {
        "key": f"{analysis}/{member}@{level}",
        "analysis": analysis,
        "population": population,
        "item": item,
        "category": category,
        "by": by,
        "by_level": level,
        "statistic": statistic,
        "n": NAN if hidden else 120.0,
        "base": 400.0,
        "estimate": NAN if hidden else value,
        "se": NAN if hidden else se,
        "ci_low": NAN if hidden else value - 2 * se,
        "ci_high": NAN if hidden else value + 2 * se,
        "df": 380.0,
        "deff": NAN if hidden else 1.1,
        "status": status,
    }


def small_store(folder: Path) -> Results:
    """Write the store and open it."""
    files = {
        "barriers": [
            estimate("barriers", "funding", 0.624),
            estimate("barriers", "law", 0.31),
            estimate("barriers", "reporting", 0.455),
            estimate("barriers", "infrastructure", 0.02, status="suppressed"),
            estimate("barriers", "none", 0.07),
        ],
        "gov_barriers": [
            estimate("gov_barriers", "funding", 0.40, population="government"),
            estimate("gov_barriers", "reporting", 0.44, population="government"),
            estimate("gov_barriers", "law", 0.30, population="government"),
        ],
        "trust": [
            estimate("trust", "", 3.42, item="akimat", statistic="mean", se=0.03),
            estimate("trust", "", 3.05, item="justice", statistic="mean", se=0.03),
        ],
        "cooperation": [
            estimate("cooperation", "occasional", 0.8, item="justice"),
            estimate("cooperation", "occasional", 0.5, item="akimat"),
            estimate("cooperation", "regular", 0.3, item="akimat"),
            estimate("cooperation", "regular", 0.1, item="justice"),
        ],
        "audience_change_by_settlement": [
            estimate("audience_change_by_settlement", "grew", 0.3, by="settlement", level="village")
        ],
    }
    for name, rows in files.items():
        store.write(pd.DataFrame(rows), "estimates", folder / "estimates" / f"{name}.csv")
    tests = [
        {"key": "test/a/rao_scott", "analysis": "audience_change_by_settlement", "p": 0.2},
        {"key": "test/b/rao_scott", "analysis": "b", "p": 0.01, "p_adjusted": 0.02},
        {"key": "test/c/rao_scott", "analysis": "c", "p": 0.01, "p_adjusted": 0.30},
    ]
    store.write(pd.DataFrame(tests), "tests", folder / "tests" / "all.csv")
    law = {
        "key": "official/laws/36-III",
        "dataset": "laws",
        "id": "36-III",
        "label": "On <b>State</b> Social Order, Article 5",
        "year": "2005",
        "source": "https://adilet.zan.kz/eng/docs/Z050000036_ ; a printed book",
        "certainty": "page",
    }
    store.write(pd.DataFrame([law]), "official", folder / "official" / "laws.csv")
    flow = [
        {"key": "flow/ngo/read", "population": "ngo", "stage": "read", "count": 1240},
        {"key": "flow/ngo/complete", "population": "ngo", "stage": "complete", "count": 1187},
    ]
    store.write(pd.DataFrame(flow), "flow", folder / "flow" / "ngo.csv")
    changes = {
        "key": "changes/ngo/alias@barriers",
        "population": "ngo",
        "rule": "alias",
        "variable": "barriers",
        "cells": 17,
    }
    store.write(pd.DataFrame([changes]), "changes", folder / "changes" / "ngo.csv")
    effects = [
        {"key": f"model/m/effect/{term}@grew", "model": "m", "term": term, "outcome": "grew"}
        | {"estimate": value, "se": 0.03, "ci_low": value - 0.06, "ci_high": value + 0.06}
        for term, value in (("up", 0.084), ("down", -0.11), ("flat", 0.02))
    ]
    store.write(pd.DataFrame(effects), "effects", folder / "effects" / "m.csv")
    return Results.load(folder)
