"""The table of docs/development.md: for each group of tests, what which suite runs of it.

``python tests/suites_table.py`` prints it, from the tests as they are written.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

#: The first word of the names of several files, and what their tests prove. A file alone says it.
GROUPS = {
    "cleaning": "Checks, corrections, derived variables, coded texts",
    "estimation": "Estimates, errors and limits against R and by simulation",
    "figures": "Figures, maps, colours",
    "library": "The library for notebooks",
    "models": "Models, imputation, validation, power",
    "new": "A study from an export",
    "package": "The data package and the description of a run",
    "questionnaire": "Forms, filters, skip rules, patterns",
    "reading": "Exports come back as they were, or are refused",
    "release": "What a release holds and refuses",
    "report": "Pages, paper, slides, workbook, explorer",
    "reproduce": "Reruns, kills, locks, the same bytes anywhere",
    "rounding": "Rounding for release",
    "sampling": "Designs, weights, replicates against R",
    "small": "Small areas",
    "sources": "Formats and field tools",
    "study": "Configuration, layers, presets",
    "tables": "Tables, comparisons, disclosure control under attack",
    "trends": "Official figures and projections",
    "waves": "Change between waves",
    "words": "Words in three languages",
    "xlsform": "XLSForms in and out",
}
#: What makes the quick suite take less of a test than the thorough one.
SAMPLING = {"sample", "turns", "examples", "given", "thorough"}
BUILDS = {
    "built": "the study as it ships",
    "small_built": "the small study",
    "two_waves": "two waves",
    "snakemake": "Snakemake",
    **dict.fromkeys(("build_plain", "build_by_verbs", "stages"), "a study of its own"),
    "browser": "Chromium",
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
            GROUPS.get(group) or _proven(members[0]),
            *(_named(group, [f for f in members if k in kinds[f]], members) for k in ("s", "t")),
            ", ".join(dict.fromkeys(w for name, w in BUILDS.items() if name in builds)) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _proven(file: Path) -> str:
    """Return what the first line of a file says that it proves."""
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0].rstrip(".").replace("|", "\\|")


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
    of_all = {
        word
        for node in module.body
        if isinstance(node, ast.Assign) and "pytestmark" in _words_of_targets(node)
        for word in _strings(node.value)
    }
    return (asked | of_all) & BUILDS.keys()


def _words_of_targets(node: ast.Assign) -> set[str]:
    return {name for target in node.targets for name in _words(target)}


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
