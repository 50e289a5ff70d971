"""Answers that go together: shares of respondents who gave both of two answers, safe to release.

A pair is hidden unless each of the four groups that it parts the respondents into - both, the one
alone, the other alone, neither - has at least ``threshold`` respondents: the shares of the single
answers are released, and with them a pair would tell the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import nearest
from ngo_survey.store import FAMILIES

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.sampling import SurveyDesign
    from ngo_survey.study import Study

SHOWN, HIDDEN = "shown", "suppressed-primary"
#: Columns of an estimate that a hidden row leaves empty.
TOLD = ("n", "base", "weighted_base", "estimate", "se", "ci_low", "ci_high", "df", "deff",
        "n_effective")  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """One declared analysis: which answers are crossed, and whose share is told.

    Attributes
    ----------
    rows, columns: a question with many answers, or a battery; the same twice for its own pairs.
    categories: the answers to an item of a battery that count.
    of_rows: whether shares are of those who gave the answer of the row, not of all who were asked.
    """

    name: str
    population: str
    rows: str
    columns: str
    categories: tuple[str, ...] = ()
    of_rows: bool = False


def declared_pairs(study: Study) -> list[Pairs]:
    """Read ``compare.pairs``; raises :class:`ConfigError` for a group that does not exist."""
    found = []
    for name, entry in study.section("compare").get("pairs", {}).items():
        study.population(entry["population"])
        given = tuple(entry.get("categories", ()))
        columns = entry.get("with", entry["rows"])
        whole = entry.get("of", "all") == "rows"
        found.append(Pairs(name, entry["population"], entry["rows"], columns, given, whole))
    return found


def pairs(
    study: Study, spec: Pairs, design: SurveyDesign, book: Questionnaire, rules: Mapping[str, Any]
) -> pd.DataFrame:
    """Estimate the share of every pair; ``rules`` is the section ``disclosure``.

    Returns
    -------
    Rows of the family ``estimates``: ``item`` and ``category`` are the two answers.

    Raises
    ------
    ConfigError: a question has no such many answers.
    """
    import pandas as pd

    from ngo_survey.estimation.answers import multiple_response

    rows = _chosen(study, spec, spec.rows, design.frame, book)
    columns = _chosen(study, spec, spec.columns, design.frame, book)
    asked = rows.notna().all(axis=1) & columns.notna().all(axis=1)
    names = list(_names(spec, rows, columns))
    both = {f"{row}+{column}": (rows[row] * columns[column]).where(asked) for row, column in names}
    if spec.of_rows:
        # Who did not give the answer of the row is outside its base.
        both = {
            pair: both[pair].where(rows[row] == 1)
            for pair, (row, _) in zip(both, names, strict=True)
        }
    counted = copy(design)
    counted.frame = pd.DataFrame(both)
    made = []
    for pair, (row, column) in zip(both, names, strict=True):
        safe = _safe(rows.loc[asked, row], columns.loc[asked, column], rules)
        estimate = multiple_response(counted, [pair]).iloc[0].to_dict() if safe else {}
        made.append(_row(spec, row, column, estimate, safe))
    return pd.DataFrame(made).reindex(columns=list(FAMILIES["estimates"]))


def _names(spec: Pairs, rows: pd.DataFrame, columns: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield the pairs; of a question with itself each once."""
    for place, row in enumerate(rows):
        for column in list(columns)[place + 1 if spec.rows == spec.columns else 0 :]:
            yield str(row), str(column)


def _chosen(
    study: Study, spec: Pairs, name: str, frame: pd.DataFrame, book: Questionnaire
) -> pd.DataFrame:
    """Return 0/1 columns, one an answer or an item; NaN where it was not answered."""
    import pandas as pd

    if name in book and book.question(name).many:
        return book.indicator(frame, name).astype(float)
    if name in book.batteries:
        items = {}
        for question in book.battery(name):
            answers = frame[question.name]
            given = answers.isin(spec.categories).astype(float)
            items[question.item] = given.where(answers.notna())
        return pd.DataFrame(items)
    raise study.mistake(
        "this is no question with many answers, and no battery",
        f"compare.pairs.{spec.name}",
        name,
        nearest(name, [*book.questions, *book.batteries]),
    )


def _safe(first: pd.Series, second: pd.Series, rules: Mapping[str, Any]) -> bool:
    """Say whether all four groups, and all of them together, are large enough."""
    import numpy as np

    groups = 2 * first.to_numpy(dtype=int) + second.to_numpy(dtype=int)
    counts = np.bincount(groups, minlength=4)
    return bool(counts.min() >= rules["threshold"] and counts.sum() >= rules["minimum_base"])


def _row(
    spec: Pairs, row: str, column: str, estimate: Mapping[str, Any], safe: bool
) -> dict[str, Any]:
    told = {name: estimate.get(name) for name in TOLD if name in estimate} if safe else {}
    if safe:
        told["n"], told["base"] = estimate["count"], estimate["n"]
    return {
        "key": f"{spec.name}/{row}+{column}@total",
        "analysis": spec.name,
        "population": spec.population,
        "item": row,
        "category": column,
        "by": "",
        "by_level": "total",
        "statistic": "proportion",
        **told,
        "status": SHOWN if safe else HIDDEN,
    }
