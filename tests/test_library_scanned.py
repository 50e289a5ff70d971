"""A Parquet file read by row groups gives what the same rows give in memory, or is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fastparquet
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ngo_survey as ns
from ngo_survey.errors import InputError
from ngo_survey.statistics.streaming import counts as counting
from ngo_survey.statistics.streaming import rows as reading
from suites import examples, sample

#: Every estimate and test that a scan gives, by what it needs.
ESTIMATES: dict[str, Callable[[Any], pd.DataFrame]] = {
    "means": lambda d: ns.mean(d, ["y", "x"], by="banner"),
    "mean": lambda d: ns.mean(d, "y", deff="finite", level=0.9),
    "crossed": lambda d: ns.mean(d, "whole", by=["banner", "word"]),
    "shares": lambda d: ns.proportion(d, ["word", "banner"], by="level"),
    "share": lambda d: ns.proportion(d, "word", limits="logit", deff="replace"),
    "truths": lambda d: ns.proportion(d, "truth", by="banner"),
    "totals": lambda d: ns.total(d, ["y", "word", "x"], by="banner"),
    "number": lambda d: ns.total(d, "banner"),
    "ratio": lambda d: ns.ratio(d, ["y", "x"], "x", by="banner"),
    "columns": lambda d: ns.crosstab(d, ["word", "level"], "banner"),
    "rows": lambda d: ns.crosstab(d, "word", "banner", percentages="row"),
    "joint": lambda d: ns.crosstab(d, "word", "banner", percentages="joint"),
    "test": lambda d: ns.independence_test(d, "word", ["banner", "level"]),
    "first order": lambda d: ns.independence_test(d, "word", "level", method="first-order"),
    "wald": lambda d: ns.independence_test(d, "word", "level", method="wald"),
}
DESIGNS: dict[str, dict[str, Any]] = {
    "weights alone": {},
    "strata": {"strata": "stratum"},
    "strata, finite": {"strata": "stratum", "fpc": "size"},
    "PSUs": {"psu": "psu"},
    "PSUs in strata": {"strata": "stratum", "psu": "psu"},
    "PSUs in strata, finite": {"strata": "stratum", "psu": "psu", "fpc": "size"},
    "PSUs numbered anew": {"strata": "stratum", "psu": "number", "nest": True},
    "every row a PSU": {"strata": "stratum", "psu": "row"},
}


def survey(seed: int, rows: int) -> pd.DataFrame:
    """Return answers whose PSUs lie anywhere in the file, with gaps and a level of nobody."""
    rng = np.random.default_rng(seed)
    number = np.append(np.tile(np.arange(4), 3), rng.integers(0, 4, rows))
    stratum = np.append(np.repeat(np.arange(3), 4), rng.integers(0, 3, rows))
    n = len(number)
    frame = pd.DataFrame(
        {
            "stratum": pd.Categorical.from_codes(stratum, ["north", "south", "east"]),
            "number": number,
            "psu": [f"{h}/{u}" for h, u in zip(stratum, number, strict=True)],
            "row": np.arange(n),
            "size": 1000.0 + stratum,
            "w": rng.uniform(0.5, 8, n),
            "y": rng.normal(50, 10, n),
            "x": rng.lognormal(0, 1, n),
            "whole": pd.array(rng.integers(0, 9, n), dtype="Int64"),
            "truth": rng.random(n) < 0.3,
            "level": rng.integers(1, 4, n),
            "word": pd.Series(rng.choice(["yes", "no", "hardly"], n), dtype=object),
            "banner": pd.Categorical(rng.choice(list("abc"), n), list("cadb")),
        }
    )
    for name in ("y", "whole", "word", "banner"):
        frame.loc[rng.random(n) < 0.1, name] = None
    return frame.iloc[rng.permutation(n)].reset_index(drop=True)


def written(frame: pd.DataFrame, path: Path, groups: list[int]) -> Path:
    fastparquet.write(str(path), frame, row_group_offsets=groups)
    return path


def outcome(estimate: Callable[[Any], pd.DataFrame], design: Any) -> pd.DataFrame | str:
    """Return what an estimate gives, or what is wrong in the words of the refusal."""
    try:
        return pd.DataFrame(estimate(design))
    except InputError as error:
        return error.problem


@pytest.mark.parametrize("kind", sample([*reversed(DESIGNS)], 3))
@given(seed=st.integers(0, 10**6), rows=st.integers(20, 300), data=st.data())
@examples(5, quick=2)
def test_a_scan_gives_the_figures_of_the_frame(
    kind: str, seed: int, rows: int, data: st.DataObject
) -> None:
    frame = survey(seed, rows)
    cuts = data.draw(st.lists(st.integers(1, len(frame) - 1), max_size=4, unique=True))
    held = ns.SurveyDesign(frame, "w", **DESIGNS[kind])
    with TemporaryDirectory() as folder:
        path = written(frame, Path(folder) / "survey.parquet", [0, *sorted(cuts)])
        scanned = ns.ScannedDesign(path, "w", **DESIGNS[kind])
        assert repr(scanned) == repr(held)
        for estimate in ESTIMATES.values():
            expected, found = outcome(estimate, held), outcome(estimate, scanned)
            if isinstance(expected, str) or isinstance(found, str):
                assert found == expected
            else:
                # Of a variance that is zero but for rounding the ten digits are of the estimate.
                pd.testing.assert_frame_equal(found, expected, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("lonely", ["certainty", "adjust", "average"])
@pytest.mark.parametrize("psu", [None, "psu"])
def test_a_single_unit_counts_as_in_the_frame(tmp_path: Path, lonely: Any, psu: str | None) -> None:
    frame = survey(3, 200)
    frame["stratum"] = frame["stratum"].astype(object)
    frame.loc[7, ["stratum", "psu"]] = ["west", "west"]
    held = ns.SurveyDesign(frame, "w", strata="stratum", psu=psu, lonely=lonely)
    path = written(frame, tmp_path / "survey.parquet", [0, 50])
    scanned = ns.ScannedDesign(path, "w", strata="stratum", psu=psu, lonely=lonely)
    for estimate in ESTIMATES.values():
        expected = pd.DataFrame(estimate(held))
        pd.testing.assert_frame_equal(
            pd.DataFrame(estimate(scanned)), expected, rtol=1e-10, atol=1e-11
        )


def test_row_groups_with_categories_of_their_own_keep_their_words(tmp_path: Path) -> None:
    path = tmp_path / "survey.parquet"
    parts = [
        pd.DataFrame({"w": 1.0, "answer": pd.Categorical(words, words)})
        for words in (["yes", "no"], ["perhaps", "no", "yes"])
    ]
    fastparquet.write(str(path), parts[0])
    fastparquet.write(str(path), parts[1], append=True)
    made = ns.proportion(ns.ScannedDesign(path, "w"), "answer")
    assert dict(zip(made["category"], made["count"], strict=True)) == {
        "yes": 2,
        "no": 2,
        "perhaps": 1,
    }


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (lambda d: ns.quantile(d, "y", 0.5), "quantile"),
        (lambda d: ns.compare(d, "y", "word", ("yes", "no")), "compare"),
        (lambda d: ns.contrast(d, "y", "word", {"yes": 1, "no": -1}), "contrast"),
        (lambda d: ns.glm("y ~ x", d), "ScannedDesign"),
        (lambda d: ns.replicate(d, "JKn"), "ScannedDesign"),
    ],
)
def test_what_needs_all_rows_at_once_is_refused(
    tmp_path: Path, asked: Callable[[Any], Any], named: str
) -> None:
    path = written(survey(1, 50), tmp_path / "survey.parquet", [0])
    with pytest.raises(InputError, match=named) as refused:
        asked(ns.ScannedDesign(path, "w"))
    assert "SurveyDesign" in refused.value.hint


@pytest.mark.parametrize(
    ("column", "value", "declared", "problem"),
    [
        ("w", 0.0, {}, "a weight is not a positive number"),
        ("w", np.nan, {}, "the weight is missing"),
        ("psu", None, {"psu": "psu"}, "the PSU is missing"),
        ("psu", "elsewhere", {"strata": "stratum", "psu": "psu"}, "a PSU lies in two strata"),
        ("size", 2.0, {"strata": "stratum", "fpc": "size"}, "correction differs within a stratum"),
        ("y", np.inf, {}, "a number is infinite"),
    ],
)
def test_a_fault_of_the_data_says_where_it_is(
    tmp_path: Path, column: str, value: object, declared: dict[str, Any], problem: str
) -> None:
    frame = survey(5, 100).astype({"stratum": object})
    frame.loc[[70, 90] if value == "elsewhere" else 70, column] = value
    if value == "elsewhere":
        frame.loc[[70, 90], "stratum"] = ["north", "south"]
    path = written(frame, tmp_path / "survey.parquet", [0, 30, 60])

    def said(design: Callable[[], Any]) -> InputError:
        with pytest.raises(InputError, match=problem) as refused:
            ns.mean(design(), "y")
        return refused.value

    found = said(lambda: ns.ScannedDesign(path, "w", **declared))
    held = said(lambda: ns.SurveyDesign(frame, "w", **declared))
    assert (found.row, found.column, found.hint) == (held.row, held.column, held.hint)
    assert str(found.value) == str(held.value)
    assert found.file == str(path)


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ({"weights": [1.0, 2.0]}, "has its weights in a column"),
        ({"weights": "w", "psu": ["psu", "row"]}, "has one stage"),
        ({"weights": "v"}, "no such variable"),
    ],
)
def test_what_a_scan_cannot_be_declared_as(
    tmp_path: Path, declared: dict[str, Any], problem: str
) -> None:
    path = written(survey(1, 50), tmp_path / "survey.parquet", [0])
    with pytest.raises(InputError, match=problem):
        ns.ScannedDesign(path, **declared)


def test_what_is_no_parquet_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        ns.ScannedDesign(tmp_path / "survey.parquet", "w")
    (tmp_path / "survey.parquet").write_bytes(b"PAR1 and then nothing that is one")
    with pytest.raises(InputError, match="no Parquet file"):
        ns.ScannedDesign(tmp_path / "survey.parquet", "w")


def test_a_table_too_large_to_count_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(survey(1, 50), tmp_path / "survey.parquet", [0])
    scanned = ns.ScannedDesign(path, "w", psu="psu")
    monkeypatch.setattr(reading, "MOST_LEVELS", 20)
    with pytest.raises(InputError, match="more than 20 levels"):
        ns.proportion(scanned, "y")
    monkeypatch.setattr(counting, "MOST_CELLS", 30)
    with pytest.raises(InputError, match="12 PSUs by 4 domains by 3 answers are more than 30"):
        ns.proportion(scanned, "word", by="banner")


MEASURED = """
import sys
import fastparquet, numpy as np, pandas as pd
import ngo_survey as ns
path, rows = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(1)
for start in range(0, rows, 100_000):
    n = 100_000
    psu = rng.integers(0, 2000, n)
    part = pd.DataFrame({"stratum": psu % 20, "psu": psu, "w": rng.uniform(1, 5, n),
        "y": rng.normal(size=n), "answer": pd.Categorical(rng.choice(list("abc"), n), list("abc")),
        "banner": pd.Categorical(rng.choice(list("xyz"), n), list("xyz"))})
    fastparquet.write(path, part, append=start > 0)
design = ns.ScannedDesign(path, "w", strata="stratum", psu="psu")
ns.mean(design, "y", by="banner")
ns.crosstab(design, "answer", "banner")
ns.independence_test(design, "answer", "banner")
status = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux' /proc")
def test_memory_does_not_grow_with_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        command = [sys.executable, "-c", MEASURED, str(tmp_path / f"{rows}.parquet"), str(rows)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout) // 1024

    few, many = peak(500_000), peak(2_000_000)
    # 1,500,000 more rows of six numbers would be 72 MB and more.
    assert many < few + 30, (few, many)
    assert many < 400
