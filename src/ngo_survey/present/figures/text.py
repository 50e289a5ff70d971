"""How wide words are, before anything is drawn: labels are broken by their true width."""

from __future__ import annotations

import logging
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from ngo_survey.present.clean import clean

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

log = logging.getLogger(__name__)

POINTS = 72.0
#: Points in which glyphs are measured.
SIZE = 10.0
GENEROUS = 1.025


@cache
def _font(bold: bool) -> FT2Font:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    weight = "bold" if bold else "normal"
    return get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))


@cache
def _advance(letter: str, bold: bool) -> float:
    """Return how far a letter moves the pen, in ems; loading a glyph is slow, so it is kept.

    A letter that the font lacks is drawn in whatever font the reader has: it counts as a square.
    """
    from matplotlib.ft2font import LoadFlags

    font = _font(bold)
    if not font.get_char_index(ord(letter)):
        _warn(letter)
        return 1.0
    font.set_size(SIZE, POINTS)
    advance: float = font.load_char(ord(letter), LoadFlags.NO_HINTING).linearHoriAdvance
    return advance / 65536 / SIZE


@cache
def _warn(letter: str) -> None:
    """Say once that the font of figures and paper lacks a letter."""
    log.warning(
        "the font of figures has no %s (U+%04X, %s): another one stands in, and readers may see an "
        "empty box; write the label with other characters if they do",
        letter,
        ord(letter),
        unicodedata.name(letter, "without a name"),
    )


@cache
def inches(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a line of text in inches, set in ``size`` points.

    A little generous: pictures of pixels set each letter on whole pixels.
    """
    return GENEROUS * sum(_advance(letter, bold) for letter in clean(text)) * size / POINTS


def lines(text: str, width: float, size: float = 9, bold: bool = False) -> list[str]:
    """Break text into lines no wider than ``width`` inches, at spaces, else at hyphens."""
    broken: list[str] = []
    for word in text.split(" "):
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and inches(longer, size, bold) <= width:
            broken[-1] = longer
        elif inches(word, size, bold) > width and "-" in word:
            first, _, rest = word.partition("-")
            broken += [f"{first}-", rest]
        else:
            broken.append(word)
    return broken


def wrap(text: str, width: float, size: float = 9) -> str:
    """Return text broken by :func:`lines`."""
    return "\n".join(lines(text, width, size))
