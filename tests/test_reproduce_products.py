"""The lists behind the Snakefile's words name the files that a verb really reads."""

from __future__ import annotations

from types import SimpleNamespace

from ngo_survey.study import Study
from ngo_survey.workflow.products import Products


def test_cleaning_depends_on_the_files_its_own_population_names(study):
    read = Products(study).aids()
    assert read(SimpleNamespace(population="government")) == [
        "data/raw/aliases/central_bodies.csv",
        "data/raw/aliases/regions.csv",
        "data/raw/coding/government_proposals.csv",
    ]
    of_ngos = read(SimpleNamespace(population="ngo"))
    assert {"data/raw/coding/growth_reasons.csv", "data/raw/coding/ngo_proposals.csv"} <= {*of_ngos}
    for population in study.populations:
        for file in read(SimpleNamespace(population=population)):
            assert study.path(file).is_file()


def test_the_report_depends_on_the_chapters_a_study_writes_itself(study, tmp_path):
    (tmp_path / "own" / "en").mkdir(parents=True)
    (tmp_path / "own" / "en" / "06_funding.md").write_text("# Ours\n", encoding="utf-8")
    raw = {**study.raw, "report": {"chapters": "own"}}
    made = Products(Study(tmp_path, tmp_path / "config.yaml", raw))
    assert [path.as_posix() for path in made.chapters] == ["own/en/06_funding.md"]
    assert Products(study).chapters == []
