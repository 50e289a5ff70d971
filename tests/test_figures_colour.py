"""Colours: neighbours are told apart by all eyes and in grey, and a contact sheet shows it."""

from __future__ import annotations

import math
from functools import partial
from itertools import combinations, pairwise

import pytest

from ngo_survey.present.figures import style
from ngo_survey.present.figures.drawing import Drawer
from ngo_survey.present.figures.sheet import LOOKS, contact_sheet
from ngo_survey.study import Study
from suites import sample


def distance(one: str, other: str, vision: str) -> float:
    """Return how far apart two colours are seen: CIE76 over L*a*b* of the simulated colours."""
    see = style.linear if vision == "full" else partial(style.simulated_vision, vision=vision)
    return math.dist(_lab(see(one)), _lab(see(other)))


def _lab(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("vision", style.VISION)
@pytest.mark.parametrize("palette", ["CYCLE", "DIVERGING", "LEVELS"])
def test_neighbours_are_told_apart(vision: str, palette: str) -> None:
    for one, other in pairwise(getattr(style, palette)):
        assert distance(one, other, vision) > 15, (one, other)


@pytest.mark.parametrize("vision", [v for v in style.VISION if v != "grey"])
@pytest.mark.parametrize(("one", "other"), list(combinations(style.GROUPS, 2)))
def test_groups_of_respondents_are_told_apart(vision: str, one: str, other: str) -> None:
    assert distance(one, other, vision) > 15


@pytest.mark.parametrize("group", style.GROUPS[:2])
def test_a_colour_of_the_two_sides_means_nothing_else(group: str) -> None:
    for colour in (*style.LEVELS, *style.DIVERGING):
        assert distance(group, colour, "full") > 20, colour


def test_grey_is_the_luminance_of_a_colour() -> None:
    assert style.simulated_vision("#ffffff", "grey") == pytest.approx((1, 1, 1), abs=1e-6)
    assert len(set(style.simulated_vision("#bf5000", "grey"))) == 1


def test_white_stays_white_to_all_eyes() -> None:
    for vision in style.VISION:
        assert style.simulated_vision("#ffffff", vision) == pytest.approx((1, 1, 1), abs=1e-5)


def test_contrast_is_that_of_the_guideline() -> None:
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_words_on_any_colour_can_be_read() -> None:
    for colour in (*style.CYCLE, *style.DIVERGING, *style.SEQUENTIAL, style.REST):
        assert style.contrast(style.ink_on(colour), colour) >= 4.5


def test_what_is_no_category_of_substance_is_grey() -> None:
    assert style.categories(["a", "other", "b"]) == [style.CYCLE[0], style.REST, style.CYCLE[1]]


@pytest.mark.parametrize("look", sample(LOOKS, 2))
def test_a_contact_sheet_holds_every_figure_and_its_look(built: Study, look: str) -> None:
    drawer = Drawer.load(built)
    made = contact_sheet([drawer.draw("trust", "ru"), drawer.draw("spheres", "ru")], "ru", look)
    assert made.count("<figure>") == 2
    assert made.count("data:image/svg+xml;base64,") == 2
    assert '<html lang="ru">' in made
    assert ("feColorMatrix" in made) == (look != "colour")
