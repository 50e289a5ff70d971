"""The search of the page: by keyboard, over headings, captions, rows and sentences, offline."""

from __future__ import annotations

import pytest

from browser import chromium, needs_chromium, visit
from ngo_survey.present.document.document import (
    Cell,
    Chapter,
    Document,
    Heading,
    Paragraph,
    Row,
    Slot,
    Table,
    Text,
)
from ngo_survey.present.document.language import language
from ngo_survey.present.html.explorer.section import Explorer, packed
from ngo_survey.present.html.render import Extras, render

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


def explorer():
    """An explorer of one question."""
    table = {"id": "staff", "group": 0, "question": "staff", "filter": "", "asked": ""}
    table |= {"title": "Paid staff", "wording": "How many people do you pay?"}
    say = language("en").words["explorer"]
    groups = [{"label": "NGOs", "banners": []}]
    tables = [table | {"columns": [], "bases": [[9, 9]], "blocks": [block()]}]
    patterns = ("thousands", "decimal", "minus", "percent", "range", "below", "none", "banner")
    data = {"groups": groups, "tables": tables, "first": "staff"}
    return Explorer(packed(data | {"say": say | dict.fromkeys(patterns, "")}), ())


def block():
    row = {"name": "mean", "label": "Mean", "figures": [[120, None, None]]}
    return {"heading": "", "statistic": "mean", "kind": "m", "rows": [row]}


def table():
    row = Row((Slot("Lack of volunteers", "label"),), (Cell((Text("x"),), True),))
    head = (Cell((Text("All"),), number=True),)
    return Table("table-a", "1.1", (Text("Barriers"),), "", (head,), (row,), folded=True)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    first = (Paragraph((Text("Words. " * 3000),)), table())
    second = (
        Heading(2, "two-villages", (Text("Villages"),)),
        Paragraph((Text("Ёлка не растет. Жұмыс көп. Volunteers are few in villages."),)),
    )
    chapters = (
        Chapter("one", "1", (Text("Obstacles"),), first),
        Chapter("two", "2", (Text("Solutions"),), second),
    )
    say = language("en")
    made = render(
        Document("en", "T", "S", "Simulated", chapters), say, {}, {}, Extras(explorer=explorer())
    )
    place = tmp_path_factory.mktemp("search") / "page.html"
    place.write_text(made, encoding="utf-8")
    return place


def search(page, words):
    """Type into the search as a reader does, and return the lines that it offers."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    return page.locator("#found li:visible").all_inner_texts()


def test_a_slash_leads_to_the_search_and_enter_to_what_was_found(browser, file):
    page = visit(browser, file)
    found = search(page, "villages")
    assert found == [
        "Heading · Solutions\nVillages",
        "Text · Solutions\nVolunteers are few in villages.",
    ]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "P"
    assert page.locator("p:focus").bounding_box()["y"] < 900
    assert page.evaluate("location.hash") == "#two-villages"
    assert page.faults == []


def test_a_row_of_a_folded_table_is_found_and_opened(browser, file):
    page = visit(browser, file)
    assert search(page, "lack vol") == ["Table or figure · Obstacles\nLack of volunteers"]
    page.keyboard.press("Enter")
    assert page.locator("#table-a tbody th").is_visible()
    assert page.evaluate("location.hash") == "#table-a"


def test_a_question_is_found_and_opens_in_the_explorer(browser, file):
    page = visit(browser, file)
    search(page, "people do you pay")
    page.wait_for_selector("#found li")
    page.keyboard.press("Enter")
    page.wait_for_selector("#x-table tbody tr")
    assert "Paid staff" in page.locator("#x-caption").inner_text()


@pytest.mark.parametrize("words", ["елка", "ЖҰМЫС"])
def test_letters_are_found_whatever_their_case_and_marks(browser, file, words):
    assert len(search(visit(browser, file), words)) == 1


def test_what_was_found_is_said_and_tied_to_the_box(browser, file):
    page = visit(browser, file)
    search(page, "volunteers")
    assert page.locator(".search [role=status]").inner_text() == "Found: 2"
    box = page.locator("[role=combobox]")
    chosen = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.type("zzz")
    assert page.locator(".search [role=status]").inner_text() == "Nothing found"


def test_signs_of_patterns_are_letters_to_the_search(browser, file):
    page = visit(browser, file)
    assert search(page, "(.*[\\") == []
    assert page.faults == []


@pytest.mark.thorough
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_search(browser, file, colours):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(browser, file, color_scheme=colours)
    search(page, "volunteers")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []


def test_without_a_script_no_search_is_offered(browser, file):
    page = visit(browser, file, java_script_enabled=False)
    assert not page.locator(".search").is_visible()
    # Chapters below the first are laid out a moment after it.
    page.get_by_text("Volunteers are few").wait_for(state="visible", timeout=5_000)
