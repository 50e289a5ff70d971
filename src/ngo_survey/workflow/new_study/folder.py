"""Write the folder of a study: export, form, configuration, schema, Snakefile, .gitignore."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.results.files import write_text
from ngo_survey.results.store import write_csv
from ngo_survey.study.published_schema import FILE, MODELINE, schema_text
from ngo_survey.workflow.ignored import template
from ngo_survey.workflow.new_study.form import given_form, write_form

SNAKEFILE = '''"""The study in this folder, from raw responses to the report: `snakemake --cores 2`.

The rules are the program's; rules of the study's own go below.
"""

from ngo_survey.workflow import SNAKEFILE


include: SNAKEFILE


rule all:
    input:
        make.targets,
'''


def refuse_filled(folder: Path) -> None:
    """Refuse a folder that holds anything: nothing of anybody's is written over."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("the folder is not empty", file=folder, hint="name a new one")


def write_study(
    folder: Path, config: str, copied: Mapping[str, Path], tables: Mapping[str, pd.DataFrame]
) -> None:
    """Write a study into a new or empty folder.

    Parameters
    ----------
    copied: where a file goes in the folder -> the file.
    tables: where a table goes -> the table.
    """
    refuse_filled(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for relative, source in copied.items():
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for relative, frame in tables.items():
        target = folder / relative
        write_csv(frame, target)
    write_text(MODELINE + config, folder / "config.yaml")
    _write_beside(folder)


def write_example(folder: Path) -> None:
    """Write the small worked example that ships with the program."""
    refuse_filled(folder)
    example = Path(str(files("ngo_survey.workflow.new_study") / "example"))
    config = (example / "config.yaml").read_text(encoding="utf-8")
    write_study(
        folder, config, {"data/raw/responses/respondents.csv": example / "responses.csv"}, {}
    )
    write_form(
        given_form(example / "survey.csv"), folder / "data/raw/questionnaires/respondents.xlsx"
    )


def _write_beside(folder: Path) -> None:
    """Write what every study has alike."""
    beside = {"Snakefile": SNAKEFILE, ".gitignore": template(), FILE: schema_text()}
    for name, text in beside.items():
        write_text(text, folder / name)
