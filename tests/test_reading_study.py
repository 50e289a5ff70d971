"""A study of sixty from export to tables: names of questions, empty questions, what check says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

from ngo_survey.codebook.question import FRAME
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.build_summary import flagged
from ngo_survey.workflow.verbs import check, clean, read, tabulate, weight
from suites import sample

SURVEY = [
    ["type", "name", "label::English (en)", "form", "role", "disclosure"],
    ["start", "start", "", "", "", ""],
    ["end", "end", "", "", "", ""],
    ["text", "sample_id", "Number", "none", "id", "internal"],
    ["select_one yes_no", "consent", "Consent", "none", "consent", ""],
    ["select_one regions", "region", "Region", "single", "stratum", ""],
    ["select_one sizes", "size", "Size", "single", "", ""],
    ["select_multiple services", "services", "Services", "multiple", "", ""],
    ["integer", "staff", "Staff", "number", "", ""],
]
CHOICES = [
    ["list_name", "name", "label::English (en)"],
    *[["yes_no", n, n.capitalize()] for n in ("yes", "no")],
    *[["regions", n, f"Region {n}"] for n in "abc"],
    *[["sizes", n, f"Size {n}"] for n in ("lo", "hi")],
    *[["services", n, f"Service {n}"] for n in ("legal", "train")],
]


def study(
    folder: Path,
    renamed: Mapping[str, str] | None = None,
    empty: str = "",
    register: list[list[Any]] | None = None,
) -> Study:
    """Write the study into a folder; questions may have another name, and one no answers."""
    names = renamed or {}
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "survey"
    head = SURVEY[0]
    sheet.append([*head[:3], *(f"analysis_{c}" for c in head[3:])])
    for row in SURVEY[1:]:
        sheet.append([row[0], names.get(row[1], row[1]), *row[2:]])
    choices = book.create_sheet("choices")
    for row in CHOICES:
        choices.append(row)
    book.save(folder / "q.xlsx")
    n = 60
    ids = [f"N{i:04}" for i in range(n)]
    regions = ["abc"[i % 3] for i in range(n)]
    answers = pd.DataFrame(
        {
            "start": [f"2026-03-{3 + i % 20:02}T10:00:00" for i in range(n)],
            "end": [f"2026-03-{3 + i % 20:02}T10:30:00" for i in range(n)],
            **{"sample_id": ids, "consent": "yes", "region": regions},
            "size": [("lo", "hi")[i // 7 % 2] for i in range(n)],
            "services": [("legal", "train", "legal train")[i // 5 % 3] for i in range(n)],
            "staff": [str(i * 7 % 40) for i in range(n)],
        }
    )
    if empty:
        answers[empty] = ""
    answers.rename(columns=names).to_csv(folder / "r.csv", index=False)
    frame = pd.DataFrame({"sample_id": ids, "region": regions, "disposition": "complete"})
    frame.to_csv(folder / "sample.csv", index=False)
    rows = register or [["a", 200], ["b", 200], ["c", 200]]
    pd.DataFrame(rows, columns=["region", "count"]).to_csv(folder / "register.csv", index=False)
    weighting = {"strata": ["region"], "margins": ["region"], "eligible_share": 1}
    block = {
        **{"label": {"en": "All"}, "questionnaire": "q.xlsx", "responses": "r.csv"},
        **{"sample": "sample.csv", "register": "register.csv", "weighting": weighting},
        "banners": [names.get("size", "size")],
    }
    fieldwork = {"from": "2026-03-01", "to": "2026-04-01", "year": 2026}
    rules = {"threshold": 5, "minimum_base": 10, "protection": 5, "thin_share": 1, "dominance": 0}
    config = {
        "study": {"id": "mini", "title": {"en": "Mini"}, "data": "collected", "seed": 1}
        | {"languages": ["en"], "fieldwork": fieldwork},
        "populations": {"all": block},
        "disclosure": rules,
        "indicators": [],
        "tables": {"languages": ["en"], "all_questions": {"all": "standing"}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return Study.load(folder / "config.yaml")


def tables(made: Study) -> pd.DataFrame:
    for verb in (read, clean, weight, tabulate):
        verb.run(made, "all")
    found = (made.root / "data/processed/results/estimates").glob("*.csv")
    return pd.concat([pd.read_csv(path, dtype=str) for path in sorted(found)])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The tables of the study under its own names."""
    return tables(study(tmp_path_factory.mktemp("plain")))


@pytest.mark.parametrize("name", sample(["n", "weight", "total", "base", "stratum", "deff"], 3))
@pytest.mark.parametrize("question", ["size", "staff"])
def test_a_question_may_have_the_name_of_a_column_of_ours(
    tmp_path: Path, plain: pd.DataFrame, question: str, name: str
) -> None:
    made = tables(study(tmp_path, {question: name}))
    assert sorted(made["estimate"].dropna()) == sorted(plain["estimate"].dropna())


