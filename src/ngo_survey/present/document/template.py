"""What the template of a chapter asks for, whatever language it is written in.

Two languages of a chapter are the same report when, section by section, they print the same slots
under the same conditions and place the same tables and figures in the same order. Words are free:
captions, headings of columns, and how a language inflects what it prints.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, nodes

from ngo_survey.present.document.markdown import ANCHOR, anchor

#: Arguments that are words of a language, or say how it inflects what is printed.
FREE = frozenset(
    {"caption", "reads", "notes", "first", "column", "stub", "noun", "case", "bare", "otherwise"}
)
#: Functions that place a table or a figure.
PLACING = frozenset({"table", "figure", "series_tables", "slopes"})
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*$", re.MULTILINE)


@dataclass
class Section:
    """What stands under one heading: its slots in any order, its tables and figures in theirs."""

    anchor: str
    level: int
    slots: Counter[str] = field(default_factory=Counter)
    placed: list[str] = field(default_factory=list)


def sections(text: str) -> list[Section]:
    """Return what a chapter asks for, heading by heading; the first is its title (anchor "")."""
    made = [Section("", 0)]
    for kind, found in _walk(Environment().parse(text).body, ""):
        if kind == "words":
            for marks, words in _HEADING.findall(found):
                made.append(Section(_anchor(words) if len(marks) > 1 else "", len(marks)))
        else:
            made[-1].slots[found] += 1
            if kind == "placed":
                made[-1].placed.append(found)
    return made


def _anchor(words: str) -> str:
    written = ANCHOR.search(words)
    return written[1] if written else anchor(words)


def _walk(body: Sequence[nodes.Node], under: str) -> Iterator[tuple[str, str]]:
    """Yield ("words", text), ("slot", what) and ("placed", what) in the order of the template."""
    for node in body:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if isinstance(part, nodes.TemplateData):
                        yield "words", part.data
                    else:
                        yield _kind(part), f"{_said(part)}{under}"
            case nodes.If():
                test = _said(node.test)
                yield "slot", f"if {test}{under}"
                yield from _walk(node.body, f"{under} if {test}")
                yield from _walk(node.elif_, f"{under} unless {test}")
                yield from _walk(node.else_, f"{under} unless {test}")
            case nodes.For():
                test = f" if {_said(node.test)}" if node.test else ""
                loop = f"for {_said(node.target)} in {_said(node.iter)}{test}"
                yield "slot", f"{loop}{under}"
                yield from _walk([*node.body, *node.else_], f"{under} {loop}")
            case nodes.Assign():
                yield "slot", f"set {_said(node.target)} = {_said(node.node)}{under}"
            case _:
                yield "slot", f"{_said(node)}{under}"


def _kind(node: nodes.Node) -> str:
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
        return "slot"
    captioned = any(keyword.key == "caption" for keyword in node.kwargs)
    return "placed" if captioned or node.node.name in PLACING else "slot"


def _said(node: nodes.Node) -> str:
    """Return an expression as it is written, without the words of a language."""
    match node:
        case nodes.Const():
            said = repr(node.value)
        case nodes.Name():
            said = str(node.name)
        case nodes.Getattr():
            said = f"{_said(node.node)}.{node.attr}"
        case nodes.Getitem():
            said = f"{_said(node.node)}[{_said(node.arg)}]"
        case nodes.List() | nodes.Tuple():
            said = f"[{', '.join(_said(item) for item in node.items)}]"
        case nodes.Compare():
            rest = " ".join(f"{part.op} {_said(part.expr)}" for part in node.ops)
            said = f"{_said(node.expr)} {rest}"
        case nodes.Not():
            said = f"not {_said(node.node)}"
        case nodes.And() | nodes.Or():
            word = type(node).__name__.lower()
            said = f"{_said(node.left)} {word} {_said(node.right)}"
        case nodes.Call():
            said = _call(node)
        case _:
            parts = ", ".join(_said(part) for part in node.iter_child_nodes())
            said = f"{type(node).__name__}({parts})"
    return said


def _call(node: nodes.Call) -> str:
    name = _said(node.node)
    read = {"listing": _column, "grid": _cells}.get(name, _said)
    given = [
        f"[{', '.join(read(item) for item in argument.items)}]"
        if isinstance(argument, nodes.List)
        else _said(argument)
        for argument in node.args
    ]
    for keyword in sorted(node.kwargs, key=lambda keyword: keyword.key):
        if keyword.key == "columns" and isinstance(keyword.value, nodes.List):
            given.append(f"columns={len(keyword.value.items)}")
        elif keyword.key == "stub" and isinstance(keyword.value, nodes.Tuple):
            given.append(f"stub={_column(keyword.value)}")
        elif keyword.key not in FREE:
            given.append(f"{keyword.key}={_said(keyword.value)}")
    return f"{name}({', '.join(given)})"


def _column(node: nodes.Node) -> str:
    """Return a column of a listing without its heading."""
    if not isinstance(node, nodes.Tuple):
        return _said(node)
    return f"[{', '.join(_said(item) for item in node.items[1:])}]"


def _cells(node: nodes.Node) -> str:
    """Return a row of a grid without its words."""
    if not isinstance(node, nodes.List | nodes.Tuple):
        return _said(node)
    return f"[{', '.join(_said(i) for i in node.items if not isinstance(i, nodes.Const))}]"
