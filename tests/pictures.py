"""What tests ask of a drawn figure: where its words are and how they and its marks stand out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path as Way
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from ngo_survey.present.figures.drawing import look
from ngo_survey.present.figures.kinds.marks import GUIDE
from ngo_survey.present.figures.style import contrast

#: Pixels an inch at which words are measured.
DPI = 100


def texts(figure: Figure) -> list[Text]:
    """Return every text that is drawn."""
    found: list[Text] = [*figure.texts]
    for legend in figure.legends:
        found += legend.get_texts()
    for axis in figure.axes:
        found += axis.texts
        if axis.get_legend():
            found += axis.get_legend().get_texts()
        if not axis.axison:
            continue
        found += [axis.xaxis.label, axis.yaxis.label, axis.title, axis._left_title]
        for scale in (axis.xaxis, axis.yaxis):
            low, high = sorted(scale.get_view_interval())
            for tick in scale.get_major_ticks():
                if low <= tick.get_loc() <= high:
                    found += [tick.label1, tick.label2]
    return [t for t in found if t.get_visible() and t.get_text().strip()]


def laid_out(figure: Figure) -> None:
    """Fix every place of a figure, as saving it would."""
    with look():
        figure.set_dpi(DPI)
        figure.draw_without_rendering()


def boxes(figure: Figure) -> list[tuple[str, Any]]:
    """Return every text with the box of its words in pixels, without the line that leads to it."""
    return [(t.get_text(), Text.get_window_extent(t)) for t in texts(figure)]


def outside(figure: Figure) -> list[str]:
    """Return the texts that the canvas cuts."""
    width, height = figure.get_size_inches() * DPI
    return [
        text
        for text, box in boxes(figure)
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > width + 0.5 or box.y1 > height + 0.5
    ]


def overlapping(figure: Figure, slack: float = 1.0) -> list[tuple[str, str]]:
    """Return pairs of texts whose boxes overlap by more than ``slack`` pixels both ways."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes(figure), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
    ]


def faint_texts(figure: Figure, most: float = 0.2) -> list[tuple[str, float]]:
    """Return texts that stand out less than 4.5 to 1 from more than a part of what is below."""
    shown = texts(figure)
    kept = [(t, t.get_color(), t.get_window_extent()) for t in shown]
    for text in shown:
        text.set_alpha(0)
    with look():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    for text in shown:
        text.set_alpha(None)
    found = []
    for text, colour, box in kept:
        top, bottom = pixels.shape[0] - int(box.y1), pixels.shape[0] - int(box.y0)
        below = pixels[max(0, top) : bottom, max(0, int(box.x0)) : int(box.x1)].reshape(-1, 3)
        grounds, counts = np.unique(below, axis=0, return_counts=True)
        faint = sum(
            int(count)
            for ground, count in zip(grounds, counts, strict=True)
            if contrast(to_hex(colour), to_hex(ground / 255)) < 4.5
        )
        if len(below) and faint / len(below) > most:
            found.append((text.get_text(), faint / len(below)))
    return found


def _marks(figure: Figure) -> Iterator[tuple[str, list[Any]]]:
    for axis in figure.axes:
        for patch in axis.patches:
            yield "patch", [patch.get_facecolor(), patch.get_edgecolor()]
        for drawn in axis.collections:
            if drawn.get_label() == GUIDE or not isinstance(drawn, LineCollection | PathCollection):
                continue
            if isinstance(drawn, LineCollection):
                yield from (("line", [colour]) for colour in drawn.get_edgecolor())
                continue
            for face, edge in zip(drawn.get_facecolor(), drawn.get_edgecolor(), strict=False):
                yield "dot", [face, edge]
        for line in axis.get_lines():
            if line.get_label() != GUIDE:
                yield "line", _colours(line)


def _colours(line: Line2D) -> list[Any]:
    if line.get_marker() in {None, "None", ""}:
        return [line.get_color()]
    return [line.get_markerfacecolor(), line.get_markeredgecolor(), line.get_color()]


def faint_marks(figure: Figure) -> list[tuple[str, list[str]]]:
    """Return marks of data neither whose face nor whose edge stands out 3 to 1 from paper."""
    found = []
    for kind, colours in _marks(figure):
        solid = [to_hex(c) for c in colours if not isinstance(c, str) or c != "none"]
        if max((contrast(c, "#ffffff") for c in solid), default=1.0) < 3:
            found.append((kind, solid))
    return found


def _strokes(figure: Figure) -> Iterator[tuple[Any, np.ndarray]]:
    """Yield every line, dot and leader of a drawing with its places in pixels; no grid, no axis."""
    for axis in figure.axes:
        for line in axis.get_lines():
            points = line.get_transform().transform(line.get_xydata())
            for part in [points] if line.get_linestyle() != "None" else points[:, None]:
                yield line, part
        for drawn in axis.collections:
            if isinstance(drawn, LineCollection):
                for segment in drawn.get_segments():
                    yield drawn, drawn.get_transform().transform(segment)
            elif isinstance(drawn, PathCollection):
                for dot in drawn.get_offset_transform().transform(drawn.get_offsets()):
                    yield drawn, dot[None]
        for text in axis.texts:
            if isinstance(text, Annotation) and text.arrow_patch:
                leader = text.arrow_patch
                yield text, leader.get_transform().transform(leader.get_path().vertices)


def _hidden(stroke: Any, box: Bbox) -> bool:
    """Return whether a mark that lies above a stroke is the ground of the words."""
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return any(
        patch.get_zorder() > stroke.get_zorder() and patch.get_window_extent().contains(x, y)
        for patch in stroke.axes.patches
    )


def struck(figure: Figure, slack: float = 1.5) -> list[str]:
    """Return the texts that a line or a dot goes through; one with a ground of its own is safe."""
    strokes = [(of, points[np.isfinite(points).all(axis=1)]) for of, points in _strokes(figure)]
    found = []
    for text in texts(figure):
        if text.get_bbox_patch():
            continue
        box = Text.get_window_extent(text).padded(-slack)
        for of, points in strokes:
            hit = (
                Way(points).intersects_bbox(box, filled=False)
                if len(points) > 1
                else len(points) and box.contains(*points[0])
            )
            if hit and of is not text and not _hidden(of, box):
                found.append(text.get_text())
                break
    return found
