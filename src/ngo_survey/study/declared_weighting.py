"""What `weighting` of a group of respondents says: from where its weights come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def from_register(weighting: Any) -> bool:
    """Whether weights are made from a sample and a register.

    Else every respondent counts alike (``none``), or the export holds the design: ``weights``
    names a question, or ``margins`` is a mapping of shares.
    """
    if not isinstance(weighting, Mapping):
        return False
    return "weights" not in weighting and not isinstance(weighting.get("margins"), Mapping)


def kind_of(weighting: Any) -> str:
    """Return where weights come from: ``register``, ``given``, ``shares``, or ``none``.

    ``given_shares`` are weights of the export that are raked to shares of the population.
    """
    if not isinstance(weighting, Mapping):
        return "none"
    if from_register(weighting):
        return "register"
    given = "given" if weighting.get("weights", "none") != "none" else ""
    shares = "shares" if "margins" in weighting else ""
    return "_".join(filter(None, (given, shares))) or "none"


def strata_of(weighting: Any) -> list[str]:
    """Return the variables whose crossing is the stratum, none without any."""
    said = weighting.get("strata", []) if isinstance(weighting, Mapping) else []
    return [said] if isinstance(said, str) else [str(name) for name in said]


def resampled(weighting: Any) -> bool:
    """Whether standard errors are of samples drawn from the sample, which are weighted anew."""
    said = weighting.get("errors", {}) if isinstance(weighting, Mapping) else {}
    return bool(said.get("method", "linearisation") != "linearisation")


def replicated(weighting: Any) -> bool:
    """Whether every variance is taken from replicate weights, of the export or made here."""
    given = isinstance(weighting, Mapping) and "replicates" in weighting
    return given or resampled(weighting)


def design_of(weighting: Any) -> list[str]:
    """Return what estimates take in: ``strata``, ``psu``, ``fpc``, ``weights``, ``raking``.

    Where there are ``replicates`` of the export, these stand for strata, units and finite
    populations. Samples that are drawn and weighted anew (``resampled``) take them in.
    """
    kind = kind_of(weighting)
    anew = ["resampled"] if resampled(weighting) else []
    infinite = bool(anew) and not weighting["errors"].get("finite_population", True)
    if kind == "register":
        return [*anew, "strata", *([] if infinite else ["fpc"]), "weights", "raking"]
    if not isinstance(weighting, Mapping):
        return []
    given = "replicates" in weighting
    held = {
        "resampled": bool(anew),
        "replicates": given,
        "strata": not given and any(name != "none" for name in strata_of(weighting)),
        "psu": not given and weighting.get("psu", "none") != "none",
        "fpc": not infinite and weighting.get("fpc", "none") != "none",
        "weights": kind != "none",
        "raking": kind in ("shares", "given_shares"),
    }
    return [name for name, there in held.items() if there]


def margins_of(weighting: Any) -> list[str]:
    """Return the variables that the weights are raked to, each once; none without any."""
    said = weighting.get("margins", []) if isinstance(weighting, Mapping) else []
    names = (n for entry in said for n in ([entry] if isinstance(entry, str) else entry))
    return list(dict.fromkeys(map(str, names)))


def replicates_of(weighting: Any, questions: Iterable[str]) -> list[str]:
    """Return the questions that hold replicate weights, in their order.

    They are listed, or named by a pattern in which ``*`` stands for a number: ``pwgtp*``. A pattern
    that no question fits is returned as it stands.
    """
    said = weighting.get("replicates", {}) if isinstance(weighting, Mapping) else {}
    named = said.get("columns", [])
    if not isinstance(named, str):
        return list(named)
    before, star, behind = named.partition("*")
    fitting = re.compile(rf"{re.escape(before)}(\d+){re.escape(behind)}" if star else "(?!)")
    found = {name: match for name in questions if (match := fitting.fullmatch(name))}
    return sorted(found, key=lambda name: int(found[name][1])) or [named]


def columns_of(weighting: Any) -> list[str]:
    """Return the questions that hold the design in the export: weights, strata, PSU, fpc."""
    if not isinstance(weighting, Mapping) or from_register(weighting):
        return []
    named = [weighting[key] for key in ("weights", "psu", "fpc") if key in weighting]
    return [name for name in [*named, *strata_of(weighting)] if name != "none"]
