"""The words in a file of any format that is released: those shown, and those beside the page.

A word that nobody sees leaves all the same: titles and authors, notes of pictures, addresses
behind links, names of columns. What a picture shows is drawn, no text: it is searched in the data
beside it.
"""

from __future__ import annotations

import base64
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfReader

TAG = re.compile(r"<[^<>]*>")
#: Markup between two texts that a reader sees apart.
APART = re.compile(
    r"<(?:\w+:)?(?:p|si|is|c|row|tr|td|th|li|h\d|div|br|tab|text|title|desc|option)\b[^<>]*>"
)
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: A file inside a page: its format and its content.
INSIDE = re.compile(r"data:image/(png|svg\+xml)[^,\"']*;base64,([A-Za-z0-9+/=\s]+)")
#: A word that was divided at the end of a line.
DIVIDED = re.compile("[-\N{SOFT HYPHEN}\N{HYPHEN}]\\s*\n\\s*")


def read(name: str) -> bool:
    """Say whether words are read in files of this format."""
    return PurePosixPath(name).suffix.lower() in READERS


def texts(name: str, content: bytes) -> Iterator[str]:
    """Yield the words of a file, escapes undone; of a format that is not read, nothing.

    The same words may come more than once, with their markup and without.
    """
    reader = READERS.get(PurePosixPath(name).suffix.lower())
    yield from reader(content) if reader else ()


def _marked_up(content: bytes) -> Iterator[str]:
    """Yield a text with its markup, whose attributes hold words, and without."""
    raw = content.decode("utf-8", errors="replace")
    # Marks of layout stand inside words as well as between them.
    for text in {raw, TAG.sub("", APART.sub(" ", raw)), TAG.sub(" ", raw)}:
        yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), html.unescape(text))
    for kind, inside in INSIDE.findall(raw):
        yield from texts(f"x.{kind.partition('+')[0]}", base64.b64decode(inside))


def _packed(content: bytes) -> Iterator[str]:
    """Yield the words of each part of a workbook, document or slides, and of its pictures."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            known = read(part)
            yield from texts(part if known else "x.xml", package.read(part))


def _pdf(content: bytes) -> Iterator[str]:
    """Yield the text of each page of a PDF and every text beside it: titles, links, notes."""
    from pypdf import PdfReader

    document = PdfReader(io.BytesIO(content))
    for page in document.pages:
        text = page.extract_text()
        yield text
        yield DIVIDED.sub("", text)
    yield "\n".join(_texts_of_objects(document))


def _texts_of_objects(document: PdfReader) -> Iterator[str]:
    """Yield the texts of all objects of a PDF, whatever they are for, and its metadata."""
    from pypdf.generic import IndirectObject, StreamObject

    for number in range(1, int(str(document.trailer["/Size"]))):
        found = document.get_object(IndirectObject(number, 0, document))
        if isinstance(found, StreamObject) and found.get("/Type") == "/Metadata":
            yield from _marked_up(found.get_data())
        yield from _texts_in(found)
    yield from _texts_in(document.trailer)


def _texts_in(value: object) -> Iterator[str]:
    """Yield the texts in an object of a PDF, without those of other objects that it points to."""
    from pypdf.generic import TextStringObject

    if isinstance(value, TextStringObject):
        yield str(value)
    elif isinstance(value, dict):
        # As they lie there: pypdf's own look-up follows what points to other objects.
        for inner in dict.values(value):
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in list.__iter__(value):
            yield from _texts_in(inner)


def _png(content: bytes) -> Iterator[str]:
    """Yield the notes in a PNG: its text chunks, XMP and EXIF."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        values: Iterable[object] = [*picture.info.values(), *picture.getexif().values()]
    for value in values:
        if isinstance(value, (str, bytes)):
            yield from _marked_up(value.encode() if isinstance(value, str) else value)


def _parquet(content: bytes) -> Iterator[str]:
    """Yield the cells of a Parquet file, the names of its columns and what is noted beside them."""
    import fastparquet

    file = fastparquet.ParquetFile(io.BytesIO(content))
    frame = file.to_pandas()
    for column in frame:
        yield str(column)
        yield "\n".join(frame[column].dropna().astype(str).unique())
    yield "\n".join(map(str, file.key_value_metadata.items()))


Reader = Callable[[bytes], Iterator[str]]
READERS: dict[str, Reader] = {
    **dict.fromkeys((".csv", ".html", ".json", ".lock", ".md", ".svg", ".txt"), _marked_up),
    **dict.fromkeys((".yaml", ".yml", ".xml", ".rels"), _marked_up),
    **dict.fromkeys((".xlsx", ".docx", ".pptx"), _packed),
    ".pdf": _pdf,
    ".png": _png,
    ".parquet": _parquet,
}
