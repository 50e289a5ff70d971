"""The document as one self-contained HTML page: no framework, no external request."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from ngo_survey.present.clean import address
from ngo_survey.present.document.document import Document, Figure, Slot, placed, plain, walk
from ngo_survey.present.document.drawing import DrawingWords
from ngo_survey.present.document.escaping import finalize
from ngo_survey.present.document.language import own_name
from ngo_survey.present.document.number_details import Definition, for_script, pack, places
from ngo_survey.present.document.origin import Origin
from ngo_survey.present.html.endings import endings
from ngo_survey.present.html.explorer.section import Explorer
from ngo_survey.present.html.files import FileList
from ngo_survey.present.words.language import Language

#: Words of a cell that are not broken over lines: dates, numbers of laws.
SHORT = 12
#: What the page runs beside the explorer.
SCRIPTS = ("script.js", "search.js", "values.js")
#: Lines of a definition that are said where a reader points at a mark of a figure, in this order.
BRIEF = (
    *("population", "category", "group", "term", "level", "against", "outcome"),
    *("first", "second", "difference", "estimate", "value", "observed", "predicted"),
    *("register", "sample", "weighted", "year", "limits", "limits_tested"),
    *("p_adjusted", "base", "n"),
)
#: Words of a cell that need a wide column: notes.
LONG = 50


def printed_keys(document: Document) -> list[str]:
    """Return every key of the results store that a document prints, sorted."""
    slots = (part for part in walk(document) if isinstance(part, Slot))
    return sorted({slot.key for slot in slots if slot.source == "result" and slot.key})


@dataclass(frozen=True)
class Extras:
    """What the page has beside the document.

    Attributes
    ----------
    colophon: lines at the foot of the page.
    origins: what made the number of each key.
    languages: languages that the report is made in, each with the name of its file.
    explorer: the explorer; None leaves it out.
    around: what stands around the drawing of each figure's anchor.
    files: every file of the release; None leaves the list out.
    """

    colophon: Sequence[str] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    explorer: Explorer | None = None
    around: Mapping[str, DrawingWords] = field(default_factory=dict)
    files: FileList | None = None


def render(
    document: Document,
    language: Language,
    definitions: Mapping[str, Definition],
    drawings: Mapping[str, str],
    extras: Extras | None = None,
) -> str:
    """Return the page.

    ``definitions`` holds what opens behind each key, ``drawings`` the SVG element of each figure's
    anchor; all else is escaped.
    """
    extras = extras or Extras()
    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["endings"] = endings
    packed = pack(definitions, extras.origins, language)
    packed["brief"] = [language.word(f"definition.{name}") for name in BRIEF]
    packed["values"] = language.word("page.values")
    explorer = extras.explorer
    styles = [_short(_resource("style.css"))]
    scripts = [_short(_resource(name)) for name in SCRIPTS]
    if explorer:
        styles[0] += _short(_resource("explorer.css"))
        scripts.append(_short(_resource("explorer.js")))
    environment.globals.update(
        document=document,
        word=language.word,
        address=page_address,
        short=lambda cell: len(plain(cell.content)) <= SHORT,
        long=lambda cell: len(plain(cell.content)) >= LONG,
        drawing=lambda figure: Markup(drawings[figure.anchor]),
        around=lambda figure: extras.around.get(figure.anchor, DrawingWords()),
        places=places(definitions),
        policy=policy(styles, scripts),
        style=Markup(styles[0]),
        scripts=[Markup(script) for script in scripts],
        definitions=Markup(for_script(packed)),
        colophon=list(extras.colophon),
        languages=[
            (code, own_name(code, language.own), file) for code, file in extras.languages.items()
        ],
        explorer=explorer,
        files=extras.files,
        plain=plain,
        tables=Markup(explorer.data) if explorer else "",
    )
    return environment.get_template("page.html.j2").render().lstrip()


def _resource(name: str) -> str:
    folder = files("ngo_survey.present.html")
    place = folder / "explorer" if name.startswith("explorer.") else folder / "page"
    return (place / name).read_text(encoding="utf-8")


def _short(text: str) -> str:
    """Return a script or style without indentation and lines of comment."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def page_address(target: str) -> str:
    """Return the target of a link of a page: a place of its own, or an address of a known kind."""
    return target if target.startswith("#") else address(target)


def policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Return a content security policy that lets this page's own styles and scripts run alone."""

    def digests(texts: Sequence[str]) -> str:
        made = (b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        return " ".join(f"'sha256-{digest}'" for digest in made)

    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {digests(scripts)}",
            # Drawings carry style attributes; a <style> element must be ours.
            f"style-src-elem {digests(styles)}",
            "style-src-attr 'unsafe-inline'",
            # The explorer draws its chart as a picture to save it.
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def figures(document: Document) -> list[Figure]:
    """Return the figures of a document in reading order."""
    return [part for part in placed(document) if isinstance(part, Figure)]


def title_of(figure: Figure) -> str:
    """Return a figure's caption as bare words."""
    return plain(figure.caption)
