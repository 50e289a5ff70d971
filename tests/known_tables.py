"""A table that is known, written as each tool writes it: it comes back the same or is refused.

Names, labels, separators, codes, signs and missing codes are drawn so that they collide. What must
never happen is another table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import fastparquet
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
from writers import ods, xlsx


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
    [
        *(
            "0",
            "1",
            "2",
            "3",
            "10",
            "12",
            "99",
            "-9",
            "1.5",
            "a",
            "A",
            "b",
            "yes",
            "no",
            "NA",
            "na",
        ),
        "x-y",
    ]
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
    """A form and the answers to it: choices, sets and orders of choices, numbers; None for none.

    Orders are asked for in some forms alone; ``order`` is empty in the others.
    """

    form: Questionnaire
    one: list[str | None]
    other: list[str | None]
    many: list[tuple[str, ...] | None]
    order: list[tuple[str, ...] | None]
    number: list[float | None]
    missing: str

    def label(self, name: str, choice: str, language: str) -> str:
        return self.form.choice_label(name, choice, language)


def question(name: str, kind: str, choices: Mapping[str, tuple[str, str]], **more: Any) -> Question:
    made = tuple(Choice(n, {"en": en, "ru": ru}) for n, (en, ru) in choices.items())
    said = {"en": more.pop("wording", name)}
    return Question(name, kind, said, {}, choices=made, list_name=name, **more)


def labels(names: list[str]) -> st.SearchStrategy[list[str]]:
    """Labels of choices in one language, often the names of other choices of the question."""
    drawn = st.lists(LABELS, min_size=len(names), max_size=len(names))
    return st.permutations(names) | drawn | drawn | drawn


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
        said = zip(draw(labels(names)), draw(labels(names)), strict=True)
        wording = draw(st.sampled_from([name, f"Which {name}?"]))
        asked.append(question(name, kind, dict(zip(names, said, strict=True)), wording=wording))
    ranked = draw(st.sampled_from([[], [], names]))
    listed = dict(
        zip(ranked, map(tuple, zip(draw(labels(ranked)), ranked, strict=True)), strict=True)
    )
    asked += [
        question(f"order_{place}", "select_one", listed, battery="order", place_of="order")
        for place in range(1, len(ranked) + 1)
    ]
    asked.append(Question("number", "decimal", {"en": "number"}, {}))
    worded = {"order": {"en": "order"}}
    form = Questionnaire({q.name: q for q in asked}, ("en", "ru"), {}, worded, "q.xlsx")
    rows = draw(st.integers(1, 5))
    spoken = {t for q in asked for c in q.choices for t in (c.name, *c.labels.values())}

    def answers(strategy: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(st.none() | strategy, min_size=rows, max_size=rows))

    one, other = (answers(st.sampled_from(form.question(n).choice_names)) for n in ("one", "other"))
    choices = st.sampled_from(form.question("many").choice_names)
    many = answers(st.lists(choices, min_size=0, unique=True).map(tuple))
    order = answers(st.permutations(ranked).map(tuple)) if ranked else []
    missing = draw(st.sampled_from([m for m in MISSING if m not in spoken]))
    return Known(form, one, other, many, order, answers(NUMBERS), missing)


def cells(table: Known, written: Callable[[str, str], str], joined: str) -> pd.DataFrame:
    """One column a question; a set of no choices has no way to be written so."""
    made: dict[str, list[str]] = {}
    for name in ("one", "other"):
        values = getattr(table, name)
        made[name] = [table.missing if v is None else written(name, v) for v in values]
    made["many"] = [
        table.missing if not v else joined.join(written("many", c) for c in v) for v in table.many
    ]
    if table.order:
        made["order"] = [
            table.missing if not v else joined.join(written("order_1", c) for c in v)
            for v in table.order
        ]
    made["number"] = [table.missing if v is None else repr(v) for v in table.number]
    return beside(table, made)


def beside(table: Known, made: Mapping[str, Any]) -> pd.DataFrame:
    n = len(table.one)
    ids = [f"N{i}" for i in range(n)]
    return pd.DataFrame({"sample_id": ids, "consent": ["yes"] * n, **made})


def split(
    table: Known, frame: pd.DataFrame, yes: str, no: str, mark: str, by_label: bool
) -> pd.DataFrame:
    """One column a choice, headed by names, or by question and choice in words."""
    asked = table.form.question("many")
    heads = {
        c: f"{asked.labels['en']}{mark}{table.label('many', c, 'en')}"
        if by_label
        else f"many{mark}{c}"
        for c in asked.choice_names
    }
    parts = {
        heads[c]: [table.missing if v is None else yes if c in v else no for v in table.many]
        for c in asked.choice_names
    }
    return frame.drop(columns="many").assign(**parts)


def some(names: Collection[str]) -> st.SearchStrategy[list[str]]:
    """Some of these names, mostly none."""
    return (
        st.just([]) | st.lists(st.sampled_from(sorted(names)), unique=True)
        if names
        else (st.just([]))
    )


def csv(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(path, index=False)
    return path


def by_name(name: str, choice: str) -> str:
    return choice


@st.composite
def in_columns(draw: st.DrawFn, table: Known, frame: pd.DataFrame, way: str) -> pd.DataFrame:
    """Return the table with one column a choice of the question of many answers."""
    if way == "surveymonkey":
        parts = {
            f"{table.form.label('many', 'en')} [{table.label('many', c, 'en')}]": [
                table.label("many", c, "en") if v and c in v else "" for v in table.many
            ]
            for c in table.form.question("many").choice_names
        }
        return frame.drop(columns="many").assign(**parts)
    yes, no = draw(st.sampled_from([("1", "0"), ("TRUE", "FALSE"), ("Yes", "No"), ("1.0", "0.0")]))
    made = split(table, frame, yes, no, "/" if way == "kobo" else ".", draw(st.booleans()))
    if way == "kobo":
        made = made.rename(columns=lambda c: c if c == "sample_id" else f"grp/{c}")
        made["_uuid"] = [str(i) for i in range(len(made))]
    return made


@st.composite
def written(draw: st.DrawFn, table: Known, folder: Path, ways: Sequence[str]) -> tuple[Path, bool]:
    """Write the table in a drawn way; returns whether an empty set was written as one."""
    way = draw(st.sampled_from(ways))
    event(way)
    joined = draw(st.sampled_from([" ", ", ", ",", ";", "; ", "|", "\n"]))
    language = draw(st.sampled_from(["en", "ru"]))
    written = partial(table.label, language=language) if way == "labels" else by_name
    frame = cells(table, written, joined)
    if way in ("split", "kobo", "surveymonkey"):
        return csv(folder / "r.csv", draw(in_columns(table, frame, way))), way != "surveymonkey"
    path = folder / f"r.{way}"
    if way in ("xlsx", "ods"):
        write = {"xlsx": xlsx, "ods": ods}[way]
        return write(path, [list(frame.columns), *frame.to_numpy().tolist()]), False
    if way in ("names", "labels"):
        return csv(folder / "r.csv", frame), False
    if way == "parquet":
        frame["number"] = [float("nan") if v is None else float(v) for v in table.number]
        fastparquet.write(str(path), frame)
        return path, False
    coded = draw(st.sets(st.sampled_from(["one", "other"])))
    flags = draw(st.sampled_from(["", *FLAGS]))
    packed = package(table, frame, draw(st.booleans()), coded, language, FLAGS.get(flags, {}))
    if way == "dta":
        pyreadstat.write_dta(packed[0], path, variable_value_labels=packed[1])
    else:
        # A choice that the package calls missing is an answer nonetheless.
        missing = {n: [draw(st.sampled_from(sorted(packed[1][n])))] for n in draw(some(coded))}
        pyreadstat.write_sav(
            packed[0], path, variable_value_labels=packed[1], missing_ranges=missing
        )
    return path, bool(flags)


#: Codes of one column a choice in packages, by what they are labelled.
FLAGS: dict[str, dict[float, str]] = {
    "0 and 1": {0.0: "No", 1.0: "Yes"},
    "1 and 2": {1.0: "No", 2.0: "Yes"},
    "turned": {0.0: "Yes", 1.0: "No"},
    "in words": {0.0: "Not mentioned", 1.0: "Mentioned"},
}


def package(
    table: Known,
    frame: pd.DataFrame,
    numbered: bool,
    coded: Collection[str],
    language: str,
    flags: Mapping[float, str],
) -> tuple[pd.DataFrame, dict[str, dict[float, str]]]:
    """Codes with labels: the names where they are numbers, else counted from one.

    What is not ``coded`` stands by its name, as text. With ``flags`` the question of many answers
    has a column a choice, ``v1`` and on, in these codes.
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
    if flags:
        del frame["many"]
        no, yes = sorted(flags, key=lambda code: "Yes" in flags[code] or flags[code] == "Mentioned")
        for place, choice in enumerate(table.form.question("many").choice_names, 1):
            said = [None if v is None else yes if choice in v else no for v in table.many]
            frame[f"v{place}"] = pd.Series(said, dtype=float)
            labels[f"v{place}"] = dict(flags)
    return frame, labels


def check(folder: Path, data: st.DataObject, ways: Sequence[str]) -> None:
    """Draw a table, write it into a folder in one of some ways, read it and hold it against it."""
    table = data.draw(known())
    path, empty_sets = data.draw(written(table, folder, ways))
    sources: dict[str, Any] = {"missing": [table.missing]} if table.missing else {}
    names = table.form.question("many").choice_names
    sources["columns"] = {f"v{place}": f"many/{c}" for place, c in enumerate(names, 1)}
    try:
        read = read_export(path, path.name, table.form, sources)
        inputs = CleaningInputs({}, FIELDWORK, sources=sources, by_header=read.by_header)
        frame = clean(read.frame, table.form, inputs, {}, RULES).frame
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
    many = [v if v in ("", NONE_TICKED) else set(v.split()) for v in frame["many"].fillna("")]
    assert many == expected
    for place in range(len(table.form.question("many").choices) if table.order else 0):
        order = [v[place] if v else "" for v in table.order]
        assert frame[f"order_{place + 1}"].fillna("").tolist() == order
    numbers = [None if pd.isna(v) else float(v) for v in frame["number"]]
    assert numbers == [None if v is None else float(v) for v in table.number]
