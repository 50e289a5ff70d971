"""Which columns hold the design: number of the respondent, weight, stratum, sampling unit.

Told by what a column is called and by what it holds; a person may name them instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from ngo_survey.ingest.dates import FORMATS, ISO, readings
from ngo_survey.ingest.table import ExportTable
from ngo_survey.workflow.new_study.given_answers import NOTHING, GivenAnswers

#: What columns of a design are called, in the order in which they are looked for.
CALLED: dict[str, re.Pattern[str]] = {
    "weights": re.compile(
        r"^(?:.*[_ .])?(?:weights?|wts?|wgt|pw|pweight|finalwe?i?gh?t|wtssall|pspwght|anweight|вес)"
        r"(?:[_ .]?(?:final|all|post|s|\d))?$",
        re.IGNORECASE,
    ),
    "strata": re.compile(r"^(?:.*[_ .])?(?:stratum|strata|strat|v023|страта)$", re.IGNORECASE),
    "psu": re.compile(r"^(?:.*[_ .])?(?:psu|cluster|primary_sampling_unit|v021)$", re.IGNORECASE),
    "fpc": re.compile(r"^(?:.*[_ .])?(?:fpc|stratum_size|pop_?size)$", re.IGNORECASE),
}
ID = re.compile(
    r"^(?:.*[_ .])?(?:sample_?id|respondent(?:[_ ]?(?:id|number|no))?|respid|case_?id|id|uuid|key"
    r"|response ?id|token|idno|serial)$",
    re.IGNORECASE,
)
START = re.compile(
    r"(?:^|[_ ])start(?:$|[_ ]?(?:date|time))|^startdate|^date_created", re.IGNORECASE
)
END = re.compile(
    r"(?:^|[_ ])end(?:$|[_ ]?(?:date|time))|^enddate|submi(?:t|ssion)[_ ]?(?:date|time)"
    r"|^timestamp|^date_modified|^отметка времени",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"(?:^|[_ ])(?:e-?mails?|phones?|telephone|mobile|(?:first|last|full|sur)[_ ]?name"
    r"|ip(?:[_ ]?address)?|latitude|longitude|lat|lon|lng|gps|post(?:al)?[_ ]?code"
    r"|zip(?:[_ ]?code)?|street|address|телефон|адрес|фио)(?:$|[_ ])",
    re.IGNORECASE,
)
#: Up to this share of the cells of a column of the design are taken for slips.
MOST_WRONG = 0.1
COMPLETE = re.compile(r"reached[_ ]end|^finished$|^completed?$|^status$", re.IGNORECASE)


@dataclass(frozen=True)
class DesignRoles:
    """Role by header (``id``, ``weights``, ``strata``, ``psu``, ``fpc``), and what each goes by.

    ``kept_out`` says by role which row keeps a column from having it that is called so.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    kept_out: Mapping[str, str] = field(default_factory=dict)

    def header(self, role: str) -> str:
        """Return the header with a role, "" for none."""
        return next((header for header, held in self.columns.items() if held == role), "")


def guess_roles(table: ExportTable, own: Iterable[str], said: Mapping[str, str]) -> DesignRoles:
    """Return the columns of the design.

    Parameters
    ----------
    own: columns that the field tool writes for itself; its ids may serve where no other does.
    said: role -> header that a person named, or ``none``.
    """
    columns: dict[str, str] = {}
    reasons: dict[str, str] = {}
    kept_out: dict[str, str] = {}
    headers = [str(header) for header in table.frame.columns]
    for role in ("id", *CALLED):
        if role in said:
            if said[role] != "none":
                columns[said[role]], reasons[said[role]] = role, "as asked for"
            continue
        for header in headers:
            answers = GivenAnswers.of(table.frame[header])
            if header not in columns and _fits(role, header, answers, len(table.frame)):
                columns[header], reasons[header] = role, f"so it is called, {_holds(role)}"
                break
        else:
            why = (_kept_out(role, h, table.frame[h]) for h in headers if h not in columns)
            if first := next(filter(None, why), ""):
                kept_out[role] = first
    return DesignRoles(columns, reasons, kept_out)


def _fits(role: str, header: str, answers: GivenAnswers, rows: int) -> bool:
    if role == "id":
        return bool(ID.match(header)) and len(answers.counts) == answers.filled == rows
    if not CALLED[role].match(header) or answers.filled < rows:
        return False
    if role in ("weights", "fpc"):
        numbers = answers.numbers
        return numbers is not None and not answers.no_numbers and bool((numbers > 0).all())
    return 1 < len(answers.counts) < rows


def _kept_out(role: str, header: str, column: pd.Series) -> str:
    """Return which rows keep a column from a role that it is called after, "" where it is none.

    A few cells do; a column that hardly has what the role asks for is something else.
    """
    if role == "id" or not CALLED[role].match(header):
        return ""
    cells = column.str.strip()
    wrong = cells.isin(NOTHING | {""})
    what = "a value"
    if role in ("weights", "fpc"):
        numbers = pd.to_numeric(cells.str.replace(",", "."), errors="coerce")
        wrong, what = ~(numbers > 0), "a number above 0"
    if not wrong.any() or wrong.mean() > MOST_WRONG or cells[~wrong].nunique() < 2:
        return ""
    row = int(column.index[wrong.to_numpy().argmax()])
    held = f"holds {cells[row]!r}" if cells[row] else "is empty"
    others = int(wrong.sum()) - 1
    more = f" (and {others} more row{'s' * (others > 1)})" if others else ""
    return f"column {header} is called so, but row {row} {held}{more}: every row needs {what}"


def _holds(role: str) -> str:
    return {
        "id": "and no two rows have the same",
        "weights": "and every row has a positive number",
        "fpc": "and every row has a positive number",
    }.get(role, "and every row has one")


def fieldwork(column: pd.Series, form: str) -> tuple[str, str] | None:
    """Return the first and the last day of a column of moments, as ISO days.

    None where ``form`` is "" and the rows can be read in no way, or in several.
    """
    cells = column.str.strip()
    cells = cells[cells != ""]
    if cells.empty:
        return None
    if not form and not cells.str.match(ISO).any():
        fitting = list(readings(cells, FORMATS))
        if len(fitting) != 1:
            return None
        form = fitting[0]
    days = pd.to_datetime(
        cells if form else cells.str.slice(0, 10), format=form or "%Y-%m-%d", errors="coerce"
    ).dropna()
    if days.empty:
        return None
    return days.min().strftime("%Y-%m-%d"), days.max().strftime("%Y-%m-%d")
