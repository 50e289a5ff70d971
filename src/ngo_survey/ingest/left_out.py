"""Columns of an export that hold what the form asks and nobody analyses: pictures, places, repeats.

They are known, so that no one need list them, and read nowhere: what they hold names people.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from ngo_survey.codebook import LeftOut
from ngo_survey.ingest.tools.heading import fold

#: Between the steps of a path: KoboToolbox, ODK Central, R.
MARKS = ("/", "-", ".")
#: Which of several answers to a repeat a column holds.
TURN = re.compile(r"\[\d+\]")
#: What tools write beside the answer itself, by type; `{}` is its name.
BESIDE = {
    "geopoint": (
        *(f"_{{}}_{part}" for part in ("latitude", "longitude", "altitude", "precision")),
        *(f"{{}}{mark}{part}" for mark in ("-", ":", ".", "/")
          for part in ("Latitude", "Longitude", "Altitude", "Accuracy")),
    ),
    **dict.fromkeys(("image", "audio", "video", "file", "audit"), ("{}_URL",)),
    "repeat": ("{}_count", "SET-OF-{}"),
}  # fmt: skip


class LeftOutColumns:
    """The columns of what is left out of one form.

    Parameters
    ----------
    names: those of the questions that are read, which go before.
    """

    def __init__(self, left_out: Iterable[LeftOut], names: Collection[str]) -> None:
        rows = [one for one in left_out if one.type not in ("group", "repeated", "rank")]
        self.paths: set[str] = set()
        self.names: set[str] = set()
        self.wordings: set[str] = set()
        self.repeats: tuple[str, ...] = tuple(
            one.path.replace("/", mark) + mark
            for one in rows
            if one.type == "repeat"
            for mark in MARKS
        )
        for one in rows:
            self.wordings |= {fold(text) for text in one.labels.values()} - {""}
            for path in _columns(one):
                name = path.rpartition("/")[2]
                self.names |= {name} - set(names)
                if path != name or name not in names:
                    self.paths |= {path.replace("/", mark) for mark in MARKS}

    def at(self, header: str) -> bool:
        """Whether the path of a column is that of something left out."""
        plain = TURN.sub("", header)
        return plain in self.paths or plain.startswith(self.repeats)

    def like(self, header: str) -> bool:
        """Whether a column, or the end of its path, is a name or wording of what is left out."""
        last = header.rpartition("/")[2]
        return last in self.names or bool({fold(header), fold(last)} & self.wordings)


def _columns(one: LeftOut) -> Iterator[str]:
    above, stroke, name = one.path.rpartition("/")
    yield one.path
    for pattern in BESIDE.get(one.type, ()):
        yield above + stroke + pattern.format(name)
