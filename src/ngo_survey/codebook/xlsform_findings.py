"""What was found while a form was read: faults, what is not read, words that a language lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ngo_survey.codebook.question import Labels
from ngo_survey.codebook.xlsform_sheets import FormSheets, SheetRow
from ngo_survey.errors import InputError, refuse

#: Names that a note lists; the others are counted.
MOST_NAMED = 8


class Findings:
    """Collects what is to be said of a form, so that it is said at once."""

    def __init__(self, sheets: FormSheets) -> None:
        self.sheets = sheets
        self.faults, self.notes = list(sheets.faults), list(sheets.notes)
        self.lacking: dict[str, list[str]] = defaultdict(list)

    def fault(
        self,
        problem: str,
        row: SheetRow,
        column: str,
        value: Any = None,
        hint: str = "",
        sheet: str = "survey",
    ) -> None:
        """Note a fault at a row and a column, which is named as the form heads it."""
        header = self.sheets.headers.get((sheet, column), column)
        self.faults.append(
            InputError(
                problem, file=self.sheets.file, sheet=sheet, row=row.number, column=header,
                value=value, hint=hint,
            )
        )  # fmt: skip

    def refuse(self) -> None:
        """Raise all faults in the order of the form, if there are any."""
        refuse(sorted(self.faults, key=lambda fault: (fault.sheet != "survey", fault.row or 0)))

    def words(self, said: Mapping[str, str], where: str, name: str) -> Labels:
        """Return words in every language: those of another, or the name, where one has none."""
        spare = next(iter(said.values()), name)
        for code in self.sheets.languages:
            if not said.get(code):
                self.lacking[code].append(where)
        return {code: said.get(code) or spare for code in self.sheets.languages}

    def remarks(self) -> Iterator[str]:
        """Return what is not read, and which words are lacking, in words."""
        yield from (f"not read: {note}" for note in self.notes)
        for code, where in self.lacking.items():
            yield f"words in {code} are missing, others are shown: {shortened(where)}"


def shortened(names: list[str]) -> str:
    """Return names in a row, the first of them where they are many."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
