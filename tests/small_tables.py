"""A small questionnaire, answers to it and tables of them, for the tests of the tables room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, Question
from ngo_survey.disclosure.blocks import Linked
from ngo_survey.disclosure.cells import Columns
from ngo_survey.disclosure.former_release import FormerRelease
from ngo_survey.disclosure.linked import Sources, link
from ngo_survey.disclosure.tabulate import Tables, make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import domains
from ngo_survey.tables.declared import Pairs, TableSpec
from ngo_survey.tables.forms import estimands

RULES = Rules(threshold=5, minimum_base=10, protection=5, thin_share=0.25)
#: Nothing is hidden but by accident: to look at figures alone.
OPEN = Rules(threshold=1, minimum_base=1, protection=1, thin_share=1.0)


def question(
    name: str, form: str, choices: Sequence[str] = (), kind: str = "select_one", battery: str = ""
) -> Question:
    """One question whose labels are its names."""
    return Question(
        name=name,
        type=kind,
        labels={"en": f"{name}?"},
        titles={"en": name},
        choices=tuple(Choice(c, {"en": f"{c}!"}) for c in choices),
        form=form,
        battery=battery,
    )


def book(*questions: Question) -> Questionnaire:
    """A questionnaire of these questions."""
    batteries = {q.battery for q in questions if q.battery}
    titles = {name: {"en": name} for name in sorted(batteries)}
    return Questionnaire({q.name: q for q in questions}, ("en",), titles, titles)


def spec(
    codebook: Questionnaire, name: str, banners: Sequence[str] = (), own_id: str = "", **more
) -> TableSpec:
    """The table of a question or battery."""
    battery = name in codebook.batteries
    asked = codebook.battery(name) if battery else [codebook.question(name)]
    return TableSpec(
        id=own_id or name,
        population="ngo",
        form=asked[0].form,
        question=name,
        variables=tuple(q.name for q in asked),
        items=tuple(q.item if battery else "" for q in asked),
        banners=tuple(banners),
        **more,
    )


def plain_design(codebook: Questionnaire, answers: pd.DataFrame) -> SurveyDesign:
    """Everybody drawn with the same chance: percentages are those of the sample."""
    typed = codebook.type_frame(answers).assign(w=10.0)
    return SurveyDesign(typed, weights="w")


def tabulate(
    codebook: Questionnaire,
    answers: pd.DataFrame,
    specs: list[TableSpec],
    rules: Rules = OPEN,
    pairs: Sequence[Pairs] = (),
    former: FormerRelease | None = None,
) -> Tables:
    """Make tables of answers with equal weights."""
    design = plain_design(codebook, answers)
    return make(
        design, specs, codebook, rules, np.random.default_rng(1), pairs=pairs, former=former
    )


def linked(
    codebook: Questionnaire,
    answers: pd.DataFrame,
    specs: list[TableSpec],
    told: Sources | None = None,
) -> Linked:
    """The linear system of tables, as ``make`` builds it."""
    design = plain_design(codebook, answers)
    splits = {"": domains(design, None)}
    splits |= {b: domains(design, b) for s in specs for b in s.banners}
    sources = [(s, estimands(s, design.frame, codebook)) for s in specs]
    return link(sources, Columns.make(splits, design.in_domain), told)


def shown(tables: Tables, key: str) -> pd.Series:
    """The row of a key."""
    table = pd.concat(tables.estimates.values())
    return table.set_index("key").loc[key]
