"""Which packages the program uses, the same on every Python.

A report that named what happens to be installed would differ between Python 3.11 and 3.13, where
the universal lock pins different versions of the same package. So the report tells what the lock
says: every pinned version, with the condition under which it is taken. ``ngo-survey explain`` and
``verify`` name what is installed where they run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import requires

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+))?")
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class SoftwarePackage:
    """A package and its pinned versions in words."""

    name: str
    versions: str


def declared() -> list[str]:
    """Return the requirements of the program itself, extras left out, sorted."""
    return sorted(r for r in requires("ngo-survey") or () if "extra ==" not in r)


def packages(lock: str, requirements: Iterable[str]) -> tuple[SoftwarePackage, ...]:
    """Return the required packages with the versions that ``lock`` pins.

    ``lock`` is the text of ``requirements.lock``; without a pin the requirement itself is printed.
    """
    pinned: dict[str, list[str]] = {}
    for line in lock.splitlines():
        found = _PINNED.match(line)
        if found:
            version = f"{found[2]} ({found[3].strip()})" if found[3] else found[2]
            pinned.setdefault(normalized_name(found[1]), []).append(version)
    named = []
    for requirement in requirements:
        name = _NAME.match(requirement)
        if name:
            bound = requirement[name.end() :].strip()
            versions = pinned.get(normalized_name(name[0]), [bound or "any"])
            named.append(SoftwarePackage(name[0], " or ".join(versions)))
    return tuple(named)


def normalized_name(name: str) -> str:
    """Return the name of a package in one spelling (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
