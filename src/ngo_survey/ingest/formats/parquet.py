"""Parquet, by `fastparquet`: a tenth of the size of `pyarrow`, enough for a table of answers."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.errors import InputError
from ngo_survey.ingest.formats.coded import as_text
from ngo_survey.ingest.table import ExportTable


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read a Parquet file.

    Raises
    ------
    InputError: a file that is broken or breaks off.
    """
    from fastparquet import ParquetFile

    try:
        with path.open("rb") as file:
            frame = ParquetFile(file).to_pandas()
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, struct.error) as error:
        raise InputError(
            f"the Parquet file cannot be read ({str(error).strip() or type(error).__name__})",
            file=shown,
            hint="write it again, or export CSV",
        ) from None
    return ExportTable(as_text(frame.reset_index(drop=True)), shown, "parquet", "Parquet")
