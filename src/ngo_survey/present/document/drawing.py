"""Drawings made fit to stand in a page: ids unique, styles their own, words for who cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from ngo_survey.errors import InputError
from ngo_survey.present.document.document import Block, Document, Figure
from ngo_survey.present.figures.style import WORDS

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_AROUND = re.compile(r' data-(message|mark|notes)="([^"]*)"')
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
#: What matplotlib writes for every drawing, as a rule for ``*``: inherited from the root instead.
_ROOT_STYLE = re.compile(r"^\s*\*\s*\{([^}]*)\}\s*$")


@dataclass(frozen=True)
class DrawingWords:
    """What stands around a drawing, in words.

    Attributes
    ----------
    message: what the figure says; "" for nothing.
    mark: the mark of simulated data; "" for none.
    notes: base and what marks mean, then the source.
    """

    message: str = ""
    mark: str = ""
    notes: tuple[str, ...] = ()


def drawing_words(path: Path) -> DrawingWords:
    """Return what stands around a drawing, as ``ngo-survey draw`` wrote it into the SVG.

    Raises
    ------
    InputError: the file is missing.
    """
    text = read_svg(path)
    start = text.find("<svg")
    root = text[start : text.find(">", start)]
    said = {part: unescape(words) for part, words in _AROUND.findall(root)}
    notes = tuple(note for note in said.get("notes", "").split("\n") if note)
    return DrawingWords(said.get("message", ""), said.get("mark", ""), notes)


def with_messages(document: Document, drawn: Callable[[Figure], Path]) -> Document:
    """Return a document whose figures say their message first to who cannot see them.

    A figure that is not drawn yet has none: whoever renders the document says that it is missing.
    """

    def block(one: Block) -> Block:
        if not isinstance(one, Figure) or not drawn(one).is_file():
            return one
        words = " ".join(filter(None, (drawing_words(drawn(one)).message, one.alternative)))
        return replace(one, alternative=words)

    chapters = tuple(
        replace(chapter, blocks=tuple(block(one) for one in chapter.blocks))
        for chapter in document.chapters
    )
    return replace(document, chapters=chapters)


def shown_keys(path: Path) -> list[str]:
    """Return the keys of the numbers that the marks of a drawing show, in the order drawn.

    Raises
    ------
    InputError: the file is missing or is no SVG.
    """
    named = (element.attrib.get("data-key") for element in _parsed(path).iter())
    return list(dict.fromkeys(filter(None, named)))


def inline_svg(
    path: Path, name: str, title: str, description: str, opened: Container[str] = ()
) -> str:
    """Return an SVG file as an element of an HTML page.

    Every id and reference gets the prefix ``name``; metadata and scripts are left out; the style
    that would leak into the page moves to the root. ``title`` and ``description`` are read aloud.
    The words around the drawing are cut off: the page says them (:func:`drawing_words`). Marks keep
    the keys in ``opened`` alone: those of which the page says something.

    Raises
    ------
    InputError: the file is missing or is no SVG.
    """
    root = _parsed(path)
    if root.tag != f"{{{SVG}}}svg":
        raise InputError("a figure is not SVG", file=path, value=root.tag)
    _strip(root)
    _cut(root)
    _unindent(root)
    for element in root.iter():
        _rename(element, name)
        if element.attrib.get("data-key", "") not in opened:
            element.attrib.pop("data-key", None)
    width, height = root.attrib.pop("width", ""), root.attrib.pop("height", "")
    if "viewBox" not in root.attrib:
        root.set("viewBox", f"0 0 {_number(width)} {_number(height)}")
    root.attrib.pop("version", None)
    for part in ("message", "mark", "notes", "within"):
        root.attrib.pop(f"data-{part}", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-t {name}-d")
    _words(root, "desc", f"{name}-d", description)
    _words(root, "title", f"{name}-t", title)
    ElementTree.register_namespace("", SVG)
    text = ElementTree.tostring(root, encoding="unicode")
    # HTML knows the namespaces of inline SVG by itself.
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")


def description(path: Path) -> str:
    """Return what a drawing says of itself to who cannot see it; "" if it says nothing."""
    found = ElementTree.fromstring(read_svg(path)).find(f"{{{SVG}}}desc")
    return " ".join((found.text or "").split()) if found is not None else ""


def _parsed(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(read_svg(path))
    except ElementTree.ParseError as error:
        raise InputError(f"a figure is not well-formed SVG: {error}", file=path) from None


def read_svg(path: Path) -> str:
    """Return an SVG file as it is; raises :class:`InputError` when it is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("a figure is missing", file=path, hint="run ngo-survey draw") from None


def _strip(root: ElementTree.Element) -> None:
    """Take out what a page must not hold, and move the drawing's global style to its root."""
    for parent in list(root.iter()):
        for child in list(parent):
            local = child.tag.rpartition("}")[2]
            if local == "style":
                rule = _ROOT_STYLE.match(child.text or "")
                if rule:
                    root.set("style", rule[1].strip())
            if local in {"style", "metadata", "script", "title", "desc", "foreignObject"}:
                parent.remove(child)


def _unindent(root: ElementTree.Element) -> None:
    """Begin every line without blanks: they are a twentieth of a drawing. Words keep theirs."""
    for parent in root.iter():
        if parent.tag not in (f"{{{SVG}}}text", f"{{{SVG}}}tspan"):
            if not (parent.text or "x").strip():
                parent.text = "\n"
            for child in parent:
                if not (child.tail or "x").strip():
                    child.tail = "\n"


def _cut(root: ElementTree.Element) -> None:
    """Take the words around the drawing away, and show the part that is left."""
    within = root.attrib.get("data-within", "").split()
    if len(within) != 2:
        return
    for parent in list(root.iter()):
        for child in list(parent):
            if child.attrib.get("id", "").startswith(f"{WORDS}-"):
                parent.remove(child)
    width = root.attrib["viewBox"].split()[2]
    root.set("viewBox", f"0 {within[0]} {width} {within[1]}")


def _rename(element: ElementTree.Element, name: str) -> None:
    link = f"{{{XLINK}}}href"
    if link in element.attrib:
        element.set("href", element.attrib.pop(link))
    for attribute, value in list(element.attrib.items()):
        if attribute == "id":
            element.set("id", f"{name}-{value}")
        elif attribute == "href" and value.startswith("#"):
            element.set("href", f"#{name}-{value[1:]}")
        elif attribute.startswith("on"):
            del element.attrib[attribute]
        elif "url(#" in value:
            element.set(attribute, _REFERENCE.sub(rf"url(#{name}-\1)", value))


def _words(root: ElementTree.Element, tag: str, identity: str, words: str) -> None:
    element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": identity})
    element.text = words
    root.insert(0, element)


def _number(length: str) -> str:
    return re.sub(r"[a-z%]+$", "", length) or "0"
