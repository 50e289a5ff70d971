"""Names in a declared figure: tables, models, series, regions, waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study.known_names import KnownNames
    from ngo_survey.tables.compared import Changed


def check_figure(
    names: KnownNames, spec: Mapping[str, Any], analyses: Mapping[str, Questionnaire], where: str
) -> None:
    """Raise ConfigError for a name in a figure that the study does not have.

    ``analyses``: the codebook of every table and pair, by id.
    """
    named = [("analysis", spec)] if "analysis" in spec else []
    named += [(f"analyses.{i}", entry) for i, entry in enumerate(spec.get("analyses", ()))]
    banners = [*spec.get("banners", ()), *([spec["banner"]] if "banner" in spec else ())]
    for place, entry in named:
        name = entry["analysis"]
        names.known(name, analyses, f"{where}.{place}", "analysis")
        level, by = entry.get("level"), name.partition("_by_")[2]
        if level is not None and by:
            levels = analyses[name].question(by).choice_names
            names.known(level, levels, f"{where}.{place}.level", "level")
        for banner in banners:
            crossed = [a.partition("_by_")[2] for a in analyses if a.startswith(f"{name}_by_")]
            names.known(banner, crossed, f"{where}.banner", f"banner of {name}")
    for key in ("table", "battery"):
        if key in spec:
            _asked(names, spec, key, analyses, where)
    models = names.study.section("models").get("declared", {})
    if "model" in spec:
        names.known(spec["model"], models, f"{where}.model", "model")
    if spec["kind"] == "contrasts":
        names.known(spec.get("model", ""), models, f"{where}.model", "model")
        model = models[spec["model"]]
        wholes = [shift["battery"] for shift in model.get("shifts", ())]
        compared = [*model.get("contrasts", ()), *wholes]
        names.known(spec.get("variable", ""), compared, f"{where}.variable", "contrast or shift")
    if spec["kind"] == "specification":
        curves = names.study.section("models").get("specifications", {})
        names.known(spec.get("model", ""), curves, f"{where}.model", "specification curve")
        effects = curves[spec["model"]]["effects"]
        names.known(spec.get("term", ""), effects, f"{where}.term", "effect of the curve")
    if "areas" in spec:
        known = names.study.section("small_areas")
        names.known(spec["areas"], known, f"{where}.areas", "figure of small areas")
    for series in spec.get("series", ()):
        known = names.study.section("trends").get("series", {})
        names.known(series, known, f"{where}.series", "series")
    if "population" in spec:
        book = names.book(spec["population"], f"{where}.population")
        if "variable" in spec:
            names.known(spec["variable"], book.questions, f"{where}.variable", "variable")


def check_kind(
    names: KnownNames, figure: Mapping[str, Any], changed: Sequence[Changed], where: str
) -> None:
    """Raise ConfigError where a figure of its kind needs what the study does not have."""
    if figure["kind"] in ("map", "tiles"):
        _mapped(names, figure["kind"], where)
    if "wave" in figure:
        names.known(figure["wave"], names.study.waves, f"{where}.wave", "wave")
    if figure["kind"] == "slope":
        compared = [c.analysis for c in changed]
        compared += [f"{c.analysis}_by_{banner}" for c in changed for banner in c.by]
        what = "table compared by waves.change"
        names.known(figure.get("analysis", ""), compared, f"{where}.analysis", what)


def _asked(
    names: KnownNames,
    spec: Mapping[str, Any],
    key: str,
    analyses: Mapping[str, Questionnaire],
    where: str,
) -> None:
    """Refuse a question that a group of the figure has no table of."""
    groups = names.study.populations
    for name in spec.get("groups") or names.study.sides:
        names.known(name, groups, f"{where}.groups", "group of respondents")
        prefix = groups[name].table_prefix
        own = [a.removeprefix(prefix) for a in analyses if a.startswith(prefix)]
        names.known(spec[key], own, f"{where}.{key}", f"table of {name}")


def _mapped(names: KnownNames, kind: str, where: str) -> None:
    """Refuse a map without outlines, and tiles without their places."""
    geography = names.study.section("geography")
    tiles = [r for r in geography.get("regions", {}).values() if "tile" in r]
    lacks = "outlines" not in geography if kind == "map" else not tiles
    if lacks:
        key = "geography.outlines" if kind == "map" else "tile of geography.regions"
        raise names.study.mistake(
            f"this figure needs the key {key}",
            f"{where}.kind",
            kind,
            "describe the regions (docs/config.md, geography), or take the figure out",
        )
