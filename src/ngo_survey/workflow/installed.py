"""Which installed packages a verb runs on, each with its version: a cause like any other."""

from __future__ import annotations

import platform
import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version

from ngo_survey.present.document.software import normalized_name
from ngo_survey.workflow.code import PACKAGE, code_files, imports


def installed(verb: str) -> dict[str, str]:
    """Return Python and every package that the code of a verb imports, with what these require.

    Names as the lock of the environment writes them, sorted.
    """
    modules = (name for file in code_files(verb) for name in imports(file))
    imported = {module.partition(".")[0] for module in modules}
    waiting = sorted(imported - set(sys.stdlib_module_names) - {PACKAGE})
    found: dict[str, str] = {"python": platform.python_version()}
    providers = _providers()
    names = [normalized_name(d) for module in waiting for d in providers.get(module, ())]
    while names:
        name = names.pop()
        if name in found:
            continue
        try:
            found[name] = _version(name)
        except PackageNotFoundError:
            continue
        names += _required(name)
    return dict(sorted(found.items()))


@cache
def _providers() -> dict[str, list[str]]:
    return dict(packages_distributions())


@cache
def _version(name: str) -> str:
    return version(name)


@cache
def _required(name: str) -> tuple[str, ...]:
    """Return what a package requires without any extra, whatever the platform."""
    wanted = [r for r in requires(name) or () if "extra ==" not in r]
    return tuple(
        normalized_name(re.split(r"[^A-Za-z0-9._-]", r.strip(), maxsplit=1)[0]) for r in wanted
    )
