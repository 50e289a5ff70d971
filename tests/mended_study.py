"""Take out of a random study what `check` says is wrong with it, as a person would."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml_text
from random_study import GROUPS, Config

#: What to take out of a configuration, by where a fault lies: the longest beginning counts.
PARTS = (
    (r"(figures\.\w+)", ""),
    (r"(indicators)\.\d+", ""),
    (r"(tables\.more\.\d+)", ""),
    (r"(tables\.\w+)", ""),
    (r"(compare\.\w+)", ""),
    (r"(models)\.declared", ""),
    (r"(models\.\w+)", ""),
    (r"(waves)", ""),
    (r"(populations\.\w+\.derive)", ""),
    (r"(populations\.\w+\.banners)", ""),
    (r"(populations\.\w+\.weighting)", "none"),
)
#: Parts of a fault: a chapter by its file, a place of the configuration by its key, a group by its
#: sample, and a table that cannot be protected by its id.
CHAPTER, KEY = re.compile(r"chapters/[\w/]+\.md"), re.compile(r"config\.yaml.*?, key ([\w.]+)")
LACKING = re.compile(r"responses/(\w+)\.csv.*: cleaning\.key_questions: \[(\w+)\]")
SAMPLE, TABLE = re.compile(r"data/raw/sample/(\w+)\.csv"), re.compile(r"found 'table (\w+):")


def mended(file: Path, lines: Sequence[str]) -> bool:
    """Take out of a study what `check` says is wrong; returns whether anything was."""
    config = yaml_text.load(file.read_text(encoding="utf-8"))
    before = file.read_text(encoding="utf-8")
    chapters = {found[0] for line in lines if (found := CHAPTER.search(line))}
    for chapter in chapters:
        (file.parent / chapter).unlink(missing_ok=True)
    for line in lines:
        if "data/raw/waves/" in line:
            _take_out(config, "waves")
        elif found := TABLE.search(line):
            _omit(config, found[1])
        elif found := LACKING.search(line):
            cleaning = config["populations"][found[1]].setdefault("cleaning", {})
            cleaning.setdefault("key_questions", []).append(found[2])
        elif found := SAMPLE.search(line):
            _take_out(config, f"populations.{found[1]}.weighting")
        elif found := KEY.search(line):
            _take_out(config, found[1])
    _close_gaps(config)
    file.write_text(yaml_text.dump(config), encoding="utf-8")
    return bool(chapters) or file.read_text(encoding="utf-8") != before


def _take_out(config: Config, key: str) -> None:
    for pattern, instead in PARTS:
        if found := re.match(pattern, key):
            *path, last = found[1].split(".")
            here: Any = config
            for part in path:
                here = here.get(part, {})
            if isinstance(here, list):
                # The places of the others are still to be found by the keys of their faults.
                here[int(last)] = None
                return
            if instead and last in here:
                here[last] = instead
            else:
                here.pop(last, None)
            if last == "banners":
                here[last] = []
            return


def _omit(config: Config, table: str) -> None:
    """Leave out a table of all questions, or one that is declared, as the hint says."""
    tables = config.setdefault("tables", {})
    if any(one["id"] == table for one in tables.get("more", ())):
        tables["more"] = [one for one in tables["more"] if one["id"] != table]
        return
    group = next((g for g in config["populations"] if table.startswith(f"{g}_")), GROUPS[0])
    omitted = tables.setdefault("omit", {}).setdefault(group, [])
    omitted.append(table.removeprefix(f"{group}_"))


def _close_gaps(config: Config) -> None:
    """Take away what stands for tables that were taken out."""
    tables = config.get("tables", {})
    if "more" in tables:
        tables["more"] = [one for one in tables["more"] if one is not None]
        # Without any of its own a study would get a table of every question.
        if not tables["more"]:
            del tables["more"]
            tables.setdefault("all_questions", {})
