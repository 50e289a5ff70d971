"""What goes wrong in the field, planted at known rates.

Each fault is a function of the answers (text), its rate and a random stream. Faults never touch a
key: who answered stays known.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.expressions import parse_rule

Rates = Mapping[str, Any]
Rng = np.random.Generator


def _some(rows: pd.Index, rate: float, rng: np.random.Generator) -> pd.Index:
    return rows[rng.random(len(rows)) < rate]


def leave_out(
    frame: pd.DataFrame, questions: Questionnaire, rates: Rates, rng: np.random.Generator
) -> pd.DataFrame:
    """Leave answers out (item nonresponse); a constant sum is left out as a whole."""
    frame = frame.copy()
    batteries_done = set()
    keep = set(rates.get("never", []))
    for question in questions:
        if question.disclosure != "open" or question.name in keep or question.role == "consent":
            continue
        group = [question.name]
        if question.form in {"constant_sum", "rank"}:
            if question.battery in batteries_done:
                continue
            batteries_done.add(question.battery)
            group = [q.name for q in questions.battery(question.battery)]
        rate = float(
            rates.get("rates", {}).get(question.battery or question.name, rates["default"])
        )
        frame.loc[_some(frame.index, rate, rng), group] = None
    return frame


def skip(frame: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Blank what the form's skip rules do not ask."""
    frame = frame.copy()
    for question in questions:
        if question.relevant and question.name in frame:
            asked = parse_rule(question.relevant, questions, question.name).evaluate(frame)
            frame[question.name] = frame[question.name].where(asked.fillna(True).astype(bool))
    return frame


@dataclass
class AnswersWithFaults:
    """Answers with faults planted, and the key to them.

    Attributes
    ----------
    frame: text answers; its index names the interview.
    key: ``interview``, ``variable``, ``fault``, ``clean`` and ``planted`` value of each cell.
    """

    frame: pd.DataFrame
    key: list[dict[str, object]] = field(default_factory=list)

    def plant(self, fault: str, after: pd.DataFrame) -> None:
        """Take over what a fault changed, and note it; a cell that is faulty already stays."""
        for variable in after.columns:
            before, now = self.frame[variable], after[variable]
            changed = ~((before == now) | (before.isna() & now.isna()))
            taken = {(k["interview"], k["variable"]) for k in self.key}
            for row in before.index[changed]:
                if (row, variable) in taken:
                    continue
                self.key.append(
                    {
                        "interview": row,
                        "variable": variable,
                        "fault": fault,
                        "clean": before[row],
                        "planted": now[row],
                    }
                )
                self.frame.at[row, variable] = now[row]


def plant_faults(
    frame: pd.DataFrame, questions: Questionnaire, rates: Rates, rng: np.random.Generator
) -> AnswersWithFaults:
    """Plant the faults that ``rates`` declares, each at its rate."""
    faulty = AnswersWithFaults(frame.copy())
    for fault, plant in FAULTS.items():
        for variable, given in rates.get(fault, {}).items():
            faulty.plant(fault, plant(faulty.frame, questions, variable, given, rng))
    return faulty


