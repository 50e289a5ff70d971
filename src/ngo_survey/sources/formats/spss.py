"""SPSS .sav and .zsav: value labels, user-missing values, multiple-response sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.errors import InputError
from ngo_survey.sources.formats.coded import as_text
from ngo_survey.sources.table import Table


def read(path: Path, shown: str, options: Mapping[str, Any]) -> Table:
    """Read an SPSS file. Codes become their labels; user-missing codes are no answers.

    Raises
    ------
    InputError: a file that is broken or breaks off, or whose encoding does not fit.
    """
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(path, encoding=options.get("encoding"))
        # What counts as missing is told only to who asks to keep it.
        _, full = pyreadstat.read_sav(
            path, encoding=options.get("encoding"), metadataonly=True, user_missing=True
        )
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"the SPSS file cannot be read ({str(error).strip().splitlines()[0]})",
            file=shown,
            mend="save it again in SPSS; if its letters are at fault name sources.encoding",
        ) from None
    sets = {
        variable: str(given.get("label") or name.lstrip("$"))
        for name, given in (getattr(meta, "mr_sets", None) or {}).items()
        for variable in given["variable_list"]
    }
    labels = {c: str(text) for c, text in meta.column_names_to_labels.items() if text}
    missing = {c for c, ranges in (full.missing_ranges or {}).items() if ranges}
    dialect = f"SPSS, {meta.file_encoding or 'unknown encoding'}"
    if missing:
        dialect += f", user-missing values in {len(missing)} variables read as no answer"
    return Table(as_text(frame, meta.variable_value_labels), shown, "sav", dialect, labels, sets)
