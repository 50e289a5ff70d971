"""Every reasonable choice at once: a specification curve, so that no one path is picked.

The choices are declared before the data: how the outcome is coded, weights or none, complete cases
or imputed answers, which covariates, which link. All their combinations are run and shown
(Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4, 1208-1214). What is compared is one and
the same quantity: the average marginal effect on the probability of the event, in whatever model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, SurveyError, nearest
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.fit import Fit, FitError, glm, ordinal
from ngo_survey.statistics.models.formula import Term, terms_of
from ngo_survey.statistics.models.imputation.pooling import pool

Floats = NDArray[np.float64]
#: Choices in the order of the columns of the results.
CHOICES = ("coding", "weights", "missing", "covariates", "link")
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "df", "p", "n")
COLUMNS = ["number", *CHOICES, "term", *NUMBERS, "note"]
#: The design to fit to, by weights and missing: several are imputed data sets, pooled.
Designs = Callable[[str, str], Sequence[SurveyDesign]]


@dataclass(frozen=True)
class Specification:
    """One combination of choices: a number from 1, and the name of each choice."""

    number: int
    choice: Mapping[str, str]

    @property
    def words(self) -> dict[str, str]:
        """The choices as columns of the results."""
        return {name: self.choice.get(name, "") for name in CHOICES}


@dataclass(frozen=True)
class OutcomeCoding:
    """One coding of the outcome: the model, and the levels that count as the event."""

    kind: str
    outcome: str
    event: tuple[str, ...]


def specifications(choices: Mapping[str, Sequence[str]]) -> list[Specification]:
    """Return every combination of the declared choices, the first of each first."""
    names = [name for name in CHOICES if choices.get(name)]
    combined = product(*(choices[name] for name in names))
    return [
        Specification(number, dict(zip(names, combination, strict=True)))
        for number, combination in enumerate(combined, start=1)
    ]


def run(
    declared: Sequence[Specification],
    codings: Mapping[str, OutcomeCoding],
    covariates: Mapping[str, Sequence[Any]],
    terms: Sequence[str],
    designs: Designs,
) -> pd.DataFrame:
    """Run every specification.

    Parameters
    ----------
    codings, covariates: what the names of these choices stand for; covariates are terms of a model.
    terms: columns whose effect is followed (``sso_experience=last_three_years``, ``age``). A
        specification without one of them has no row for it, and says so.

    Returns
    -------
    ``number``, the columns of :data:`CHOICES`, ``term, estimate, se, ci_low, ci_high, df, p, n,
    note``: one row a specification and term. A fit that fails is a row without numbers whose note
    is the reason.
    """
    rows = [row for one in declared for row in _one(one, codings, covariates, terms, designs)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _one(
    one: Specification,
    codings: Mapping[str, OutcomeCoding],
    covariates: Mapping[str, Sequence[Any]],
    terms: Sequence[str],
    designs: Designs,
) -> Iterator[dict[str, Any]]:
    head = {"number": one.number, **one.words}
    coding = codings[one.choice["coding"]]
    used = covariates[one.choice["covariates"]]
    link = {"link": one.choice["link"]} if one.choice.get("link") else {}
    weights = one.choice.get("weights", "weighted")
    missing = one.choice.get("missing", "complete")
    try:
        fits = [_fit(d, coding, used, link) for d in designs(weights, missing)]
    except SurveyError as error:
        yield from ({**head, "term": term, "note": str(error)} for term in terms)
        return
    for term in terms:
        if term not in fits[0].matrix.names:
            yield {**head, "term": term, "note": "the term is not in these covariates"}
            continue
        try:
            yield {**head, "term": term, **_effect(fits, term, coding.event)}
        except SurveyError as error:
            yield {**head, "term": term, "note": str(error)}


def _fit(
    design: SurveyDesign, coding: OutcomeCoding, terms: Sequence[Any], link: Mapping[str, Any]
) -> Fit:
    if coding.kind == "ordinal":
        return ordinal(design, coding.outcome, terms, **link)
    if coding.kind == "binomial":
        return glm(
            design, coding.outcome, terms, family="binomial", event=list(coding.event), **link
        )
    raise InputError("a curve needs probabilities", value=coding.kind, hint="ordinal or binomial")


def _effect(fits: Sequence[Fit], term: str, event: Sequence[str]) -> dict[str, Any]:
    each = [event_effect(fit, term, event) for fit in fits]
    n, df = fits[0].design.n, fits[0].df
    if len(each) == 1:
        (estimate, variance), note = each[0], ""
        se, freedom = float(np.sqrt(variance)), float(df)
    else:
        pooled = pool([e for e, _ in each], [v for _, v in each], df)
        estimate, se, freedom = float(pooled.estimate[0]), float(pooled.se[0]), float(pooled.df[0])
        note = f"pooled over {len(each)} imputed data sets"
    t = float(distributions.t_quantile(0.975, freedom))
    return {
        "estimate": estimate,
        "se": se,
        "ci_low": estimate - t * se,
        "ci_high": estimate + t * se,
        "df": freedom,
        "p": 2 * float(distributions.t_tail(abs(estimate) / se, freedom)) if se > 0 else np.nan,
        "n": n,
        "note": note,
    }


def event_effect(fit: Fit, term: str, event: Sequence[str]) -> tuple[float, float]:
    """Return the average marginal effect of a column on P(event) and its variance.

    As :meth:`Fit.effects`, for the sum of several levels of the outcome: a level against the
    reference, or one more unit of a number; linearised over respondents and coefficients (Graubard
    & Korn 1999).

    Raises
    ------
    FitError: the event is no level of the outcome, or the term has several columns.
    """
    binary = fit.kind == "binomial"
    lost = [e for e in event if e not in fit.outcomes] if not binary else []
    if lost:
        raise FitError(
            "the event is no level of the outcome",
            column=fit.outcome,
            value=lost[0],
            hint=nearest(lost[0], fit.outcomes),
        )
    place = fit.matrix.names.index(term)
    own = fit.matrix.columns(fit.matrix.variables[place])
    ahead, before = fit.matrix.X.copy(), fit.matrix.X.copy()
    if fit.matrix.levels[place]:
        ahead[:, own] = before[:, own] = 0.0
        ahead[:, place] = 1.0
    elif len(own) == 1:
        ahead[:, place] += 1.0
    else:
        raise FitError("a term of several columns has no single effect", column=term)
    wanted = np.array([binary or o in event for o in fit.outcomes], dtype=float)
    w = fit.weights
    total = w.sum()
    response = fit.likelihood.response(fit.theta, ahead) - fit.likelihood.response(
        fit.theta, before
    )
    slope = fit.likelihood.gradient(fit.theta, ahead, w) - fit.likelihood.gradient(
        fit.theta, before, w
    )
    change = response @ wanted
    estimate = float(w @ change / total)
    own_part = np.where(fit.design.in_domain, (change - estimate) / total, 0.0)
    influence = fit.influence @ (wanted @ slope / total) + own_part
    return estimate, float(fit.design.variance(influence)[0])


def covariate_sets(
    terms: str | Sequence[Any], declared: Mapping[str, Mapping[str, Sequence[str]]]
) -> dict[str, list[Term]]:
    """Return the terms of each named set: ``only`` some variables, or all ``without`` some.

    Raises
    ------
    InputError: a set names a variable that the model lacks, or leaves nothing.
    """
    parsed = terms_of(terms)
    known = [term.variable for term in parsed]
    made = {}
    for name, rule in declared.items():
        for named in (*rule.get("only", ()), *rule.get("without", ())):
            if named not in known:
                raise InputError(
                    "the model has no such term", value=named, hint=nearest(named, known)
                )
        kept = set(rule.get("only", known)) - set(rule.get("without", ()))
        made[name] = [term for term in parsed if term.variable in kept]
        if not made[name]:
            raise InputError("a set of covariates is empty", value=name)
    return made


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how each effect moves over the curve.

    ``term, run, failed, median, lowest, highest, same_sign`` (share with the sign of the median)
    and ``clear`` (share whose limits leave zero out on that side): description, not a test.
    """
    found = []
    for term, mine in rows.groupby("term", sort=False):
        estimated = mine.dropna(subset=["estimate"])
        middle = float(estimated["estimate"].median()) if len(estimated) else np.nan
        sign = np.sign(middle)
        same = np.sign(estimated["estimate"]) == sign
        clear = same & ~((estimated["ci_low"] <= 0) & (estimated["ci_high"] >= 0))
        found.append(
            {
                "term": term,
                "run": len(estimated),
                "failed": len(mine) - len(estimated),
                "median": middle,
                "lowest": float(estimated["estimate"].min()),
                "highest": float(estimated["estimate"].max()),
                "same_sign": float(same.mean()) if len(estimated) else np.nan,
                "clear": float(clear.mean()) if len(estimated) else np.nan,
            }
        )
    return pd.DataFrame(found)
