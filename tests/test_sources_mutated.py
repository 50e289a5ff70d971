"""A damaged file of any format ends in a table or in one line, never in anything else."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import fastparquet
import pandas as pd
import pyreadstat
import pytest

from ngo_survey.errors import InputError
from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.table import check
from suites import sample
from writers import ods, xls, xlsx

FRAME = pd.DataFrame(
    {
        "id": [f"00{i}" for i in range(30)],
        "n": [1.5, 2.0, None] * 10,
        "q": [1.0, 2.0, 3.0] * 10,
        "t": ["қ", "слово", "x"] * 10,
    }
)
ROWS: list[list[object]] = [list(FRAME), *FRAME.astype(object).fillna("").to_numpy().tolist()]
LABELS = {
    "variable_value_labels": {"q": {1: "a", 2: "b", 3: "c"}},
    "column_labels": {"id": "Number", "n": "N", "q": "Q", "t": "T"},
}
WRITERS = {
    "a.csv": lambda path: FRAME.to_csv(path, index=False),
    "b.csv": lambda path: FRAME.to_csv(path, index=False, sep=";", encoding="utf-16"),
    "a.sav": lambda path: pyreadstat.write_sav(FRAME, path, **LABELS),
    "a.zsav": lambda path: pyreadstat.write_sav(FRAME, path, compress=True, **LABELS),
    "a.dta": lambda path: pyreadstat.write_dta(FRAME, path, **LABELS),
    "a.parquet": lambda path: fastparquet.write(str(path), FRAME),
    "a.xlsx": lambda path: xlsx(path, ROWS),
    "a.xls": lambda path: xls(path, ROWS, {(1, 1): "0%"}),
    "a.ods": lambda path: ods(path, [[str(value) for value in row] for row in ROWS]),
}
#: A batch of so many files is one test: the quick suite takes the first batch of every format.
BATCH, BATCHES = 2, 30


@pytest.fixture(scope="module", params=WRITERS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / str(request.param)
    WRITERS[request.param](path)
    assert len(check(read_table(path, path.name)).frame) == 30
    return path


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Cut a file off, or change bits and bytes of it, half of them near its start."""
    made = bytearray(content)
    if draw.random() < 0.3:
        del made[draw.randrange(1, len(made)) :]
    for _ in range(draw.choice([1, 1, 2, 5, 20])):
        place = draw.randrange(len(made) if draw.random() < 0.5 else min(len(made), 400))
        made[place] ^= 1 << draw.randrange(8) if draw.random() < 0.6 else draw.randrange(256)
    return bytes(made)


def damaged_part(path: Path, draw: random.Random, to: Path) -> None:
    """Damage one part of a workbook under a sound package, as a program that writes wrongly."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    hit = draw.choice([name for name, content in parts.items() if content])
    with zipfile.ZipFile(to, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, damaged(content, draw) if name == hit else content)


@pytest.mark.parametrize("batch", sample(range(BATCHES)))
def test_a_damaged_file_ends_in_a_table_or_in_one_line(
    whole: Path, batch: int, tmp_path: Path
) -> None:
    path = tmp_path / f"damaged{whole.suffix}"
    for number in range(BATCH * batch, BATCH * (batch + 1)):
        draw = random.Random(number)
        if zipfile.is_zipfile(whole) and number % 2:
            damaged_part(whole, draw, path)
        else:
            path.write_bytes(damaged(whole.read_bytes(), draw))
        try:
            check(read_table(path, path.name, {"maximum_seconds": 60}))
        except InputError as stop:
            assert str(stop).startswith(path.name), number
            assert "\n" not in str(stop), number
            assert len(str(stop)) < 500, number
