"""Which questions stand behind a model, and what an imputation knows of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import sources
from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.codebook.question import Question
from ngo_survey.errors import InputError
from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.statistics.models.imputation.variables import Form, Variable


def sources_of(
    names: Iterable[str], questions: Questionnaire, derive: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the questions and batteries that ``names`` are made from, each once.

    Derived variables are followed to their sources; an item of a battery of parts or of scales
    stands for its battery, since one item is imputed with the others.
    """
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name in derive:
            waiting += sources(derive[name])
        elif name in questions and questions.question(name).battery:
            found.setdefault(questions.question(name).battery)
        else:
            found.setdefault(name)
    return list(found)


def of_model(declared: Mapping[str, Any]) -> list[str]:
    """Return the outcome and the variables of a declared model."""
    return [declared["outcome"], *(n for t in terms_of(declared["terms"]) for n in t.names)]


def imputed_variables(questions: Questionnaire, names: Iterable[str]) -> list[Variable]:
    """Return questions and batteries (of parts or of scales) as variables to impute, each once.

    Raises
    ------
    InputError: one is unknown, or of a form that cannot be imputed (a text, a rank).
    """
    return [_variable(name, questions) for name in dict.fromkeys(names)]


def _variable(name: str, questions: Questionnaire) -> Variable:
    items = [questions.question(name)] if name in questions else questions.battery(name)
    first = items[0]
    rule = parse_rule(first.relevant, questions, first.name) if first.relevant else None

    def asked(frame: pd.DataFrame) -> NDArray[np.bool_]:
        assert rule is not None
        return rule.evaluate(frame).fillna(True).to_numpy(dtype=bool)

    return Variable(
        name,
        _form(name, items),
        tuple(question.name for question in items),
        # "Don't know" beside the points of a rating cannot be imputed.
        tuple(c for c in first.choice_names if first.form != "rating" or c.isdigit()),
        asked if rule else None,
        frozenset(rule.variables if rule else ()),
    )


def _form(name: str, items: list[Question]) -> Form:
    first = items[0]
    if first.form == "constant_sum":
        if len(items) == 1:
            raise InputError(
                "a part is imputed with its whole", column=name, hint=f"name {first.battery}"
            )
        return "parts"
    if first.form == "multiple":
        return "multiple"
    if first.form == "number" and len(items) == 1:
        return "number"
    if first.form in {"single", "scale", "rating"} and first.type != "derived":
        return "single" if first.form == "single" else "ordered"
    raise InputError(
        f"a variable of the form {first.form} cannot be imputed",
        column=name,
        hint="name the question it is made from" if first.type == "derived" else "leave it out",
    )
