"""Speed of all figures of the default study, against the time matplotlib needs to save them.

Run after a build: ``python benchmarks/figures_speed.py``

one language: from the results on disk to the bytes of every SVG, as a multiple of what
``Figure.savefig`` alone takes of it (layout of matplotlib included, as whoever saves pays for it).
another language: the same with results, codebooks, fonts and outlines of the map already there, and
what loading them again would have cost.

Budgets: 2 times; a second language loads nothing again.
"""

from __future__ import annotations

import time
from pathlib import Path

from matplotlib.figure import Figure

from ngo_survey.figures import figure_ids
from ngo_survey.figures.drawing import Drawer
from ngo_survey.study import Study

saving: list[float] = []
plain = Figure.savefig


def counted(self: Figure, *given: object, **named: object) -> None:
    """Save a figure and note the time."""
    began = time.process_time()
    plain(self, *given, **named)
    saving.append(time.process_time() - began)


def main() -> None:
    """Print processor seconds of three languages and their multiples of saving."""
    Figure.savefig = counted  # type: ignore[method-assign,assignment]
    study = Study.load(Path(__file__).parents[1] / "config.yaml")
    names = figure_ids(study)
    began = time.process_time()
    drawer = Drawer.load(study)
    drawer.shelves.shelf({}).results.analysis("trust")
    loaded = time.process_time() - began
    print(f"codebooks and estimates: {loaded:.2f} s, once for all languages")
    for place, language in enumerate(("en", "ru", "kk")):
        saving.clear()
        began = time.process_time()
        for name in names:
            drawer.draw(name, language).svg()
        took = time.process_time() - began + (0.0 if place else loaded)
        print(
            f"{language}: {len(names)} figures in {took:.2f} s, saving {sum(saving):.2f} s of it: "
            f"{took / sum(saving):.2f} times"
        )


if __name__ == "__main__":
    main()
