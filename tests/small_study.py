"""A small study that builds in a minute: real rules and raw files, few tables, one model.

It goes through every rule of the Snakefile, so that what holds for its build (the same bytes
anywhere, no half-written output) holds for the writers and rules of the whole study.
"""

from __future__ import annotations

import copy
import csv
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from conftest import ROOT, copy_study

#: Rows of responses that are kept; the thinnest strata of the other group need all of its rows.
ROWS = {"ngo": 600}
TERMS = ["form_group", "rural", "sso_experience"]


def declared() -> dict[str, Any]:
    """Return the configuration of the study that ships, cut down."""
    whole = copy.deepcopy(_shipped())
    whole["study"]["languages"] = ["en"]
    whole["populations"]["ngo"]["banners"] = ["form_group", "settlement"]
    whole["populations"]["government"]["banners"] = ["body_type"]
    for block in whole["populations"].values():
        block["weighting"]["margins"] = block["weighting"]["margins"][:1]
        block["weighting"]["errors"]["replicates"] = 20
    whole["indicators"] = [
        i for i in whole["indicators"] if i["id"] in {"paid_staff", "rural_ngos"}
    ]
    whole["tables"] = {
        "languages": ["en", "ru"],
        "more": [
            {
                "id": "audience3",
                "population": "ngo",
                "rows": "audience3",
                "columns": ["form_group"],
            },
            {"id": "barriers", "population": "ngo", "rows": "barriers", "columns": ["settlement"]},
            {"id": "gov_barriers", "population": "government", "rows": "barriers"}
            | {"columns": ["body_type"]},
        ],
    }
    whole["compare"] = {
        "sides": {"first": "ngo", "second": "government", "items": ["barriers"]},
        "ranks": [],
    }
    model = {
        "title": {"en": "Growth", "ru": "Рост", "kk": "Өсу"},
        "population": "ngo",
        "kind": "ordinal",
        "outcome": "audience3",
        "terms": TERMS,
    }
    choices = {
        "coding": {
            "three": {
                "title": {"en": "Three"},
                "kind": "ordinal",
                "outcome": "audience3",
                "event": ["grew"],
            }
        },
        "weights": ["weighted"],
        "missing": ["complete"],
        "covariates": {"all": {"title": {"en": "All"}}},
        "link": ["logit", "probit"],
    }
    whole["models"] = {
        "imputation": {"m": 2, "iterations": 1, "donors": 5},
        "validation": {"folds": 3, "groups": 3},
        "specifications": {"growth": {"effects": ["rural=rural"], **choices}},
        "power": whole["models"]["power"]
        | {"outcomes": [{"population": "ngo", "variable": "audience3", "category": "grew"}]},
        "declared": {"growth": model},
    }
    whole["models"]["power"]["outcomes"][0]["by"] = ["rural"]
    # No margin names the areas, and no official figure is kept that tells of them.
    areas = {"by": "form_group", "benchmark": "none"}
    whole["small_areas"]["growth"] |= areas
    del whole["small_areas"]["growth"]["columns"]
    keep = {"laws", "ngo_counts"}
    whole["official"] = {k: v for k, v in whole["official"].items() if k in keep}
    whole["trends"]["series"] = {"registered": whole["trends"]["series"]["registered"]}
    chosen = ("response_flow", "audience", "audience_effects")
    whole["figures"] = {k: v for k, v in whole["figures"].items() if k in chosen}
    whole["figures"]["audience"]["banners"] = ["form_group"]
    # Its dashboard shows what there is first.
    del whole["report"]["dashboard"]
    whole["figures"]["audience_effects"]["model"] = "growth"
    return whole


@cache
def _shipped() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def write_config(folder: Path, config: dict[str, Any]) -> None:
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    (folder / "config.yaml").write_text(text, encoding="utf-8")


def small_study(folder: Path) -> Path:
    """Write the small study into a folder, without any product."""
    copy_study(folder)
    (folder / "results.lock").unlink(missing_ok=True)
    for population, count in ROWS.items():
        cut(folder / "data" / "raw" / "responses" / f"{population}.csv", count)
    # Its other documents are the program's.
    for own in folder.glob("chapters/*/*/"):
        shutil.rmtree(own)
    for chapter in (ROOT / "chapters" / "en").glob("*.md"):
        own = folder / "chapters" / "en" / chapter.name
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(headings(chapter.read_text(encoding="utf-8")), encoding="utf-8")
    write_config(folder, declared())
    return folder


def headings(chapter: str) -> str:
    """Keep the headings of a chapter; its words name results."""
    kept = [line for line in chapter.splitlines() if line.startswith("#")]
    return "\n\n".join(kept) + "\n"


def cut(path: Path, count: int) -> None:
    """Keep the first rows of a CSV, as they are written."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows[: count + 1])
