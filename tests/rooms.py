"""The rooms of the program as a drawing, made from the import contract and the imports themselves.

`python tests/rooms.py` prints it; `docs/architecture.md` holds it, and a test holds the two equal.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import grimp

from conftest import ROOT

PACKAGE = "ngo_survey"


def rooms() -> list[str]:
    """Return the rooms of the contract, those that import the others first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = project["tool"]["importlinter"]["contracts"]
    return [layer.removeprefix(f"{PACKAGE}.") for layer in contract["layers"]]


def arrows() -> Iterator[tuple[str, str]]:
    """Yield each pair of rooms of which the first is imported by the second; not errors."""
    graph = grimp.build_graph(PACKAGE)
    found = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            to, of = (name.split(".")[1:2] for name in (module, imported))
            if to and of and to != of:
                found.add((of[0], to[0]))
    order = rooms()
    known = sorted(found, key=lambda pair: (-order.index(pair[0]), -order.index(pair[1])))
    yield from (pair for pair in known if pair[0] != "errors")


def drawing() -> str:
    """Return the drawing as a Mermaid flowchart."""
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"    {room}" for room in reversed(rooms()) if room != "errors"]
    lines += [f"    {of} --> {to}" for of, to in arrows()]
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    print(drawing(), end="")
