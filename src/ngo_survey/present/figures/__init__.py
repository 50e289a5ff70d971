"""Figures: declared in the configuration, drawn from the results store alone."""

from __future__ import annotations

from ngo_survey.study import Study


def figure_ids(study: Study) -> list[str]:
    """Return the names of the declared figures."""
    return list(study.section("figures"))


def png(study: Study, name: str, language: str) -> bytes:
    """Return one figure as PNG at twice the pixels of its SVG, for files that hold no SVG.

    Who wants several takes one :class:`ngo_survey.present.figures.drawing.Drawer` for all of them.
    """
    from ngo_survey.present.figures.drawing import Drawer

    return Drawer.load(study).draw(name, language).png()
