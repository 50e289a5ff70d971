"""A build tells people what it does: a line a stage, what is wrong and where the log is."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from builds import Snakemake, user_environment
from ngo_survey.cli import main
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.build_summary import flagged, summary
from ngo_survey.workflow.verbs import read
from small_study import small_study

from conftest import ROOT, run

#: What is asked for: the answers of both groups as they came.
READ = [f"data/processed/{group}/responses.csv" for group in ("ngo", "government")]
NUMBER = re.compile(r"\d[\d,.]*")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study, nothing of it built."""
    return small_study(tmp_path_factory.mktemp("talk") / "study")


@pytest.fixture(scope="module")
def said(folder: Path, snakemake: Snakemake) -> str:
    """What reading both groups prints."""
    done = snakemake(folder, "--cores", "2", *READ)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(scope="module")
def broken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with an export whose columns are gone."""
    copied = tmp_path_factory.mktemp("broken") / "study"
    ignored = shutil.ignore_patterns("processed", ".snakemake", "logs")
    shutil.copytree(folder, copied, ignore=ignored)
    (copied / "data" / "raw" / "responses" / "ngo.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return copied


@pytest.fixture(scope="module")
def failed(broken: Path, snakemake: Snakemake) -> tuple[int, str]:
    """The status of a build that fails, and what it prints on a terminal that is left plain."""
    return _on_a_terminal(broken, *READ, NO_COLOR="1")


def test_a_stage_has_a_line_when_it_starts_and_one_when_it_ends(said: str) -> None:
    lines = said.splitlines()
    assert lines[0] == "2 stages to run"
    for group in ("ngo", "government"):
        (start,) = [
            i for i, line in enumerate(lines) if line.endswith(f"start  Read the export of {group}")
        ]
        (end,) = [
            i for i, line in enumerate(lines) if f"done   Read the export of {group}: " in line
        ]
        assert start < end
        assert re.search(
            r": \d+ responses, \d+ questions, \d+ other columns \([\d.]+ s\)$", lines[end]
        )
    counts = [line[:5] for line in lines if " done " in line]
    assert counts == ["[1/2]", "[2/2]"]
    assert re.fullmatch(r"Done: 2 stages in \d+(\.\d)? s\.", lines[-1])
    assert len(lines) == 7


def test_files_are_not_listed_on_the_terminal_but_in_the_log(said: str, folder: Path) -> None:
    assert "responses.csv" not in said
    for group in ("ngo", "government"):
        log = (folder / "logs" / f"read_{group}.log").read_text(encoding="utf-8")
        assert f"{group}/responses.csv" in log
        assert log.splitlines()[-1].endswith("other columns")


def test_a_build_with_nothing_to_do_says_so(said: str, folder: Path, snakemake: Snakemake) -> None:
    done = snakemake(folder, "--cores", "2", *READ)
    assert done.stderr.startswith("Nothing to do: everything is up to date.\n")
    assert done.stderr.count("\n") == 2


def test_a_plan_names_every_stage_and_why_in_short_lines(
    folder: Path, snakemake: Snakemake
) -> None:
    done = snakemake(folder, "--cores", "1", "--dry-run", "--forceall")
    lines = done.stdout.splitlines()
    count = int(lines[0].removesuffix(" stages would run"))
    assert len(lines) == count + 1
    assert "  Clean the responses of ngo: forced execution" in lines
    done = snakemake(folder, "--cores", "1", "--dry-run", "data/processed/ngo/clean.csv")
    assert "missing output files (data/processed/ngo/" in done.stdout
    assert max(map(len, lines + done.stdout.splitlines())) < 140


def test_a_failed_stage_shows_its_error_and_its_log(failed: tuple[int, str], broken: Path) -> None:
    status, said = failed
    assert status == 1
    (error,) = [line for line in said.splitlines() if line.startswith("ngo-survey read: ")]
    assert "data/raw/responses/ngo.csv" in error
    assert "FAILED Read the export of ngo\n" in said
    assert "log: logs/read_ngo.log\n" in said
    assert "`ngo-survey read --population ngo --log logs/read_ngo.log` returned" in said
    assert "[1/2] done   Read the export of government" in said
    assert "Done" not in said
    log = (broken / "logs" / "read_ngo.log").read_text(encoding="utf-8")
    assert error.removeprefix("ngo-survey read: ") in log


@pytest.mark.usefixtures("snakemake")
def test_a_terminal_is_coloured_unless_nobody_wants_it(
    broken: Path, failed: tuple[int, str]
) -> None:
    assert "\033[" in _on_a_terminal(broken, READ[0])[1]
    assert "\033[" not in failed[1]


def test_a_verb_called_by_hand_says_what_it_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["read", "--population", "government", "--config", str(folder / "config.yaml")]
    assert main(call) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"read government: \d+ responses, .* columns \([\d.]+ s\)\n", printed.err)


def test_a_verb_with_a_log_leaves_the_terminal_to_the_build(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "new" / "read.log"
    call = ["read", "--population", "government", "--config", str(folder / "config.yaml")]
    assert main([*call, "--log", str(log)]) == 0
    assert capsys.readouterr().err == ""
    assert "made: " in log.read_text(encoding="utf-8").splitlines()[-1]


def test_a_defect_of_the_program_stands_in_the_log_too(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "run", lambda study, population: 1 / 0)
    log = tmp_path / "read.log"
    call = ["read", "--population", "ngo", "--config", str(folder / "config.yaml")]
    with pytest.raises(ZeroDivisionError):
        main([*call, "--log", str(log)])
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_the_summary_leads_to_what_stands_and_tells_what_is_hidden(small_built: Study) -> None:
    printed = summary(small_built)
    first = re.search(r"report +(\S+), \.pdf, \.docx +<- open this first", printed)
    assert first and (small_built.root / first[1]).is_file()
    for kind, place in re.findall(r"^  (tables|data|figures|results|logs) +(\S+)$", printed, re.M):
        assert (small_built.root / place).exists(), kind
    results = Results.load(small_built.paths.released)
    for group in small_built.populations:
        share = results.value(f"rates/{group}/suppressed_share")
        assert f"{group}: disclosure control hides {share:.1%}" in printed
    logs = list(small_built.paths.logs.iterdir())
    assert logs and all(log.stat().st_size for log in logs)


def test_a_model_that_is_refused_is_flagged(study: Study, tmp_path: Path) -> None:
    model = next(iter(study.section("models")["declared"]))
    row = {"key": "k", "model": model, "name": "failed", "note": "it does not converge"}
    store.write(pd.DataFrame([row]), "diagnostics", tmp_path / "diagnostics" / f"{model}.csv")
    lines = list(flagged(study, Results.load(tmp_path)))
    assert f"model {model} is not fitted: it does not converge" in lines


def test_the_readme_shows_what_a_build_prints(said: str, small_built: Study) -> None:
    """Numbers differ from study to study, the words do not."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    shown = [_words(line) for line in block.splitlines() if line.strip(" .")]
    printed = {_words(line) for line in (said + summary(small_built)).splitlines()}
    assert len(shown) > 8
    assert set(shown) <= printed


def test_make_help_lists_every_target() -> None:
    done = run(["make", "help"], ROOT)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - {"all"}
    assert targets == set(re.findall(r"^  make ([\w-]+): ", done.stdout, re.MULTILINE))


def _words(line: str) -> str:
    return " ".join(NUMBER.sub("#", line).replace("[#/", "[ #/").split())


def _on_a_terminal(folder: Path, *targets: str, **environment: str) -> tuple[int, str]:
    """The status of a build and what it prints where stdout and stderr are a terminal."""
    ours, theirs = pty.openpty()
    command = ["snakemake", "--cores", "2", *targets]
    whole = user_environment()
    whole.pop("NO_COLOR", None)
    whole |= {"TERM": "xterm", **environment}
    with open(ours, "rb", buffering=0) as screen:  # noqa: PTH123
        process = subprocess.Popen(command, cwd=folder, env=whole, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while part := screen.read(4096):
                shown += part
        except OSError:  # how Linux tells that the other end of a terminal is closed
            pass
        status = process.wait()
    return status, shown.decode().replace("\r\n", "\n")
