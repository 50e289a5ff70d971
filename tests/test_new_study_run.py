"""`ngo-survey new` from the command line: an export in, a study that can run out."""

from __future__ import annotations

import io
import itertools
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from ngo_survey.cli import main
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import new

from conftest import ROOT

pytestmark = pytest.mark.usefixtures("stages")

STUDIES = ROOT.parent / "shared" / "studies"
ROWS = 80


def export(folder: Path, **more: Any) -> Path:
    """Write a small export as a web form gives it."""

    def turns(*answers: str) -> list[str]:
        return list(itertools.islice(itertools.cycle(answers), ROWS))

    columns = {
        "ID": [f"A{place}" for place in range(ROWS)],
        "Region": turns("North", "North", "South"),
        "How often?": turns("Often", "Never", "Sometimes"),
        "Services [Aid]": turns("1", ""),
        "Services [Advice]": turns("", "1"),
        "Staff": turns("4", "12", "0", "33", "7"),
        "E-mail": [f"a{place}@example.org" for place in range(ROWS)],
        **more,
    }
    path = folder / "answers.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def made(folder: Path, *arguments: str) -> Study:
    """Run `new` without questions; the study that it wrote can run."""
    assert main(["new", str(folder), *arguments, "--yes"]) == 0
    return Study.load(folder / "config.yaml")


