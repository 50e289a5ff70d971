"""The explorer's data: released figures as printed, and not a number of those that are hidden."""

from __future__ import annotations

import json
import math
import zlib
from base64 import b64decode

import pytest

from ngo_survey.present.document.language import language
from ngo_survey.present.html.explorer.section import explorer, packed
from ngo_survey.present.html.explorer.tables import SHOWN, tables
from ngo_survey.results.store import Results
from ngo_survey.study.codebooks import codebook


def unpack(text):
    return json.loads(zlib.decompress(b64decode(text)))


def test_what_is_packed_needs_no_escape_in_html_and_holds_no_number_of_what_is_hidden():
    label = '</script>&"Қазақстан'
    rows = [{"name": "a", "label": label, "figures": [[5, 2, 9], "hidden", None, [0, None, None]]}]
    text = packed({"tables": [{"bases": [[9, 9], None, None, None], "blocks": [{"rows": rows}]}]})
    assert not set(text) & set("<>&\"'")
    data = unpack(text)
    assert data["tables"][0]["blocks"][0]["rows"] == [{"name": "a", "label": label}]
    assert data["values"] == [5, "hidden", "", 0]
    assert (data["lower"], data["skew"]) == ([3, None], [1, None])


@pytest.fixture(scope="module")
def books(built):
    return {name: codebook(built, name) for name in built.populations}


@pytest.fixture(scope="module")
def results(built):
    return Results.load(built.paths.released)


def figures_of(data):
    """Every figure of the data by its key, with its kind."""
    found = {}
    for table in data["tables"]:
        banners = data["groups"][table["group"]]["banners"]
        columns = [(table["id"], "total")]
        for place, levels in table["columns"]:
            banner = banners[place]
            columns += [
                (f"{table['id']}_by_{banner['name']}", banner["levels"][level][0])
                for level in levels
            ]
        assert len(table["bases"]) == len(columns)
        for block in table["blocks"]:
            for row in block["rows"]:
                for (analysis, level), figure in zip(columns, row["figures"], strict=True):
                    found[f"{analysis}/{row['name']}@{level}"] = (figure, block["kind"])
    return found


def test_every_figure_is_that_of_the_store_as_tables_print_it(built, results, books):
    found = figures_of(tables(built, results, books, "en"))
    found = {key: cell for key, cell in found.items() if cell[0] is not None}
    assert len(found) > 15_000
    for key, (figure, kind) in found.items():
        row = results.row(key)
        if row["status"] != "shown":
            assert figure == ("empty" if row["status"] == "empty" else "hidden"), key
            continue
        for field, printed in zip(("estimate", "ci_low", "ci_high"), figure, strict=False):
            held = float(row[field])
            if printed is None:
                assert math.isnan(held), key
            elif kind in "my":
                assert printed / 100 == float(f"{held:.2f}"), key
            else:
                assert printed == float(f"{held * 100:.0f}"), key


def test_no_table_or_column_but_those_said_to_be_left_out_is_missing(built, results, books):
    data = tables(built, results, books, "en")
    held = results.family("estimates")
    held = held[held["statistic"].isin(SHOWN) & (held["status"] == "shown")]
    held = held[held["file"].str.contains("estimates/(?!indicators)")]
    analyses = {key.split("/")[0] for key in figures_of(data)}
    pairs = set(built.section("tables")["pairs"])  # of answers: drawn, no table of a question
    assert set(held["analysis"]) - pairs <= analyses


def test_letters_are_those_of_the_tables(built, results, books):
    compared = results.family("comparisons").set_index("key")["above"].fillna("")
    said = {}
    data = tables(built, results, books, "en")
    for table in data["tables"]:
        columns = [("", "")]
        for place, levels in table["columns"]:
            banner = data["groups"][table["group"]]["banners"][place]
            columns += [(banner["name"], banner["levels"][level][0]) for level in levels]
        for block in table["blocks"]:
            for row in block["rows"]:
                for at, letters in row["above"].items():
                    by, level = columns[int(at)]
                    said[f"compare/{table['id']}_by_{by}/{row['name']}@{level}"] = letters
    assert len(said) > 100
    assert all(compared[key] == letters for key, letters in said.items())


def test_the_columns_that_the_configuration_leaves_out_are_named(built, results, books):
    made = explorer(built, results, books, language("en"))
    assert made.left_out == ("Legal form (NGOs)",)
    data = unpack(made.data)
    assert "legal_form" not in [b["name"] for group in data["groups"] for b in group["banners"]]
    assert data["first"] == "barriers"
