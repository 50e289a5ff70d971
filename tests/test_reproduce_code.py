"""Code counts by what it means: comments, docstrings and layout rerun nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ngo_survey.workflow import code
from ngo_survey.workflow.code import SOURCE, code_files, imports, read

SAMPLE = '''\
"""What it is for."""

from __future__ import annotations

from collections.abc import Iterator  # in order
from ngo_survey.results import (
    store,  # said
    tolerance as near,
)

LIMIT: float = -1.5e3
WORDS = ("тенге", "\\u0378", b"x", 10_000, ...)


class Row:
    """A row."""

    width: int = 3
    """Its width."""

    def cells(self, *rest: str, sep: str = u"\\t", **more: object) -> Iterator[str]:
        """Yield cells."""
        from ngo_survey.errors import InputError as Wrong

        try:
            yield from (f"{self.width:>{self.width}} {{{rest!r}}}" "-" f"{sep=}" for _ in rest)
        except* (ValueError, Wrong) as group:
            raise Wrong("no") from group
        match rest:
            case [first, *_] if (n := len(first)) > 1:
                return
            case _:
                pass
'''


def meaning(source: str, suffix: str = ".py") -> str:
    return read(source.encode(), suffix)[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# in order", "# out of order"),
        ('"""What it is for."""', '"""What it is not for."""'),
        ('    """A row."""\n', ""),
        ('"""Its width."""', '"""Its height."""'),
        ("-1.5e3", "-1500.0"),
        ("10_000", "10000"),
        ("store,  # said\n    tolerance as near,\n", "store, tolerance as near"),
    ],
)
def test_comments_docstrings_and_layout_have_no_meaning(old: str, new: str) -> None:
    assert old in SAMPLE
    assert meaning(SAMPLE.replace(old, new)) == meaning(SAMPLE)


@pytest.mark.parametrize(
    ("old", "new"),
    [("-1.5e3", "-1.5e4"), ('"-"', '"+"'), ("sep=}", "sep}"), ("> 1", ">= 1"), ("first,", "last,")],
)
def test_what_the_code_does_has_meaning(old: str, new: str) -> None:
    assert old in SAMPLE
    assert meaning(SAMPLE.replace(old, new)) != meaning(SAMPLE)


def test_the_hash_is_the_same_in_every_version_of_python() -> None:
    assert meaning(SAMPLE)[:12] == "5831b2ee274d"


def test_yaml_counts_by_what_it_holds_and_in_its_order() -> None:
    assert meaning("a: 1\nb: x\n", ".yaml") == meaning("# Ours.\n'a':  1\nb: 'x'\n", ".yaml")
    assert meaning("a: 1\nb: x\n", ".yaml") != meaning("b: x\na: 1\n", ".yaml")
    assert meaning("a\n", ".css") != meaning("a \n", ".css")


def test_imports_are_found_in_brackets_in_functions_and_under_other_names() -> None:
    found = read(SAMPLE.encode(), ".py")[1]
    assert {"ngo_survey.results.tolerance", "ngo_survey.errors", "collections.abc"} <= set(found)
    assert imports(SOURCE / "cli.py")


def test_a_stage_uses_what_its_modules_import_and_the_words_beside_them() -> None:
    names = {file.relative_to(SOURCE).as_posix() for file in code_files("workbook")}
    assert {"errors.py", "present/words/ru/workbook.yaml", "results/store.py"} <= names
    assert not any(name.startswith("present/pdf/") for name in names)


def test_what_was_kept_of_a_file_is_the_same_as_what_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def hashed() -> str:
        for cached in (code._known, code._kept, code._key):
            cached.cache_clear()
        return code.code_hash("read")

    first = hashed()
    kept = code.kept_file()
    assert kept is not None and kept.is_file()
    assert hashed() == first
    kept.write_text("{half", encoding="utf-8")
    assert hashed() == first
