"""Slides as one PowerPoint file, 16:9: what can be edited is text, and figures are pictures.

Title and text stand in the placeholders of their layouts, so that an outline shows them and another
design can be laid over them. The mark of simulated data is on every slide, not on the master: a
slide that is copied into another file takes it along.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import InputError
from ngo_survey.present.archive import same_bytes
from ngo_survey.present.clean import address, clean
from ngo_survey.present.document.document import (
    Code,
    Document,
    Emphasis,
    Figure,
    Inline,
    Link,
    Slot,
    Strong,
    Text,
    plain,
)
from ngo_survey.present.pptx.slides import Slide, slides
from ngo_survey.present.properties import set_properties
from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide as Page
    from pptx.text.text import TextFrame

#: Inches: the slide, its margin, the band of the mark, and where title, content and foot begin.
WIDE, HIGH, MARGIN, BAND = 13.333, 7.5, 0.55, 0.34
OVER, TITLE, CONTENT, FOOT = (0.38, 0.3), (0.62, 1.1), (1.85, 5.05), (7.0, 0.35)
#: The share of the width that a picture may take beside text, and the room between them.
PICTURE, BETWEEN = 0.62, 0.35
#: Sizes of letters in points, largest first, of a title and of text.
TITLES, TEXTS = (28, 24, 21, 18), (20, 18, 16, 14, 12)
#: Width of a letter, of a bold one, and height of a line as shares of its size: those of DejaVu
#: Sans, the widest of the faces that stand in where the design's own is absent.
LETTER, BOLD, LINE = 0.6, 0.69, 1.25
INK, SOFT, WARN, WARN_INK = "1C2733", "5B6773", "FDF0E1", "6B3410"
#: Layouts of python-pptx's own design that are kept: of the title, and of title and text.
COVER, PLAIN = 0, 1
#: Placeholders that a layout has and a slide gets by hand: its foot and its number.
FOOTER, NUMBER = 11, 12


@dataclass(frozen=True)
class _Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


def render(
    document: Document,
    language: Language,
    pictures: Mapping[str, Path],
    said: Mapping[str, str] | None = None,
) -> bytes:
    """Return the file.

    ``pictures`` holds the PNG file of each figure's anchor, ``said`` what the drawing itself says
    to who cannot see it: it is read after what the chapter says.

    Raises
    ------
    InputError: a picture is missing.
    SurveyError: a slide holds what none can (:func:`slides`).
    """
    import pptx

    deck = pptx.Presentation()
    _set_design(deck)
    writer = _Writer(
        deck, document, language.word("number.locale").replace("_", "-"), pictures, said or {}
    )
    writer.cover()
    for slide in slides(document):
        writer.add(slide)
    set_properties(deck.core_properties, document)
    stream = io.BytesIO()
    deck.save(stream)
    return same_bytes(stream.getvalue(), {})


def _set_design(deck: Presentation) -> None:
    """Make the design wide, and keep the layouts that are used."""
    from pptx.util import Inches

    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    layouts = deck.slide_layouts
    for layout in [one for place, one in enumerate(layouts) if place not in {COVER, PLAIN}]:
        layouts.remove(layout)
    width = WIDE - 2 * MARGIN
    boxes = {
        "TITLE": _Box(MARGIN, *_over(TITLE, width)),
        "BODY": _Box(MARGIN, *_over(CONTENT, width)),
        "DATE": _Box(MARGIN, *_over(FOOT, 1.0)),
        "FOOTER": _Box(MARGIN, *_over(FOOT, width - 1.0)),
        "SLIDE_NUMBER": _Box(WIDE - MARGIN - 0.9, *_over(FOOT, 0.9)),
    }
    for held in deck.slide_master.placeholders:
        _place(held, boxes[held.placeholder_format.type.name])
    cover = {
        "CENTER_TITLE": _Box(MARGIN, 1.6, width, 2.0),
        "SUBTITLE": _Box(MARGIN, 3.8, width, 2.6),
    }
    for held in layouts[COVER].placeholders:
        if held.placeholder_format.type.name in cover:
            _place(held, cover[held.placeholder_format.type.name])


def _over(band: tuple[float, float], width: float) -> tuple[float, float, float]:
    return band[0], width, band[1]


def _place(shape: Any, box: _Box) -> None:
    from pptx.util import Inches

    shape.left, shape.top = Inches(box.left), Inches(box.top)
    shape.width, shape.height = Inches(box.width), Inches(box.height)


@dataclass(frozen=True)
class _Writer:
    """Writes the slides of one document."""

    deck: Presentation
    document: Document
    locale: str
    pictures: Mapping[str, Path]
    said: Mapping[str, str]

    def cover(self) -> None:
        """Add the slide of the title."""
        page = self.deck.slides.add_slide(self.deck.slide_layouts[COVER])
        title, below = page.placeholders
        self._fill(title.text_frame, [(0, (Text(self.document.title),))], 36, INK, bold=True)
        lines = [self.document.subtitle, self.document.warning]
        said = [(0, (Text(line),)) for line in lines if line]
        self._fill(below.text_frame, said, 18, SOFT)
        self._finish(page)

    def add(self, slide: Slide) -> None:
        """Add a slide: title above, text on the left, its picture on the right."""
        page = self.deck.slides.add_slide(self.deck.slide_layouts[PLAIN])
        title, body = page.placeholders
        width = WIDE - 2 * MARGIN
        heading = [(0, slide.title)]
        over = [(0, (Text(slide.over),))] if slide.over else []
        room = _Box(MARGIN, TITLE[0], width, TITLE[1])
        self._fill(title.text_frame, heading, _fitting(heading, room, TITLES, BOLD), INK, bold=True)
        if over:
            band = _Box(MARGIN, *_over(OVER, width))
            self._fill(self._box(page, band).text_frame, over, 12, SOFT)
        content = _Box(MARGIN, CONTENT[0], width, CONTENT[1])
        if slide.figure:
            taken = self._picture(page, slide.figure, content, alone=not slide.text)
            content = _Box(MARGIN, CONTENT[0], width - taken - BETWEEN, CONTENT[1])
        if slide.text:
            _place(body, content)
            size = _fitting(slide.text, content, TEXTS)
            self._fill(body.text_frame, slide.text, size, INK)
        else:
            body._element.getparent().remove(body._element)
        if slide.notes:
            notes = page.notes_slide.notes_text_frame
            if notes is not None:
                notes.text = clean("\n".join(slide.notes))
        self._finish(page)

    def _picture(self, page: Page, figure: Figure, room: _Box, alone: bool) -> float:
        """Put the picture of a figure on the right, or in the middle; return its width."""
        from pptx.util import Inches

        file = self.pictures[figure.anchor]
        if not file.is_file():
            raise InputError("a figure is missing", file=file, hint="run ngo-survey draw")
        shape = page.shapes.add_picture(str(file), 0, 0)
        widest = room.width * (1.0 if alone else PICTURE)
        scale = min(Inches(widest) / shape.width, Inches(room.height) / shape.height)
        width, height = shape.width * scale / 914400, shape.height * scale / 914400
        left = room.left + (room.width - width) / (2 if alone else 1)
        _place(shape, _Box(left, room.top, width, height))
        named = shape._element.nvPicPr.cNvPr
        named.set("name", clean(plain(figure.caption)))
        named.set(
            "descr", clean(" ".join([figure.alternative, self.said.get(figure.anchor, "")]).strip())
        )
        return width

    def _finish(self, page: Page) -> None:
        """Add the mark of the data, the source, and the number of the slide."""
        from pptx.dml.color import RGBColor

        if self.document.banner:
            band = self._box(page, _Box(0, 0, WIDE, BAND))
            band.fill.solid()
            band.fill.fore_color.rgb = RGBColor.from_string(WARN)
            said = [(0, (Text(self.document.banner),))]
            self._fill(band.text_frame, said, 13, WARN_INK, bold=True, centred=True)
        source = f"{self.document.title}. {self.document.subtitle}"
        for held in page.slide_layout.placeholders:
            place = held.placeholder_format.idx
            if place not in {FOOTER, NUMBER}:
                continue
            element = deepcopy(held._element)
            element.nvSpPr.cNvPr.set("id", str(_free(page)))
            page.shapes._spTree.append(element)
            frame = page.placeholders[place].text_frame
            if place == FOOTER:
                self._fill(frame, [(0, (Text(source),))], TEXTS[-1], SOFT)

    def _box(self, page: Page, box: _Box) -> Any:
        shape = page.shapes.add_textbox(0, 0, 0, 0)
        _place(shape, box)
        return shape

    def _fill(
        self,
        frame: TextFrame,
        lines: Sequence[tuple[int, tuple[Inline, ...]]],
        size: float,
        colour: str,
        bold: bool = False,
        centred: bool = False,
    ) -> None:
        """Write lines into a frame; those of level 0 carry no mark of a list."""
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.oxml.xmlchemy import OxmlElement
        from pptx.util import Pt

        frame.word_wrap = True
        frame.vertical_anchor = MSO_ANCHOR.TOP
        for place, (level, content) in enumerate(lines):
            paragraph = frame.paragraphs[0] if not place else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.CENTER if centred else PP_ALIGN.LEFT
            paragraph.space_after = Pt(size * 0.4)
            properties = paragraph._p.get_or_add_pPr()
            indent = 0.9 * size * 12700
            properties.set("marL", str(round(indent * level)))
            properties.set("indent", str(-round(indent) if level else 0))
            if not level:
                properties.append(OxmlElement("a:buNone"))
            self._runs(paragraph, content, size, colour, bold, False)

    def _runs(
        self,
        paragraph: Any,
        content: Sequence[Inline],
        size: float,
        colour: str,
        bold: bool,
        italic: bool,
        target: str = "",
    ) -> None:
        from pptx.dml.color import RGBColor
        from pptx.util import Pt

        for part in content:
            match part:
                case Text() | Slot() | Code():
                    run = paragraph.add_run()
                    run.text = clean(part.text)
                    run.font.size, run.font.bold, run.font.italic = Pt(size), bold, italic
                    run.font.color.rgb = RGBColor.from_string(colour)
                    run._r.get_or_add_rPr().set("lang", self.locale)
                    if target:
                        run.hyperlink.address = target
                case Strong():
                    self._runs(paragraph, part.content, size, colour, True, italic, target)
                case Emphasis():
                    self._runs(paragraph, part.content, size, colour, bold, True, target)
                case Link():
                    outside = "" if part.target.startswith("#") else address(part.target)
                    self._runs(paragraph, part.content, size, colour, bold, italic, outside)


def _free(page: Page) -> int:
    """Return a number that no shape of a slide has."""
    return max(shape.shape_id for shape in page.shapes) + 1


def _fitting(
    lines: Sequence[tuple[int, tuple[Inline, ...]]],
    box: _Box,
    sizes: Sequence[int],
    letter: float = LETTER,
) -> int:
    """Return the largest size of letters at which lines fit a box, as far as can be reckoned."""
    for size in sizes:
        letters = box.width * 72 / (size * letter)
        rows = sum(_rows(plain(content), letters - 2 * level) for level, content in lines)
        if rows * size * LINE + len(lines) * size * 0.4 <= box.height * 72:
            return size
    return sizes[-1]


def _rows(words: str, letters: float) -> int:
    """Return how many rows words take that are broken between words."""
    return len(textwrap.wrap(words, max(1, math.floor(letters)))) or 1
