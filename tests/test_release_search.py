"""A release is searched for what respondents wrote in every format that leaves."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import typst
from docx import Document
from openpyxl.comments import Comment
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pptx import Presentation

from ngo_survey.results.package.parquet import write_parquet
from ngo_survey.workflow.release import Leaving, betrayed, searchable, words_of

MAIL = "Aigerim.Planted@example.org"
REMARK = "Please greet Mr Plantedname of our village, the unquestionably incomprehensible one"


def packed(words: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<si><t>one</t></si><si><t>{words}</t></si>")
    return stream.getvalue()


#: One value as formats write it: with marks, escapes and markup between its letters.
WRITTEN = {
    "a.csv": b"x,AIGERIM planted@Example.org ,y",
    "a.html": b"<b>Aigerim.Planted</b>&#64;<i>example.org</i>",
    "b.html": b"<li>Ask<li>Aigerim.<b>Planted</b>@example.org<li>or",
    "a.json": b'{"x": "aigerim.planted\\u0040example.org"}',
    "a.xlsx": packed(MAIL),
    "a.svg": b"<text><tspan>aigerim.planted</tspan><tspan>@example.org</tspan></text>",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_value_is_found_however_it_is_written(name: str) -> None:
    assert names(Leaving(name, "x", WRITTEN[name]), MAIL) == [name]


def names(file: Leaving, value: str) -> list[str]:
    """Return which files betray a value, beside one that holds its words in another order."""
    other = Leaving("other.csv", "x", b"Planted,example.org,aigerim,village our of Plantedname")
    return [found.name for found, _ in betrayed([file, other], searchable([value], []))]


# -- in every format, on the page and beside it ---------------------------------------------------


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def cell(words: str, folder: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["one", words, "other"])
    return saved(book.save)


def comment(words: str, folder: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"].comment = Comment(words, "x")
    return saved(book.save)


def runs(words: str, folder: Path) -> bytes:
    document = Document()
    document.add_paragraph("one")
    paragraph = document.add_paragraph("said ")
    paragraph.add_run(words[:9]).bold = True
    paragraph.add_run(words[9:])
    document.add_paragraph("other")
    return saved(document.save)


def property_(words: str, folder: Path) -> bytes:
    document = Document()
    document.core_properties.comments = words
    return saved(document.save)


def picture_in_word(words: str, folder: Path) -> bytes:
    document = Document()
    document.add_picture(io.BytesIO(note(words, folder)))
    return saved(document.save)


def slide(words: str, folder: Path) -> bytes:
    slides = Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = words
    return saved(slides.save)


def speaker(words: str, folder: Path) -> bytes:
    slides = Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).notes_slide.notes_text_frame.text = words
    return saved(slides.save)


def page(words: str, folder: Path) -> bytes:
    text = words.replace("@", "\\@")
    narrow = f'#set page(width: 4cm)\n#set text(hyphenate: true, lang: "en")\n{text}'
    return typst.compile(narrow.encode())


def title(words: str, folder: Path) -> bytes:
    return typst.compile(f'#set document(title: "{words}")\nx'.encode())


def link(words: str, folder: Path) -> bytes:
    return typst.compile(f'#link("mailto:{words}")[x]'.encode())


def alt(words: str, folder: Path) -> bytes:
    return typst.compile(f'#figure(alt: "{words}", rect())'.encode())


def note(words: str, folder: Path) -> bytes:
    notes = PngInfo()
    notes.add_itxt("Comment", words)
    return saved(lambda to: Image.new("L", (9, 9)).save(to, "PNG", pnginfo=notes))


def camera(words: str, folder: Path) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = words
    return saved(lambda to: Image.new("L", (9, 9)).save(to, "PNG", exif=exif))


def column(words: str, folder: Path) -> bytes:
    write_parquet(pd.DataFrame({"x": ["one", words, None], "n": [1, 2, 3]}), folder / "x.parquet")
    return (folder / "x.parquet").read_bytes()


def header(words: str, folder: Path) -> bytes:
    write_parquet(pd.DataFrame({words: ["one", "two"]}), folder / "x.parquet")
    return (folder / "x.parquet").read_bytes()


FORMATS = {
    "xlsx": (cell, comment),
    "docx": (runs, property_, picture_in_word),
    "pptx": (slide, speaker),
    "pdf": (page, title, link, alt),
    "png": (note, camera),
    "parquet": (column, header),
}
PLACES = [(suffix, make) for suffix, makers in FORMATS.items() for make in makers]


@pytest.mark.parametrize("value", [MAIL, REMARK], ids=["mail", "remark"])
@pytest.mark.parametrize(("suffix", "make"), PLACES)
def test_a_value_is_found_in_every_format(
    suffix: str, make: Callable[[str, Path], bytes], value: str, tmp_path: Path
) -> None:
    file = Leaving(f"a.{suffix}", "x", make(value, tmp_path))
    assert names(file, value) == [file.name]


@pytest.mark.parametrize(("suffix", "make"), PLACES)
def test_a_file_without_it_is_not_refused(
    suffix: str, make: Callable[[str, Path], bytes], tmp_path: Path
) -> None:
    assert names(Leaving(f"a.{suffix}", "x", make("Better roads", tmp_path)), MAIL) == []


def test_a_picture_inside_a_page_is_searched(tmp_path: Path) -> None:
    inside = base64.b64encode(note(MAIL, tmp_path)).decode()
    file = Leaving("a.html", "x", f'<img src="data:image/png;base64,{inside}">'.encode())
    assert names(file, MAIL) == ["a.html"]


# -- what is searched for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "public"),
    [("12", ""), ("yes", ""), ("123456", ""), ("Better roads", "<li>Better roads</li>"), ("", "")],
)
def test_what_stands_anywhere_by_chance_is_not_searched_for(value: str, public: str) -> None:
    assert searchable([value], [public]) == {}


def test_words_are_searched_whole_and_in_their_order() -> None:
    wanted = searchable(["north wind farm"], [])
    texts = [b"wind farm north", b"north wind farmer", b"a north wind, farm!"]
    files = [Leaving(f"{i}.csv", "x", text) for i, text in enumerate(texts)]
    assert [file.name for file, _ in betrayed(files, wanted)] == ["2.csv"]
    assert words_of("A-b, C") == ["a", "b", "c"]
