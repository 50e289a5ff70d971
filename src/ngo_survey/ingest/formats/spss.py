"""SPSS .sav and .zsav: value labels, user-missing values, multiple-response sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.ingest.table import ExportTable
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits
from ngo_survey.reading.statistical import sav


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read an SPSS file. Codes become their labels; user-missing codes are no answers.

    Raises
    ------
    InputError: a file that is broken or breaks off, whose encoding does not fit, or that is above
        the limits.
    """
    found = run_apart(
        sav,
        str(path),
        options.get("encoding"),
        what="SPSS file",
        shown=shown,
        hint="save it again in SPSS; if its letters are at fault name sources.encoding",
        limits=Limits.of(options),
    )
    dialect = f"SPSS, {found.encoding or 'unknown encoding'}"
    if found.missing:
        dialect += f", user-missing values in {len(found.missing)} variables read as no answer"
    return ExportTable(
        found.text,
        shown,
        "sav",
        dialect,
        found.wordings,
        found.sets,
        found.codes,
        found.values,
        found.lossy,
        found.withheld,
    )
