"""What the field corrected after a call back, kept as data: never by hand in the export."""

from __future__ import annotations

import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger

COLUMNS = ("respondent", "variable", "before", "after", "reason")
#: In place of a variable: the whole row is to be set aside.
WHOLE = "(row)"


def apply_corrections(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Apply the file of corrections: ``respondent, variable, before, after, reason``.

    A correction holds only while the export says what it said when it was written: ``before`` must
    agree. With ``(row)`` as variable the row is set aside for the reason given; of several rows
    under one number, the one that ``before`` names by its row in the export. Logs keep an answer
    there too, that for which the interview went: of a number with one row it says nothing.

    Raises
    ------
    InputError: an unknown respondent or variable, or an answer other than ``before``.
    """
    if inputs.corrections is None:
        return
    file = str(inputs.options.get("corrections", "corrections"))
    wanted = inputs.corrections
    ids = ledger.frame["respondent"]
    places = {number: rows.to_list() for number, rows in ids.groupby(ids).groups.items()}
    after = {name: ledger.frame[name].copy() for name in _variables(wanted, ledger, file)}
    for line, row in zip(range(2, len(wanted) + 2), wanted.itertuples(index=False), strict=True):
        if row.respondent not in places:
            raise InputError(
                "a correction is of nobody in the export",
                file=file,
                row=line,
                column="respondent",
                value=row.respondent,
                hint=nearest(str(row.respondent), map(str, places)),
            )
        if row.variable == WHOLE:
            left = [p for p in places[row.respondent] if p in ledger.frame.index]
            lines = ledger.frame.loc[left, "source_row"].astype(str)
            several = len(places[row.respondent]) > 1
            if several and pd.notna(row.before):
                lines = lines[lines == str(row.before)]
            # A log takes one interview out once for each answer that was wrong.
            if several and lines.empty:
                raise InputError(
                    "a correction takes out a row that is not in the export, or is taken out",
                    file=file,
                    row=line,
                    column="before",
                    value=row.before,
                    hint=f"leave it empty, or write the row of {row.respondent} in the export",
                )
            ledger.set_aside(ledger.frame.index.isin(lines.index), str(row.reason))
            continue
        column = after[row.variable]
        said = column.loc[[p for p in places[row.respondent] if p in ledger.frame.index]]
        fitting = said.index[[_same(v, row.before) for v in said]]
        if fitting.empty:
            found = said.iloc[0] if len(said) else None
            private = ledger.private(str(row.variable))
            has = "" if private else f" ({found!r})"
            raise InputError(
                f"a correction expects another answer than the export has{has}",
                file=file,
                row=line,
                column=str(row.variable),
                value=None if private else row.before,
                hint="look at the export again and correct `before`, or drop the correction"
                + ("; words and contact details are read where sources.keep names them" * private),
            )
        column[fitting] = None if pd.isna(row.after) else row.after
    for name, column in after.items():
        ledger.change(name, column.loc[ledger.frame.index])


def _variables(wanted: pd.DataFrame, ledger: Ledger, file: str) -> list[str]:
    for column in COLUMNS:
        if column not in wanted:
            raise InputError(
                "a column is missing", file=file, value=column, hint=", ".join(COLUMNS)
            )
    names = [n for n in dict.fromkeys(wanted["variable"]) if n != WHOLE]
    for name in names:
        if name not in ledger.frame:
            row = int((wanted["variable"] == name).to_numpy().argmax()) + 2
            raise InputError(
                "a correction is of no question",
                file=file,
                row=row,
                column="variable",
                value=name,
                hint=nearest(str(name), map(str, ledger.frame.columns)),
            )
    return names


def _same(found: object, expected: object) -> bool:
    if pd.isna(found) or pd.isna(expected):
        return bool(pd.isna(found) and pd.isna(expected))
    return str(found) == str(expected)
