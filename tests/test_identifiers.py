"""What says who somebody is stays in the export: planted in every kind of column, found nowhere."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import plain_study
import yaml_text
from ngo_survey.cli import main
from ngo_survey.study import Study
from ngo_survey.study.kept_answers import kept_answers

GROUP = "visitors"
NAME, MAIL, PHONE, PLACE = (
    "Plantedname Aigerim",
    "planted@example.org",
    "+7 701 555 12 34",
    "51.1694",
)
MARKS = ("Plantedname", MAIL, "555 12 34", PLACE)
#: Rows of the form: type, name, disclosure, calculation.
ASKED = [
    ("text", "mail", "identifier", ""),
    ("text", "remarks", "", ""),
    ("text", "wishes_other", "free_text", ""),
    ("text", "idea", "", ""),
    ("phonenumber", "phone", "", ""),
    ("geopoint", "spot", "", ""),
    ("email", "address", "", ""),
    ("deviceid", "device", "", ""),
    ("image", "photo", "", ""),
    ("calculate", "signed", "", "concat(${mail}, ${remarks})"),
    ("calculate", "longer", "", "concat(${signed}, 'x')"),
    ("calculate", "called", "", "concat(${phone}, '')"),
]
#: What the export holds: of those, what the tool writes beside them, what the form does not know.
PLANTED = {
    "mail": MAIL,
    "remarks": f"Call {NAME}",
    "wishes_other": f"Ask {NAME}",
    "idea": f"By {NAME}",
    "phone": PHONE,
    "spot": f"{PLACE} 71.4491 0 0",
    "_spot_latitude": PLACE,
    "address": MAIL,
    "device": f"imei {PHONE}",
    "photo": f"{NAME}.jpg",
    "photo_URL": f"https://example.org/{MAIL}",
    "signed": f"{MAIL}{NAME}",
    "longer": f"{MAIL}{NAME}x",
    "called": PHONE,
    "_submitted_by": NAME,
    "_geolocation": f"{PLACE}, 71.4491",
    "internal_note": f"{NAME} {PHONE}",
}
CODES = "data/raw/coding/ideas.csv"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, stages: None) -> Study:
    folder = tmp_path_factory.mktemp("planted")
    study = plain_study.plain_study(folder, [GROUP])
    form = folder / "data" / "raw" / "questionnaires" / f"{GROUP}.xlsx"
    book = openpyxl.load_workbook(form)
    survey = book["survey"]
    survey.cell(1, survey.max_column + 1, "calculation")
    for kind, name, disclosure, made in ASKED:
        survey.append([kind, name, name.title(), "", "", "", disclosure, name.title(), made])
    book.save(form)
    file = study.population(GROUP).responses
    answers = pd.read_csv(file, dtype=str, keep_default_na=False).assign(**PLANTED)
    answers.loc[0, "consent"] = ""
    answers.loc[1:2, "sample_id"] = ["", "TEST1"]
    answers.loc[3] = answers.loc[4]  # sent twice
    answers.loc[5, "remarks"] = f"  Call\u00a0 {NAME}  "
    answers.to_csv(file, index=False)
    config = yaml_text.load(study.file.read_text(encoding="utf-8"))
    config["populations"][GROUP] |= {
        "sources": {"tool": "kobo", "ignore": ["internal_note"]},
        "cleaning": {"test_prefixes": ["TEST"]},
        "derive": {
            "ideas": {
                **{"op": "coded", "of": "idea", "codes": CODES, "labels": {"de": "Ideen"}},
                "levels": {"good": {"labels": {"de": "Gut"}}},
            }
        },
    }
    study.file.write_text(yaml_text.dump(config), encoding="utf-8")
    (folder / CODES).parent.mkdir()
    (folder / CODES).write_text(f"text,coder_1,choice\n{PLANTED['idea']},good,good\n", "utf-8")
    study = Study.load(study.file)
    for verb in ("read", "clean", "weight", "estimate", "tabulate", "precision"):
        log = folder / "logs" / f"{verb}.log"
        call = [verb, "--population", GROUP, "--config", str(study.file), "--log", str(log)]
        assert main(call) == 0
    return study


def marked(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8").casefold()
    return {mark for mark in MARKS if mark.casefold() in text}


def test_nothing_that_says_who_somebody_is_is_written(planted: Study) -> None:
    root = planted.root
    files = [p for top in ("data/processed", "logs") for p in (root / top).rglob("*.*")]
    found = {p.relative_to(root).as_posix(): marked(p) for p in files if p.is_file()}
    assert len(found) > 20
    # Words that are coded stand where coding needs them, and there alone.
    coded = {"responses", "clean", "changes", "review"}
    allowed = {f"data/processed/{GROUP}/{name}.csv" for name in coded}
    assert {name: marks for name, marks in found.items() if marks and name not in allowed} == {}
    assert all(marks <= {"Plantedname"} for marks in found.values())


def test_of_all_words_only_those_that_are_coded_are_read(planted: Study) -> None:
    responses = pd.read_csv(planted.paths.responses(GROUP), dtype=str)
    filled = {name for name in PLANTED if name in responses and responses[name].notna().any()}
    assert filled == {"idea"}
    columns = pd.read_csv(planted.paths.columns(GROUP), dtype=str, keep_default_na=False)
    dropped = columns.loc[columns["matched"] == "not kept", "header"].tolist()
    assert set(dropped) == {"mail", "remarks", "wishes_other", "signed", "longer", "called"}


def test_rows_set_aside_say_that_there_were_words_and_not_which(planted: Study) -> None:
    aside = pd.read_csv(planted.paths.quarantine(GROUP), dtype=str)
    assert len(aside) >= 3
    assert set(aside["idea"]) == {"(not shown)"}
    assert "mail" not in aside


def test_check_says_what_is_not_kept_and_repeats_none_of_it(
    planted: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(planted.file)]) == 0
    said = capsys.readouterr()
    assert "not kept: mail, remarks, wishes_other" in said.out
    assert [mark for mark in MARKS if mark in said.out + said.err] == []


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("remarks", f"{NAME[:7]}а?б {MAIL}", "letters were lost"),
        ("mail", f'=HYPERLINK("mailto:{MAIL}")', "a formula stands"),
    ],
)
def test_an_error_shows_what_is_wrong_and_not_who(
    column: str,
    value: str,
    problem: str,
    planted: Study,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import shutil

    shutil.copytree(planted.root, tmp_path / "study")
    study = Study.load(tmp_path / "study" / "config.yaml")
    file = study.population(GROUP).responses
    answers = pd.read_csv(file, dtype=str, keep_default_na=False)
    answers.loc[7, column] = value
    answers.to_csv(file, index=False)
    assert main(["read", "--population", GROUP, "--config", str(study.file)]) == 1
    said = capsys.readouterr().err
    assert problem in said
    assert f"row 9, column {column}" in said
    assert MAIL not in said


def test_what_is_kept_is_what_the_configuration_needs() -> None:
    block = {
        "sources": {"keep": ["mail"]},
        "cleaning": {"coding": {"wishes": "a.csv"}, "key_questions": ["place", ["idea", "care"]]},
        "derive": {"ideas": {"op": "coded", "of": "proposal"}, "age": {"op": "cut", "of": "years"}},
    }
    assert kept_answers(block) == ["care", "idea", "mail", "place", "proposal", "wishes_other"]
    assert kept_answers({}) == []
