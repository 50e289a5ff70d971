"""From an invitation to a weight: base weight, nonresponse, raking to the register.

Pure functions on three frames: the *sample* (one row an invited unit, with the stratum variables
of the register and its disposition), the *register* (counts of the population by the same
variables) and the respondents who passed cleaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.calibration import margin, rake
from ngo_survey.statistics.design.survey_design import SurveyDesign
from ngo_survey.statistics.design.variance import Floats
from ngo_survey.statistics.weighting.margin_balance import against_register
from ngo_survey.statistics.weighting.merging import Merged, cells, merge_thin
from ngo_survey.statistics.weighting.resampled import (
    REPLICATES,
    Resampled,
    Resampling,
    resample,
    weigh_again,
)
from ngo_survey.statistics.weighting.response_rates import DISPOSITIONS, UNKNOWN, response_rates
from ngo_survey.statistics.weighting.trimming import trimmed

#: Prefix of the columns that hold a respondent's level in a calibration margin.
MARGIN = "margin_"
#: Totals of the levels of each margin.
Totals = dict[str, dict[Any, float]]
#: Columns of sample and register that are no stratum or margin.
FRAME = ("sample_id", "disposition", "count")
#: A stratum variable may be called base_weight; none is called so.
BASE_WEIGHT = "(base_weight)"


@dataclass(frozen=True)
class Weighting:
    """What weighting makes.

    Attributes
    ----------
    weights: one row a respondent: ``respondent``, ``stratum``, ``stratum_size``, ``base_weight``,
        ``adjusted_weight`` (after nonresponse and trimming), ``weight`` (raked), and one column a
        margin.
    calibration: ``margin``, ``level``, ``total``.
    margins: sample against register: ``variable``, ``level``, ``register``, ``n``, ``sample``,
        ``base_weighted``, ``weighted`` (shares).
    rates: ``name``, ``value``, ``note``.
    replicates: where variances are taken from replicate weights: ``replicate`` (a column of
        ``weights``), ``scale``, ``around``, ``degrees_of_freedom``, as
        :class:`replication.Replication`, and ``of`` (see :data:`resampled.REPLICATES`).
    """

    weights: pd.DataFrame
    calibration: pd.DataFrame
    margins: pd.DataFrame
    rates: pd.DataFrame
    replicates: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*REPLICATES]))


def weight_sample(
    sample: pd.DataFrame,
    register: pd.DataFrame,
    respondents: Sequence[str],
    options: Mapping[str, Any],
    resampling: Resampling | None = None,
) -> Weighting:
    """Weight the respondents to the register.

    1. Base weight ``N_h / n_h`` by stratum of the sample.
    2. Nonresponse: in each cell (strata, the thin ones merged by :func:`merging.merge_thin`) the
       base weights of completes are raised to those of all eligible units, units of unknown
       eligibility counted with the share ``e`` (weighting-class adjustment, Oh & Scheuren 1983;
       Valliant, Dever & Kreuter 2018, sec. 13.4-13.5). A stratum where nobody was invited is
       stood for by the others of its cell.
    3. Trimming, where bounds are declared, and raking to the declared margins of the register
       (Deming & Stephan 1940), whose variance :meth:`SurveyDesign.rake` knows. The register counts
       its dead units too: where the sample found ineligible ones, the margins are those of the
       eligible, see :func:`eligible_margins`.
    4. Where ``resampling`` says so, samples are drawn from the invited units of each cell and go
       through all of this again, see :mod:`resampled`; the cells that were merged stay merged.

    Parameters
    ----------
    sample: ``sample_id``, stratum and margin variables, ``disposition``.
    register: stratum and margin variables, ``count``.
    respondents: ids of those who passed cleaning.
    options: the block ``weighting`` of the configuration.
    resampling: how replicate weights are made, None for none.

    Raises
    ------
    InputError: a stratum or margin has the name of another column of sample or register; see
        :func:`final_dispositions`, :func:`merging.merge_thin`, :func:`base_weights`,
        :func:`response_rates.response_rates` and the design's raking.
    """
    _refuse_taken(options)
    final, reconciled = final_dispositions(sample, respondents)
    framed, population = (recoded(frame, options.get("merge", {})) for frame in (final, register))
    answered = framed["disposition"] == "complete"
    names = list(options["strata"])
    disposition, said_share = final["disposition"], options.get("eligible_share", PROPORTIONALLY)
    share, how = eligible_share(disposition, said_share)
    strata = merge_thin(framed[answered], population, names, int(options.get("minimum", 2)))
    base, stratum = base_weights(framed, population, names), cells(framed, names)
    register_totals: Totals = {}
    moved: list[str] = []
    labels: list[tuple[str, Merged, list[str]]] = []
    for asked in options["margins"]:
        across = [asked] if isinstance(asked, str) else list(asked)
        minimum = int(options.get("minimum_margin", 1))
        merged = merge_thin(final[answered], register, across, minimum)
        column = MARGIN + "_".join(across)
        if column in register_totals:  # of a and b crossed, and of a_b
            column = f"{column} ({len(register_totals) + 1})"
        register_totals[column] = merged.size.groupby(merged.label, sort=True).sum().to_dict()
        moved += merged.moved
        labels.append((column, merged, across))
    left = framed["disposition"] == "ineligible"
    of_cases, of_gone = (
        {column: _labelled(merged, final[who], across) for column, merged, across in labels}
        for who in (answered, left)
    )

    def weigh(counts: Floats | None = None) -> tuple[pd.DataFrame, int, Totals]:
        """Weight the sample, or one in which each invited unit counts so often."""
        counted = framed.assign(**{BASE_WEIGHT: base if counts is None else base * counts})
        eligible = eligible_share(disposition, said_share, counts)[0]
        cases = _adjusted(counted, strata, stratum, eligible).assign(**of_cases)
        gone = _ineligible(counted, strata, stratum, eligible).assign(**of_gone)
        margins = eligible_margins(cases, gone, register_totals)
        held = [margin(cases, name, totals) for name, totals in margins.items()]
        own = None if counts is None else counts[answered.to_numpy()]
        adjusted = cases["adjusted_weight"].to_numpy(dtype=float)
        adjusted, made, at_bounds = trimmed(adjusted, held, options.get("trim"), own)
        return cases.assign(adjusted_weight=adjusted, weight=made), at_bounds, margins

    cases, at_bounds, margins = weigh()
    _refuse_no_variance(cases)
    framed[BASE_WEIGHT] = base
    calibration = pd.DataFrame(
        [
            {"margin": name, "level": level, "total": total}
            for name, totals in margins.items()
            for level, total in totals.items()
        ]
    )
    compared = against_register(final[answered], register, cases)
    rates = [
        *_response(framed, share, how, reconciled),
        *_merging(cases, strata.moved, moved),
        *weight_diagnostics(cases, at_bounds),
    ]
    replicates = pd.DataFrame(columns=[*REPLICATES])
    if resampling is not None:
        drawn = _drawn(resampling, stratum.map(strata.label), answered, strata)
        cases, replicates = weigh_again(cases, drawn, lambda counts: weigh(counts)[0])
        note = f"replicate weights ({resampling.method})"
        rates.append(("replicates", float(len(replicates)), note))
    made_rates = pd.DataFrame(rates, columns=["name", "value", "note"])
    return Weighting(cases, calibration, compared, made_rates, replicates)


def _drawn(how: Resampling, cell: pd.Series, answered: pd.Series, strata: Merged) -> Resampled:
    """Draw samples of invited units in each cell, of which every one answered in two places."""
    names, codes = np.unique(cell.astype(str), return_inverse=True)
    size = strata.size.groupby(strata.label.astype(str)).sum()[names].to_numpy(dtype=float)
    fraction = np.bincount(codes, answered, len(names)) / size
    return resample(how, codes, names.tolist(), fraction, answered.to_numpy())


def _refuse_taken(options: Mapping[str, Any]) -> None:
    """Refuse a stratum or margin whose column in sample and register is another one."""
    for key in ("strata", "margins"):
        for name in (n for m in options[key] for n in ([m] if isinstance(m, str) else m)):
            if name in FRAME:
                raise InputError(
                    "sample and register have a column of this name that is no answer",
                    column=f"weighting.{key}",
                    value=name,
                    hint=f"call it q_{name} in form, sample and register, and map its column of "
                    f"the export: sources.columns: {{{name}: q_{name}}}",
                )


def final_dispositions(
    sample: pd.DataFrame, respondents: Sequence[str]
) -> tuple[pd.DataFrame, int]:
    """Hold the sample file against the clean responses.

    A unit is complete if its answers passed cleaning. One that the sample file calls complete but
    cleaning set aside becomes ``other`` (an eligible non-interview). Returns the sample and the
    number of units whose disposition changed.

    Raises
    ------
    InputError: a unit is listed twice, or a respondent was never invited.
    """
    twice = sample["sample_id"][sample["sample_id"].duplicated()]
    if len(twice):
        raise InputError(
            "a unit stands twice in the sample file", column="sample_id", value=twice.iloc[0]
        )
    known = set(sample["sample_id"])
    strangers = [r for r in respondents if r not in known]
    if strangers:
        raise InputError(
            f"{len(strangers)} respondents are not in the sample file",
            column="sample_id",
            value=strangers[0],
            hint="add them with their stratum, or set them aside as test interviews",
        )
    clean = sample["sample_id"].isin(set(respondents))
    final = sample["disposition"].mask(clean, "complete")
    final = final.mask(~clean & (sample["disposition"] == "complete"), "other")
    changed = int((final != sample["disposition"]).sum())
    return sample.assign(disposition=final), changed


def recoded(frame: pd.DataFrame, merged: Mapping[str, Mapping[str, list[str]]]) -> pd.DataFrame:
    """Return a frame with levels merged: ``{variable: {new level: [old levels]}}``."""
    codes = {
        variable: {old: new for new, olds in groups.items() for old in olds}
        for variable, groups in merged.items()
    }
    return frame.assign(**{v: frame[v].replace(code) for v, code in codes.items()})


#: How ``e`` is found unless it is declared, in the configuration and in words.
PROPORTIONALLY = "proportional"
PROPORTIONAL = "share of eligible units among those of known eligibility (proportional allocation)"


def eligible_share(
    disposition: pd.Series, declared: float | str, counts: Floats | None = None
) -> tuple[float, str]:
    """Return AAPOR's ``e`` and how it was found; ``counts`` say how often a unit counts.

    ``proportional``: the share of eligible units among those whose eligibility is known (the
    proportional allocation, or CASRO, method of AAPOR 2023); a number is taken as it is.
    """
    if declared != PROPORTIONALLY:
        return float(declared), "as the configuration declares it"
    known = ~disposition.isin(UNKNOWN)
    eligible = known & (disposition != "ineligible")
    if not known.any():
        raise InputError("the eligibility of no unit is known", hint="declare eligible_share")
    times = np.ones(len(disposition)) if counts is None else counts
    return float((times * eligible).sum() / (times * known).sum()), PROPORTIONAL


def base_weights(framed: pd.DataFrame, population: pd.DataFrame, names: list[str]) -> pd.Series:
    """Return the inverse of the sampling fraction, ``N_h / n_h``, of each invited unit.

    Raises
    ------
    InputError: a stratum that the register does not know, or with fewer units than were invited.
    """
    stratum = cells(framed, names)
    size = population.groupby(cells(population, names))["count"].sum()
    invited = stratum.value_counts()
    unknown = sorted(set(invited.index) - set(size.index))
    if unknown:
        raise InputError(
            "the register has no such stratum",
            column=" x ".join(names),
            value=unknown[0],
            hint="correct the sample file or add the stratum to the register",
        )
    short = sorted(invited.index[invited > size[invited.index]])
    if short:
        raise InputError(
            f"{invited[short[0]]} units were invited where the register has {size[short[0]]}",
            column=" x ".join(names),
            value=short[0],
            hint="take sample and register from one edition",
        )
    return stratum.map(size / invited).astype(float)


def _adjusted(
    framed: pd.DataFrame, strata: Merged, stratum: pd.Series, eligible: float
) -> pd.DataFrame:
    """Respondents with their base weight, raised for those who did not answer."""
    label = strata.label
    cell = stratum.map(label)
    base = framed[BASE_WEIGHT]
    expected = framed["disposition"].map(
        lambda d: eligible if d in UNKNOWN else 0.0 if d == "ineligible" else 1.0
    )
    complete = framed["disposition"] == "complete"
    raised = (base * expected).groupby(cell).sum() / (base * complete).groupby(cell).sum()
    size = strata.size.groupby(label).sum()
    invited = strata.size[strata.size.index.isin(stratum)].groupby(label).sum()
    h = cell[complete]
    return pd.DataFrame(
        {
            "respondent": framed["sample_id"][complete].to_numpy(),
            "stratum": h.to_numpy(),
            "stratum_size": size[h].to_numpy(),
            "base_weight": base[complete].to_numpy(),
            "adjusted_weight": base[complete].to_numpy() * (raised * size / invited)[h].to_numpy(),
        }
    )


def _labelled(merged: Merged, units: pd.DataFrame, across: list[str]) -> NDArray[Any]:
    """Return the level of each unit in a margin; refuse a cell that the register does not know."""
    own = cells(units, across)
    unknown = own[~own.isin(merged.label.index)]
    if len(unknown):
        raise InputError(
            "the register has no such cell",
            column=" x ".join(across),
            value=unknown.iloc[0],
            hint="correct the sample file or add the cell to the register",
        )
    return merged.label.loc[own].to_numpy()


def _ineligible(
    framed: pd.DataFrame, strata: Merged, stratum: pd.Series, eligible: float
) -> pd.DataFrame:
    """Ineligible units with their base weight, raised for those of unknown eligibility.

    Together with the completes of :func:`_adjusted` they stand for the whole register.
    """
    label = strata.label
    base = framed[BASE_WEIGHT]
    left = framed["disposition"] == "ineligible"
    unknown = framed["disposition"].isin(list(UNKNOWN))
    size = strata.size.groupby(label).sum()
    invited = strata.size[strata.size.index.isin(stratum)].groupby(label).sum()
    # A stratum may have units of unknown eligibility and none known to be ineligible.
    lost = float(base[left].sum())
    raised = 1.0 + (1.0 - eligible) * float(base[unknown].sum()) / lost if lost else 1.0
    h = stratum.map(label)[left]
    weight = base[left].to_numpy() * raised * (size / invited)[h].to_numpy()
    return pd.DataFrame({"adjusted_weight": weight})


def eligible_margins(
    cases: pd.DataFrame, gone: pd.DataFrame, margins: dict[str, dict[Any, float]]
) -> dict[str, dict[Any, float]]:
    """Return the totals of every margin among eligible units, estimated from the whole sample.

    Completes and ineligible units are raked to the register together, and the completes are the
    domain of interest (Saerndal & Lundstroem 2005, ch. 13; Valliant, Dever & Kreuter 2018,
    sec. 13.3): their weights add up to what is left of each level. To rake the completes alone to
    the register would give them back the dead units: a region of which half is dead counted twice.
    Raking completes to these totals gives the weights of the joint raking, as both are products of
    one factor a level.

    Parameters
    ----------
    cases, gone: completes and ineligible units: ``adjusted_weight``, and a column a margin.
    margins: ``{column: {level: total}}`` of the register.

    Returns
    -------
    As ``margins``; the same numbers where nobody was found ineligible.
    """
    if gone.empty:
        return margins
    used = ["adjusted_weight", *margins]
    together = pd.concat([cases[used], gone[used]], ignore_index=True)
    held = [margin(together, name, totals) for name, totals in margins.items()]
    raked = rake(together["adjusted_weight"].to_numpy(dtype=float), held)[: len(cases)]
    return {
        name: pd.Series(raked).groupby(cases[name].to_numpy()).sum().to_dict() for name in margins
    }


def _refuse_no_variance(cases: pd.DataFrame) -> None:
    """Refuse respondents of which no design can be made, before anybody estimates."""
    SurveyDesign(cases, weights="adjusted_weight", strata="stratum", fpc="stratum_size")


#: A figure of the family ``rates``: its name, value and note.
Rate = tuple[str, float, str]


def _response(framed: pd.DataFrame, share: float, how: str, reconciled: int) -> list[Rate]:
    counts = framed["disposition"].value_counts()
    base = framed.groupby("disposition")[BASE_WEIGHT].sum()
    # Not the share itself: with four digits it tells how many were found ineligible.
    stated = "AAPOR 2023"
    rates: list[Rate] = [(k, v, stated) for k, v in response_rates(counts, share).items()]
    weighted = response_rates(base, share)
    rates += [
        (f"{name}_weighted", weighted[name], f"{stated}; with base weights")
        for name in ("RR1", "RR3", "RR5")
    ]
    rates += [
        (f"disposition_{name}", float(counts.get(name, 0)), f"units, AAPOR {letter}")
        for name, letter in DISPOSITIONS.items()
    ]
    return [
        *rates,
        ("invited", len(framed), "units in the sample file"),
        ("eligible_share", share, how),
        ("reconciled", reconciled, "units whose disposition the clean responses corrected"),
    ]


def _merging(cases: pd.DataFrame, strata: list[str], margins: list[str]) -> list[Rate]:
    sizes = cases.groupby("stratum")["stratum_size"].first()
    return [
        ("population", float(sizes.sum()), "units in the register"),
        ("respondents", len(cases), "respondents who passed cleaning"),
        ("strata", len(sizes), "strata after merging"),
        ("strata_merged", len(strata), "; ".join(strata) or "none"),
        ("margin_cells_merged", len(margins), "; ".join(margins) or "none"),
    ]


def weight_diagnostics(cases: pd.DataFrame, at_bounds: int) -> list[Rate]:
    """Return how unequal the weights are, as rows of the family ``rates``."""
    w = cases["weight"].to_numpy()
    kish = kish_deff(w)
    return [
        ("weight_min", float(w.min()), "smallest weight"),
        ("weight_max", float(w.max()), "largest weight"),
        ("weight_cv", float(w.std() / w.mean()), "coefficient of variation of the weights"),
        ("weight_trimmed", at_bounds, "weights held at a bound"),
        ("kish_deff", kish, "design effect of unequal weights (Kish 1965)"),
        ("effective_n", len(w) / kish, "respondents over Kish's design effect"),
    ]


def kish_deff(weights: NDArray[np.float64]) -> float:
    """Return Kish's design effect of unequal weights, ``n sum w^2 / (sum w)^2`` (Kish 1965)."""
    return float(len(weights) * (weights**2).sum() / weights.sum() ** 2)
