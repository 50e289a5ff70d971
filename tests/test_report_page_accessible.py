"""The page for everybody: axe finds nothing, the keyboard reaches all, no width is too small.

axe-core looks at the whole page once, as it opens; what differs in another state (dark, small, a
definition open) is looked at for what the state can change.
"""

from __future__ import annotations

import pytest

from browser import chromium, needs_chromium, visit
from suites import sample

pytestmark = needs_chromium

#: WCAG 2.2 AA with all it rests on.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
#: As long as axe may take for four thousand numbers on a slow machine, in milliseconds.
PATIENCE = 300_000
#: Width of a sheet of A4 less its margins, in the units of the page.
PAPER = 673


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(built):
    return built.paths.report("en")


def violations(page, context=None, only=None):
    """What axe finds, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_default_timeout(PATIENCE)
    wanted = {"type": "rule", "values": only} if only else {"type": "tag", "values": LEVELS}
    found = Axe().run(page, context=context, options={"runOnly": wanted, "resultTypes": []})
    return [
        f"{found['id']}: {node['html'][:120]}"
        for found in found.response["violations"]
        for node in found["nodes"][:3]
    ]


@pytest.mark.thorough
def test_axe_finds_nothing_on_the_whole_page(browser, file):
    page = visit(browser, file, "#explore=barriers&by=form_group")
    assert page.locator("#x-drawing svg").count() == 1
    assert violations(page) == []


@pytest.mark.thorough
def test_axe_finds_nothing_when_a_definition_is_open(browser, file):
    page = visit(browser, file, "#number=barriers/funding@total")
    page.locator("dialog summary").first.click()
    assert violations(page, "dialog") == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "part", sample(["#explore", ".banner", ".contents", "#barriers", "footer"])
)
def test_axe_finds_no_weak_contrast_in_the_dark(browser, file, part):
    page = visit(browser, file, "#explore=trust&by=macro_region", color_scheme="dark")
    assert violations(page, part, ["color-contrast", "link-in-text-block"]) == []


@pytest.mark.parametrize("part", sample(["#barriers", ".contents", "#explore"]))
def test_axe_finds_nothing_on_a_phone(browser, file, part):
    page = visit(browser, file, "#explore=trust&by=macro_region", size=(390, 844))
    page.evaluate("document.querySelector('.contents details').open = true")
    assert violations(page, part) == []


@pytest.mark.parametrize("width", [1280, 640, 390, 320])
def test_no_page_scrolls_sideways_down_to_four_times_the_size(browser, file, width):
    """640 points are a window of 1280 at 200%; 320 are what reflow (WCAG 1.4.10) asks for."""
    page = visit(browser, file, "#explore=trust&by=region", size=(width, 800))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_letters_of_a_figure_are_nine_pixels_high_on_a_phone(browser, file):
    page = visit(browser, file, "#trust", size=(390, 844))
    heights = page.evaluate(
        """() => [...document.querySelectorAll(".paper svg text")].map(
             (words) => parseFloat(getComputedStyle(words).fontSize) * words.getScreenCTM().a)"""
    )
    laid = [height for height in heights if height > 0]  # what is folded has no size
    assert len(laid) > 500
    assert min(laid) >= 9


def test_the_first_stop_leads_over_the_contents_to_the_text(browser, file):
    page = visit(browser, file)
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.className")
    assert first == "skip"
    box = page.locator(".skip").bounding_box()
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#report"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_every_stop_is_seen_and_none_traps(browser, file):
    page = visit(browser, file, "#barriers", reduced_motion="reduce")
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const here = document.activeElement, style = getComputedStyle(here);
              const box = here.getBoundingClientRect();
              return [here.outerHTML.slice(0, 80), style.outlineStyle, box.height > 0,
                      box.bottom > 0 && box.top < innerHeight];
            }"""
        )
        assert here[1] != "none", here
        assert here[2] and here[3], here
        seen.append(here[0])
    assert len(set(seen)) > 15


def test_nothing_moves_for_who_asked_for_stillness(browser, file):
    how = "getComputedStyle(document.documentElement).scrollBehavior"
    assert visit(browser, file, reduced_motion="reduce").evaluate(how) == "auto"
    moving = visit(browser, file, reduced_motion="no-preference")
    moving.wait_for_function("document.documentElement.classList.contains('ready')")
    assert moving.evaluate(how) == "smooth"


def test_figures_stand_on_light_cards_in_the_dark(browser, file):
    page = visit(browser, file, color_scheme="dark")
    colours = page.eval_on_selector_all(
        ".paper", "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert set(colours) == {"rgb(255, 255, 255)"}
    ink = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ink != "rgb(255, 255, 255)"


def test_paper_shows_the_report_without_what_only_screens_can_do(browser, file):
    page = visit(browser, file)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for part in (".contents", ".skip", "#explore"):
        assert not page.locator(part).is_visible(), part
    assert page.locator("details.table:not([open])").count() == 0
    assert page.locator("#methods").is_visible()


@pytest.mark.parametrize("language", sample(["en", "ru", "kk"]))
def test_no_table_is_cut_off_on_paper_and_no_row_is_named_in_broken_words(browser, built, language):
    page = visit(browser, built.paths.report(language), size=(PAPER, 1000))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.eval_on_selector_all("main table", "all => all.map(one => one.offsetWidth)")
    assert len(widths) > 50
    assert max(widths) <= PAPER
    narrow = page.eval_on_selector_all(
        "main tbody th",
        "all => all.filter(one => one.offsetWidth < 8 * parseFloat(getComputedStyle(one).fontSize))"
        ".map(one => one.innerText)",
    )
    assert narrow == []


def test_every_text_says_its_language_and_every_header_its_cells(browser, file):
    page = visit(browser, file, "#explore=trust&by=macro_region")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("main svg:not([role=img])").count() == 0
