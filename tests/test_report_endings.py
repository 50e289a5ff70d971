"""An ending after a figure (22 %-й, 22%-ы) stays on its line in the page and in Word."""

from __future__ import annotations

import re

import pytest
from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from ngo_survey.present.docx.xml import W, run
from ngo_survey.present.html.endings import endings
from suites import examples

WORDS = st.text(st.sampled_from("12%й ы-<&. \u00a0aЯ"), max_size=30)


@pytest.mark.parametrize(
    ("text", "ending"),
    [("22%-ы", "-ы"), ("95\u00a0%-й <", "-й"), ("5-ші", "-ші"), ("-ы НПО", "-ы")],
)
def test_a_browser_keeps_an_ending_with_its_figure(text: str, ending: str) -> None:
    assert f'<span class="end">{ending}</span>' in endings(text)


@pytest.mark.parametrize("text", ["из-за", "2020-2025", "−4-5", "2024-07-15", "- ы"])
def test_other_hyphens_are_left_alone(text: str) -> None:
    assert endings(text) == text


@given(WORDS)
@examples(100)
def test_the_page_says_the_same_letters(text: str) -> None:
    bare = re.sub(r'<span class="end">|</span>', "", endings(text))
    assert Markup(bare).unescape() == text


@given(WORDS)
@examples(100)
def test_word_says_the_same_letters(text: str) -> None:
    made = parse_xml(run(text).replace("<w:r>", f'<w:r xmlns:w="{W}">', 1))
    assert made.text == text
