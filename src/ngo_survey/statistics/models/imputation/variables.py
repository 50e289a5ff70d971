"""Which answers stand behind a model: the questions to impute before it is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import sources


def behind(
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
