"""What a release folder really holds: no digit that rounding took away, and nobody's row.

Somebody opens every file of a release, takes every number apart and holds it against what the study
knows inside. The internal results are the measure: a number of the release that agrees with one of
them in more digits than are released would be a digit that leaked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ngo_survey.results.store import FAMILIES, Results
from ngo_survey.study import Study
from ngo_survey.workflow.file_texts import read, texts
from test_release import GROUP, PLANTED, call, names, planted

#: Numbers as data and as pages write them; digits of names, hashes and dates are none.
POINT = re.compile(r"(?<![\w.#-])-?\d+\.\d+(?:[eE][-+]?\d+)?(?![\w.])")
COMMA = re.compile(r"(?<![\w.,#-])-?\d+,\d+(?![\w.,])")
#: Digits in which a number agrees with one inside by more than chance.
DIGITS = 7


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, build_by_verbs: Callable[[Study], None]
) -> Study:
    study = planted(tmp_path_factory.mktemp("made"))
    build_by_verbs(study)
    return study


@pytest.fixture(scope="module")
def folder(made: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("release")
    assert call(made, "release", str(place)) == 0
    return place


@cache
def words(file: Path) -> str:
    return "\n".join(texts(file.name, file.read_bytes()))


def files(folder: Path, *endings: str) -> Iterator[Path]:
    for name in sorted(names(folder)):
        if read(name) and (not endings or name.endswith(endings)):
            yield folder / name


def numbers(text: str) -> np.ndarray:
    """Every number of a text that has a decimal part."""
    found = [*POINT.findall(text), *(token.replace(",", ".") for token in COMMA.findall(text))]
    return np.unique(np.array(found, dtype=float))


def figures(file: Path) -> np.ndarray:
    """Every number in the cells of a table."""
    if file.suffix == ".xlsx":
        sheets = openpyxl.load_workbook(file, read_only=True)
        rows = [row for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        cells = [cell for row in rows for cell in row if isinstance(cell, float)]
        return np.unique(np.array(cells, dtype=float))
    return np.unique(np.array(POINT.findall(words(file)), dtype=float))


def stored(results: Path) -> np.ndarray:
    """Every number that a store of results holds, and its hundredfold."""
    store = Results.load(results)
    parts = []
    for family in FAMILIES:
        frame = store.family(family).select_dtypes("number")
        parts.append(frame.to_numpy(dtype=float).ravel())
    values = np.concatenate(parts)
    values = np.unique(values[np.isfinite(values)])
    return np.unique(np.concatenate([values, 100 * values]))


def agree(one: np.ndarray, other: np.ndarray, digits: int) -> np.ndarray:
    """Say of each of some numbers whether it agrees with one of the others in so many digits."""
    place = np.searchsorted(other, one)
    near = np.stack([other[np.clip(place + k, 0, len(other) - 1)] for k in (-1, 0)])
    return np.asarray((abs(near - one) <= abs(one) * 0.5 * 10.0 ** (1 - digits)).any(axis=0))


def leaked(text: str, study: Study) -> np.ndarray:
    """Numbers that agree with one inside that is not released as it is."""
    out, inside = stored(study.paths.released), stored(study.paths.results)
    found = numbers(text)
    return found[agree(found, inside, DIGITS) & ~agree(found, out, 12)]


def test_no_file_holds_a_digit_that_rounding_took_away(made: Study, folder: Path) -> None:
    for file in files(folder):
        assert not len(leaked(words(file), made)), file


def test_the_search_finds_the_digits_of_internal_results(made: Study) -> None:
    """The attack is no formality."""
    text = (made.paths.results / "estimates" / "wishes.csv").read_text(encoding="utf-8")
    assert len(leaked(text, made)) > 20


def test_tables_and_data_hold_no_figure_that_the_released_results_do_not(
    made: Study, folder: Path
) -> None:
    out = stored(made.paths.released)
    looked = 0
    for file in files(folder, ".csv", ".parquet", ".xlsx"):
        if file.name == "manifest.csv" or "questionnaires" in file.parts:
            continue
        found = figures(file)
        assert agree(found, out, 9).all(), (file, found[~agree(found, out, 9)][:5])
        looked += len(found)
    assert looked > 50


def test_no_file_names_a_respondent_or_what_one_wrote(made: Study, folder: Path) -> None:
    rows = pd.read_csv(made.population(GROUP).responses, dtype=str)
    told = [*rows["sample_id"], *rows["start"].unique(), *PLANTED.values(), "Plantedname"]
    for file in files(folder):
        text = words(file)
        assert not [word for word in told if word in text], file
