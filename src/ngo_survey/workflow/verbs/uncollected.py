"""Documents are made of parts that are all kept to the end: looking for garbage finds none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave cycles of objects uncollected while the block runs: an eighth of its time.

    What is left after it is not looked through again: the process of a verb ends soon.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
