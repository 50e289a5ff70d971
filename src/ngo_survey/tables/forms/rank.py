"""Ranked choices: who puts what first and among the first three, mean rank and Borda's points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Combination, Estimand, Member
from ngo_survey.tables.forms.single import dummies

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec


def rank(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Estimand]:
    """Estimands of the first R of k choices; the base named a first choice.

    ``borda``: mean of R points for the first place, R - 1 for the second..., none for a choice that
    is not ranked, over R (Borda 1781; 0 to 1). ``mean_rank``: choices that a respondent did not
    rank share the mean of the places left, as tied ranks do (Marden 1995, sec. 11.1). Both tell,
    with the shares, how many put a choice second: they stand in the total column, unless the table
    asks for them by name.
    """
    question = codebook.questions[spec.variables[0]]
    categories = [str(c) for c in question.choice_names]
    places = [dummies(frame[variable], categories) for variable in spec.variables]
    answered = places[0][1]
    k, depth = len(categories), len(places)
    named = np.stack([np.where(answered[:, None], columns, np.int8(0)) for columns, _ in places])
    ranked = named.any(axis=2).sum(axis=0)
    among = named[:3].max(axis=0)
    points = np.einsum("rnk,r->nk", named, np.arange(depth, 0, -1.0)) / depth
    # The mean of the places that a respondent left, e.g. 4 to k when three are ranked.
    left = ((ranked + 1 + k) / 2)[:, None]
    ranks = np.einsum("rnk,r->nk", named, np.arange(1.0, depth + 1)) + left * (
        1 - named.sum(axis=0)
    )
    later = [
        Member("", category, f"place_{place}")
        for place in range(2, depth + 1)
        for category in categories
    ]
    one, none = np.eye(k), np.zeros(k)
    steps = np.arange(depth - 1, 0, -1.0)
    three = [float(place <= 3) for place in range(2, depth + 1)]
    in_three = Combination(
        (("first", one), ("later", np.vstack([s * one for s in three] or [one[:0]]))), none
    )
    borda = Combination(
        (("first", one), ("later", np.vstack([s / depth * one for s in steps] or [one[:0]]))), none
    )
    base = spec.variables[0]

    def named_by(statistic: str) -> tuple[Member, ...]:
        return tuple(Member("", category, statistic) for category in categories)

    found = [
        Estimand(
            base, named[0], answered, named_by("first"), "share", partition=True, name="first"
        ),
        Estimand(base, among, answered, named_by("top_three"), "share", made_of=in_three),
        Estimand(base, points, answered, named_by("borda"), "mean", False, "total", made_of=borda),
        Estimand(base, ranks, answered, named_by("mean_rank"), "mean", columns="total"),
    ]
    if later:
        values = named[1:].transpose(1, 0, 2).reshape(len(frame), -1)
        found.append(
            Estimand(base, values, answered, tuple(later), "share", columns="total", name="later")
        )
    return found
