"""What a projection needs: the options of the section ``trends``, light enough for any room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProjectionRule:
    """What a projection needs.

    Attributes
    ----------
    minimum_points: consecutive yearly figures.
    horizon: years ahead.
    first_origin: figures of the shortest start that the back-test continues.
    models: names of :data:`smoothing.MODELS`, the one that is drawn and printed first.
    """

    minimum_points: int = 8
    horizon: int = 3
    first_origin: int = 6
    models: tuple[str, ...] = ("local_level", "ets")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ProjectionRule:
        """Read the section ``trends``."""
        named = {k: v for k, v in options.items() if k in cls.__dataclass_fields__}
        if "models" in named:
            named["models"] = tuple(named["models"])
        return cls(**named)
