"""What is compared between waves: the section ``waves`` held against the codebooks of each wave.

Nothing here reads an answer, and nothing slow is imported: the Snakefile asks which files come out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import Faults, nearest
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_comparisons import Reader
from ngo_survey.study.declared_weighting import replicated
from ngo_survey.tables.compared import Changed, Measured
from ngo_survey.tables.declared import NESTED

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study import Study

#: Codebooks of the groups of respondents of each wave, by id of the wave.
Books = Mapping[str, Mapping[str, "Questionnaire"]]


def books_of(study: Study) -> Books:
    """Read the codebooks of every wave: of the earlier ones those of the groups they name."""
    books = {
        wave.id: {name: codebook(study.wave(wave.id), name) for name in wave.relations}
        for wave in study.earlier_waves
    }
    return books | {study.present.id: {name: codebook(study, name) for name in study.populations}}


def changes(study: Study, books: Books) -> list[Changed]:
    """Read what ``waves.change`` declares; a study of one wave compares nothing.

    Raises
    ------
    ConfigError: a name that the present wave, or an earlier one, does not have.
    """
    faults = Faults()
    read = read_changes(study, books, faults)
    faults.refuse()
    return read


def read_changes(study: Study, books: Books, faults: Faults) -> list[Changed]:
    """Read what of ``waves.change`` is sound; ``faults`` keeps what is not."""
    if not study.earlier_waves:
        return []
    readers = {
        wave.id: Reader(study.wave(wave.id), books[wave.id], faults) for wave in study.earlier_waves
    }
    readers[study.present.id] = Reader(study, books[study.present.id], faults)
    _refuse_replicates(study, faults)
    made: list[Changed] = []
    for where, entry in _entries(study, readers):
        with faults.check(entry["question"]):
            found = _changed(study, readers, entry, where)
            if any(found.analysis == other.analysis for other in made):
                problem = "this question is compared twice"
                raise study.mistake(problem, where, entry["question"], "take one of the two out")
            made.append(found)
    return made


def _refuse_replicates(study: Study, faults: Faults) -> None:
    """Keep each group with replicate weights whose samples overlap.

    The covariance of two waves is taken from the units that recur within strata
    (:mod:`ngo_survey.statistics.design.overlap`). Replicates stand for strata and units, and those
    of two waves are seldom drawn together, so that they do not tell it either.
    """
    for place, wave in enumerate(study.earlier_waves):
        for name, relation in wave.relations.items():
            both = (study.population(name).raw, study.wave(wave.id).population(name).raw)
            if relation.overlapping and any(replicated(block["weighting"]) for block in both):
                faults.add(
                    study.mistake(
                        "replicate weights do not tell how the samples of two waves go together",
                        f"waves.earlier.{place}.populations.{name}.samples",
                        "overlapping",
                        "declare strata and psu of the group in place of replicates (or errors: "
                        "{method: linearisation} where weights are made here), or say "
                        "independent: limits of change are then too wide where units recur",
                    )
                )


def _entries(
    study: Study, readers: Mapping[str, Reader]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    declared = study.section("waves").get("change", [])
    if declared != "all":
        yield from ((f"waves.change.{number}", entry) for number, entry in enumerate(declared))
        return
    present = readers[study.present.id]
    for population in study.populations:
        earlier = [readers[w.id] for w in study.earlier_waves if population in w.relations]
        for question in present.tables(population):
            if any(question in reader.tables(population) for reader in earlier):
                yield "waves.change", {"population": population, "question": question}


def _changed(
    study: Study, readers: Mapping[str, Reader], entry: Mapping[str, Any], where: str
) -> Changed:
    present = readers[study.present.id]
    now = present.measured(entry["population"], entry, where, ())
    population, banners = now.spec.population, [b for b in now.spec.banners if NESTED not in b]
    for banner in entry.get("by", ()):
        if banner not in banners:
            hint = nearest(banner, banners)
            raise study.mistake("the table has no such banner", f"{where}.by", banner, hint)
    named = [wave.id for wave in study.earlier_waves if population in wave.relations]
    if not named:
        problem = "no earlier wave has this group of respondents"
        raise study.mistake(problem, f"{where}.population", population, "add it to a wave")
    measured: dict[str, Measured] = {}
    for wave in named:
        if now.spec.question not in readers[wave].tables(population):
            if where != "waves.change":
                problem = f"the wave {wave} did not ask this question"
                raise study.mistake(problem, f"{where}.question", now.spec.question, "leave it out")
            continue
        then = readers[wave].measured(population, entry, where, ())
        if then.spec.form != now.spec.form:
            problem = (
                f"the wave {wave} asked this in another way: {then.spec.form}, not {now.spec.form}"
            )
            raise study.mistake(problem, f"{where}.question", now.spec.question, "leave it out")
        measured[wave] = then
    return Changed(measured | {study.present.id: now}, tuple(entry.get("by", ())))
