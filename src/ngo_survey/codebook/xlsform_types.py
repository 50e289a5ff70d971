"""The types of an XLSForm as they may be written, and what each of them holds.

Names are those of https://xlsform.org/en/#question-types, with the older spellings that pyxform
still takes and the groups that KoboToolbox adds to its own forms (rating and ranking matrices).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Types whose answers are read: the name used here, and how else it is written.
ANSWERS: dict[str, tuple[str, ...]] = {
    "integer": (
        *("int", "q int", "add integer prompt", "percentage", "number of days in last month"),
        *("number of days in last six months", "number of days in last year"),
    ),
    "decimal": ("q decimal", "add decimal prompt"),
    "range": (),
    "text": ("string", "q string", "add text prompt"),
    "date": ("q date", "add date prompt"),
    "time": (),
    "datetime": ("date time", "q date time", "add date time prompt", "q datetime",
                 "add datetime prompt"),
    "start": ("start time", "get start time"),
    "end": ("end time", "get end time"),
    "today": ("get today",),
    "calculate": ("q calculate", "add calculate prompt"),
    "hidden": (),
}  # fmt: skip
#: Types that name a person or a telephone: their columns never leave the export.
IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "deviceid": ("device id", "get device id", "imei", "uri:deviceid"),
    "username": ("uri:username",),
    "email": ("uri:email",),
    "phonenumber": ("phone number", "get phone number", "uri:phonenumber"),
    "simserial": ("sim id", "get sim id", "uri:simserial"),
    "subscriberid": ("subscriber id", "get subscriber id", "uri:subscriberid"),
    "geopoint": ("location", "gps", "q geopoint", "q location", "add location prompt",
                 "start-geopoint", "background-geopoint"),
    "geotrace": ("q geotrace",),
    "geoshape": ("q geoshape",),
}  # fmt: skip
#: Types with nothing that a table could show.
UNANALYSED: dict[str, tuple[str, ...]] = {
    "note": ("q note", "add note prompt"),
    "acknowledge": ("trigger", "q acknowledge", "add acknowledge prompt"),
    "image": ("photo", "q image", "q picture", "add image prompt", "add photo prompt"),
    "audio": ("q audio", "add audio prompt", "background-audio"),
    "video": ("q video", "add video prompt"),
    "file": ("add file prompt",),
    "barcode": ("q barcode", "add barcode prompt"),
    "osm": (),
    "audit": (),
    "xml-external": (),
    "csv-external": (),
    "rank": (),
}
#: Types that the tool fills in by itself.
RECORDED = frozenset({"start", "end", "today", "calculate", "hidden", *IDENTIFIERS})
#: What the survey sheet may say of the whole form.
SETTINGS = frozenset({"form_title", "set_form_title", "form_id", "set_form_id", "prefix"})

_KNOWN = {
    name: canonical
    for kinds in (ANSWERS, IDENTIFIERS, UNANALYSED)
    for canonical, others in kinds.items()
    for name in (canonical, *others)
}
_SELECT = {
    "select_one": ("select_one", "select one", "select1", "select one from", "select one using",
                   "add select one prompt using", "q select1", "score__row"),
    "select_multiple": ("select_multiple", "select all that apply", "select all that apply from",
                        "add select multiple prompt using", "select multiple from",
                        "select multiple using", "q select"),
    "rank": ("rank",),
    "select_one_external": ("select_one_external", "select one external"),
    "select_one_from_file": ("select_one_from_file", "select one from file"),
    "select_multiple_from_file": ("select_multiple_from_file", "select multiple from file"),
}  # fmt: skip
_SELECTS = {written: canonical for canonical, others in _SELECT.items() for written in others}
_CONTAINER = re.compile(
    r"(?P<edge>begin|end)[ _](?P<what>group|lgroup|repeat|looped group|loop|score|rank|kobomatrix)"
    r"(?: .*)?"
)
_LISTED = re.compile(
    rf"(?P<written>{'|'.join(sorted(map(re.escape, _SELECTS), key=len, reverse=True))})"
    r"(?: (?P<list>\$\{[^}]*\}|\S+))?(?P<other> (?:or specify other|or_other|or other))?"
)
#: Older names of a repeat.
REPEATS = {"lgroup": "repeat", "looped group": "repeat"}
#: Containers that are asked once; the others are asked again and again, or are tables of their own.
ONCE = frozenset({"group", "score", "rank"})
#: What may stand in an error as the nearest type.
WRITTEN = frozenset({*_KNOWN, *_SELECTS, "begin_group", "end_group", "begin_repeat", "end_repeat"})
#: Types that hold numbers, or may.
_NUMBERS = ("integer", "decimal", "range", "calculate", "hidden")


@dataclass(frozen=True)
class FormType:
    """What a cell of the column ``type`` says.

    Attributes
    ----------
    name: the type under one name (``integer`` for ``int``), ``begin`` or ``end`` of a container.
    list_name: the list of choices, the file or the repeat that it chooses from.
    other: whether the form adds the choice "other" and a question for its words.
    container: ``group``, ``repeat``..., of ``begin`` and ``end``.
    """

    name: str
    list_name: str = ""
    other: bool = False
    container: str = ""


def read_type(text: str) -> FormType | None:
    """Return what a type says, white space and letter case set aside; None for no known type."""
    words = " ".join(text.split())
    plain = words.casefold()
    if found := _CONTAINER.fullmatch(plain):
        return FormType(found["edge"], container=REPEATS.get(found["what"], found["what"]))
    if plain == "rank__level":
        return FormType("rank__level")
    if plain in _KNOWN and plain != "rank":
        return FormType(_KNOWN[plain])
    if found := _LISTED.fullmatch(plain):
        # The name of a list keeps its letters.
        listed = words[found.start("list") : found.end("list")] if found["list"] else ""
        return FormType(_SELECTS[found["written"]], listed, found["other"] is not None)
    return FormType("osm") if plain.startswith("osm ") else None


def unfit(form: str, kind: str, choices: Sequence[str]) -> tuple[str, str]:
    """Return why answers of a type cannot be analysed in a form, and what to write; "" if they can.

    ``choices`` are the names of those of a question that chooses.
    """
    if form in ("single", "scale", "rating", "rank") and kind != "select_one":
        return f"the form {form} is of one choice, and this type has another answer", _form_of(kind)
    if form == "rating" and sum(name.isdigit() for name in choices) < 2:
        how = (
            "write scale if they have an order, or call the points by numbers in the sheet choices"
        )
        return "a rating has choices that are points, and these have names", how
    if form == "multiple" and kind != "select_multiple":
        return "the form multiple is of many choices, and this type has another answer", (
            _form_of(kind)
        )
    if form == "number" and kind not in _NUMBERS:
        return "the form number is of numbers, and this type has another answer", _form_of(kind)
    if form == "constant_sum" and kind.startswith("select"):
        return "parts of a hundred are numbers, and this type has choices", _form_of(kind)
    return "", ""


def _form_of(kind: str) -> str:
    known = {"select_one": "single", "select_multiple": "multiple", "text": "text or none"}
    known |= dict.fromkeys(("integer", "decimal", "range"), "number")
    return f"write {known.get(kind, 'none')}, or correct the type"
