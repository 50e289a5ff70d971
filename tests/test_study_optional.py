"""Optional is optional: a study of a form and an export alone, and of one that brings weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import yaml_text
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.verbs.check import run as check
from plain_study import plain_study

RURAL = {"yes": "village", "no": "town"}


def bare_study(folder: Path, weighting: Any = "none") -> Study:
    """A study without sample, register, fieldwork, numbers of respondents and consent."""
    plain_study(folder, ["visitors"], language="en", report={"formats": ["html"]})
    (folder / "words" / "en.yaml").unlink()
    for kind in ("sample", "register"):
        (folder / "data" / "raw" / kind / "visitors.csv").unlink()
    form = folder / "data" / "raw" / "questionnaires" / "visitors.xlsx"
    book = openpyxl.load_workbook(form)
    sheet = book["survey"]
    for row in range(sheet.max_row, 1, -1):
        if sheet.cell(row, 2).value in ("sample_id", "consent"):
            sheet.delete_rows(row)
    sheet.append(["decimal", "factor", "Weight", "none", "", "", "internal", "Weight"])
    book.save(form)
    export = folder / "data" / "raw" / "responses" / "visitors.csv"
    frame = pd.read_csv(export, dtype=str).drop(columns=["sample_id", "consent"])
    frame["factor"] = ["1.5" if place == "town" else "0.5" for place in frame["place"]]
    frame.to_csv(export, index=False)
    config = yaml_text.load((folder / "config.yaml").read_text(encoding="utf-8"))
    del config["study"]["fieldwork"]
    config["populations"]["visitors"]["weighting"] = weighting
    (folder / "config.yaml").write_text(yaml_text.dump(config), encoding="utf-8")
    return Study.load(folder / "config.yaml")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, build_plain: Callable[[Study], None]) -> Study:
    study = bare_study(tmp_path_factory.mktemp("bare"))
    build_plain(study)
    return study


def shares(study: Study) -> pd.Series:
    rows = Results.load(study.paths.released).family("estimates")
    return rows.set_index("key")["estimate"].astype(float)


def test_a_study_needs_a_form_and_an_export_alone(bare: Study) -> None:
    assert Products(bare).raw_names("weight", "visitors") == [
        "data/raw/questionnaires/visitors.xlsx"
    ]
    assert shares(bare)["place/town@total"] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "words",
    ["Who was invited is not recorded", "not weighted", "made is not recorded", "of the survey<"],
)
def test_the_report_says_what_is_not_known(bare: Study, words: str) -> None:
    assert words in bare.paths.report("en").read_text(encoding="utf-8")


def test_the_report_gives_no_response_rate_that_nobody_knows(bare: Study) -> None:
    assert "Response rate 1" not in bare.paths.report("en").read_text(encoding="utf-8")


def test_headings_over_labels_are_words(bare: Study) -> None:
    page = bare.paths.report("en").read_text(encoding="utf-8")
    assert re.search(r"<th[^>]*>\s*Stage\s*</th>", page)
    assert not re.search("[\ue000-\uf8ff]", page)


def test_margins_may_be_of_a_derived_variable(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    study = bare_study(tmp_path, {"margins": {"rural": {"yes": 0.2, "no": 0.8}}})
    levels = {name: {"labels": {"en": name}, "from": [of]} for name, of in RURAL.items()}
    rural = {"op": "recode", "of": "place", "labels": {"en": "Rural"}, "levels": levels}
    study.raw["populations"]["visitors"]["derive"] = {"rural": rural}
    build_plain(Study(study.root, study.file, study.raw))
    assert shares(study)["place/village@total"] == pytest.approx(0.2, abs=0.005)


def test_check_says_that_nobody_is_numbered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(bare_study(tmp_path)) == 0
    assert "each row of the export is an interview" in capsys.readouterr().out


def test_given_weights_move_the_figures(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    study = bare_study(tmp_path, {"weights": "factor"})
    build_plain(study)
    assert shares(study)["place/town@total"] == pytest.approx(0.75, abs=0.08)


def test_shares_of_the_population_are_met(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    study = bare_study(tmp_path, {"margins": {"place": {"town": 0.9, "village": 0.1}}})
    build_plain(study)
    assert shares(study)["place/town@total"] == pytest.approx(0.9, abs=0.005)
    assert "declared shares" in study.paths.report("en").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("weighting", "said"),
    [
        ({"weights": "facter"}, r"weighting\.weights.*facter.*factor"),
        ({"margins": {"place": {"twn": 1}}}, r"weighting\.margins\.place.*twn.*town"),
        ({"margins": {"plce": {"town": 1}}}, r"weighting\.margins.*plce.*place"),
    ],
)
def test_names_in_the_weighting_are_checked(tmp_path: Path, weighting: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check_names(bare_study(tmp_path, weighting))


def test_a_weight_that_is_none_is_named_by_its_row(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    study = bare_study(tmp_path, {"weights": "factor"})
    export = study.population("visitors").responses
    frame = pd.read_csv(export, dtype=str)
    frame.loc[4, "factor"] = "0"
    frame.to_csv(export, index=False)
    with pytest.raises(InputError, match=r"visitors\.csv, row 6, column factor.*eligible"):
        build_plain(study)
