"""How much one file may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ngo_survey.errors import InputError


@dataclass(frozen=True)
class Limits:
    """What reading one file may take.

    Attributes
    ----------
    cells: rows times columns, from the first cell of a sheet to its last; ten million rows of
        twenty columns.
    columns: as many as a sheet of Excel has.
    memory: megabytes of address space of the process that reads, its libraries included.
    seconds: of the clock.
    settings: where the study sets them, "" where it cannot.
    """

    cells: int = 200_000_000
    columns: int = 16_384
    memory: int = 8_000
    seconds: int = 900
    settings: str = ""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Limits:
        """Return the limits that a section ``sources`` sets as ``maximum_<limit>``."""
        names = [field.name for field in fields(cls) if field.name != "settings"]
        said = {name: options.get(f"maximum_{name}") for name in names}
        given = {name: int(value) for name, value in said.items() if value is not None}
        return cls(**given, settings="sources.maximum_")

    def above(self, limit: str) -> str:
        """Return the part of a hint that says how to lift a limit, "" where nobody can."""
        return f", or raise {self.settings}{limit} if the file is sound" if self.settings else ""

    def check(self, rows: int, columns: int, **place: Any) -> None:
        """Refuse a table with more columns or cells than may be read.

        Raises
        ------
        InputError: without the name of the file, which the caller knows.
        """
        if columns > self.columns:
            raise InputError(
                f"the file has {columns:,} columns, more than the {self.columns:,} that are read",
                hint=f"export answers alone{self.above('columns')}",
                **place,
            )
        if rows * columns > self.cells:
            raise InputError(
                f"the file has {rows:,} rows of {columns:,} columns, more than the "
                f"{self.cells:,} cells that are read",
                hint="delete rows and columns without answers, the empty ones that hold a space "
                f"or a format too{self.above('cells')}",
                **place,
            )
