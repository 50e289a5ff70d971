"""From an invitation to a weight: base weight, nonresponse, raking to the register.

Pure functions on three frames: the *sample* (one row an invited unit, with the stratum variables
of the register and its disposition), the *register* (counts of the population by the same
variables) and the respondents who passed cleaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.sampling.design import SurveyDesign
from ngo_survey.sampling.response_rates import response_rates

#: Prefix of the columns that hold a respondent's level in a calibration margin.
MARGIN = "margin_"


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
    """

    weights: pd.DataFrame
    calibration: pd.DataFrame
    margins: pd.DataFrame
    rates: pd.DataFrame


def weight_sample(
    sample: pd.DataFrame,
    register: pd.DataFrame,
    respondents: Sequence[str],
    options: Mapping[str, Any],
) -> Weighting:
    """Weight the respondents to the register.

    Base weight ``N_h / n_h`` by stratum; nonresponse adjustment ``eligible_h / respondents_h`` in
    the same strata (weighting-class estimator, Oh & Scheuren 1983); optional trimming; raking to
    the declared margins (Deming & Stephan 1940), whose variance :meth:`SurveyDesign.rake` knows.
    Strata with fewer respondents than ``minimum`` are merged with the largest stratum of the same
    first variable before anything is computed (collapsed strata, Rust & Kalton 1987).

    Parameters
    ----------
    sample: ``sample_id``, stratum and margin variables, ``disposition``.
    register: stratum and margin variables, ``count``.
    respondents: ids of those who passed cleaning.
    options: the block ``weighting`` of the configuration.
    """
    final, reconciled = final_dispositions(sample, respondents)
    merged = options.get("merge", {})
    framed, population = _recoded(final, merged), _recoded(register, merged)
    answered = framed["disposition"] == "complete"
    strata = merge_thin(
        framed[answered], population, list(options["strata"]), int(options.get("minimum", 2))
    )
    cases = _weights_before_raking(framed, population, strata, list(options["strata"]))
    design_margins: dict[str, dict[Any, float]] = {}
    for asked in options["margins"]:
        names = [asked] if isinstance(asked, str) else list(asked)
        labels = merge_thin(final[answered], register, names, int(options.get("minimum_margin", 1)))
        column = MARGIN + "_".join(names)
        cases[column] = labels.loc[_keys(final[answered], names)].to_numpy()
        counts = register.assign(label=labels.loc[_keys(register, names)].to_numpy())
        design_margins[column] = counts.groupby("label", sort=True)["count"].sum().to_dict()
    cases, trimmed = _raked(cases, design_margins, options.get("trim"))
    calibration = pd.DataFrame(
        [
            {"margin": margin, "level": level, "total": total}
            for margin, totals in design_margins.items()
            for level, total in totals.items()
        ]
    )
    compared = _against_register(final[answered], register, cases)
    rates = _rates(final, cases, options, reconciled, trimmed, len(strata) - strata.nunique())
    return Weighting(cases, calibration, compared, rates)


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
        raise InputError("a unit stands twice in the sample file", value=twice.iloc[0])
    known = set(sample["sample_id"])
    strangers = [r for r in respondents if r not in known]
    if strangers:
        raise InputError(
            f"{len(strangers)} respondents are not in the sample file",
            column="sample_id",
            value=strangers[0],
            mend="add them with their stratum, or set them aside as test interviews",
        )
    clean = sample["sample_id"].isin(set(respondents))
    final = sample["disposition"].mask(clean, "complete")
    final = final.mask(~clean & (sample["disposition"] == "complete"), "other")
    changed = int((final != sample["disposition"]).sum())
    return sample.assign(disposition=final), changed


def merge_thin(
    answered: pd.DataFrame, register: pd.DataFrame, names: list[str], minimum: int
) -> pd.Series:
    """Name the cell of every crossing of ``names``; thin cells are merged with their neighbour.

    A cell with fewer than ``minimum`` respondents joins the cell with most respondents among
    those with the same first variable. Returns labels indexed by the crossing (``a|b``).

    Raises
    ------
    InputError: no cell of a first level has enough respondents, or a respondent's cell is not in
        the register.
    """
    population = register.groupby(_keys(register, names))["count"].sum()
    counts = _keys(answered, names).value_counts().reindex(population.index, fill_value=0)
    unknown = sorted(set(_keys(answered, names)) - set(population.index))
    if unknown:
        raise InputError(
            "the register has no such cell",
            column=" x ".join(names),
            value=unknown[0],
            mend="correct the sample file or add the cell to the register",
        )
    labels = pd.Series(population.index, index=population.index)
    first = pd.Series([key.split("|")[0] for key in population.index], index=population.index)
    for cell in counts.index[counts < minimum]:
        siblings = counts[(first == first[cell]) & (counts >= minimum)]
        if siblings.empty or len(names) == 1:
            raise InputError(
                f"a cell has fewer than {minimum} respondents and no neighbour to join",
                column=" x ".join(names),
                value=cell,
                mend="merge levels under weighting.merge",
            )
        labels[cell] = siblings.sort_values(ascending=False, kind="stable").index[0]
    return labels


