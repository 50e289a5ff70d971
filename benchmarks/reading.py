"""Reading and cleaning 100,000 interviews of 150 answers, against the same rules row by row.

Run: ``python benchmarks/reading.py [rows]``. The peer is pandas' own ``apply`` over rows with the
same rules (spaces, aliases, numbers, skip rules, constant sums), in the same run, on a tenth of the
rows and scaled up. Budgets: five times as fast; reading and cleaning in twice the time of reading
alone, copies of interviews and a derived variable included; peak memory under eight times the size
of the CSV. Times are of the processor, of one thread as a run of the program has.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd

from ngo_survey.codebook import Choice, Question, Questionnaire
from ngo_survey.codebook.derived import with_derived
from ngo_survey.ingest import read_export
from ngo_survey.ingest.cleaning.clean import clean
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs

FASTER, MEMORY, READING = 5, 8, 2
ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
COPIES = {
    "near_identical": {"share": 0.95, "answers": 40},
    "straight_lining": {"batteries": 1, "items": 6},
}
DERIVED = {
    "rated": {
        "op": "index",
        "of": [f"r_{i}" for i in range(40)],
        "labels": {"en": "Rated"},
        "form": "number",
    }
}
FORMS = ["Public association", "Public foundation", "Private institution", "Other form"]


def questionnaire() -> Questionnaire:
    """150 questions: 60 single, 40 ratings, 30 numbers, 10 multiple, 10 parts of a hundred."""
    names = ("association", "foundation", "institution", "other")
    forms = tuple(Choice(n, {"en": t}) for n, t in zip(names, FORMS, strict=True))
    points = tuple(Choice(str(i), {"en": str(i)}) for i in range(1, 6))

    def one(name: str, kind: str, form: str, **more: object) -> Question:
        labels = {"en": f"Question {name}"}
        return Question(name, kind, labels, labels, form=form, **more)  # type: ignore[arg-type]

    listed = [
        one("sample_id", "text", "none", role="id", disclosure="internal"),
        one("consent", "text", "none", role="consent", disclosure="internal"),
        *(one(f"s{i}", "select_one", "single", choices=forms, list_name="f") for i in range(60)),
        *(
            one(f"r_{i}", "select_one", "rating", choices=points, list_name="p", battery="r")
            for i in range(40)
        ),
        *(
            one(f"n{i}", "integer", "number", constraint=". >= 0", relevant="${s0} != 'other'")
            for i in range(30)
        ),
        *(one(f"m{i}", "select_multiple", "multiple", choices=forms) for i in range(10)),
        *(
            one(f"part_{i}", "integer", "constant_sum", battery="part", constraint=". <= 100")
            for i in range(10)
        ),
    ]
    asked = Questionnaire({q.name: q for q in listed}, ("en",), {}, {}, "benchmark")
    return with_derived(asked, DERIVED)


def export(rows: int, path: Path) -> None:
    """Write answers with the usual dirt, and one interview in a hundred sent as another's."""
    rng = np.random.default_rng(1)
    data: dict[str, object] = {"sample_id": [f"N{i:06d}" for i in range(rows)], "consent": "yes"}
    names = ["association", "foundation", "institution", "other"]
    dirty = [*names * 50, " Public foundation", "Private institution"]
    for i in range(60):
        data[f"s{i}"] = rng.choice(dirty, rows)
    for i in range(40):
        data[f"r_{i}"] = rng.choice(list("12345"), rows)
    for i in range(30):
        numbers = rng.choice([*map(str, range(200)), "1 200", "-1"], rows)
        asked = (np.asarray(data["s0"]) != "other") | (rng.random(rows) < 0.01)
        data[f"n{i}"] = np.where(asked, numbers, "")
    for i in range(10):
        data[f"m{i}"] = rng.choice([" ".join(names[:k]) for k in (1, 2, 3)], rows)
    parts = rng.multinomial(100, [0.1] * 10, rows)
    parts[::50, 0] += 1
    for i in range(10):
        data[f"part_{i}"] = parts[:, i].astype(str)
    frame = pd.DataFrame(data)
    copies = np.arange(99, rows, 100)
    answers = frame.columns[2:]
    frame.loc[copies, answers] = frame.loc[copies - 50, answers].to_numpy()
    # Copied by many hands, an interview comes as a crowd.
    frame.loc[: rows // 20, answers] = frame.loc[0, answers].to_numpy()
    frame.to_csv(path, index=False)


def by_row(path: Path, form: Questionnaire) -> pd.DataFrame:
    """The same rules as a loop over rows."""
    labels = {t.casefold(): n for n, t in zip(form.question("s0").choice_names, FORMS, strict=True)}
    parts = [q.name for q in form.battery("part")]

    def correct(row: pd.Series) -> pd.Series:
        for question in form:
            value = row.get(question.name)
            if not isinstance(value, str):
                continue
            value = " ".join(unicodedata.normalize("NFC", value).split())
            if question.type == "select_one" and value not in question.choice_names:
                value = labels.get(value.casefold(), value)
            if question.numeric:
                value = value.replace(" ", "")
                if question.name.startswith("n") and (float(value) < 0 or row["s0"] == "other"):
                    value = ""
            row[question.name] = value
        shares = [float(row[name]) for name in parts]
        if sum(shares) != 100 and abs(sum(shares) - 100) <= 5:
            for name, share in zip(parts, shares, strict=True):
                row[name] = str(round(share * 100 / sum(shares)))
        return row

    return pd.read_csv(path, dtype=str).apply(correct, axis=1)


def ours(path: Path, form: Questionnaire) -> None:
    """Read and clean; prints seconds to read, seconds in all, changed cells and peak megabytes."""
    start = time.process_time()
    responses = read_export(path, "export.csv", form, {}).frame
    read = time.process_time() - start
    fieldwork = {"from": "2026-01-01", "to": "2026-12-31"}
    inputs = CleaningInputs({"constant_sum_tolerance": 5, **COPIES}, fieldwork)
    cleaned = clean(responses, form, inputs, DERIVED)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(read, seconds, len(cleaned.changes), peak)


def tell(*arguments: str) -> str:
    """Run a part of this file in a process of its own; returns what it prints."""
    command = [sys.executable, __file__, *arguments]
    alone = {**os.environ, **ALONE}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=alone).stdout


def main() -> int:
    form = questionnaire()
    if sys.argv[1:2] == ["--ours"]:
        ours(Path(sys.argv[2]), form)
        return 0
    if sys.argv[1:2] == ["--write"]:
        export(int(sys.argv[2]), Path(sys.argv[3]))
        return 0
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        path, small = Path(name) / "export.csv", Path(name) / "small.csv"
        # Processes of their own: a child begins with the peak of its parent.
        tell("--write", str(rows), str(path))
        tell("--write", str(rows // 10), str(small))
        size = path.stat().st_size / 1e6
        read, seconds, cells, peak = map(float, tell("--ours", str(path)).split())
        start = time.process_time()
        by_row(small, form)
        theirs = 10 * (time.process_time() - start)
    print(f"{rows:,} interviews, {size:.0f} MB of CSV; {cells:,.0f} cells changed")
    ratio = seconds / read
    print(f"read {read:.1f} s, read and clean {ratio:.2f} x   budget {READING} x")
    print(f"row by row {theirs:.1f} s: {theirs / seconds:.1f} x   budget {FASTER} x")
    print(f"peak memory {peak:.0f} MB: {peak / size:.1f} x the CSV   budget {MEMORY} x")
    return int(theirs / seconds < FASTER or peak / size > MEMORY or ratio > READING)


if __name__ == "__main__":
    sys.exit(main())
