"""Read the section ``small_areas``: which figure a model estimates for which areas, from what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from ngo_survey.study.declared_weighting import from_register, margins_of, strata_of

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study.known_names import KnownNames
    from ngo_survey.study.study import Study


@dataclass(frozen=True)
class SmallAreas:
    """One entry of ``small_areas``.

    Attributes
    ----------
    name: of the entry.
    population: the group of respondents.
    table: id of the table that holds the direct figures.
    by: the banner whose levels are the areas.
    statistic, item, category: which figure of the table.
    columns: what is known of every area, as declared.
    benchmark: how areas are made to add up to the whole.
    """

    name: str
    population: str
    table: str
    by: str
    statistic: str
    item: str
    category: str
    columns: tuple[Mapping[str, Any], ...]
    benchmark: Literal["difference", "ratio", "none"]

    @property
    def analysis(self) -> str:
        """The analysis of the direct figures: ``<table>_by_<banner>``."""
        return f"{self.table}_by_{self.by}"


def declared_areas(study: Study) -> list[SmallAreas]:
    """Return the entries of ``small_areas`` in their order."""
    return [
        SmallAreas(
            name=name,
            population=str(entry["population"]),
            table=str(entry["table"]),
            by=str(entry["by"]),
            statistic=str(entry.get("statistic", "proportion")),
            item=str(entry.get("item", "")),
            category=str(entry.get("category", "")),
            columns=tuple(entry.get("columns", ())),
            benchmark=cast(
                'Literal["difference", "ratio", "none"]', entry.get("benchmark", "difference")
            ),
        )
        for name, entry in study.section("small_areas").items()
    ]


def check_areas(names: KnownNames, analyses: Mapping[str, Questionnaire]) -> None:
    """Keep a fault for each name under ``small_areas`` that the study does not have.

    ``analyses``: the codebook of every table, by its id and by its id and banner.
    """
    for areas in declared_areas(names.study):
        with names.faults.check(areas.name):
            _check(names, areas, analyses)


def _check(names: KnownNames, areas: SmallAreas, analyses: Mapping[str, Questionnaire]) -> None:
    where = f"small_areas.{areas.name}"
    book = names.book(areas.population, f"{where}.population")
    own = [name for name, of in analyses.items() if of is book]
    names.known(areas.table, own, f"{where}.table", f"table of {areas.population}")
    start = f"{areas.table}_by_"
    banners = [name.removeprefix(start) for name in own if name.startswith(start)]
    single = [name for name in banners if name in book.questions]
    names.known(areas.by, single, f"{where}.by", f"banner of {areas.table}")
    weighting = names.study.population(areas.population).raw["weighting"]
    margins = margins_of(weighting)
    if areas.benchmark != "none" and areas.by not in margins:
        raise names.study.mistake(
            "the weights know nothing of the areas, which are to add up to the whole",
            f"{where}.by",
            areas.by,
            f"benchmark: none, or a variable that populations.{areas.population}.weighting.margins "
            "names",
        )
    for place, column in enumerate(areas.columns):
        at = f"{where}.columns.{place}"
        if "official" in column:
            names.known(
                column["official"],
                names.study.section("official"),
                f"{at}.official",
                "data set",
            )
            continue
        known: Iterable[str] = ()
        if from_register(weighting):
            known = {*strata_of(weighting), *margins} - {areas.by}
            names.known(
                areas.by,
                {*strata_of(weighting), *margins},
                f"{where}.by",
                "variable of the register",
            )
        names.known(column["register"], sorted(known), f"{at}.register", "variable of the register")
        choices = [*book.question(column["register"]).choice_names, "none"]
        names.known(column["category"], choices, f"{at}.category", "choice")
