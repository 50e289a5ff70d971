"""The explorer's data: released figures as printed, and not a number of those that are hidden."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.codebook.load import codebook
from ngo_survey.present.document.language import language
from ngo_survey.present.document.number_details import for_script
from ngo_survey.present.html.explorer.numbers import (
    DIGITS,
    Figure,
    Pairs,
    count,
    counts,
    read,
    write,
)
from ngo_survey.present.html.explorer.pack import SHOWN, tables
from ngo_survey.present.html.explorer.section import explorer
from ngo_survey.results.store import Results

NOT_SHOWN = st.sampled_from([Figure("hidden"), Figure("empty"), Figure("")])


@st.composite
def shares(draw):
    value = draw(st.integers(0, 100))
    low = draw(st.none() | st.integers(0, value))
    high = None if low is None else draw(st.integers(value, 100))
    return Figure("shown", value, low, high, below=value == 0 and draw(st.booleans()))


@st.composite
def numbers(draw):
    value = draw(st.integers(-(10**6), 10**7))
    low = draw(st.none() | st.integers(0, 10**5))
    high = None if low is None else draw(st.integers(0, 10**5))
    return Figure(
        "shown",
        value,
        None if low is None else value - low,
        None if high is None else value + high,
    )


@given(st.lists(shares() | NOT_SHOWN))
def test_shares_come_back_as_they_were_written(figures):
    pairs = Pairs.of(figures)
    assert pairs.read(pairs.write(figures)) == figures


def test_more_pairs_of_limits_than_two_letters_hold_take_a_third():
    figures = [Figure("shown", 50, 50 - low, 50 + high) for low in range(26) for high in range(26)]
    pairs = Pairs.of(figures)
    text = pairs.write(figures)
    assert pairs.long > 1
    assert pairs.read(text) == figures
    assert len(text) > 2 * len(figures)


@given(st.lists(numbers() | NOT_SHOWN))
def test_numbers_of_any_size_come_back_as_they_were_written(figures):
    assert read(write(figures)) == figures


@given(st.lists(st.integers(0, 10**9)))
def test_counts_come_back_as_they_were_written(values):
    assert counts("".join(count(value) for value in values)) == values


def test_the_letters_need_no_escape_in_json_or_html():
    assert for_script({"x": DIGITS + "~}| !"}) == json.dumps({"x": DIGITS + "~}| !"}).replace(
        " ", "", 1
    )


@pytest.fixture(scope="module")
def books(built):
    return {name: codebook(built, name) for name in built.populations}


@pytest.fixture(scope="module")
def results(built):
    return Results.load(built.paths.results)


def unpacked(data):
    """Every figure of the data by its key, with its kind."""
    names = data["names"].split(" ")
    ends = counts(data["pairs"])
    pairs = Pairs(tuple(zip(ends[::2], ends[1::2], strict=True)))
    found = {}
    for name, group, _, _, _, _, _, columns, _, blocks, figures in data["tables"]:
        banners = data["groups"][group][1]
        levels = [(name, "total")]
        for entry in columns:
            place, chosen = entry if isinstance(entry, list) else (entry, None)
            by, _, all_levels = banners[place]
            for at, level in enumerate(counts(all_levels)):
                if chosen is None or at in chosen:
                    levels.append((f"{name}_by_{by}", names[level]))
        lines = iter(figures.split("!"))
        for _, _, ending, kind, rows in blocks:
            for row in counts(rows):
                line = next(lines)
                told = pairs.read(line) if kind == "s" else read(line)
                for (analysis, level), figure in zip(levels, told, strict=True):
                    found[f"{analysis}/{names[row]}{ending}@{level}"] = (figure, kind)
    return found


def test_every_figure_is_that_of_the_store_as_tables_print_it(built, results, books):
    data = tables(built, results, books, "en")
    found = {key: told for key, told in unpacked(data).items() if told[0].status}
    assert len(found) > 15_000
    for key, (figure, kind) in found.items():
        row = results.row(key)
        shown = row["status"] == "shown"
        assert (figure.status == "shown") == shown, key
        if not shown:
            assert (figure.value, figure.low, figure.high) == (0, None, None), key
            continue
        ends = (figure.value, figure.low, figure.high)
        for field, told in zip(("estimate", "ci_low", "ci_high"), ends, strict=True):
            held = float(row[field])
            if told is None:
                assert math.isnan(held), key
            elif kind == "m":
                assert told / 100 == float(f"{held:.2f}"), key
            else:
                assert told == float(f"{held * 100:.0f}"), key


def test_no_table_or_column_but_those_said_to_be_left_out_is_missing(built, results, books):
    data = tables(built, results, books, "en")
    held = results.family("estimates")
    held = held[held["statistic"].isin(SHOWN) & (held["status"] == "shown")]
    held = held[held["file"].str.contains("estimates/(?!indicators)")]
    analyses = {key.split("/")[0] for key in unpacked(data)}
    pairs = set(built.section("tables")["pairs"])  # of answers: drawn, no table of a question
    assert set(held["analysis"]) - pairs <= analyses


def test_the_columns_that_the_configuration_leaves_out_are_named(built, results, books):
    made = explorer(built, results, books, language("en"), [])
    assert made.left_out == ("Legal form (NGOs)",)
    data = json.loads(made.data)
    assert not [key for key in unpacked(data) if "_by_legal_form/" in key]
    assert data["first"] == "barriers"


def test_words_that_the_page_holds_already_are_not_held_twice(built, results, books):
    alone = tables(built, results, books, "en")
    known = alone["words"][:50]
    beside = tables(built, results, books, "en", known)
    assert not set(known) & set(beside["words"])
    assert beside["from"] == 50
    assert unpacked(beside) == unpacked(alone)
