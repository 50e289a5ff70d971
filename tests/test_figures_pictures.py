"""Every figure in every language: its words have room, can be read, and are of that language."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

import yaml_text
from ngo_survey.errors import ConfigError
from ngo_survey.present.figures import figure_ids
from ngo_survey.present.figures.drawing import Drawer, Drawing
from ngo_survey.present.figures.picture import words
from ngo_survey.study import Study
from pictures import faint_marks, faint_texts, laid_out, outside, overlapping, struck, texts
from suites import turns

LANGUAGES = ("en", "ru", "kk")
ROOT = Path(__file__).parent.parent
NAMES = list(yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))["figures"])


@pytest.fixture(scope="module")
def drawer(built: Study) -> Drawer:
    return Drawer.load(built)


@pytest.mark.parametrize(("name", "language"), turns(NAMES, LANGUAGES))
def test_words_have_room_and_can_be_read_and_marks_stand_out(
    drawer: Drawer, name: str, language: str
) -> None:
    drawing = drawer.draw(name, language)
    laid_out(drawing.figure)
    assert not outside(drawing.figure), "words outside the canvas"
    assert not overlapping(drawing.figure), "words over words"
    assert not struck(drawing.figure), "a line or a dot through words"
    assert not faint_texts(drawing.figure), "words that do not stand out from their ground"
    assert not faint_marks(drawing.figure), "marks that do not stand out from paper"
    says_its_message_base_and_source(drawing, drawer.study)
    if drawing.language != "en":
        is_of_its_language(drawing, drawer.study)


def is_of_its_language(drawing: Drawing, study: Study) -> None:
    said = " ".join([*(t.get_text() for t in texts(drawing.figure)), drawing.description])
    said = " ".join(said.split())
    notice = study.section("geography")["outlines"]["notice"]
    for part in notice.split("; "):  # the attribution stands as its owners word it
        said = said.replace(part, "")
    said = re.sub(r"[\w.-]+\.[a-z]+ \(", "", said)  # and so do the sites of official figures
    assert re.findall(r"[A-Za-z]{2,}", said) == []
    assert re.search(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]", said)


def says_its_message_base_and_source(drawing: Drawing, study: Study) -> None:
    kind = study.section("figures")[drawing.name]["kind"]
    said = [t.get_text() for t in drawing.figure.texts]
    assert any(t.get_fontweight() == "bold" and t.get_fontsize() > 10 for t in drawing.figure.texts)
    if kind == "series":  # official figures have sources of their own
        sources = words(drawing.language)["sources"].partition("{")[0]
        assert re.search(re.escape(sources) + r".*\b\w+\.\w+ \((19|20)\d\d", " ".join(said))
        return
    year = str(study.raw["study"]["fieldwork"]["year"])
    assert any(year in line and study.title(drawing.language) in line for line in said)
    assert words(drawing.language)["simulated"] in said
    if kind not in {"flow", "specification"}:
        assert re.search(r"\d", drawing.description)


def test_every_figure_of_the_configuration_is_drawn(study: Study) -> None:
    assert figure_ids(study) == NAMES


def test_years_in_a_row_are_told_by_the_first_and_the_last(drawer: Drawer) -> None:
    assert "cisc.kz (2016\u20132021)" in drawer.draw("series_grants", "en").description


def test_a_bound_is_told_as_one(drawer: Drawer) -> None:
    assert "NGOs registered \u2013 more than 23,000 (2025)" in (
        drawer.draw("series_ngos", "en").description
    )


def test_what_is_withheld_is_hatched_where_it_stands_on_the_scale(drawer: Drawer) -> None:
    made = drawer.draw("series_expected", "en")
    rows = made.data[made.data["analysis"] == "gov_outlook"]
    assert list(rows["status"] != "shown") == [True, True, False, False, False]
    bars = made.figure.axes[1].patches
    assert [bar.get_hatch() is not None for bar in bars] == [True, False, False, False]
    assert bars[0].get_x() == 0
    assert bars[-1].get_x() + bars[-1].get_width() == pytest.approx(1)


def test_the_map_names_the_places_of_its_message(drawer: Drawer) -> None:
    made = drawer.draw("map_regions", "en")
    assert "Ulytau" in [text.get_text() for text in made.figure.axes[0].texts]


def test_a_drawing_is_the_same_bytes_again(drawer: Drawer) -> None:
    first, second = (drawer.draw("map_regions", "kk") for _ in range(2))
    assert first.svg() == second.svg()
    assert first.png() == second.png()


def test_a_picture_for_paper_has_twice_the_pixels_of_the_screen(drawer: Drawer) -> None:
    from PIL import Image

    made = drawer.draw("trust", "en")
    width, height = re.search(
        r'width="([\d.]+)pt" height="([\d.]+)pt"', made.svg().decode()
    ).groups()  # type: ignore[union-attr]
    with Image.open(io.BytesIO(made.png())) as image:
        assert image.size[0] == pytest.approx(2 * float(width) * 96 / 72, abs=2)
        assert image.size[1] == pytest.approx(2 * float(height) * 96 / 72, abs=2)


def test_a_new_figure_of_a_known_kind_is_an_entry_of_the_configuration(
    built: Study, tmp_path: Path
) -> None:
    written = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    written["figures"]["target_groups_all"] = {
        "kind": "bars",
        "analyses": [{"analysis": "target_groups"}],
        "title": {"en": "Target groups", "ru": "Целевые группы", "kk": "Мақсатты топтар"},
    }
    (tmp_path / "data").symlink_to(built.root / "data")
    config = tmp_path / "config.yaml"
    config.write_text(yaml_text.dump(written), encoding="utf-8")
    made = Drawer.load(Study.load(config)).draw("target_groups_all", "ru")
    assert made.title == "Целевые группы"
    assert len(made.data) > 10


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_the_words_of_english(language: str) -> None:
    own, english = words(language), words("en")
    assert list(own) == list(english)
    for key, text in english.items():
        slots = re.findall(r"{(\w+)}", text)
        assert sorted(re.findall(r"{(\w+)}", own[key])) == sorted(slots), key


def test_every_title_is_said_in_every_language(study: Study) -> None:
    for name, spec in study.section("figures").items():
        assert set(LANGUAGES) <= set(spec["title"]), name


def test_a_language_without_words_is_refused(drawer: Drawer) -> None:
    with pytest.raises(ConfigError, match="no words in this language"):
        drawer.draw("trust", "fr")


def spoil(figure: Any) -> None:
    figure.text(0.5, 0.5, "one over", color="#eeeeee")
    figure.text(0.5, 0.5, "the other")
    figure.text(1.0, 1.0, "outside")
    figure.axes[0].plot([1, 2], [1, 2], color="#eeeeee")
    figure.axes[0].plot([0, 1], [0, 1], transform=figure.transFigure, clip_on=False)


def test_a_spoilt_figure_is_seen_to_be_spoilt(drawer: Drawer) -> None:
    made = drawer.draw("spheres", "en")
    spoil(made.figure)
    laid_out(made.figure)
    assert outside(made.figure) == ["outside"]
    assert ("one over", "the other") in overlapping(made.figure)
    assert "one over" in [text for text, _ in faint_texts(made.figure)]
    assert "one over" in struck(made.figure)
    assert ("line", ["#eeeeee"]) in faint_marks(made.figure)
