"""Stata .dta, all releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.ingest.formats.coded import labelled, read_coded, wordings
from ngo_survey.ingest.table import ExportTable


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read a Stata file. Codes become their labels; extended missing values are no answers.

    Raises
    ------
    InputError: a file that is broken or breaks off, or whose encoding does not fit.
    """
    import pyreadstat

    how = {"encoding": options.get("encoding")}
    frame, meta = read_coded(pyreadstat.read_dta, path, shown, "Stata", **how)
    text, codes, values = labelled(frame, meta.variable_value_labels)
    return ExportTable(text, shown, "dta", "Stata", wordings(meta), codes=codes, values=values)
