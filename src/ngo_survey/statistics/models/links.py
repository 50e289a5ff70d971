"""Links of binary and cumulative models: distribution, both tails, density and its slope.

Each tail is computed from its own side, so that a small probability keeps its digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ngo_survey.errors import InputError, nearest

Floats = NDArray[np.float64]
#: Below, above, density, slope of the density.
Curve = tuple[Floats, Floats, Floats, Floats]
#: Stands for infinity: every link is flat there, and no product of it is undefined.
FAR = 700.0


@dataclass(frozen=True)
class LinkFunction:
    """A distribution F on the line: ``curve(x)`` gives ``F, 1 - F, f, f'``."""

    name: str
    curve: Callable[[Floats], Curve]
    quantile: Callable[[Floats], Floats]

    def below(self, x: Floats) -> Floats:
        """Return ``F(x)``."""
        return self.curve(x)[0]

    def density(self, x: Floats) -> Floats:
        """Return ``f(x)``."""
        return self.curve(x)[2]


def _logit(x: Floats) -> Curve:
    tail = np.exp(-np.abs(x))
    large = 1.0 / (1.0 + tail)
    small = tail * large
    right = x >= 0
    below, above = np.where(right, large, small), np.where(right, small, large)
    density = small * large
    return below, above, density, density * (above - below)


def _probit(x: Floats) -> Curve:
    density = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
    return ndtr(x), ndtr(-x), density, -x * density


def _cloglog(x: Floats) -> Curve:
    x = np.clip(x, -FAR, FAR)
    rate = np.exp(x)
    density = np.exp(x - rate)
    return -np.expm1(-rate), np.exp(-rate), density, density * (1.0 - rate)


def _normal_quantile(p: Floats) -> Floats:
    from scipy.special import ndtri

    return ndtri(p)


LINKS = {
    "logit": LinkFunction("logit", _logit, lambda p: np.log(p / (1 - p))),
    "probit": LinkFunction("probit", _probit, _normal_quantile),
    "cloglog": LinkFunction("cloglog", _cloglog, lambda p: np.log(-np.log1p(-p))),
}


def link_named(name: str) -> LinkFunction:
    """Return a link by name, or raise with the known ones."""
    if name not in LINKS:
        raise InputError("no such link", value=name, hint=nearest(name, LINKS))
    return LINKS[name]
