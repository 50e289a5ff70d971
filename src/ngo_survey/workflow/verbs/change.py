"""The verb `change`: the same questions in every wave, and what changed between them."""

from __future__ import annotations

import pandas as pd

from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.errors import InputError
from ngo_survey.results import store
from ngo_survey.statistics.design.overlap import Overlap
from ngo_survey.study import Study
from ngo_survey.study.declared_changes import books_of, changes
from ngo_survey.tables.change import change_rows, wave_rows
from ngo_survey.tables.measured import Side
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.side import load_side
from ngo_survey.workflow.verbs.weight import read_frame


def run(study: Study) -> str:
    """Compare the waves as ``waves.change`` declares.

    Reads the clean answers, weights and released tables of every wave, and the sample files of
    those that overlap; writes one file a table in results/waves and results/change.
    """
    plan = changes(study, books_of(study))
    years = {wave.id: wave.year for wave in study.waves.values()}
    sides: dict[tuple[str, str], Side] = {}
    overlaps: dict[tuple[str, str], Overlap] = {}
    for population in dict.fromkeys(changed.population for changed in plan):
        mine = [changed for changed in plan if changed.population == population]
        for wave in dict.fromkeys(wave for changed in mine for wave in changed.measured):
            tables = [c.measured[wave].spec.id for c in mine if wave in c.measured]
            sides[wave, population] = load_side(_as_of(study, wave), population, tables)
        for earlier in study.earlier_waves:
            relation = earlier.relations.get(population)
            if relation is not None and relation.overlapping:
                overlaps[earlier.id, population] = Overlap(
                    _units(study, sides[study.present.id, population], population, relation.unit),
                    _units(
                        _as_of(study, earlier.id),
                        sides[earlier.id, population],
                        population,
                        relation.unit,
                    ),
                )
    threshold = Rules.of(study.section("disclosure")).threshold
    for changed in plan:
        own = {wave: sides[wave, changed.population] for wave in changed.measured}
        shared = {w: o for (w, p), o in overlaps.items() if p == changed.population}
        rows = wave_rows(changed, own, years)
        store.write(rows, "waves", study.paths.result("waves", changed.analysis))
        made = change_rows(changed, own, shared, threshold, study.test_level)
        store.write(made, "change", study.paths.result("change", changed.analysis))
    return f"{counted(len(plan), 'table')} in {counted(len(years), 'wave')}"


def _as_of(study: Study, wave: str) -> Study:
    return study if wave == study.present.id else study.wave(wave)


def _units(study: Study, side: Side, population: str, column: str) -> pd.Series:
    """Return the name of the sampled unit behind each respondent."""
    return side.design.frame["respondent"].map(sampled_units(study, population, column))


def sampled_units(study: Study, population: str, column: str) -> pd.Series:
    """Return the names of the sampled units by ``sample_id``, from the sample file of one wave.

    Raises
    ------
    InputError: a unit has no name, or one name stands twice.
    """
    file = study.population(population).sample
    if file is None:
        raise study.mistake(
            "samples that overlap need a sample file in every wave",
            f"populations.{population}.sample",
            hint="name the file, or say samples: independent",
        )
    wanted = list(dict.fromkeys(["sample_id", column]))
    sample = read_frame(study, file, wanted)
    shown = file.relative_to(study.root)
    empty = sample[column] == "none"
    if empty.any():
        row = int(empty.to_numpy().argmax()) + 2
        hint = "name the sampled unit, alike in every wave"
        raise InputError("a cell is empty", file=shown, row=row, column=column, hint=hint)
    twice = sample[column].duplicated()
    if twice.any():
        row = int(twice.to_numpy().argmax())
        raise InputError(
            "a sampled unit stands twice in one sample",
            file=shown,
            row=row + 2,
            column=column,
            value=sample[column].iloc[row],
            hint="give each its own name",
        )
    return sample.set_index("sample_id")[column]
