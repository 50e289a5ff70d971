"""What a table shows beside and above its figures: letters, flags, nested heads, filters."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from ngo_survey.errors import ConfigError, InputError
from ngo_survey.present.table_layout.condition import in_words
from ngo_survey.present.table_layout.layout import layout
from ngo_survey.present.table_layout.parts import TableLayout
from ngo_survey.present.xlsx import book as maker
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_tables import TableSpec
from small_store import NAN, estimate

#: figure of the answer "grew" in each column, with what comparisons and flags say of it.
COLUMNS = {
    ("rural", "urban"): (0.30, ("B", "C", 0.1, 0.01)),
    ("rural", "rural"): (0.20, ("C", "", -0.1, 0.01)),
    ("form_group.rural", "public_association.urban"): (0.25, ("D", "F G", 0.02, 0.60)),
    ("form_group.rural", "public_association.rural"): (0.24, ("E", "", 0.01, NAN)),
    ("form_group.rural", "public_foundation.urban"): (0.11, ("F", "", -0.1, 0.04)),
}
SAYS = ("letter", "above", "difference", "p_adjusted")
FLAGS = {"public_association.rural": "small-base imprecise", "public_foundation.urban": "imprecise"}


@pytest.fixture(scope="module")
def books(study: Study) -> Mapping[str, object]:
    return {name: codebook(study, name) for name in study.populations}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("results")
    numbers = {"weighted_base": 6120.4, "n_effective": 371.2, "flag": ""}
    rows = [estimate("audience3", "grew", 0.27) | numbers]
    compared = []
    for (by, level), (value, says) in COLUMNS.items():
        row = estimate(f"audience3_by_{by}", "grew", value, by=by, level=level)
        rows.append(row | numbers | {"flag": FLAGS.get(level, "")})
        compared.append(
            {"key": f"compare/{row['key']}", "analysis": row["analysis"], "population": "ngo"}
            | {"category": "grew", "statistic": "proportion", "by": by, "by_level": level}
            | dict(zip(SAYS, says, strict=True))
        )
    store.write(pd.DataFrame(rows), "estimates", folder / "estimates" / "audience3.csv")
    store.write(pd.DataFrame(compared), "comparisons", folder / "comparisons" / "audience3.csv")
    plain = pd.DataFrame(rows)
    plain[["key", "analysis"]] = "plain_" + plain[["key", "analysis"]]
    store.write(plain, "estimates", folder / "estimates" / "plain_audience3.csv")
    tests = [
        {"key": "test/1", "analysis": "audience3_by_rural", "test": "rao_scott", "p_adjusted": 0.2},
        {"key": "test/2", "analysis": "audience3_by_rural", "test": "trend", "p_adjusted": 0.0002},
    ]
    store.write(pd.DataFrame(tests), "tests", folder / "tests" / "audience3.csv")
    group = [
        estimate("profile", category, value, item=item) | {"base": base}
        for item, category, value, base in (
            ("rural", "urban", 0.8, 400.0),
            ("rural", "rural", 0.2, 400.0),
            ("audience3", "grew", 0.3, 380.0),
            ("audience3", "no_answer", 0.05, 380.0),
        )
    ]
    store.write(pd.DataFrame(group), "estimates", folder / "estimates" / "profile.csv")
    answers = [
        estimate("spheres", "health", 0.4, by=by, level=level, statistic=statistic)
        | {"analysis": f"spheres_by_{by}" if by else "spheres"}
        for by, level in (("", "total"), ("rural", "urban"), ("rural", "rural"))
        for statistic in ("proportion", "share_of_answers", *(["row_percent"] if by else []))
    ]
    for row in answers:
        member = "health" if row["statistic"] == "proportion" else f"health.{row['statistic']}"
        row["key"] = f"{row['analysis']}/{member}@{row['by_level']}"
    store.write(pd.DataFrame(answers), "estimates", folder / "estimates" / "spheres.csv")
    return Results.load(folder)


@pytest.fixture(scope="module")
def laid(results: Results, books) -> TableLayout:
    return layout(results, "audience3", books["ngo"], "en", whole=True)


def test_columns_have_the_letters_of_the_comparisons(laid: TableLayout) -> None:
    assert [c.letter for c in laid.columns] == ["", "B", "C", "D", "E", "F"]


def test_a_figure_names_the_columns_it_exceeds_and_differs_from_the_rest_at_the_level(
    laid: TableLayout,
) -> None:
    cells = laid.rows[0].cells
    assert [c.above for c in cells] == ["", "C", "", "F G", "", ""]
    assert [c.signs for c in cells] == [
        (),
        ("higher",),
        ("lower",),
        (),
        ("small-base", "imprecise"),
        ("lower", "imprecise"),
    ]


def test_a_stricter_level_takes_the_sign_of_the_rest_away(results: Results, books) -> None:
    strict = layout(results, "audience3", books["ngo"], "en", whole=True, alpha=0.02)
    assert strict.rows[0].cells[-1].signs == ("imprecise",)


def test_without_comparisons_no_column_has_a_letter(results: Results, books) -> None:
    plain = layout(results, "plain_audience3", books["ngo"], "en", whole=True)
    assert {c.letter for c in plain.columns} == {""}
    kinds = {note.kind for note in plain.notes}
    assert kinds.isdisjoint({"letters", "rest"})
    assert "small-base" in kinds


def test_a_nested_banner_has_its_outer_level_over_its_inner_ones(laid: TableLayout) -> None:
    rural = "Town or village"
    assert laid.head_rows == (
        (("All respondents", 1), (rural, 2), (f"Legal form (four groups) × {rural}", 3)),
        (("", 1), ("", 2), ("Public association", 2), ("Public foundation", 1)),
        (("All", 1), ("Town", 1), ("Village", 1), ("Town", 1), ("Village", 1), ("Town", 1)),
    )  # fmt: skip


def test_weighted_and_effective_bases_stand_after_the_unweighted_one(laid: TableLayout) -> None:
    assert laid.rows[-1].kind == "base"
    assert [(row.kind, row.cells[0].text) for row in laid.bases] == [
        ("weighted_base", "6,120"),
        ("n_effective", "371"),
    ]


def test_tests_of_the_whole_table_are_said_under_it(laid: TableLayout) -> None:
    said = [note.text for note in laid.notes if note.kind in ("tested", "adjusted")]
    assert said == [
        "Rao-Scott test of independence by Town or village: p = 0.200.",
        "Test of a trend over the ordered levels by Town or village: p < 0.001.",
        "p-values of whole questions are adjusted by Holm's method over the tests of the table "
        "under one heading. An answer, a trend or a column is said to differ only where the "
        "question as a whole does.",
    ]


def test_a_table_on_several_questions_has_a_block_and_a_base_for_each(
    results: Results, books
) -> None:
    laid = layout(results, "profile", books["ngo"], "en", question="profile", whole=True)
    assert laid.title == "Town or village; Target audience"
    assert [(row.kind, row.label) for row in laid.rows] == [
        ("group", "Town or village"),
        ("body", "Town"),
        ("body", "Village"),
        ("base", "Respondents (unweighted)"),
        ("group", "Target audience"),
        ("body", "Grew"),
        ("body", "No answer"),
        ("base", "Respondents (unweighted)"),
    ]
    assert [row.cells[0].text for row in laid.rows if row.kind == "base"] == ["400", "380"]


def test_the_whole_table_gives_shares_of_answers_and_of_rows_their_own_rows(
    results: Results, books
) -> None:
    whole = layout(results, "spheres", books["ngo"], "en", whole=True)
    short = layout(results, "spheres", books["ngo"], "en")
    assert [r.label for r in whole.rows if r.kind == "group"] == [
        "Share of all answers",
        "Share of the row",
    ]
    assert [len(r.cells) for r in whole.rows if r.kind == "body"] == [3, 3, 3]
    assert [c.label for c in short.columns] == ["All", "Share of all answers", "Town", "Village"]
    assert [r.statistic for r in short.rows if r.kind == "body"] == ["proportion"]


@pytest.fixture
def sheet(study: Study, results: Results, books, monkeypatch: pytest.MonkeyPatch):
    spec = TableSpec(
        "audience3", "ngo", "single", "audience3", ("audience3",), ("",), ("rural",),
        filter="sso_experience != never",
        note={"en": "A note of the study.", "ru": "Примечание исследования."},
        show=("se", "limits"),
    )  # fmt: skip
    monkeypatch.setattr(maker, "specs", lambda _, name, book: [spec] if name == "ngo" else [])
    made = {c: maker.workbook(study, results, books, c) for c in ("en", "ru")}
    return {c: load_workbook(io.BytesIO(m))["audience3"] for c, m in made.items()}


def test_letters_stand_in_a_column_beside_the_numbers(sheet) -> None:
    rows = {row[0].value: [c.value for c in row[1:12]] for row in sheet["en"].iter_rows()}
    assert rows["Column"] == [None, "B", None, "C", None, "D", None, "E", None, "F", None]
    assert rows["Grew"] == [
        0.27, 0.3, "▲ C", 0.2, "▼", 0.25, "F G", 0.24, "* †", 0.11, "▼ †",
    ]  # fmt: skip


def test_a_doubtful_figure_is_in_grey_italics(sheet) -> None:
    row = next(row for row in sheet["en"].iter_rows() if row[0].value == "Grew")
    look = {cell.value: (cell.font.italic, cell.font.color and cell.font.color.rgb) for cell in row}
    assert look[0.24] == look[0.11] == (True, "FF777777")
    assert not look[0.25][0]


def test_errors_and_limits_are_shown_when_asked_for(sheet) -> None:
    rows = [[c.value for c in row] for row in sheet["en"].iter_rows()]
    at = next(i for i, row in enumerate(rows) if row[0] == "Grew")
    assert [row[0] for row in rows[at + 1 : at + 4]] == [
        "standard error",
        "lower 95% limit",
        "upper 95% limit",
    ]
    assert [row[1] for row in rows[at + 1 : at + 4]] == pytest.approx([0.02, 0.23, 0.31])


def test_the_filter_and_the_note_of_a_table_are_told_in_its_language(sheet) -> None:
    for code, filtered, note in (
        ("en", "Filter: State social order experience ≠ Never", "A note of the study."),
        ("ru", "Фильтр: Опыт госсоцзаказа ≠ Никогда", "Примечание исследования."),
    ):
        cells = [str(c.value) for row in sheet[code].iter_rows() for c in row if c.value]
        assert any(filtered in cell for cell in cells)
        assert note in cells


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", ""),
        ("${rural} = 'rural'", "Town or village: “Village”"),
        (
            "${audience3} = 'grew' or ${audience3} = 'shrank'",
            "Target audience: “Grew” or “Shrank”",
        ),
        (
            "not(${rural} = 'rural') and ${staff_paid} > 4",
            "not (Town or village: “Village”); Paid staff > 4",
        ),
        ("selected(${services}, 'other')", "Services: “Other services”"),
        ("count-selected(${services}) > 2", "count-selected(${services}) > 2"),
        ("(${rural} = 'rural'", "(${rural} = 'rural'"),
    ],
)
def test_a_condition_is_said_in_words_or_as_it_stands(books, expression: str, said: str) -> None:
    assert in_words(expression, books["ngo"], "en") == said


def test_a_condition_on_an_answer_that_does_not_exist_is_an_error(books) -> None:
    with pytest.raises(InputError, match="urban"):
        in_words("${rural} = 'urbn'", books["ngo"], "en")


def test_a_question_asked_of_some_tells_of_whom(results: Results, books, tmp_path: Path) -> None:
    rows = pd.DataFrame([estimate("growth_reasons", "new_funding", 0.4)])
    choice = books["ngo"].question("growth_reasons").choice_names[0]
    rows = rows.assign(category=choice, key=f"growth_reasons/{choice}@total")
    store.write(rows, "estimates", tmp_path / "estimates" / "growth_reasons.csv")
    laid = layout(Results.load(tmp_path), "growth_reasons", books["ngo"], "kk")
    book = books["ngo"]
    grew = [book.choice_label("audience_change", c, "kk") for c in ("grew", "grew_much")]
    assert all(f"«{label}»" in laid.asked for label in grew)
    assert " немесе " in laid.asked


def test_a_table_is_not_written_with_a_language_nobody_wrote(study, results, books) -> None:
    with pytest.raises(ConfigError, match="no words in this language"):
        maker.workbook(study, results, books, "uz")


@pytest.mark.parametrize(
    ("weighting", "base", "said"),
    [
        ("none", "answered", "Percentages and means are not weighted; the base counts respondents"),
        ("given", "answered", "weighted with the weights of the export"),
        ("register", "all", "weighted to the register; the base counts all respondents"),
    ],
)
def test_a_sheet_says_whence_its_weights_are_and_whom_its_base_counts(
    results: Results, books, weighting: str, base: Any, said: str
) -> None:
    laid = layout(results, "audience3", books["ngo"], "en", weighting=weighting, base=base)
    assert said in next(note.text for note in laid.notes if note.kind == "base")
