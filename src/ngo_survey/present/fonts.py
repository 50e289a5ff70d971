"""The one font of figures and paper, wherever the Typst compiler sets words."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ngo_survey.errors import SurveyError


@cache
def fonts() -> Any:
    """Return DejaVu Sans as matplotlib ships it, Cyrillic whole, and no font of the system."""
    import typst

    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise SurveyError("matplotlib is missing, whose fonts words are set in")
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
