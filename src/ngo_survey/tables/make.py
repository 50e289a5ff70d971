"""All tables of one group of respondents: estimated, tested, and made safe together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.estimation.domains import Domains, domains
from ngo_survey.tables.cells import Columns
from ngo_survey.tables.disclosure import Rules, primary
from ngo_survey.tables.estimates import estimate
from ngo_survey.tables.forms import panels
from ngo_survey.tables.linked import Sources, link
from ngo_survey.tables.protect import protect
from ngo_survey.tables.status import Marks, hidden_in, release
from ngo_survey.tables.tests import test_table

if TYPE_CHECKING:
    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.sampling import SurveyDesign
    from ngo_survey.tables.spec import TableSpec


@dataclass(frozen=True)
class Tables:
    """Tables ready to be released.

    Attributes
    ----------
    estimates: rows of the family ``estimates`` by table id, hidden figures blanked.
    tests: rows of the family ``tests`` by table id.
    rates: rows of the family ``rates``: how much is hidden, and what proved it safe.
    """

    estimates: dict[str, pd.DataFrame]
    tests: dict[str, pd.DataFrame]
    rates: pd.DataFrame


def make(
    design: SurveyDesign,
    specs: list[TableSpec],
    codebook: Questionnaire,
    rules: Rules,
    rng: np.random.Generator,
    told: Sources | None = None,
) -> Tables:
    """Make every table of a population.

    ``told`` is what other results say already (``told.indicators``): it is taken as known.

    Raises
    ------
    DisclosureError: a small cell cannot be protected.
    """
    sources = [(spec, panels(spec, design.frame, codebook)) for spec in specs]
    splits: dict[str, Domains] = {"": domains(design, None)}
    for spec in [*specs, *(spec for spec, _ in told or ())]:
        for banner in spec.banners:
            if banner not in splits:
                splits[banner] = domains(design, banner)
    linked = link(sources, Columns.make(splits, design.in_domain), told)
    decision = primary(linked, rules)
    protection = protect(linked, decision, rng)
    estimates, tests = {}, {}
    for number, (spec, own) in enumerate(sources):
        marks = Marks(linked, decision, protection.hidden, number)
        estimates[spec.id] = release(estimate(design, spec, own, splits), own, marks)
        tests[spec.id] = test_table(design, spec, own, partial(hidden_in, marks))
    counts = np.array(linked.cells.is_count)
    protected = int((decision.sensitive & decision.published & counts).sum())
    proof = [
        ("protected_counts", float(protected), "small counts hidden in all tables"),
        (
            "protection",
            float(rules.protection),
            "respondents: least width of what all results together say of each of them, proven by "
            "linear programming",
        ),
    ]
    return Tables(estimates, tests, _rates(specs[0].population, estimates, proof))


def _rates(
    population: str, estimates: dict[str, pd.DataFrame], proof: list[tuple[str, float, str]]
) -> pd.DataFrame:
    """Say how much is hidden, over all tables and by banner, and what was proven of it."""
    table = pd.concat(estimates.values(), ignore_index=True)
    table = table[table["status"] != "empty"]
    rows: list[tuple[str, float, str]] = [("figures", len(table), "figures in all tables")]
    for name, statuses, note in (
        ("suppressed_share", ("suppressed-primary", "suppressed-secondary"), "not shown"),
        ("suppressed_primary_share", ("suppressed-primary",), "not shown: too few respondents"),
        (
            "suppressed_secondary_share",
            ("suppressed-secondary",),
            "not shown: to protect other cells",
        ),
    ):
        hidden = table["status"].isin(statuses)
        rows.append((name, hidden.mean(), f"share of figures {note}"))
        if name == "suppressed_share":
            for banner, share in hidden.groupby(table["by"], sort=False).mean().items():
                of = f"by {banner}" if banner else "in the total column"
                rows.append((f"{name}_{banner or 'total'}", share, f"share of figures {of} {note}"))
    rates = pd.DataFrame(rows + proof, columns=["name", "value", "note"])
    rates.insert(0, "population", population)
    rates.insert(0, "key", f"rates/{population}/" + rates["name"])
    return rates
