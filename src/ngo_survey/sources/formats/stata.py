"""Stata .dta, all releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.errors import InputError
from ngo_survey.sources.formats.coded import as_text
from ngo_survey.sources.table import Table


def read(path: Path, shown: str, options: Mapping[str, Any]) -> Table:
    """Read a Stata file. Codes become their labels; extended missing values are no answers.

    Raises
    ------
    InputError: a file that is broken or breaks off, or whose encoding does not fit.
    """
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_dta(path, encoding=options.get("encoding"))
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"the Stata file cannot be read ({str(error).strip().splitlines()[0]})",
            file=shown,
            mend="save it again in Stata; if its letters are at fault name sources.encoding",
        ) from None
    labels = {c: str(text) for c, text in meta.column_names_to_labels.items() if text}
    return Table(as_text(frame, meta.variable_value_labels), shown, "dta", "Stata", labels)
