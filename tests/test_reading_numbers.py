"""Numbers in every writing: read as what was meant, or asked about with a hint that settles it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning import numbers
from small_exports import cleaned, form, question, said
from suites import examples

N = form(question("n", "decimal"))
WHOLE = form(question("n", "integer"))
MARKS = {".": ",", ",": "."}


def written(number: Decimal, decimal: str, grouped: bool) -> str:
    """Write a number with a mark before its decimals, the other one between thousands."""
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.translate(str.maketrans({",": MARKS[decimal], ".": decimal}))


def read(cells: list[str], **options: str) -> list[Decimal | None]:
    reader = numbers.reader(cells, False, options)
    return [numbers.value_of(cell, reader) for cell in cells]


DECIMALS = st.decimals(-(10**7), 10**7, places=None, allow_nan=False).map(lambda n: round(n, 3))


@given(
    st.lists(st.tuples(DECIMALS, st.integers(0, 3), st.booleans()), min_size=1, max_size=5),
    st.sampled_from(sorted(MARKS)),
    st.sampled_from(["decimal", "thousands"]),
)
@examples(2000)
def test_a_declared_mark_reads_every_number_as_it_was_meant(
    drawn: list[tuple[Decimal, int, bool]], decimal: str, key: str
) -> None:
    meant = [round(number, places) for number, places, _ in drawn]
    cells = [written(n, decimal, drawn[place][2]) for place, n in enumerate(meant)]
    mark = decimal if key == "decimal" else MARKS[decimal]
    assert read(cells, **{key: mark}) == meant


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(sorted(MARKS)))
@examples(500)
def test_each_hint_for_a_mark_of_two_readings_settles_one(high: int, low: int, mark: str) -> None:
    cell = f"{high}{mark}{low:03}"
    assert read([cell]) == [None]
    assert read([cell], thousands=mark) == [Decimal(f"{high}{low:03}")]
    assert read([cell], decimal=mark) == [Decimal(f"{high}.{low:03}")]


@pytest.mark.parametrize("cell", ["1.000", "1,000"])
def test_the_hint_names_the_mark_that_is_found(tmp_path: Path, cell: str) -> None:
    with pytest.raises(InputError, match="two ways") as refused:
        cleaned(tmp_path, {"n": [cell, "7"]}, WHOLE)
    hints = re.findall(r'sources\.(\w+): "(.)"', str(refused.value))
    assert hints == [("thousands", cell[1]), ("decimal", cell[1])]
    for (key, mark), meant in zip(hints, ("1000", "1"), strict=True):
        assert said(cleaned(tmp_path, {"n": [cell, "7"]}, WHOLE, {key: mark}), "n")[0] == meant


@pytest.mark.parametrize(("cell", "meant"), [(".5", "0.5"), ("-.25", "-0.25"), (",5", "0.5")])
def test_fractions_that_spss_and_stata_write_without_a_zero_are_read(
    tmp_path: Path, cell: str, meant: str
) -> None:
    assert said(cleaned(tmp_path, {"n": [cell, "7"]}, N), "n") == [meant, "7"]


def test_a_fraction_without_a_zero_proves_what_the_mark_is() -> None:
    assert read([".5", "1.250"]) == [Decimal("0.5"), Decimal("1.25")]


@pytest.mark.parametrize("cell", ["99", "99.0", "099", "99,0", "9.9e1", "\uff19\uff19"])
@pytest.mark.parametrize("sign", ["", "-", "\u2212"])
def test_a_code_for_no_answer_is_one_however_it_is_written(
    tmp_path: Path, cell: str, sign: str
) -> None:
    code = -99 if sign else 99
    rows = {"n": [sign + cell, str(-code), "99%"]}
    done = cleaned(tmp_path, rows, N, {"missing": {"n": [code]}})
    assert said(done, "n") == ["", str(-code), "99"]


@pytest.mark.parametrize("cell", ["0.5", "0,5", ".5", "-0.25", "1", "1.0", "1,0", "-1"])
def test_a_share_of_one_beside_percent_signs_is_asked_about(tmp_path: Path, cell: str) -> None:
    """A spreadsheet shows 45% in a formatted cell, and 0.5 in one that is not."""
    rows = {"n": ["45%", cell, "0"]}
    with pytest.raises(InputError, match=r"row 3.*share of one.*sources\.shares: \[n\].*the sign"):
        cleaned(tmp_path, rows, N)
    parts = Decimal(cell.replace(",", ".")) * 100
    scaled = said(cleaned(tmp_path, rows, N, {"shares": ["n"]}), "n")
    assert [Decimal(n) for n in scaled] == [45, parts, 0]
    signed = {"n": ["45%", f"{cell}%", "0"]}
    assert float(said(cleaned(tmp_path, signed, N), "n")[1]) == float(parts) / 100


def test_a_whole_number_beside_percent_signs_is_a_part_of_a_hundred(tmp_path: Path) -> None:
    assert said(cleaned(tmp_path, {"n": ["45%", "2", "0"]}, N), "n") == ["45", "2", "0"]


@pytest.mark.parametrize("cell", ["+0.5", ".5", "0,50", "5e-1"])
def test_shares_of_one_are_scaled_however_they_are_written(tmp_path: Path, cell: str) -> None:
    rows = {"n": [cell, "1", "0.5%"]}
    assert said(cleaned(tmp_path, rows, N, {"shares": ["n"]}), "n") == ["50", "100", "0.5"]


def test_a_number_that_nothing_can_reckon_with_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3.*not a number"):
        cleaned(tmp_path, {"n": ["1", "9" * 400]}, N)
