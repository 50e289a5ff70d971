"""The verb `areas`: figures of small areas by a model, made of released figures alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.disclosure.released_areas import area_weights, as_released, model_based
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.errors import InputError
from ngo_survey.results import store
from ngo_survey.statistics.small_areas import official_column, register_column
from ngo_survey.study import Study
from ngo_survey.study.declared_areas import SmallAreas, declared_areas
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.trend import official_data
from ngo_survey.workflow.verbs.weight import read_frames


def run(study: Study) -> str:
    """Estimate every declared figure of small areas.

    Reads the tables of the groups and their margins, official figures and registers; writes one
    file an entry in results/areas. Of the tables nothing counts but what a reader of the release
    has of them.
    """
    rounding = Rounding.of(study.section("disclosure"))
    declared = declared_areas(study)
    for areas in declared:
        with study.at(f"small_areas.{areas.name}"):
            made = estimated(study, areas, rounding)
        store.write(made, "areas", study.paths.result("areas", areas.name))
    return counted(len(declared), "figure") + " of small areas"


def estimated(study: Study, areas: SmallAreas, rounding: Rounding) -> pd.DataFrame:
    """Return the rows of one entry, in the columns of the family ``areas``.

    Raises
    ------
    InputError: the table has no such figure, or none by these areas; see :func:`model_based`.
    """
    path = study.paths.result("estimates", areas.table)
    rows = as_released(store.read("estimates", path), "estimates", rounding)
    ours = (
        (rows["statistic"] == areas.statistic)
        & (rows["item"] == areas.item)
        & (rows["category"] == areas.category)
    )
    whole, direct = (
        rows[ours & (rows["analysis"] == areas.table)],
        rows[ours & (rows["analysis"] == areas.analysis)],
    )
    if whole.empty or direct.empty:
        raise InputError(
            "the table has no such figure"
            if whole.empty
            else "no figure by these areas is released",
            column="table" if whole.empty else "by",
            value=areas.table if whole.empty else areas.by,
            hint=_figures(rows, areas),
        )
    levels = list(direct["by_level"])
    total = whole.iloc[0].to_dict()
    weights = None
    if areas.benchmark != "none":
        weights = area_weights(direct, total, _margin(study, areas, rounding))
    made = model_based(
        direct,
        total,
        _columns(study, areas, levels),
        rounding,
        weights,
        areas.benchmark,
    )
    return made.assign(
        name=areas.name,
        population=areas.population,
        analysis=areas.analysis,
        item=areas.item,
        category=areas.category,
        by=areas.by,
        statistic=areas.statistic,
        key=[f"areas/{areas.name}/{level}" for level in made["by_level"]],
    )


def _figures(rows: pd.DataFrame, areas: SmallAreas) -> str:
    """Say which figures of the table there are."""
    whole = rows[(rows["analysis"] == areas.table) & rows["statistic"].isin(["proportion", "mean"])]
    named = whole[["statistic", "item", "category"]].drop_duplicates().head(8)
    said = [" ".join(filter(None, row)) for row in named.itertuples(index=False)]
    return f"of {areas.table} there are: {', '.join(said)}" if said else "choose another table"


def _margin(study: Study, areas: SmallAreas, rounding: Rounding) -> pd.Series:
    """Return the part of each area in the population, as released."""
    path = study.paths.result("margins", areas.population)
    rows = as_released(store.read("margins", path), "margins", rounding)
    return rows[rows["variable"] == areas.by].set_index("level")["register"]


def _columns(study: Study, areas: SmallAreas, levels: list[str]) -> pd.DataFrame:
    """Return what is declared to be known of every area: one column each, areas as the index."""
    made = pd.DataFrame(index=pd.Index(levels, name="by_level"))
    for place, declared in enumerate(areas.columns):
        with study.at(f"small_areas.{areas.name}.columns.{place}"):
            made[_named(declared)] = _column(study, areas, declared, levels)
    return made


def _named(declared: Mapping[str, Any]) -> str:
    if "register" in declared:
        return f"{declared['register']}={declared['category']}"
    return " ".join(
        [str(declared["official"]), *(f"{v}" for v in declared.get("where", {}).values())]
    )


def _column(
    study: Study, areas: SmallAreas, declared: Mapping[str, Any], levels: list[str]
) -> pd.Series:
    if "official" in declared:
        frame = official_data(study, str(declared["official"]))
        return official_column(
            frame, declared.get("where", {}), levels, declared.get("transform") == "log"
        )
    _, register = read_frames(study, areas.population)
    return register_column(
        register, areas.by, str(declared["register"]), str(declared["category"]), levels
    )
