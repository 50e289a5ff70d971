"""The report of the study as it ships: whole, honest about its data, and traceable."""

from __future__ import annotations

import json
import re

import pytest
from markupsafe import escape

from ngo_survey.results.store import Results
from ngo_survey.study.codebooks import codebook

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def page(built) -> str:
    return built.paths.report("en").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chapters(page) -> dict[str, str]:
    """The chapters by number, as HTML."""
    found = re.findall(r'<section class="chapter".*?</section>', page, re.DOTALL)
    return {m[1]: text for text in found if (m := re.search(r"<span>Chapter (\d+)</span>", text))}


def test_every_chapter_of_the_study_stands_with_text_and_table(chapters):
    assert list(chapters) == [str(number) for number in range(1, 14)]
    for number, text in chapters.items():
        assert "<table>" in text, number
        assert len(re.sub(r"<[^>]+>", " ", text).split()) > 150, number


def test_every_chapter_but_the_methods_has_a_figure(chapters):
    without = [number for number, text in chapters.items() if "<figure" not in text]
    assert without in ([], ["13"])


def test_every_chapter_says_that_the_data_are_simulated(chapters):
    for number, text in chapters.items():
        assert "Simulated data: not findings about Kazakhstan" in text, number


def test_every_number_of_the_page_opens_and_is_in_the_store(built, page):
    places = {int(place) for place in re.findall(r'data-k="([^"]+)"', page)}
    data = json.loads(re.search(r'id="definitions">(.*?)</script>', page)[1])
    assert len(places) > 1000
    named = [data["words"][words[0]] for _, _, *words in data["numbers"]]
    # A mark of a figure opens its number by key.
    marks = set(re.findall(r'data-key="([^"]+)"', page))
    opened = places | {place for place, key in enumerate(named) if key in marks}
    assert opened == set(range(len(named)))
    assert marks <= set(named)
    keys = set(named)
    assert keys <= set(Results.load(built.paths.released).keys())
    assert all(origin >= 0 for _, origin, *_ in data["numbers"])


def test_the_page_is_small_and_its_anchors_are_unique(page):
    assert len(page.encode()) < MOST_BYTES
    anchors = re.findall(r'\sid="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))


def test_the_explorer_adds_less_than_a_hundred_kilobytes(page):
    data = re.search(r'id="tables">(.*?)</script>', page)[1]
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[-1]
    assert "explore" in script
    assert len(data.encode()) + len(script.encode()) < 100_000


def test_the_questionnaires_stand_in_full(built, page):
    for name in built.populations:
        for question in codebook(built, name):
            if question.type != "derived" and question.labels["en"] and not question.battery:
                words = question.labels["en"]
                assert words in ("start", "end", "deviceid") or escape(words) in page, words


def test_the_report_says_how_it_is_cited_and_what_its_data_are(page):
    assert "NGOs and government in Kazakhstan: report of the survey of 2026" in page
    words = re.sub(r"<[^>]+>", "", page).split()
    assert "under the licence MIT." in " ".join(words)


def test_every_link_within_the_page_leads_somewhere(page):
    anchors = set(re.findall(r'\sid="([^"]+)"', page))
    assert set(re.findall(r'<a [^>]*href="#([^"]+)"', page)) <= anchors


def test_no_path_of_the_builder_s_machine_is_in_the_page(built, page):
    assert str(built.root) not in page
