"""The texts that a chapter's template hands to its functions, as far as the template alone tells.

A template is never run here: its tree is walked, and every expression is all the texts that it can
be. A loop over a written list has each of its items, ``~`` puts parts together, a condition has
both its sides; what only results know is :data:`OPEN`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from jinja2 import Environment, nodes
from jinja2.compiler import Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE
from jinja2.meta import TrackingCodeGenerator

#: Stands in a text for what only a build knows. No name holds it.
OPEN = "\0"
#: What a condition asks before it names what a study may not have.
ASKING = frozenset({"known", "stated", "unprotected"})
#: Texts that one expression is taken for; of more it is open.
MOST = 1000

Texts = tuple[str, ...]


@dataclass(frozen=True)
class ChapterCall:
    """A call in a template, with what the names in it stand for."""

    function: str
    line: int
    node: nodes.Call
    bound: Mapping[str, Texts]

    def argument(self, place: int) -> Texts:
        """Return the texts that an argument can be; none where it is left out or no text."""
        return texts(self.node.args[place], self.bound) if place < len(self.node.args) else ()

    def named(self, name: str, place: int | None = None) -> Texts:
        """Return the texts that an argument, or the items of a list there, can be.

        It stands under its name, or else at a place among those without one.
        """
        given = [k.value for k in self.node.kwargs if k.key == name]
        if not given and place is not None:
            given = self.node.args[place : place + 1]
        return tuple(
            text
            for node in given
            for text in (
                items(node, self.bound)
                if isinstance(node, nodes.List | nodes.Tuple)
                else texts(node, self.bound)
            )
        )


def calls(node: nodes.Node, bound: Mapping[str, Texts] | None = None) -> Iterator[ChapterCall]:
    """Yield the calls of a template, but for those that a chapter asks about first."""
    inside = dict(bound or {})
    if isinstance(node, nodes.For):
        inside |= _targets(node.target, node.iter, inside)
        yield from calls(node.iter, bound)
        parts = [*node.body, *node.else_, *([node.test] if node.test else ())]
    elif isinstance(node, nodes.Macro | nodes.CallBlock):
        inside |= {argument.name: (OPEN,) for argument in node.args}
        parts = list(node.iter_child_nodes())
    elif isinstance(node, nodes.If):
        parts = [node.test, *node.elif_]
        parts += [] if _asks(node.test) else node.body
        parts += [] if _asks(node.test, opposite=True) else node.else_
    elif isinstance(node, nodes.CondExpr):
        parts = [node.test]
        parts += [] if _asks(node.test) else [node.expr1]
        parts += [node.expr2] if node.expr2 and not _asks(node.test, opposite=True) else []
    else:
        parts = list(node.iter_child_nodes())
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        yield ChapterCall(node.node.name, node.lineno, node, inside)
    for part in parts:
        yield from calls(part, inside)
        if isinstance(part, nodes.Assign):
            made = _targets(part.target, nodes.List([part.node]), inside)
            # Set under a condition, a name may be what it was before.
            inside |= {name: (*inside.get(name, ()), *values) for name, values in made.items()}


class UndeclaredNames(TrackingCodeGenerator):
    """The names that a template uses and neither sets nor loops over, each with its line.

    Jinja's own compiler tells what a name means where it stands: a variable of a loop is unknown
    after it. What is ``set`` under a condition may be there or not, and is left to the build.

    Attributes
    ----------
    found: (name, line) in the order of the template.
    """

    def __init__(self, environment: Environment, text: str) -> None:
        super().__init__(environment)
        self.found: list[tuple[str, int]] = []
        # A tree of its own: the compiler folds constants in the one it walks.
        template = environment.parse(text)
        made: list[nodes.Assign | nodes.AssignBlock]
        made = [*template.find_all(nodes.Assign), *template.find_all(nodes.AssignBlock)]
        parts = [part for node in made for part in (node.target, *node.target.find_all(nodes.Name))]
        self._set = {part.name for part in parts if isinstance(part, nodes.Name)}
        self.visit(template)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        """Keep a name that nothing in the template makes."""
        super().visit_Name(node, frame)
        if node.ctx != "load" or node.name in self._set | self.environment.globals.keys():
            return
        action, _ = frame.symbols.find_load(frame.symbols.ref(node.name)) or ("", None)
        if action == VAR_LOAD_RESOLVE:
            self.found.append((node.name, node.lineno))


def texts(node: nodes.Node, bound: Mapping[str, Texts]) -> Texts:
    """Return every text that an expression can be; OPEN stands for what is not known."""
    if isinstance(node, nodes.Const):
        return (str(node.value),) if isinstance(node.value, str) else ()
    if isinstance(node, nodes.TemplateData):
        return (node.data,)
    if isinstance(node, nodes.Name):
        return bound.get(node.name, (OPEN,))
    if isinstance(node, nodes.CondExpr):
        sides = [node.expr1, *([node.expr2] if node.expr2 else ())]
        return tuple(text for side in sides for text in texts(side, bound))
    if isinstance(node, nodes.Concat | nodes.Add):
        parts = node.nodes if isinstance(node, nodes.Concat) else [node.left, node.right]
        sides_of = [texts(part, bound) or (OPEN,) for part in parts]
        made = tuple("".join(whole) for whole in islice(product(*sides_of), MOST + 1))
        return made if len(made) <= MOST else (OPEN,)
    return (OPEN,)


def items(node: nodes.Node, bound: Mapping[str, Texts]) -> Texts:
    """Return every text that an item of a list can be."""
    if isinstance(node, nodes.List | nodes.Tuple):
        return tuple(text for item in node.items for text in texts(item, bound))
    return (OPEN,)


def _targets(
    target: nodes.Node, listed: nodes.Node, bound: Mapping[str, Texts]
) -> dict[str, Texts]:
    """Return what the names of a loop, or of ``set``, stand for."""
    if isinstance(target, nodes.Name):
        return {target.name: items(listed, bound)}
    if not isinstance(target, nodes.Tuple):
        return {}
    made: dict[str, Texts] = {}
    for place, name in enumerate(target.items):
        rows = listed.items if isinstance(listed, nodes.List | nodes.Tuple) else [None]
        column = nodes.List(
            [
                row.items[place]
                if isinstance(row, nodes.List | nodes.Tuple) and place < len(row.items)
                else nodes.Name("", "load")
                for row in rows
            ]
        )
        made |= _targets(name, column, bound)
    return made


def _asks(test: nodes.Node, opposite: bool = False) -> bool:
    """Say whether what stands under a condition is there only where a key is known.

    ``opposite`` asks it of what stands under its ``else``.
    """
    if isinstance(test, nodes.Not):
        return _asks(test.node, not opposite)
    if isinstance(test, nodes.And | nodes.Or):
        return _asks(test.left, opposite) or _asks(test.right, opposite)
    if isinstance(test, nodes.Compare):
        return _asks(test.expr, opposite)
    asked = test.node if isinstance(test, nodes.Call) else test
    return isinstance(asked, nodes.Name) and asked.name in ASKING and not opposite
