"""Patterns of a form: the same here and apart, and never without end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.reading import patterns
from ngo_survey.reading.limits import Limits
from suites import examples

SLOW = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["^", "", "(?i)"]),
    st.sampled_from(["(a+)+", "(a*)*", "(a|aa)+", "(a|a)*", "([a-z]+)*", "(?:a+)+", "(\\w+\\s?)+"]),
    st.sampled_from(["", "b*"]),
    st.sampled_from(["$", "1"]),
)


@given(SLOW)
@examples(20, quick=1)
def test_a_pattern_that_tries_every_way_is_stopped(pattern: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "SECONDS", 1)
        try:
            assert patterns.matched([("a" * 60 + "!", pattern)]) == [False]
        except InputError as stop:
            assert pattern in str(stop)
            assert "longer than 1 s" in str(stop)


@pytest.mark.parametrize("pattern", [r"[a-z]+", r"([0-9]{3}-)+[0-9]+", r"(\+7|8)[0-9]{10}", "("])
def test_patterns_say_the_same_here_and_apart(pattern: str) -> None:
    texts = ["", "abc", "123-45", "+77011234567", "x 123-4"]
    pairs = [(text, pattern) for text in texts]
    assert patterns.matched(pairs) == patterns._matched(pairs, Limits())
