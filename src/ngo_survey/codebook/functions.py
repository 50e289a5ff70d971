"""What the operators and functions of ODK XForms are worth, for all rows at once.

The list of functions and their meaning: ODK XForms Specification, section "XPath Functions"
(https://getodk.github.io/xforms-spec/#xpath-functions); conversions between truths, numbers and
texts: XPath 1.0, section 4, with dates as days since 1970 (the specification's `number()`).

A question without an answer is the empty text, whatever its type. From this alone follows:

====================================  =============================================================
``${a} = 'x'``, ``${a} > 0``          false: the empty text is no number, and no number is not
                                      larger, smaller or equal to anything (XPath 1.0, 3.4)
``${a} != 'x'``, ``${a} != 0``        true, for the same reason
``${a} = ''``                         true: how a form asks whether there is no answer
``${a} + 1``, ``sum``, ``min``        a sum with no number is none; the functions pass it over
``not(${a} > 0)``                     true
``selected``, ``count-selected``      false, 0
``string-length``, ``coalesce``       0, the other one
====================================  =============================================================

What cannot be known here is *unknown* in those rows, and so is all that depends on it, but that
``and`` is false as soon as one side is, and ``or`` true (Kleene 1952, sec. 64).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.reading.patterns import matched

Bools = NDArray[np.bool_]
#: Numbers that differ by less are equal, as in ODK Collect.
SMALL = 1e-12
NUMBER = re.compile(r"\s*(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*")
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d.*))?")
EPOCH = date(1970, 1, 1)
NOWHERE = np.zeros(1, dtype=bool)
EVERYWHERE = np.ones(1, dtype=bool)


@dataclass(frozen=True)
class Values:
    """A column of truths, numbers and texts; one of length 1 stands for every row.

    Attributes
    ----------
    form: makes the column as ``number``, ``text`` or ``truth``.
    numeric, boolean: where the value is a number or a truth, and no text.
    """

    form: Callable[[str], NDArray[Any]]
    unknown: Bools
    numeric: Bools
    boolean: Bools

    @classmethod
    def of(cls, raw: Any, unknown: Bools = NOWHERE, numeric: Bools | None = None) -> Values:
        """Return truths, numbers or texts; texts where ``numeric`` holds are those of numbers."""
        column = np.atleast_1d(np.asarray(raw))
        kind = {"b": "truth", "f": "number"}.get(column.dtype.kind, "text")
        if kind == "text":
            column = column.astype(object)
        number = EVERYWHERE if kind == "number" else NOWHERE if numeric is None else numeric

        def form(wanted: str) -> NDArray[Any]:
            if wanted == kind:
                return column
            if wanted == "number":
                return (
                    column.astype(float)
                    if kind == "truth"
                    else apply_to_distinct(to_number, float, column)
                )
            if wanted == "text":
                return apply_to_distinct(to_text, object, column)
            # A number but 0 is true, and a text but the empty one.
            worth = np.abs(made.number) > SMALL if number.any() else NOWHERE
            return worth if kind == "number" else np.where(number, worth, column != "")

        made = cls(form, unknown, number, EVERYWHERE if kind == "truth" else NOWHERE)
        return made

    @classmethod
    def where(cls, first: Bools, one: Values, other: Values, unknown: Bools = NOWHERE) -> Values:
        """Return the one value where ``first`` holds and elsewhere the other, of any kind each."""

        def choose(name: str) -> NDArray[Any]:
            return np.where(first, getattr(one, name), getattr(other, name))

        return cls(choose, unknown | choose("unknown"), choose("numeric"), choose("boolean"))

    @cached_property
    def number(self) -> NDArray[np.float64]:
        """As ``number()`` gives it, NaN where it is no number."""
        return self.form("number")

    @cached_property
    def text(self) -> NDArray[Any]:
        """As ``string()`` gives it."""
        return self.form("text")

    @cached_property
    def truth(self) -> Bools:
        """As ``boolean()`` gives it."""
        return self.form("truth")


#: What is known of no row.
NOT_KNOWN = Values.of("", EVERYWHERE)


def apply_to_distinct(
    function: Callable[..., Any], dtype: Any, *columns: NDArray[Any]
) -> NDArray[Any]:
    """Apply a function to each different row of some columns once: answers repeat."""
    shape = np.broadcast_shapes(*(column.shape for column in columns))
    whole = [place for place, column in enumerate(columns) if len(column) > 1]
    if not shape[0]:
        return np.empty(0, dtype=dtype)
    if len(whole) > 1:
        rows = zip(*(np.broadcast_to(column, shape).tolist() for column in columns), strict=True)
        places: dict[tuple[Any, ...], int] = {}
        codes = np.array([places.setdefault(row, len(places)) for row in rows])
        different = list(places)
    else:
        place = whole[0] if whole else 0
        codes, found = pd.factorize(columns[place], use_na_sentinel=False)
        first = [column[0] for column in columns]
        different = [(*first[:place], value, *first[place + 1 :]) for value in found]
    made = np.empty(len(different), dtype=dtype)
    made[:] = [function(*row) for row in different]
    return made[codes]


def any_unknown(values: Sequence[Values]) -> Bools:
    """Return where any of some values is unknown."""
    unknown = NOWHERE
    for value in values:
        unknown = unknown | value.unknown
    return unknown


def to_number(text: str) -> float:
    """Return a text as a number; a date or a moment as days since 1970."""
    found = NUMBER.fullmatch(text)
    return float(found[1]) if found else days(text)


def to_text(value: float) -> str:
    """Return a truth or a number as a text: a whole number without a point."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if math.isfinite(value):
        return str(int(value)) if value == int(value) else repr(float(value))
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def moment(text: str) -> datetime | None:
    """Return a date or a moment in ISO 8601; without an offset it is taken to be in UTC."""
    if not DAY.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def days(text: str) -> float:
    """Return days since 1970, NaN for what is no date."""
    found = moment(text)
    start = datetime(EPOCH.year, EPOCH.month, EPOCH.day, tzinfo=UTC)
    return math.nan if found is None else (found - start) / timedelta(days=1)


