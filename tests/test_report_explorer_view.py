"""The explorer in a browser, on a small table: limits, order, two groups in a chart, address."""

from __future__ import annotations

import pytest

from browser import chromium, needs_chromium, visit
from ngo_survey.present.document.document import Chapter, Document, Text
from ngo_survey.present.document.language import language
from ngo_survey.present.html.explorer.section import Explorer, packed
from ngo_survey.present.html.render import Extras, render

pytestmark = needs_chromium

#: Figures of three answers, of all and of two groups: value and limits in percent.
FIGURES = {
    "Money": [[50, 45, 55], [40, 30, 50], "hidden"],
    "Staff": [[30, 25, 35], [60, 50, 70], [20, 15, 25]],
    "Law": [[40, 35, 45], [20, 10, 30], [70, 60, 80]],
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    say = language("en")
    rows = [{"name": n.lower(), "label": n, "figures": f} for n, f in FIGURES.items()]
    rows[1]["above"] = {"1": "B"}
    block = {"heading": "", "statistic": "share", "kind": "s", "rows": rows}
    banner = {
        "name": "place",
        "title": "Place",
        "levels": [["town", "Town"], ["village", "Village"]],
    }
    words = {"title": "Barriers", "wording": "What hinders?", "asked": "", "filter": ""}
    table = {"id": "barriers", "group": 0, "question": "barriers", **words}
    table |= {"columns": [[0, [0, 1]]], "bases": [[90, 90], [50, 50], [40, 40]], "blocks": [block]}
    table["letters"] = ["", "A", "B"]
    number = say.words["number"]
    patterns = ("thousands", "decimal", "minus", "percent", "range", "none")
    said = say.words["explorer"] | {name: number[name] for name in patterns}
    data = {"groups": [{"label": "NGOs", "banners": [banner]}], "tables": [table]}
    data |= {"first": "barriers", "say": said | {"below": "", "banner": "Simulated"}}
    extras = Extras(explorer=Explorer(packed(data), ()))
    chapter = Chapter("one", "1", (Text("One"),), ())
    made = render(Document("en", "T", "S", "", (chapter,)), say, {}, {}, extras)
    place = tmp_path_factory.mktemp("explorer") / "page.html"
    place.write_text(made, encoding="utf-8")
    return place


def opened(browser, file, more="", **context):
    page = visit(browser, file, f"#explore=barriers&by=place{more}", **context)
    page.wait_for_selector("#x-table tbody tr")
    return page


def answers(page):
    return page.locator("#x-table tbody tr:not(.base) > th").all_inner_texts()


def test_limits_stand_in_the_cells_when_asked_for(browser, file):
    page = opened(browser, file)
    assert page.locator("#x-table small").count() == 0
    page.locator("#x-limits").check()
    cells = page.locator("#x-table tbody tr").first.locator("td").all_inner_texts()
    assert cells == ["50%\n45% to 55%", "40%\n30% to 50%", "×"]


def test_letters_stand_in_heads_and_cells_when_asked_for_and_in_the_address(browser, file):
    page = opened(browser, file)
    page.locator("#x-letters").check()
    assert page.locator("#x-table thead small").all_inner_texts() == ["A", "B"]
    assert page.locator("#x-table tbody tr").nth(1).locator("td").all_inner_texts() == [
        "30%",
        "60%\nB",
        "20%",
    ]
    again = visit(browser, file, page.evaluate("location.hash"))
    again.wait_for_selector("#x-table thead small")
    assert again.locator("#x-letters").is_checked()


def test_a_column_sorts_from_the_highest_then_the_lowest_then_as_asked(browser, file):
    page = opened(browser, file)
    town = page.locator("#x-table thead button", has_text="Town")
    seen = []
    for _ in range(3):
        town.focus()
        page.keyboard.press("Enter")
        town = page.locator("#x-table thead button", has_text="Town")
        seen.append((answers(page), town.locator("..").get_attribute("aria-sort")))
        assert town.evaluate("button => button === document.activeElement")
    assert seen == [
        (["Staff", "Money", "Law"], "descending"),
        (["Law", "Money", "Staff"], "ascending"),
        (["Money", "Staff", "Law"], "none"),
    ]


def test_what_is_not_shown_stays_last_however_it_is_sorted(browser, file):
    for way, first in (("d", "Law"), ("a", "Staff")):
        order = answers(opened(browser, file, f"&sort={way}2"))
        assert (order[0], order[-1]) == (first, "Money")


def test_two_groups_stand_in_one_chart_and_both_are_read_aloud(browser, file):
    page = opened(browser, file, "&chart=c1")
    page.select_option("#x-with", label="Village")
    drawing = page.locator("#x-drawing svg")
    assert drawing.locator("circle").count() == 3
    assert drawing.locator("path").count() == 2
    assert "Money: 40%, not shown; Staff: 60%, 20%" in drawing.get_attribute("aria-label")
    assert page.faults == []


#: Of a drawing: whether its place scrolls, its scale, and texts beyond it or on one another.
LAID_OUT = """svg => {
    const all = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")];
    const boxes = texts.map((text) => text.getBoundingClientRect());
    const said = (wrong) => texts.filter((text, i) => wrong(boxes[i], i)).map((t) => t.textContent);
    const apart = (a, b) => a.left > b.right - 1 || b.left > a.right - 1;
    const above = (a, b) => a.top > b.bottom - 3 || b.top > a.bottom - 3;
    return {
        scrolls: svg.parentNode.scrollWidth > svg.parentNode.clientWidth,
        scale: all.width / svg.viewBox.baseVal.width,
        beyond: said((b) => b.left < all.left - 1 || b.right > all.right + 1),
        struck: said((a, i) => boxes.some((b, j) => i !== j && !apart(a, b) && !above(a, b))),
    };
}"""


@pytest.mark.parametrize("width", [320, 390, 620, 768, 1280])
@pytest.mark.parametrize("beside", ["", "c2"])
def test_a_chart_is_read_whole_at_every_width(browser, file, width, beside):
    page = visit(browser, file, f"#explore=barriers&chart=c1&with={beside}", size=(width, 900))
    page.wait_for_selector("#x-drawing svg")
    seen = page.locator("#x-drawing svg").evaluate(LAID_OUT)
    assert not seen["scrolls"]
    assert seen["scale"] == pytest.approx(1, abs=0.02)
    assert not seen["beyond"]
    assert not seen["struck"]


def test_a_chart_follows_the_width_of_its_window(browser, file):
    page = opened(browser, file, "&chart=c1")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.querySelector('#x-drawing svg').viewBox.baseVal.width < 390")
    assert page.faults == []


def test_the_address_leads_back_to_the_whole_view(browser, file):
    page = opened(browser, file, "&chart=c1")
    page.select_option("#x-with", label="Village")
    page.locator("#x-limits").check()
    page.locator("#x-table thead button").nth(1).click()
    again = visit(browser, file, page.evaluate("location.hash"))
    again.wait_for_selector("#x-table tbody tr")
    assert page.locator("#x-link").get_attribute("href") == page.evaluate("location.hash")
    parts = ("#x-caption", "#x-table tbody", "#x-drawing", "#x-what")
    seen = [[p.locator(part).inner_text() for part in parts] for p in (page, again)]
    assert seen[0] == seen[1]
    assert again.locator("#x-limits").is_checked()
    assert again.locator("#x-drawing path").count() == 2


def test_an_address_with_nonsense_shows_the_table_as_asked(browser, file):
    page = opened(browser, file, "&sort=x9&with=r77&limits=maybe&chart=zz")
    assert answers(page) == list(FIGURES)
    assert page.faults == []


def test_the_first_column_stays_in_sight_on_a_phone(browser, file):
    page = opened(browser, file, "&limits=1", size=(320, 700))
    box = page.locator("#explore .scroll")
    box.evaluate("box => (box.scrollLeft = 80)")
    assert box.evaluate("box => box.scrollLeft") > 0
    head, frame = (part.bounding_box() for part in (page.locator("#x-table tbody th").first, box))
    assert head["x"] == pytest.approx(frame["x"], abs=1)


@pytest.mark.thorough
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_in_the_explorer(browser, file, colours):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, file, "&chart=c1&with=c2&limits=1&sort=d0", color_scheme=colours)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
