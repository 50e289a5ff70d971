"""A registered section is known by what it says, not how it is written; changes are named."""

from __future__ import annotations

import hashlib

import pytest
import yaml

from ngo_survey.errors import InputError
from ngo_survey.study.registration import canonical_json, compare, record_of, section_hash

SECTION = {"declared": {"m": {"kind": "ordinal", "terms": ["a", {"variable": "b", "per": 10}]}}}


def test_the_hash_is_sha256_of_the_canonical_json() -> None:
    text = '{"declared":{"m":{"kind":"ordinal","terms":["a",{"per":10,"variable":"b"}]}}}'
    assert canonical_json(SECTION) == text
    assert section_hash(SECTION) == hashlib.sha256(text.encode()).hexdigest()


def test_order_comments_and_layout_do_not_count() -> None:
    first = yaml.safe_load("a: 1 # first\nb: {c: 2.0, d: [x, ә]}")
    second = yaml.safe_load("b:\n  d:\n  - x\n  - ә\n  c: 2\na: 1")
    assert section_hash(first) == section_hash(second)


@pytest.mark.parametrize(
    "changed",
    [
        {"declared": {"m": {"kind": "ordinal", "terms": [{"variable": "b", "per": 10}, "a"]}}},
        {"declared": {"m": {"kind": "ordinal", "terms": ["a", {"variable": "b", "per": 5}]}}},
        {"declared": {"m": {"kind": "binomial", "terms": ["a", {"variable": "b", "per": 10}]}}},
        {**SECTION, "families": {}},
    ],
)
def test_every_value_and_the_order_of_lists_count(changed: dict) -> None:
    assert section_hash(changed) != section_hash(SECTION)


def test_a_section_as_registered_is_kept() -> None:
    made = compare(SECTION, record_of(SECTION, "2026-02-20"))
    assert (made.status, made.date, made.changes) == ("kept", "2026-02-20", ())


def test_what_changed_is_named_with_both_values() -> None:
    now = {"declared": {"m": {"kind": "binomial", "event": ["x"]}}}
    made = compare(now, record_of(SECTION, "2026-02-20"))
    assert made.status == "changed"
    assert [(c.key, c.kind) for c in made.changes] == [
        ("declared.m.event", "added"),
        ("declared.m.kind", "changed"),
        ("declared.m.terms", "removed"),
    ]
    assert (made.changes[1].before, made.changes[1].after) == ('"ordinal"', '"binomial"')


def test_nothing_registered_is_said() -> None:
    made = compare(SECTION, None)
    assert made.status == "unregistered"
    assert made.current == section_hash(SECTION)


def test_an_edited_registration_is_refused() -> None:
    record = record_of(SECTION, "2026-02-20")
    record["section"]["declared"]["m"]["kind"] = "gaussian"
    with pytest.raises(InputError, match="does not have the hash.*never edited"):
        compare(SECTION, record, "preregistration.yaml")
    with pytest.raises(InputError, match="lacks a key.*date"):
        compare(SECTION, {"hash": ""})
