"""What several tests share: two suites, marks by fixture, and one build of each study.

``pytest`` runs the quick suite; ``pytest --thorough`` also runs what carries the mark `thorough`.
`docs/development.md` tells more.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

import builds
import suites
from builds import ROOT, copy_study, run
from ngo_survey.study import Study

__all__ = ["ROOT", "copy_study", "run"]

# Before numpy is imported, which reads it once.
os.environ |= {**builds.ONE_THREAD, **os.environ}

#: Fixtures that are a built study, the longest build first, with the mark of every test that asks
#: for one, be it through other fixtures. All of them, and those of `BUILDING`, carry the mark
#: `build` too.
BUILDS = {"built": "default_build", "small_built": "small_build", "two_waves": "waves_build"}
#: Fixtures with which a test builds a study, or some of it, of its own.
BUILDING = {"snakemake", "build_plain", "build_by_verbs"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="run the thorough suite, all of it")


def pytest_configure(config: pytest.Config) -> None:
    profile = suites.THOROUGH if config.getoption("thorough") else suites.QUICK
    settings.load_profile(profile)
    # Hypothesis heeds no seed where it is told to try the same examples every time.
    if config.getoption("hypothesis_seed", None) is not None:
        suites.search_anew(profile)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use every core for a whole suite; one process for named files, which starts at once."""
    named = any(argument.partition("::")[0].endswith(".py") for argument in config.args)
    return 0 if named else len(os.sched_getaffinity(0))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures they use, and leave to the thorough suite what is its own."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        for name in BUILDS.keys() & names:
            item.add_marker(BUILDS[name])
        if names & {*BUILDS, *BUILDING}:
            item.add_marker("build")
    if not config.getoption("thorough"):
        left = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    if hasattr(config, "workerinput"):
        _deal(items)


def _deal(items: list[pytest.Item]) -> None:
    """Put files in the order in which they are dealt to workers.

    One file of each build comes first, so that builds are made beside each other. The other files
    of the longest build come when it stands: a worker that asks for it sooner would wait. What
    needs no build is left to the end, where many short files let all workers end together.
    """
    builds_of = [*BUILDS.values()]
    none = len(builds_of)
    kinds: dict[Path, int] = {}
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        mine = min((place for place, mark in enumerate(builds_of) if mark in marks), default=none)
        kinds[item.path] = min(mine, kinds.get(item.path, none))
    begun: set[int] = {none}
    places = {}
    for place, (path, kind) in enumerate(kinds.items()):
        later = kind in begun
        places[path] = (later, kind == none, -kind if later else kind, place)
        begun.add(kind)
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether the thorough suite runs, for tests that do the same less often in the quick one."""
    return bool(request.config.getoption("thorough"))


@pytest.fixture(scope="session")
def study() -> Study:
    """The study as it ships."""
    return Study.load(ROOT / "config.yaml")


@pytest.fixture(scope="session")
def snakemake() -> builds.Snakemake:
    """Run Snakemake as a user would: ``snakemake(folder, *arguments, environment=None)``."""

    def command(
        folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return run(["snakemake", *arguments], folder, environment)

    return command


@pytest.fixture(scope="session")
def build_plain() -> Callable[[Study], None]:
    """Make everything of a small study in this process."""
    import plain_study

    return plain_study.build


@pytest.fixture(scope="session")
def build_by_verbs() -> Callable[[Study], None]:
    """Make everything of a small study in this process, with a record of what it was made from."""
    import plain_study

    return plain_study.build_by_verbs


@pytest.fixture(scope="session")
def built(study: Study, thorough: bool) -> Iterator[Study]:
    """The study as it ships, built in one process; to be copied before it is touched.

    The quick suite makes the pages of the first language alone, and completes missing answers and
    draws samples fewer times; the thorough one does what is declared. The path has a space and
    Cyrillic letters, time zone and hash seed are not the builder's: outputs must not depend on any
    of it.
    """
    languages = [] if thorough else [study.languages[0]]

    def make(folder: Path) -> None:
        copy_study(folder)
        if not thorough:
            builds.draw_less(folder)
        builds.every_stage(folder, *languages, TZ="Asia/Almaty", PYTHONHASHSEED="11")

    name = "_".join(["default", *languages])
    yield from shared(builds.build(name, make, folder="сборка исследования"))


@pytest.fixture(scope="session")
def small_built() -> Iterator[Study]:
    """A small study through every rule, built by Snakemake; to be copied before it is touched."""
    from small_study import small_study

    inputs = (*builds.INPUTS, "tests/small_study.py")
    yield from shared(
        builds.build("small", lambda folder: builds.snakemake(small_study(folder)), inputs=inputs)
    )


@pytest.fixture(scope="session")
def two_waves() -> Iterator[Study]:
    """A study of two waves, both taken to their tables and compared; to be copied likewise."""
    from waves_study import compared_waves

    inputs = (*builds.INPUTS, "tests/waves_study.py")
    yield from shared(builds.build("waves", compared_waves, inputs=inputs))


def shared(folder: Path) -> Iterator[Study]:
    """Give a build to the tests of the session and see that none of them has changed it."""
    yield Study.load(folder / "config.yaml")
    assert builds.unchanged(folder), "a test has changed the build that all tests share"
