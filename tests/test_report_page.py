"""The page: self-contained, safe, and with every number open to a click."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from ngo_survey.errors import InputError, SurveyError
from ngo_survey.present.document.document import (
    Cell,
    Chapter,
    Document,
    Figure,
    Heading,
    Link,
    Paragraph,
    Row,
    Slot,
    Strong,
    Table,
    Text,
)
from ngo_survey.present.document.drawing import (
    DrawingWords,
    drawing_words,
    inline_svg,
    with_messages,
)
from ngo_survey.present.document.language import language
from ngo_survey.present.document.origin import File, Origin
from ngo_survey.present.figures.drawing import Drawing
from ngo_survey.present.figures.layout import frame
from ngo_survey.present.html.files import file_list
from ngo_survey.present.html.render import SCRIPTS, Extras, printed_keys, render
from ngo_survey.workflow.products import Products

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028"
SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="360pt" height="180pt" viewBox="0 0 360 180" version="1.1" onload="alert(1)">
 <metadata>made on a day</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style><path id="m1" d="M 0 0"/></defs>
 <script>alert(1)</script>
 <g clip-path="url(#m1)"><use xlink:href="#m1" style="fill: url(#m1)"/></g>
</svg>"""


class Tags(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def document(*blocks, banner="Simulated data"):
    chapter = Chapter("one", "1", (Text("Who answered"),), blocks)
    return Document("en", "The report", "Survey", banner, (chapter,))


def page(
    *blocks,
    definitions=None,
    drawings=None,
    banner="Simulated data",
    origin=None,
    languages=None,
    around=None,
):
    made = document(*blocks, banner=banner)
    extras = Extras(
        colophon=["Made by a program."],
        origins=dict.fromkeys(definitions or {}, origin) if origin else {},
        languages=languages or {},
        around=around or {},
    )
    return render(made, language("en"), definitions or {}, drawings or {}, extras)


def opened(page, place):
    """What opens behind a number: its lines, and what made it."""
    data = json.loads(re.search(r'id="definitions">(.*?)</script>', page)[1])
    shape, origin, *words = data["numbers"][place]
    names = (data["words"][name] for name in data["shapes"][shape])
    lines = list(zip(names, (data["words"][word] for word in words), strict=True))
    made = data["origins"][origin] if origin >= 0 else []
    said = data["words"]
    return lines, [[said[name], [said[text] for text in texts]] for name, texts in made]


def table():
    head = (Cell((Text("All"),), number=True),)
    row = Row((Slot("Funding", "label"),), (Cell((Slot("62%", "result", "a/b@total"),), True),))
    return Table("table-a", "1.1", (Text("Barriers"),), "Barrier", (head,), (row,))


def test_a_number_is_a_button_that_knows_its_definition():
    block = Paragraph((Slot("62%", "result", "a/b@total", "estimate"), Text(" of NGOs")))
    tags = Tags(page(block, definitions={"a/b@total": [("Key", "a/b@total")]}))
    number = {"class": "n", "role": "button", "tabindex": "0", "data-k": "0"}
    assert number in tags.all("span")


def test_the_definition_of_every_number_is_in_the_page():
    lines = [("Key", "a/b@total"), ("Base", "400"), ("Key", "Base")]
    made = page(table(), definitions={"a/b@total": lines})
    assert opened(made, 0) == (lines, [])
    assert printed_keys(document(table())) == ["a/b@total"]


def test_a_number_opens_to_the_code_and_the_files_that_made_it():
    file = File("data/raw/ngo.csv", "0" * 64)
    origin = Origin("tabulate", ("read", "clean"), ("src/a.py", "src/b.py"), "c0de", (file,))
    made = page(table(), definitions={"a/b@total": [("Key", "a/b@total")]}, origin=origin)
    details = dict(opened(made, 0)[1])
    assert details["Code"] == ["src/a.py", "src/b.py"]
    assert details["Input files with SHA-256"] == [f"data/raw/ngo.csv {'0' * 64}"]
    assert "c0de" in str(details)


def test_the_page_links_the_same_report_in_the_other_languages_and_no_others():
    tags = Tags(page(table(), languages={"en": "report.en.html", "kk": "report.kk.html"}))
    links = [a for a in tags.all("a") if "hreflang" in a]
    assert [(a["href"], a["lang"]) for a in links] == [
        ("report.en.html", "en"),
        ("report.kk.html", "kk"),
    ]
    assert [a.get("aria-current") for a in links] == ["page", None]
    alone = Tags(page(table(), languages={"en": "report.en.html"}))
    assert not [a for a in alone.all("a") if "hreflang" in a]


def test_an_appendix_is_called_one():
    chapter = Chapter("questionnaires", "A", (Text("Questionnaires"),), ())
    made = render(Document("en", "T", "S", "", (chapter,)), language("en"), {}, {})
    assert "<span>Appendix A</span>" in made


def test_words_from_data_cannot_become_markup():
    made = page(
        Paragraph((Slot(EVIL, "label"), Text(EVIL))),
        definitions={EVIL: [("Key", EVIL)]},
        banner=EVIL,
    )
    tags = Tags(made)
    assert tags.all("img") == []
    assert len(tags.all("script")) == 1 + len(SCRIPTS)
    assert made.count("<script") == made.count("</script>") == 1 + len(SCRIPTS)


def test_a_link_of_another_scheme_is_refused():
    with pytest.raises(SurveyError, match="unknown kind"):
        page(Paragraph((Link("javascript:alert(1)", (Text("x"),)),)))


def test_the_page_asks_nobody_for_anything():
    made = page(table())
    tags = Tags(made)
    assert not [a for _, a in tags.tags if "src" in a]
    assert tags.all("link") == []
    assert "@import" not in made
    assert "url(" not in made


def test_the_policy_lets_only_this_page_s_script_and_style_run():
    made = page(table())
    policy = next(a["content"] for a in Tags(made).all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    for element in ("script", "style"):
        text = re.findall(rf"<{element}>(.*?)</{element}>", made, re.DOTALL)
        digest = b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_a_table_has_a_caption_and_headers_with_their_scope():
    tags = Tags(page(table()))
    assert len(tags.all("caption")) == 1
    assert [a["scope"] for a in tags.all("th")] == ["col", "col", "row"]


def test_every_chapter_carries_the_mark_of_simulated_data():
    assert page(table()).count('class="simulated"') == 1
    assert 'class="simulated"' not in page(table(), banner="")


@pytest.fixture
def drawing(tmp_path):
    file = tmp_path / "mix.svg"
    file.write_text(SVG, encoding="utf-8")
    return file


def test_a_drawing_is_read_aloud_and_its_ids_are_its_own(drawing):
    made = inline_svg(drawing, "figure-mix", "Funding <mix>", "Bars")
    assert 'role="img" aria-labelledby="figure-mix-t figure-mix-d"' in made
    assert '<title id="figure-mix-t">Funding &lt;mix&gt;</title>' in made
    assert 'id="figure-mix-m1"' in made
    assert 'href="#figure-mix-m1"' in made
    assert made.count("url(#figure-mix-m1)") == 2


def test_a_drawing_brings_no_script_date_or_style_into_the_page(drawing):
    made = inline_svg(drawing, "figure-mix", "Mix", "Bars")
    for unwanted in ("<script", "onload", "<style", "made on a day"):
        assert unwanted not in made
    assert 'style="stroke-linejoin: round"' in made


def test_every_heading_has_a_link_to_itself_beside_it():
    heading = Heading(2, "one-why", (Text("Why"), Strong((Text(" not?"),))))
    links = [a for a in Tags(page(heading)).all("a") if a.get("class") == "self"]
    assert [(a["href"], a["aria-label"]) for a in links] == [
        ("#one", "Link to: Who answered"),
        ("#one-why", "Link to: Why not?"),
    ]


def test_every_file_of_the_release_is_linked_from_one_list(study):
    say = language("en")
    made = render(document(), say, {}, {}, Extras(files=file_list(study, say)))
    linked = {a["href"] for a in Tags(made).all("a") if not a["href"].startswith("#")}
    products = Products(study)
    paths = [products.outputs("report", code) for code in study.languages]
    paths += [products.outputs("workbook", code) for code in study.table_languages]
    paths.append(products.outputs("package"))
    made_here = {path.relative_to("reports").as_posix() for some in paths for path in some}
    assert linked == made_here


def test_a_missing_or_broken_drawing_is_named(tmp_path):
    with pytest.raises(InputError, match="a figure is missing"):
        inline_svg(tmp_path / "none.svg", "f", "t", "d")
    (tmp_path / "broken.svg").write_text("<svg", encoding="utf-8")
    with pytest.raises(InputError, match="not well-formed"):
        inline_svg(tmp_path / "broken.svg", "f", "t", "d")


def test_a_figure_stands_with_its_caption():
    figure = Figure("figure-mix", "1.1", "mix", (Text("The mix"),), "Bars")
    made = page(figure, drawings={"figure-mix": "<svg></svg>"})
    assert re.search(r'<div class="paper" [^>]*><svg></svg></div>', made)
    assert "<b>Figure 1.1.</b> The mix" in made


@pytest.fixture
def surrounded(tmp_path):
    """Return the file of a drawing with words around it, as the figures write it."""
    figure, axis = plt.subplots()
    axis.plot([0, 1], [0, 1])
    said = ("Most say <a> & b.", ["n = 1,200.", 'Source: survey "S".'], "SIMULATED")
    within = frame(figure, *said)
    plt.close(figure)
    file = tmp_path / "mix.svg"
    made = Drawing(
        "mix", "en", figure, pd.DataFrame(), "Mix", "", {}, said[0], said[2], (*said[1],), within
    )
    file.write_bytes(made.svg())
    return file


def test_the_words_around_a_drawing_are_told_as_they_were_written(surrounded):
    words = drawing_words(surrounded)
    assert words.message == "Most say <a> & b."
    assert words.mark == "SIMULATED"
    assert words.notes == ("n = 1,200.", 'Source: survey "S".')


def test_a_page_cuts_the_words_off_that_it_says_itself(surrounded):
    made = inline_svg(surrounded, "figure-mix", "Mix", "Bars")
    whole = surrounded.read_text(encoding="utf-8")
    for words in ("Most say", "SIMULATED", "Source: survey"):
        assert words in whole
        assert words not in made
    size = re.compile(r'viewBox="([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)"')
    before, after = (list(map(float, size.search(text).groups())) for text in (whole, made))
    assert after[2] == before[2]
    assert 0 < after[1] < after[1] + after[3] < before[3]


def test_a_drawing_without_words_around_it_stays_whole(drawing):
    assert drawing_words(drawing).message == ""
    assert 'viewBox="0 0 ' in inline_svg(drawing, "figure-mix", "Mix", "Bars")


def test_who_cannot_see_a_figure_hears_its_message_first(surrounded):
    figure = Figure("figure-mix", "1.1", "mix", (Text("The mix"),), "Bars by source.")
    chapter = Chapter("c", "1", (Text("C"),), (figure,))
    made = with_messages(replace(document(), chapters=(chapter,)), lambda _: surrounded)
    assert made.chapters[0].blocks[0].alternative == "Most say <a> & b. Bars by source."


def test_the_message_stands_above_a_drawing_and_its_base_below():
    figure = Figure("figure-mix", "1.1", "mix", (Text("The mix"),), "Bars")
    around = {"figure-mix": DrawingWords("Most say a.", "SIMULATED", ("n = 1,200.",))}
    made = page(figure, drawings={"figure-mix": "<svg></svg>"}, around=around)
    parts = ["The mix", "Most say a.", "<svg>", "SIMULATED", "n = 1,200."]
    places = [made.index(part, made.index('<figure id="figure-mix">')) for part in parts]
    assert places == sorted(places)
