"""Linear programmes over cells, by HiGHS (Huangfu & Hall 2018, Math. Prog. Comp. 10, 119-142).

One programme is solved for many objectives in turn, each from the basis that the last one ended
with: an audit asks for hundreds of intervals inside the same relations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: One thread and one seed: the same solution on every machine. No presolve: it costs more than the
#: few pivots that most of these programmes take, and forgets the basis. Factors are nearly all one,
#: so nothing is scaled; costs differ enough as they are not to be perturbed.
OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "presolve": "off",
    "simplex_scale_strategy": 0,
    "simplex_dual_edge_weight_strategy": 1,  # Devex
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}


class UnsolvedError(Exception):
    """The solver gave neither a solution nor a proof that there is none."""


class UnboundedError(Exception):
    """The cost falls without end (or nothing fits, when the caller cannot rule that out)."""


class LinearProgramme:
    """Columns ``x`` between bounds with ``matrix @ x == right``.

    Parameters
    ----------
    matrix: (equations, columns).
    right: (equations,).
    lower, upper: (columns,); infinite where there is no bound.
    """

    def __init__(
        self,
        matrix: sparse.csr_matrix | sparse.csc_array,
        right: Floats,
        lower: Floats,
        upper: Floats,
    ) -> None:
        import highspy

        self._highs = highspy.Highs()
        for option, value in OPTIONS.items():
            self._highs.setOptionValue(option, value)
        columns = matrix.tocsc()
        self._highs.passModel(
            columns.shape[1],
            columns.shape[0],
            columns.nnz,
            int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            np.zeros(columns.shape[1]),
            lower,
            upper,
            right,
            right,
            columns.indptr.astype(np.int32),
            columns.indices.astype(np.int32),
            columns.data.astype(float),
            np.zeros(columns.shape[1], dtype=np.int32),
        )
        self._places = np.arange(columns.shape[1], dtype=np.int32)
        status = highspy.HighsModelStatus
        self._solved, self._none = status.kOptimal, status.kInfeasible
        self._unbounded = (status.kUnbounded, status.kUnboundedOrInfeasible)

    def bound(self, column: int, lower: float, upper: float) -> None:
        """Change the bounds of one column."""
        self._highs.changeColBounds(column, lower, upper)

    def least(self, cost: Floats) -> Floats | None:
        """Return the columns with the least ``cost @ x``; None when nothing fits.

        Raises
        ------
        UnboundedError: there is no least cost.
        UnsolvedError: the solver came to no end.
        """
        self._highs.changeColsCost(len(cost), self._places, cost)
        self._highs.run()
        found = self._highs.getModelStatus()
        if found == self._solved:
            return np.array(self._highs.getSolution().col_value)
        if found == self._none:
            return None
        if found in self._unbounded:
            raise UnboundedError
        raise UnsolvedError(self._highs.modelStatusToString(found))
