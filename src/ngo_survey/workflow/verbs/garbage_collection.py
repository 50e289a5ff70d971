"""Documents are made of parts that are all kept to the end: looking for garbage finds none.

Measured in November 2026 on the default study, processor time with and without: a workbook 1.57 and
1.95 s, a report 3.8 and 4.3 s.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Leave cycles of objects uncollected while the block runs.

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
