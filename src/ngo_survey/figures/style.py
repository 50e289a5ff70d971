"""One style for every figure: DejaVu Sans (it has all Kazakh letters), a palette with meaning."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, GREY, PALE, HATCH = "#1c2733", "#5b6773", "#d9dee3", "#9aa6b2"
#: Okabe & Ito's colours, safe for the colour-blind: the first is NGOs, the second government.
NGO, GOVERNMENT = "#0072b2", "#d55e00"
CYCLE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6d31", "#7f7f7f",
         "#b8bfc6", "#404b55")  # fmt: skip
#: From shrinking to growing, from little to much: the middle is pale.
DIVERGING = ("#b2580b", "#e8a05c", "#d9dee3", "#6baed6", "#08519c")
SEQUENTIAL = ("#eef3f8", "#0b4f8a")
SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "svg.fonttype": "none",
    "svg.hashsalt": "ngo-survey",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": PALE,
    "axes.labelcolor": GREY,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": "#e8ebee",
    "xtick.color": GREY,
    "ytick.color": INK,
    "xtick.bottom": False,
    "ytick.left": False,
    "text.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "hatch.linewidth": 0.6,
}
WIDTH = 7.4


def wrap(text: str, width: int = 34) -> str:
    """Break a label into lines."""
    return "\n".join(textwrap.wrap(text, width)) or text


def finish(figure: Figure, notes: str, simulated: str) -> None:
    """Write base, source and the mark of simulated data under a figure."""
    height = figure.get_size_inches()[1]
    below = any(axis.axison and axis.get_xlabel() for axis in figure.axes)
    figure.subplots_adjust(bottom=(0.55 if below else 0.25) / height)
    lines = textwrap.wrap(notes, 104)
    step = 0.17 / height
    if simulated:
        figure.text(0.0, -step, simulated, fontsize=8.5, color="#a33b00", weight="bold", va="top")
    for place, line in enumerate(lines, start=2 if simulated else 1):
        figure.text(0.0, -step * place, line, fontsize=8, color=GREY, va="top")


#: Dots an inch of a figure as PNG: two for each of a screen.
DOTS = 192


def to_png(figure: Figure) -> bytes:
    """Return a figure as PNG, for formats that hold no SVG; the same bytes always."""
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=DOTS,
        bbox_inches="tight",
        pad_inches=0.08,
        metadata={"Software": None},
    )
    return buffer.getvalue()


def to_svg(figure: Figure, title: str, description: str) -> bytes:
    """Return a figure as SVG with real text, a title and a description, the same bytes always."""
    from html import escape

    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="svg", bbox_inches="tight", pad_inches=0.08, metadata={"Date": None}
    )
    plt.close(figure)
    text = buffer.getvalue().decode("utf-8")
    # Verdana has the same widths where DejaVu Sans is not installed.
    text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    head = text.index(">", text.index("<svg")) + 1
    words = f"\n <title>{escape(title)}</title>\n <desc>{escape(description)}</desc>"
    return (text[:head] + words + text[head:]).encode("utf-8")