def _keys(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    key = frame[names[0]].astype(str)
    for name in names[1:]:
        key = key + "|" + frame[name].astype(str)
    return key


def _recoded(frame: pd.DataFrame, merged: Mapping[str, Mapping[str, list[str]]]) -> pd.DataFrame:
    codes = {
        variable: {old: new for new, olds in groups.items() for old in olds}
        for variable, groups in merged.items()
    }
    return frame.assign(**{v: frame[v].replace(code) for v, code in codes.items()})


def _weights_before_raking(
    framed: pd.DataFrame, population: pd.DataFrame, strata: pd.Series, names: list[str]
) -> pd.DataFrame:
    unknown = sorted(set(_keys(framed, names)) - set(strata.index))
    if unknown:
        raise InputError(
            "the register has no such stratum", column=" x ".join(names), value=unknown[0]
        )
    stratum = strata.loc[_keys(framed, names)].to_numpy()
    framed = framed.assign(stratum=stratum)
    size = population.groupby(strata.loc[_keys(population, names)].to_numpy())["count"].sum()
    invited = framed.groupby("stratum").size()
    eligible = framed[framed["disposition"] != "ineligible"].groupby("stratum").size()
    answered = framed[framed["disposition"] == "complete"]
    responded = answered.groupby("stratum").size()
    h = answered["stratum"]
    base = (size / invited)[h].to_numpy()
    return pd.DataFrame(
        {
            "respondent": answered["sample_id"].to_numpy(),
            "stratum": h.to_numpy(),
            "stratum_size": size[h].to_numpy(),
            "base_weight": base,
            "adjusted_weight": base * (eligible / responded)[h].to_numpy(),
        }
    )


def _raked(
    cases: pd.DataFrame, margins: dict[str, dict[Any, float]], trim: Mapping[str, float] | None
) -> tuple[pd.DataFrame, int]:
    """Rake; trim weights outside the bounds (times the median) and rake again until none is."""
    trimmed: set[int] = set()
    for _ in range(50):
        raked = _design(cases).rake(margins).weights
        if trim is None:
            return cases.assign(weight=raked), 0
        low, high = (trim[k] * float(np.median(raked)) for k in ("low", "high"))
        outside = np.flatnonzero((raked < low * (1 - 1e-6)) | (raked > high * (1 + 1e-6)))
        if not len(outside):
            return cases.assign(weight=raked), len(trimmed)
        trimmed |= set(outside.tolist())
        cases = cases.assign(adjusted_weight=np.clip(raked, low, high))
    raise InputError(
        "trimming and raking do not settle",
        column="weighting.trim",
        mend="widen the bounds or merge thin levels of the margins",
    )


def _design(cases: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(cases, weights="adjusted_weight", strata="stratum", fpc="stratum_size")


def _against_register(
    answered: pd.DataFrame, register: pd.DataFrame, cases: pd.DataFrame
) -> pd.DataFrame:
    variables = [c for c in register.columns if c != "count"]
    by_id = cases.set_index("respondent").loc[answered["sample_id"]]
    frames = []
    for variable in variables:
        levels = register.groupby(variable)["count"].sum()
        level = answered[variable].to_numpy()
        n = pd.Series(1, index=level).groupby(level).sum().reindex(levels.index, fill_value=0)
        shares = {
            name: pd.Series(values.to_numpy(), index=level)
            .groupby(level)
            .sum()
            .reindex(levels.index, fill_value=0.0)
            / values.sum()
            for name, values in (
                ("base_weighted", by_id["base_weight"]),
                ("weighted", by_id["weight"]),
            )
        }
        frames.append(
            pd.DataFrame(
                {
                    "variable": variable,
                    "level": levels.index,
                    "register": (levels / levels.sum()).to_numpy(),
                    "n": n.to_numpy(),
                    "sample": (n / n.sum()).to_numpy(),
                    **{name: share.to_numpy() for name, share in shares.items()},
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _rates(
    final: pd.DataFrame,
    cases: pd.DataFrame,
    options: Mapping[str, Any],
    reconciled: int,
    trimmed: int,
    merged: int,
) -> pd.DataFrame:
    counts = final["disposition"].value_counts().to_dict()
    share = float(options.get("eligible_share", 1.0))
    rates: dict[str, tuple[float, str]] = {
        name: (value, "AAPOR") for name, value in response_rates(counts, share).items()
    }
    w = cases["weight"].to_numpy()
    kish = len(w) * float((w**2).sum()) / float(w.sum()) ** 2
    sizes = cases.groupby("stratum")["stratum_size"].first()
    rates |= {
        "invited": (len(final), "units in the sample file"),
        "population": (float(sizes.sum()), "units in the register"),
        "respondents": (len(cases), "respondents who passed cleaning"),
        "eligible_share": (share, "share of units of unknown eligibility taken as eligible"),
        "reconciled": (reconciled, "units whose disposition the clean responses corrected"),
        "strata": (cases["stratum"].nunique(), "strata after merging"),
        "strata_merged": (merged, "thin strata merged with a neighbour"),
        "weight_min": (float(w.min()), "smallest weight"),
        "weight_max": (float(w.max()), "largest weight"),
        "weight_cv": (float(w.std() / w.mean()), "coefficient of variation of the weights"),
        "weight_trimmed": (trimmed, "weights held at a bound"),
        "kish_deff": (kish, "design effect of unequal weights (Kish 1965)"),
        "effective_n": (len(w) / kish, "respondents over Kish's design effect"),
    }
    return pd.DataFrame(
        [{"name": name, "value": value, "note": note} for name, (value, note) in rates.items()]
    )
