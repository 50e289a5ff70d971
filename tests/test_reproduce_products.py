"""The lists behind the Snakefile's words name the files that a verb really reads."""

from __future__ import annotations

from types import SimpleNamespace

from ngo_survey.study import Study
from ngo_survey.workflow.products import Products


def test_cleaning_depends_on_the_files_its_own_population_names(study):
    make = Products(study)
    assert make.raw_names("clean", "government")[2:] == [
        "data/raw/aliases/central_bodies.csv",
        "data/raw/aliases/regions.csv",
        "data/raw/coding/government_proposals.csv",
    ]
    of_ngos = make.raw_names("clean", "ngo")
    assert {"data/raw/coding/growth_reasons.csv", "data/raw/coding/ngo_proposals.csv"} <= {*of_ngos}
    for population in study.populations:
        for file in make.raw_names("clean", population):
            assert study.path(file).is_file()


def test_a_raw_file_is_an_input_only_where_it_is_missing(study, tmp_path):
    wildcards = SimpleNamespace(population="government")
    assert Products(study).missing("read")(wildcards) == []
    elsewhere = Products(Study(tmp_path, tmp_path / "config.yaml", study.raw))
    assert elsewhere.missing("read")(wildcards) == [
        "data/raw/responses/government.csv",
        "data/raw/questionnaires/government.xlsx",
    ]


def test_the_report_depends_on_the_chapters_a_study_writes_itself(study, tmp_path):
    (tmp_path / "own" / "en").mkdir(parents=True)
    (tmp_path / "own" / "en" / "06_funding.md").write_text("# Ours\n", encoding="utf-8")
    raw = {**study.raw, "report": {"chapters": "own"}}
    made = Products(Study(tmp_path, tmp_path / "config.yaml", raw))
    assert "own/en/06_funding.md" in made.raw_names("report", "en")
    assert "own/en/06_funding.md" not in made.raw_names("report", "ru")
