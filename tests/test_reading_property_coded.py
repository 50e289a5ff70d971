"""A table that is known, written as one column a choice or in codes, comes back or is refused.

What is written and how is drawn in `known_tables.py`. There are two files of such tests, so that
two processes share the examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from known_tables import check, read_here
from ngo_survey.ingest.formats import parquet, spss, stata
from suites import examples


@pytest.fixture(scope="module", autouse=True)
def no_process_a_file() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for reader in (parquet, spss, stata):
            patch.setattr(reader, "run_apart", read_here)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples: each writes its file over the last."""
    return tmp_path_factory.mktemp("tables")


@drawn(st.data())
@examples(5_000)
def test_a_table_of_choices_or_codes_comes_back_or_is_refused(
    folder: Path, data: st.DataObject
) -> None:
    check(folder, data, ["split", "kobo", "sav", "dta", "parquet"])
