"""Endings after figures (22 %-й, 22%-ы) that a browser must not part from them."""

from __future__ import annotations

from markupsafe import Markup, escape

from ngo_survey.present.clean import ENDING


def endings(text: str) -> Markup:
    """Return a text as markup, each ending after a figure kept on one line.

    A browser breaks lines after the hyphen alone. The letters stay what they are, so that whoever
    searches or copies them has no others than before.
    """
    kept, done = Markup(), 0
    for found in ENDING.finditer(text):
        kept += escape(text[done : found.start()])
        kept += Markup('<span class="end">{}</span>').format(found[0])
        done = found.end()
    return kept + escape(text[done:])
