"""The PDF: tagged, safe, the same everywhere, and every number in it can be followed."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from ngo_survey.present.document.document import (
    Cell,
    Chapter,
    Figure,
    Paragraph,
    Row,
    Slot,
    Table,
    Text,
    plain,
    walk,
)
from ngo_survey.present.document.language import language
from ngo_survey.present.pdf.data import Encoder
from ngo_survey.present.pdf.render import render, sheet
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_tables import specs
from small_document import EVIL, HARMFUL, KAZAKH, RIGHT, SVG, document, hash_elsewhere, table
from suites import sample

MOST_BYTES = 5_000_000


def pdf(made=None) -> bytes:
    return render(made or document(), language("en"), {"figure-mix": SVG}, ["Last words."])


@pytest.fixture(scope="module")
def content() -> bytes:
    return pdf()


@pytest.fixture(scope="module")
def read(content) -> PdfReader:
    return PdfReader(io.BytesIO(content))


@pytest.fixture(scope="module")
def words(read) -> str:
    return text(read)


def text(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def bare(words: str) -> str:
    """Words without white space and hyphens of line ends: lines break where they like."""
    return re.sub(r"[\s\u00ad\u2010-]+", "", words)


def elements(reader: PdfReader) -> list[dict]:
    """Every element of the structure, in reading order."""
    found = []

    def visit(node) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                visit(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            visit(node.get("/K", []))

    visit(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def outline(entries) -> list[str]:
    return [t for e in entries for t in (outline(e) if isinstance(e, list) else [e.title])]


def target(reader: PdfReader, note) -> int | None:
    """The page that a link leads to, None for a link to the web."""
    note = note.get_object()
    place = note.get("/Dest") or note.get("/A", {}).get("/D")
    if place is None:
        return None
    if isinstance(place, str):
        return reader.get_destination_page_number(reader.named_destinations[place])
    return next(n for n, page in enumerate(reader.pages) if page.indirect_reference == place[0])


def test_the_file_is_tagged_has_a_title_and_a_language_and_claims_pdf_ua(content, read):
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert root["/Lang"] == "en"
    assert read.metadata.title == f"Title {EVIL}"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in read.trailer["/Root"]["/Metadata"].get_data()


def starts(lines: int, chapters: int = 2) -> list[int]:
    """The pages, from zero, on which chapters of so many lines begin."""
    made = tuple(
        Chapter(
            f"chapter-{place}",
            str(place),
            (Text(f"Chapter of place {place}"),),
            tuple(Paragraph((Text("One line."),)) for _ in range(lines)),
        )
        for place in range(1, chapters + 1)
    )
    reader = PdfReader(io.BytesIO(pdf(replace(document(), chapters=made))))
    found = [outlined for outlined in reader.outline if not isinstance(outlined, list)]
    return [reader.get_destination_page_number(each) for each in found]


def test_a_high_drawing_is_lower_but_never_too_small_to_read():
    tall = SVG.replace("0 0 360 180", "0 0 360 {height}")
    for height, drawn in ((400, 400.0), (500, 460.0), (700, 560.0), (1000, 620.0)):
        encoded = Encoder(document(), {"figure-mix": tall.format(height=height)}, {}, sheet())
        shown = encoded.figure(next(p for p in walk(document()) if isinstance(p, Figure)))
        assert shown["width"] == pytest.approx(360 * drawn / height)


def pages_of(blocks):
    """The words of each page of a chapter of these blocks."""
    chapter = Chapter("chapter-1", "1", (Text("Chapter"),), tuple(blocks))
    made = pdf(replace(document(), chapters=(chapter,)))
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def test_the_text_goes_on_before_a_figure_that_has_no_room_on_the_page():
    figure = next(p for p in walk(document()) if isinstance(p, Figure))
    lines = [Paragraph((Text(f"Line {place}."),)) for place in range(1, 34)]
    after = Paragraph((Text("After the figure."),))
    found = pages_of([*lines, figure, after])
    (drawn,) = [place for place, words in enumerate(found) if "Drawn words" in words]
    (said,) = [place for place, words in enumerate(found) if "After the figure." in words]
    assert said == drawn - 1


def test_a_row_of_a_table_stands_on_one_page():
    rows = tuple(
        Row((Text(f"Start {place}."),), (Cell((Text("many words " * 60 + f"end {place}."),)),))
        for place in range(1, 21)
    )
    one = replace(table("long", 1), header=((Cell((Text("Words"),)),),), rows=rows, notes=())
    found = [bare(words) for words in pages_of([one])]
    for place in range(1, 21):
        assert any(f"Start{place}." in words and f"end{place}." in words for words in found)


def test_a_chapter_begins_on_the_page_of_the_one_before_where_room_is_left():
    first, second = starts(lines=6)
    assert first == second


def test_a_chapter_begins_on_a_page_of_its_own_where_little_room_is_left():
    first, second = starts(lines=27)
    assert second == first + 1


def test_a_figure_is_read_aloud_by_its_words(read):
    spoken = [e["/Alt"] for e in elements(read) if e["/S"] == "/Figure"]
    assert spoken == [f"Bars, the longest first. {EVIL}"]


def test_a_drawing_stays_a_drawing_with_real_words(words):
    assert "Drawn words" in words


def test_tables_have_captions_and_marked_headers(read):
    kinds = [e["/S"] for e in elements(read)]
    assert kinds.count("/Table") == 3
    assert kinds.count("/THead") >= 3
    # Stub, spanner and two columns, and the heading of the group, for each of three tables.
    assert kinds.count("/TH") == 3 * 5
    assert kinds.count("/TD") == 3 * 9
    assert kinds.count("/Caption") == 4


def test_headings_are_the_outline(read):
    titles = outline(read.outline)
    assert titles[:2] == ["In brief", "One"]
    assert EVIL in titles
    assert "Deeper" in titles


def test_captions_are_numbered_and_a_folded_table_is_named_where_it_stood(words):
    said = bare(words)
    for caption in ("Figure1.1.Themix", "Table1.1.Captionoffirst", "Table1.3.Captionofthird"):
        assert caption in said
    assert "Table1.2.Captionofsecond(intheannex)" in said
    assert said.count("Table1.2.") == 1


def test_every_number_of_a_table_is_there_in_its_order(words):
    said = bare(words[words.index("Caption of first") :])
    place = 0
    for slot in walk(table("first", 1)):
        if isinstance(slot, Slot) and slot.source == "result":
            place = said.index(slot.text, place) + 1


@pytest.mark.parametrize("harm", HARMFUL)
def test_words_from_data_stay_words(words, harm):
    assert bare(harm) in bare(words)


def test_a_mark_of_direction_turns_nothing(words):
    assert bare(RIGHT) in bare(words)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", words)


def test_kazakh_letters_are_set_in_the_font_that_ships_with_the_program(read, words):
    assert bare(KAZAKH) in bare(words)
    fonts = set()
    for page in read.pages:
        fonts |= {f.get_object()["/BaseFont"] for f in page["/Resources"]["/Font"].values()}
    assert {re.sub(r"^/\w+\+|-?(Bold|Oblique)+$", "", f) for f in fonts} == {
        "DejaVuSans",
        "DejaVuSansMono",
    }


def test_every_page_carries_the_mark_of_simulated_data_and_its_number(read):
    for place, page in enumerate(read.pages, start=1):
        said = page.extract_text()
        assert "Simulated data: not findings" in said
        assert f"Page {place}" in said


def test_collected_data_take_the_mark_off():
    assert "Simulated" not in text(PdfReader(io.BytesIO(pdf(document(banner="")))))


def test_the_bytes_are_the_same_in_another_folder_time_zone_and_hash_seed(content, tmp_path):
    elsewhere = hash_elsewhere("test_report_pdf.pdf()", tmp_path)
    assert elsewhere == hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def whole(built) -> PdfReader:
    return PdfReader(built.paths.report("en", "pdf"))


def test_the_report_is_small_tagged_and_speaks_every_figure(built, whole):
    assert built.paths.report("en", "pdf").stat().st_size < MOST_BYTES
    spoken = [e.get("/Alt") for e in elements(whole) if e["/S"] == "/Figure"]
    assert len(spoken) >= 20
    assert all(spoken)


@pytest.mark.thorough  # of a small document it is proven above
def test_every_number_of_every_table_is_in_report_or_annex_in_its_order(built, whole):
    from ngo_survey.workflow.verbs.report import load

    report = bare(text(whole))
    annex = bare(text(PdfReader(built.paths.document("annex", "en", "pdf"))))
    for part in walk(load(built, "en").document):
        if isinstance(part, Table):
            caption = bare(f"Table {part.number}. {plain(part.caption)}")
            assert (caption in report) or (caption in annex)
            said = annex if caption in annex else report
            place = said.rindex(caption)
            for row in part.rows:
                for cell in row.cells:
                    if cell.number:
                        place = said.index(bare(plain(cell.content)), place)


def test_the_topline_asks_every_question_in_its_words(built):
    said = bare(text(PdfReader(built.paths.document("topline", "en", "pdf"))))
    for name in built.populations:
        book = codebook(built, name)
        asked = [spec.question for spec in specs(built, name, book)]
        single = [book.question(one) for one in asked if one in book]
        assert all(bare(question.labels["en"]) in said for question in single)


@pytest.mark.parametrize("code", sample(["en", "ru", "kk"]))
def test_the_dashboard_stands_on_one_page(built, code):
    assert len(PdfReader(built.paths.document("dashboard", code, "pdf")).pages) == 1
