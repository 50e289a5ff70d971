"""Which answers are crossed with which: the key ``tables.pairs`` of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ngo_survey.errors import nearest
from ngo_survey.tables.declared import Pairs

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study import Study


def declared_pairs(study: Study, population: str | None = None) -> list[Pairs]:
    """Read ``tables.pairs``, of one population or of all.

    Raises
    ------
    ConfigError: a group of respondents that does not exist.
    """
    found = [declared_pair(study, name) for name in study.section("tables").get("pairs", {})]
    return [pairs for pairs in found if population in (None, pairs.population)]


def declared_pair(study: Study, name: str) -> Pairs:
    """Read one entry of ``tables.pairs``; raises as :func:`declared_pairs`."""
    entry = study.section("tables")["pairs"][name]
    study.population(entry["population"])
    given = tuple(entry.get("categories", ()))
    columns = entry.get("with", entry["rows"])
    whole = entry.get("of", "all") == "rows"
    return Pairs(name, entry["population"], entry["rows"], columns, given, whole)


def check_pairs(study: Study, spec: Pairs, book: Questionnaire) -> None:
    """Raise ConfigError for a question that has no many answers, and is no battery."""
    many = [*(q.name for q in book if q.many), *book.batteries]
    for key, name in (("rows", spec.rows), ("with", spec.columns)):
        if name not in many:
            raise study.mistake(
                "this is no question with many answers, and no battery",
                f"tables.pairs.{spec.name}.{key}",
                name,
                nearest(name, many),
            )
