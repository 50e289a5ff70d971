"""The verb `trend`: official figures in, checked data sets, series and back-tests out."""

from __future__ import annotations

import pandas as pd

from ngo_survey.errors import nearest
from ngo_survey.results import store
from ngo_survey.statistics.trends.official import check
from ngo_survey.statistics.trends.rule import ProjectionRule
from ngo_survey.statistics.trends.series import make_series, project
from ngo_survey.study import Study
from ngo_survey.study.languages import said
from ngo_survey.workflow.files import read_table
from ngo_survey.workflow.verbs.counts import counted


def run(study: Study) -> str:
    """Check every official data set, make the declared series and continue those that allow it."""
    checked = {name: official_data(study, name) for name in study.section("official")}
    for name, frame in checked.items():
        keyed = frame.assign(dataset=name, key=[f"official/{name}/{i}" for i in frame["id"]])
        store.write(keyed, "official", study.paths.result("official", name))
    options = study.section("trends")
    rule, tested = ProjectionRule.of(options), [pd.DataFrame({"key": []})]
    for name, declared in options.get("series", {}).items():
        if declared["dataset"] not in checked:
            raise study.mistake(
                "no such official data set",
                f"trends.series.{name}.dataset",
                declared["dataset"],
                nearest(declared["dataset"], checked),
            )
        with study.at(f"trends.series.{name}.where"):
            observed = make_series(checked[declared["dataset"]], declared)
        ahead, backtests = project(observed, rule)
        frame = pd.concat([observed, ahead], ignore_index=True)
        frame = frame.assign(series=name, concept=said(declared["concept"], study.languages[0]))
        store.write(_keyed(frame, name), "series", study.paths.result("series", name))
        if len(backtests):
            key = [
                f"backtest/{name}/{model}@{int(steps)}"
                for model, steps in zip(backtests["model"], backtests["steps"], strict=True)
            ]
            tested.append(backtests.assign(series=name, key=key))
    if options.get("series"):
        made = pd.concat(tested, ignore_index=True) if len(tested) > 1 else tested[0]
        store.write(made, "backtests", study.paths.result("backtests", "series"))
    return f"{counted(len(checked), 'data set')}, {len(options.get('series', {}))} series"


def _keyed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return rows with keys: ``series/<name>/<year>@<kind>``, and the model of what is modelled."""
    models = frame["model"].fillna("")
    stems = [f"series/{name}/{y}".rstrip("/") for y in frame["year"]]
    kinds = [f"{k}_{m}" if m else str(k) for k, m in zip(frame["kind"], models, strict=True)]
    keys = pd.Series([f"{s}@{k}" for s, k in zip(stems, kinds, strict=True)], index=frame.index)
    # Two sources may give a year each its own figure: both stand.
    again = keys.groupby(keys).cumcount()
    return frame.assign(
        key=[k if i == 0 else f"{k}-{i + 1}" for k, i in zip(keys, again, strict=True)]
    )


def official_data(study: Study, name: str) -> pd.DataFrame:
    """Return a data set of official figures; raises :class:`InputError` for a fault of its file."""
    file = study.section("official")[name]["file"]
    frame = read_table(study, file)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    geography = study.section("geography")
    whole = [geography["country"]] if "country" in geography else []
    regions = [*whole, *geography.get("regions", ())]
    return check(frame, file, regions).reset_index(drop=True)
