"""One self-contained page of key figures: no script, and each number leads into the report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from ngo_survey.present.document.document import Block, Document, Figure
from ngo_survey.present.document.escaping import finalize
from ngo_survey.present.document.language import own_name
from ngo_survey.present.document.panels import panels, refuse_tables
from ngo_survey.present.html.endings import endings
from ngo_survey.present.html.render import page_address, policy
from ngo_survey.present.words.language import Language


@dataclass(frozen=True)
class DashboardPanel:
    """A part of the page; ``kind`` is ``lead`` (key figures), ``drawn``, ``said`` or ``method``."""

    kind: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Around:
    """What stands around the dashboard.

    Attributes
    ----------
    report: the file of the report's page, "" without one.
    opened: keys of the numbers that open there.
    languages: languages that the dashboard is made in, each with the name of its file.
    colophon: lines at the foot.
    """

    report: str = ""
    opened: Collection[str] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    colophon: Sequence[str] = ()


def render_dashboard(
    document: Document, language: Language, drawings: Mapping[str, str], around: Around
) -> str:
    """Return the page; ``drawings`` holds the SVG element of each figure's anchor.

    Raises
    ------
    SurveyError: the document holds a table.
    """
    refuse_tables(document)
    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["endings"] = endings
    style = _resource("dashboard.css")
    environment.globals.update(
        document=document,
        word=language.word,
        address=page_address,
        drawing=lambda figure: Markup(drawings[figure.anchor]),
        panels=_panels(document),
        policy=policy([style], []),
        style=Markup(style),
        report=around.report,
        opened=around.opened,
        colophon=list(around.colophon),
        languages=[
            (code, own_name(code, language.own), file) for code, file in around.languages.items()
        ],
    )
    return environment.get_template("dashboard.html.j2").render().lstrip()


def _panels(document: Document) -> list[DashboardPanel]:
    """Return the panels of all chapters: the first of all and the last stand across the page."""
    cut = [blocks for chapter in document.chapters for blocks in panels(chapter) if blocks]
    kinds = ["drawn" if any(isinstance(b, Figure) for b in blocks) else "said" for blocks in cut]
    if kinds:
        kinds[-1] = "method"
        kinds[0] = "lead"
    return [DashboardPanel(kind, blocks) for kind, blocks in zip(kinds, cut, strict=True)]


def _resource(name: str) -> str:
    return (files("ngo_survey.present.html.dashboard") / name).read_text(encoding="utf-8")
