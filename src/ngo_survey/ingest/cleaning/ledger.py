"""The ledger of cleaning: the answers as they stand, every change, every row set aside."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError, SurveyError
from ngo_survey.ingest.decode import Decoded


@dataclass
class Ledger:
    """Answers under way through the rules.

    Attributes
    ----------
    frame: text answers of the rows still kept; ``respondent`` and ``source_row`` come first.
    questions: the questionnaire.
    file: the export, as errors name it.
    rule: id of the rule that is at work; it is written beside whatever is changed or set aside.
    decoded: how the answers are read (:func:`.rules.reading`); None until somebody asks.
    """

    frame: pd.DataFrame
    questions: Questionnaire
    file: str
    rule: str = ""
    decoded: Decoded | None = None
    _changes: list[pd.DataFrame] = field(default_factory=list)
    _aside: list[pd.DataFrame] = field(default_factory=list)
    _raw: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        # Copies of pandas are written to when they change, not before.
        self._raw = self.frame.copy(deep=False)

    def change(self, variable: str, after: pd.Series, kind: str = "") -> None:
        """Set a column and log every cell that differs. Missing equals missing.

        ``kind`` tells apart what one rule does in several ways.
        """
        before = self.frame[variable]
        if after is not before:
            self.record(variable, before, after, kind)
            self.frame[variable] = after

    def record(self, variable: str, before: pd.Series, after: pd.Series, kind: str = "") -> None:
        """Log every cell that differs, of a variable that need not be in the frame."""
        same = (before == after) | (before.isna() & after.isna())
        rows = ~same.to_numpy(dtype=bool)
        if not rows.any():
            return
        self._changes.append(
            pd.DataFrame(
                {
                    "respondent": self.frame["respondent"][rows],
                    "source_row": self.frame["source_row"][rows],
                    "variable": variable,
                    "before": before[rows],
                    "after": after[rows],
                    "rule": "-".join(filter(None, [self.rule, kind])),
                }
            )
        )

    def set_aside(self, rows: pd.Series | NDArray[np.bool_], reason: str) -> None:
        """Move rows to quarantine with their raw answers."""
        mask = np.asarray(rows, dtype=bool)
        if mask.any():
            raw = self._raw.loc[self.frame.index[mask]]
            why = pd.DataFrame({"reason": reason, "rule": self.rule}, index=raw.index)
            self._aside.append(pd.concat([raw, why], axis=1))
            self.frame = self.frame[~mask]

    def refuse(self, rows: pd.Series, variable: str, problem: str, hint: str) -> SurveyError:
        """Return the error for the first of the rows at fault, counting the others."""
        place = int(np.asarray(rows, dtype=bool).argmax())
        count = int(np.asarray(rows, dtype=bool).sum())
        others = "" if count == 1 else f" (and {count - 1} more in this column)"
        return InputError(
            problem + others,
            file=self.file,
            row=int(self.frame["source_row"].iloc[place]),
            column=variable,
            value=self.frame[variable].iloc[place],
            hint=hint,
        )

    @property
    def changes(self) -> pd.DataFrame:
        """Every changed cell in the order of the rules."""
        columns = ["respondent", "source_row", "variable", "before", "after", "rule"]
        return pd.concat(
            [pd.DataFrame(columns=columns), *self._changes], ignore_index=True
        ) if self._changes else pd.DataFrame(columns=columns)  # fmt: skip

    @property
    def quarantine(self) -> pd.DataFrame:
        """Every row set aside: ``respondent``, ``source_row``, ``reason``, ``rule``, raw answers.

        Contact details stay in the raw file alone.
        """
        hidden = [q.name for q in self.questions if q.disclosure == "identifier"]
        kept = [c for c in self._raw.columns if c not in hidden]
        order = [*kept[:2], "reason", "rule", *kept[2:]]
        if not self._aside:
            return pd.DataFrame(columns=order)
        return pd.concat(self._aside).sort_values("source_row")[order]
