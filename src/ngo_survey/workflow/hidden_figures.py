"""What `check` says of disclosure control: which figures each banner would cost."""

from __future__ import annotations

import pandas as pd

from ngo_survey.disclosure.audit import DisclosureError
from ngo_survey.disclosure.forecast import Forecast, forecast
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_pairs import declared_pairs
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.register_variables import register_variables
from ngo_survey.workflow.known_results import indicators, margins
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.design import internal_column


def hidden_figures(study: Study, name: str, clean: pd.DataFrame) -> list[str]:
    """Return lines that say how many figures of a group would be hidden, by banner.

    ``clean`` are the answers of those who passed cleaning, as text. Of results that are not
    protected nothing is said.

    Raises
    ------
    ConfigError: a small cell cannot be protected, as a build would find.
    """
    rules = Rules.of(study.section("disclosure"))
    if study.unprotected or rules.threshold == 1 or clean.empty:
        return []
    questions = codebook(study, name)
    # Counts alone decide: who weighs how much does not matter.
    weight = internal_column("weight")
    typed = questions.type_frame(clean).assign(**{weight: 1.0})
    design = SurveyDesign(typed, weights=weight)
    try:
        made = forecast(
            design,
            specs(study, name, questions),
            questions,
            rules,
            study.rng(f"tabulate.{name}"),
            [*indicators(study, name, questions, typed), *margins(study, name, questions, typed)],
            declared_pairs(study, name),
            register_variables(study, name, questions),
        )
    except DisclosureError as error:
        raise study.mistake(error.problem, "tables", error.value, error.hint) from error
    # A study without tables, or whose tables nobody answered, has no figures to hide.
    return said(made) if "" in made.by else []


def said(made: Forecast) -> list[str]:
    """Write a forecast in words."""
    least = "" if made.whole else "at least "
    totals = made.by[""]
    line = f"  hidden to protect small groups: {least}{totals.hidden} of {totals.figures} totals"
    if not made.whole:
        line += "; which of them because of a banner, the build says"
    elif not made.totals:
        line += ", none because of a banner"
    lines = [line]
    for banner, count in made.by.items():
        if banner:
            more = made.totals.get(banner, 0)
            because = f", and {counted(more, 'total')} because of it" if more else ""
            share = count.hidden / count.figures
            lines.append(
                f"         under {banner}: {least}{count.hidden} of {count.figures} figures "
                f"({share:.0%}){because}"
            )
    if together := made.totals.get("", 0):
        lines.append(f"         because of several banners together: {counted(together, 'total')}")
    if not made.whole:
        lines.append(
            "         (too few respondents; of so many figures what protects those is not sought)"
        )
    return lines
