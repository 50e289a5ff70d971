"""Nothing that a verb reads may change while it runs; what it was made from is then recorded.

A file that is edited while a rule runs would leave a product that is newer than the edit but made
before it: the next run would take it for good. So a verb looks at its sources before and after, and
refuses when one is not what it was; Snakemake then removes what the rule wrote.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ngo_survey.errors import InputError
from ngo_survey.study import Study
from ngo_survey.study.study import RAW
from ngo_survey.workflow.code import code_files
from ngo_survey.workflow.config_parts import compact_json
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.provenance import record
from ngo_survey.workflow.stages import STAGES, chain

#: What the Snakefile tells the verbs it starts: the configurations that it planned the run with.
PLANNED = "NGO_SURVEY_PLANNED"
#: Configurations that this process planned its run with, by the file of the study.
_plans: dict[Path, str] = {}

HINT = "run snakemake again"


@contextmanager
def guarded(study: Study, verb: str, of: str = "") -> Iterator[None]:
    """Raise :class:`InputError` when a source of the verb changes while the block runs.

    Also before it, when the configuration is not the one that the run was planned with, or a file
    that the verb takes from another is not made yet. After it,
    what the stage was made from is recorded. ``of`` is what it runs for: a group of respondents,
    a language, a wave. A verb that is no stage is left alone.
    """
    if verb not in STAGES:
        yield
        return
    if plan(study) not in os.environ.get(PLANNED, plan(study)).split():
        raise InputError("this changed after the run began", file=study.file, hint=HINT)
    _refuse_missing(study, verb, of)
    before = {file: _state(file) for file in sources(study, verb)}
    yield
    for file, state in before.items():
        if _state(file) != state:
            name = file.relative_to(study.root) if file.is_relative_to(study.root) else file.name
            raise InputError("this changed while it was being read", file=name, hint=HINT)
    record(study, verb, of)


def _refuse_missing(study: Study, verb: str, of: str) -> None:
    """Raise when a product is not there that the verb takes from those before it."""
    make = Products(study)
    if of not in make.runs(verb):
        return  # the verb says what is wrong with the name
    lacking = [path for path in make.inputs(verb, of) if not (study.root / path).is_file()]
    if lacking:
        more = f" (and {len(lacking) - 1} more)" if lacking[1:] else ""
        raise InputError(
            f"this file is not made yet{more}",
            file=lacking[0],
            hint=f"run snakemake, or by hand what comes before: {', '.join(chain(verb)[:-1])}",
        )


def announce(study: Study) -> None:
    """Tell the verbs that this process starts what their run is planned with.

    A run of several studies reads the rules once for each: every study keeps its plan.
    """
    _plans[study.file.resolve()] = plan(study)
    os.environ[PLANNED] = " ".join(_plans.values())


def plan(study: Study) -> str:
    """Return a hash of the whole configuration."""
    return hashlib.sha256(compact_json(study.raw).encode()).hexdigest()[:16]


def sources(study: Study, verb: str) -> list[Path]:
    """Return the files that people edit and a verb may read: configuration, data, prose, code."""
    kept = map(Path, filter(None, [os.environ.get(RAW)]))
    folders = [study.root / "data" / "raw", study.chapters, study.root / "words", *kept]
    return [
        *(part.file for part in study.written),
        *(path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()),
        *code_files(verb),
    ]


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
