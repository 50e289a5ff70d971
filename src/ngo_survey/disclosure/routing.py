"""Of whom a filtered question was asked: the question behind its skip rule, inside the filter.

"Reasons for growth of those who work with an akimat" tells how many of them grew, though nobody
tabulates growth by akimat: who is in the filter and was not asked did not grow. So the gate of a
question with a skip rule stands in the linear system inside every filter of that question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ngo_survey.disclosure.blocks import CellBlock
from ngo_survey.disclosure.cells import Bools, Ids


@dataclass(frozen=True)
class Gate:
    """A filtered block, the plain block of its gate, and the answers at which one is let in."""

    block: CellBlock
    fine: CellBlock
    categories: Ids


def gates(blocks: Iterable[CellBlock]) -> Iterator[Gate]:
    """Yield each gate of each filtered block: read off the answers, as a skip rule can be written.

    A gate is a question with one answer that everybody answered who answered the filtered one, and
    some of whose answers were given by none of them.
    """
    own = [b for b in blocks if not b.difference and not b.known]
    plain = [b for b in own if b.source.partition and b.counts and b.source.within is None]
    fine = {b.source.variable: b for b in reversed(plain)}
    known: dict[tuple[str, bytes], Ids | None] = {}
    for block in own:
        answered = block.source.answered
        if block.source.within is None or answered is None:
            continue
        for variable, gate in fine.items():
            if variable != block.source.variable:
                key = variable, answered.tobytes()
                if key not in known:
                    known[key] = _let_in(gate, answered)
                if (categories := known[key]) is not None:
                    yield Gate(block, gate, categories)


def asked_of_some(blocks: Iterable[CellBlock]) -> Iterator[CellBlock]:
    """Yield the blocks whose base follows from an answer: inside a filter, or behind a gate."""
    own = list(blocks)
    plain = [b for b in own if b.source.partition and b.counts and b.source.within is None]
    fine = {b.source.variable: b for b in reversed(plain)}
    known: dict[bytes, bool] = {}
    for block in own:
        answered = block.source.valid
        if block.source.within is not None:
            yield block
            continue
        if (key := answered.tobytes()) not in known:
            known[key] = any(_let_in(gate, answered) is not None for gate in fine.values())
        if known[key]:
            yield block


def _let_in(gate: CellBlock, answered: Bools) -> Ids | None:
    """Return the answers of a gate that those who answered gave; None where it is no gate."""
    chosen = gate.source.values * gate.source.valid[:, None]
    some = chosen.T @ answered > 0
    if (answered & ~gate.source.valid).any() or not (chosen[:, ~some] > 0).any():
        return None
    return np.flatnonzero(some)
