"""The Word file: real styles, marked headers, numbered captions, safe words, the same bytes."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from ngo_survey.errors import InputError
from ngo_survey.present.document.document import Slot, walk
from ngo_survey.present.document.language import language
from ngo_survey.present.docx.render import render
from small_document import EVIL, HARMFUL, KAZAKH, RIGHT, document, hash_elsewhere, picture


def word_file(folder: Path, made=None) -> bytes:
    return render(
        made or document(),
        language("en"),
        {"figure-mix": picture(folder)},
        ["Last words."],
    )


#: The order in which Word wants the parts of properties (ECMA-376, those that we write).
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs spacing ind "
    "contextualSpacing jc outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs color spacing kern sz szCs u lang",
    "tblPr": "tblStyle tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "tcPr": "tcW gridSpan vMerge tcBorders",
    "trPr": "cantSplit tblHeader",
}


@pytest.fixture(scope="module")
def content(tmp_path_factory) -> bytes:
    return word_file(tmp_path_factory.mktemp("word"))


@pytest.fixture(scope="module")
def word(content):
    return docx.Document(io.BytesIO(content))


@pytest.fixture(scope="module")
def said(word) -> str:
    return words_of(word.element)


def words_of(element) -> str:
    return "".join(
        "-" if part.tag == qn("w:noBreakHyphen") else part.text or ""
        for part in element.iter(qn("w:t"), qn("w:noBreakHyphen"))
    )


def paragraphs(word, style: str) -> list[str]:
    return [words_of(p._p) for p in word.paragraphs if p.style.name == style]


def test_headings_have_the_styles_that_word_knows(word):
    assert paragraphs(word, "Title") == [f"Title {EVIL}"]
    assert paragraphs(word, "Heading 1")[:2] == ["In brief", "One"]
    assert paragraphs(word, "Heading 2") == [EVIL]
    assert "Deeper" in paragraphs(word, "Heading 3")


def test_lists_and_notes_have_styles_and_each_ordered_list_begins_anew(word):
    assert paragraphs(word, "List Number") == ["First item", "Second"]
    assert paragraphs(word, "List Bullet") == ["A point"]
    assert paragraphs(word, "List Continue") == ["and more of it"]
    assert paragraphs(word, "Quote") == [f"{RIGHT}there"]
    used = {p._p.pPr.numPr.numId.val for p in word.paragraphs if p.style.name == "List Number"}
    (made,) = used
    starts = word.part.numbering_part.element.num_having_numId(made).findall(qn("w:lvlOverride"))
    assert len(starts) == 1


def test_captions_count_by_fields_that_hold_their_last_number(word):
    captions = [p for p in word.paragraphs if p.style.name == "Caption"]
    assert [words_of(p._p) for p in captions] == [
        "Figure 1.1. The mix",
        "Table 1.1. Caption of first",
        "Table 1.3. Caption of third",
        "Table 1.4. Caption of fourth",
    ]
    codes = ["".join(t.text for t in p._p.iter(qn("w:instrText"))).strip() for p in captions]
    # Counts are given where a chapter begins and where the second table moved to the annex.
    assert codes == [
        r"SEQ Figure \* ARABIC \r 1",
        r"SEQ Table \* ARABIC \r 1",
        r"SEQ Table \* ARABIC \r 3",
        r"SEQ Table \* ARABIC",
    ]


def test_tables_repeat_marked_header_rows_and_carry_a_style_and_a_caption(word):
    assert len(word.tables) == 3
    for table in word.tables:
        assert table.style.name == "Report Table"
        marked = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert marked == [True, True, False, False, False, False]
        properties = table._tbl.tblPr
        assert properties.find(qn("w:tblCaption")).get(qn("w:val")).startswith("Caption of")
        assert properties.find(qn("w:tblLook")).get(qn("w:firstColumn")) == "1"


def test_every_number_of_the_document_stands_in_its_order(word):
    found = [[words_of(cell) for cell in t._tbl.iter(qn("w:tc"))] for t in word.tables]
    assert found[0][:5] == ["Stub", "Spanner", "", "All", "Village"]
    numbers = [c for c in found[0] if re.fullmatch(r"\d+%", c)]
    assert numbers == ["1%", "2%", "11%", "12%", "21%", "22%"]


def test_every_slot_of_the_document_is_in_the_file(said):
    for part in walk(document()):
        if isinstance(part, Slot) and "\u202e" not in part.text:
            assert part.text in said


@pytest.mark.parametrize("kind", ORDER)
def test_properties_stand_in_the_order_that_word_wants(word, kind):
    order = ORDER[kind].split()
    own = {style.style_id for style in word.styles if not style.builtin}
    written = [word.element, *(s.element for s in word.styles if s.style_id in own | {"Quote"})]
    found = [properties for part in written for properties in part.iter(qn(f"w:{kind}"))]
    assert found
    for properties in found:
        names = [child.tag.rpartition("}")[2] for child in properties]
        assert names == sorted(set(names), key=order.index)


def test_a_picture_is_read_aloud_by_its_words(word):
    (spoken,) = [d.get("descr") for d in word.element.iter(qn("wp:docPr"))]
    assert spoken == f"Bars, the longest first. {EVIL}"


def test_bookmarks_have_names_that_word_takes_and_every_inner_link_leads_to_one(word):
    names = [b.get(qn("w:name")) for b in bookmarks(word)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[^\W\d]\w{0,39}", name) for name in names)
    anchors = {h.get(qn("w:anchor")) for h in word.element.iter(qn("w:hyperlink"))} - {None}
    assert anchors <= set(names)


def bookmarks(word) -> list:
    return list(word.element.iter(qn("w:bookmarkStart")))


def test_the_contents_are_a_field_with_links_to_every_heading(word):
    codes = [t.text.strip() for t in word.element.iter(qn("w:instrText"))]
    assert r'TOC \o "1-2" \h \z \u' in codes
    assert paragraphs(word, "toc 1")[:2] == ["In brief", "1. One"]
    assert paragraphs(word, "toc 2") == [EVIL]


@pytest.mark.parametrize("harm", HARMFUL)
def test_words_from_data_stay_words(said, harm):
    assert harm in said


def test_a_mark_of_direction_turns_nothing_and_a_control_character_breaks_nothing(said, tmp_path):
    assert RIGHT in said
    assert "\u202e" not in said
    made = document(banner="Simulated\x00\x0b data")
    assert docx.Document(io.BytesIO(word_file(tmp_path, made)))


def test_kazakh_letters_stand_as_written(said):
    assert KAZAKH in said


def test_language_and_properties_are_set(word):
    lang = word.styles.element.find(qn("w:docDefaults")).find(f".//{qn('w:lang')}")
    assert lang.get(qn("w:val")) == "en-GB"
    core = word.core_properties
    assert core.title == f"Title {EVIL}"
    assert core.language == "en"
    assert core.comments == "Simulated data: not findings"
    assert (core.created.year, core.modified.year, core.revision) == (2000, 2000, 1)


def test_the_header_marks_simulated_data_and_the_footer_numbers_pages(word):
    for section in word.sections:
        assert "Simulated data: not findings" in words_of(section.header._element)
        assert "PAGE" in [t.text.strip() for t in section.footer._element.iter(qn("w:instrText"))]


def test_collected_data_take_the_mark_off(tmp_path):
    made = docx.Document(io.BytesIO(word_file(tmp_path, document(banner=""))))
    assert "imulated" not in words_of(made.element)
    assert "imulated" not in words_of(made.sections[0].header._element)


def test_a_missing_picture_is_named(tmp_path):
    with pytest.raises(InputError, match="a figure is missing"):
        render(document(), language("en"), {"figure-mix": tmp_path / "no.png"}, [])


def test_members_have_fixed_times_and_the_types_come_first(content):
    with ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert {m.date_time for m in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    assert names[0] == "[Content_Types].xml"
    assert names[1:] == sorted(names[1:])


@pytest.mark.thorough
def test_the_bytes_are_the_same_in_another_folder_time_zone_and_hash_seed(content, tmp_path):
    elsewhere = hash_elsewhere("test_report_docx.word_file(Path('.'))", tmp_path)
    assert elsewhere == hashlib.sha256(content).hexdigest()


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_file(content, tmp_path):
    file = tmp_path / "report.docx"
    file.write_bytes(content)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    if "could not be loaded" in done.stderr + done.stdout and not writer_is_installed():
        pytest.skip("LibreOffice Writer is not installed")
    assert (tmp_path / "report.pdf").stat().st_size > 10_000


def writer_is_installed() -> bool:
    return any(Path("/usr/lib/libreoffice/program").glob("libswlo.*"))


def test_the_report_holds_every_number_of_the_document_and_every_picture_speaks(built):
    from ngo_survey.workflow.verbs.report import load

    made = docx.Document(str(built.paths.report("en", "docx")))
    annex = docx.Document(str(built.paths.document("annex", "en", "docx")))
    found = words_of(made.element) + words_of(annex.element)
    for part in walk(load(built, "en").document):
        if isinstance(part, Slot):
            assert part.text in found
    spoken = [d.get("descr") for d in made.element.iter(qn("wp:docPr"))]
    assert len(spoken) >= 20
    assert all(spoken)
