"""Response, cooperation, refusal and contact rates after AAPOR Standard Definitions (2023)."""

from __future__ import annotations

from collections.abc import Mapping

from ngo_survey.errors import InputError, nearest

#: Final dispositions of an invited unit, and AAPOR's letters for them.
DISPOSITIONS: dict[str, str] = {
    "complete": "I",
    "partial": "P",
    "refusal": "R",
    "noncontact": "NC",
    "other": "O",
    "unknown_eligibility": "UH",
    "unknown_other": "UO",
    "ineligible": "NE",
}

#: Dispositions of units that may or may not belong to the population.
UNKNOWN = ("unknown_eligibility", "unknown_other")


def response_rates(counts: Mapping[str, float], eligible_share: float) -> dict[str, float]:
    """Return AAPOR rates from the final dispositions of all invited units.

    Parameters
    ----------
    counts: units by disposition (names as in :data:`DISPOSITIONS`; absent ones count 0), or the
        sums of their base weights for weighted rates; a mapping or a Series.
    eligible_share: ``e``, the share of units of unknown eligibility that are thought eligible.

    Returns
    -------
    ``RR1``..``RR6``, ``COOP1``..``COOP4``, ``REF1``..``REF3``, ``CON1``..``CON3`` as fractions.

    Raises
    ------
    InputError: an unknown disposition, ``e`` outside 0..1, or nobody eligible.
    """
    for name in counts.keys():  # noqa: SIM118 - a Series iterates over its values
        if name not in DISPOSITIONS:
            raise InputError("no such disposition", value=name, hint=nearest(name, DISPOSITIONS))
    if not 0 <= eligible_share <= 1:
        raise InputError("the eligible share must lie between 0 and 1", value=eligible_share)
    i, p, r, nc, o, uh, uo = (counts.get(name, 0) for name in list(DISPOSITIONS)[:-1])
    known, unknown, e = i + p + r + nc + o, uh + uo, eligible_share
    if i + p == 0 or known == 0:
        raise InputError(
            "nobody answered, so that there are no rates", hint="check the sample file"
        )
    contacted = i + p + r + o
    rates = {
        "RR1": i / (known + unknown),
        "RR2": (i + p) / (known + unknown),
        "RR3": i / (known + e * unknown),
        "RR4": (i + p) / (known + e * unknown),
        "RR5": i / known,
        "RR6": (i + p) / known,
        "COOP1": i / contacted,
        "COOP2": (i + p) / contacted,
        "COOP3": i / (i + p + r),
        "COOP4": (i + p) / (i + p + r),
        "REF1": r / (known + unknown),
        "REF2": r / (known + e * unknown),
        "REF3": r / known,
        "CON1": contacted / (known + unknown),
        "CON2": contacted / (known + e * unknown),
        "CON3": contacted / known,
    }
    return rates
