"""Stata .dta, all releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ngo_survey.ingest.table import ExportTable
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits
from ngo_survey.reading.statistical import dta


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read a Stata file. Codes become their labels; extended missing values are no answers.

    Raises
    ------
    InputError: a file that is broken or breaks off, whose encoding does not fit, or that is above
        the limits.
    """
    found = run_apart(
        dta,
        str(path),
        options.get("encoding"),
        what="Stata file",
        shown=shown,
        hint="save it again in Stata; if its letters are at fault name sources.encoding",
        limits=Limits.of(options),
    )
    return ExportTable(
        found.text,
        shown,
        "dta",
        "Stata",
        found.wordings,
        codes=found.codes,
        values=found.values,
        lossy=found.lossy,
        withheld=found.withheld,
    )
