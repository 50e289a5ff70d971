"""The workbook: every table on its sheet, numbers as numbers, nothing hidden and nothing live."""

from __future__ import annotations

import importlib
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.tabulate import make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.present.table_layout.layout import layout
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.present.xlsx import book as book_module
from ngo_survey.present.xlsx.book import workbook
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_tables import specs

NAMES = ("legal_form", "services", "interaction_satisfaction", "funding", "staff_paid", "measures")


@pytest.fixture(scope="module")
def small(study: Study, tmp_path_factory: pytest.TempPathFactory, stages: None):
    """A store with a handful of tables of each population, made of invented answers."""
    folder = tmp_path_factory.mktemp("results")
    rng = np.random.default_rng(5)
    books = {name: codebook(study, name) for name in study.populations}
    raw = {**study.raw, "tables": {"all_questions": {}, "more": []}}
    wanted = [
        {"population": "ngo", "rows": name, "columns": ["settlement", "region"]} for name in NAMES
    ]
    wanted.append({"population": "government", "rows": "position", "columns": ["body_type"]})
    raw["tables"]["more"] = wanted
    shrunk = Study(study.root, study.file, raw)
    for population, book in books.items():
        asked = specs(shrunk, population, book)
        columns = {c for s in asked for c in (*s.variables, *s.banners)}
        frame = pd.DataFrame({c: _answers(book.question(c), rng) for c in sorted(columns)})
        design = SurveyDesign(book.type_frame(frame).assign(w=12.0), weights="w")
        made = make(design, asked, book, Rules.of(study.section("disclosure")), rng)
        for name in made.estimates:
            for family in ("estimates", "tests"):
                rows = released(getattr(made, family)[name], family, Rounding())
                store.write(rows, family, folder / family / f"{name}.csv")
    return shrunk, Results.load(folder), books


def _answers(question, rng: np.random.Generator, n: int = 300) -> list[str | None]:
    if question.type == "select_multiple":
        chosen = rng.random((n, len(question.choice_names))) < 0.2
        names = np.array(question.choice_names)
        return [" ".join(names[row]) or None for row in chosen]
    if question.choices:
        chance = rng.dirichlet(np.ones(len(question.choice_names)))
        return list(rng.choice(question.choice_names, n, p=chance))
    return [str(v) for v in rng.integers(0, 50, n)]


@pytest.fixture(scope="module")
def opened(small):
    study, results, books = small
    return load_workbook(io.BytesIO(workbook(study, results, books, "en"))), small


def row_of(sheet, label: str) -> int:
    """The row of a sheet whose stub holds a label."""
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == label)


def column_under(sheet, laid, place: int) -> int:
    """The column of the figures of a column of the layout, found under its head."""
    row = next(r for r in range(3, 12) if sheet.cell(r, 2).value == laid.columns[0].label)
    found = [c for c in range(2, sheet.max_column + 1) if sheet.cell(row, c).value is not None]
    assert sheet.cell(row, found[place]).value == laid.columns[place].label
    return found[place]


def test_the_contents_link_to_every_table_under_its_group_of_respondents(opened) -> None:
    book, (study, _, books) = opened
    contents = book.worksheets[0]
    links = [row[0] for row in contents.iter_rows(min_row=5) if row[0].hyperlink]
    ids = [s.id for name in study.populations for s in specs(study, name, books[name])]
    assert [cell.value for cell in links] == [*ids, "Tests"]
    for cell in links:
        sheet = cell.hyperlink.location.split("!")[0].strip("'")
        assert sheet in book.sheetnames
    first = [row[0].value for row in contents.iter_rows(min_row=5)]
    assert first[0] == "NGOs: 6 tables"
    assert first[first.index("gov_position") - 1] == "Government bodies: 1 table"


def test_the_contents_tell_the_base_and_the_filter_of_each_table(opened) -> None:
    book, (_, results, _) = opened
    row = row_of(book.worksheets[0], "services")
    value = results.value("services/legal_aid@total", "base")
    assert book.worksheets[0].cell(row, 3).value == value


def test_cells_hold_the_numbers_of_the_store_under_their_headings(opened) -> None:
    book, (_, results, books) = opened
    sheet = book["services"]
    laid = layout(results, "services", books["ngo"], "en", whole=True)
    columns = [column_under(sheet, laid, place) for place in range(len(laid.columns))]
    found = 0
    for line in laid.rows:
        row = row_of(sheet, line.label)
        for column, cell in zip(columns, line.cells, strict=False):
            value = sheet.cell(row, column).value
            if cell.status == "shown" and not np.isnan(cell.value):
                field = "base" if line.kind == "base" else "estimate"
                assert value == pytest.approx(results.value(cell.key, field), rel=1e-12)
                found += 1
            else:
                assert not isinstance(value, int | float)
    assert found > 50


def test_a_figure_that_is_hidden_is_a_mark_and_the_notes_say_why(opened) -> None:
    book, (_, results, _) = opened
    rows = results.analysis("services_by_settlement")
    assert rows["status"].str.startswith("suppressed").any()
    values = [c.value for row in book["services"].iter_rows(min_row=5) for c in row if c.value]
    assert "×" in values
    assert any(str(v).startswith("× not shown") for v in values)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t="])