def _spelling(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    column = frame[[variable]].copy()
    for row in _some(frame.index, float(given["rate"]), rng):
        known = given["as"].get(frame.at[row, variable])
        if known:
            column.at[row, variable] = known[int(rng.random() * len(known))]
    return column


def _label(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Write the label, in Russian or Kazakh, in place of the name."""
    column = frame[[variable]].copy()
    for row in _some(frame.index[frame[variable].notna()], float(given), rng):
        language = ("ru", "kk")[int(rng.random() * 2)]
        name = frame.at[row, variable]
        # A cell that is faulty already has no choice to label; it stays as it is.
        if name in questions.question(variable).choice_names:
            column.at[row, variable] = questions.choice_label(variable, name, language)
    return column


def _lookalike(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Type a label with Latin letters among the Cyrillic ones."""
    column = _label(frame, questions, variable, given, rng)
    alike = str.maketrans("асеорх", "aceopx")
    changed = column[variable] != frame[variable]
    column.loc[changed, variable] = column.loc[changed, variable].str.translate(alike)
    return column


def _decomposed(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Write letters and their marks apart, as some phones do."""
    column = _label(frame, questions, variable, given, rng)
    changed = column[variable] != frame[variable]
    apart = column.loc[changed, variable].map(lambda v: unicodedata.normalize("NFD", v))
    column.loc[changed, variable] = apart
    return column


def _space(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    column = frame[[variable]].copy()
    rows = _some(frame.index[frame[variable].notna()], float(given), rng)
    column.loc[rows, variable] = "  " + frame.loc[rows, variable].astype(str) + "\u00a0"
    return column


def _thousands(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Part thousands by a space that does not break."""
    column = frame[[variable]].copy()
    large = frame.index[pd.to_numeric(frame[variable]) >= 1000]
    for row in _some(large, float(given), rng):
        column.at[row, variable] = f"{int(frame.at[row, variable]):,}".replace(",", "\u00a0")
    return column


def _decimal(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Write a whole number as a spreadsheet does that thinks in decimals."""
    column = frame[[variable]].copy()
    rows = _some(frame.index[frame[variable].notna()], float(given), rng)
    column.loc[rows, variable] = frame.loc[rows, variable] + ",0"
    return column


def _sum(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Miss a hundred by a little, or by much."""
    items = [q.name for q in questions.battery(variable)]
    parts = frame[items].copy()
    full = frame.index[frame[items].notna().all(axis=1)]
    for row in _some(full, float(given), rng):
        largest = max(items, key=lambda i, row=row: int(frame.at[row, i]))  # type: ignore[misc]
        error = (-20, -5, -1, 1, 5)[int(rng.random() * 5)]
        parts.at[row, largest] = str(max(0, int(frame.at[row, largest]) + error))
    return parts


def _skipped(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Answer a question that was not asked."""
    column = frame[[variable]].copy()
    rule = parse_rule(questions.question(variable).relevant or "true()", questions, variable)
    asked = rule.evaluate(frame).fillna(True).astype(bool)
    empty = frame.index[frame[variable].isna() & (frame["consent"] == "yes") & ~asked]
    column.loc[_some(empty, float(given["rate"]), rng), variable] = given["value"]
    return column


def _none_too(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Choose "none" and something as well."""
    column = frame[[variable]].copy()
    rows = frame.index[frame[variable].notna() & (frame[variable] != "none")]
    rows = _some(rows, float(given), rng)
    column.loc[rows, variable] = frame.loc[rows, variable] + " none"
    return column


def _twice(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Give a choice a second time that was given to the question ``of``."""
    column = frame[[variable]].copy()
    both = frame.index[frame[variable].notna() & frame[given["of"]].notna()]
    rows = _some(both, float(given["rate"]), rng)
    column.loc[rows, variable] = frame.loc[rows, given["of"]]
    return column


def _wild(
    frame: pd.DataFrame, questions: Questionnaire, variable: str, given: Any, rng: Rng
) -> pd.DataFrame:
    """Give a number that cannot be."""
    column = frame[[variable]].copy()
    rows = _some(frame.index[frame[variable].notna()], float(given["rate"]), rng)
    column.loc[rows, variable] = str(given["value"])
    return column


#: Faults of cells by the name they have in the truth file, in the order they are planted.
FAULTS: dict[str, Callable[..., pd.DataFrame]] = {
    "spellings": _spelling,
    "labels": _label,
    "lookalikes": _lookalike,
    "decomposed": _decomposed,
    "spaces": _space,
    "thousands": _thousands,
    "decimals": _decimal,
    "sums": _sum,
    "skipped": _skipped,
    "none_too": _none_too,
    "twice": _twice,
    "wild": _wild,
}


def straighten(
    frame: pd.DataFrame, questions: Questionnaire, rate: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[object]]:
    """Let some give one answer to every item of every rating; returns who did."""
    made = frame.copy()
    rows = list(_some(frame.index, rate, rng))
    batteries = [
        [q.name for q in questions.battery(b)]
        for b in questions.batteries
        if questions.battery(b)[0].form in ("rating", "scale", "single")
    ]
    for row in rows:
        for names in batteries:
            choices = questions.question(names[0]).choice_names
            made.loc[row, names] = choices[int(rng.random() * min(len(choices), 5))]
    return made, rows
