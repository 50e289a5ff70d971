"""`check` says everything that is wrong with a study in one run, wherever it lies."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import yaml_text
from ngo_survey.cli import main
from plain_study import plain_study
from suites import sample

pytestmark = pytest.mark.usefixtures("stages")

Config = dict[str, Any]
RAW = "data/raw"
TITLE = {"en": "Places"}
MORE: Config = {
    "indicators": [
        {"id": "in_town", "population": "visitors", "statistic": "proportion"}
        | {"variable": "place", "category": "town"}
    ],
    "tables": {
        "all_questions": {"visitors": "standing", "wardens": "standing"},
        "more": [{"id": "wishes_2", "population": "visitors", "rows": "wishes"}],
        "pairs": {"wished": {"population": "visitors", "rows": "wishes"}},
    },
    "compare": {"ranks": [{"population": "visitors", "question": "care"}]},
    "models": {
        "declared": {
            "town": {
                "title": TITLE,
                "population": "visitors",
                "kind": "binomial",
                "outcome": "place",
                "event": ["town"],
                "terms": ["care_time", "care_money"],
            }
        }
    },
    "official": {"parks": {"title": TITLE, "file": f"{RAW}/official/parks.csv"}},
    "figures": {
        "places": {"kind": "items", "title": TITLE, "analysis": "care"},
        "effects": {"kind": "calibration", "title": TITLE, "model": "town"},
    },
    "report": {"dashboard": {"figures": ["places"]}},
}


@dataclass(frozen=True)
class Fault:
    """A fault to plant: where it lies, what puts it there, and what one line must say of it."""

    room: str
    plant: Callable[[Path, Config], object]
    said: tuple[str, ...]


def scatter(*analyses: str, category: str = "5") -> Config:
    """Return a figure of the items of batteries."""
    named = [{"analysis": name} for name in analyses]
    return {"kind": "scatter", "title": TITLE, "analyses": named, "category": category}


def text(path: str, old: str, new: str) -> Callable[[Path, Config], object]:
    """Return what puts ``new`` for the first ``old`` in a file."""

    def plant(folder: Path, _: Config) -> None:
        file = folder / path
        was = file.read_text(encoding="utf-8")
        assert old in was
        file.write_text(was.replace(old, new, 1), encoding="utf-8")

    return plant


def cell(path: str, sheet: str, old: str, new: str) -> Callable[[Path, Config], object]:
    """Return what puts ``new`` for the first cell ``old`` of a sheet."""

    def plant(folder: Path, _: Config) -> None:
        book = openpyxl.load_workbook(folder / path)
        found = next(c for row in book[sheet].iter_rows() for c in row if c.value == old)
        found.value = new
        book.save(folder / path)

    return plant


def key(dotted: str, value: Any) -> Callable[[Path, Config], object]:
    """Return what sets a key of the configuration."""

    def plant(_: Path, config: Config) -> None:
        *path, last = dotted.split(".")
        here: Any = config
        for part in path:
            here = here[int(part)] if part.isdigit() else here.setdefault(part, {})
        here[int(last) if last.isdigit() else last] = value

    return plant


def chapter(line: str) -> Callable[[Path, Config], object]:
    """Return what writes a line behind the chapter."""

    def plant(folder: Path, _: Config) -> None:
        with (folder / "chapters/en/01_places.md").open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")

    return plant


VISITORS, WARDENS = "populations.visitors", "populations.wardens"
FAULTS = {
    "an unknown key": Fault("study", key("study.sponsr", "a"), ("study", "sponsr", "sponsor")),
    "a number in words": Fault("disclosure", key("disclosure", {"threshold": "five"}),
                               ("disclosure.threshold", "five")),
    "an unknown section": Fault("sections", key("trendz", {}), ("trendz", "trends")),
    "a kind of figure that there is none of": Fault(
        "figure kind", key("figures.places.kind", "itemz"),
        ("figures.places.kind", "itemz", "items")),
    "a figure without what its kind draws": Fault(
        "figure kind", lambda _, c: c["figures"]["places"].pop("analysis"),
        ("figures.places", "'analysis' is missing")),
    "an indicator without its statistic": Fault(
        "indicator", lambda _, c: c["indicators"][0].pop("statistic"),
        ("indicators.0", "'statistic' is missing")),
    "a banner": Fault("banner", key(f"{VISITORS}.banners", ["plce"]),
                      (f"{VISITORS}.banners", "plce", "place")),
    "a row of a table": Fault("table", key("tables.more.0.rows", "wihses"),
                              ("tables.more.0.rows", "wihses", "wishes")),
    "a table left out": Fault("omitted", key("tables.omit", {"wardens": ["car"]}),
                              ("tables.omit.wardens", "'car'", "care")),
    "a pair": Fault("pair", key("tables.pairs.wished.with", "place"),
                    ("tables.pairs.wished.with", "place", "wishes")),
    "a variable of an indicator": Fault("indicator", key("indicators.0.variable", "plce"),
                                        ("indicators.0.variable", "plce", "place")),
    "a rank": Fault("rank", key("compare.ranks.0.question", "cares"),
                    ("compare.ranks.0.question", "cares", "care")),
    "a derived variable of nothing": Fault(
        "derive", key(f"{VISITORS}.derive", {"big": {"op": "recode", "of": "plac", "labels": TITLE,
            "levels": {"big": {"labels": TITLE, "from": ["town"]}}}}),
        (f"{VISITORS}.derive.big", "plac", "place")),
    "a level of no choice": Fault(
        "derive", key(f"{WARDENS}.derive", {"big": {"op": "recode", "of": "place", "labels": TITLE,
            "levels": {"big": {"labels": TITLE, "from": ["twn"]}}}}),
        (f"{WARDENS}.derive.big", "twn", "town")),
    "an outcome": Fault("model", key("models.declared.town.outcome", "plce"),
                        ("models.declared.town.outcome", "plce", "place")),
    "a term": Fault("model", key("models.declared.town.terms.1", "care_mony"),
                    ("models.declared.town.terms.1", "care_mony", "care_money")),
    "contrasts of a number": Fault("model", key("models.declared.town.contrasts", ["care_time"]),
                                   ("models.declared.town.contrasts", "care_time", "rating")),
    "a scatter of one battery": Fault(
        "figure", key("figures.dots0", scatter("care")),
        ("figures.dots0.analyses", "1", "across")),
    "a scatter of a question": Fault(
        "figure", key("figures.dots1", scatter("care", "place")),
        ("figures.dots1.analyses.1", "place", "battery")),
    "a scatter by a banner": Fault(
        "figure", key("figures.dots2", scatter("care_by_place", "care")),
        ("figures.dots2.analyses.0", "care", "without a banner")),
    "a scatter of an answer that there is not": Fault(
        "figure", key("figures.dots3", scatter("care", "care", category="6")),
        ("figures.dots3.category", "6", "care")),
    "the mean of an answer": Fault(
        "figure", key("figures.mean", {"kind": "intervals", "title": TITLE, "analysis": "care",
            "banners": ["place"], "statistic": "mean", "item": "time", "category": "5"}),
        ("figures.mean.category", "5", "take the category out")),
    "pairs of a battery, drawn together": Fault(
        "figure", lambda _, c: (
            c["tables"]["pairs"].update(cared={"population": "visitors", "rows": "care",
                "categories": ["5"]}),
            c["figures"].update(cared={"kind": "together", "title": TITLE, "analysis": "cared"})),
        ("figures.cared.analysis", "cared", "crossing")),
    "pairs of a question without a table": Fault(
        "figure", lambda _, c: (
            c["tables"]["pairs"].update(crossed={"population": "wardens", "rows": "wishes"}),
            c["tables"].update(omit={"wardens": ["wishes"]}),
            c["figures"].update(wished={"kind": "crossing", "title": TITLE,
                "analysis": "crossed"})),
        ("figures.wished.analysis", "crossed", "wishes")),
    "three tables as two": Fault(
        "figure", lambda _, c: c["figures"].update(three={"kind": "bars", "title": TITLE,
            "analyses": [{"analysis": "place"}] * 3}),
        ("figures.three.analyses", "one table, or two")),
    "a table of a figure": Fault("figure", key("figures.places.analysis", "cares"),
                                 ("figures.places.analysis", "cares", "care")),
    "a model of a figure": Fault("figure", key("figures.effects.model", "twon"),
                                 ("figures.effects.model", "twon", "town")),
    "a figure of the dashboard": Fault("dashboard", key("report.dashboard.figures", ["placs"]),
                                       ("report.dashboard.figures.0", "placs", "places")),
    "a series": Fault("series", key("trends", {"series": {"all": {"dataset": "prks",
                          "concept": TITLE, "where": {"measure": ["parks"]}}}}),
                      ("trends.series.all.dataset", "prks", "parks")),
    "a key question": Fault("cleaning", key(f"{VISITORS}.cleaning.key_questions", ["wishs"]),
                            (f"{VISITORS}.cleaning.key_questions", "wishs", "wishes")),
    "a question that is kept": Fault("sources", key(f"{WARDENS}.sources.keep", ["wishs"]),
                                     (f"{WARDENS}.sources.keep", "wishs", "wishes")),
    "a margin": Fault("weighting", key(f"{WARDENS}.weighting.margins", ["plce"]),
                      (f"{WARDENS}.weighting.margins", "plce", "place")),
    "an outcome of a figure": Fault(
        "figure", lambda _, c: c["figures"].update(chance={"kind": "effects", "title": TITLE,
            "model": "town", "outcome": "twon"}),
        ("figures.chance.outcome", "twon", "town")),
    "a table where pairs are drawn": Fault(
        "figure", lambda _, c: c["figures"].update(pairs={"kind": "crossing", "title": TITLE,
            "analysis": "care"}),
        ("figures.pairs.analysis", "care", "tables.pairs")),
    "a margin that weights do not know": Fault(
        "figure", lambda _, c: c["figures"].update(known={"kind": "margins", "title": TITLE,
            "population": "visitors", "variable": "care_time"}),
        ("figures.known.variable", "care_time", "place")),
    "a figure without caption": Fault(
        "chapter", chapter('{{ figure("places", reads="What it shows") }}'),
        ("en/01_places.md", "row 3", "caption")),
    "an argument that a function does not take": Fault(
        "chapter", chapter('{{ table("wishes", captoin="Wishes", caption="A", stub="B") }}'),
        ("en/01_places.md", "row 3", "captoin")),
    "checks of models without a model": Fault(
        "models", lambda f, c: (chapter('{{ model_checks(caption="A", stub="B") }}')(f, c),
            c.pop("models"), c["figures"].pop("effects")),
        ("en/01_places.md", "row 3", "model_checks", "declares none")),
    "a rating of words": Fault(
        "form", cell(f"{RAW}/questionnaires/wardens.xlsx", "survey", "single", "rating"),
        (f"{RAW}/questionnaires/wardens.xlsx", "sheet survey", "rating", "scale")),
    "a name in a chapter": Fault("chapter", chapter("{{ table('wihses') }}"),
                                 ("en/01_places.md", "row 3", "wihses", "wishes")),
    "a chapter's template": Fault("chapter", chapter("{% if true %}"),
                                  ("en/01_places.md", "row 3", "docs/chapters.md")),
    "a key of words": Fault("words", text("words/en.yaml", "\n  banner:", "\n  baner:"),
                            ("words/en.yaml", "report.baner", "banner")),
    "an official figure": Fault("official", text(f"{RAW}/official/parks.csv", ",3,", ",three,"),
                                (f"{RAW}/official/parks.csv", "row 2", "value", "three")),
    "a form": Fault("form", cell(f"{RAW}/questionnaires/wardens.xlsx", "survey",
                                 "select_one places", "select_one plces"),
                    (f"{RAW}/questionnaires/wardens.xlsx", "sheet survey", "plces", "places")),
    "an answer": Fault("export", text(f"{RAW}/responses/visitors.csv", ",town,", ",twn,"),
                       (f"{RAW}/responses/visitors.csv", "row 2", "column place", "twn", "town")),
    "an answer to another question": Fault(
        "export", text(f"{RAW}/responses/visitors.csv", "paths", "pats"),
        (f"{RAW}/responses/visitors.csv", "column wishes", "pats", "paths")),
    "a header": Fault("columns", text(f"{RAW}/responses/wardens.csv", "care_time", "care_tim"),
                      (f"{RAW}/responses/wardens.csv", "care_tim", "care_time")),
    "a disposition": Fault("sample", text(f"{RAW}/sample/visitors.csv", "complete", "complet"),
                           (f"{RAW}/sample/visitors.csv", "row ", "complet", "complete")),
    "a count": Fault("register", text(f"{RAW}/register/visitors.csv", "900", "many"),
                     (f"{RAW}/register/visitors.csv", "row 2", "column count", "many")),
    "an alias of no choice": Fault("alias", key(f"{WARDENS}.cleaning.aliases.places",
                                          f"{RAW}/aliases/places.csv"),
                                   (f"{RAW}/aliases/places.csv", "row 2", "vilage", "village")),
    "a file of corrections": Fault(
        "corrections", key(f"{VISITORS}.cleaning.corrections", f"{RAW}/corrections.csv"),
        (f"{RAW}/corrections.csv", "the file is missing", "config.yaml")),
}  # fmt: skip
#: What cannot be looked at while another thing is wrong; `check` says so then.
KEEPS_FROM = {
    "models": {"model", "chapter", "figure", "figure kind", "dashboard"},
    "form": {"export", "columns", "figure", "figure kind", "chapter", "rank", "table", "dashboard"}
    | {"omitted", "weighting", "sources", "alias", "derive", "models"},
    "columns": {"weighting", "form", "alias"},
    "words": {"chapter", "models"},
    "derive": {"export", "corrections", "cleaning"},
    "figure kind": {"figure", "dashboard"},
    "corrections": {"export"},
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two groups with something in every room, and nothing wrong."""
    folder = tmp_path_factory.mktemp("sound")
    for path, lines in {
        f"{RAW}/official/parks.csv": "id,label,region,year,measure,value,unit,qualifier,certainty,"
        "source,note\nparks-2020,Parks,,2020,parks,3,parks,exact,high,Yearbook 2021,\n",
        f"{RAW}/aliases/places.csv": "alias,choice\nDorf,vilage\n",
        "chapters/en/01_places.md": "# Places\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(lines, encoding="utf-8")
    plain_study(folder, ["visitors", "wardens"], "en", **MORE)
    return folder


def check(
    sound: Path, folder: Path, planted: list[Fault], capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """Plant faults into a copy of the study; returns the lines that `check` prints."""
    shutil.copytree(sound, folder)
    file = folder / "config.yaml"
    config = yaml_text.load(file.read_text(encoding="utf-8"))
    for fault in planted:
        fault.plant(folder, config)
    file.write_text(yaml_text.dump(config), encoding="utf-8")
    assert main(["check", "--config", str(file)]) == int(bool(planted))
    printed = capsys.readouterr()
    return (printed.err + printed.out).splitlines()


def hands(seed: int) -> Iterator[list[str]]:
    """Deal every fault once, into hands of two to five that do not keep from each other."""
    rng = random.Random(seed)
    left = rng.sample(list(FAULTS), len(FAULTS))
    while left:
        size, hand = rng.randint(2, 5), [left.pop()]
        for name in list(left):
            rooms = [FAULTS[n].room for n in hand]
            room = FAULTS[name].room
            apart = all(
                room not in {r, *KEEPS_FROM.get(r, ())} and r not in KEEPS_FROM.get(room, ())
                for r in rooms
            )
            if apart and len(hand) < size:
                hand.append(name)
                left.remove(name)
        yield hand


def unnamed(planted: list[Fault], lines: list[str]) -> list[Fault]:
    return [f for f in planted if not any(all(p in line for p in f.said) for line in lines)]


def test_the_study_without_a_fault_can_run(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "the study can run" in check(sound, tmp_path / "study", [], capsys)[-1]


@pytest.mark.parametrize("seed", sample(range(4)))
def test_every_fault_is_named_in_one_run(
    seed: int, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, hand in enumerate(hands(seed)):
        planted = [FAULTS[name] for name in hand]
        lines = check(sound, tmp_path / str(place), planted, capsys)
        assert unnamed(planted, lines) == [], "\n".join([*hand, *lines])
        assert "the study cannot run" in lines


def test_two_faults_of_one_room_are_both_named(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for room in ("export", "model", "figure"):
        planted = [fault for fault in FAULTS.values() if fault.room == room]
        lines = check(sound, tmp_path / room, planted, capsys)
        assert unnamed(planted, lines) == [], "\n".join(lines)


def test_what_was_not_looked_at_is_said(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = check(sound, tmp_path / "study", [FAULTS["a form"]], capsys)
    said = [line for line in lines if line.startswith("not checked: ")]
    for part in ("figures", "chapters", "the answers of wardens"):
        assert any(part in line for line in said)


def test_a_name_that_a_fault_took_away_is_no_fault_of_its_own(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = check(
        sound, tmp_path / "study", [FAULTS["a kind of figure that there is none of"]], capsys
    )
    assert [line for line in lines if line.startswith("ngo-survey check:")] == [
        line for line in lines if "figures.places.kind" in line and "itemz" in line
    ]
    assert any("not checked: what needs figures.places" in line for line in lines)


def test_a_configuration_of_which_nothing_can_be_read_says_that_nothing_else_was_checked(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text("study: [\n", encoding="utf-8")
    assert main(["check", "--config", str(tmp_path / "config.yaml")]) == 1
    assert "nothing else was checked" in capsys.readouterr().err


def test_a_stratum_that_the_register_lacks_is_told_with_its_row_of_the_sample(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample_file = f"{RAW}/sample/visitors.csv"
    rows = (sound / sample_file).read_text(encoding="utf-8").splitlines()
    row = next(n for n, line in enumerate(rows, 1) if ",town," in line)
    fault = Fault("sample", text(sample_file, ",town,", ",city,"), ())
    lines = check(sound, tmp_path / "study", [fault], capsys)
    assert any(
        f"{sample_file}, row {row}, column place: the register has no such" in line
        and "'city'" in line
        for line in lines
    ), "\n".join(lines)


def test_a_figure_of_a_model_that_nobody_answered_is_no_surprise_of_a_later_stage(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def plant(folder: Path, _: Config) -> None:
        file = folder / RAW / "responses/visitors.csv"
        answers = pd.read_csv(file, dtype=str)
        answers["care_time"] = ""
        answers.to_csv(file, index=False)

    lines = check(sound, tmp_path / "study", [Fault("export", plant, ())], capsys)
    assert any("figures.effects.model" in x and "nobody answered care_time" in x for x in lines)


def test_a_rating_of_other_points_is_not_drawn_as_one_from_1_to_5(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def plant(folder: Path, config: Config) -> None:
        file = folder / RAW / "questionnaires/visitors.xlsx"
        book = openpyxl.load_workbook(file)
        book["choices"].append(["five", "6", "Punkt 6"])
        book.save(file)
        rated = {"kind": "likert", "title": TITLE, "battery": "care", "groups": ["visitors"]}
        config["figures"]["rated"] = rated

    lines = check(sound, tmp_path / "study", [Fault("figure", plant, ())], capsys)
    assert any("figures.rated.battery: a figure of the kind likert" in line for line in lines)


def test_what_is_hidden_is_said_to_be_unchecked_where_a_table_is_at_fault(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = check(sound, tmp_path / "study", [FAULTS["a row of a table"]], capsys)
    assert any("not checked: what would be hidden of visitors" in line for line in lines)
