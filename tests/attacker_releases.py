"""Somebody who has two releases of one study: what one tells less the other."""

from __future__ import annotations

import pandas as pd

#: Released counts by which a row is known.
COUNTS = ("n", "base")


def differences(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows shown in both releases whose counts differ, with ``by_n`` and ``by_base``."""
    shown = [frame[frame["status"] == "shown"].set_index("key") for frame in (first, second)]
    keys = shown[0].index.intersection(shown[1].index)
    one, other = (frame.loc[keys] for frame in shown)
    by = {f"by_{name}": other[name].astype(float) - one[name].astype(float) for name in COUNTS}
    made = one.assign(**by)
    return made[(made["by_n"] != 0) | (made["by_base"] != 0)]


def told_answers(differing: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the answers (question, category) of the total column that one more respondent gave."""
    total = differing[(differing["by"] == "") & (differing["statistic"] == "proportion")]
    gained = total[total["by_n"] == 1]
    return set(zip(gained["analysis"], gained["category"], strict=True))
