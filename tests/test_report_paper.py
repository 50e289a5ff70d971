"""What PDF and Word share: widths of columns, the annex, words in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ngo_survey.present.document.document import (
    Cell,
    Chapter,
    Heading,
    Link,
    Note,
    Paragraph,
    Row,
    Slot,
    Table,
    Text,
)
from ngo_survey.present.document.language import language
from ngo_survey.present.paper import parts
from ngo_survey.present.paper.columns import Fits, PaperSheet, fit
from ngo_survey.present.paper.hyphens import soften
from ngo_survey.present.paper.language import paper_language
from ngo_survey.present.words.catalogue import catalogue
from small_document import document

SHEET = PaperSheet(upright=480.0, turned=730.0, letter=0.6, sizes=(8.0, 7.0, 6.0))


def table(columns: int, label: str = "Label", words: str = "12%", head: str = "All") -> Table:
    cell = Cell((Text(words),), number=True)
    rows = (Row((Text(label),), (cell,) * columns),)
    heads = (tuple(Cell((Text(head),), number=True) for _ in range(columns)),)
    return Table("table-x", "1.1", (Text("Caption"),), "", heads, rows)


def test_widths_fill_the_line_and_labels_take_what_is_left():
    found = fit(table(3), SHEET)
    assert sum(found.shares) == pytest.approx(1.0)
    assert found.shares[0] > 0.5
    assert not found.turned
    assert found.size == 8.0


def test_a_table_of_many_columns_gets_smaller_type_then_a_turned_page():
    label = "A label of several words"
    sizes = [fit(table(n, label, head="Organisation"), SHEET) for n in (4, 11, 24)]
    assert [found.turned for found in sizes] == [False, False, True]
    assert sizes[0].size > sizes[1].size


def test_a_number_is_never_broken_while_a_page_can_hold_it():
    found = fit(table(6, words="+10.0 to +12.0"), SHEET)
    letters = SHEET.letters(found.size, found.turned)
    assert min(found.shares[1:]) * letters >= len("+10.0 to +12.0")


def test_long_words_share_the_line_with_long_labels():
    words = "A remark that goes on for a good while, longer than a line of a table can be."
    row = Row((Text("A label of five or six words"),), (Cell((Text(words),)),))
    found = fit(Table("t", "1", (), "", ((Cell((Text("Note"),)),),), (row,)), SHEET)
    assert 0.25 < found.shares[0] < 0.5


def test_what_is_folded_and_what_is_too_wide_goes_to_the_appendix():
    fits = Fits(SHEET)
    assert [t.anchor for t in fits.appendix(document())] == ["table-second"]
    assert fits.moved(table(30, head="Organisation"))


def test_the_annex_holds_appendices_and_what_the_report_moves_and_nothing_stands_twice():
    made, say = document(), paper_language(language("en"))
    made = replace(made, chapters=(*made.chapters, replace(made.chapters[0], number="A")))
    report, annex = parts.report(made), parts.annex(made, Fits(SHEET), say)
    assert [chapter.number for chapter in report.chapters] == [
        c.number for c in document().chapters
    ]
    assert [chapter.number for chapter in annex.chapters] == ["", "A"]
    (moved,) = (block for block in annex.chapters[0].blocks if isinstance(block, Table))
    assert (moved.anchor, moved.folded) == ("table-second", False)
    assert annex.title == f"{made.title}: Technical annex"


def test_a_document_without_appendices_has_an_annex_of_its_moved_tables_alone():
    annex = parts.annex(document(), Fits(SHEET), paper_language(language("en")))
    assert len(annex.chapters) == 1


@pytest.mark.parametrize(
    ("word", "broken"),
    [
        ("ұйымдастыру", "ұйым-дас-тыру"),
        ("бірлестік", "бір-лес-тік"),
        ("Қауымдастық", "Қауым-дас-тық"),
        ("мекеме", "мекеме"),
    ],
)
def test_long_kazakh_words_may_be_broken_between_syllables(word, broken):
    assert soften(f"{word} 12%", **catalogue("paper", "kk")["hyphens"]) == f"{broken} 12%".replace(
        "-", "\u00ad"
    )


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_every_language_has_every_word_of_paper(code):
    english, other = (catalogue("paper", c) for c in ("en", code))
    assert list(other) == list(english)
    assert paper_language(language("en")).word("paper.page") == "Page {number}"


def test_a_link_into_an_appendix_is_said_with_its_letter_on_paper():
    leads = (Link("#models", (Text("the annex"),)), Link("#chapter", (Text("here"),)))
    body = Chapter("chapter", "1", (Text("Chapter"),), (Note((Paragraph(leads),)),))
    heading = Heading(2, "models", (Text("Models"),))
    appendix = Chapter("appendix", "C", (Text("Appendix"),), (heading,))
    made = parts.report(replace(document(), chapters=(body, appendix)))
    assert made.chapters[0].blocks == (
        Note((Paragraph((Text("the annex"), Slot(" (C)", "structure"), leads[1])),)),
    )
