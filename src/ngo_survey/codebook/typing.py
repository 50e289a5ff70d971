"""From text to typed columns, as the codebook says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ngo_survey.codebook.question import FRAME, ORDERED, Question
from ngo_survey.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def type_frame(question_of: Callable[[str], Question], frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with the dtypes of the codebook.

    Choices of one become categoricals in the questionnaire's order (ordered for scales and
    ratings), numbers float64; choices of many and texts stay text. Missing is NaN.

    Raises
    ------
    InputError: a value that the codebook does not know; cleaning has passed it by.
    """
    import pandas as pd

    typed: dict[str, pd.Series] = {}
    for name in frame.columns:
        if name in FRAME:
            typed[name] = frame[name]
            continue
        question = question_of(name)
        if question.numeric or question.form == "constant_sum":
            typed[name] = _numbers(question, frame[name])
        elif question.choices and not question.many:
            typed[name] = _categorical(question, frame[name])
        else:
            typed[name] = frame[name]
    return pd.DataFrame(typed)


def _numbers(question: Question, column: pd.Series) -> pd.Series:
    import pandas as pd

    try:
        return column.astype("float64")
    except (TypeError, ValueError):
        strange = pd.to_numeric(column, errors="coerce").isna() & column.notna()
        raise InputError(
            "this is not a number",
            column=question.name,
            value=column[strange].iloc[0] if strange.any() else None,
            hint="write it in digits in the export, or make the question one of text in the form",
        ) from None


def _categorical(question: Question, column: pd.Series) -> pd.Series:
    import pandas as pd

    names = list(question.choice_names)
    codes = pd.Index(names, dtype=object).get_indexer(column)
    strange = (codes < 0) & column.notna().to_numpy()
    if strange.any():
        raise InputError(
            "this is no choice of the question",
            column=question.name,
            value=column[strange].iloc[0],
            hint="clean the responses again",
        )
    dtype = pd.CategoricalDtype(names, ordered=question.form in ORDERED)
    typed = pd.Categorical.from_codes(codes, dtype=dtype)
    return pd.Series(typed, index=column.index, name=column.name)


def numbers(question: Question, column: pd.Series) -> pd.Series:
    """Return a column as float64; raises for a question whose answers are no numbers."""
    if question.numeric or question.form == "constant_sum":
        return _numbers(question, column)
    if question.form == "rating":
        points = {c: float(c) for c in question.choice_names if c.isdigit()}
        return column.astype(object).map(points).astype("float64")
    raise InputError("the answers to this question are no numbers", column=question.name)


def scale(question: Question) -> tuple[float, float] | None:
    """Return the ends of the points of a rating or a scale; None where there are none.

    The points of a rating are its choices that are numbers; those of a scale count its choices
    from 1.
    """
    if question.form == "rating":
        points = [float(c) for c in question.choice_names if c.isdigit()]
        return (min(points), max(points)) if points else None
    return (1.0, float(len(question.choices))) if question.form == "scale" else None


def points(question: Question, column: pd.Series) -> pd.Series:
    """Return answers as float64: numbers, points of a rating, places on a scale (see above)."""
    if question.form != "scale":
        return numbers(question, column)
    places = {c: float(place) for place, c in enumerate(question.choice_names, start=1)}
    return column.astype(object).map(places).astype("float64")


def indicator(question: Question, column: pd.Series) -> pd.DataFrame:
    """Return one float column a choice: 1 chosen, 0 not, NaN not answered."""
    import numpy as np
    import pandas as pd

    answered = column.notna().to_numpy()
    if question.many:
        padded = " " + column.fillna("").astype(str) + " "
        chosen = {c: padded.str.contains(f" {c} ", regex=False) for c in question.choice_names}
    else:
        chosen = {c: column == c for c in question.choice_names}
    return pd.DataFrame(
        {c: np.where(answered, hit.to_numpy(dtype=float), np.nan) for c, hit in chosen.items()},
        index=column.index,
    )
