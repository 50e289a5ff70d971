"""A design as a statistician expects to see it, in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from ngo_survey.statistics.design.selection import DeclaredDesign
from ngo_survey.statistics.design.variance import SelectionStage


def facts(
    declared: DeclaredDesign,
    stage: SelectionStage,
    size: tuple[int, int],
    weight: float,
    df: int,
    calibrated_by: Sequence[str],
) -> dict[str, str]:
    """Return what there is to say of a design, by its name, in order.

    Parameters
    ----------
    stage: the first stage of selection; size: respondents of the domain, and of the whole.
    weight: sum of the weights of the domain; df: its PSUs less its strata.
    calibrated_by: margins and method of each calibration.
    """
    n, whole = size
    named = f" ({declared.weights})" if declared.weights else ""
    made = {"respondents": f"{n:,}" if n == whole else f"{n:,} of {whole:,}, a domain"}
    made["weights"] = f"sum {weight:,.6g}{named}"
    if declared.strata:
        made["strata"] = f"{len(stage.size):,} ({', '.join(declared.strata)})"
    if declared.psu:
        stages = "" if len(declared.psu) == 1 else f", {len(declared.psu)} stages"
        made["PSUs"] = f"{len(stage.stratum):,} ({', '.join(declared.psu)}){stages}"
    else:
        made["PSUs"] = f"{whole:,}, every respondent one"
    if declared.fpc:
        low, high = stage.fraction.min(), stage.fraction.max()
        drawn = f"{low:.3g}" if np.isclose(low, high) else f"{low:.3g} to {high:.3g}"
        made["drawn"] = f"{drawn} of the PSUs ({', '.join(declared.fpc)})"
    else:
        made["drawn"] = "with replacement"
    made["degrees of freedom"] = f"{df:,}"
    if calibrated_by:
        made["calibrated by"] = "; ".join(calibrated_by)
    return made


def as_text(said: Mapping[str, str]) -> str:
    """Return a design as lines of a terminal."""
    width = max(map(len, said))
    lines = [f"  {name:<{width}}  {value}" for name, value in said.items()]
    return "\n".join(["Survey design", *lines])


def as_html(said: Mapping[str, str]) -> str:
    """Return a design as a table of a notebook."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in said.items()
    )
    return f"<table><caption>Survey design</caption>{rows}</table>"
