"""What the appendices print: the questionnaires in full, and how the report is to be cited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey import __version__
from ngo_survey.present.document.chapter_functions import ChapterFunctions, labelled
from ngo_survey.present.document.document import Cell, Code, Inline, Row, Slot
from ngo_survey.present.table_layout.condition import in_words

if TYPE_CHECKING:
    from ngo_survey.codebook import Question, Questionnaire

#: How an answer is given, by the type of the question in the form; all else is a text.
ANSWERED = {
    "select_one": "one",
    "select_multiple": "several",
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "start": "tool",
    "end": "tool",
    "deviceid": "tool",
}


@dataclass(frozen=True)
class Appendix(ChapterFunctions):
    """The functions that appendices call."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions under the names chapters use."""
        return {"questionnaire": self.questionnaire, "citation": self.citation}

    def questionnaire(self, population: str, caption: str, columns: Sequence[str]) -> str:
        """Print a questionnaire in full: wording, how it is answered, choices, when it is asked.

        ``columns`` heads the four columns, the wording first. A battery is one row with its items.
        """
        stub, *heads = columns
        rows = list(self._rows(self.template.labels.codebook(population)))
        return self.build_table(f"questionnaire-{population}", caption, heads, rows, stub)

    def citation(self) -> str:
        """Print how the report is cited: authors as far as stated, title, year, software."""
        template = self.template
        block = template.study.raw["study"]
        named = {
            "authors": template.language.join(list(block.get("authors", ()))),
            "title": template.study.title(template.language.code),
            "year": template.study.year,
            "version": __version__,
        }
        pattern = "page.cite" if named["authors"] else "page.cite_no_authors"
        if not named["year"]:
            pattern += "_undated"
        words = template.language.word(pattern, **named)
        if template.study.simulated:
            words = f"{words} {template.language.word('banner')}."
        return template.words(words, "config", "study")

    # -- rows ------------------------------------------------------------------------------------

    def _rows(self, book: Questionnaire) -> Iterator[Row]:
        seen: set[str] = set()
        for question in book:
            if question.type == "derived" or question.battery in seen:
                continue
            if question.battery:
                seen.add(question.battery)
            yield self._row(question, book)

    def _row(self, question: Question, book: Questionnaire) -> Row:
        code, word = self.template.language.code, self.template.language.word
        form = ANSWERED.get(question.type, "text")
        answered = word(f"page.answered.{form}")
        choices = [choice.labels[code] for choice in question.choices]
        wording, hint = question.labels[code] or question.name, question.hints.get(code, "")
        if form == "tool":
            wording = word(f"page.recorded.{question.type}")
        if question.battery:
            items = book.battery(question.battery)
            wording = book.battery_labels[question.battery][code]
            if question.form != "rank":
                answered = word("page.answered.each", answered=answered)
            named = [item.labels[code] for item in items]
            answers = word("page.items", items="; ".join(named))
            if choices:
                answers = f"{answers} {word('page.choices', choices='; '.join(choices))}"
        else:
            answers = "; ".join(choices)
        shown: Inline = Slot(answers, "label")
        if question.constraint and not question.choices and not question.battery:
            shown = Code(question.constraint)
        asked = self.template.labels.condition_of(book, question)
        condition = in_words(asked, book, code, self.template.language.own) if asked else ""
        cells = (
            Cell((Slot(answered, "label"),)),
            Cell((shown,)),
            Cell((Slot(condition, "label"),) if asked else ()),
        )
        return labelled(f"{wording} ({hint})" if hint else wording, cells)
