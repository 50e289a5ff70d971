"""What an imputation knows of a variable: its columns, its form, and who was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: ``number``; ``single`` and ``ordered`` answers from a list; ``multiple`` answers, chosen
#: categories joined by blanks; ``parts`` of a whole.
Form = Literal["number", "single", "ordered", "multiple", "parts"]


@dataclass(frozen=True)
class Variable:
    """One variable, or several that are imputed together.

    Attributes
    ----------
    columns: one column, the items of a battery of ``single`` or ``ordered`` answers, or the parts.
    categories: what can be imputed, in order; an answer outside them is kept and never imputed.
    asked: who is asked, given a frame in which answers to other questions are imputed; None where
        everybody is.
    depends: columns that ``asked`` reads.
    """

    name: str
    form: Form
    columns: tuple[str, ...]
    categories: tuple[str, ...] = ()
    asked: Callable[[pd.DataFrame], NDArray[np.bool_]] | None = None
    depends: frozenset[str] = frozenset()
