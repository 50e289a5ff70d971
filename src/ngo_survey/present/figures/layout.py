"""What stands around every drawing: its message above, its key, base, source and mark below."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from matplotlib.layout_engine import ConstrainedLayoutEngine

from ngo_survey.present.figures.style import GREY, INK, WARNING, WIDTH, WORDS
from ngo_survey.present.figures.text import inches, lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN = 0.06  # inches
FREE = WIDTH - 2 * MARGIN
MESSAGE, NOTE, KEY = 10.5, 7.5, 8.5  # points
PLACES = 6  # decimals of a place in the figure
#: Inches above the key that a page shows as well: marks and some fonts are higher than its letters.
AIR = 0.05
LEADING = 1.42 / 72  # inches of a line, a point of its size


def key(figure: Figure, marks: Sequence[Any], words: Sequence[str]) -> None:
    """Set the key of a figure above the drawing, in as many columns as its words leave room for.

    Columns are filled row by row, so that the key reads as the marks follow each other.
    """
    columns = next(n for n in range(len(words), 0, -1) if n == 1 or _wide(words, n) <= FREE)
    across = _across(list(zip(marks, words, strict=True)), columns)
    made = figure.legend(
        [mark for mark, _ in across],
        [word for _, word in across],
        ncols=columns,
        loc="upper left",
        fontsize=KEY,
        borderaxespad=0.0,
        borderpad=0.0,
        labelspacing=0.35,
        columnspacing=1.2,
        handlelength=1.0,
        handletextpad=0.5,
    )
    made.set_in_layout(False)
    made.set_gid(f"key-{ceil(len(words) / columns)}")


def _wide(words: Sequence[str], columns: int) -> float:
    """Return the inches of a key in so many columns, each as wide as its widest word."""
    widest = [max(inches(word, KEY) for word in words[place::columns]) for place in range(columns)]
    return sum(widest) + columns * 0.37


def _across(entries: list[Any], columns: int) -> list[Any]:
    """Return entries in the order in which a key filled column by column shows them by rows.

    matplotlib gives the first columns one entry more where they do not share out.
    """
    count = len(entries)
    sizes = [count // columns + (place < count % columns) for place in range(columns)]
    rows = max(sizes)
    at = {}
    left = iter(entries)
    for row in range(rows):
        for column in range(columns):
            if row < sizes[column]:
                at[column, row] = next(left)
    return [at[column, row] for column in range(columns) for row in range(sizes[column])]


def frame(figure: Figure, message: str, notes: Sequence[str], mark: str) -> tuple[float, float]:
    """Write the message above a drawing and the mark, base and source below; fix its size.

    Parameters
    ----------
    message: what the figure says, "" for none; made from the results.
    notes: paragraphs: base and what marks mean, then the source.
    mark: the mark of simulated data, "" for none.

    Returns
    -------
    Where the drawing with its key begins and how high it is, in points from the top: what a page
    shows that says message and notes in its own words (groups :data:`WORDS` of the SVG).
    """
    said = lines(message, FREE, MESSAGE, bold=True) if message else []
    below = [
        (line, NOTE, "normal", GREY) for note in notes if note for line in lines(note, FREE, NOTE)
    ]
    if mark:
        below.insert(0, (mark, 8.0, "bold", WARNING))
    legend = figure.legends[0] if figure.legends else None
    rows = int(str(legend.get_gid()).removeprefix("key-")) if legend else 0
    above = len(said) * MESSAGE * LEADING + (0.08 if said else 0)
    keyed = rows * KEY * LEADING * 1.06 + (0.1 if rows else 0)
    footer = sum(size for _, size, *_ in below) * LEADING + 0.06
    drawing = float(figure.get_size_inches()[1])
    height = MARGIN + above + keyed + drawing + footer + MARGIN
    figure.set_size_inches(WIDTH, height)
    left = MARGIN / WIDTH
    if said:
        figure.text(
            left, 1 - MARGIN / height, "\n".join(said), fontsize=MESSAGE, weight="bold", color=INK,
            va="top", linespacing=1.2, in_layout=False, gid=f"{WORDS}-message",
        )  # fmt: skip
    if legend:
        legend.set_gid(None)
        legend.set_bbox_to_anchor((left, 1 - (MARGIN + above) / height))
    y = footer - 0.06
    for place, (line, size, weight, colour) in enumerate(below):
        figure.text(
            left, (y + MARGIN) / height, line, fontsize=size, weight=weight, color=colour,
            va="top", in_layout=False, gid=f"{WORDS}-{place}",
        )  # fmt: skip
        y -= size * LEADING
    within = (left, (footer + MARGIN) / height, 1 - 2 * left, drawing / height)
    _settle(figure, within)
    return 72 * (MARGIN + above - AIR), 72 * (AIR + keyed + drawing)


def _settle(figure: Figure, place: tuple[float, float, float, float]) -> None:
    """Lay the figure out once and hold the places of its axes, to a ten-thousandth of a point.

    The solver of the layout gives other last digits from run to run; they would stand in the names
    of clipping paths. A figure that keeps no engine is drawn once when it is saved, not twice.
    """
    engine = ConstrainedLayoutEngine(rect=place)
    figure.set_layout_engine(engine)
    engine.execute(figure)
    figure.set_layout_engine(None)
    for axes in figure.axes:
        x, y, width, height = (round(e, PLACES) for e in axes.get_position(original=True).bounds)
        axes.set_position((x, y, width, height))
