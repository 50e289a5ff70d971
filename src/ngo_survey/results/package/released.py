"""The tables of the package: released results as the store holds them, and what names mean.

Results hold names and numbers: the names of questions and answers that the questionnaire gives, no
words of a respondent. Words stand in ``labels`` alone, and only of questions that may be tabled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ngo_survey.errors import ResultError
from ngo_survey.results.package.description import LABEL_COLUMNS, columns_of, schema
from ngo_survey.results.package.files import PUBLISHED, RELEASED

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Question, Questionnaire
    from ngo_survey.results.store import Results

#: What spreadsheets take for a formula, negative numbers aside.
FORMULA = r"[=+@\t\r]|-(?!\d+(?:\.\d+)?$)"


def released(results: Results, data: str) -> dict[str, pd.DataFrame]:
    """Return every released family as one table; ``data`` is ``simulated`` or ``collected``.

    Raises
    ------
    ResultError: a value is outside what the description of its column allows.
    """
    made = {}
    for family in RELEASED:
        frame = results.family(family).reindex(columns=list(columns_of(family)))
        if "data" in frame:
            frame["data"] = data
        check(frame, family)
        if family not in PUBLISHED:
            refuse_formulas(frame, family)
        made[family] = frame
    return made


def refuse_formulas(frame: pd.DataFrame, family: str) -> None:
    """Raise :class:`ResultError` for a name that a spreadsheet takes for a formula.

    A quote before it would falsify the name, so the name itself must be another. A negative number
    (a code such as -99) is what it looks like.
    """
    for column in frame.select_dtypes(exclude="number"):
        names = frame[column].dropna().drop_duplicates()
        live = names[names.str.match(FORMULA)]
        if len(live):
            raise ResultError(
                f"a name in {family} begins as a formula does",
                column=str(column),
                value=live.iloc[0],
                hint="give the question or choice another name",
            )


def check(frame: pd.DataFrame, family: str) -> None:
    """Hold a table against its description; raises :class:`ResultError` for the first fault."""
    for field in schema(family)["fields"]:
        name, rules = field["name"], field.get("constraints", {})
        given = frame[name].replace("", None).dropna()
        for rule, broken in (
            ("enum", ~given.isin(rules.get("enum", ()))),
            ("unique", given.duplicated()),
            ("minimum", given < rules["minimum"] if "minimum" in rules else None),
            ("maximum", given > rules["maximum"] if "maximum" in rules else None),
        ):
            if rule in rules and broken is not None and broken.any():
                raise ResultError(
                    f"a value of {family} breaks the rule {rule} of its description",
                    file="package/columns.yaml",
                    column=name,
                    value=given[broken].iloc[0],
                    hint=f"the rule is {rule}: {rules[rule]}",
                )
        if rules.get("required") and len(given) < len(frame):
            raise ResultError(f"a row of {family} has no {name}", column=name)


def labels(codebooks: Mapping[str, Questionnaire]) -> pd.DataFrame:
    """Return what names mean, in every language of each questionnaire.

    Only open questions: what identifies a respondent and what is answered in words has no row.
    """
    import pandas as pd

    rows = [
        (population, *row)
        for population, book in codebooks.items()
        for row in _of_questionnaire(book)
    ]
    return pd.DataFrame(rows, columns=list(LABEL_COLUMNS), dtype=str)


def _of_questionnaire(book: Questionnaire) -> Iterator[tuple[str, ...]]:
    written: set[str] = set()
    for question in book:
        if question.disclosure != "open" or question.form in ("text", "none"):
            continue
        whole, battery = question.battery or question.name, question.battery
        if whole not in written:
            written.add(whole)
            if battery:
                yield from _each(
                    book.battery_titles[whole], whole, wording=book.battery_labels[whole]
                )
            else:
                yield from _each(_titles(question), whole, wording=question.labels)
            for choice in question.choices:
                yield from _each(choice.labels, whole, choice=choice.name)
        if battery:
            yield from _each(_titles(question), whole, question.item, wording=question.labels)


def _titles(question: Question) -> Mapping[str, str]:
    return {**question.labels, **{k: v for k, v in question.titles.items() if v}}


def _each(
    words: Mapping[str, str],
    variable: str,
    item: str = "",
    choice: str = "",
    wording: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, ...]]:
    for language, label in words.items():
        yield variable, item, choice, language, label, (wording or {}).get(language, "")
