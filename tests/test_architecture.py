"""The house: rooms in one direction, no circle of files, every class named once, no study named."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import grimp

from ngo_survey.workflow.code import SOURCE
from rooms import PACKAGE, drawing

from conftest import ROOT


def test_the_drawing_in_the_documentation_is_that_of_the_imports() -> None:
    assert drawing() in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_no_files_import_each_other_in_a_circle() -> None:
    """A file that imports nothing that is left cannot be in a circle; take such files away."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=False)
    left = {m: set(graph.find_modules_directly_imported_by(m)) - {m} for m in graph.modules}
    while free := {module for module, imported in left.items() if not imported & left.keys()}:
        left = {module: imported for module, imported in left.items() if module not in free}
    assert sorted(left) == []


def test_every_class_has_a_name_of_its_own() -> None:
    places = defaultdict(list)
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(file.relative_to(SOURCE).as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_statistics_know_nothing_else_of_the_program() -> None:
    graph = grimp.build_graph(PACKAGE)
    own = f"{PACKAGE}.statistics"
    inside = {own} | graph.find_descendants(own)
    known = {i for m in inside for i in graph.find_modules_directly_imported_by(m)} - inside
    assert known <= {f"{PACKAGE}.errors", PACKAGE}


def test_every_file_named_in_the_walk_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = text.partition("## One answer")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w/]+\.py)`", walk)
    assert len(named) > 10
    assert [name for name in named if not (SOURCE / name).is_file()] == []
