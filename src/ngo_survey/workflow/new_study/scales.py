"""Is a list of answers an ordered scale, and in which order?

Pure functions on texts. An order is told by numbers in the answers ("1-5", "More than 20") or by
the words that questionnaires use for degrees; what says that somebody has no answer comes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import yaml

#: A day and a month into which a spreadsheet has turned a range: `05-Jan` was 1-5.
MANGLED = re.compile(
    r"(?P<day>\d{1,2})-(?P<month>[A-Z][a-z]{2})|(?P<first>[A-Z][a-z]{2})-(?P<second>\d{2})"
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBER = re.compile(r"\d+(?:[,\s]\d{3})*(?:\.\d+)?")
BELOW = re.compile(
    r"\b(?:less|under|below|fewer|up to|no more|менее|до|меньше)\b|^<", re.IGNORECASE
)
ABOVE = re.compile(
    r"\b(?:more|over|above|older|up|plus|greater|более|свыше|больше|старше)\b|\+|^>", re.IGNORECASE
)
#: What may stand before the first number of a scale.
NOBODY = re.compile(r"(?:none|zero|no |never|нет|ни )")
#: What says that there is no answer.
NO_ANSWER = re.compile(
    r"^(?:don.?t know|do not know|not sure|unsure|no answer|prefer not|refuse|n/?a$|not applicable|"
    r"unknown|no opinion|can.?t say|does not apply|missing|not stated|inapplicable|not asked|"
    r"затрудня\w+|трудно сказать|не знаю|нет ответа|отказ|без ответа|не применимо|"
    r"білмеймін|жауап жоқ|жауап беруден бас)",
    re.IGNORECASE,
)
#: What has no place in the order of a scale.
UNKNOWN = re.compile(rf"{NO_ANSWER.pattern}|^(?:other|none of|друго\w+|басқа)", re.IGNORECASE)


@cache
def degrees() -> list[list[str]]:
    """Return the words of degrees, each list from one end of a scale to the other."""
    text = (files("ngo_survey.workflow.new_study") / "degrees.yaml").read_text(encoding="utf-8")
    read: list[list[str]] = yaml.safe_load(text)
    return read


def unmangled(text: str) -> str:
    """Return the range that a spreadsheet took for a day, or the text as it is.

    ``05-Jan`` was 1-5 and ``20-Nov`` 11-20: the month is the lower end.
    """
    found = MANGLED.fullmatch(text.strip())
    if found is None:
        return text
    month = found["month"] or found["first"]
    other = int(found["day"] or found["second"])
    if month not in MONTHS:
        return text
    low = MONTHS.index(month) + 1
    return f"{low}-{other}" if low < other else text


def ordered(labels: Iterable[str]) -> list[str] | None:
    """Return the answers of a scale from its low end, or None where no order is seen.

    Answers that say that there is none stand last, in their own order.
    """
    listed = list(labels)
    known = [text for text in listed if not UNKNOWN.match(text.strip())]
    last = [text for text in listed if text not in known]
    if len(known) < 3:
        return None
    found = _by_degree(known) or _by_number(known)
    return None if found is None else [*found, *last]


def _by_degree(labels: Sequence[str]) -> list[str] | None:
    for scale in degrees():
        place = {text: _degree(text, scale) for text in labels}
        if all(p is not None for p in place.values()) and len(set(place.values())) == len(labels):
            return sorted(labels, key=lambda text: place[text] or 0)
    return None


def _degree(text: str, scale: Sequence[str]) -> int | None:
    plain = " ".join(text.casefold().replace("\u2019", "'").split()).strip(" .!")
    exact = (i for i, words in enumerate(scale) if re.fullmatch(words, plain))
    return next(exact, None)


def _by_number(labels: Sequence[str]) -> list[str] | None:
    """Order answers by their first number; all but one must hold one (a first "none" may not)."""
    numbered = {text: NUMBER.findall(text) for text in labels}
    bare = [text for text, found in numbered.items() if not found]
    if len(bare) > 1 or (
        bare and not re.match(r"(?:none|zero|no |never|нет|ни )", bare[0].casefold())
    ):
        return None

    def place(text: str) -> tuple[float, int]:
        if text in bare:
            return (-1.0, 0)
        number = float(re.sub(r"[,\s]", "", numbered[text][0]))
        return (number, -1 if BELOW.search(text) else 1 if ABOVE.search(text) else 0)

    places = [place(text) for text in labels]
    if len(set(places)) < len(labels):
        return None
    return sorted(labels, key=place)
