"""The two suites: what the quick one takes as a sample, the thorough one takes whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import settings

#: The profiles of Hypothesis, named as the suites.
QUICK, THOROUGH = "quick", "thorough"
#: Examples that the quick suite tries of every property.
EXAMPLES = 25
settings.register_profile(QUICK, max_examples=EXAMPLES, deadline=None)
settings.register_profile(THOROUGH, deadline=None)


def examples(most: int) -> Callable[[Any], Any]:
    """Try so many examples of a property, and EXAMPLES at most in the quick suite."""
    thorough = settings.get_current_profile_name() == THOROUGH
    return settings(max_examples=most if thorough else min(most, EXAMPLES))


def sample(values: Iterable[Any], quick: Callable[[int, Any], bool] | int = 1) -> list[Any]:
    """Return parameters of a test: the thorough suite takes all, the quick one some.

    ``quick`` says how many of the first ones the quick suite takes, or of each, by its place and
    value, whether.
    """
    chosen = quick if callable(quick) else lambda place, _: place < quick
    return [
        value if chosen(place, value) else pytest.param(value, marks=pytest.mark.thorough)
        for place, value in enumerate(values)
    ]
