"""The parts of a Word file that python-docx keeps: pages, pictures, addresses, numberings."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.image import ImagePart
from docx.shared import Emu, Mm

from ngo_survey.errors import InputError
from ngo_survey.present.archive import same_bytes
from ngo_survey.present.clean import address
from ngo_survey.present.document.document import Document, Figure, anchors, plain
from ngo_survey.present.docx.blocks import Writer
from ngo_survey.present.docx.xml import attribute, field_of, paragraph, run
from ngo_survey.present.paper.columns import Fits
from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    from docx.document import Document as Word

#: A4 upright, in millimetres, its margins, and the most a picture may take.
PAGE, MARGIN, ROOM = (210, 297), 20, (170, 195)
#: Name spaces of a header or footer.
SPACES = nsdecls("w", "r")
#: Name spaces that a picture declares itself: the text of a Word file declares neither.
GRAPHIC, PICTURE = nsdecls("a"), nsdecls("pic")


@dataclass
class DocxPackage:
    """One Word file under way; ``pictures`` holds the PNG of each figure's anchor.

    ``contents`` are members of the archive that are put in when all else is there.
    """

    word: Word
    pictures: Mapping[str, Path]
    addresses: dict[str, str] = field(default_factory=dict)
    drawn: int = 0
    relations: dict[Path, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def writer(self, document: Document, language: Language, fits: Fits) -> Writer:
        """Return what writes the blocks of a document into this file."""
        return Writer(
            language,
            anchors(document),
            self.picture,
            self.address,
            self.list_number,
            self.turn,
            fits,
        )

    def append(self, parts: Iterable[str]) -> None:
        """Add markup to the text, before the properties of the last section."""
        self.text += parts

    def set_pages(self, document: Document, language: Language) -> None:
        """Set the page, its header with the mark of simulated data and its number below."""
        section = self.word.sections[0]
        section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
        section.left_margin = section.right_margin = Mm(MARGIN)
        section.top_margin, section.bottom_margin = Mm(24), Mm(MARGIN)
        section.header_distance = section.footer_distance = Mm(10)
        head = run(document.title)
        if document.banner:
            head += run("   ") + run(document.banner, properties='<w:b/><w:color w:val="A33B00"/>')
        before, after = language.word("paper.page").split("{number}")
        page = run(before) + field_of("PAGE", run("1")) + run(after)
        for part, content, side in (
            (section.header, head, ""),
            (section.footer, page, '<w:jc w:val="right"/>'),
        ):
            part.is_linked_to_previous = False
            element: Any = part._element
            for old in list(element):
                element.remove(old)
            style = "Header" if part is section.header else "Footer"
            markup = paragraph(content, style, side).replace("<w:p>", f"<w:p {SPACES}>", 1)
            element.append(parse_xml(markup))

    def turn(self, turned: bool) -> str:
        """Return the paragraph that ends a section of upright or of turned pages."""
        properties = deepcopy(self.word.element.body[-1])
        size = properties.find(qn("w:pgSz"))
        width, height = (Mm(side).twips for side in PAGE)
        if turned:
            size.set(qn("w:w"), str(height))
            size.set(qn("w:h"), str(width))
            size.set(qn("w:orient"), "landscape")
        return f"<w:p><w:pPr>{properties.xml}</w:pPr></w:p>"

    def address(self, target: str) -> str:
        """Return the relation that a link to a web address names."""
        if target not in self.addresses:
            self.addresses[target] = self.word.part.relate_to(
                address(target), RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
        return self.addresses[target]

    def list_number(self) -> int:
        """Return the numbering of a new ordered list, which begins at one."""
        numbering: Any = self.word.part.numbering_part.element
        style: Any = self.word.styles["List Number"].element
        used = style.pPr.numPr.numId.val
        abstract = next(n for n in numbering.num_lst if n.numId == used).abstractNumId.val
        made = numbering.add_num(abstract)
        made.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(made.numId)

    def save(self) -> bytes:
        """Return the file.

        python-docx packs its frame alone: what is large is packed once, and pictures not at all.
        """
        part: Any = self.word.part
        before, last, after = part.blob.rpartition(b"<w:sectPr")
        written = "".join(self.text).encode("utf-8")
        self.contents[part.partname.membername] = b"".join((before, written, last, after))
        stream = io.BytesIO()
        self.word.save(stream)
        return same_bytes(stream.getvalue(), self.contents)

    def _held(self, file: Path, image: Image) -> str:
        """Return the relation of a picture's part, whose content stays out until it is saved."""
        if file not in self.relations:
            place = PackURI(f"/word/media/image{len(self.relations) + 1}{file.suffix}")
            part = ImagePart(place, image.content_type, b"")
            self.relations[file] = self.word.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
            self.contents[place.membername] = image.blob
        return self.relations[file]

    def picture(self, figure: Figure) -> str:
        """Return a figure as a picture in the line, with the words for who cannot see it."""
        file = self.pictures[figure.anchor]
        if not file.is_file():
            raise InputError("a figure is missing", file=file, hint="run ngo-survey draw")
        image = Image.from_file(str(file))
        relation = self._held(file, image)
        width, height = image.width, image.height
        scale = min(1.0, Mm(ROOM[0]) / width, Mm(ROOM[1]) / height)
        wide, high = Emu(int(width * scale)), Emu(int(height * scale))
        self.drawn += 1
        words, title = attribute(figure.alternative), attribute(plain(figure.caption))
        return (
            '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{wide}" cy="{high}"/>'
            f'<wp:docPr id="{self.drawn}" name="Figure {self.drawn}" title={title} descr={words}/>'
            f'<wp:cNvGraphicFramePr><a:graphicFrameLocks {GRAPHIC} noChangeAspect="1"/>'
            "</wp:cNvGraphicFramePr>"
            f'<a:graphic {GRAPHIC}><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            f"<pic:pic {PICTURE}><pic:nvPicPr>"
            f'<pic:cNvPr id="{self.drawn}" name="Figure {self.drawn}" '
            f"descr={words}/><pic:cNvPicPr/></pic:nvPicPr>"
            f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch>'
            '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
            f'<a:ext cx="{wide}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )
