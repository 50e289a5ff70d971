"""The verb `trend`: official figures in, checked data sets and series out."""

from __future__ import annotations

import pandas as pd

from ngo_survey import store
from ngo_survey.errors import InputError, nearest
from ngo_survey.study import Study
from ngo_survey.trends.official import check
from ngo_survey.trends.series import make_series, project


def run(study: Study) -> None:
    """Check every official data set and make the declared series."""
    checked = {name: _dataset(study, name) for name in study.section("official")}
    for name, frame in checked.items():
        keyed = frame.assign(dataset=name, key=[f"official/{name}/{i}" for i in frame["id"]])
        store.write(keyed, "official", study.paths.result("official", name))
    options = study.section("trends")
    for name, rule in options.get("series", {}).items():
        if rule["dataset"] not in checked:
            raise study.mistake(
                "no such official data set",
                f"trends.series.{name}.dataset",
                rule["dataset"],
                nearest(rule["dataset"], checked),
            )
        with study.at(f"trends.series.{name}.where"):
            observed = make_series(checked[rule["dataset"]], rule)
        ahead, said = project(observed, int(options["horizon"]), int(options["minimum_points"]))
        frame = pd.concat([observed, ahead], ignore_index=True) if len(ahead) else observed
        frame["note"] = frame["note"].fillna("")
        frame.loc[len(observed) - 1, "note"] = "; ".join(
            filter(None, [str(frame.loc[len(observed) - 1, "note"]), said])
        )
        frame = frame.assign(series=name, concept=rule["concept"]["en"])
        store.write(_keyed(frame, name), "series", study.paths.result("series", name))


def _keyed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    key = [f"series/{name}/{y}@{k}" for y, k in zip(frame["year"], frame["kind"], strict=True)]
    # Two sources may give a year each its own figure: both stand.
    again = frame.groupby(["year", "kind"]).cumcount()
    return frame.assign(
        key=[k if i == 0 else f"{k}-{i + 1}" for k, i in zip(key, again, strict=True)]
    )


def _dataset(study: Study, name: str) -> pd.DataFrame:
    file = study.section("official")[name]["file"]
    try:
        frame = store.read_text_csv(study.path(file))
    except FileNotFoundError:
        raise InputError(
            "the official figures are missing", file=file, mend="correct official in config.yaml"
        ) from None
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return check(frame, file).reset_index(drop=True)
