"""Parquet, by `fastparquet`: a tenth of the size of `pyarrow`, enough for a table of answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.ingest.table import ExportTable
from ngo_survey.reading import statistical
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read a Parquet file.

    Raises
    ------
    InputError: a file that is broken or breaks off, or that is above the limits.
    """
    found = run_apart(
        statistical.parquet,
        str(path),
        what="Parquet file",
        shown=shown,
        hint="write it again, or export CSV",
        limits=Limits.of(options),
        libraries=("fastparquet",),
    )
    return ExportTable(found.text, shown, "parquet", "Parquet", lossy=found.lossy)
