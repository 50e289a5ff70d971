"""The lock says identical, equal within tolerance or changed, and means it."""

from __future__ import annotations

import math
import shutil

import pandas as pd
import pytest

from ngo_survey.errors import ResultError
from ngo_survey.results import store
from ngo_survey.results.files import write_text
from ngo_survey.results.fingerprint import fingerprint
from ngo_survey.study import Study
from ngo_survey.workflow import lock as locks
from ngo_survey.workflow import lock_text
from ngo_survey.workflow.compare import compare, table
from ngo_survey.workflow.lock import Value
from ngo_survey.workflow.verbs import diff
from ngo_survey.workflow.verbs import verify as stage
from ngo_survey.workflow.verify import verify
from small_store import estimate, small_store
from small_study import declared, write_config


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, stages: None) -> Study:
    """The small study, its configuration alone."""
    folder = tmp_path_factory.mktemp("small")
    write_config(folder, declared())
    return Study.load(folder / "config.yaml")


@pytest.fixture
def made(study, small, tmp_path) -> Study:
    """A small study with results, a figure and a report, in a folder of its own."""
    small_store(tmp_path / "data" / "processed" / "released")
    write_text("<svg/>", tmp_path / "figures" / "en" / "mix.svg")
    write_text("<html>", tmp_path / "reports" / "report.en.html")
    books = "data/raw/questionnaires"
    shutil.copytree(study.path(books), tmp_path / books)
    return Study(tmp_path, tmp_path / "config.yaml", small.raw)


def nudge(made: Study, by: float) -> None:
    """Move one figure of the store by a share of itself."""
    rows = [
        estimate("trust", "", 3.42 * (1 + by), item="akimat", statistic="mean", se=0.03),
        estimate("trust", "", 3.05, item="justice", statistic="mean", se=0.03),
    ]
    store.write(pd.DataFrame(rows), "estimates", made.paths.released / "estimates" / "trust.csv")


def record(made: Study) -> None:
    """Write the lock of what stands; `verify --update` needs the records of a build."""
    write_text(lock_text.write(locks.take(made)), made.paths.lock)


def status(made: Study) -> str:
    return verify(lock_text.read(made.paths.lock), locks.take(made)).status


def test_a_lock_read_back_is_the_lock_that_was_written(made):
    taken = locks.take(made)
    write_text(lock_text.write(taken), made.paths.lock)
    again = lock_text.read(made.paths.lock)
    assert lock_text.write(again) == lock_text.write(taken)
    assert again.values.keys() == taken.values.keys()


def test_untouched_results_are_identical(made, capsys):
    record(made)
    assert stage.run(made) == 0
    assert "results.lock: identical" in capsys.readouterr().out
    assert "identical" in made.paths.verification.read_text(encoding="utf-8")


def test_the_last_bits_are_equal_within_tolerance_and_the_page_may_follow(made):
    record(made)
    nudge(made, 3e-9)
    write_text("<html >", made.paths.report("en"))
    assert status(made) == "equal within tolerance"


def test_a_moved_figure_is_listed_with_before_after_and_its_size(made, capsys):
    record(made)
    nudge(made, 0.01)
    capsys.readouterr()
    assert stage.run(made) == 1
    line = next(li for li in capsys.readouterr().out.splitlines() if "trust/akimat@total" in li)
    assert line.split() == ["trust/akimat@total", "3.42", "3.4542", "0.0342", "1.14"]


def test_a_page_that_changed_while_the_results_did_not_is_changed(made):
    record(made)
    write_text("<html lang=en>", made.paths.report("en"))
    assert status(made) == "changed"


def test_a_cell_that_is_no_headline_figure_is_seen_too(made):
    record(made)
    rows = [
        estimate("audience_change_by_settlement", "grew", 0.31, by="settlement", level="village")
    ]
    store.write(
        pd.DataFrame(rows),
        "estimates",
        made.paths.released / "estimates" / "audience_change_by_settlement.csv",
    )
    assert status(made) == "changed"


def test_a_lost_and_an_unknown_file_are_changes(made):
    record(made)
    made.paths.figure("mix", "en").rename(made.paths.figure("mixed", "en"))
    verdict = verify(lock_text.read(made.paths.lock), locks.take(made))
    assert verdict.status == "changed"
    assert verdict.files["missing"] == ("figures/en/mix.svg",)
    assert verdict.files["unknown"] == ("figures/en/mixed.svg",)


def test_without_a_lock_the_way_to_make_one_is_told(made):
    with pytest.raises(ResultError, match="verify --update"):
        stage.run(made)


def test_a_broken_line_of_a_lock_is_named(made):
    write_text("[values]\na/b@total\tmany\n", made.paths.lock)
    with pytest.raises(ResultError, match="row 2"):
        lock_text.read(made.paths.lock)


def test_a_fingerprint_does_not_mind_the_order_of_rows_but_minds_a_swap(tmp_path):
    def of(rows):
        store.write_csv(pd.DataFrame(rows, columns=["key", "value"]), tmp_path / "x.csv")
        return fingerprint(tmp_path / "x.csv")

    straight, turned = of([("a", 1.0), ("b", 2.0)]), of([("b", 2.0), ("a", 1.0)])
    assert straight.agrees(turned, 1e-12)
    assert not straight.agrees(of([("a", 2.0), ("b", 1.0)]), 1e-7)
    assert not straight.agrees(of([("a", 1.0), ("c", 2.0)]), 1e-7)
    assert not straight.agrees(of([("a", 1.0), ("b", None)]), 1e-7)


def test_a_figure_that_comes_out_of_hiding_has_moved():
    hidden, shown = Value(math.nan, math.nan), Value(0.3, 0.02)
    difference = compare({"a": hidden, "b": hidden}, {"a": shown, "b": hidden})
    assert [m.key for m in difference.moved] == ["a"]
    assert "not shown" in table(difference.moved, 5)[1]


def test_the_figure_that_moved_most_standard_errors_comes_first():
    before = {"a": Value(1.0, 1.0), "b": Value(1.0, 0.01)}
    after = {"a": Value(2.0, 1.0), "b": Value(1.1, 0.01)}
    assert [m.key for m in compare(before, after).moved] == ["b", "a"]


def test_diff_of_two_folders_lists_what_came_went_and_moved(made, tmp_path, capsys):
    other = tmp_path / "other"
    small_store(other)
    rows = [estimate("trust", "", 3.0, item="akimat", statistic="mean", se=0.03)]
    rows += [estimate("trust", "", 3.3, item="police", statistic="mean", se=0.03)]
    store.write(pd.DataFrame(rows), "estimates", other / "estimates" / "trust.csv")
    assert diff.run(made, str(made.paths.released), str(other)) == 1
    said = capsys.readouterr().out
    assert "1 new\n  trust/police@total" in said
    assert "1 gone\n  trust/justice@total" in said
    assert "14.00" in next(line for line in said.splitlines() if "trust/akimat" in line)


def test_diff_of_a_folder_with_its_own_lock_is_nothing(made, capsys):
    record(made)
    assert diff.run(made, str(made.paths.lock), str(made.root)) == 0
    assert "0 moved" in capsys.readouterr().out


def test_diff_of_a_folder_without_results_says_what_to_name(made, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultError, match="name a commit"):
        diff.run(made, str(made.paths.released), str(tmp_path / "empty"))
