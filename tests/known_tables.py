"""A table that is known, written as each tool writes it: it comes back the same or is refused.

Names, labels, separators, codes, signs and missing codes are drawn so that they collide. What must
never happen is another table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
from hypothesis import event, target
from hypothesis import strategies as st

from ngo_survey.codebook import Choice, Question, Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest import read_export
from ngo_survey.ingest.choices import NONE_TICKED
from ngo_survey.ingest.cleaning.clean import clean, read_rules
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.reading.limits import Limits
from writers import xlsx


def read_here(function: Callable[..., Any], *given: Any, limits: Limits, **_: Any) -> Any:
    """Stand in for a process of its own: examples are many and their files sound.

    A process a file costs up to 0.8 s; that it keeps readers apart is proven elsewhere
    (`test_sources_hostile.py`, `test_sources_mutated.py`).
    """
    return function(*given, limits)


#: Read once: examples are many.
RULES = read_rules()
FIELDWORK = {"from": "2026-01-01", "to": "2026-12-31"}
NAMES = st.sampled_from(
    ["0", "1", "2", "3", "10", "12", "99", "-9", "1.5", "a", "A", "b", "yes", "no", "NA", "x-y"]
)
LABELS = st.sampled_from(
    [
        *("0", "1", "2", "10", "12", "-9", "9", "1.0", "1.5", "15", "*", "**", "Yes", "No", "NA"),
        *("Email", "Phone", "Email, phone", "email", "Agree", "Agree!", "< 5", "> 5", "5", "a b"),
        *("a", "b", "A", "Да", "Дa", "Нет", "½", "12 ", "1,000", "1.000", "Other (please specify)"),
    ]
)
NUMBERS = st.one_of(st.integers(-20, 30_000), st.sampled_from([0.5, 1.125, 12.5, 1000.25]))
MISSING = ["", "-99", ".", "n/a", "NA", "<none>"]


@dataclass(frozen=True)
class Known:
    """A form and the answers to it: single choices, sets of choices, numbers; None for none."""

    form: Questionnaire
    one: list[str | None]
    other: list[str | None]
    many: list[tuple[str, ...] | None]
    number: list[float | None]
    missing: str

    def label(self, name: str, choice: str, language: str) -> str:
        return self.form.choice_label(name, choice, language)


def question(name: str, kind: str, choices: Mapping[str, tuple[str, str]], **more: Any) -> Question:
    made = tuple(Choice(n, {"en": en, "ru": ru}) for n, (en, ru) in choices.items())
    return Question(name, kind, {"en": name}, {}, choices=made, list_name=name, **more)


@st.composite
def known(draw: st.DrawFn) -> Known:
    asked = [Question("sample_id", "text", {"en": "sample_id"}, {}, role="id")]
    asked.append(
        question(
            "consent", "select_one", {"yes": ("yes", "yes"), "no": ("no", "no")}, role="consent"
        )
    )
    for name, kind in (("one", "select_one"), ("other", "select_one"), ("many", "select_multiple")):
        names = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
        labels = [(draw(LABELS), draw(LABELS)) for _ in names]
        asked.append(question(name, kind, dict(zip(names, labels, strict=True))))
    asked.append(Question("number", "decimal", {"en": "number"}, {}))
    form = Questionnaire({q.name: q for q in asked}, ("en", "ru"), {}, {}, "q.xlsx")
    rows = draw(st.integers(1, 5))
    spoken = {t for q in asked for c in q.choices for t in (c.name, *c.labels.values())}

    def answers(strategy: st.SearchStrategy[Any]) -> list[Any]:
        return [draw(st.none() | strategy) for _ in range(rows)]

    one, other = (answers(st.sampled_from(form.question(n).choice_names)) for n in ("one", "other"))
    choices = st.sampled_from(form.question("many").choice_names)
    many = answers(st.lists(choices, min_size=0, unique=True).map(tuple))
    missing = draw(st.sampled_from([m for m in MISSING if m not in spoken]))
    return Known(form, one, other, many, answers(NUMBERS), missing)


def cells(table: Known, written: Callable[[str, str], str], joined: str) -> pd.DataFrame:
    """One column a question; a set of no choices has no way to be written so."""
    made: dict[str, list[str]] = {}
    for name in ("one", "other"):
        values = getattr(table, name)
        made[name] = [table.missing if v is None else written(name, v) for v in values]
    made["many"] = [
        table.missing if not v else joined.join(written("many", c) for c in v) for v in table.many
    ]
    made["number"] = [table.missing if v is None else repr(v) for v in table.number]
    return beside(table, made)


def beside(table: Known, made: Mapping[str, Any]) -> pd.DataFrame:
    n = len(table.one)
    ids = [f"N{i}" for i in range(n)]
    return pd.DataFrame({"sample_id": ids, "consent": ["yes"] * n, **made})


def split(table: Known, frame: pd.DataFrame, yes: str, no: str, mark: str) -> pd.DataFrame:
    parts = {
        f"many{mark}{c}": [
            table.missing if v is None else yes if c in v else no for v in table.many
        ]
        for c in table.form.question("many").choice_names
    }
    return frame.drop(columns="many").assign(**parts)


def csv(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(path, index=False)
    return path


def by_name(name: str, choice: str) -> str:
    return choice


@st.composite
def written(draw: st.DrawFn, table: Known, folder: Path, ways: Sequence[str]) -> tuple[Path, bool]:
    """Write the table in a drawn way; returns whether an empty set was written as one."""
    way = draw(st.sampled_from(ways))
    event(way)
    joined = draw(st.sampled_from([" ", ", ", ",", ";", "; ", "|", "\n"]))
    if way == "labels":
        language = draw(st.sampled_from(["en", "ru"]))
        label = lambda name, choice: table.label(name, choice, language)  # noqa: E731
        return csv(folder / "r.csv", cells(table, label, joined)), False
    frame = cells(table, by_name, joined)
    if way == "names":
        return csv(folder / "r.csv", frame), False
    if way == "xlsx":
        rows = [list(frame.columns), *frame.to_numpy().tolist()]
        return xlsx(folder / "r.xlsx", rows), False
    if way in ("split", "kobo"):
        flags = st.sampled_from([("1", "0"), ("TRUE", "FALSE"), ("Yes", "No"), ("1.0", "0.0")])
        yes, no = draw(flags)
        made = split(table, frame, yes, no, "/" if way == "kobo" else ".")
        if way == "kobo":
            made = made.rename(columns=lambda c: c if c == "sample_id" else f"grp/{c}")
            made["_uuid"] = [str(i) for i in range(len(made))]
        return csv(folder / "r.csv", made), True
    if way == "surveymonkey":
        parts = {
            f"many [{table.label('many', c, 'en')}]": [
                table.label("many", c, "en") if v and c in v else "" for v in table.many
            ]
            for c in table.form.question("many").choice_names
        }
        return csv(folder / "r.csv", frame.drop(columns="many").assign(**parts)), False
    coded = draw(st.sets(st.sampled_from(["one", "other"])))
    language = draw(st.sampled_from(["en", "ru"]))
    return sav(folder / "r.sav", table, frame, draw(st.booleans()), coded, language), False


def sav(
    path: Path,
    table: Known,
    frame: pd.DataFrame,
    numbered: bool,
    coded: Collection[str],
    language: str,
) -> Path:
    """Codes with labels: the names where they are numbers, else counted from one.

    What is not ``coded`` stands by its name, as text.
    """
    labels: dict[str, dict[float, str]] = {}
    for name in sorted(coded):
        names = table.form.question(name).choice_names
        plain = not numbered and all(n.lstrip("-").isdigit() for n in names)
        codes = {n: float(n) if plain else float(i) for i, n in enumerate(names, 1)}
        labels[name] = {codes[n]: table.label(name, n, language) for n in names}
        frame[name] = [None if v is None else codes[v] for v in getattr(table, name)]
        frame[name] = frame[name].astype(float)
    frame["number"] = [float("nan") if v is None else float(v) for v in table.number]
    pyreadstat.write_sav(frame, path, variable_value_labels=labels)
    return path


def check(folder: Path, data: st.DataObject, ways: Sequence[str]) -> None:
    """Draw a table, write it into a folder in one of some ways, read it and hold it against it."""
    table = data.draw(known())
    path, empty_sets = data.draw(written(table, folder, ways))
    sources = {"missing": [table.missing]} if table.missing else {}
    try:
        responses = read_export(path, path.name, table.form, sources).frame
        frame = clean(
            responses, table.form, CleaningInputs({}, FIELDWORK, sources=sources), {}, RULES
        ).frame
    except InputError as refusal:
        assert refusal.hint
        event("refused")
        return
    event("read")
    target(float(len(frame)), label="rows")
    for name in ("one", "other"):
        assert frame[name].fillna("").tolist() == [v or "" for v in getattr(table, name)], name
    nothing = NONE_TICKED if empty_sets else ""
    expected = ["" if v is None else set(v) or nothing for v in table.many]
    read = [v if v in ("", NONE_TICKED) else set(v.split()) for v in frame["many"].fillna("")]
    assert read == expected
    numbers = [None if pd.isna(v) else float(v) for v in frame["number"]]
    assert numbers == [None if v is None else float(v) for v in table.number]