def compare(sign: str, one: Values, other: Values) -> Values:
    """``=`` and ``!=`` by truths, numbers or texts (XPath 1.0, 3.4); the others by numbers."""
    unknown = one.unknown | other.unknown
    if sign not in {"=", "!="}:
        less, inclusive = {"<": np.less, ">": np.greater}[sign[0]], len(sign) == 2
        met = less(one.number, other.number)
        if inclusive:
            met = met | (one.number == other.number)
        return Values.of(met, unknown)
    boolean, numeric = one.boolean | other.boolean, one.numeric | other.numeric
    alike: Any = False if numeric.all() else one.text == other.text
    if numeric.any():
        with np.errstate(invalid="ignore"):
            near = np.abs(one.number - other.number) < SMALL
        alike = np.where(numeric, near | (one.number == other.number), alike)
    if boolean.any():
        alike = np.where(boolean, one.truth == other.truth, alike)
    alike = np.asarray(alike, dtype=bool)
    return Values.of(alike if sign == "=" else ~alike, unknown)


def calculate(sign: str, one: Values, other: Values) -> Values:
    """``+ - * div mod``; what has a side that is no number is none."""
    operation: Any = {
        "+": np.add, "-": np.subtract, "*": np.multiply, "div": np.divide, "mod": np.fmod,
    }[sign]  # fmt: skip
    with np.errstate(all="ignore"):
        return Values.of(operation(one.number, other.number), one.unknown | other.unknown)


def joined(kind: str, values: Sequence[Values]) -> Values:
    """``and``, ``or``."""
    decides = kind == "or"
    decided = hiding = NOWHERE
    for value in values:
        decided = decided | (~value.unknown & (value.truth == decides))
        hiding = hiding | value.unknown
    return Values.of(decided if decides else ~decided, hiding & ~decided)


def _whole(text: str) -> int:
    number = to_number(text)
    return int(number) if math.isfinite(number) else 0


def _part(text: str, start: str, end: str | None = None) -> str:
    ends = len(text) if end is None else _whole(end)
    return text[slice(*(max(0, e + len(text)) if e < 0 else e for e in (_whole(start), ends)))]


def _round(number: str, places: str = "0") -> float:
    """Halves go up, as XPath has it."""
    value, digits = to_number(number), _whole(places)
    if not math.isfinite(value) or abs(digits) > 30:
        return value if abs(digits) <= 30 else math.nan
    unit = Decimal(1).scaleb(-digits)
    half = (Decimal(repr(value)) / unit + Decimal("0.5")).to_integral_value(ROUND_FLOOR)
    return float(half * unit)


def _date(text: str) -> str | None:
    if text in {"", "NaN"} or moment(text):
        return text[:10].removeprefix("NaN")
    number = to_number(text)
    try:
        return (EPOCH + timedelta(days=math.floor(number))).isoformat()
    except (ValueError, OverflowError):
        return None