def test_no_text_of_a_study_becomes_a_formula(small, first: str) -> None:
    study, results, books = small
    planted = f'{first}HYPERLINK("https://example.org";1)'
    services = books["ngo"].question("services")
    choices = tuple(replace(c, labels={"en": planted}) for c in services.choices)
    asked = replace(services, labels={"en": planted}, titles={"en": planted}, choices=choices)
    planted_books = books | {
        "ngo": replace(books["ngo"], questions={**books["ngo"].questions, "services": asked})
    }
    made = workbook(study, results, planted_books, "en")
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(sheets) > 5
        assert not [n for n in sheets if b"<f>" in parts.read(n) or b"<f " in parts.read(n)]
    book = load_workbook(io.BytesIO(made))
    cells = [c for row in book["services"].iter_rows() for c in row if c.value == planted.strip()]
    cells += [c for row in book["services"].iter_rows() for c in row if c.value == planted]
    assert len(cells) > 5
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


def test_every_sheet_says_that_the_data_are_simulated(opened) -> None:
    book, (study, _, _) = opened
    assert study.simulated
    for sheet in book.worksheets:
        top = [sheet.cell(row, 1).value for row in range(1, 5)]
        assert "Simulated data: not findings about Kazakhstan" in top
        assert "Simulated" in sheet.oddFooter.left.text
    assert "Simulated" in book.properties.description


def test_collected_data_carry_no_mark(small) -> None:
    study, results, books = small
    raw = {**study.raw, "study": {**study.raw["study"], "data": "collected"}}
    book = load_workbook(
        io.BytesIO(workbook(Study(study.root, study.file, raw), results, books, "en"))
    )
    cells = [c.value for s in book.worksheets for row in s.iter_rows() for c in row]
    assert not [c for c in cells if isinstance(c, str) and c.startswith("Simulated")]


def test_headings_stay_in_sight_and_on_every_page(opened) -> None:
    for sheet in opened[0].worksheets[1:-1]:
        top = int(sheet.freeze_panes.removeprefix("B"))
        assert sheet.print_title_rows == f"$4:${top - 1}"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.cell(top - 1, 2).value == "All"


def test_a_page_ends_between_figures_and_its_banner_stands_on_the_next(opened) -> None:
    sheet = opened[0]["services"]
    heads, names = int(sheet.freeze_panes.removeprefix("B")) - 1, {}
    over = ""
    for column in range(2, sheet.max_column + 1):
        over = sheet.cell(heads - 1, column).value or over
        names[column] = over
    breaks = [b.id + 1 for b in sheet.col_breaks.brk]
    assert breaks
    for column in breaks:
        assert sheet.cell(heads, column).value
        assert sheet.cell(heads - 1, column).value == names[column]
    assert names[breaks[-1]] == "Region"


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_a_workbook_in_another_language_has_no_english_words_left(small, code: str) -> None:
    study, results, books = small
    english, words = table_words("en", study.words), table_words(code, study.words)
    book = load_workbook(io.BytesIO(workbook(study, results, books, code)))
    cells = {str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.value}
    assert book.sheetnames[0] == words("contents")
    for key in ("base", "simulated", "back", "legend", "note.n_effective", "statistic.mean"):
        assert words(key) in cells
        assert english(key) not in cells
    latin = {c for c in cells if re.search("[A-Za-z]{4}", c)}
    assert latin <= {*book.sheetnames, *(s.id for p in books for s in specs(study, p, books[p]))}


def test_the_same_results_give_the_same_bytes(small, monkeypatch: pytest.MonkeyPatch) -> None:
    study, results, books = small
    first = workbook(study, results, books, "en")
    monkeypatch.setenv("TZ", "Asia/Almaty")
    assert workbook(study, results, books, "en") == first


def test_a_second_workbook_of_a_process_has_the_bytes_of_the_first(small) -> None:
    study, results, books = small
    again = importlib.reload(book_module)
    assert again.workbook(study, results, books, "en") == again.workbook(
        study, results, books, "en"
    )


def test_the_last_sheet_holds_every_test_as_the_store_holds_it(opened) -> None:
    book, (_, results, _) = opened
    sheet = book["Tests"]
    tests = results.family("tests")
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=5)]
    assert len(rows) == len(tests)
    # Of a test whose level would tell of those who are hidden there is no p.
    known = tests["p_adjusted"].notna()
    held = {(r["file"], round(r["p_adjusted"], 9)) for r in tests[known].to_dict("records")}
    said = {(f"tests/{r[0]}.csv", round(r[8], 9)) for r in rows if isinstance(r[8], int | float)}
    assert said == held
    assert sum(isinstance(r[8], int | float) for r in rows) == known.sum()
    formats = {c.number_format for row in sheet.iter_rows(min_row=5, min_col=9, max_col=9)
               for c in row if isinstance(c.value, int | float)}  # fmt: skip
    assert formats <= {
        f'"p {level}"' for level in ("< 0.001", "< 0.01", "< 0.05", "< 0.10", "≥ 0.1")
    }
    named = ("Rao-Scott test", "Design-based Wald test", "Overall test")
    assert all(row[3].startswith(named) for row in rows)


def test_the_layout_of_a_question_names_its_banner_over_the_levels(small, tmp_path: Path) -> None:
    _, results, books = small
    laid = layout(results, "services", books["ngo"], "en", ["settlement"])
    assert [name for name, _ in laid.spanners] == ["All respondents", "Type of settlement"]
    assert [c.by_level for c in laid.columns if c.by] == [
        "republican_city", "regional_centre", "other_town", "village",
    ]  # fmt: skip


def test_an_unknown_table_or_banner_gets_the_nearest_name(small) -> None:
    _, results, books = small
    with pytest.raises(store.ResultError, match="services"):
        layout(results, "servics", books["ngo"], "en")
    with pytest.raises(store.ResultError, match="settlement"):
        layout(results, "services", books["ngo"], "en", ["setlement"])
