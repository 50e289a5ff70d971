"""The styles of the Word file: those every user knows, and the few a report needs beside them.

All looks are styles, so that a user changes a heading or a table everywhere at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document as Word

#: Arial has Latin, Greek and every Cyrillic letter, and a metric equal of it is on every system.
FONT = "Arial"
INK, GREY, WARNING = RGBColor(0x1C, 0x27, 0x33), RGBColor(0x5B, 0x67, 0x73), RGBColor(0xA3, 0x3B, 0)
TABLE = "ReportTable"
#: Styles of the text of tables by size of type; each has one of its heading (`...Head`).
TABLE_TEXT = {8.5: "TableText", 7.5: "TableTextSmall", 6.5: "TableTextTiny", 6.0: "TableTextLeast"}

#: Name, size in points, bold, colour, points before and after.
_PARAGRAPHS: tuple[tuple[str, float, bool, RGBColor, float, float], ...] = (
    ("Normal", 10, False, INK, 0, 6),
    ("Title", 24, True, INK, 0, 6),
    ("Subtitle", 10, False, GREY, 0, 4),
    ("Heading 1", 18, True, INK, 0, 10),
    ("Heading 2", 13, True, INK, 16, 6),
    ("Heading 3", 10.5, True, INK, 12, 4),
    ("Caption", 9, False, INK, 10, 4),
    ("List Bullet", 10, False, INK, 0, 3),
    ("List Number", 10, False, INK, 0, 3),
    ("List Continue", 10, False, INK, 0, 3),
    ("Quote", 10, False, INK, 6, 8),
    ("Header", 8, False, GREY, 0, 0),
    ("Footer", 8, False, GREY, 0, 0),
    ("TOC Heading", 13, True, INK, 12, 6),
    ("toc 1", 9.5, True, INK, 4, 1),
    ("toc 2", 9, False, INK, 0, 1),
    ("Banner", 10, True, WARNING, 0, 6),
    ("Over Heading", 9, False, GREY, 0, 2),
    ("Table Note", 8, False, GREY, 2, 0),
    ("Figure", 10, False, INK, 8, 2),
    ("Number Entry", 7, False, INK, 0, 1),
)


def tag_of(locale: str) -> str:
    """Return the tag that Word knows a language by: with a country, the likeliest unless given."""
    from babel.core import get_global

    language, _, country = locale.partition("_")
    likely = str(get_global("likely_subtags").get(language, language)).split("_")
    return "-".join([language, country or likely[-1]]) if country or len(likely) > 1 else language


def set_styles(word: Word, locale: str) -> None:
    """Give a new file the styles of a report, in its language (a locale as Babel writes it)."""
    defaults = word.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for tag in ("w:lang", "w:rFonts"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    tag = tag_of(locale)
    properties.insert(0, _element(f"<w:rFonts {_fonts()}/>"))
    properties.append(_element(f'<w:lang w:val="{tag}" w:eastAsia="{tag}" w:bidi="ar-SA"/>'))
    known = {str(style.name) for style in word.styles}
    for row in _PARAGRAPHS:
        _paragraph_style(word, known, *row)
    for size, style in TABLE_TEXT.items():
        name = re.sub(r"(?<=.)(?=[A-Z])", " ", style)
        _paragraph_style(word, known, name, size, False, INK, 1, 1)
        _paragraph_style(word, known, f"{name} Head", size, True, INK, 1, 1)
    for name in ("Heading 1", "Heading 2", "Heading 3", "TOC Heading", "Over Heading", "Figure"):
        word.styles[name].paragraph_format.keep_with_next = True
    word.styles["toc 2"].paragraph_format.left_indent = Pt(12)
    word.styles["Figure"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    entry = word.styles["Number Entry"].paragraph_format
    entry.left_indent, entry.first_line_indent = Pt(10), Pt(-10)
    quote = word.styles["Quote"].element.get_or_add_pPr()
    border = '<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="D9DEE3"/></w:pBdr>'
    quote.insert_element_before(_element(border), "w:spacing", "w:ind", "w:jc")
    word.styles["Quote"].paragraph_format.left_indent = Pt(10)
    word.styles["Quote"].font.italic = False
    _character_style(word, "Hyperlink", colour=RGBColor(0x0B, 0x4F, 0x8A))
    code = _character_style(word, "Code")
    code.font.name = "Courier New"
    _table_style(word)


def _paragraph_style(
    word: Word,
    known: Collection[str],
    name: str,
    size: float,
    bold: bool,
    colour: RGBColor,
    before: float,
    after: float,
) -> None:
    if name in known:
        style: Any = word.styles[name]
    else:
        # Word knows its own styles by these names, and gives them to a contents it updates.
        own = name.lower().startswith("toc ")
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=own)
        style.element.styleId = style.style_id.replace("toc", "TOC")
        style.base_style = word.styles["Normal"]
    style.hidden, style.quick_style = False, True
    look = style.element.get_or_add_rPr()
    for old in (*look.findall(qn("w:rFonts")), *look.findall(qn("w:spacing"))):
        look.remove(old)
    look.insert(0, _element(f"<w:rFonts {_fonts()}/>"))
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = colour
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.1
    if name == "Title":
        # The template draws a line below a title.
        for line in style.element.pPr.findall(qn("w:pBdr")):
            style.element.pPr.remove(line)


def _character_style(
    word: Word, name: str, colour: RGBColor | None = None, dotted: bool = False
) -> Any:
    style: Any = word.styles.add_style(name, WD_STYLE_TYPE.CHARACTER, builtin=name == "Hyperlink")
    if colour is not None:
        style.font.color.rgb = colour
    if dotted:
        style.element.get_or_add_rPr().append(_element('<w:u w:val="dotted" w:color="0B4F8A"/>'))
    return style


def _table_style(word: Word) -> None:
    """Add the style of every table: rules above, below and under the heading, nothing else."""
    rule = '<w:{0} w:val="single" w:sz="{1}" w:space="0" w:color="1C2733"/>'
    word.styles.element.append(
        _element(
            f'<w:style w:type="table" w:customStyle="1" w:styleId="{TABLE}">'
            '<w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
            "<w:tblPr><w:tblBorders>"
            f"{rule.format('top', 8)}{rule.format('bottom', 8)}"
            '</w:tblBorders><w:tblCellMar><w:left w:w="45" w:type="dxa"/>'
            '<w:right w:w="45" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
            f"{rule.format('bottom', 6)}</w:tcBorders></w:tcPr></w:tblStylePr></w:style>"
        )
    )


def _fonts() -> str:
    return " ".join(f'w:{name}="{FONT}"' for name in ("ascii", "hAnsi", "eastAsia", "cs"))


def _element(markup: str) -> Any:
    """Parse one element of WordprocessingML that names no namespace."""
    return parse_xml(re.sub(r"^<([\w:]+)", rf"<\1 {nsdecls('w')}", markup, count=1))
