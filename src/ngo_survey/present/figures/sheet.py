"""The contact sheet: all figures of a language on one page, also as other eyes see them.

The page is one HTML file; colours are changed by SVG filters, whose matrices work on linear RGB as
those of Machado et al. (2009) do (:data:`ngo_survey.present.figures.style.VISION`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

from ngo_survey.present.figures.drawing import Drawing
from ngo_survey.present.figures.picture import words
from ngo_survey.present.figures.style import VISION

#: What a sheet can be looked at with.
LOOKS = ("colour", *VISION)
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ margin: 1rem; font: 14px/1.35 "DejaVu Sans", Verdana, sans-serif; color: #1c2733; }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(34rem, 1fr)); gap: 1rem; }}
figure {{ margin: 0; padding: .5rem; border: 1px solid #d9dee3; break-inside: avoid; }}
figcaption {{ margin-bottom: .4rem; }}
code {{ color: #5b6773; }}
img {{ width: 100%; {effect}}}
</style>
</head>
<body>
<h1>{title}</h1>
{filters}<main>
{figures}</main>
</body>
</html>
"""
_FIGURE = """<figure>
<figcaption><b>{title}</b> <code>{name}</code></figcaption>
<img alt="{description}" src="data:image/svg+xml;base64,{content}">
</figure>
"""


def contact_sheet(
    drawings: Iterable[Drawing], language: str, vision: str = "colour", own: Path | None = None
) -> str:
    """Return a page of drawings as they are seen with a key of :data:`LOOKS`."""
    said = words(language, own)
    figures = "".join(
        _FIGURE.format(
            title=escape(drawing.title),
            name=drawing.name,
            description=escape(drawing.description, quote=True),
            content=base64.b64encode(drawing.svg()).decode("ascii"),
        )
        for drawing in drawings
    )
    changed = vision in VISION
    return _PAGE.format(
        language=language,
        title=escape(f"{said['sheet']}: {said[f'vision_{vision}']}"),
        effect="filter: url(#vision); " if changed else "",
        filters=_filter(vision) if changed else "",
        figures=figures,
    )


def _filter(vision: str) -> str:
    """Return the filter of a vision: three rows of weights, no constant, the same opacity."""
    rows = " ".join(f"{red:g} {green:g} {blue:g} 0 0" for red, green, blue in VISION[vision])
    return (
        '<svg width="0" height="0" style="position: absolute" aria-hidden="true">'
        '<filter id="vision" color-interpolation-filters="linearRGB">'
        f'<feColorMatrix type="matrix" values="{rows} 0 0 0 1 0"/></filter></svg>\n'
    )
