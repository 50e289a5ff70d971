"""What is written of the two suites is what they are."""

from __future__ import annotations

import suites_table

from conftest import ROOT


def test_the_table_in_the_documentation_is_that_of_the_tests() -> None:
    documentation = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    _, _, after = documentation.partition("<!-- python tests/suites_table.py -->\n")
    assert after.startswith(suites_table.table(ROOT / "tests"))
