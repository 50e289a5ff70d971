"""What goes wrong, said in one line a researcher can act on.

Every error meant for a user is a :class:`SurveyError`: where it is (file, sheet, row, column),
what was found, and a hint on how to put it right. The command line prints that line alone;
only a defect of the program itself shows a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path


class SurveyError(Exception):
    """A problem in the data, the configuration or the results that a user can put right.

    Parameters
    ----------
    problem: what is wrong, in plain words, without a full stop.
    hint: what to do about it.
    file, sheet, row, column, value: where it is; each is left out when it does not apply.
        ``row`` counts as the user's own program shows it: from 1, header included.
    """

    #: What ``column`` is called where the error stands.
    place = "column"

    def __init__(
        self,
        problem: str,
        *,
        hint: str = "",
        file: str | Path | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        self.problem = problem
        self.hint = hint
        self.file = None if file is None else str(file)
        self.sheet, self.row, self.column, self.value = sheet, row, column, value
        super().__init__(str(self))

    def __str__(self) -> str:
        places = [
            ("", self.file),
            ("sheet ", self.sheet),
            ("row ", self.row),
            (f"{self.place} ", self.column),
        ]
        where = ", ".join(f"{name}{place}" for name, place in places if place is not None)
        found = "" if self.value is None else f" (found {str(self.value)!r})"
        line = f"{where}: {self.problem}{found}" if where else f"{self.problem}{found}"
        return f"{line}; {self.hint}" if self.hint else line


class ConfigError(SurveyError):
    """The configuration is wrong: ``column`` holds the path of the key."""

    place = "key"


class InputError(SurveyError):
    """A file that the study reads is missing, unreadable or does not fit the questionnaire."""


class SeveralFaultsError(ConfigError, InputError):
    """Several faults of configuration and files, reported at once.

    ``errors`` holds them in the order that they were found in.
    """

    def __init__(self, errors: Sequence[SurveyError]) -> None:
        self.errors = tuple(errors)
        file = self.errors[0].file
        super().__init__(f"{len(self.errors)} faults", file=file)

    def __str__(self) -> str:
        return "\n  ".join([super().__str__(), *map(str, self.errors)])


def refuse(errors: Sequence[SurveyError]) -> None:
    """Raise what was found, all of it at once; nothing where nothing was found."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise SeveralFaultsError(errors)


class Faults:
    """Collects what checks that do not depend on each other find, so that it is said at once.

    Attributes
    ----------
    errors: the faults, each once, in the order that they were found in.
    unchecked: what could not be looked at because of them, in words.
    """

    def __init__(self) -> None:
        self.errors: list[SurveyError] = []
        self.unchecked: list[str] = []
        self._names: set[str] = set()
        self._keys: set[str] = set()

    @contextmanager
    def check(self, *names: str) -> Iterator[None]:
        """Keep the fault of a block, and go on behind it.

        ``names`` are what the block would have declared: that nothing knows them then is no fault.
        """
        try:
            yield
        except SurveyError as error:
            self.add(error)
            self.lose(names)

    def add(self, error: SurveyError) -> None:
        """Keep a fault, unless it is known or follows from one."""
        for each in error.errors if isinstance(error, SeveralFaultsError) else [error]:
            known = {str(other) for other in self.errors}
            if str(each) not in known and not self._follows(each):
                self.errors.append(each)

    def lose(self, names: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
        """Say which declared names, and keys of the configuration, cannot be judged any more."""
        self._names |= set(names)
        self._keys |= set(keys)

    def leave(self, what: str) -> None:
        """Say that something was not looked at."""
        if what not in self.unchecked:
            self.unchecked.append(what)

    def at(self, key: str) -> bool:
        """Whether something is wrong at a key of the configuration, or below it."""
        columns = [e.column for e in self.errors if isinstance(e, ConfigError) and e.column]
        return any(f"{found}.".startswith(f"{key}.") for found in [*columns, *self._keys])

    def refuse(self) -> None:
        """Raise everything that was found at once; nothing where nothing was found."""
        refuse(self.errors)

    def _follows(self, error: SurveyError) -> bool:
        """Whether the fault is about a name or a key that another fault took away."""
        if isinstance(error, ConfigError) and error.column is not None:
            parents = error.column.split(".")
            if self._keys & {".".join(parents[: n + 1]) for n in range(len(parents))}:
                return True
        # Ids of tables and keys of results are made of names: trust_by_region/police@total.
        parts = re.split(r"_by_|[/@=.> ]+", str(error.value))
        return any(p == name or p.endswith(f"_{name}") for p in parts for name in self._names)


class ResultError(SurveyError):
    """A result was asked for that the results store does not hold, or may not be released."""


def nearest(name: object, known: Iterable[object], count: int = 3) -> str:
    """Return ``"did you mean a, b?"`` for a mistyped name, or the known names when none is near."""
    names = sorted({str(k) for k in known})
    close = get_close_matches(str(name), names, n=count, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"known: {listed}" if names else "none is known"
