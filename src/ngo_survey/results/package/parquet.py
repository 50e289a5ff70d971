"""Parquet with the same bytes everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.results.files import atomic_write

if TYPE_CHECKING:
    import pandas as pd


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet with the same bytes everywhere; whole or not at all.

    Nothing in the file tells when it was made; its maker's version is that of the lock.
    """
    import fastparquet

    with atomic_write(path) as partial:
        fastparquet.write(
            str(partial), frame, compression="GZIP", object_encoding="utf8", write_index=False
        )
