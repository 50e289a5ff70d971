"""Chapters become blocks, and no digit gets into them but through a slot."""

from __future__ import annotations

from functools import partial

import pytest

from ngo_survey.errors import ResultError, SurveyError
from ngo_survey.present.document.chapters import ChapterSource, chapter_files, write_chapter
from ngo_survey.present.document.checklist import anchors, items
from ngo_survey.present.document.document import Document, Note, Paragraph, Slot, as_json, plain
from ngo_survey.present.document.guard import refuse_loose_digits, refuse_lost_links
from ngo_survey.present.document.placeholders import Placeholders


def chapter(tmp_path, text, **functions):
    file = tmp_path / "03_test.md"
    file.write_text(text, encoding="utf-8")
    slots = Placeholders()
    given = {name: partial(marked, slots, function) for name, function in functions.items()}
    return write_chapter(ChapterSource(3, "test", file), given, slots)


def marked(slots, function, *arguments):
    return slots.mark(function(*arguments))


def document(*chapters):
    return Document("en", "Title", "", "", chapters)


def number(key):
    return Slot("42%", "result", key)


@pytest.mark.parametrize("digit", ["42", "²", "½", "Ⅳ", "٣"])
def test_a_digit_that_no_slot_put_there_fails_the_build(tmp_path, digit):
    made = chapter(tmp_path, f"# Title\n\nAbout {digit} of them.\n")
    with pytest.raises(ResultError, match="does not come from the results"):
        refuse_loose_digits(document(made))


def test_a_digit_in_a_heading_or_list_fails_too(tmp_path):
    for text in ("# Title\n\n## In 2023\n", "# Title\n\n- since 2023\n", "# Title 7\n"):
        with pytest.raises(ResultError):
            refuse_loose_digits(document(chapter(tmp_path, text)))


def test_numbers_from_slots_marks_of_lists_and_names_in_backticks_pass(tmp_path):
    text = "# Title\n\n1. {{ n('a/b@total') }} of them, see `requirements-3.11.lock`\n"
    refuse_loose_digits(document(chapter(tmp_path, text, n=number)))


def test_words_from_data_are_never_read_as_markup(tmp_path):
    made = chapter(tmp_path, "# Title\n\n{{ n('k') }}\n", n=lambda k: Slot("**7** <b>[x](y)", "x"))
    assert made.blocks == (Paragraph((Slot("**7** <b>[x](y)", "x"),)),)


def test_a_fault_of_the_template_names_file_and_line(tmp_path):
    with pytest.raises(SurveyError, match=r"03_test\.md, row 3: .*'nn' is undefined"):
        chapter(tmp_path, "# Title\n\n{{ nn('k') }}\n")
    with pytest.raises(SurveyError, match=r"03_test\.md, row 3"):
        chapter(tmp_path, "# Title\n\n{% if %}\n")


def test_a_name_that_no_chapter_can_call_has_the_nearest_in_the_build_too(tmp_path):
    with pytest.raises(SurveyError, match=r"row 3: .*'tpo' is undefined; did you mean top\?"):
        chapter(tmp_path, "# Title\n\n{{ tpo('k') }}\n", top=number)


def test_a_number_that_a_template_made_names_the_file(tmp_path):
    made = chapter(tmp_path, "# Title\n\n{% for i in range(3) %}{{ i }}{% endfor %}\n", n=number)
    with pytest.raises(ResultError, match=r"^chapters/en/03_test\.md: a number in the chapter"):
        refuse_loose_digits(document(made), ["chapters/en/03_test.md"])


def test_a_chapter_is_shown_by_its_path_in_the_study(study):
    shown = {source.shown for source in chapter_files(study, "en", "brief")}
    assert "chapters/en/brief/01_messages.md" in shown


def test_raw_html_stays_words(tmp_path):
    made = chapter(tmp_path, "# Title\n\n<script>alert()</script>\n")
    assert plain(made.blocks[0].content) == "<script>alert()</script>"


def test_markdown_that_no_format_can_hold_is_refused(tmp_path):
    with pytest.raises(SurveyError, match="cannot hold"):
        chapter(tmp_path, "# Title\n\n![picture](x.png)\n")
    with pytest.raises(SurveyError, match="cannot hold"):
        chapter(tmp_path, "# Title\n\n***\n")


