"""A study of two waves from the files of both to the change between them, and its figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from builds import copied
from ngo_survey.errors import InputError
from ngo_survey.present.figures.drawing import Drawer
from ngo_survey.present.figures.kinds.beside import spread_labels
from ngo_survey.results import store
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import change, check, draw
from pictures import faint_marks, faint_texts, laid_out, outside, overlapping, struck
from suites import sample, turns


@pytest.fixture(scope="module")
def waves(two_waves: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Both waves taken to their tables, and compared: a copy to be changed."""
    folder = copied(two_waves.root, tmp_path_factory.mktemp("waves") / "study")
    return Study.load(folder / "config.yaml")


def rows(study: Study, family: str, name: str) -> pd.DataFrame:
    return store.read(family, study.paths.result(family, name)).set_index("key")


def test_each_wave_tells_what_its_own_tables_tell(waves: Study) -> None:
    each = rows(waves, "waves", "audience3")
    assert set(each["wave"]) == {"2024", "2026"}
    for name, then in (("2024", waves.wave("2024")), ("2026", waves)):
        released = rows(then, "estimates", "audience3")
        own = each[each["wave"] == name]
        assert len(own) == 9  # three answers in total and in two levels of a banner
        for key, row in own.iterrows():
            source = released.loc[str(key).removeprefix(f"wave/{name}/")]
            assert row[["estimate", "se", "ci_low"]].equals(source[["estimate", "se", "ci_low"]])


def test_change_is_the_difference_of_what_is_told(waves: Study) -> None:
    made = rows(waves, "change", "audience3")
    estimates = rows(waves, "waves", "audience3")["estimate"]
    for key, row in made.iterrows():
        stem = str(key).removeprefix("change/2024/")
        assert row["after"] == pytest.approx(estimates[f"wave/2026/{stem}"], rel=1e-9)
        assert row["before"] == pytest.approx(estimates[f"wave/2024/{stem}"], rel=1e-9)
        assert row["difference"] == pytest.approx(row["after"] - row["before"], abs=1e-9)
    assert (made["ci_low"] < made["difference"]).all()
    assert (made["difference"] < made["ci_high"]).all()


def test_a_planted_change_is_found_and_nothing_else_is(waves: Study) -> None:
    grew = rows(waves, "change", "audience3").loc["change/2024/audience3/grew@total"]
    assert grew["p_adjusted"] < 0.001
    assert grew["difference"] > 0.1
    others = rows(waves, "change", "barriers")
    assert (others["p_adjusted"] > 0.01).all()


def test_samples_that_overlap_and_samples_that_do_not(waves: Study) -> None:
    """NGOs: half of the sample is in both waves. Bodies: drawn anew, the variances add up."""
    ngo = rows(waves, "change", "barriers")
    assert set(ngo["samples"]) == {"overlapping"}
    sampled = [
        set(pd.read_csv(s.population("ngo").sample, dtype=str)["organisation"])
        for s in (waves, waves.wave("2024"))
    ]
    assert 300 < ngo["common"].iloc[0] <= len(sampled[0] & sampled[1]) == 900
    bodies = rows(waves, "change", "gov_barriers")
    assert set(bodies["samples"]) == {"independent"}
    assert bodies["common"].isna().all()
    errors = rows(waves, "waves", "gov_barriers")["se"]
    shown = bodies[bodies["status"] == "shown"]
    for key, row in shown.iterrows():
        stem = str(key).removeprefix("change/2024/")
        both = np.hypot(errors[f"wave/2026/{stem}"], errors[f"wave/2024/{stem}"])
        assert row["se"] == pytest.approx(both, rel=1e-8)


def test_a_change_is_withheld_where_either_wave_withholds_its_figure(
    waves: Study,
) -> None:
    path = waves.wave("2024").paths.result("estimates", "audience3")
    kept = path.read_text(encoding="utf-8")
    try:
        frame = store.read("estimates", path)
        row = frame["key"] == "audience3/grew@total"
        frame.loc[row, ["n", "estimate", "se", "ci_low", "ci_high"]] = np.nan
        frame.loc[row, "status"] = "suppressed-primary"
        store.write(frame, "estimates", path)
        change.run(waves)
        made = rows(waves, "change", "audience3").loc["change/2024/audience3/grew@total"]
    finally:
        path.write_text(kept, encoding="utf-8")
        change.run(waves)
    assert made["status"] == "suppressed-primary"
    numbers = ["before", "after", "difference", "se", "ci_low", "ci_high", "p", "p_adjusted"]
    assert made[numbers].isna().all()


@pytest.mark.parametrize("alpha", [0.001, 0.5])
def test_limits_of_change_leave_zero_out_where_the_declared_level_finds_one(
    waves: Study, alpha: float
) -> None:
    declared = waves.section("report")
    report = {**declared, "rules": {**declared["rules"], "alpha": alpha}}
    try:
        change.run(replace(waves, raw={**waves.raw, "report": report}))
        made = rows(waves, "change", "audience3").dropna(subset=["p_adjusted"])
    finally:
        change.run(waves)
    apart = (made["ci_low"] > 0) | (made["ci_high"] < 0)
    assert len(made) and (apart == (made["p_adjusted"] < alpha)).all()


def test_a_unit_that_stands_twice_in_a_sample_is_refused(waves: Study) -> None:
    path = waves.population("ngo").sample
    kept = path.read_text(encoding="utf-8")
    try:
        sample = pd.read_csv(path, dtype=str, keep_default_na=False)
        sample.loc[4, "organisation"] = sample.loc[0, "organisation"]
        store.write_csv(sample, path)
        with pytest.raises(InputError, match="stands twice"):
            change.run(waves)
    finally:
        path.write_text(kept, encoding="utf-8")


