"""The table of docs/development.md: for each group of tests, what which suite runs of it.

``python tests/suites_table.py`` prints it, from the tests as they are written.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

#: The first word of a file's name, and what its tests prove.
GROUPS = {
    "architecture": "the order of the rooms",
    "attacks": "no composition follows from what is released",
    "bad": "bad input stops with one line",
    "build": "what a build prints",
    "check": "every fault is named in one run",
    "cleaning": "checks, corrections, derived variables, coded texts",
    "cli": "arguments and exit status",
    "cluster": "a build on a cluster",
    "config": "the table of the keys of the configuration",
    "disclosure": "weights do not tell what is hidden",
    "docs": "documentation, its examples run",
    "estimation": "estimates, errors and limits against R and by simulation",
    "figure": "what the message of a figure says",
    "figures": "figures, maps, colours",
    "finding": "sentences of findings",
    "findings": "findings behind chapters",
    "forecast": "forecasts",
    "group": "of no small group it is told that all or none did",
    "hostile": "marks of direction and control characters",
    "how": "the recipes of docs/how-to.md",
    "identifiers": "nothing that says who somebody is is written",
    "ignored": "what git would commit",
    "independence": "tests of independence",
    "known": "simulated surveys give their truth back",
    "library": "the library for notebooks",
    "machine": "faults of the machine, symbolic links",
    "models": "models, imputation, validation, power",
    "monitor": "the page of fieldwork",
    "new": "a study from an export",
    "package": "the data package and the description of a run",
    "published": "the schema of the configuration",
    "questionnaire": "forms, filters, skip rules, patterns",
    "reading": "exports come back as they were, or are refused",
    "refusals": "the table of what is refused",
    "release": "what a release holds and refuses",
    "reliability": "rates of reliability",
    "report": "pages, paper, slides, workbook, explorer",
    "reproduce": "reruns, kills, locks, the same bytes anywhere",
    "reuse": "what is taken from an earlier run",
    "rounding": "rounding for release",
    "sampling": "designs, weights, replicates against R",
    "second": "two releases of the same interviews",
    "simulation": "the simulated study",
    "small": "small areas",
    "sources": "formats and field tools",
    "store": "the store of results",
    "study": "configuration, layers, presets",
    "suites": "this table",
    "tables": "tables, comparisons, disclosure control under attack",
    "trends": "official figures and projections",
    "waves": "change between waves",
    "words": "words in three languages",
    "workbook": "the layout of the workbook",
    "xlsform": "XLSForms in and out",
}
#: What makes the quick suite take less of a test than the thorough one.
SAMPLING = {"sample", "turns", "examples", "given", "thorough"}
BUILDS = {
    "built": "the study as it ships",
    "small_built": "the small study",
    "two_waves": "two waves",
    "snakemake": "Snakemake",
}


def table(folder: Path) -> str:
    """Return the table in Markdown, a row for each group; see :data:`GROUPS`."""
    lines = [
        "| tests | prove | sampled by the quick suite | in the thorough suite alone | build |",
        "|---|---|---|---|---|",
    ]
    files: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(folder.glob("test_*.py")):
        files[file.stem.split("_")[1]].append(file)
    for group, members in files.items():
        kinds = {file: set(_kinds(file)) for file in members}
        builds = {build for file in members for build in _builds(file)}
        cells = [
            f"`test_{group}`",
            GROUPS[group],
            *(_named(group, [f for f in members if k in kinds[f]], members) for k in ("s", "t")),
            ", ".join(words for name, words in BUILDS.items() if name in builds) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _named(group: str, chosen: list[Path], members: list[Path]) -> str:
    """Name files of a group by what follows its first word."""
    if not chosen:
        return "nothing"
    names = [file.stem.removeprefix(f"test_{group}").strip("_") for file in chosen]
    whole = chosen == members and len(members) == 1
    return "some tests" if whole else ", ".join(name or group for name in names)


def _kinds(file: Path) -> Iterator[str]:
    """Yield "t" for tests of the thorough suite alone, "s" for those that the quick one samples."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    # Parameters may be made beside the tests that take them.
    made = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign) and _words(node.value) & SAMPLING
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    alone = "pytestmark" in made
    for node in module.body:
        if not isinstance(node, ast.FunctionDef) or not _is_test_or_fixture(node):
            continue
        decorators = {ast.unparse(d) for d in node.decorator_list}
        words = {word for d in node.decorator_list for word in _words(d)}
        if alone or "pytest.mark.thorough" in decorators:
            yield "t"
        elif (words & (SAMPLING | made)) or "thorough" in {a.arg for a in node.args.args}:
            yield "s"


def _builds(file: Path) -> set[str]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    asked = {
        name
        for node in module.body
        if isinstance(node, ast.FunctionDef) and _is_test_or_fixture(node)
        for name in [a.arg for a in node.args.args]
        + [word for d in node.decorator_list for word in _strings(d)]
    }
    return asked & BUILDS.keys()


def _is_test_or_fixture(node: ast.FunctionDef) -> bool:
    fixture = any("fixture" in ast.unparse(d) for d in node.decorator_list)
    return fixture or node.name.startswith("test_")


def _words(node: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def _strings(node: ast.AST) -> list[str]:
    return [
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


if __name__ == "__main__":
    print(table(Path(__file__).parent), end="")