def _formatted(text: str, pattern: str) -> str | None:
    """Names of months and days depend on the language of the phone: unknown."""
    found = moment(text)
    if found is None:
        return None if text else ""
    made = {
        "Y": f"{found:%Y}", "y": f"{found:%y}", "m": f"{found:%m}", "n": str(found.month),
        "d": f"{found:%d}", "e": str(found.day), "H": f"{found:%H}", "h": str(found.hour),
        "M": f"{found:%M}", "S": f"{found:%S}", "3": f"{found.microsecond // 1000:03d}",
    }  # fmt: skip
    parts = re.split(r"%(.)", pattern)
    if not set(parts[1::2]) <= set(made):
        return None
    return "".join(made[p] if place % 2 else p for place, p in enumerate(parts))


def _time(text: str) -> float | None:
    found = re.fullmatch(r"(?:.*[T ])?(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(?:Z|[+-][\d:]+)?", text)
    if found is None:
        return None if text else math.nan
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return (hours * 3600 + minutes * 60 + seconds) / 86_400


def _chosen(answer: str, choice: str) -> bool:
    return f" {choice.strip()} " in f" {answer} "


def _item(answer: str, place: str) -> str:
    items, at = answer.split(), _whole(place)
    return items[at] if 0 <= at < len(items) else ""


def _translated(text: str, old: str, new: str) -> str:
    table = {letter: new[i : i + 1] for i, letter in reversed(list(enumerate(old)))}
    return "".join(table.get(letter, letter) for letter in text)


def _if(values: Sequence[Values]) -> Values:
    condition, one, other = values
    return Values.where(condition.truth, one, other, condition.unknown)


def _filled(value: Values) -> Bools:
    """Where a value is neither the empty text nor no number; a truth always is something."""
    nothing = np.where(value.numeric, np.isnan(value.number), value.text == "")
    return np.asarray(~np.asarray(nothing, dtype=bool) | value.boolean)


def _coalesce(values: Sequence[Values]) -> Values:
    *others, last = values
    for value in reversed(others):
        last = Values.where(_filled(value) | value.unknown, value, last)
    return last


def _numbers(function: Any) -> Callable[[Sequence[Values]], Values]:
    def made(values: Sequence[Values]) -> Values:
        with np.errstate(all="ignore"):
            return Values.of(function(*(value.number for value in values)), any_unknown(values))

    return made


def _texts(function: Callable[..., Any], dtype: Any) -> Callable[[Sequence[Values]], Values]:
    """A function of texts, which returns None for what cannot be known."""

    def made(values: Sequence[Values]) -> Values:
        found = apply_to_distinct(function, object, *(value.text for value in values))
        lost = np.array([value is None for value in found], dtype=bool)
        empty: Any = {bool: False, float: math.nan, object: ""}[dtype]
        return Values.of(np.where(lost, empty, found).astype(dtype), any_unknown(values) | lost)

    return made


def _regex(values: Sequence[Values]) -> Values:
    """Whether a text fits a pattern: all different pairs at once, since some are tried apart."""
    texts, patterns = np.broadcast_arrays(*(value.text for value in values))
    rows = list(zip(texts.tolist(), patterns.tolist(), strict=True))
    pairs = list(dict.fromkeys(rows))
    met = dict(zip(pairs, matched(pairs), strict=True))
    found = np.array([met[row] for row in rows], dtype=object)
    lost = np.array([value is None for value in found], dtype=bool)
    return Values.of(np.where(lost, False, found).astype(bool), any_unknown(values) | lost)


def _checklist(values: Sequence[Values]) -> Values:
    """How many of some hold, between two numbers of which a negative one asks for nothing."""
    (least, most), items = (value.number for value in values[:2]), values[2:]
    count = sum((item.truth.astype(float) for item in items), np.zeros(1))
    met = ((least < 0) | (count >= least)) & ((most < 0) | (count <= most))
    return Values.of(met, any_unknown(values))


def _weighted(values: Sequence[Values]) -> Values:
    (least, most), items, weights = (v.number for v in values[:2]), values[2::2], values[3::2]
    pairs = zip(items, weights, strict=True)
    total = sum((np.where(item.truth, w.number, 0.0) for item, w in pairs), np.zeros(1))
    return Values.of((total >= least) & (total <= most), any_unknown(values))


@dataclass(frozen=True)
class Function:
    """How many arguments a function takes at least and at most, and what it makes of them."""

    least: int
    most: int | None
    call: Callable[[Sequence[Values]], Values]


def _over(reduce: Any) -> Any:
    return lambda *numbers: reduce(np.stack(np.broadcast_arrays(*numbers)))