def test_a_chapter_without_a_title_is_refused(tmp_path):
    with pytest.raises(SurveyError, match="begins with its title"):
        chapter(tmp_path, "Words.\n")


def test_a_character_that_marks_are_made_of_is_refused(tmp_path):
    with pytest.raises(SurveyError, match=r"row 3: .*U\+E000"):
        chapter(tmp_path, "# Title\n\n\ue000\n")


def test_a_quotation_becomes_a_note_and_headings_are_anchored_in_their_chapter(tmp_path):
    made = chapter(tmp_path, "# Title\n\n## Who grew, who shrank?\n\n> Mind.\n")
    assert made.blocks[0].anchor == "test-who-grew-who-shrank"
    assert isinstance(made.blocks[1], Note)


def test_a_document_is_plain_data_too(tmp_path):
    made = as_json(chapter(tmp_path, "# Title\n\n{{ n('a/b@total') }}\n", n=number))
    assert made["blocks"][0]["content"][0] == {
        "kind": "slot",
        "text": "42%",
        "source": "result",
        "key": "a/b@total",
        "field": "",
    }


def test_a_study_that_writes_chapters_has_these_and_no_others(study, tmp_path):
    folder = tmp_path / "own" / "en"
    folder.mkdir(parents=True)
    (folder / "06_funding.md").write_text("# Ours\n", encoding="utf-8")
    raw = {**study.raw, "report": {"chapters": "own"}}
    found = chapter_files(type(study)(tmp_path, tmp_path / "config.yaml", raw), "en")
    assert [s.file for s in found] == [folder / "06_funding.md"]


def test_a_study_without_chapters_has_those_of_the_program_in_any_language(study, tmp_path):
    bare = type(study)(tmp_path, tmp_path / "config.yaml", study.raw)
    for code in ("en", "kk", "de"):
        assert [s.name for s in chapter_files(bare, code)] == [
            "brief",
            "respondents",
            "results",
            "methods",
        ]


def test_a_language_without_chapters_is_refused(study):
    with pytest.raises(SurveyError, match="no chapters in this language"):
        chapter_files(study, "de")


def test_a_fault_of_a_function_names_chapter_line_and_what_to_do(tmp_path):
    def lacking(key):
        raise ResultError("no result has this key", value=key, hint="did you mean a/b?")

    with pytest.raises(ResultError, match=r"03_test\.md, row 3: .*'a/c'.*a/b\?; take it out"):
        chapter(tmp_path, "# Title\n\n{{ n('a/c') }}\n", n=lacking)


def test_a_call_that_nothing_answers_names_chapter_and_line(tmp_path):
    with pytest.raises(SurveyError, match=r"03_test\.md, row 3: .*calls a function"):
        chapter(tmp_path, "# Title\n\n{{ n('k', 'more') }}\n", n=number)


def test_an_item_stays_unfilled_while_the_report_has_no_place_for_it(tmp_path):
    made = anchors(document(chapter(tmp_path, "# Title\n\n## Weights\n")))
    weights = next(item for item in items("aapor") if item.at == "methods-weights")
    assert not weights.filled({}, made)
    assert weights.filled({"report": {"places": {"methods-weights": "test-weights"}}}, made)


def test_an_item_stays_unfilled_while_the_configuration_lacks_what_it_needs():
    sponsor = next(item for item in items("aapor") if item.needs == "study.sponsor")
    assert not sponsor.filled({"study": {}}, [sponsor.at])
    assert sponsor.filled({"study": {"sponsor": "A foundation"}}, [sponsor.at])


LINKED = "# Law\n\n## Acts {{: #acts}}\n\nSee [the acts](#{place}).\n"


def test_a_link_leads_to_a_place_of_the_document(tmp_path):
    refuse_lost_links(document(chapter(tmp_path, LINKED.format(place="test-acts"))))


def test_a_link_to_a_place_that_is_not_there_names_the_nearest(tmp_path):
    with pytest.raises(SurveyError, match="test-acts"):
        refuse_lost_links(document(chapter(tmp_path, LINKED.format(place="test-atcs"))))
