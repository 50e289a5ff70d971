"""Colours with a meaning, how far they stand out, and how people with other eyes see them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

#: Inches: every figure is as wide, so that text has one size on a page.
WIDTH = 7.4
INK, GREY, PALE, HATCH = "#1c2733", "#5b6773", "#d9dee3", "#6f7c88"
#: What the ids of an SVG begin with that hold the words around the drawing.
WORDS = "around"
#: The mark of simulated data.
WARNING = "#a33b00"
#: Groups of respondents in the order of the configuration, after Okabe and Ito's blue, vermilion,
#: purple and green, dark enough for words; more than these begin again.
GROUPS = ("#0072b2", "#bf5000", "#8f4a78", "#00614a")
#: Marks of figures about one group.
MAIN = GROUPS[0]
#: Two levels of a banner side by side: no colours of the groups of respondents, whose own they are.
LEVELS = ("#00594f", "#a87600")
#: Categories without an order of their own, in the order of the questionnaire. Neighbours are
#: pairs of kin, dark before light; light and dark alternate, so that grey print and eyes without
#: red or green tell neighbours apart.
CYCLE = ("#004f85", "#3f93cf", "#9c3a00", "#dd6f1f", "#00614a", "#2b9b78", "#7a2f63", "#c0709f",
         "#46505a", "#7b8691")  # fmt: skip
#: What is no category of substance: the last of a list, "other", "none", "don't know".
REST = "#cfd5da"
RESTS = frozenset({"other", "other_forms", "none", "mixed", "dont_know", "no_answer"})
#: From less to more, purple to green: the middle is pale. No colours of the groups either.
DIVERGING = ("#762a83", "#b88fc6", "#d9dee3", "#7fbf7b", "#1b6b34")
#: From little to much: the darker, the more.
SEQUENTIAL = ("#eef3f8", "#0b4f8a")

#: Machado, Oliveira & Fernandes (2009), "A Physiologically-based Model for Simulation of Color
#: Vision Deficiency", IEEE TVCG 15(6), severity 1.0, for linear RGB; and luminance (Rec. 709).
VISION: dict[str, tuple[tuple[float, float, float], ...]] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}


@cache
def linear(colour: str) -> tuple[float, float, float]:
    """Return a colour ``#rrggbb`` as linear RGB, each 0 to 1 (IEC 61966-2-1)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


@cache
def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(linear(one)), _luminance(linear(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def simulated_vision(colour: str, vision: str) -> tuple[float, float, float]:
    """Return a colour in linear RGB as it is seen with a key of :data:`VISION`."""
    red, green, blue = (
        min(1.0, max(0.0, sum(w * c for w, c in zip(row, linear(colour), strict=True))))
        for row in VISION[vision]
    )
    return red, green, blue


def ink_on(colour: str) -> str:
    """Return black or white, which reads better on a ground: one is 4.58 to 1 on any."""
    return max(("#000000", "#ffffff"), key=lambda text: contrast(text, colour))


def edge_of(colour: str) -> str:
    """Return the colour of a mark's edge: white, or grey where the mark is too pale on paper."""
    return "#ffffff" if contrast(colour, "#ffffff") >= 3 else GREY


def categories(names: Iterable[str]) -> list[str]:
    """Return a colour of :data:`CYCLE` for each category, grey for what is none of substance."""
    cycle = iter(CYCLE)
    return [REST if name in RESTS else next(cycle) for name in names]


def _luminance(colour: tuple[float, float, float]) -> float:
    return sum(w * c for w, c in zip(VISION["grey"][0], colour, strict=True))
