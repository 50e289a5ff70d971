"""The dashboard: key figures with limits, one page on paper, no script, readable on a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from browser import chromium, needs_chromium, visit
from ngo_survey.errors import ConfigError, SurveyError
from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.dashboard_functions import DashboardFunctions
from ngo_survey.present.document.document import (
    Chapter,
    Document,
    Heading,
    Listing,
    Paragraph,
    Slot,
    Strong,
    Text,
)
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.present.html.dashboard.render import Around, render_dashboard
from ngo_survey.present.pdf.render import render
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from small_document import EVIL, KAZAKH, SVG, figure, number, table

MARK = "Simulated data: not findings"
DRAWINGS = {"figure-mix": SVG.partition("?>")[2]}
AROUND = Around("report.en.html", {"mix/a@total"}, {"en": "dashboard.en.html"}, ["Last words."])


def said(*words: Any) -> Paragraph:
    return Paragraph(tuple(Text(w) if isinstance(w, str) else w for w in words))


def document(*more: Any, items: int = 5) -> Document:
    boxes = tuple(
        (said(Strong((number(f"{10 + place}%", "mix/a@total"),)), f" name {KAZAKH}"),)
        for place in range(5)
    )
    gaps = tuple(
        (said("A finding of some length: ", number("12%", "mix/b@total")),) for _ in range(items)
    )
    blocks = (
        Listing(False, boxes),
        Heading(2, "gaps", (Text("Gaps"),)),
        Listing(False, gaps),
        Heading(2, "mix", (Slot(EVIL, "label"),)),
        figure(),
        *more,
        Heading(2, "method", (Text("Method"),)),
        said("How it was done."),
    )
    return Document("en", "Title", "Subtitle", MARK, (Chapter("c", "1", (Text("C"),), blocks),))


def html(made: Document | None = None) -> str:
    return render_dashboard(made or document(), language("en"), DRAWINGS, AROUND)


def pdf(made: Document | None = None) -> PdfReader:
    drawings = {"figure-mix": SVG}
    content = render(made or document(), language("en"), drawings, ["Last."], layout="dashboard")
    return PdfReader(io.BytesIO(content))


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    page = html()
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_a_number_leads_to_its_place_in_the_report_where_it_opens() -> None:
    page = html()
    assert '<a class="n" href="report.en.html#number=mix/a%40total">10%</a>' in page
    assert "number=mix/b" not in page


def test_data_say_that_they_are_simulated_on_page_and_paper() -> None:
    assert f">{MARK}</aside>" in html()
    assert MARK in pdf().pages[0].extract_text()


def test_words_from_data_stay_words() -> None:
    assert "<script>alert(1)</script>" not in html()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html()


def test_a_table_is_refused_on_page_and_paper() -> None:
    made = document(table("first", 1))
    for write in (html, pdf):
        with pytest.raises(SurveyError, match="a dashboard holds no table") as refusal:
            write(made)
        assert refusal.value.hint


@pytest.mark.parametrize("items", [1, 12, 30])
def test_it_is_one_page_of_pdf_however_much_it_says(items: int) -> None:
    assert len(pdf(document(items=items)).pages) == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@needs_chromium
def test_it_is_as_wide_as_the_window_and_prints_on_one_page(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "dashboard.en.html"
    file.write_text(html(), encoding="utf-8")
    for width in (390, 1280):
        page = visit(browser, file, size=(width, 900))
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.faults == []
    printed = page.pdf(prefer_css_page_size=True)
    assert len(PdfReader(io.BytesIO(printed)).pages) == 1


@needs_chromium
def test_axe_finds_nothing(browser: Any, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    file = tmp_path / "dashboard.en.html"
    file.write_text(html(), encoding="utf-8")
    found = Axe().run(visit(browser, file)).response["violations"]
    assert [fault["id"] for fault in found] == []


def functions(study: Study, **dashboard: Any) -> DashboardFunctions:
    """The functions of a study whose results are those of a build."""
    report = {**study.raw["report"], "dashboard": dashboard}
    changed = Study(study.root, study.file, {**study.raw, "report": report}, study.written)
    results = Results.load(study.paths.released)
    words = TemplateFunctions(
        changed, results, Labels.load(changed, "en"), language("en"), report["rules"]
    )
    return DashboardFunctions(words, Numbering("1"))


def test_a_study_that_declares_no_key_figures_has_the_first_shares(small_built: Study) -> None:
    made = functions(small_built).key_figures(limit=3)
    assert len(made) == 3
    assert all(one.limits for one in made)


def test_declared_key_figures_are_those_that_are_shown(small_built: Study) -> None:
    first = next(
        row for row in Results.load(small_built.paths.released).every("estimates")
        if row["statistic"] == "proportion" and row["status"] == "shown"
    )  # fmt: skip
    values = [{"key": first["key"], "label": {"en": "of all"}}]
    made = functions(small_built, values=values)
    (one,) = made.key_figures()
    held = made.template.slots.split(one.value)
    assert [(part.source, part.key) for part in held if isinstance(part, Slot)] == [
        ("result", first["key"])
    ]


@pytest.mark.parametrize(
    ("declared", "call", "where"),
    [
        ({"values": [{"key": "a/b@c", "label": {"en": "x"}}]}, "key_figures", "values.0.key"),
        ({"figures": ["nosuch"]}, "key_drawings", "figures.0"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_named_with_its_key(
    small_built: Study, declared: dict[str, Any], call: str, where: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"report.dashboard.{where}")):
        getattr(functions(small_built, **declared), call)()


@pytest.mark.usefixtures("stages")
def test_a_figure_that_there_is_not_is_told_before_anything_runs(study: Study) -> None:
    report = {**study.raw["report"], "dashboard": {"figures": ["barriers_side"]}}
    changed = Study(study.root, study.file, {**study.raw, "report": report}, study.written)
    with pytest.raises(ConfigError, match="barriers_sides"):
        check_names(changed)
