"""Bad input stops the run with one line: file, row, column, value, and how to correct it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from builds import Snakemake, copied
from ngo_survey.cli import main
from small_study import headings
from suites import sample

from conftest import copy_study, run

pytestmark = pytest.mark.usefixtures("stages")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study as it ships, with few answers and with chapters of headings alone.

    What is bad is found beside few answers as well as beside all.
    """
    folder = copy_study(tmp_path_factory.mktemp("sound"))
    for group in ("ngo", "government"):
        responses = folder / f"data/raw/responses/{group}.csv"
        header, *rows = responses.read_text(encoding="utf-8").splitlines()
        kept = [row for place, row in enumerate(rows) if place < FEW or SPOILT.search(row)]
        responses.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    for chapter in folder.glob("chapters/**/*.md"):
        chapter.write_text(headings(chapter.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A study of one's own to break."""
    return copied(sound, tmp_path / "study")


def replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    """Return what puts ``new`` for the last ``old`` in a file (the first rows may be a pilot's)."""

    def break_it(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        assert old in text
        start, _, end = text.rpartition(old)
        (folder / path).write_text(start + new + end, encoding="utf-8")

    return break_it


RESPONSES = "data/raw/responses/ngo.csv"
#: Answers of a group that are kept, beside those that a case spoils.
FEW = 80
SPOILT = re.compile(",regional_centre,2020,2,|Волонтерлер көбейді")
CASES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "the export is missing": (
        lambda folder: (folder / RESPONSES).unlink(),
        (RESPONSES, "missing", "put the export there"),
    ),
    "the questionnaire is missing": (
        lambda folder: (folder / "data/raw/questionnaires/ngo.xlsx").unlink(),
        ("data/raw/questionnaires/ngo.xlsx", "name it in config.yaml"),
    ),
    "an unknown column": (
        replace(RESPONSES, "profile/year_registered", "profile/year_registred"),
        (RESPONSES, "row 1", "profile/year_registred", "year_registered", "sources.columns"),
    ),
    "an unknown choice": (
        replace(RESPONSES, ",public_association,", ",public_asociation,"),
        (RESPONSES, "row ", "column legal_form", "public_asociation", "public_association"),
    ),
    "a word where a number belongs": (
        replace(RESPONSES, ",regional_centre,2020,2,", ",regional_centre,2020,some,"),
        (RESPONSES, "row ", "column staff_paid", "some", "digits"),
    ),
    "a wrong key of the configuration": (
        replace("config.yaml", "minimum_minutes", "minimum_minute"),
        ("config.yaml", "cleaning", "minimum_minute", "minimum_minutes"),
    ),
    "a banner that is no question": (
        replace("config.yaml", "banners: [legal_form,", "banners: [legal_from,"),
        ("legal_from", "legal_form"),
    ),
    "a variable of a model that nobody asked": (
        replace("config.yaml", "        - n_cooperation\n", "        - n_coperation\n"),
        ("config.yaml", "models.declared.audience_mix.terms", "n_coperation", "n_cooperation"),
    ),
    "a figure of a table that is not made": (
        replace("config.yaml", "analysis: growth_reasons}", "analysis: grow_reasons}"),
        ("config.yaml", "figures.growth_reasons", "grow_reasons", "growth_reasons"),
    ),
    "a recoding of a choice that does not exist": (
        replace("config.yaml", "from: [never]", "from: [nevr]"),
        ("config.yaml", "populations.ngo.derive.sso_any", "nevr", "never"),
    ),
    "an alias table with another header": (
        replace("data/raw/aliases/legal_forms.csv", "alias,choice", "spelling,choice"),
        ("data/raw/aliases/legal_forms.csv", "a column is missing", "alias"),
    ),
    "a coders' file with another header": (
        replace("data/raw/coding/ngo_proposals.csv", "text,coder_1", "texts,coder_1"),
        ("data/raw/coding/ngo_proposals.csv", "a column is missing", "text", "did you mean texts"),
    ),
    "a coders' file whose second coder has another header": (
        replace("data/raw/coding/growth_reasons.csv", "coder_1,coder_2", "coder_1,coder2"),
        ("data/raw/coding/growth_reasons.csv", "row 1", "'coder2'", "did you mean coder_2"),
    ),
    "an official table with another header": (
        replace("data/raw/official/laws.csv", "certainty,source", "certainty,sorce"),
        ("data/raw/official/laws.csv", "a column is missing", "source", "did you mean sorce"),
    ),
    "an official figure that is no number": (
        replace("data/raw/official/ngo_counts.csv", ",CSOs,1600,", ",CSOs,many,"),
        ("data/raw/official/ngo_counts.csv", "row 2", "value", "many"),
    ),
    "words of official data in another language": (
        replace("data/raw/official/words.csv", "en,ru,kk", "en,ru,kz"),
        ("data/raw/official/words.csv", "no column for a language", "'kk'", "did you mean kz"),
    ),
    "a mistyped key of words": (
        replace("words/en.yaml", "  banner_long:", "  baner_long:"),
        ("words/en.yaml", "report.baner_long", "did you mean banner_long"),
    ),
    "a mistyped key within words": (
        replace(
            "words/en.yaml", '  statistic: {mean_share: "mean', '  statistic: {mean_shar: "mean'
        ),
        ("words/en.yaml", "report.statistic.mean_shar", "did you mean mean_share"),
    ),
    "a file without delimiters": (
        lambda folder: (folder / RESPONSES).write_text("one\ntwo\n", encoding="utf-8"),
        (RESPONSES, "row 1", "delimiter"),
    ),
    "Kazakh letters lost to question marks": (
        replace(RESPONSES, "Волонтерлер көбейді", "Волонтерлер к?бейд?"),
        (RESPONSES, "question marks", "UTF-8"),
    ),
}


#: Cases whose like `test_check_faults.py` plants in the quick suite too, in a smaller study.
PLANTED_TOO = (
    *("an unknown column", "an unknown choice", "a wrong key of the configuration"),
    *("a banner that is no question", "a variable of a model that nobody asked"),
    *("a figure of a table that is not made", "a recoding of a choice that does not exist"),
    *("an official figure that is no number", "a mistyped key of words"),
    *("a mistyped key within words", "an official table with another header"),
    "a coders' file with another header",
)
OWN = [case for case in CASES if case not in PLANTED_TOO]


@pytest.mark.parametrize("case", sample([*OWN, *PLANTED_TOO], quick=len(OWN)))
def test_bad_input_stops_with_one_line_that_says_where_and_how(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_it, expected = CASES[case]
    break_it(folder)
    assert main(["check", "--config", str(folder / "config.yaml")]) == 1
    printed = capsys.readouterr()
    said = (printed.err + printed.out).strip()
    assert "Traceback" not in said
    assert any(all(part in line for part in expected) for line in said.splitlines()), said


def test_the_command_ends_with_one_and_the_line(folder: Path) -> None:
    replace("config.yaml", "minimum_minutes", "minimum_minute")(folder)
    done = run(["ngo-survey", "check"], folder)
    assert done.returncode == 1
    assert "minimum_minute" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_snakemake_shows_the_same_line(folder: Path, snakemake: Snakemake) -> None:
    replace(RESPONSES, ",public_association,", ",public_asociation,")(folder)
    made = "data/processed/ngo/clean.csv"
    done = snakemake(folder, "--cores", "1", "--quiet", "rules", "--", made)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "public_asociation" in said
    assert "Traceback" not in said
