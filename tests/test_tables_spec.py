"""Declared tables: one line makes all questions by the standing banners; mistakes are named."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from ngo_survey.codebook.derived import settles
from ngo_survey.errors import ConfigError
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_tables import specs, table_ids
from ngo_survey.tables.declared import TableSpec

ROOT = Path(__file__).parent.parent


def declared(study: Study, population: str = "ngo", **tables) -> dict[str, TableSpec]:
    raw = deepcopy(dict(study.raw))
    raw["tables"] = {**raw["tables"], **tables}
    changed = replace(study, raw=raw)
    return {s.id: s for s in specs(changed, population, codebook(changed, population))}


def test_every_question_and_battery_has_a_table(study: Study) -> None:
    found = table_ids(study, "ngo")
    assert {"legal_form", "services", "funding", "trust", "measures", "audience_change"} <= set(
        found
    )
    assert not {"contact_email", "proposal", "sample_id", "consent", "trust_akimat"} & set(found)


def test_tables_of_government_bodies_say_so_in_their_names(study: Study) -> None:
    assert all(name.startswith("gov_") for name in table_ids(study, "government"))


def test_the_standing_banners_are_those_of_the_population(study: Study) -> None:
    found = declared(study)
    standing = study.population("ngo").raw["banners"]
    assert list(found["services"].banners) == standing


def test_a_question_is_not_crossed_with_itself_or_its_own_recoding(study: Study) -> None:
    found = declared(study)
    assert "legal_form" not in found["legal_form"].banners
    assert not {"region", "macro_region"} & set(found["region"].banners)
    assert not {"region", "macro_region"} & set(found["macro_region"].banners)


def test_a_table_can_be_left_out(study: Study) -> None:
    assert "trust" not in declared(study, omit={"ngo": ["trust"]})


def test_a_table_of_its_own_has_its_banners(study: Study) -> None:
    more = [{"id": "trust_by_size", "population": "ngo", "rows": "trust", "columns": ["rural"]}]
    found = declared(study, more=more)
    assert found["trust_by_size"].banners == ("rural",)
    assert "trust" in found


@pytest.mark.parametrize(
    ("tables", "key", "hint"),
    [
        ({"omit": {"ngo": ["trsut"]}}, "tables.omit.ngo", "trust"),
        ({"more": [{"population": "ngo", "rows": "servces"}]}, "tables.more.0", "services"),
        ({"all_questions": {"ngo": ["legal_from"]}}, "tables.all_questions.ngo", "legal_form"),
        ({"net": {"audience_change": {"up": ["grwe"], "down": ["shrank"]}}}, "tables.net", "grew"),
    ],
)
def test_a_mistyped_name_gets_the_nearest_right_one(study: Study, tables, key, hint) -> None:
    with pytest.raises(ConfigError) as caught:
        declared(study, **tables)
    assert key in str(caught.value)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_question_with_many_answers_cannot_make_columns(study: Study) -> None:
    with pytest.raises(ConfigError, match="cannot make columns"):
        declared(study, all_questions={"ngo": ["services"]})


L = {"en": "label"}
TOWNS = {"op": "recode", "of": "settlement"}
DERIVED = {
    "town": {**TOWNS, "levels": {"yes": {"labels": L, "from": ["republican_city"]}}},
    "few": {"op": "cut", "of": "staff_paid", "levels": {"yes": {"labels": L, "range": [0, 3]}}},
    "old": {"op": "cut", "of": "age", "levels": {"yes": {"labels": L, "range": [20, None]}}},
    "both": {"op": "cross", "of": ["settlement", "sso_experience"]},
    "small": {
        "op": "where",
        "levels": {"yes": {"labels": L, "when": "staff_paid < 3"}},
    },
    "kind": {
        "op": "where",
        "levels": {"yes": {"labels": L, "when": "staff_paid < 3 and settlement = village"}},
    },
    "active": {"op": "where", "levels": {"yes": {"labels": L, "when": "count(services) > 3"}}},
    "change": {"op": "first", "of": ["audience_expected", "audience_change"]},
}


@pytest.mark.parametrize(
    ("row", "banner", "crossed"),
    [
        ("settlement", "town", False),
        ("staff_paid", "few", False),
        # A band of the age is a band of the year of registration.
        ("year_registered", "old", False),
        ("age", "old", False),
        ("both", "settlement", False),
        ("settlement", "both", False),
        # A town is known from the crossing, which knows the settlement.
        ("both", "town", False),
        ("staff_paid", "small", False),
        ("staff_paid", "kind", True),
        ("settlement", "kind", True),
        # Who offers many services beside which: an answer of many tells more than one reading.
        ("services", "active", True),
        ("audience_expected", "change", False),
        ("audience_change", "change", True),
        # Of a whole battery the largest is settled, of no part of it.
        ("funding", "main_funding", True),
        ("rural", "town", True),
        ("rural", "both", False),
    ],
)
def test_nothing_is_crossed_with_what_settles_it(
    study: Study, row: str, banner: str, crossed: bool
) -> None:
    raw = deepcopy(dict(study.raw))
    derive = raw["populations"]["ngo"]["derive"]
    raw["populations"]["ngo"]["derive"] = derive | {
        n: {"labels": L, **r} for n, r in DERIVED.items()
    }
    raw["tables"]["all_questions"] = {"ngo": [banner]}
    altered = replace(study, raw=raw)
    found = {s.id: s for s in specs(altered, "ngo", codebook(altered, "ngo"))}
    assert (banner in found[row].banners) is crossed


def test_a_difference_and_its_source_settle_each_other(study: Study) -> None:
    rule = study.population("ngo").raw["derive"]["age"]
    found = settles("age", rule, codebook(study, "ngo"))
    assert found == [("year_registered", "age"), ("age", "year_registered")]


@pytest.fixture
def changed(tmp_path: Path):
    """A copy of the configuration with other lines in place of the tables of its own."""

    def write(more: str) -> Study:
        text = (ROOT / "config.yaml").read_text(encoding="utf-8")
        before, _, after = text.partition("  more:\n")
        after = after[after.index("  # Shares up minus shares down.") :]
        path = tmp_path / "config.yaml"
        path.write_text(before + "  more:\n" + more + after, encoding="utf-8")
        if not (tmp_path / "data").exists():
            (tmp_path / "data").symlink_to(ROOT / "data")
        return Study.load(path)

    return write


@pytest.mark.parametrize(
    ("line", "key", "hint"),
    [
        ("{population: ngo, rows: barrers}", "tables.more.0.rows", "barriers"),
        ("{population: ngo, rows: trust, columns: [rurla]}", "tables.more.0.columns", "rural"),
        (
            "{population: ngo, rows: trust, columns: [form_group > rurla]}",
            "tables.more.0.columns",
            "rural",
        ),
        (
            "{id: a, population: ngo, rows: trust, filter: rural = vilage}",
            "tables.more.0.filter",
            "rural",
        ),
        (
            "{id: a, population: ngo, rows: trust, filter: rurla = rural}",
            "tables.more.0.filter",
            "rural",
        ),
        (
            "{id: a, population: ngo, rows: trust, statistics: [median]}",
            "tables.more.0.statistics",
            "mean",
        ),
        ("{population: ngo, rows: trust, filter: rural = rural}", "tables.more.0", "id"),
        ("{population: ngo, rows: [trust, services]}", "tables.more.0", "id"),
        ("{population: ngo, rows: trust, sort: descnding}", "tables.more.0.sort", "descending"),
    ],
)
def test_a_mistake_in_a_table_names_its_line_and_the_nearest_right_name(
    changed, line: str, key: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        study = changed(f"    - {line}\n")
        specs(study, "ngo", codebook(study, "ngo"))
    text = (caught.value.file and Path(caught.value.file).read_text(encoding="utf-8")) or ""
    assert caught.value.row is not None
    assert line in text.splitlines()[caught.value.row - 1]
    assert key in str(caught.value)
    assert hint in str(caught.value)


def test_code_in_a_filter_is_no_filter(changed) -> None:
    study = changed("    - {id: a, population: ngo, rows: trust, filter: '__import__(\"os\")'}\n")
    with pytest.raises(ConfigError, match=r"tables\.more\.0\.filter"):
        specs(study, "ngo", codebook(study, "ngo"))


def test_a_table_says_what_it_is_in_one_line(changed) -> None:
    study = changed(
        "    - {id: rural_trust, population: ngo, rows: trust, columns: [form_group > rural], "
        "filter: rural = rural, sort: descending, statistics: [mean], tests: [overall]}\n"
    )
    found = {s.id: s for s in specs(study, "ngo", codebook(study, "ngo"))}["rural_trust"]
    assert found.banners == ("form_group.rural",)
    assert (found.filter, found.sort) == ("rural = rural", "descending")
    assert (found.statistics, found.tests) == (("mean",), ("overall",))
