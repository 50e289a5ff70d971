"""A study of two waves from the files of both to the change between them, and its figure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from ngo_survey import store
from ngo_survey.errors import InputError
from ngo_survey.figures.kinds.beside import spread
from ngo_survey.stages import change, clean, draw, read, tabulate, wave, weight
from ngo_survey.store import Results
from ngo_survey.study import Study
from waves_study import two_waves


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Both waves taken to their tables, and compared."""
    study = two_waves(tmp_path_factory.mktemp("waves"))
    for population in study.populations:
        for verb in (read, clean, weight, tabulate):
            verb.run(study, population)
    wave.run(study, "2024")
    change.run(study)
    return study


def rows(study: Study, family: str, name: str) -> pd.DataFrame:
    return store.read(family, study.paths.result(family, name)).set_index("key")


def test_each_wave_tells_what_its_own_tables_tell(waves: Study) -> None:
    told = rows(waves, "waves", "audience3")
    assert set(told["wave"]) == {"2024", "2026"}
    for name, then in (("2024", waves.wave("2024")), ("2026", waves)):
        released = rows(then, "estimates", "audience3")
        own = told[told["wave"] == name]
        assert len(own) == 9  # three answers in total and in two levels of a banner
        for key, row in own.iterrows():
            source = released.loc[str(key).removeprefix(f"wave/{name}/")]
            assert row[["estimate", "se", "ci_low"]].equals(source[["estimate", "se", "ci_low"]])


def test_change_is_the_difference_of_what_is_told(waves: Study) -> None:
    made = rows(waves, "change", "audience3")
    told = rows(waves, "waves", "audience3")["estimate"]
    for key, row in made.iterrows():
        stem = str(key).removeprefix("change/2024/")
        assert row["after"] == pytest.approx(told[f"wave/2026/{stem}"], rel=1e-9)
        assert row["before"] == pytest.approx(told[f"wave/2024/{stem}"], rel=1e-9)
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
    told = rows(waves, "waves", "gov_barriers")["se"]
    shown = bodies[bodies["status"] == "shown"]
    for key, row in shown.iterrows():
        stem = str(key).removeprefix("change/2024/")
        both = np.hypot(told[f"wave/2026/{stem}"], told[f"wave/2024/{stem}"])
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
    told = ["before", "after", "difference", "se", "ci_low", "ci_high", "p", "p_adjusted"]
    assert made[told].isna().all()


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


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_a_slope_is_drawn_from_the_store_alone(waves: Study, language: str) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    from ngo_survey.figures.kinds import KINDS
    from ngo_survey.figures.picture import Picture
    from ngo_survey.questionnaire.codebook import codebook

    books = {name: codebook(waves, name) for name in waves.populations}
    spec = {"kind": "slope", "analysis": "barriers", "title": {"en": "Barriers"}}
    results = Results.load(waves.paths.results)
    picture = Picture("barriers", spec, waves, results, books, language)
    figure, data, note, *_ = KINDS["slope"](picture)
    figure.canvas.draw()
    axis = figure.axes[0]
    ends = [t for t in axis.texts if t.get_ha() == "left"]
    assert len(ends) == (data["wave"] == "2026").sum() // 2
    boxes = sorted((t.get_window_extent() for t in ends), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))
    ticks = [t.get_text() for t in axis.get_xticklabels()]
    assert ticks == ["Spring 2024", "2026"]
    assert note
    pyplot.close(figure)


def test_labels_stand_where_they_name_unless_others_are_there() -> None:
    assert spread([5.0, 1.0], [1.0, 1.0], (0, 10)) == [5.0, 1.0]
    assert spread([5.0, 5.0, 9.0], [1.0, 1.0, 1.0], (0, 10)) == [4.5, 5.5, 9.0]
    crowded = spread([0.0, 0.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0], (0, 4))
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
    told = rows(waves, "waves", "audience3")["estimate"]
    key = "audience3/grew@total"
    assert data["now"].loc[key, "estimate"] == pytest.approx(told[f"wave/2026/{key}"])
    assert data["then"].loc[key, "estimate"] == pytest.approx(told[f"wave/2024/{key}"])
