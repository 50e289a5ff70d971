"""What reading and cleaning refuse, with the sentences that are printed, collected from the code.

`python tests/refusals.py` prints the tables of `docs/refusals.md`; a test holds the two equal. A
part of a sentence that only the file tells is printed as "…".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

ROOMS = ROOT / "src" / "ngo_survey"
#: Headings, and the files whose refusals stand below them.
PARTS = {
    "The file": ("ingest/formats", "reading"),
    "The table": ("ingest/table.py", "ingest/tools"),
    "The columns": tuple(
        f"ingest/{name}.py"
        for name in (
            *("matching", "known_headers", "choice_headers", "missing", "split", "order", "dates"),
        )
    ),
    "The answers": ("ingest/choices.py", "ingest/cleaning"),
}
#: Where the sentence and the hint stand among the arguments of a call; None: `hint=`.
CALLS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("InputError", "ConfigError"), (0, None)),
    "refuse": (2, 3),
    "_refuse_cells": (3, 4),
}
OPEN = "…"


def refusals() -> Iterator[tuple[str, str, str]]:
    """Yield heading, sentence and hint of everything that is refused, in the order of the code."""
    for heading, places in PARTS.items():
        for place in places:
            path = ROOMS / place
            for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
                for sentence, hint in _of(file):
                    yield heading, sentence, hint


def _of(file: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    found = []
    for function in functions:
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name not in CALLS or len(call.args) <= CALLS[name][0]:
                continue
            sentence, at = CALLS[name]
            hint = next((k.value for k in call.keywords if k.arg == "hint"), None)
            hint = call.args[at] if at is not None and len(call.args) > at else hint
            given = {argument.arg for argument in function.args.args}
            whole = call.args[sentence]
            if given & {n.id for n in ast.walk(whole) if isinstance(n, ast.Name)} == {"problem"}:
                continue  # it hands on the sentence of another call
            said = _plain(_text(whole, function))
            if said != OPEN:
                told = _plain(_text(hint, function)) if hint else ""
                found.append((call.lineno, said, told))
    yield from dict.fromkeys((said, hint) for _, said, hint in sorted(set(found)))


def _plain(text: str) -> str:
    return re.sub(rf"{OPEN}+", OPEN, text.replace("{value}", OPEN)).strip()


def is_listed(problem: str) -> bool:
    """Say whether a sentence that was printed is one of the list."""
    patterns = (re.escape(said).replace(OPEN, ".+") for _, said, _ in refusals())
    return any(re.fullmatch(pattern, problem) for pattern in patterns)


def _text(node: ast.expr, function: ast.FunctionDef) -> str:
    """Return the text that an expression makes, as far as the code tells."""
    parts: list[ast.expr] = []
    between = made = ""
    match node:
        case ast.Constant():
            made = str(node.value or "")
        case ast.JoinedStr():
            parts = node.values
        case ast.BinOp(op=ast.Add()):
            parts = [node.left, node.right]
        case ast.IfExp():
            between, parts = " / ", [node.body, node.orelse]
        case ast.Call(func=ast.Name(id="nearest")):
            made = f"did you mean {OPEN}?"
        case ast.FormattedValue(value=ast.Call(func=ast.Name(id="aliases_file"))):
            made = f"data/raw/aliases/{OPEN}.csv (columns alias,choice); name it in config.yaml: "
            made += f"cleaning.aliases: {{{OPEN}: {OPEN}}}"
        case ast.Call(func=ast.Attribute(attr="format", value=text)):
            parts = [text]
        case ast.FormattedValue(value=ast.Name() as name) | (ast.Name() as name):
            made = _assigned(name.id, function)
        case _:
            made = OPEN
    texts = [_text(part, function) for part in parts]
    # What is added at times, and else nothing, is one wording and not two.
    return made + between.join(texts if not between else filter(None, texts))


def _assigned(name: str, function: ast.FunctionDef) -> str:
    """Return the texts that a function gives to a name; open where it gives anything else."""
    made = [
        n.value
        for n in ast.walk(function)
        if isinstance(n, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in n.targets)
        and name not in {part.id for part in ast.walk(n.value) if isinstance(part, ast.Name)}
    ]
    if made and all(isinstance(m, ast.Constant | ast.JoinedStr | ast.IfExp) for m in made):
        return " / ".join(_text(m, function) for m in made)
    return OPEN


def tables() -> str:
    """Return a table of each part, in Markdown."""
    lines: list[str] = []
    part = ""
    for heading, sentence, hint in refusals():
        if heading != part:
            lines += ["", f"## {heading}", "", "| what is printed | the hint |", "|---|---|"]
            part = heading
        cells = (text.replace("|", "\\|").replace("<", "\\<") for text in (sentence, hint))
        lines.append("| {} | {} |".format(*cells))
    return "\n".join([*lines[1:], ""])


if __name__ == "__main__":
    print(tables(), end="")
