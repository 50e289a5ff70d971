"""Real exports that no one here made are read whole, by the tool that wrote them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.table import ExportTable, check
from ngo_survey.ingest.tools import TOOLS, find

from conftest import ROOT

STUDIES = ROOT.parent / "shared" / "studies"
pytestmark = pytest.mark.skipif(
    not STUDIES.is_dir(), reason="the real survey files are not beside the project"
)


def read(path: Path) -> tuple[str, ExportTable]:
    raw = read_table(path, path.name, {})
    tool = find(raw, None)
    return tool.NAME, check(tool.prepare(raw), ("#NAME?",))


@pytest.mark.parametrize(
    ("file", "tool", "rows", "encoding"),
    [
        ("toronto_agencies/responses.csv", "plain", 346, "cp1252"),
        ("surveymonkey_starwars/responses.csv", "surveymonkey", 1186, ""),
        ("limesurvey_rse/responses.csv", "limesurvey", 0, "utf-8"),
        ("kobo_household/raw_data.csv", "kobo", 0, ""),
        ("weighted_masculinity/raw-responses.csv", "plain", 1615, "utf-8"),
    ],
)
def test_a_real_export_is_read_whole(file: str, tool: str, rows: int, encoding: str) -> None:
    found, table = read(STUDIES / file)
    assert found == tool
    assert encoding in table.dialect
    assert rows in (0, len(table.frame))
    assert len(table.frame) > 200


def test_two_header_rows_of_surveymonkey_become_one() -> None:
    _, table = read(STUDIES / "surveymonkey_starwars/responses.csv")
    films = [c for c in table.frame.columns if "which of the following" in c.casefold()]
    assert len(films) == 6
    assert all("Episode" in c for c in films)


def test_limesurvey_codes_come_with_their_parts() -> None:
    _, table = read(STUDIES / "limesurvey_rse/responses.csv")
    headings = [TOOLS["limesurvey"].heading(table, c)[0] for c in table.frame.columns[1:]]
    named = {(heading.question, heading.part) for heading in headings}
    assert named >= {("rse3", "SQ001"), ("socio1", "")}


def test_nothing_of_a_real_export_is_interpreted() -> None:
    """What a spreadsheet made of 1-5 is kept as it came; mending it is cleaning's, and logged."""
    _, table = read(STUDIES / "toronto_agencies/responses.csv")
    assert table.frame.isin(["05-Jan"]).to_numpy().any()
    as_numbers = pd.read_csv(STUDIES / "toronto_agencies/responses.csv", encoding="cp1252", nrows=5)
    assert table.frame.iloc[0, 0] == str(as_numbers.iloc[0, 0])
