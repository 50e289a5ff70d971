"""Labels beside a drawing: as near to what they name as the others let them be."""

from __future__ import annotations

from collections.abc import Sequence


def spread_labels(
    values: Sequence[float], heights: Sequence[float], limits: tuple[float, float]
) -> list[float]:
    """Return where labels stand: their order kept, none on another.

    Labels that would overlap form a block around the mean of what they name (pooling of adjacent
    violators: the places nearest to the values in squares).

    Parameters
    ----------
    values: what each label names, in units of the axis.
    heights: height of each label in the same units.
    limits: ends of the axis, which labels do not leave while there is room.
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    # Each block: places in order, the sum of wanted starts of its first label, its height.
    blocks: list[tuple[list[int], float, float]] = []
    for i in order:
        block = ([i], values[i] - heights[i] / 2, heights[i])
        while blocks and _start(blocks[-1]) + blocks[-1][2] > _start(block):
            before = blocks.pop()
            wanted = before[1] + block[1] - before[2] * len(block[0])
            block = (before[0] + block[0], wanted, before[2] + block[2])
        blocks.append(block)
    low, high = limits
    starts, above = [], low
    for block in blocks:
        starts.append(max(_start(block), above))
        above = starts[-1] + block[2]
    above = max(high, low + sum(heights))
    for number in reversed(range(len(blocks))):
        starts[number] = min(starts[number], above - blocks[number][2])
        above = starts[number]
    places = [0.0] * len(values)
    for block, start in zip(blocks, starts, strict=True):
        at = start
        for i in block[0]:
            places[i] = at + heights[i] / 2
            at += heights[i]
    return places


def _start(block: tuple[list[int], float, float]) -> float:
    return block[1] / len(block[0])
