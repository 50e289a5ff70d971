"""A fingerprint of a CSV that knows the difference between another number and another last bit.

A hash only says *different*. A fingerprint holds the words of a file as a hash and its numbers as
one weighted sum: two files with the same words whose sums agree hold the same numbers as closely
as the sums agree, in any order of rows. The weight of a cell comes from its row's key and its
column, so that two changes cannot cancel unless somebody plans it.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.results.store import read_text_csv

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Fingerprint:
    """``words`` hashes everything that is no number; ``amount`` and ``scale`` sum the numbers.

    ``scale`` is the sum of absolute values: the measure of a difference of amounts.
    """

    words: str
    amount: float
    scale: float

    def agrees(self, other: Fingerprint, tolerance: float) -> bool:
        """Say whether two files hold the same words, and numbers equal within ``tolerance``."""
        if self.words != other.words:
            return False
        limit = tolerance * max(self.scale, other.scale)
        return abs(self.amount - other.amount) <= limit and abs(self.scale - other.scale) <= limit


def fingerprint(path: Path) -> Fingerprint:
    """Return the fingerprint of a CSV whose first column names the row."""
    import numpy as np
    import pandas as pd

    text = read_text_csv(path)
    rows = np.array([_weight(str(name)) for name in text.iloc[:, 0]], dtype=float)
    digest = hashlib.sha256("\t".join(text.columns).encode())
    words = pd.DataFrame({text.columns[0]: text.iloc[:, 0].fillna("")})
    amount = scale = 0.0
    for column in text.columns[1:]:
        numbers = _numbers(text[column])
        if numbers is None:
            words[column] = text[column].fillna("")
            continue
        words[column] = np.where(numbers.isna(), "", "number")
        weighted = rows * _weight(column) * numbers.fillna(0.0).to_numpy(dtype=float)
        amount += float(weighted.sum())
        scale += float(np.abs(weighted).sum())
    lines = sorted("\t".join(line) for line in words.astype(str).to_numpy().tolist())
    digest.update("\n".join(lines).encode())
    return Fingerprint(digest.hexdigest()[:12], amount, scale)


def _numbers(column: pd.Series) -> pd.Series | None:
    """Return a column as numbers, or None when any cell is a word."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.isna().equals(column.isna()) else None


def _weight(name: str) -> float:
    """Return a weight between a half and one and a half that depends on the name alone."""
    return 0.5 + zlib.crc32(name.encode("utf-8")) / 2**32
