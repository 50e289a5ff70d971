"""What cleaning cost: answers lost by question and rule, and what could not be judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.ingest import missing
from ngo_survey.ingest.choices import NONE_TICKED
from ngo_survey.ingest.cleaning.ledger import NOT_SHOWN

#: Rules that take no answer away: what they blank was declared to be none.
NO_LOSS = frozenset({"missing-code", "text-normalised"})
#: Share of the answers to a question from which a loss is a warning.
WARN_SHARE = 0.02
EXAMPLES = 3


def warn_share(population: Mapping[str, Any]) -> float:
    """Return from which share of its answers on the loss of a question is a warning.

    Parameters
    ----------
    population: the block of a group of respondents (``cleaning.warn_share``).
    """
    return float(population.get("cleaning", {}).get("warn_share", WARN_SHARE))


def losses(
    changes: pd.DataFrame, responses: pd.DataFrame, questions: Questionnaire
) -> pd.DataFrame:
    """Return how many answers each rule took from each question, the largest share first.

    Parameters
    ----------
    changes: the change log (:class:`.clean.Cleaned`).
    responses: the answers as they came.
    questions: the codebook; of answers in words no example is given.

    Returns
    -------
    ``rule``, ``variable``, ``lost``, ``answered`` (in the export), ``share``, ``examples``.
    """
    gone = changes["after"].isna() & changes["before"].notna()
    gone &= (changes["before"] != NONE_TICKED) & ~changes["rule"].isin(NO_LOSS)
    # Of several answers in one cell the unknown ones are dropped and the others stay.
    gone |= (changes["rule"] == "unknown-choice") & changes["before"].notna()
    rows = []
    for (rule, variable), cells in changes[gone].groupby(["rule", "variable"], sort=False):
        answered = int(responses[variable].notna().sum()) if variable in responses else 0
        private = variable in questions and questions.question(variable).private
        before = [NOT_SHOWN] if private else cells["before"].astype(str)
        examples = list(dict.fromkeys(before))[:EXAMPLES]
        share = len(cells) / answered if answered else 1.0
        rows.append((rule, variable, len(cells), answered, share, ", ".join(examples)))
    columns = ["rule", "variable", "lost", "answered", "share", "examples"]
    made = pd.DataFrame(rows, columns=columns)
    return made.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def unchecked(responses: pd.DataFrame, questions: Questionnaire) -> dict[str, list[str]]:
    """Return questions whose rules name what nobody in the export has an answer to."""
    nobody = {q.name for q in questions if q.name in responses and responses[q.name].isna().all()}
    found = {}
    for question in questions:
        rules = filter(None, (question.relevant, question.constraint))
        named = [n for r in rules for n in parse_rule(r, questions, question.name).variables]
        lacking = [n for n in named if n in nobody and n != question.name]
        if lacking and question.name not in nobody and question.type != "derived":
            found[question.name] = lacking
    return found


def missing_codes(cleaned: pd.DataFrame, questions: Questionnaire) -> dict[str, list[str]]:
    """Return numbers that look like codes for no answer, by question: proposed, never taken.

    Such are negative codes, and a largest number of nines or eights that is twice the next.
    """
    found = {}
    for question in questions:
        if not question.numeric or question.type == "derived" or question.name not in cleaned:
            continue
        texts = [t for t in map(str, cleaned[question.name].dropna().unique())]
        numbers = sorted(pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").dropna())
        codes = [t for t in texts if t in missing.COMMON and t.startswith("-")]
        if len(numbers) > 1 and numbers[-1] >= 2 * numbers[-2]:
            codes += [t for t in texts if t in missing.COMMON and float(t) == numbers[-1]]
        if codes:
            found[question.name] = sorted(set(codes))
    return found
