"""``ngo-survey verify``: does what stands agree with results.lock? Rebuilds nothing.

Reads every product and ``results.lock``; writes ``reports/verification.txt``, and with ``--update``
the lock, after showing what changes.
"""

from __future__ import annotations

from ngo_survey.errors import ResultError
from ngo_survey.results.files import write_text
from ngo_survey.study import Study
from ngo_survey.workflow import lock as locks
from ngo_survey.workflow import lock_text
from ngo_survey.workflow.provenance import stale
from ngo_survey.workflow.verify import CHANGED, restricted, verify

#: Most stages that a refusal names.
SHOWN = 3


def run(study: Study, update: bool = False, released: bool = False) -> int:
    """Return 0 when the results are identical or equal within tolerance, otherwise 1."""
    stands = locks.take(study)
    if update and not study.paths.lock.is_file():
        before = locks.Lock({}, {})
    else:
        before = lock_text.read(study.paths.lock)
    verdict = verify(before, stands, released)
    print(verdict.text(), end="")
    if update:
        _refuse_part(study, before, stands)
        _refuse_stale(study)
        write_text(lock_text.write(stands), study.paths.lock)
        print(f"\nRecorded in {study.paths.lock.name}.")
        verdict = verify(stands, stands)
    write_text(verdict.text(), study.paths.verification)
    return 1 if verdict.status == CHANGED else 0


def _refuse_part(study: Study, before: locks.Lock, stands: locks.Lock) -> None:
    """Raise when a lock of everything would be replaced by one of the released part."""
    lost = [p for p in before.outputs if restricted(p) and p not in stands.outputs]
    if lost and not any(restricted(p) for p in stands.outputs):
        raise ResultError(
            "the lock is not updated: the products of respondents' answers are not here",
            file=study.paths.lock.name,
            value=lost[0],
            hint="update it where the raw data are",
        )


def _refuse_stale(study: Study) -> None:
    """Raise when a stage was made from something else than what stands."""
    found = stale(study)
    if found:
        named = [f"{stage}: {differs}" for stage, differs in found.items()]
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        rules = list(dict.fromkeys(stage.partition(" ")[0] for stage in found))
        again = f"--forcerun {' '.join(rules)}" if len(rules) <= SHOWN else "--forceall"
        raise ResultError(
            "the lock is not updated: results were not made from what stands here: "
            + "; ".join([*named[:SHOWN], *more]),
            file=study.paths.lock.name,
            hint=f"run snakemake; if it finds nothing to do, with {again}",
        )
