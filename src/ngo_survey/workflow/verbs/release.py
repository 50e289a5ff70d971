"""``ngo-survey release FOLDER``: all that may leave, in one folder, and nothing else.

Reads the products of a build, the questionnaires, the configuration and ``results.lock``, and the
exports to search for what names people; writes their copies under the same names,
``manifest.csv`` and ``STATEMENT.md``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.disclosure.two_releases import given_away, tells_counts
from ngo_survey.errors import ConfigError, InputError, ResultError
from ngo_survey.results.files import write_bytes, write_text
from ngo_survey.results.store import FAMILIES, Results, csv_text
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.release import check_release
from ngo_survey.workflow import lock as locks
from ngo_survey.workflow import lock_text
from ngo_survey.workflow.code import SOURCE
from ngo_survey.workflow.files import MANIFEST
from ngo_survey.workflow.former_release import former_folder, former_rows
from ngo_survey.workflow.provenance import stale
from ngo_survey.workflow.release import Leaving, betrayed, leaving, manifest, searchable
from ngo_survey.workflow.statement import Search, statement
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.read import read_responses
from ngo_survey.workflow.verify import CHANGED, verify

STATEMENT = "STATEMENT.md"
#: Most files and stages that a refusal names.
SHOWN = 3


def run(study: Study, folder: Path, after: Path | None = None) -> str:
    """Write the release into a new or empty folder; it stands whole or not at all.

    ``after`` is a release of the same interviews that is out already, beside the one that the
    configuration names: of a third release both are.

    Raises
    ------
    ConfigError: results are not protected, or the data are collected and the study does not say by
        which rules they are protected.
    ResultError: the folder is not empty, a product was not made from what stands, the lock
        records other results, or a figure tells of few beside the former release.
    InputError: the former release is none, an export is not here to be searched for, or a file
        holds what a respondent wrote.
    """
    _refuse_folder(folder)
    check_release(study)
    _refuse_undeclared(study)
    _refuse_stale(study)
    former = [path for path in dict.fromkeys((former_folder(study), after)) if path is not None]
    for path in former:
        _refuse_difference(study, path)
    files = leaving(study)
    values = {group: set(found) for group, found in _values(study)}
    public = list(_public(study))
    wanted = {group: searchable(found, public) for group, found in values.items()}
    _refuse_betrayed(files, {words: v for found in wanted.values() for words, v in found.items()})
    listed = manifest(files)
    search = Search(
        {group: len(found) for group, found in wanted.items()},
        [file.name for file in files if not file.searched],
    )
    words = statement(study, Results.load(study.paths.released), listed, search, former)
    # Under another name first: a release that a full disk cut off would look like a whole one.
    partial = folder.with_name(f".{folder.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    for file in files:
        write_bytes(file.content, partial / file.name)
    write_text(csv_text(listed), partial / MANIFEST)
    write_text(words, partial / STATEMENT)
    partial.replace(folder)
    return f"{counted(len(files), 'file')} in {folder}, with {MANIFEST} and {STATEMENT}"


def _refuse_folder(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        problem = "a release needs a folder, and this is none"
    elif folder.is_dir() and any(folder.iterdir()):
        problem = "the folder is not empty"
    else:
        return
    raise ResultError(problem, file=folder, hint="name a folder that is new or empty")


def _refuse_undeclared(study: Study) -> None:
    """Raise when nobody decided by which rules collected answers are protected."""
    if not study.simulated and "disclosure" not in yaml.safe_load(study.written[0].text):
        raise ConfigError(
            "collected data are released by rules that the study itself states",
            file=study.file,
            column="disclosure",
            hint="write the section disclosure (docs/config.md), with the threshold agreed on",
        )


def _refuse_stale(study: Study) -> None:
    """Raise when a product was not made from what stands, or is not what the lock records."""
    found = stale(study)
    if found:
        named = [f"{stage}: {differs}" for stage, differs in list(found.items())[:SHOWN]]
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        raise ResultError(
            "nothing is released: products were not made from what stands here: "
            + "; ".join([*named, *more]),
            hint="run snakemake",
        )
    verdict = verify(lock_text.read(study.paths.lock), locks.take(study))
    if verdict.status == CHANGED:
        raise ResultError(
            "nothing is released: the results are not those that the lock records",
            file=study.paths.lock.name,
            hint="look at `ngo-survey verify`, then record them with `ngo-survey verify --update`",
        )


def _refuse_difference(study: Study, former: Path) -> None:
    """Raise when the former release and this one tell of a small group together."""
    threshold = Rules.of(study.section("disclosure")).threshold
    results = Results.load(study.paths.released)
    found: list[str] = []
    for family in (name for name, columns in FAMILIES.items() if tells_counts(columns)):
        present = results.family(family)
        told = given_away(former_rows(former, family), present, threshold)
        found += present.loc[told, "key"].tolist()
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise ResultError(
            f"nothing is released: beside the former release {counted(len(found), 'figure')} would "
            f"tell of fewer than {threshold} respondents, or of what was hidden: "
            + ", ".join(found[:SHOWN])
            + more,
            file=former,
            hint="name its folder under disclosure.after and build again: what the two tell "
            "together is hidden; leave out an indicator, model or wave that is named here still",
        )


def _values(study: Study) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield each group of each wave with what its respondents wrote, and what names them."""
    for wave in ["", *(wave.id for wave in study.earlier_waves)]:
        then = study.wave(wave) if wave else study
        for name in study.waves[wave].relations if wave else study.populations:
            file = then.population(name)
            if not file.responses.is_file():
                raise InputError(
                    "the answers are not here, so nobody can say that none of them is released",
                    file=str(file.raw["responses"]),
                    hint="release where the answers are",
                )
            read = read_responses(then, name, everything=True)
            private = [q.name for q in codebook(then, name) if q.private]
            frame = read.frame[[c for c in private if c in read.frame]].join(read.left_out)
            found = {str(v) for column in frame for v in frame[column].dropna().unique()}
            yield f"{name}, wave {wave}" if wave else name, found


def _public(study: Study) -> Iterator[str]:
    """Yield the texts that a study publishes by itself, and those of the program."""
    yield from (written.text for written in study.written)
    for name in study.populations:
        for question in codebook(study, name):
            yield from (*question.labels.values(), *question.titles.values())
            yield from (label for c in question.choices for label in (c.name, *c.labels.values()))
    own = [study.chapters, *([study.words] if study.words else [])]
    official = [study.path(str(d["file"])) for d in study.section("official").values()]
    texts = [*official, *(p for folder in own for p in sorted(folder.rglob("*")) if p.is_file())]
    program = [SOURCE / "present" / "words", SOURCE / "present" / "document" / "generic"]
    texts += [p for folder in program for p in sorted(folder.rglob("*")) if p.is_file()]
    compiled = {".py", ".pyc"}
    yield from (path.read_text(encoding="utf-8") for path in texts if path.suffix not in compiled)


def _refuse_betrayed(files: list[Leaving], wanted: dict[str, str]) -> None:
    """Raise for the first file that holds what a respondent wrote; the error does not repeat it."""
    found = list(betrayed(files, wanted))
    if not found:
        return
    file, values = found[0]
    more = f", as do {len(found) - 1} more files" if found[1:] else ""
    raise InputError(
        f"it holds {counted(len(values), 'answer')} in a respondent's own words, or what names "
        f"somebody{more}",
        file=file.name,
        hint="search it for names, addresses and numbers; they come from the configuration, a "
        "chapter or a label that quotes an answer",
    )
