"""``ngo-survey crate``: the run described for machines, as a Workflow Run RO-Crate.

Reads what the run read and made; writes ``ro-crate-metadata.json`` in the folder of the study,
which is the root of the crate.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ngo_survey.present.document.software import declared, packages
from ngo_survey.results.files import write_text
from ngo_survey.study import Study
from ngo_survey.workflow.code import package_hash
from ngo_survey.workflow.crate import WORKFLOW, CrateFile, Software, crate
from ngo_survey.workflow.files import raw_files, sha256


def run(study: Study) -> str:
    """Write the description of the run."""
    lock = study.root / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    inputs = [study.file.name, *([lock.name] if text else []), *raw_files(study)]
    made = crate(
        study,
        _held(study, study.root / WORKFLOW),
        [_held(study, study.path(path)) for path in inputs],
        [_held(study, path) for path in outputs(study)],
        [Software(each.name, each.versions) for each in packages(text, declared())],
        package_hash(),
    )
    write_text(f"{json.dumps(made, ensure_ascii=False, indent=1)}\n", study.paths.crate)
    return study.paths.crate.relative_to(study.root).as_posix()


def outputs(study: Study) -> list[Path]:
    """Return the files that a reader takes: reports and workbooks of the study, and its data."""
    languages = "|".join(sorted({*study.languages, *study.table_languages}))
    wanted = re.compile(rf"(report|tables)\.({languages})\.\w+")
    folder = study.paths.package.parent
    found = [path for path in folder.iterdir() if wanted.fullmatch(path.name)]
    found += [path for path in study.paths.package.iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.relative_to(study.root).as_posix())


def _held(study: Study, path: Path) -> CrateFile:
    place = path.relative_to(study.root).as_posix()
    return CrateFile(place, sha256(path), path.stat().st_size, path.name)