def _functions() -> dict[str, Function]:
    made = {
        "true": Function(0, 0, lambda values: Values.of(EVERYWHERE)),
        "false": Function(0, 0, lambda values: Values.of(NOWHERE)),
        "pi": Function(0, 0, lambda values: Values.of(math.pi)),
        "not": Function(1, 1, lambda v: Values.of(~v[0].truth, v[0].unknown)),
        "boolean": Function(1, 1, lambda v: Values.of(v[0].truth, v[0].unknown)),
        "if": Function(3, 3, _if),
        "coalesce": Function(2, None, _coalesce),
        "depend": Function(1, None, lambda values: values[0]),
        "count-non-empty": Function(
            1, 1, lambda v: Values.of(_filled(v[0]).astype(float), v[0].unknown)
        ),
        "checklist": Function(3, None, _checklist),
        "weighted-checklist": Function(4, None, _weighted),
        "regex": Function(2, 2, _regex),
    }
    texts: list[tuple[str, int, int | None, Any, Callable[..., Any]]] = [
        ("string", 1, 1, object, str),
        ("concat", 1, None, object, lambda *texts: "".join(texts)),
        ("join", 2, None, object, lambda sign, *texts: sign.join(texts)),
        ("substr", 2, 3, object, _part),
        ("substring-before", 2, 2, object, lambda t, s: t[: max(t.find(s), 0)]),
        ("substring-after", 2, 2, object, lambda t, s: t[t.find(s) + len(s) :] if s in t else ""),
        ("translate", 3, 3, object, _translated),
        ("normalize-space", 1, 1, object, lambda text: " ".join(text.split())),
        ("string-length", 1, 1, float, len),
        ("contains", 2, 2, bool, lambda text, part: part in text),
        ("starts-with", 2, 2, bool, str.startswith),
        ("ends-with", 2, 2, bool, str.endswith),
        ("boolean-from-string", 1, 1, bool, lambda text: text.lower() == "true" or text == "1"),
        ("selected", 2, 2, bool, _chosen),
        ("is-selected", 2, 2, bool, _chosen),
        ("count-selected", 1, 1, float, lambda text: len(text.split())),
        ("selected-at", 2, 2, object, _item),
        ("round", 1, 2, float, _round),
        ("date", 1, 1, object, _date),
        ("date-time", 1, 1, object, lambda text: text if not text or moment(text) else None),
        ("decimal-date-time", 1, 1, float, to_number),
        ("decimal-time", 1, 1, float, _time),
        ("format-date", 2, 2, object, _formatted),
        ("format-date-time", 2, 2, object, _formatted),
    ]
    for name, least, most, dtype, function in texts:
        made[name] = Function(least, most, _texts(function, dtype))
    numbers: list[tuple[str, int, int | None, Any]] = [
        ("number", 1, 1, np.positive), ("int", 1, 1, np.trunc), ("abs", 1, 1, np.abs),
        ("floor", 1, 1, np.floor), ("ceiling", 1, 1, np.ceil), ("sqrt", 1, 1, np.sqrt),
        ("pow", 2, 2, np.power), ("exp", 1, 1, np.exp), ("exp10", 1, 1, lambda x: 10.0**x),
        ("log", 1, 1, np.log), ("log10", 1, 1, np.log10), ("sin", 1, 1, np.sin),
        ("cos", 1, 1, np.cos), ("tan", 1, 1, np.tan), ("asin", 1, 1, np.arcsin),
        ("acos", 1, 1, np.arccos), ("atan", 1, 1, np.arctan), ("atan2", 2, 2, np.arctan2),
        ("sum", 1, None, _over(lambda rows: np.nansum(rows, axis=0))),
        ("min", 1, None, _over(np.fmin.reduce)), ("max", 1, None, _over(np.fmax.reduce)),
    ]  # fmt: skip
    for name, least, most, function in numbers:
        made[name] = Function(least, most, _numbers(function))
    return made


FUNCTIONS = _functions()
#: Functions that may be written without an argument: it is then the question itself.
OF_ITSELF = frozenset({"string", "number", "string-length", "normalize-space"})
#: What depends on when, where and by whom the form was filled in, on repeats, lists or languages.
UNEVALUATED = frozenset({
    "today", "now", "random", "uuid", "version", "property", "position", "last", "index", "count",
    "indexed-repeat", "instance", "current", "randomize", "pulldata", "jr:choice-name", "jr:itext",
    "area", "enclosed-area", "distance", "geofence", "intersects", "digest", "base64-decode",
    "comment-status", "substring", "id", "name", "local-name", "namespace-uri", "lang",
})  # fmt: skip
