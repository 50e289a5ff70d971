"""Field tools: how each one names its columns, and which columns it adds of its own.

A tool is a small module with ``NAME``, ``OWN`` (columns that are no questions), ``PARADATA`` (own
columns that answer a question of the form), ``DATES`` (how it writes moments),
``recognises(table)``, ``prepare(table)`` and ``heading(table, column)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools import google_forms, kobo, limesurvey, plain, surveymonkey
from ngo_survey.ingest.tools.heading import ExportHeading

__all__ = ["TOOLS", "ExportHeading", "Tool", "find"]


class Tool(Protocol):
    """What every tool has."""

    NAME: str
    OWN: frozenset[str]
    PARADATA: Mapping[str, str]
    DATES: tuple[str, ...]

    def recognises(self, table: ExportTable) -> bool:
        """Whether this tool wrote the table."""

    def prepare(self, table: ExportTable) -> ExportTable:
        """Return the table with one header row."""

    def heading(self, table: ExportTable, column: str) -> list[ExportHeading]:
        """Return what a column may be about, the likeliest first."""


#: Tools by the name that ``sources.tool`` may give; the first that recognises a table is taken.
TOOLS: dict[str, Tool] = {
    module.NAME: module for module in (kobo, surveymonkey, limesurvey, google_forms, plain)
}


def find(table: ExportTable, declared: str | None) -> Tool:
    """Return the tool that wrote a table, or the one declared."""
    if declared is not None:
        if declared not in TOOLS:
            raise InputError("no such field tool", value=declared, hint=nearest(declared, TOOLS))
        return TOOLS[declared]
    return next(tool for tool in TOOLS.values() if tool.recognises(table))
