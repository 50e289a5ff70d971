"""Names of columns as a caller gives them: one, or several in an order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError


def name_list(names: str | Sequence[str] | None, what: str = "variable") -> list[str]:
    """Return one name, several (a list, a tuple, an index or a flat array) or none as a list.

    Raises
    ------
    InputError: a mapping, a set, data in the place of names, or a name that is no text.
    """
    if names is None:
        return []
    if isinstance(names, str):
        return [names]
    flat = isinstance(names, list | tuple | pd.Index) or (
        isinstance(names, np.ndarray) and names.ndim == 1
    )
    made = [str(name) if isinstance(name, str) else name for name in names] if flat else []
    strange = [name for name in made if not isinstance(name, str)]
    if not flat or strange:
        raise InputError(
            f"the {what} is not given by its name",
            value=type(names).__name__ if not flat else strange[0],
            hint='name columns of the data, e.g. "age" or ["age", "region"]',
        )
    return made
