"""Estimands: columns of numbers that are estimated together because the same people answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ngo_survey.tables.member import Member as Member  # noqa: PLC0414 -- for who fills estimands

if TYPE_CHECKING:
    from ngo_survey.codebook.question import Linear

Floats = NDArray[np.float64]
#: 0/1 columns, and counts of them: an eighth or a quarter of the memory of floats.
Flags = NDArray[np.signedinteger]
Bools = NDArray[np.bool_]
Kind = Literal["share", "mean", "ratio", "quantile", "total", "row_share"]
Columns = Literal["none", "total", "all"]
#: Kinds of estimands that have no cells of their own, and whose cells they follow.
LEADERS: dict[str, tuple[Kind, ...]] = {
    "quantile": ("mean",),
    "total": ("mean",),
    "ratio": ("share", "mean"),
    "row_share": ("share",),
}


@dataclass(frozen=True)
class Combination:
    """How each member of an estimand follows from members of others of the same variable.

    ``member = sum of factors * members of the estimand called so + constant * base``.

    Attributes
    ----------
    parts: name of an estimand with factors (its members, own members).
    constant: (own members,) factors of the base.
    """

    parts: tuple[tuple[str, Floats], ...]
    constant: Floats


@dataclass(frozen=True)
class Estimand:
    """Figures on one base, estimated together.

    Attributes
    ----------
    variable: name that tells this estimand's categories from another's.
    stored: (n, m) numbers, one column a member; never looked at where not ``valid``. For the kind
        ``ratio`` a last column holds the denominator; for ``quantile`` there is one column. Where
        they are 0 or 1 they are held as :data:`Flags`: all tables of a group are held at once.
    valid: (n,) who was asked, answered and is inside the table's filter.
    members: what the columns are.
    kind: ``share`` (0/1 columns), ``mean``, ``ratio`` (column totals over the total of the last
        column), ``quantile``, ``total``, ``row_share`` (the share of a category's respondents in
        each column of a banner).
    partition: the columns add up to one for everybody (categories of a single answer, parts of a
        whole).
    columns: whether the estimand is shown in the total column alone, also under the banners, or
        nowhere: then it only ties others together.
    follows: where estimands that follow its cells are shown: their ``n`` and base reveal them.
    form: form of the question it was made of.
    name: what :class:`Combination` calls it; an estimand with a name is part of the linear system
        under every banner, shown there or not, because others say something of it.
    made_of: how it follows from others.
    linear: how its one number adds up from answers to other questions.
    within: (n,) who is inside the table's filter; None without one.
    answered: (n,) who was asked and answered, inside the filter or not; None without one.
    """

    variable: str
    stored: Floats | Flags
    valid: Bools
    members: tuple[Member, ...]
    kind: Kind
    partition: bool = False
    columns: Columns = "all"
    follows: Columns = "none"
    form: str = ""
    name: str = ""
    made_of: Combination | None = None
    linear: Linear | None = None
    within: Bools | None = None
    answered: Bools | None = None

    @property
    def values(self) -> Floats:
        """The numbers as floats, made anew of flags: products of flags would overflow."""
        return np.asarray(self.stored, dtype=float)

    def of_member(self, place: int) -> Floats:
        """Return (n,) the numbers of one member."""
        return np.asarray(self.stored[:, place], dtype=float)
