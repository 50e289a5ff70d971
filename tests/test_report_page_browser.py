"""The page in a real browser: numbers open, the explorer works by keyboard, nothing leaves."""

from __future__ import annotations

import csv
import io
import re

import pytest

from browser import chromium, needs_chromium, visit
from ngo_survey.present.document.document import Chapter, Document, Paragraph, Slot, Text
from ngo_survey.present.document.language import language
from ngo_survey.present.html.explorer.section import Explorer, packed
from ngo_survey.present.html.render import Extras, render
from ngo_survey.results.store import Results

pytestmark = needs_chromium

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(built):
    return built.paths.report("en")


def table(page):
    """The explorer's table as rows of words."""
    return page.eval_on_selector_all(
        "#x-table tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def test_a_number_opens_by_click_enter_and_space_and_closes_by_escape(browser, file):
    page = visit(browser, file, "#barriers")
    number = page.locator("#barriers span.n").first
    for way in ("click", "Enter", " "):
        number.click() if way == "click" else (number.focus(), page.keyboard.press(way))
        opened = page.locator("dialog[open]").inner_text()
        for line in ("Key", "Question", "Base (unweighted)", "95% limits", "Hash of this code"):
            assert line in opened, way
        assert re.search(r"data/raw/responses/\w+\.csv [0-9a-f]{64}", opened)
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert number.evaluate("number => number === document.activeElement")
    assert page.faults == []


def test_an_address_with_a_key_opens_the_number(browser, file):
    page = visit(browser, file, "#number=barriers/funding@total")
    assert "barriers/funding@total" in page.locator("dialog[open]").inner_text()


def test_arrows_walk_through_the_numbers_of_a_table_that_is_one_stop(browser, file):
    page = visit(browser, file, "#table-barriers")
    numbers = page.locator("#table-barriers button.n")
    page.wait_for_function("document.querySelectorAll('#table-barriers button.n')[1].tabIndex < 0")
    assert numbers.evaluate_all("all => all.filter(one => one.tabIndex === 0).length") == 1
    numbers.first.focus()
    page.keyboard.press("ArrowDown")
    place = page.evaluate("document.activeElement.closest('tr').rowIndex")
    assert place == numbers.first.evaluate("one => one.closest('tr').rowIndex") + 1


def test_the_explorer_is_used_by_keyboard_and_its_address_leads_back(browser, file, built):
    page = visit(browser, file, "#explore=barriers&by=form_group")
    rows = page.locator("#x-rows")
    rows.focus()
    before = table(page)
    page.keyboard.press("ArrowDown")
    page.wait_for_function("!location.hash.startsWith('#explore=barriers&')")
    after = table(page)
    assert after != before
    assert page.locator("#x-status").inner_text().startswith("Shown: Table")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.explorer') !== null")
    again = visit(browser, file, page.evaluate("location.hash"))
    assert table(again) == after
    assert again.faults == page.faults == []


def test_the_explorer_shows_what_the_store_releases_and_hides_what_it_hides(browser, file, built):
    page = visit(browser, file, "#explore=barriers&by=region")
    results = Results.load(built.paths.released)
    held = results.analysis("barriers_by_region")
    held = held[held["statistic"] == "proportion"]
    levels, categories = (
        list(dict.fromkeys(held["by_level"])),
        list(dict.fromkeys(held["category"])),
    )
    _, *rows = table(page)
    hidden = 0
    for category, row in zip(categories, rows, strict=False):
        for level, text in zip(levels, row[2:], strict=True):
            cell = results.row(f"barriers_by_region/{category}@{level}")
            if cell["status"] == "shown":
                assert text == language("en").format(cell["estimate"], "percent")
            else:
                assert text == ("–" if cell["status"] == "empty" else "×")
                hidden += text == "×"
    assert hidden


def test_a_filter_that_was_tabulated_can_be_chosen(browser, file):
    page = visit(browser, file, "#explore=barriers")
    page.select_option("#x-among", index=1)
    assert page.evaluate("location.hash").startswith("#explore=barriers_of_rural")
    assert "Village" in page.locator("#x-caption").inner_text()


def test_a_number_of_the_explorer_opens(browser, file):
    page = visit(browser, file, "#explore=trust&by=macro_region")
    page.locator("#x-table button.n").nth(1).click()
    opened = page.locator("dialog[open]").inner_text()
    assert re.search(r"trust_by_macro_region/\w+@\w+", opened)
    assert "95% limits" in opened


def test_what_is_seen_can_be_taken_along(browser, file):
    page = visit(browser, file, "#explore=barriers&by=form_group&chart=r0")
    taken = {}
    for kind in ("csv", "svg", "png"):
        with page.expect_download() as waiting:
            page.locator(f"#x-{kind}").click()
        taken[kind] = waiting.value
        assert waiting.value.suggested_filename == f"barriers_by_form_group.{kind}"
    text = taken["csv"].path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    _, *seen, _ = table(page)
    assert len(rows) == sum(len(row) - 1 for row in seen)
    assert {row["Data"] for row in rows} == {"Simulated data: not findings about Kazakhstan"}
    first = rows[0]
    assert (first["Key"], first["Value"]) == ("barriers/funding@total", "0.55")
    hidden = [row for row in rows if row["Status"].startswith("not shown")]
    assert hidden and {row["Value"] + row["Lower 95% limit"] for row in hidden} == {""}
    drawn = taken["svg"].path().read_text(encoding="utf-8")
    assert "Simulated data" in drawn
    assert taken["png"].path().read_bytes().startswith(b"\x89PNG")
    assert page.faults == []


def test_another_language_opens_at_the_same_chapter(browser, tmp_path):
    words = (Paragraph((Text("Words. " * 2000),)),)
    chapters = tuple(Chapter(name, "", (Text(name),), words) for name in ("one", "two"))
    files = {code: f"report.{code}.html" for code in ("en", "ru")}
    for code, name in files.items():
        made = Document(code, "Title", "", "", chapters)
        page = render(made, language("en"), {}, {}, Extras(languages=files))
        (tmp_path / name).write_text(page, encoding="utf-8")
    page = visit(browser, tmp_path / files["en"], "#two")
    page.get_by_text("Русский").click()
    page.wait_for_url("**/report.ru.html#two")
    assert page.evaluate("document.documentElement.lang") == "ru"
    assert page.faults == []


def test_the_page_asks_for_nothing_but_itself(browser, file):
    page = visit(browser, file, "#explore=barriers&by=form_group")
    with page.expect_download():
        page.locator("#x-png").click()
    outside = [url for url in page.asked if not url.startswith(("data:image/svg", "blob:"))]
    assert [url.split("#")[0] for url in outside] == [file.as_uri()]
    assert page.faults == []


def planted():
    """An explorer whose every word is hostile: a table of three rows by one group."""
    words = [EVIL, "=cmd|' /C calc'!A0", "\u202egnp.exe", "@SUM(1)"]
    rows = [
        {"name": name, "label": label, "figures": [[3, 2, 4], [5, None, None]]}
        for name, label in zip("abd", (words[0], words[1], words[3]), strict=True)
    ]
    block = {"heading": EVIL, "statistic": EVIL, "kind": "m", "rows": rows}
    banner = {"name": "g", "title": EVIL, "levels": [["a", EVIL]]}
    texts = dict.fromkeys(("title", "wording", "asked", "filter"), EVIL)
    table = {"id": "t", "group": 0, "question": "t", **texts, "columns": [[0, [0]]]}
    number = language("en").words["number"]
    patterns = {
        name: number[name] for name in ("thousands", "decimal", "minus", "percent", "range")
    }
    said = {**language("en").words["explorer"], **patterns, "below": "", "none": "", "banner": EVIL}
    data = {
        "groups": [{"label": EVIL, "banners": [banner]}],
        "tables": [table | {"bases": [[10, 10], None], "blocks": [block]}],
        "first": "t",
        "say": said,
    }
    return Explorer(packed(data), (EVIL,))


def test_words_planted_in_data_are_shown_and_never_run(browser, tmp_path):
    paragraph = Paragraph((Slot("62%", "result", "k"), Slot("\u202egnp.exe", "label")))
    chapter = Chapter("one", "1", (Slot(EVIL, "label"),), (paragraph,))
    definitions = {"k": [("Key", "k"), ("Question", EVIL)]}
    extras = Extras(explorer=planted())
    made = Document("en", EVIL, EVIL, EVIL, (chapter,))
    page = render(made, language("en"), definitions, {}, extras)
    assert "\u202e" not in page
    file = tmp_path / "evil.html"
    file.write_text(page, encoding="utf-8")
    page = visit(browser, file, "#explore=t&by=g&chart=r0")
    page.locator("#one .n").first.click()
    assert EVIL in page.locator("dialog[open]").inner_text()
    page.keyboard.press("Escape")
    page.locator("#x-table button.n").first.click()
    page.keyboard.press("Escape")
    assert table(page)[1][0] == EVIL
    with page.expect_download() as waiting:
        page.locator("#x-csv").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
    assert page.locator("main img").count() == 0
    assert page.faults == []
