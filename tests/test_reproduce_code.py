"""Which code a verb uses is read from the lines that import it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ngo_survey.workflow.code import PACKAGE, SOURCE, imported


def by_syntax(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith(PACKAGE))


def test_the_lines_of_every_file_name_the_imports_that_its_syntax_has() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 100
    for file in files:
        source = file.read_text(encoding="utf-8")
        assert set(imported(source)) == set(by_syntax(source)), file.name


def test_an_import_is_found_in_brackets_in_functions_and_under_another_name() -> None:
    source = (
        "import ngo_survey.results.store\n"
        "from ngo_survey.present.words import (\n    language,  # said\n    plural as counted,\n)\n"
        "def run():\n    from ngo_survey.study import Study as One\n"
    )
    assert set(imported(source)) == set(by_syntax(source))
    assert "ngo_survey.present.words.plural" in set(imported(source))