@pytest.mark.parametrize("empty", ["services", "staff", "size"])
def test_a_question_that_nobody_answered_has_an_empty_table(
    tmp_path: Path, empty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = study(tmp_path, empty=empty)
    assert check.run(made) == 0
    assert f"nobody answered {empty}: their tables will be empty" in capsys.readouterr().out
    rows = tables(made)
    mine = rows[rows["analysis"] == empty]
    assert len(mine)
    assert (mine["status"] == "empty").all()


@pytest.mark.parametrize(
    ("register", "problem"),
    [
        ([["a", 200], ["b", 0], ["c", 200]], "the register has 0"),
        ([["a", 200], ["b", 5], ["c", 200]], "the register has 5"),
        ([["a ", 200], ["b", 200], ["c", 200]], "a blank before or behind"),
        ([["a", 200], ["a", 300], ["b", 200], ["c", 200]], "stands twice"),
    ],
)
def test_a_study_without_weights_cannot_run(
    tmp_path: Path, register: list[list[Any]], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = study(tmp_path, register=register)
    assert check.run(made) == 1
    said = capsys.readouterr().out
    assert problem in said
    assert "the study cannot run" in said


def test_check_tells_losses_loudly_past_the_declared_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study(tmp_path)
    answers = pd.read_csv(tmp_path / "r.csv", dtype=str)
    answers.loc[:1, "size"] = "zzz"
    answers.to_csv(tmp_path / "r.csv", index=False)
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    for share, loud in ((0.02, True), (0.05, False)):
        config["populations"]["all"]["cleaning"] = {"unknown_choice": "blank", "warn_share": share}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        check.run(Study.load(tmp_path / "config.yaml"))
        said = capsys.readouterr().out
        assert "2 of 60 answers to size lost to unknown-choice (3.3 %), as zzz" in said
        assert ("WARNING" in said) is loud


def test_the_hint_of_an_unknown_answer_does_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study(tmp_path)
    answers = pd.read_csv(tmp_path / "r.csv", dtype=str)
    answers.loc[0, "size"] = "loo"
    answers.to_csv(tmp_path / "r.csv", index=False)
    assert check.run(Study.load(tmp_path / "config.yaml")) == 1
    hint = re.search(
        r"did you mean lo\? Correct the export, or add the spelling to (\S+) "
        r"\(columns alias,choice\); name it in config\.yaml: cleaning\.aliases: (\{.*?\})",
        capsys.readouterr().out,
    )
    assert hint is not None
    (tmp_path / hint[1]).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / hint[1]).write_text("alias,choice\nloo,lo\n", encoding="utf-8")
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    config["populations"]["all"]["cleaning"] = {"aliases": yaml.safe_load(hint[2])}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert check.run(Study.load(tmp_path / "config.yaml")) == 0
    # A list that has its file is told of no other.
    answers.loc[0, "size"] = "looo"
    answers.to_csv(tmp_path / "r.csv", index=False)
    assert check.run(Study.load(tmp_path / "config.yaml")) == 1
    assert "name it in config.yaml" not in capsys.readouterr().out


def test_an_alias_of_nothing_says_where_a_missing_code_belongs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study(tmp_path)
    (tmp_path / "al.csv").write_text("alias,choice\nNA,\n", encoding="utf-8")
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    config["populations"]["all"]["cleaning"] = {"aliases": {"size": "al.csv"}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert check.run(Study.load(tmp_path / "config.yaml")) == 1
    assert "al.csv, row 2: a line of an alias table needs" in (said := capsys.readouterr().out)
    assert "no answer belongs under sources.missing" in said


@pytest.mark.parametrize("name", FRAME)
def test_a_question_called_as_a_column_of_a_frame_is_read_under_a_name_of_its_own(
    tmp_path: Path, name: str
) -> None:
    made = study(tmp_path, {"staff": name})
    assert len(tables(made))
    cleaned = pd.read_csv(made.paths.clean("all"), dtype=str)
    exported = pd.read_csv(tmp_path / "r.csv", dtype=str)
    assert cleaned[f"q_{name}"].tolist() == exported[name].tolist()
    assert cleaned["source_row"].tolist() == [str(row) for row in range(2, 62)]


def test_a_build_keeps_what_cleaning_cost_and_its_summary_tells(tmp_path: Path) -> None:
    study(tmp_path)
    answers = pd.read_csv(tmp_path / "r.csv", dtype=str)
    answers.loc[:1, "size"] = "zzz"
    answers.to_csv(tmp_path / "r.csv", index=False)
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    config["populations"]["all"]["cleaning"] = {"unknown_choice": "blank"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    made = Study.load(tmp_path / "config.yaml")
    read.run(made, "all")
    clean.run(made, "all")
    (lost,) = pd.read_csv(made.paths.losses("all")).to_dict("records")
    assert (lost["variable"], lost["rule"], lost["lost"], lost["answered"]) == (
        *("size", "unknown-choice", 2, 60),
    )
    lines = list(flagged(made, Results.load(made.paths.results)))
    said = "all: answers lost in cleaning: size to unknown-choice (3.3%); all in "
    assert said + "data/processed/all/losses.csv" in lines
    # Counts of a few respondents stay out of the results, of which the released ones are made.
    assert not list(made.paths.results.rglob("*losses*"))
