"""Blocks and inlines of the document as WordprocessingML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ngo_survey.present.document.document import (
    Block,
    Code,
    Emphasis,
    Figure,
    Heading,
    Inline,
    Link,
    Listing,
    Note,
    Paragraph,
    Row,
    Slot,
    Strong,
    Table,
    Text,
    plain,
)
from ngo_survey.present.docx.styles import TABLE, TABLE_TEXT
from ngo_survey.present.docx.xml import (
    Bookmarks,
    attribute,
    field_of,
    inner_link,
    paragraph,
    run,
)
from ngo_survey.present.paper.columns import ColumnFit, Fits, PaperSheet
from ngo_survey.present.words.language import Language

#: A4 with margins of 20 mm; Arial is narrower than the face of the PDF.
SHEET = PaperSheet(upright=481.0, turned=728.0, letter=0.54, sizes=tuple(TABLE_TEXT))
#: Rows below which a table is kept on one page.
WHOLE = 16
#: Twentieths of a point.
TWIPS = 20
KEEP = "<w:keepNext/>"


@dataclass
class Writer:
    """Writes the blocks of one document.

    ``anchors`` are the places of the document, ``fits`` say which tables stand in it; ``picture``
    returns the drawing of a figure, ``address`` the relation of a web address, ``number`` the
    numbering of a new ordered list, ``turn`` the end of a section (of a turned page or not).
    """

    language: Language
    anchors: frozenset[str]
    picture: Callable[[Figure], str]
    address: Callable[[str], str]
    number: Callable[[], int]
    turn: Callable[[bool], str]
    fits: Fits
    marks: Bookmarks = field(default_factory=Bookmarks)
    last: dict[str, tuple[str, int]] = field(default_factory=dict)

    # -- blocks ----------------------------------------------------------------------------------

    def block(self, block: Block) -> Iterator[str]:
        """Yield the paragraphs and tables of a block."""
        match block:
            case Heading():
                content = self.marks.mark(block.anchor, self.inlines(block.content))
                yield paragraph(content, f"Heading{min(block.level, 3)}")
            case Paragraph():
                yield paragraph(self.inlines(block.content), "Normal")
            case Listing():
                yield from self._listing(block)
            case Note():
                for inner in block.content:
                    if isinstance(inner, Paragraph):
                        yield paragraph(self.inlines(inner.content), "Quote")
                    else:
                        yield from self.block(inner)
            case Figure():
                yield paragraph(self.picture(block), "Figure")
                yield paragraph(self.caption("labels.figure", "Figure", block), "Caption")
                yield from self._notes(block.notes)
            case Table() if self.fits.moved(block):
                named = f"{self.language.word('labels.table')} {block.number}. "
                where = run(f" ({self.language.word('paper.moved')})")
                words = f"{run(named, properties='<w:b/>')}{self.inlines(block.caption)}{where}"
                yield paragraph(words, "Normal")
            case Table():
                yield from self.table(block)

    def _listing(self, listing: Listing) -> Iterator[str]:
        style, properties = "ListBullet", ""
        if listing.ordered:
            style = "ListNumber"
            properties = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{self.number()}"/></w:numPr>'
        for item in listing.items:
            for place, inner in enumerate(item):
                if isinstance(inner, Paragraph):
                    content = self.inlines(inner.content)
                    if place:
                        yield paragraph(content, "ListContinue")
                    else:
                        yield paragraph(content, style, properties)
                else:
                    yield from self.block(inner)

    def caption(self, word: str, name: str, part: Table | Figure) -> str:
        """Return a caption whose number is a field, so that Word counts on when one is added."""
        chapter, _, count = part.number.rpartition(".")
        follows = self.last.get(name) == (chapter, int(count) - 1)
        self.last[name] = (chapter, int(count))
        # The number is given where the caption before does not lead to it: at the begin of a
        # chapter, and where a table moved away.
        given = "" if follows else rf" \r {count}"
        shown = run(count, properties="<w:b/>")
        label = run(f"{self.language.word(word)} {chapter}.", properties="<w:b/>")
        number = field_of(rf"SEQ {name} \* ARABIC{given}", shown, "<w:b/>")
        marked = self.marks.mark(part.anchor, f"{label}{number}{run('.', properties='<w:b/>')}")
        return f"{marked}{run(' ')}{self.inlines(part.caption)}"

    def _notes(self, notes: Sequence[tuple[Inline, ...]]) -> Iterator[str]:
        for note in notes:
            yield paragraph(self.inlines(note), "TableNote")

    # -- tables ----------------------------------------------------------------------------------

    def table(self, table: Table) -> Iterator[str]:
        """Yield a table with its caption above and its notes below, on a turned page if need be."""
        fitted = self.fits.of(table)
        if fitted.turned:
            yield self.turn(False)
        yield paragraph(self.caption("labels.table", "Table", table), "Caption", KEEP)
        yield self._grid(table, fitted)
        yield from self._notes(table.notes)
        # Two tables in a row would become one.
        yield paragraph("", "TableNote")
        if fitted.turned:
            yield self.turn(True)

    def _grid(self, table: Table, fitted: ColumnFit) -> str:
        width = SHEET.turned if fitted.turned else SHEET.upright
        widths = [round(share * width * TWIPS) for share in fitted.shares]
        style = TABLE_TEXT[fitted.size]
        whole = len(table.rows) <= WHOLE
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
        caption = attribute(plain(table.caption))
        properties = (
            f'<w:tblPr><w:tblStyle w:val="{TABLE}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            '<w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" '
            'w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
            f"<w:tblCaption w:val={caption}/></w:tblPr>"
        )
        last = len(table.rows) - 1
        rows = [self._row(r, widths, style, whole and n < last) for n, r in enumerate(table.rows)]
        heads = self._heads(table, widths, f"{style}Head")
        return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{heads}{''.join(rows)}</w:tbl>"

    def _heads(self, table: Table, widths: Sequence[int], style: str) -> str:
        made = []
        for place, line in enumerate(table.header):
            first = place == 0
            merge = '<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>"
            stub = run(table.stub) if first and table.stub else ""
            cells = [
                _cell(stub, widths[0], style, merge if len(table.header) > 1 else "", keep=True)
            ]
            column = 1
            for cell in line:
                span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
                size = sum(widths[column : column + cell.span])
                content = self.inlines(cell.content)
                cells.append(_cell(content, size, style, span, cell.number, keep=True))
                column += cell.span
            made.append(
                f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"
            )
        return "".join(made)

    def _row(self, row: Row, widths: Sequence[int], style: str, keep: bool) -> str:
        properties = "<w:trPr><w:cantSplit/></w:trPr>"
        label = self.inlines(row.label)
        if row.kind == "group":
            span = f'<w:gridSpan w:val="{len(widths)}"/>'
            strong = self.inlines(row.label, properties="<w:b/>")
            cell = _cell(strong, sum(widths), style, span, keep=True)
            return f"<w:tr>{properties}{cell}</w:tr>"
        cells = [_cell(label, widths[0], style, keep=keep)]
        for width, held in zip(widths[1:], row.cells, strict=False):
            content = self.inlines(held.content)
            cells.append(_cell(content, width, style, "", held.number, keep))
        cells += [_cell("", width, style, keep=keep) for width in widths[1 + len(row.cells) :]]
        return f"<w:tr>{properties}{''.join(cells)}</w:tr>"

    # -- inlines ---------------------------------------------------------------------------------

    def inlines(self, content: Sequence[Inline], properties: str = "") -> str:
        """Return inlines as runs."""
        return "".join(self._inline(part, properties) for part in content)

    def _inline(self, part: Inline, properties: str) -> str:
        def inner(content: Sequence[Inline], look: str) -> str:
            # Word wants bold before italics, and each once.
            looks = "".join(sorted({look, *re.findall("<[^>]+>", properties)}))
            return self.inlines(content, looks)

        match part:
            case Text() | Slot():
                return run(part.text, properties=properties)
            case Code():
                return run(part.text, "Code", properties)
            case Strong():
                return inner(part.content, "<w:b/>")
            case Emphasis():
                return inner(part.content, "<w:i/>")
            case Link(target=target) if target.startswith("#"):
                shown = run(plain(part.content), "Hyperlink", properties)
                there = target[1:] in self.anchors
                return inner_link(self.marks.name(target[1:]), shown) if there else shown
            case Link():
                shown = run(plain(part.content), "Hyperlink", properties)
                return f'<w:hyperlink r:id="{self.address(part.target)}">{shown}</w:hyperlink>'


def _cell(
    content: str, width: int, style: str, extra: str = "", number: bool = False, keep: bool = False
) -> str:
    side = '<w:jc w:val="right"/>' if number else ""
    words = paragraph(content, style, f"{KEEP if keep else ''}{side}")
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{extra}</w:tcPr>{words}</w:tc>'
