"""The slides: a heading each, text that can be edited, pictures with words, the mark on all."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pptx
import pytest

from ngo_survey.errors import InputError, SurveyError
from ngo_survey.present.document.document import (
    Chapter,
    Document,
    Heading,
    Listing,
    Note,
    Paragraph,
    Slot,
    Text,
    plain,
    walk,
)
from ngo_survey.present.document.language import language
from ngo_survey.present.pptx.render import render
from ngo_survey.present.pptx.slides import slides
from small_document import (
    EVIL,
    HARMFUL,
    KAZAKH,
    RIGHT,
    TURNED,
    figure,
    hash_elsewhere,
    number,
    picture,
    table,
)

MARK = "Simulated data: not findings"


def said(words: str) -> Paragraph:
    return Paragraph((Text(words),))


def document(*more: Any, banner: str = MARK) -> Document:
    blocks = (
        said("Before any heading."),
        Heading(2, "one", (Text("The gap is "), number("12%", "mix/a@total"))),
        figure(),
        Listing(False, ((said("An item"), Listing(False, ((said("Below it"),),))),)),
        Heading(2, "two", (Slot(EVIL, "label"),)),
        Paragraph((Slot(TURNED, "label"), Text(f" {KAZAKH}"))),
        Note((said("For who speaks."),)),
        *more,
    )
    method = Chapter("method", "2", (Text("Method"),), (said("How it was done."),))
    results = Chapter("results", "1", (Text("Results"),), blocks)
    return Document("en", f"Title {EVIL}", "Subtitle", banner, (results, method), banner)


def file_of(folder: Path, made: Document | None = None) -> bytes:
    pictures = {"figure-mix": picture(folder)}
    return render(made or document(), language("en"), pictures, {"figure-mix": "A is longest."})


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return file_of(tmp_path_factory.mktemp("slides"))


@pytest.fixture(scope="module")
def deck(content: bytes) -> Any:
    return pptx.Presentation(io.BytesIO(content))


def words(page: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in page.shapes if shape.has_text_frame)


def test_a_heading_begins_a_slide_and_a_chapter_may_be_one() -> None:
    titles = [plain(slide.title) for slide in slides(document())]
    assert titles == ["Results", "The gap is 12%", EVIL, "Method"]


def test_a_chapter_that_begins_with_a_heading_has_no_slide_of_its_own() -> None:
    blocks = (Heading(2, "a", (Text("A"),)), said("words"))
    made = Document("en", "T", "S", "", (Chapter("c", "1", (Text("C"),), blocks),))
    assert [(slide.over, plain(slide.title)) for slide in slides(made)] == [("C", "A")]


@pytest.mark.parametrize("more", [table("first", 1), (figure(), figure())])
def test_what_a_slide_cannot_hold_is_refused_with_its_name(more: Any) -> None:
    blocks = more if isinstance(more, tuple) else (more,)
    with pytest.raises(SurveyError, match="no table and one figure at most") as refusal:
        slides(document(*blocks))
    assert refusal.value.hint


def test_titles_stand_where_an_outline_finds_them(deck: Any) -> None:
    titles = [page.shapes.title.text_frame.text for page in deck.slides]
    assert titles[:3] == [f"Title {EVIL}", "Results", "The gap is 12%"]


def test_slides_are_sixteen_by_nine(deck: Any) -> None:
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=1e-3)


def test_every_slide_says_that_data_are_simulated_names_its_source_and_is_numbered(
    deck: Any,
) -> None:
    for page in deck.slides:
        assert MARK in words(page)
        assert f"Title {EVIL}. Subtitle" in words(page)
        kinds = {shape.placeholder_format.type.name for shape in page.placeholders}
        assert "SLIDE_NUMBER" in kinds


def test_collected_data_take_the_mark_off(tmp_path: Path) -> None:
    made = pptx.Presentation(io.BytesIO(file_of(tmp_path, document(banner=""))))
    assert not [page for page in made.slides if "imulated" in words(page)]


def test_lists_keep_their_levels_and_notes_go_to_the_speaker(deck: Any) -> None:
    body = deck.slides[2].placeholders[1].text_frame
    indents = [int(p._p.pPr.get("marL")) for p in body.paragraphs]
    assert [p.text for p in body.paragraphs] == ["An item", "Below it"]
    assert 0 < indents[0] < indents[1]
    assert deck.slides[3].notes_slide.notes_text_frame.text == "For who speaks."


def test_a_picture_is_read_aloud_by_its_words_and_its_message(deck: Any) -> None:
    (found,) = [s for s in deck.slides[2].shapes if s.shape_type.name == "PICTURE"]
    assert found._element.nvPicPr.cNvPr.get("descr") == f"{figure().alternative} A is longest."


def test_nothing_stands_beyond_the_edge_of_a_slide(deck: Any) -> None:
    for page in deck.slides:
        for shape in page.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_no_shape_of_a_slide_has_the_number_of_another(deck: Any) -> None:
    for page in deck.slides:
        numbers = [shape.shape_id for shape in page.shapes]
        assert len(numbers) == len(set(numbers))


def test_every_slot_of_the_document_is_in_the_file(deck: Any) -> None:
    text = "\n".join(words(page) for page in deck.slides)
    for part in walk(document()):
        if isinstance(part, Slot) and "\u202e" not in part.text:
            assert part.text in text


@pytest.mark.parametrize("harm", HARMFUL)
def test_words_from_data_stay_words(deck: Any, harm: str) -> None:
    assert harm in words(deck.slides[3])


def test_a_mark_of_direction_turns_nothing_and_kazakh_letters_stand(deck: Any) -> None:
    assert RIGHT in words(deck.slides[3])
    assert KAZAKH in words(deck.slides[3])


def test_language_and_properties_are_set(deck: Any) -> None:
    core = deck.core_properties
    assert (core.title, core.language, core.comments) == (f"Title {EVIL}", "en", MARK)
    assert (core.created.year, core.modified.year, core.revision) == (2000, 2000, 1)
    runs = [r for p in deck.slides[1].shapes.title.text_frame.paragraphs for r in p.runs]
    assert {run._r.rPr.get("lang") for run in runs} == {"en-GB"}


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a figure is missing"):
        render(document(), language("en"), {"figure-mix": tmp_path / "no.png"})


@pytest.mark.thorough
def test_the_bytes_are_the_same_in_another_folder_time_zone_and_hash_seed(
    content: bytes, tmp_path: Path
) -> None:
    elsewhere = hash_elsewhere("test_report_slides.file_of(Path('.'))", tmp_path)
    assert elsewhere == hashlib.sha256(content).hexdigest()


def test_nothing_in_the_file_tells_when_it_was_made(content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as archive:
        assert {m.date_time for m in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\d", core)) == {"2000-01-01"}


def test_the_slides_of_a_study_show_one_figure_each_and_a_method_last(small_built: Any) -> None:
    made = pptx.Presentation(str(small_built.paths.document("slides", "en", "pptx")))
    pages = list(made.slides)
    drawn = [[s for s in page.shapes if s.shape_type.name == "PICTURE"] for page in pages]
    assert max(len(found) for found in drawn) == 1
    assert all(s._element.nvPicPr.cNvPr.get("descr") for found in drawn for s in found)
    assert pages[-1].shapes.title.text_frame.text == "How sure the figures are"


def test_no_letter_of_a_slide_is_below_twelve_points_and_nothing_lies_beyond_it(
    small_built: Any,
) -> None:
    made = pptx.Presentation(str(small_built.paths.document("slides", "en", "pptx")))
    for page in made.slides:
        for shape in page.shapes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= made.slide_width
            assert shape.top + shape.height <= made.slide_height
            lines = shape.text_frame.paragraphs if shape.has_text_frame else ()
            sizes = [run.font.size for line in lines for run in line.runs]
            assert all(size is None or size.pt >= 12 for size in sizes)
