"""The values of a figure in the page: pointed at, touched, and one by one by keyboard."""

from __future__ import annotations

import pytest

from browser import chromium, needs_chromium, visit
from ngo_survey.present.document.document import Chapter, Document, Figure, Text
from ngo_survey.present.document.language import language
from ngo_survey.present.html.render import render

pytestmark = needs_chromium

SVG = """<svg viewBox="0 0 400 200" role="img" aria-label="Two dots">
<g data-key="q/a@total"><circle cx="100" cy="50" r="4"/></g>
<g data-key="q/b@total"><circle cx="300" cy="150" r="4"/></g></svg>"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    say = language("en")
    names = {name: say.word(f"definition.{name}") for name in ("key", "category", "estimate", "se")}
    definitions = {
        f"q/{answer}@total": [
            (names["key"], f"q/{answer}@total"),
            (names["category"], f"Answer {answer}"),
            (names["estimate"], value),
            (names["se"], "1.2%"),
        ]
        for answer, value in (("a", "40%"), ("b", "60%"))
    }
    figure = Figure("figure-x", "1.1", "x", (Text("Answers"),), "Two dots.")
    chapter = Chapter("one", "1", (Text("One"),), (figure,))
    made = render(Document("en", "T", "S", "", (chapter,)), say, definitions, {"figure-x": SVG})
    place = tmp_path_factory.mktemp("values") / "page.html"
    place.write_text(made, encoding="utf-8")
    return place


def ready(browser, file, **context):
    page = visit(browser, file, **context)
    page.wait_for_selector(".value", state="attached")
    return page


def beside(page, answer):
    """A place a little beside a mark."""
    box = page.locator(f"[data-key='q/{answer}@total']").bounding_box()
    return box["x"] + box["width"] + 3, box["y"] + box["height"] / 2


def test_a_mark_says_its_value_when_pointed_at_and_escape_takes_it_away(browser, file):
    page = ready(browser, file)
    page.mouse.move(*beside(page, "b"))
    assert page.locator(".tip").inner_text() == "Answer\nAnswer b\nEstimate\n60%"
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()
    assert page.faults == []


def test_a_click_at_a_mark_opens_the_number(browser, file):
    page = ready(browser, file)
    page.mouse.click(*beside(page, "a"))
    assert "q/a@total" in page.locator("dialog[open]").inner_text()


def test_the_keyboard_steps_through_the_values_and_each_is_read_aloud(browser, file):
    page = ready(browser, file)
    stop = page.locator("[role=slider]")
    stop.focus()
    assert stop.get_attribute("aria-valuetext") == "Answer: Answer a; Estimate: 40%"
    page.keyboard.press("ArrowRight")
    assert stop.get_attribute("aria-valuetext") == "Answer: Answer b; Estimate: 60%"
    assert stop.get_attribute("aria-valuenow") == stop.get_attribute("aria-valuemax") == "2"
    page.keyboard.press("Enter")
    assert "q/b@total" in page.locator("dialog[open]").inner_text()


def test_a_finger_shows_a_value_first_and_opens_it_the_second_time(browser, file):
    page = ready(browser, file, size=(390, 800), has_touch=True)
    page.touchscreen.tap(*beside(page, "a"))
    assert "40%" in page.locator(".tip").inner_text()
    assert page.locator("dialog[open]").count() == 0
    page.touchscreen.tap(*beside(page, "a"))
    assert "q/a@total" in page.locator("dialog[open]").inner_text()


@pytest.mark.thorough
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_where_a_value_is_said(browser, file, colours):
    from axe_playwright_python.sync_playwright import Axe

    page = ready(browser, file, color_scheme=colours)
    page.locator("[role=slider]").focus()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
