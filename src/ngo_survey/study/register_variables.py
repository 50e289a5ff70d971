"""What the register tells of everybody in it: strata, margins, and their coarser readings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ngo_survey.codebook.derived import settles
from ngo_survey.study.declared_weighting import from_register, margins_of, strata_of

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study import Study


def register_variables(study: Study, population: str, book: Questionnaire) -> frozenset[str]:
    """Return the variables of a group of respondents that anybody can look up.

    None without a register: columns of the export and shares of a population tell of nobody.
    """
    block = study.population(population).raw
    weighting = block["weighting"]
    if not from_register(weighting):
        return frozenset()
    names = [*strata_of(weighting), *margins_of(weighting)]
    rules = block.get("derive", {})
    ties = [pair for name, rule in rules.items() for pair in settles(name, rule, book)]
    return frozenset(settled_by(names, ties))


def settled_by(names: Iterable[str], ties: Iterable[tuple[str, str]]) -> set[str]:
    """Return variables and all those that follow from them, by pairs (fine, coarse)."""
    known, pairs = set(names), list(ties)
    while fresh := {coarse for fine, coarse in pairs if fine in known} - known:
        known |= fresh
    return known
