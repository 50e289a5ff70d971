"""``ngo-survey round``: every result as it may leave.

Reads the results store and those of earlier waves; writes the same files under ``released``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.disclosure.model_levels import Level, Modelled, hidden_in_tables
from ngo_survey.disclosure.model_levels import withhold as withhold_levels
from ngo_survey.disclosure.rounding import consistent, released, withheld
from ngo_survey.disclosure.rounding_comparisons import differences
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.two_releases import withhold
from ngo_survey.results.store import FAMILIES, Results, read, write
from ngo_survey.statistics.models.confounding import (
    e_values,
    has_e_values,
    plain_variables,
)
from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.study import Paths, Study
from ngo_survey.workflow.former_release import former_folder, former_rows
from ngo_survey.workflow.verbs.counts import counted

#: What a margin tells of the respondents of its level.
MARGIN_COUNTS = ["n", "sample", "base_weighted"]
#: Diagnostics that tell how strong something unmeasured would have to be, with what they say.
E_VALUES = {
    "e_value": "made of the released coefficient: risk ratios of something unmeasured to make it",
    "e_value_limit": "made of the released limits: risk ratios to bring the nearer to none, or 1",
}


def run(study: Study) -> str:
    """Round the results of the study and of each earlier wave."""
    tested = study.section("tables")["standard"]["level"]
    judged = study.test_level
    rounding = Rounding.of(study.section("disclosure"), (tested, judged))
    waves = [study.wave(wave.id).paths for wave in study.earlier_waves]
    prefixes = [study.population(name).table_prefix for name in study.sides]
    sides = (prefixes[0], prefixes[1]) if prefixes else ("", "")
    models = list(_modelled(study))
    declared = study.section("models").get("declared", {})
    written = [*_round(study.paths, rounding, sides, models, declared)]
    written += [path for paths in waves for path in _round(paths, rounding, sides, [], {})]
    former = former_folder(study)
    if former:
        _withhold_margins(study, former, rounding.count)
    return f"{counted(len(written), 'file')} of results rounded"


def _withhold_margins(study: Study, former: Path, threshold: int) -> None:
    """Blank the counts of weighting margins that tell of few beside the former release."""
    then = former_rows(former, "margins")
    for path in sorted((study.paths.released / "margins").glob("*.csv")):
        made = withhold(then, read("margins", path), threshold, "variable", MARGIN_COUNTS)
        write(made, "margins", path)


def _modelled(study: Study) -> Iterator[Modelled]:
    """Yield every outcome of the models and of their specifications, with its tables."""
    section = study.section("models")
    curves = section.get("specifications", {})
    for name, declared in section.get("declared", {}).items():
        codings = list(curves[name]["coding"].values()) if name in curves else []
        own = tuple(term.variable for term in terms_of(declared["terms"]))
        for outcome, variables in ((declared, None), *((coding, own) for coding in codings)):
            population, asked = declared["population"], outcome["outcome"]
            event = outcome.get("event")
            told = [event] if isinstance(event, str | int | float) else event
            yield Modelled(
                name,
                population,
                tuple(_tables(study, population, asked)),
                None if told is None else tuple(map(str, told)),
                variables,
            )


def _tables(study: Study, population: str, question: str) -> Iterator[str]:
    """Yield the names of the tables of a question that hold everybody who answered it."""
    yield f"{study.population(population).table_prefix}{question}"
    more: list[dict[str, Any]] = study.section("tables").get("more", [])
    for entry in more:
        mine = entry["population"] == population and entry["rows"] in (question, [question])
        if mine and "id" in entry and not entry.get("filter"):
            yield str(entry["id"])


def released_e_values(
    coefficients: pd.DataFrame, declared: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Return diagnostics with the E-values of the declared models' terms, rounded to 0.01.

    They are made of the coefficients and limits as released, so that they tell nothing more: a
    coefficient that is withheld has none. Nor has a term whose slope differs between cut-points: it
    has several coefficients.

    Parameters
    ----------
    coefficients: released rows of the family, those of all models.
    declared: models by name, as the section ``models.declared`` has them.
    """
    frames = [pd.DataFrame({"key": pd.Series(dtype=str)})]
    for name, model in declared.items():
        if not has_e_values(model["kind"], model.get("link", "logit")):
            continue
        plain = plain_variables(terms_of(model["terms"]))
        own = coefficients["model"].eq(name) & coefficients["variable"].isin(plain)
        own &= ~coefficients["term"].str.contains("@", regex=False)
        made = e_values(coefficients[own], model["kind"]).round(2)
        for quantity, note in E_VALUES.items():
            names = f"{quantity}/" + made["term"].astype(str)
            rows = {"name": names, "value": made[quantity], "model": name, "note": note}
            rows["key"] = f"model/{name}/diagnostic/" + names
            rows["file"] = f"diagnostics/{name}.csv"
            frames.append(pd.DataFrame(rows))
    return pd.concat(frames, ignore_index=True)


def _round(
    paths: Paths,
    rounding: Rounding,
    sides: tuple[str, str],
    models: list[Modelled],
    declared: Mapping[str, Mapping[str, Any]],
) -> list[Path]:
    results = Results.load(paths.results)
    made = {family: released(results.family(family), family, rounding) for family in FAMILIES}
    made = consistent(made, sides)
    apart = differences(results.family("comparisons"), results.family("estimates"), rounding)
    made["comparisons"] = made["comparisons"].assign(difference=apart)
    hidden: set[Level] = set()
    for one in models:
        hidden |= hidden_in_tables(results.family("estimates"), one)
    made = withhold_levels(made, hidden)
    made["tests"] = withheld(made["tests"], made["estimates"])
    unmeasured = released_e_values(made["coefficients"], declared)
    made["diagnostics"] = pd.concat([made["diagnostics"], unmeasured], ignore_index=True)
    written = []
    for family, frame in made.items():
        rows = dict(iter(frame.groupby("file", sort=False)))
        for name in results.names(family):
            path = paths.released / family / f"{name}.csv"
            none = pd.DataFrame({"key": []})
            mine = rows.get(f"{family}/{name}.csv", none)
            write(mine.drop(columns="file", errors="ignore"), family, path)
            written.append(path)
    return written
