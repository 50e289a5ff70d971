"""``ngo-survey package``: every released result as a data package.

Reads the results store and the questionnaires; writes ``reports/data``: one CSV a family of
results, ``labels.csv``, ``estimates.parquet`` and ``datapackage.json``, which describes them all.
"""

from __future__ import annotations

import json

from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.results.files import write_text
from ngo_survey.results.package.description import description
from ngo_survey.results.package.files import DESCRIPTION, LABELS, PARQUET
from ngo_survey.results.package.parquet import write_parquet
from ngo_survey.results.package.released import labels, released
from ngo_survey.results.store import Results, write_csv
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.about import about
from ngo_survey.workflow.verbs.counts import counted


def _mark(study: Study) -> str:
    """Return the mark of simulated data: in English, or in the study's first language."""
    if not study.simulated:
        return ""
    code = "en" if "en" in study.raw["study"]["title"] else study.languages[0]
    return str(catalogue("report", code, study.words)["banner"])


def run(study: Study) -> str:
    """Write the package."""
    to = study.paths
    tables = released(Results.load(to.released), study.data)
    tables[LABELS] = labels({name: codebook(study, name) for name in study.populations})
    contents = {}
    for name, table in tables.items():
        write_csv(table, to.packaged(name))
        contents[name] = to.packaged(name).read_bytes()
    parquet = to.packaged(PARQUET, "parquet")
    write_parquet(tables[PARQUET], parquet)
    made = description(about(study, _mark(study)), contents, parquet.read_bytes())
    text = json.dumps(made, ensure_ascii=False, indent=1)
    write_text(f"{text}\n", to.packaged(DESCRIPTION, "json"))
    return f"{counted(len(tables), 'table')} in {to.package.relative_to(study.root).as_posix()}"
