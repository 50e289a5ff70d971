"""Words for what a stage made, which its last line says."""

from __future__ import annotations


def counted(number: float, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 table``, ``2,612 responses``."""
    return f"{number:,.0f} {one if number == 1 else many or f'{one}s'}"


def join_parts(*parts: str) -> str:
    """Return the parts that say something, in one line."""
    return ", ".join(part for part in parts if part)
