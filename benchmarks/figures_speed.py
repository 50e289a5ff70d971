"""Speed of all figures of the default study, against the time matplotlib needs to save them.

Run after a build: ``python benchmarks/figures_speed.py``

matplotlib: what ``Figure.savefig`` takes to lay out and save the same figures as SVG, each finished
but for its layout: what anybody pays who saves a figure with ``layout="constrained"``.
one language: from the results on disk to the bytes of every SVG, imports of pyplot and seaborn
included.
another language: the same with results, codebooks, fonts and outlines of the map already there.

Budget: 2 times. Processor time, each process in its own: the least of several runs counts.
"""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

from matplotlib.layout_engine import ConstrainedLayoutEngine

from ngo_survey.present.figures import figure_ids, layout
from ngo_survey.present.figures.drawing import Drawer, look
from ngo_survey.study import Study

LANGUAGES = ("en", "ru", "kk")


def main() -> None:
    """Print processor seconds of three languages and their multiples of saving."""
    study = Study.load(Path(__file__).parents[1] / "config.yaml")
    names = figure_ids(study)
    began = time.process_time()
    drawer = Drawer.load(study)
    took = {}
    for language in LANGUAGES:
        for name in names:
            drawer.draw(name, language).svg()
        took[language], began = time.process_time() - began, time.process_time()
    for language, seconds in took.items():
        saving = saved(drawer, names, language)
        print(
            f"{language}: {len(names)} figures in {seconds:.2f} s; "
            f"matplotlib saves them in {saving:.2f} s: {seconds / saving:.2f} times"
        )


def saved(drawer: Drawer, names: list[str], language: str) -> float:
    """Return the processor seconds in which matplotlib lays out and saves the figures."""

    def engaged(figure: Any, place: tuple[float, float, float, float]) -> None:
        figure.set_layout_engine(ConstrainedLayoutEngine(rect=place))

    settle, layout._settle = layout._settle, engaged
    try:
        figures = [drawer.draw(name, language).figure for name in names]
    finally:
        layout._settle = settle
    with look():
        began = time.process_time()
        for figure in figures:
            figure.savefig(io.BytesIO(), format="svg")
        return time.process_time() - began


if __name__ == "__main__":
    main()
