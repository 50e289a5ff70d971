"""Which rows of a release tell, beside a former one of the same interviews, of too few respondents.

Rows are held against rows, as whoever holds both folders does: :mod:`.former_release` hides what
tables would tell, and this finds what is left in any family of results.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ngo_survey.disclosure.cells import Bools
from ngo_survey.disclosure.rounding import SUPPRESSED
from ngo_survey.tables.estimand import Floats

#: Names of values that count respondents.
NAMED = r"(n$|complete\.)"


def given_away(former: pd.DataFrame, present: pd.DataFrame, threshold: int) -> Bools:
    """(rows of ``present``,): which tell of fewer respondents than the threshold beside the former.

    Those are rows that both releases show and whose ``n``, ``base``, or what ``n`` leaves of
    ``base`` differs by 1 to ``threshold - 1``, or the value of a row that counts respondents
    (``NAMED``); and rows that are shown now and were hidden then.

    Parameters
    ----------
    former, present: rows of one family, with ``key`` and, where the family has them, ``n``,
        ``base``, ``name``, ``value`` and ``status``.
    """
    before = former.drop_duplicates("key").set_index("key").reindex(present["key"])
    known = present["key"].isin(former["key"]).to_numpy()
    differs = [np.abs(_number(present, name) - _number(before, name)) for name in ("n", "base")]
    left = [_number(frame, "base") - _number(frame, "n") for frame in (present, before)]
    differs.append(np.abs(left[0] - left[1]))
    found = np.logical_or.reduce([(number > 0) & (number < threshold) for number in differs])
    if "status" in present and "status" in before:
        shown = ~present["status"].astype(str).str.startswith(SUPPRESSED).to_numpy()
        hidden = before["status"].astype(str).str.startswith(SUPPRESSED).to_numpy()
        found = (found | hidden) & shown
    return np.asarray(found & known)


def withhold(
    former: pd.DataFrame, present: pd.DataFrame, threshold: int, whole: str, figures: list[str]
) -> pd.DataFrame:
    """Return the present rows, blanked where they tell of few beside the former ones.

    With a row go all rows that have the same ``whole``: what is left of a total would tell it.
    """
    found = pd.Series(given_away(former, present, threshold), index=present.index)
    touched = found.groupby(present[whole]).transform("any").astype(bool)
    made = present.copy()
    made[figures] = made[figures].astype(float).mask(touched)
    if "status" in made:
        hidden = touched & (made["status"] == "shown")
        made.loc[hidden, "status"] = "suppressed-secondary"
    return made


def tells_counts(columns: Iterable[str]) -> bool:
    """Say whether rows with these columns tell how many respondents stand behind a figure."""
    return bool({"n", "base"} & {*columns}) or {"name", "value"} <= {*columns}


def _number(frame: pd.DataFrame, name: str) -> Floats:
    if name == "n" and "n" not in frame and {"name", "value"} <= set(frame):
        # Respondents of a model, or with a whole scale: a row among others of its family.
        of_people = frame["name"].astype(str).str.match(NAMED)
        return frame["value"].astype(float).where(of_people).to_numpy(dtype=float)
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=float)