def test_an_export_alone_becomes_a_study_that_builds(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    study = made(tmp_path / "ours", "--from", str(export(tmp_path)))
    study.raw["report"]["formats"] = ["html"]
    build_plain(study)
    rows = Results.load(study.paths.released).family("estimates").set_index("key")
    assert float(rows.loc["region/south@total", "estimate"]) == pytest.approx(26 / ROWS, abs=0.05)
    page = study.paths.report("en").read_text(encoding="utf-8")
    assert "Ours" in page
    assert "a3@example.org" not in page


def test_the_page_of_key_figures_says_a_finding_once_and_no_header(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    frame = pd.DataFrame({"region": ["North"] * 150 + ["South"] * 150})
    turn = pd.Series([*range(150), *range(150)])
    # The more seldom somebody answers as the other region does, the further the two are apart.
    for header, often, rest, seldom in (
        ("q0001", "Yes", ("No", "No"), 15),
        ("q0002", "Red", ("Green", "Blue"), 8),
        ("q0003", "Bus", ("Car", "Train"), 6),
    ):
        alike = (frame["region"] == "North") == (turn % seldom > 0)
        frame[header] = turn.mod(2).map(dict(enumerate(rest))).mask(alike, often)
    frame.to_csv(tmp_path / "answers.csv", index=False)
    study = made(tmp_path / "ours", "--from", str(tmp_path / "answers.csv"), "--banners", "region")
    study.raw["report"]["formats"] = ["html"]
    build_plain(study)
    page = (study.root / "reports" / "dashboard.en.html").read_text(encoding="utf-8")
    told = [
        re.sub(r"<[^>]+>", "", said).strip()
        for said in re.findall(r"<(?:li|h2)\b[^>]*>(.*?)</(?:li|h2)>", page, re.DOTALL)
    ]
    assert len(told) == len(set(told))
    shown = re.sub(r"<[^>]+>", " ", page)
    # The first finding opens the list that goes on without it; its other answer says the same.
    assert "The largest difference: Question 1, " in shown
    assert [said[:11] for said in told if ", “" in said] == ["Question 2,", "Question 3,"]
    assert "q0001" not in shown


def test_every_guess_is_marked_and_every_header_is_placed(tmp_path: Path) -> None:
    study = made(tmp_path / "ours", "--from", str(export(tmp_path)))
    text = (study.root / "config.yaml").read_text(encoding="utf-8")
    for key in ("weighting", "banners", "disclosure", "columns"):
        assert re.search(rf"^ *{key}:.*# guessed: \w", text, re.MULTILINE)
    sources = study.population("respondents").raw["sources"]
    headers = pd.read_csv(study.population("respondents").responses, nrows=0).columns
    assert {*sources["columns"], *sources.get("ignore", ())} == set(headers)


def test_the_folder_has_what_a_study_needs(tmp_path: Path) -> None:
    study = made(tmp_path / "ours", "--from", str(export(tmp_path)))
    assert "/data/raw/responses/" in (study.root / ".gitignore").read_text(encoding="utf-8")
    assert "include: SNAKEFILE" in (study.root / "Snakefile").read_text(encoding="utf-8")
    survey = openpyxl.load_workbook(study.population("respondents").questionnaire)["survey"]
    heads = [cell.value for cell in survey[1]]
    assert {"analysis_form", "analysis_role", "analysis_disclosure", "guessed"} <= set(heads)


def test_weights_of_the_export_are_used(tmp_path: Path) -> None:
    study = made(
        tmp_path / "ours", "--from", str(export(tmp_path, weight=["0.5", "1.5"] * (ROWS // 2)))
    )
    assert study.population("respondents").raw["weighting"] == {"weights": "weight"}


def test_a_column_of_the_design_may_be_named_or_denied(tmp_path: Path) -> None:
    file = export(tmp_path, weight=["0.5", "1.5"] * (ROWS // 2), Factor=["2", "1"] * (ROWS // 2))
    named = made(tmp_path / "a", "--from", str(file), "--weights", "Factor", "--id", "none")
    assert named.population("respondents").raw["weighting"] == {"weights": "factor"}
    denied = made(tmp_path / "b", "--from", str(file), "--weights", "none")
    assert denied.population("respondents").raw["weighting"] == "none"


def test_replicate_weights_of_the_export_are_used_where_their_name_says_how_they_were_made(
    tmp_path: Path,
) -> None:
    def halves(stem: str) -> dict[str, list[str]]:
        drawn = {n: ["1", "2"] if n % 2 else ["2", "1"] for n in range(1, 9)}
        return {f"{stem}{n}": drawn[n] * (ROWS // 2) for n in drawn}

    weights = {"weight": ["1.5"] * ROWS}
    brr = export(tmp_path, **weights, **halves("BRR_"))
    used = made(tmp_path / "a", "--from", str(brr)).population("respondents").raw["weighting"]
    assert used == {"weights": "weight", "replicates": {"columns": "brr_*", "type": "BRR"}}
    unknown = made(tmp_path / "b", "--from", str(export(tmp_path, **weights, **halves("repwt"))))
    assert unknown.population("respondents").raw["weighting"] == {"weights": "weight"}
    text = (unknown.root / "config.yaml").read_text(encoding="utf-8")
    assert "not used: replicate weights repwt1 and others" in text


def test_options_answer_the_questions(tmp_path: Path) -> None:
    study = made(
        tmp_path / "ours",
        *("--from", str(export(tmp_path)), "--title", "Clubs", "--label", "Clubs"),
        *("--language", "en,ru", "--banners", "how_often", "--disclosure", "public"),
    )
    assert study.title("ru") == "Clubs"
    assert study.population("respondents").raw["banners"] == ["how_often"]
    assert study.section("disclosure")["threshold"] == 5


def test_on_a_terminal_at_most_seven_questions_have_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Clubs\n" + "\n" * 6))
    options = new.Options(export(tmp_path), None, None, None, None, {}, None, None)
    assert new.run(tmp_path / "ours", options, ask=True) == 0
    asked = re.findall(r"\[[^]]+\]: ", capsys.readouterr().err)
    assert 0 < len(asked) <= 7
    assert Study.load(tmp_path / "ours" / "config.yaml").title("en") == "Clubs"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--weights", "wieght"), "no such column.*wieght"),
        (("--banners", "regoin"), "no such question.*regoin.*region"),
        (("--disclosure", "secret"), "no such preset"),
        (("--form", "nowhere.csv"), "form is missing"),
    ],
)
def test_what_is_not_there_is_named(
    tmp_path: Path, arguments: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["new", str(tmp_path / "ours"), "--from", str(export(tmp_path)), *arguments, "--yes"]
    assert main(call) == 1
    assert re.search(said, capsys.readouterr().err)
    assert not (tmp_path / "ours").exists()


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(tmp_path)
    assert main(["new", str(tmp_path), "--from", str(file), "--yes"]) == 1
    assert "the folder is not empty" in capsys.readouterr().err


def form(folder: Path) -> Path:
    """Write a form as its two sheets in CSV, which asks for what the export lacks as well."""
    survey = [
        ("select_one region", "region", "Region"),
        ("select_multiple services", "services", "Services"),
        ("integer", "staff", "Staff"),
        ("integer", "cars", "Cars"),
    ]
    choices = [
        ("region", "North"),
        ("region", "South"),
        ("services", "Aid"),
        ("services", "Advice"),
    ]
    columns = ["type", "name", "label::English (en)"]
    pd.DataFrame(survey, columns=columns).to_csv(folder / "survey.csv", index=False)
    frame = pd.DataFrame(choices, columns=["list_name", "name"])
    frame["label::English (en)"] = frame["name"]
    frame.to_csv(folder / "choices.csv", index=False)
    return folder / "survey.csv"


def test_a_form_is_held_against_the_export(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    answers = pd.DataFrame(
        {
            "region": ["North", "South", "East", "South"] * 20,
            "services/Aid": ["1", "0"] * 40,
            "services/Advice": ["0", "1"] * 40,
            "staff": ["3", "4", "9", "2"] * 20,
            "pweight": ["1.5", "0.5"] * 40,
            "interviewer": ["me"] * 80,
        }
    )
    answers.to_csv(tmp_path / "answers.csv", index=False)
    study = made(
        tmp_path / "ours",
        *("--from", str(tmp_path / "answers.csv"), "--form", str(form(tmp_path))),
    )
    block = study.population("respondents").raw
    assert block["sources"]["not_exported"] == ["cars"]
    assert block["sources"]["ignore"] == ["interviewer"]
    assert block["weighting"] == {"weights": "pweight"}
    study.raw["report"]["formats"] = ["html"]
    build_plain(study)
    # East is no choice of the form: it is added to the list, not lost.
    rows = Results.load(study.paths.released).family("estimates").set_index("key")
    assert float(rows.loc["region/east@total", "n"]) == 20


def test_questions_of_a_form_that_nobody_answered_do_not_stop_the_study(tmp_path: Path) -> None:
    """A text and a number that nobody answered: the one has no table that could be left out."""
    survey = pd.read_csv(form(tmp_path))
    survey.loc[len(survey)] = ["text", "wishes", "Wishes"]
    survey.to_csv(tmp_path / "survey.csv", index=False)
    answers = {"region": ["North", "South"] * 40, "services/Aid": ["1", "0"] * 40}
    answers |= {"services/Advice": ["0", "1"] * 40, "staff": ["3", "4"] * 40}
    pd.DataFrame({**answers, "cars": "", "wishes": ""}).to_csv(
        tmp_path / "answers.csv", index=False
    )
    source = str(tmp_path / "answers.csv")
    study = made(tmp_path / "ours", "--from", source, "--form", str(tmp_path / "survey.csv"))
    assert study.section("tables")["omit"] == {"respondents": ["cars"]}


def test_with_a_form_that_was_given_none_is_said_to_be_drafted(tmp_path: Path) -> None:
    answers = {"region": ["North", "South"] * 40, "services/Aid": ["1", "0"] * 40}
    answers |= {"services/Advice": ["0", "1"] * 40, "staff": ["3", "4"] * 40}
    frame = pd.DataFrame({**answers, "Final weight": ["1.5", "0.5"] * 40})
    frame.to_csv(tmp_path / "answers.csv", index=False)
    source = str(tmp_path / "answers.csv")
    made(tmp_path / "ours", "--from", source, "--form", str(form(tmp_path)))
    text = (tmp_path / "ours" / "config.yaml").read_text(encoding="utf-8")
    assert "columns: # guessed: columns of the design, under the names" in text
    assert "drafted from the export" not in text


def test_labels_of_spss_become_the_form(tmp_path: Path) -> None:
    frame = pd.DataFrame({"v1": [1.0, 2.0, 3.0, 2.0] * 20, "v2": [4.0, 9.0, 1.0, 7.0] * 20})
    labels = {"v1": {1.0: "Never", 2.0: "Sometimes", 3.0: "Often"}}
    pyreadstat.write_sav(
        frame,
        tmp_path / "answers.sav",
        column_labels=["How often?", "How many?"],
        variable_value_labels=labels,
    )
    study = made(tmp_path / "ours", "--from", str(tmp_path / "answers.sav"))
    book = openpyxl.load_workbook(study.population("respondents").questionnaire)
    rows = list(book["survey"].iter_rows(values_only=True))
    assert [row[:4] for row in rows[1:]] == [
        ("select_one v1", "v1", "How often?", "scale"),
        ("integer", "v2", "How many?", "number"),
    ]


def test_the_example_runs(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "ours"), "--example"]) == 0
    study = Study.load(tmp_path / "ours" / "config.yaml")
    assert study.simulated


def real(name: str) -> Path:
    if not (STUDIES / name).is_file():
        pytest.skip(f"{STUDIES / name} is not here")
    return STUDIES / name


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    [
        "toronto_agencies/responses.csv",
        "limesurvey_rse/responses.csv",
        "surveymonkey_starwars/responses.csv",
        "weighted_masculinity/raw-responses.csv",
    ],
)
def test_a_real_export_becomes_a_study_that_can_run(tmp_path: Path, name: str) -> None:
    made(tmp_path / "ours", "--from", str(real(name)))


@pytest.mark.thorough
def test_a_real_form_is_held_against_its_export(tmp_path: Path) -> None:
    folder = real("kobo_household/survey.csv").parent
    made(
        tmp_path / "ours",
        *("--from", str(folder / "raw_data.csv"), "--form", str(folder / "survey.csv")),
    )


#: Published of the City of Toronto's survey, of those who reached its end; in percent.
TORONTO = {
    "had_to_temporarily_close_down_or": 71.6,
    "moved_program_and_service": 63.8,
    "remained_closed_and_unable_to": 14.4,
}


@pytest.mark.thorough
def test_the_tutorial_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build_plain: Callable[[Study], None]
) -> None:
    text = (
        (ROOT / "docs" / "new-study.md").read_text(encoding="utf-8").partition("## A real one")[2]
    )
    command = re.search(r"```sh\nngo-survey (.*?)\n```", text)
    put_in_force = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert command
    assert put_in_force
    (tmp_path / "responses.csv").write_bytes(real("toronto_agencies/responses.csv").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command[1])) == 0
    file = tmp_path / "toronto" / "config.yaml"
    config = file.read_text(encoding="utf-8")
    before = re.search(r"    cleaning:\n(?:      .*\n)+", config)
    assert before
    file.write_text(config.replace(before[0], put_in_force[1]), encoding="utf-8")
    study = Study.load(file)
    study.raw["report"]["formats"] = ["html"]
    study.raw["figures"] = {}
    build_plain(study)
    rows = Results.load(study.paths.results).family("estimates").set_index("key")
    found = {c: 100 * float(rows.loc[f"q_1/{c}@total", "estimate"]) for c in TORONTO}
    assert found == pytest.approx(TORONTO, abs=0.1)
    assert all(f"{share} %" in text for share in TORONTO.values())


@pytest.mark.thorough
def test_published_weighted_figures_come_out(
    tmp_path: Path, build_plain: Callable[[Study], None]
) -> None:
    study = made(tmp_path / "ours", "--from", str(real("weighted_masculinity/raw-responses.csv")))
    study.raw["report"]["formats"] = ["html"]
    study.raw["figures"] = {}
    build_plain(study)
    rows = Results.load(study.paths.results).family("estimates").set_index("key")
    share = 100 * rows["estimate"].astype(float)
    assert share["q0001/very_masculine@total"] == pytest.approx(37, abs=0.51)
    assert share["q0001_by_age3/very_masculine@18_34"] == pytest.approx(29, abs=0.51)
    assert share["q0004/pop_culture@total"] == pytest.approx(23, abs=0.51)


#: Of the survey of research software engineers: the beginning of a header, the answer, its key.
ENGINEERS = {
    "soft2can.": ("Yes", "soft2can/yes@total"),
    "edu1.": ("Doctorate", "edu1/doctorate@total"),
    "currentEmp12.": ("Full Time", "currentemp12/full_time@total"),
    "currentEmp13[SQ017].": ("Yes", "currentemp13/computer_science@total"),
    "socio2.": ("Male", "socio2/male@total"),
}


@pytest.mark.thorough
def test_shares_counted_by_hand_come_out(tmp_path: Path) -> None:
    source = real("limesurvey_rse/responses.csv")
    options = ("--banners", "socio2", "--disclosure", "internal")
    study = made(tmp_path / "ours", "--from", str(source), *options)
    for verb in ("read", "clean", "weight", "tabulate"):
        assert main([verb, "--config", str(study.file), "--population", "respondents"]) == 0
    rows = Results.load(study.paths.results).family("estimates").set_index("key")
    raw = pd.read_csv(source, dtype=str)
    for begins, (answer, key) in ENGINEERS.items():
        header = next(h for h in raw if h.startswith(begins))
        given = raw[header].dropna()
        assert float(rows.loc[key, "estimate"]) == pytest.approx((given == answer).mean(), abs=1e-9)
        assert float(rows.loc[key, "n"]) == (given == answer).sum()
    code = next(h for h in raw if h.startswith("soft2can."))
    gender = next(h for h in raw if h.startswith("socio2."))
    women = raw.loc[raw[gender] == "Female", code]
    share = float(rows.loc["soft2can_by_socio2/yes@female", "estimate"])
    assert share == pytest.approx((women == "Yes").mean(), abs=1e-9)


def test_one_row_that_keeps_a_weight_from_being_taken_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for cell, said in (("0", "holds '0'"), ("", "is empty")):
        weights = ["1.5", "0.5"] * (ROWS // 2)
        weights[3] = cell
        folder = tmp_path / f"ours{len(cell)}"
        study = made(folder, "--from", str(export(tmp_path, weight=weights)))
        assert study.population("respondents").raw["weighting"] == "none"
        why = f"weights: column weight is called so, but row 5 {said}: every row needs a number"
        assert why in (folder / "config.yaml").read_text(encoding="utf-8")
        assert why in capsys.readouterr().out


MOMENTS = [f"0{1 + n % 5}/0{1 + n % 6}/26 10:15" for n in range(ROWS)]


def test_moments_that_fit_two_formats_are_left_to_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = export(tmp_path, StartDate=MOMENTS)
    assert main(["new", str(tmp_path / "ours"), "--from", str(source), "--yes"]) == 1
    said = capsys.readouterr().out
    assert "two ways" in said
    assert "'%m/%d/%y %H:%M' or '%d/%m/%y %H:%M'" in said
    assert said.endswith("ngo-survey check\n")
    assert "snakemake" not in said
    config = tmp_path / "ours" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert "# fieldwork:" in text
    config.write_text(text.replace('# dates: "%d', 'dates: "%d'), encoding="utf-8")
    assert main(["check", "--config", str(config)]) == 0


def test_a_tool_that_writes_moments_one_way_settles_them_and_the_other_is_told(
    tmp_path: Path,
) -> None:
    moments = [moment.replace("/26", "/2026") for moment in MOMENTS]
    plain = pd.read_csv(export(tmp_path), dtype=str)
    own = {"Respondent ID": [str(n) for n in range(ROWS)], "Collector ID": ["7"] * ROWS}
    more = {name: [""] * ROWS for name in ("IP Address", "Email Address", "First Name")}
    frame = pd.DataFrame({**own, "Start Date": moments, "End Date": moments, **more, **plain})
    frame.to_csv(tmp_path / "monkey.csv", index=False)
    made(tmp_path / "ours", "--from", str(tmp_path / "monkey.csv"))
    text = (tmp_path / "ours" / "config.yaml").read_text(encoding="utf-8")
    assert "the field tool writes moments so; %d/%m/%Y %H:%M fits every row as well" in text
