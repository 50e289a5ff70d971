"""The reliability of every declared index, as rows of the family ``rates``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning.composite_scores import item_points
from ngo_survey.results import store
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation import reliability
from ngo_survey.study import Study

log = logging.getLogger(__name__)

#: Coefficients of the index as a whole; the others are of one item.
WHOLE = ("alpha", "omega")
HEYWOOD = "one factor explains more than all of an item's variance"


def reliability_rates(
    study: Study, population: str, design: SurveyDesign, questions: Questionnaire
) -> pd.DataFrame:
    """Estimate the reliability of each derived variable made by ``index``.

    Keys are ``rates/<population>/alpha.<index>`` with ``alpha_low``, ``alpha_high``, as much for
    ``omega``, and ``item_rest.<index>.<item>``, ``alpha_without.<index>.<item>``;
    ``complete.<index>`` counts the respondents they stand on, who answered every item. Where they
    are fewer than the ``minimum_base`` of the configuration no figure is given.
    """
    declared = study.population(population).raw.get("derive", {})
    least = int(study.section("disclosure")["minimum_base"])
    rows: list[dict[str, Any]] = []
    for name, rule in declared.items():
        if rule["op"] == "index":
            points = item_points(design.frame, questions, rule)
            complete = int((points.notna().all(axis=1).to_numpy() & design.in_domain).sum())
            if complete < least:
                note = f"fewer than {least} respondents answered every item"
                rows.append({"name": f"alpha.{name}", "note": note})
                continue
            try:
                made = reliability(design.assign(**points), list(points.columns))
            except InputError as error:
                # An item that nobody answered in another way: said, and no reason to stop.
                log.warning("no reliability of %s: %s", name, error)
                rows.append({"name": f"alpha.{name}", "note": error.problem})
                continue
            rows.append({"name": f"complete.{name}", "value": complete})
            rows += _rows(name, made)
    frame = pd.DataFrame(rows, columns=["name", "value", "note"])
    key = [f"rates/{population}/{name}" for name in frame["name"]]
    return frame.assign(population=population, key=key)


def write_reliability(
    study: Study, population: str, design: SurveyDesign, questions: Questionnaire
) -> None:
    """Write ``results/rates/reliability_<population>.csv``, its heads alone without an index."""
    path = study.paths.result("rates", f"reliability_{population}")
    store.write(reliability_rates(study, population, design, questions), "rates", path)


def _rows(name: str, made: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in made.to_dict("records"):
        statistic = str(row["statistic"])
        if statistic in WHOLE and pd.isna(row["estimate"]):
            yield {"name": f"{statistic}.{name}", "note": HEYWOOD}
        elif statistic in WHOLE:
            for end, column in (("", "estimate"), ("_low", "ci_low"), ("_high", "ci_high")):
                if pd.notna(row[column]):
                    yield {"name": f"{statistic}{end}.{name}", "value": row[column]}
        elif pd.notna(row["estimate"]):
            yield {"name": f"{statistic}.{name}.{row['item']}", "value": row["estimate"]}
