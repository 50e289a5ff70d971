"""Which columns hold the design: number of the respondent, weight, stratum, sampling unit,
replicate weights.

Told by what a column is called and by what it holds; a person may name them instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from ngo_survey.ingest.dates import FORMATS, ISO, readings
from ngo_survey.ingest.table import ExportTable
from ngo_survey.statistics.design.replication import FACTOR
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
#: Roles of columns of numbers.
NUMBERS = ("weights", "fpc", "replicates")
#: What replicate weights are called: a stem and their number.
REPLICATE = re.compile(
    r"(?P<stem>(?:.*[_ .])?(?:p?wgtp|w_fstr|fay|brr|jk[12n]?|bsw|boot(?:strap)?"
    r"|rep(?:l(?:icate)?)?|(?:wt?|fwt|wgt)_?rep)[_ .]?(?:w|wts?|wgts?|weights?)?[_ .]?)"
    r"(?P<number>\d+)",
    re.IGNORECASE,
)
#: So many columns of one stem are replicates.
FEWEST_REPLICATES = 4
#: How replicates were made, where what they are called says it (the American Community Survey,
#: PISA, and names of methods). Of others only the documentation of the data tells.
MADE: Mapping[str, Mapping[str, object]] = {
    r"^p?wgtp$": {"type": "SDR", "around": "estimate"},
    r"^w_fstr": {"type": "Fay", "rho": 0.5},
    r"brr": {"type": "BRR"},
    r"bsw|boot": {"type": "bootstrap"},
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
    """Role by header (``id``, ``weights``, ``strata``, ``psu``, ``fpc``, ``replicates``), and why.

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
    weights = next((header for header, role in columns.items() if role == "weights"), "")
    if weights in headers:
        columns |= dict.fromkeys(_replicates(table, weights, columns), "replicates")
    return DesignRoles(columns, reasons, kept_out)


def made_by_name(header: str) -> dict[str, object]:
    """Return how the replicates that a column is one of were made, as far as its name says it."""
    stem = header.rstrip("0123456789").casefold()
    return next((dict(said) for called, said in MADE.items() if re.search(called, stem)), {})


def _replicates(table: ExportTable, weights: str, taken: Iterable[str]) -> list[str]:
    """Return the columns of replicate weights: of one stem, with a number in every row.

    They add up to about what the weights do, as full replicate weights must.
    """
    stems: dict[str, list[tuple[int, str]]] = {}
    for header in map(str, table.frame.columns):
        if header not in taken and (found := REPLICATE.fullmatch(header)):
            stems.setdefault(found["stem"], []).append((int(found["number"]), header))
    held = table.frame[weights].str.replace(",", ".")
    whole = pd.to_numeric(held, errors="coerce").sum()
    for found_of in stems.values():
        names = [header for _, header in sorted(found_of)]
        numbers = table.frame[names].apply(
            lambda cells: pd.to_numeric(cells.str.replace(",", "."), errors="coerce")
        )
        ratio = numbers.sum() / whole
        near = bool(((ratio > 1 / FACTOR) & (ratio < FACTOR)).all())
        if len(names) >= FEWEST_REPLICATES and numbers.notna().all(axis=None) and near:
            return names
    return []


def _fits(role: str, header: str, answers: GivenAnswers, rows: int) -> bool:
    if role == "id":
        return bool(ID.match(header)) and len(answers.counts) == answers.filled == rows
    if not CALLED[role].match(header) or answers.filled < rows:
        return False
    if role in NUMBERS:
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
    if role in NUMBERS:
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
