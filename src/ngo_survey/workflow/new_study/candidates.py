"""Which questions may serve as columns of tables, as regions, as outcomes: proposals, no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ngo_survey.workflow.new_study.given_answers import GivenAnswers

#: Columns of tables have so many levels at most, each with so many respondents at least.
MOST_LEVELS = 8
FEWEST = 10
#: What questions are about by which answers are often compared; the earlier, the better.
BACKGROUND = tuple(
    re.compile(rf"(?:^|[\W_])(?:{words})", re.IGNORECASE)
    for words in (
        "region|province|governorate|district|county|oblast|regional|регион|область|өңір",
        "urban|rural|settlement|neighbou?rhood|city|town|местность",
        "legal form|type of (?:organi[sz]ation|agency)|sector|organi[sz]ation|статус",
        "size|employees|staff|budget|revenue|turnover",
        "sex|gender|пол(?:$|\\W)|жыныс",
        "age|возраст|жас(?:$|\\W)",
        "education|educ|income|race|ethnic|kids|children|displace|marital",
    )
)
REGION = BACKGROUND[0]
#: How consent is asked for.
CONSENT = re.compile(
    r"consent|(?:agree|willing|want|like) to (?:take part|participate|be interviewed|continue)"
    r"|соглас\w+ (?:ли )?(?:вы )?(?:на участие|участвовать|принять участие|пройти|ответить)"
    r"|қатысуға келіс",
    re.IGNORECASE,
)
OUTCOME = re.compile(
    r"satisf|chang|improv|trust|impact|recommend|import|often|likely|опыт|довол|довер|измен",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """A question with one answer: its name and words, its form, and the answers as they came."""

    name: str
    label: str
    form: str
    battery: str
    answers: pd.Series


def banner_candidates(asked: Sequence[Asked], most: int = 3) -> list[str]:
    """Return questions whose few levels all have respondents enough, background ones first."""
    found = []
    for place, question in enumerate(asked):
        if question.battery or question.form not in ("single", "scale"):
            continue
        if _asks_consent(question):
            continue
        found_here = GivenAnswers.of(question.answers)
        counts = found_here.counts.values()
        enough = sum(count >= FEWEST for count in counts)
        if not 2 <= len(counts) <= MOST_LEVELS or enough < 2:
            continue
        if found_here.filled < 0.6 * len(question.answers):
            continue
        found.append((_rank(question), place, question.name))
    kept = sorted(found)
    named = [name for rank, _, name in kept if rank < len(BACKGROUND)] or [n for *_, n in kept]
    return named[:most]


def region_candidates(asked: Sequence[Asked]) -> list[str]:
    """Return questions that seem to name a region."""
    return [q.name for q in asked if REGION.search(f"{q.name} {q.label}")]


def consent_candidates(asked: Sequence[Asked]) -> list[str]:
    """Return questions that seem to ask whether somebody takes part."""
    return [q.name for q in asked if q.form == "single" and _asks_consent(q)]


def outcome_candidates(asked: Sequence[Asked], most: int = 5) -> list[str]:
    """Return questions on a scale, those about change, trust and the like first."""
    scales = [q for q in asked if q.form in ("scale", "rating")]
    scales.sort(key=lambda q: not OUTCOME.search(f"{q.name} {q.label}"))
    return [q.name for q in scales if _rank(q) == len(BACKGROUND)][:most]


def _asks_consent(question: Asked) -> bool:
    return CONSENT.search(f"{question.name} {question.label}") is not None


def _rank(question: Asked) -> int:
    words = f"{question.name} {question.label}"
    return next((i for i, about in enumerate(BACKGROUND) if about.search(words)), len(BACKGROUND))
