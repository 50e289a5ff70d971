"""Words that somebody made to mislead or to break: labels, titles, addresses, names."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

import plain_study
import yaml_text
from ngo_survey.errors import ConfigError, InputError, SurveyError
from ngo_survey.present.document.document import Link, Paragraph
from ngo_survey.present.document.markdown import blocks
from ngo_survey.present.document.placeholders import Placeholders
from ngo_survey.present.figures import text as figure_text
from ngo_survey.statistics.trends.official import check
from ngo_survey.study import Study

#: Turned by an override, marked from right to left, in letters that the font of figures lacks.
TURNED, MARKED, STRANGE = "Sta\u202etd", "Do\u200frf \u2066", "Wei\u00df \u6f22"
#: A title of the configuration: YAML lets a control character in where it is escaped.
TITLE = "Der \a\x1b[31m Park"
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory, build_plain: Callable[[Study], None]
) -> Iterator[Study]:
    figure = {"kind": "bars", "analyses": [{"analysis": "place"}], "title": {"de": TITLE}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(plain_study.CHOICES["places"], "town", TURNED)
        patch.setitem(plain_study.CHOICES["places"], "village", MARKED)
        patch.setitem(plain_study.CHOICES["wishes"], "shade", STRANGE)
        folder = tmp_path_factory.mktemp("hostile")
        wishes = figure | {"analyses": [{"analysis": "wishes"}]}
        made = {"place": figure, "wishes": wishes}
        study = plain_study.plain_study(folder, ["visitors"], figures=made)
        config = yaml_text.load(study.file.read_text(encoding="utf-8"))
        config["study"]["title"]["de"] = TITLE
        study.file.write_text(yaml_text.dump(config), encoding="utf-8")
        study = Study.load(study.file)
        build_plain(study)
        yield study


def shown(study: Study) -> Iterator[tuple[str, str]]:
    """Yield every text that readers see, by its file; the words of packed files unpacked."""
    root = study.root
    for path in (*root.glob("figures/*/*.svg"), *root.glob("reports/*.html")):
        yield path.name, path.read_text(encoding="utf-8")
    for path in (p for form in ("xlsx", "docx", "pptx") for p in root.glob(f"reports/*.{form}")):
        with zipfile.ZipFile(path) as packed:
            for part in packed.namelist():
                if part.endswith(".xml"):
                    yield f"{path.name}/{part}", packed.read(part).decode("utf-8")


def test_no_mark_of_direction_and_no_control_character_reaches_a_reader(hostile: Study) -> None:
    texts = dict(shown(hostile))
    assert {name.rpartition(".")[2] for name in texts} == {"svg", "html", "xml"}
    assert [name for name, text in texts.items() if UNFIT.search(text)] == []


def test_the_words_themselves_stay(hostile: Study) -> None:
    svg = hostile.paths.figure("place", "de").read_text(encoding="utf-8")
    assert "Statd" in svg
    book = load_workbook(hostile.paths.workbook("de"))
    cells = {cell.value for sheet in book for row in sheet for cell in row}
    assert {"Statd", "Wei\u00df \u6f22"} <= cells


def test_a_letter_that_the_font_lacks_is_drawn_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        widths = [figure_text.inches(text, 9) for text in ("\u5b57a", "a\u5b57\u5b57", "a")]
    assert widths[1] > widths[0] > widths[2] > 0
    assert [r.getMessage().partition(":")[0] for r in caplog.records] == [
        "the font of figures has no \u5b57 (U+5B57, CJK UNIFIED IDEOGRAPH-5B57)"
    ]


def test_such_a_figure_has_the_letter_and_a_font_of_the_reader(hostile: Study) -> None:
    svg = hostile.paths.figure("wishes", "de").read_text(encoding="utf-8")
    assert "Wei\u00df \u6f22" in svg
    assert "sans-serif" in svg
    assert hostile.paths.figure("wishes", "de", "png").stat().st_size > 1000


UNKNOWN = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd"]


@pytest.mark.parametrize("target", [*UNKNOWN, "vbscript:x", "ftp://example.org", "//example.org"])
def test_a_link_of_a_chapter_leads_to_the_web_or_to_mail(target: str) -> None:
    text = f"[x](<{target}>)"
    try:
        found = blocks(text, Placeholders(), "01.md")
    except SurveyError as error:
        assert "01.md: a link has an address of an unknown kind" in str(error)
    else:  # Markdown itself leaves it as words
        assert not any(isinstance(part, Link) for part in found[0].content)


def test_links_to_web_and_mail_are_links() -> None:
    for target in ("https://example.org/a", "http://example.org", "mailto:a@example.org"):
        (found,) = blocks(f"[x](<{target}>)", Placeholders(), "01.md")
        assert isinstance(found, Paragraph)
        assert [part.target for part in found.content if isinstance(part, Link)] == [target]


OFFICIAL = {
    **{"id": "a", "label": "A", "region": "KZ", "year": "2020", "measure": "m", "value": "1"},
    **{"unit": "u", "qualifier": "", "certainty": "high", "source": "", "note": ""},
}


@pytest.mark.parametrize("target", UNKNOWN)
@pytest.mark.parametrize("source", ["{}", "https://example.org x ; {}", "Bureau: see {}"])
def test_an_official_source_of_another_kind_of_address_is_refused(source: str, target: str) -> None:
    frame = pd.DataFrame([OFFICIAL | {"source": source.format(target)}], index=[2])
    with pytest.raises(InputError, match="row 2, column source: a source has an address of"):
        check(frame, "laws.csv")


@pytest.mark.parametrize(
    "source", ["https://example.org/a:b ; mailto:a@example.org", "Bureau: report 2020, 12:30"]
)
def test_an_official_source_of_words_or_usual_addresses_is_taken(source: str) -> None:
    assert len(check(pd.DataFrame([OFFICIAL | {"source": source}], index=[2]), "laws.csv")) == 1


@pytest.mark.parametrize(
    ("section", "changed"),
    [
        ("study", {"id": "park\n"}),
        ("study", {"licence": {"name": "MIT", "path": "javascript:alert(1)"}}),
        ("populations", {"visitors\n": {"label": {"de": "x"}, "weighting": {}}}),
        (
            "indicators",
            [
                {
                    "id": "share\n",
                    "population": "visitors",
                    "statistic": "mean",
                    "variable": "care_time",
                }
            ],
        ),
        ("figures", {"two\n": {"kind": "flow", "title": {"de": "x"}}}),
    ],
)
def test_a_name_with_a_line_break_behind_it_or_a_strange_address_is_refused(
    section: str, changed: object, tmp_path: Path
) -> None:
    study = plain_study.plain_study(tmp_path, ["visitors"])
    tree = yaml_text.load(study.file.read_text(encoding="utf-8"))
    before = tree.get(section)
    merged = {**before, **changed} if isinstance(before, dict) else changed  # type: ignore[dict-item]
    study.file.write_text(yaml_text.dump(tree | {section: merged}), encoding="utf-8")
    with pytest.raises(ConfigError, match="does not match"):
        Study.load(study.file)
