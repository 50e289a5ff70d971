"""``ngo-survey verify``: does what stands agree with results.lock? Rebuilds nothing.

Reads every product and ``results.lock``; writes ``reports/verification.txt``, and with ``--update``
the lock, after showing what changes.
"""

from __future__ import annotations

from ngo_survey.reproduce import lock as locks
from ngo_survey.reproduce.verify import CHANGED, verify
from ngo_survey.store import write_text
from ngo_survey.study import Study


def run(study: Study, update: bool = False) -> int:
    """Return 0 when the results are identical or equal within tolerance, otherwise 1."""
    stands = locks.take(study)
    if update and not study.paths.lock.is_file():
        before = locks.Lock({}, {})
    else:
        before = locks.read(study.paths.lock)
    verdict = verify(before, stands)
    print(verdict.text(), end="")
    if update:
        write_text(locks.write(stands), study.paths.lock)
        print(f"\nRecorded in {study.paths.lock.name}.")
        verdict = verify(stands, stands)
    write_text(verdict.text(), study.paths.verification)
    return 1 if verdict.status == CHANGED else 0
