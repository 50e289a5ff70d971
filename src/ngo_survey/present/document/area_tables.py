"""The table of small areas: the figure of each area itself beside what a model makes of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import ChapterFunctions, labelled
from ngo_survey.present.document.definition import form_of
from ngo_survey.present.document.document import Cell, Slot
from ngo_survey.present.document.template_functions import ResultRow


@dataclass(frozen=True)
class AreaTables(ChapterFunctions):
    """The function of a chapter that tells of small areas."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {"small_areas": self.small_areas}

    def small_areas(
        self,
        name: str,
        caption: str,
        columns: Sequence[str],
        stub: str = "",
        folded: bool = False,
    ) -> str:
        """Print a figure of ``small_areas``, the highest model-based estimate first.

        ``columns`` heads the figure of the area itself and its limits, the model-based estimate and
        its limits, and the weight of the area's own figure in it. A note says what they are.
        """
        entries = self.template.entries("areas", name=name)
        entries.sort(key=lambda entry: -float(entry["estimate"]))
        rows = []
        for entry in entries:
            label = self.template.labels.choice(
                str(entry["population"]), str(entry["by"]), str(entry["by_level"])
            )
            cells = (
                self._own(entry, "direct"),
                self._own(entry, "direct_low", "direct_high"),
                self.number(entry.n()),
                self.limits(entry.row),
                self.number(entry.n("percent", "shrinkage")),
            )
            rows.append(labelled(label, cells))
        words = self.template.language.word("areas.note")
        notes = [self.template.words(words, "rule")]
        return self.build_table(
            f"areas-{name}", caption, columns, rows, stub, notes=notes, folded=folded
        )

    def _own(self, entry: ResultRow, *fields: str) -> Cell:
        """Return the area's own figure or its limits, or that they are not shown."""
        language, form = self.template.language, form_of(entry.row, fields[0], self.template.labels)
        if any(math.isnan(float(entry[field])) for field in fields):
            words = language.word("status.suppressed" if len(fields) == 1 else "number.none")
        elif len(fields) == 1:
            words = language.format(float(entry[fields[0]]), form)
        else:
            low, high = (language.format(float(entry[field]), form) for field in fields)
            words = language.word("number.range", low=low, high=high)
        return Cell((Slot(words, "result", entry.key, fields[0]),), number=True)
