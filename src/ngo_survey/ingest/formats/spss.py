"""SPSS .sav and .zsav: value labels, user-missing values, multiple-response sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.ingest.formats.coded import labelled, read_coded, wordings
from ngo_survey.ingest.table import ExportTable


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read an SPSS file. Codes become their labels; user-missing codes are no answers.

    Raises
    ------
    InputError: a file that is broken or breaks off, or whose encoding does not fit.
    """
    import pyreadstat

    how = {"encoding": options.get("encoding")}
    frame, meta = read_coded(pyreadstat.read_sav, path, shown, "SPSS", **how)
    # What counts as missing is told only to who asks to keep it.
    told = {"metadataonly": True, "user_missing": True}
    _, full = read_coded(pyreadstat.read_sav, path, shown, "SPSS", **how, **told)
    sets = {
        variable: str(given.get("label") or name.lstrip("$"))
        for name, given in (getattr(meta, "mr_sets", None) or {}).items()
        for variable in given["variable_list"]
    }
    missing = {c for c, ranges in (full.missing_ranges or {}).items() if ranges}
    dialect = f"SPSS, {meta.file_encoding or 'unknown encoding'}"
    if missing:
        dialect += f", user-missing values in {len(missing)} variables read as no answer"
    text, codes, values = labelled(frame, meta.variable_value_labels)
    return ExportTable(text, shown, "sav", dialect, wordings(meta), sets, codes, values)