@pytest.fixture(scope="module")
def drawer(waves: Study) -> Drawer:
    """Draws a slope of each table that is compared."""
    spec = {"kind": "slope", "title": {"en": "Change", "ru": "Изменение", "kk": "Өзгеріс"}}
    figures = {
        name: spec | {"analysis": name}
        for name in ("audience3", "barriers", "trust", "gov_barriers")
    }
    figures["rural"] = spec | {"analysis": "audience3_by_rural", "level": "rural"}
    return Drawer.load(replace(waves, raw={**waves.raw, "figures": figures}))


LANGUAGES = ("en", "ru", "kk")
SLOPES = ("audience3", "barriers", "trust", "gov_barriers", "rural")


@pytest.mark.parametrize(("name", "language"), turns(SLOPES, LANGUAGES))
def test_a_slope_has_room_for_its_words(drawer: Drawer, name: str, language: str) -> None:
    figure = drawer.draw(name, language).figure
    laid_out(figure)
    assert not outside(figure)
    assert not overlapping(figure)
    assert not struck(figure)
    assert not faint_texts(figure)
    assert not faint_marks(figure)


@pytest.mark.parametrize("language", sample(LANGUAGES))
def test_a_slope_names_its_waves_and_every_figure_of_the_last(
    drawer: Drawer, language: str
) -> None:
    made = drawer.draw("barriers", language)
    axis = made.figure.axes[0]
    waves_of = drawer.study.waves
    assert [t.get_text() for t in axis.get_xticklabels()] == [
        waves_of[wave].label(language) for wave in ("2024", "2026")
    ]
    ends = [text for text in axis.texts if text.get_ha() == "left"]
    assert len(ends) == made.data["estimate"].notna()[made.data["wave"] == "2026"].sum()
    assert "2024, 2026" in made.description


def test_labels_stand_where_they_name_unless_others_are_there() -> None:
    assert spread_labels([5.0, 1.0], [1.0, 1.0], (0, 10)) == [5.0, 1.0]
    assert spread_labels([5.0, 5.0, 9.0], [1.0, 1.0, 1.0], (0, 10)) == [4.5, 5.5, 9.0]
    crowded = spread_labels([0.0, 0.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0], (0, 4))
    assert crowded == [0.5, 1.5, 2.5, 3.5]


def test_a_figure_of_several_waves_says_which_it_shows(waves: Study) -> None:
    """The same declaration, once of each wave: other figures, and the wave in words."""
    audience = {"kind": "stacked", "analysis": "audience3", "title": {"en": "Audience"}}
    audience |= {"banners": ["rural"]}
    figures = {
        "now": audience,
        "then": audience | {"wave": "2024"},
        "slope": {"kind": "slope", "analysis": "audience3", "title": {"en": "Change"}},
    }
    draw.run(replace(waves, raw={**waves.raw, "figures": figures}), "en")
    said = {n: waves.paths.figure(n, "en").read_text(encoding="utf-8") for n in figures}
    assert "Wave: 2026." in said["now"]
    assert "Wave: Spring 2024." in said["then"]
    assert "Wave:" not in said["slope"]
    data = {
        n: pd.read_csv(waves.paths.figure(n, "en", "csv")).set_index("key") for n in ("now", "then")
    }
    path = waves.paths.released / "waves" / "audience3.csv"
    shown = store.read("waves", path).set_index("key")["estimate"]
    key = "audience3/grew@total"
    assert data["now"].loc[key, "estimate"] == shown[f"wave/2026/{key}"]
    assert data["then"].loc[key, "estimate"] == shown[f"wave/2024/{key}"]


def spoilt(study: Study, path: str, old: str, new: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Check the study with one file spoilt; returns the lines that say why it cannot run."""
    file = study.root / path
    kept = file.read_text(encoding="utf-8")
    assert old in kept
    file.write_text(kept.replace(old, new, 1), encoding="utf-8")
    try:
        assert check.run(study) == 1
    finally:
        file.write_text(kept, encoding="utf-8")
    said = capsys.readouterr().out
    assert "the study cannot run" in said
    return "\n".join(line for line in said.splitlines() if "cannot run:" in line)


def test_check_reads_every_wave(waves: Study, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run(waves) == 0
    said = capsys.readouterr().out
    for name in waves.populations:
        assert f"{name}: data/raw/responses/{name}.csv" in said
        assert f"{name}, wave 2024: data/raw/waves/2024/responses/{name}.csv" in said


def test_check_says_where_a_file_of_an_earlier_wave_is_bad_and_what_to_do(
    waves: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = "data/raw/waves/2024"
    register = (waves.root / folder / "register/ngo.csv").read_text(encoding="utf-8")
    row = register.splitlines()[2]
    said = spoilt(waves, f"{folder}/register/ngo.csv", row, f"{row}x", capsys)
    assert said.count("cannot run:") == 1
    count = f"{row.rpartition(',')[2]}x"
    for part in (f"{folder}/register/ngo.csv", "row 3", "column count", count, "whole number"):
        assert part in said


@pytest.mark.thorough
def test_check_says_which_sampled_unit_of_an_earlier_wave_stands_twice(
    waves: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "data/raw/waves/2024/sample/ngo.csv"
    units = pd.read_csv(waves.root / path, dtype=str)["organisation"]
    said = spoilt(waves, path, f",{units[1]}\n", f",{units[0]}\n", capsys)
    assert said.count("cannot run:") == 1
    for part in (path, "row 3", "column organisation", units[0], "give each its own name"):
        assert part in said
