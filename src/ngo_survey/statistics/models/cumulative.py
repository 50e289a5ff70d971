"""Cumulative models of an ordered outcome: proportional odds, partial, and not at all.

``P(y <= k) = F(cut_k - x'b_k)`` (McCullagh 1980); ``b_k`` is the same at every cut-point but for
the *nominal* columns (Peterson & Harrell 1990). Everything follows from two edges a respondent:
the probability of the answer is ``F(upper) - F(lower)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ngo_survey.statistics.models.likelihood import Codes, Derivatives, Floats, Parameter
from ngo_survey.statistics.models.links import FAR, LINKS, LinkFunction

#: Rows worked on at a time: what a processor holds close.
ROWS = 1 << 14


class _Edges(NamedTuple):
    p: Floats
    upper: Floats  # f(upper) / p
    lower: Floats  # f(lower) / p
    upper_slope: Floats  # f'(upper) / p
    lower_slope: Floats


@dataclass(frozen=True)
class Cumulative:
    """Cumulative model with ``levels`` categories; y holds codes 0..K-1.

    theta = (slopes in the order of the columns, cut-points); a column of ``nominal`` has K - 1
    slopes, one a cut-point. The information is the observed one (as R ``svyolr`` and Stata).
    """

    levels: int
    link: LinkFunction = LINKS["logit"]
    nominal: tuple[int, ...] = ()
    quadratic = True

    def parameters(self, columns: int, outcomes: Sequence[str]) -> list[Parameter]:
        """Slopes, cut-points; tags are the cut-points ``shrank|unchanged``."""
        cuts = [f"{a}|{b}" for a, b in pairwise(outcomes)]
        made: list[Parameter] = []
        for j in range(columns):
            tags = cuts if j in self.nominal else [""]
            made += [Parameter(j, tag) for tag in tags]
        return made + [Parameter(-1, cut) for cut in cuts]

    # -- where things are in theta ---------------------------------------------------------------

    @cached_property
    def cuts(self) -> int:
        """How many cut-points there are."""
        return self.levels - 1

    def places(self, columns: int) -> tuple[list[int], list[int], list[list[int]]]:
        """Return the columns with one slope, their places, and of each cut: itself, its slopes."""
        parallel: list[int] = []
        at: list[int] = []
        own: list[list[int]] = [[] for _ in range(self.cuts)]
        place = 0
        for j in range(columns):
            if j in self.nominal:
                for k in range(self.cuts):
                    own[k].append(place + k)
                place += self.cuts
            else:
                parallel.append(j)
                at.append(place)
                place += 1
        return parallel, at, [[place + k, *own[k]] for k in range(self.cuts)]

    def etas(self, theta: Floats, X: Floats) -> Floats:
        """Return (n, K - 1) ``cut_k - x'b_k``."""
        parallel, at, blocks = self.places(X.shape[1])
        if not self.nominal:
            return theta[-self.cuts :][None, :] - (X @ theta[: -self.cuts])[:, None]
        made = -(X[:, parallel] @ theta[at])[:, None] + theta[-self.cuts :][None, :]
        slopes = np.stack([theta[block[1:]] for block in blocks], axis=1)
        return made - X[:, list(self.nominal)] @ slopes

    def _edges(self, theta: Floats, X: Floats, code: Codes) -> _Edges:
        if self.nominal:
            etas = self.etas(theta, X)
            rows = np.arange(len(code))
            upper = etas[rows, np.minimum(code, self.cuts - 1)]
            lower = etas[rows, np.maximum(code - 1, 0)]
        else:
            eta, cuts = X @ theta[: -self.cuts], theta[-self.cuts :]
            upper = np.append(cuts, 0.0)[code] - eta
            lower = np.append(0.0, cuts)[code] - eta
        upper[code == self.cuts] = FAR
        lower[code == 0] = -FAR
        below_u, above_u, f_u, slope_u = self.link.curve(upper)
        below_l, above_l, f_l, slope_l = self.link.curve(lower)
        p = np.where(lower > 0, above_l - above_u, below_u - below_l)
        with np.errstate(divide="ignore", invalid="ignore"):
            return _Edges(p, f_u / p, f_l / p, slope_u / p, slope_l / p)

    # -- what fitting needs ----------------------------------------------------------------------

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Start at no slope and the cut-points of the margin."""
        share = np.bincount(y.astype(np.int64), w, minlength=self.levels) / w.sum()
        slopes = X.shape[1] + len(self.nominal) * (self.cuts - 1)
        return np.concatenate([np.zeros(slopes), self.link.quantile(np.cumsum(share)[:-1])])

    def _out_of_order(self, theta: Floats) -> bool:
        return not self.nominal and bool((np.diff(theta[-self.cuts :]) <= 0).any())

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Log-likelihood; -inf where an answer that was given has no probability."""
        if self._out_of_order(theta):
            return -np.inf
        total = 0.0
        for rows in _blocks(len(y)):
            p = self._edges(theta, X[rows], y[rows].astype(np.int64)).p
            if not (p > 0).all():
                return -np.inf
            total += float(w[rows] @ np.log(p))
        return total

    def _spread(self, code: Codes, upper: Floats, lower: Floats) -> Floats:
        """Return (n, K - 1): what each row gives to the cut above its answer, and to that below."""
        made = np.zeros((len(code), self.levels + 1))
        rows = np.arange(len(code))
        made[rows, code + 1] = upper
        made[rows, code] = lower
        return made[:, 1 : self.levels]

    def derivatives(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Derivatives:
        """Gradient and minus the analytic Hessian, a block of rows at a time."""
        q = len(theta)
        parallel, at, blocks = self.places(X.shape[1])
        loglik, gradient, information = 0.0, np.zeros(q), np.zeros((q, q))
        if self._out_of_order(theta):
            return Derivatives(-np.inf, gradient, information)
        for rows in _blocks(len(y)):
            code, own = y[rows].astype(np.int64), w[rows]
            block = X[rows]
            e = self._edges(theta, block, code)
            if not (e.p > 0).all():
                return Derivatives(-np.inf, gradient, information)
            loglik += float(own @ np.log(e.p))
            first = self._spread(code, own * e.upper, -own * e.lower)
            cross = -own * e.upper * e.lower
            above = own * (e.upper**2 - e.upper_slope)
            beneath = own * (e.lower**2 + e.lower_slope)
            both = self._spread(code, above + cross, beneath + cross)
            totals = own * (e.upper - e.lower), above + beneath + 2 * cross
            self._add(gradient, information, (parallel, at, blocks), block, first, both, totals)
            alone = self._spread(code, above, beneath)
            # Only an answer between two cut-points ties them.
            tied = np.where((code > 0) & (code < self.cuts), cross, 0.0)
            self._add_cuts(information, blocks, block, alone, tied, code)
        return Derivatives(loglik, gradient, information)

    def _add(
        self,
        gradient: Floats,
        information: Floats,
        places: tuple[list[int], list[int], list[list[int]]],
        X: Floats,
        first: Floats,
        both: Floats,
        totals: tuple[Floats, Floats],
    ) -> None:
        parallel, at, blocks = places
        P = X if not self.nominal else X[:, parallel]
        N = X[:, list(self.nominal)]
        gradient[at] -= totals[0] @ P
        information[np.ix_(at, at)] += P.T @ (P * totals[1][:, None])
        for k, block in enumerate(blocks):
            gradient[block[0]] += first[:, k].sum()
            side = np.empty((len(at), len(block)))
            side[:, 0] = -(both[:, k] @ P)
            if self.nominal:
                gradient[block[1:]] -= first[:, k] @ N
                side[:, 1:] = P.T @ (N * both[:, [k]])
            information[np.ix_(at, block)] += side
            information[np.ix_(block, at)] += side.T

    def _add_cuts(
        self,
        information: Floats,
        blocks: list[list[int]],
        X: Floats,
        alone: Floats,
        tied: Floats,
        code: Codes,
    ) -> None:
        if not self.nominal:
            at = [block[0] for block in blocks]
            information[at, at] += alone.sum(axis=0)
            pairs = np.bincount(code, tied, self.levels)[1 : self.cuts]
            information[at[:-1], at[1:]] += pairs
            information[at[1:], at[:-1]] += pairs
            return
        Z = np.column_stack([np.ones(len(X)), -X[:, list(self.nominal)]])
        for k, block in enumerate(blocks):
            information[np.ix_(block, block)] += Z.T @ (Z * alone[:, [k]])
            if k:
                middle = Z.T @ (Z * np.where(code == k, tied, 0.0)[:, None])
                information[np.ix_(blocks[k - 1], block)] += middle
                information[np.ix_(block, blocks[k - 1])] += middle.T

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """``(f(upper) A - f(lower) B) / p``, A and B the derivatives of the edges."""
        made = np.zeros((len(X), len(theta)))
        parallel, at, blocks = self.places(X.shape[1])
        for rows in _blocks(len(y)):
            code = y[rows].astype(np.int64)
            block = X[rows]
            e = self._edges(theta, block, code)
            first = self._spread(code, e.upper, -e.lower)
            out = made[rows]
            P = block if not self.nominal else block[:, parallel]
            out[:, at] = P * (e.lower - e.upper)[:, None]
            for k, place in enumerate(blocks):
                out[:, place[0]] = first[:, k]
                if self.nominal:
                    out[:, place[1:]] = -block[:, list(self.nominal)] * first[:, [k]]
        return made

    # -- what effects need -----------------------------------------------------------------------

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Probability of each level; nominal slopes may cross, and then one is negative."""
        below = self.link.below(self.etas(theta, X))
        return np.diff(below, axis=1, prepend=0.0, append=1.0)

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Derivatives of the weighted sums of the probabilities."""
        density = self.link.density(self.etas(theta, X)) * w[:, None]
        parallel, at, blocks = self.places(X.shape[1])
        below = np.zeros((self.cuts, len(theta)))
        slopes = density.T @ X
        below[:, at] = -slopes[:, parallel]
        for k, block in enumerate(blocks):
            below[k, block[0]] = density[:, k].sum()
            below[k, block[1:]] = -slopes[k, list(self.nominal)]
        return np.diff(below, axis=0, prepend=0.0, append=0.0)

    def recession(self, X: Floats, y: Floats) -> Floats | None:
        """Upper edges may rise and lower edges fall."""
        code = y.astype(np.int64)
        parallel, at, blocks = self.places(X.shape[1])
        made = []
        for k, block in enumerate(blocks):
            edge = np.zeros((len(X), theta_size(at, blocks)))
            edge[:, at] = -X[:, parallel]
            edge[:, block[0]] = 1.0
            edge[:, block[1:]] = -X[:, list(self.nominal)]
            made += [edge[code == k], -edge[code == k + 1]]
        return np.concatenate(made)


def theta_size(at: list[int], blocks: list[list[int]]) -> int:
    """Return how many places theta has."""
    return len(at) + sum(map(len, blocks))


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + ROWS) for start in range(0, n, ROWS))
