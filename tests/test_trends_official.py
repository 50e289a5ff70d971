"""Official figures are those of the sources, and a series says no more than they do."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.errors import ConfigError, InputError
from ngo_survey.statistics.trends.official import check
from ngo_survey.statistics.trends.series import make_series
from ngo_survey.study import Study

from conftest import ROOT

FACTS = ROOT.parent / "shared" / "facts"
OFFICIAL = Study.load(ROOT / "config.yaml").section("official")
FILES = [ROOT / dataset["file"] for dataset in OFFICIAL.values()]


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str)
    return frame.set_axis(range(2, len(frame) + 2))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_official_row_has_a_source_a_year_or_none_and_a_certainty(path: Path) -> None:
    frame = check(read(path), path.name)
    assert frame["source"].str.match(r"https?://|\w").all()
    assert frame["certainty"].isin(["high", "medium", "low"]).all()
    assert frame["id"].is_unique


def numbers(frame: pd.DataFrame, columns: list[str]) -> list[float]:
    values = pd.concat([pd.to_numeric(frame[c], errors="coerce") for c in columns])
    return sorted(values.dropna())


@pytest.mark.skipif(not FACTS.is_dir(), reason="the collected facts are not beside the project")
@pytest.mark.parametrize(
    ("official", "facts", "columns"),
    [
        ("ngo_counts", "ngos_by_region", ["count"]),
        ("legal_forms", "ngos_by_legal_form", ["count", "percent"]),
        ("spheres_published", "ngos_by_sphere", ["percent"]),
        ("sso_by_body", "sso_by_body", ["amount_mln_kzt", "amount_mln_usd", "projects", "ngos"]),
        ("sso_by_region", "sso_by_region", ["amount_mln_kzt", "projects"]),
        ("published_surveys", "published_survey_results", ["percent"]),
        ("population", "population_by_region", ["population"]),
    ],
)
def test_every_number_is_one_that_was_collected(
    official: str, facts: str, columns: list[str]
) -> None:
    ours = read(ROOT / f"data/raw/official/{official}.csv")
    theirs = read(FACTS / f"{facts}.csv")
    present = [c for c in columns if c in theirs]
    assert numbers(ours, ["value"]) == numbers(theirs, present)


ROW = {
    **{"id": "a", "label": "x", "region": "KZ", "year": "2020", "measure": "m", "value": "1"},
    **{"unit": "u", "qualifier": "exact", "certainty": "high", "source": "s", "note": ""},
}


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("source", None, "no source"),
        ("region", "Almaty", "no region of the study"),
        ("certainty", "sure", "no such certainty"),
        ("value", "about ten", "not a number"),
    ],
)
def test_a_figure_that_cannot_be_trusted_is_refused(
    column: str, value: str | None, problem: str
) -> None:
    frame = pd.DataFrame([ROW, ROW | {"id": "b", column: value}], index=[2, 3], dtype=object)
    with pytest.raises(InputError, match=problem) as stop:
        check(frame, "laws.csv", ["KZ", "KZ-75"])
    assert "row 3" in str(stop.value)


def test_regions_are_those_of_the_study_and_any_where_it_has_none() -> None:
    rows = [ROW | {"region": "FR-75"}, ROW | {"id": "b", "region": "FR-75+FR-69"}]
    frame = pd.DataFrame(rows, index=[2, 3])
    assert len(check(frame, "a.csv", ["FR-75", "FR-69"])) == len(check(frame, "a.csv")) == 2
    with pytest.raises(InputError, match=r"row 3.*no region of the study"):
        check(frame, "a.csv", ["FR-75"])


def test_a_series_of_nothing_is_refused() -> None:
    rule = {"where": {"measure": ["zzz"]}, "concept": {"en": "x"}, "dataset": "a"}
    with pytest.raises(ConfigError, match="no official figure"):
        make_series(check(pd.DataFrame([ROW]), "a.csv"), rule)


def test_concepts_are_never_joined(study: Study) -> None:
    """A row belongs to one series at most."""
    taken: dict[str, list[str]] = {}
    for name, rule in study.section("trends")["series"].items():
        file = ROOT / study.section("official")[rule["dataset"]]["file"]
        rows = read(file)
        for column, wanted in rule["where"].items():
            rows = rows[rows[column].isin(wanted)]
        for identity in rows["id"]:
            taken.setdefault(f"{file.stem}/{identity}", []).append(name)
    assert taken
    assert {k: v for k, v in taken.items() if len(v) > 1} == {}, json.dumps(taken, indent=1)
