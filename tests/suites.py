"""The two suites: what the quick one takes as a sample, the thorough one takes whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import settings

#: The profiles of Hypothesis, named as the suites.
QUICK, THOROUGH = "quick", "thorough"
#: Examples that the quick suite tries of every property.
EXAMPLES = 10
#: Both try the same examples every time: a change fails for what it did and not by luck.
settings.register_profile(QUICK, max_examples=EXAMPLES, deadline=None, derandomize=True)
settings.register_profile(THOROUGH, deadline=None, derandomize=True)


def search_anew(profile: str) -> None:
    """Let a profile try other examples, by the seed that pytest is given."""
    settings.register_profile(profile, settings.get_profile(profile), derandomize=False)
    settings.load_profile(profile)


def examples(most: int, quick: int = EXAMPLES) -> Callable[[Any], Any]:
    """Try so many examples of a property, and ``quick`` at most in the quick suite."""
    thorough = settings.get_current_profile_name() == THOROUGH
    return settings(max_examples=most if thorough else min(most, quick))


def sample(values: Iterable[Any], quick: int = 1) -> list[Any]:
    """Return parameters of a test: the thorough suite takes all, the quick one the first ones."""
    return [_parameter(value, place < quick) for place, value in enumerate(values)]


def turns(names: Iterable[Any], others: Sequence[Any]) -> list[Any]:
    """Return all pairs of two lists: of each name the quick suite takes one pair, in turn.

    So it takes each of the others too, where there are as many names; ``others`` are languages,
    say.
    """
    return [
        _parameter((name, other), turn == place % len(others))
        for place, name in enumerate(names)
        for turn, other in enumerate(others)
    ]


def _parameter(value: Any, quick: bool) -> Any:
    values = value if isinstance(value, tuple) else (value,)
    return pytest.param(*values, marks=() if quick else pytest.mark.thorough)
