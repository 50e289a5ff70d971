"""A difference of results reported: in the terminal, in Markdown for a review, as a page.

All three say the same in the same order: what changed among the causes, what moved by what moved
it, what came and what went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from ngo_survey.workflow.attribute import Attribution, ChangeGroup, ResultChange
from ngo_survey.workflow.compare import COLUMNS, Difference, cells, table
from ngo_survey.workflow.lock import Lock
from ngo_survey.workflow.verify import compared

#: Most moved figures of one group, and most keys that came or went, that are listed.
MOST = 25
#: The same on a page, which folds them away.
MOST_ON_PAGE = 400


@dataclass(frozen=True)
class DiffReport:
    """Two sets of results and what differs between them."""

    before: str
    after: str
    difference: Difference
    changes: tuple[ResultChange, ...]
    groups: tuple[ChangeGroup, ...]
    partial: bool
    files: int

    @classmethod
    def of(cls, before: str, after: str, one: Lock, other: Lock) -> DiffReport:
        """Compare two sets of results under the names they were asked for by."""
        difference = compared(one, other)
        causes = Attribution(one, other)
        recorded = bool(one.made.stages and other.made.stages)
        return cls(
            before,
            after,
            difference,
            causes.all if recorded else (),
            tuple(causes.groups(difference.moved)),
            one.whole != other.whole,
            len(causes.stirred) if one.outputs and other.outputs else 0,
        )

    @property
    def sums(self) -> list[tuple[str, int]]:
        """How many figures came, went, moved, are only close; how many files differ at all."""
        found = self.difference
        return [
            ("moved", len(found.moved)),
            ("new", len(found.added)),
            ("gone", len(found.gone)),
            ("equal within tolerance only", found.close),
            ("files with other bytes", self.files),
        ]

    @property
    def note(self) -> str:
        """What to know of the comparison itself."""
        if self.partial:
            return "One of the two holds headline figures alone: the others are not compared."
        if self.difference.moved and not self.changes:
            return "What they were made from is not recorded on both sides, or is the same."
        return ""

    @property
    def lists(self) -> list[tuple[str, tuple[str, ...]]]:
        """Keys that came and went."""
        return [("New", self.difference.added), ("Gone", self.difference.gone)]

    def text(self) -> str:
        """Return the difference for the terminal."""
        lines = [f"{self.before} -> {self.after}"]
        lines += [f"{count:7,} {name}" for name, count in self.sums]
        lines += ["", self.note] if self.note else []
        if self.changes:
            lines += ["", "Made from something else:", *(f"  {c.text}" for c in self.changes)]
        for group in self.groups:
            lines += ["", f"{len(group.moved):,} moved by {group.title}"]
            lines += [f"  {change.text}" for change in group.changes]
            lines += table(group.moved, MOST)
        for name, keys in self.lists:
            if keys:
                lines += ["", f"{len(keys):,} {name.lower()}", *(f"  {k}" for k in keys[:MOST])]
                lines += _more(keys, "  ")
        return "\n".join(lines) + "\n"

    def markdown(self) -> str:
        """Return the difference as Markdown, tables folded away, for the review of a change."""
        sums = ", ".join(f"**{count:,}** {name}" for name, count in self.sums)
        lines = [f"### Results: `{self.before}` to `{self.after}`", "", f"{sums}.", ""]
        lines += [self.note, ""] if self.note else []
        if self.changes:
            lines += ["Made from something else:", ""]
            lines += [*(f"- {_code(change)}" for change in self.changes), ""]
        for group in self.groups:
            lines += [
                f"<details><summary>{len(group.moved):,} moved by {group.title}</summary>",
                "",
                *(f"- {_code(change)}" for change in group.changes),
                "",
                f"| {' | '.join(COLUMNS)} |",
                "|---|---:|---:|---:|---:|",
                *(f"| {_row(cells(m))} |" for m in group.moved[:MOST]),
                *_more(group.moved, "\n"),
                "",
                "</details>",
                "",
            ]
        for name, keys in self.lists:
            if keys:
                lines += [f"<details><summary>{len(keys):,} {name.lower()}</summary>", ""]
                lines += [*(f"- `{key}`" for key in keys[:MOST]), *_more(keys, "- ")]
                lines += ["", "</details>", ""]
        return "\n".join(lines)

    def html(self) -> str:
        """Return the difference as one self-contained page."""
        from jinja2 import Environment

        source = (files("ngo_survey.workflow") / "diff.html").read_text(encoding="utf-8")
        page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        return page.from_string(source).render(
            report=self, columns=COLUMNS, cells=cells, most=MOST_ON_PAGE
        )


def _code(change: ResultChange) -> str:
    kind, _, rest = change.text.partition(": ")
    return f"{kind}: `{rest}`"


def _row(texts: Sequence[str]) -> str:
    return " | ".join([f"`{texts[0]}`", *texts[1:]]).replace("`|", "`\\|")


def _more(listed: Sequence[object], start: str) -> list[str]:
    return [f"{start}and {len(listed) - MOST:,} more"] if len(listed) > MOST else []
