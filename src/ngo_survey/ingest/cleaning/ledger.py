"""The ledger of cleaning: the answers as they stand, every change, every row set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError, SurveyError
from ngo_survey.ingest.cleaning.distinct_texts import DistinctTexts
from ngo_survey.ingest.decode import Decoded

#: What stands in place of an answer that may say who somebody is.
NOT_SHOWN = "(not shown)"


def _same_memory(one: pd.Series, other: pd.Series) -> bool:
    places = (c.to_numpy().__array_interface__["data"][0] for c in (one, other))
    return len(one) == len(other) and len(set(places)) == 1


@dataclass
class Ledger:
    """Answers under way through the rules.

    Attributes
    ----------
    frame: text answers of the rows still kept; ``respondent`` and ``source_row`` come first.
    questions: the questionnaire.
    file: the export, as errors name it.
    rule: id of the rule that is at work; it is written beside whatever is changed or set aside.
    decoded: how the answers are read (:func:`.reading_rules.reading`); None until somebody asks.
    """

    frame: pd.DataFrame
    questions: Questionnaire
    file: str
    rule: str = ""
    decoded: Decoded | None = None
    _changes: list[pd.DataFrame] = field(default_factory=list)
    _aside: list[pd.DataFrame] = field(default_factory=list)
    _raw: pd.DataFrame = field(init=False)
    _distinct: dict[str, tuple[pd.Series, DistinctTexts]] = field(default_factory=dict)

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
        differ = np.flatnonzero((before != after).to_numpy(dtype=bool))
        both_missing = before.iloc[differ].isna() & after.iloc[differ].isna()
        self._log(variable, differ[~both_missing.to_numpy()], before, after, kind)

    def distinct(self, variable: str) -> DistinctTexts:
        """Return the texts of a column: found once, and again only where the column is another."""
        column = self.frame[variable]
        known = self._distinct.get(variable)
        # A column that is held here is copied by pandas before anybody writes into it.
        if known is None or not _same_memory(known[0], column):
            known = column, DistinctTexts.of(column)
            self._distinct[variable] = known
        return known[1]

    def respell(
        self, variable: str, function: Callable[[str], object], logged: bool = True
    ) -> None:
        """Apply a function to each spelling of a column, and log every cell that it changes."""
        old = self.distinct(variable)
        new, rows = old.respelled([function(str(text)) for text in old.texts])
        if len(rows):
            before = self.frame[variable]
            after = new.column(before)
            if logged:
                self._log(variable, rows, before, after, "")
            self._put(variable, after, new)

    def _put(self, variable: str, column: pd.Series, spellings: DistinctTexts) -> None:
        self.frame[variable] = column
        self._distinct[variable] = self.frame[variable], spellings

    def blank(self, variable: str, rows: pd.Series, kind: str = "") -> None:
        """Take away the answers of some rows, and log those that were there."""
        old = self.distinct(variable)
        gone = rows.to_numpy(dtype=bool) & (old.codes >= 0)
        if gone.any():
            before = self.frame[variable]
            after = before.mask(gone)
            self._log(variable, np.flatnonzero(gone), before, after, kind)
            left = DistinctTexts(np.where(gone, old.codes.dtype.type(-1), old.codes), old.texts)
            self._put(variable, after, left.kept(np.ones(len(gone), dtype=bool)))

    def _log(
        self, variable: str, rows: NDArray[np.intp], before: pd.Series, after: pd.Series, kind: str
    ) -> None:
        """Write cells of one variable into the log: those at some places of the frame."""
        if not len(rows):
            return
        if self._disclosure(variable) == "identifier":
            before, after = (c.mask(c.notna(), NOT_SHOWN) for c in (before, after))
        self._changes.append(
            pd.DataFrame(
                {
                    "respondent": self.frame["respondent"].iloc[rows],
                    "source_row": self.frame["source_row"].iloc[rows],
                    "variable": variable,
                    "before": before.iloc[rows],
                    "after": after.iloc[rows],
                    "rule": "-".join(filter(None, [self.rule, kind])),
                }
            )
        )

    def set_aside(self, rows: pd.Series | NDArray[np.bool_], reason: str | pd.Series) -> None:
        """Move rows to quarantine with their raw answers, all for one reason or each for its own.

        Reasons of their own stand under the index of the frame.
        """
        mask = np.asarray(rows, dtype=bool)
        if mask.any():
            raw = self._raw.loc[self.frame.index[mask]]
            reason = reason if isinstance(reason, str) else reason[mask]
            why = pd.DataFrame({"reason": reason, "rule": self.rule}, index=raw.index)
            self._aside.append(pd.concat([raw, why], axis=1))
            known = {name: self.distinct(name) for name in self._distinct if name in self.frame}
            self.frame = self.frame[~mask]
            for name, spellings in known.items():
                self._distinct[name] = self.frame[name], spellings.kept(~mask)

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
            value=None if self.private(variable) else self.frame[variable].iloc[place],
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

        Contact details stay in the raw file alone, and so do words: that there were some is told.
        """
        hidden = [q.name for q in self.questions if q.disclosure == "identifier"]
        kept = [c for c in self._raw.columns if c not in hidden]
        order = [*kept[:2], "reason", "rule", *kept[2:]]
        if not self._aside:
            return pd.DataFrame(columns=order)
        aside = pd.concat(self._aside).sort_values("source_row")[order]
        for question in self.questions:
            if question.name in aside and question.private:
                aside[question.name] = aside[question.name].mask(
                    aside[question.name].notna(), NOT_SHOWN
                )
        return aside

    def private(self, variable: str) -> bool:
        """Say whether the answers to a question may say who somebody is."""
        return variable in self.questions and self.questions.question(variable).private

    def _disclosure(self, variable: str) -> str:
        known = variable in self.questions
        return self.questions.question(variable).disclosure if known else ""
