"""A made-up study, as small as one can be: any groups, one language, no map, no chapters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

import yaml_text
from ngo_survey.cli import main
from ngo_survey.present.words.catalogue import PARTS
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names

#: Invited in each of the two strata; three in four answer.
INVITED = 120
SEED = 7
#: Type, name, label, form, battery, role, disclosure.
QUESTIONS = [
    ("start", "start", "", "", "", "", "internal"),
    ("end", "end", "", "", "", "", "internal"),
    ("text", "sample_id", "Nummer", "none", "", "id", "internal"),
    ("select_one yes_no", "consent", "Einverstanden?", "none", "", "consent", "open"),
    ("select_one places", "place", "Ort", "single", "", "stratum", "open"),
    ("select_multiple wishes", "wishes", "Was fehlt?", "multiple", "", "", "open"),
    ("begin_group", "care", "Wie wichtig ist es?", "", "care", "", ""),
    ("select_one five", "care_time", "Zeit", "rating", "care", "", "open"),
    ("select_one five", "care_money", "Geld", "rating", "care", "", "open"),
    ("end_group", "", "", "", "", "", ""),
]
CHOICES = {
    "yes_no": {"yes": "Ja", "no": "Nein"},
    "places": {"town": "Stadt", "village": "Dorf"},
    "wishes": {"shade": "Schatten", "benches": "Bänke", "paths": "Wege"},
    "five": {str(point): f"Punkt {point}" for point in range(1, 6)},
}


def plain_study(folder: Path, groups: Sequence[str], language: str = "de", **more: Any) -> Study:
    """Write a study with these groups of respondents, its words in ``language`` alone."""
    raw = folder / "data" / "raw"
    for place, group in enumerate(groups):
        _form(raw / "questionnaires" / f"{group}.xlsx", language)
        _answers(raw, group, np.random.default_rng(SEED + place))
    config = {
        "study": {
            "id": "park",
            "title": {language: "Der Park"},
            "data": "simulated",
            "seed": SEED,
            "languages": [language],
            "fieldwork": {"from": "2026-03-01", "to": "2026-03-31", "year": 2026},
        },
        "populations": {
            group: {
                "label": {language: group.title()},
                "weighting": {"strata": ["place"], "margins": ["place"]},
                "banners": ["place"],
            }
            for group in groups
        },
        **more,
    }
    _words(folder / "words" / f"{language}.yaml")
    text = yaml_text.dump(config)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return Study.load(folder / "config.yaml")


def build(study: Study) -> None:
    """Run every verb, as the Snakefile would."""
    check_names(study)
    for verb in ("read", "clean", "weight", "estimate", "tabulate", "precision"):
        for group in study.populations:
            _verb(verb).run(study, group)
    for earlier in study.earlier_waves:
        _verb("wave").run(study, earlier.id)
    if study.earlier_waves:
        _verb("change").run(study)
    for verb in ("compare", "model", "impute", "validate", "specify", "trend", "round"):
        _verb(verb).run(study)
    for verb in ("draw", "workbook", "report"):
        for language in study.languages:
            _verb(verb).run(study, language)
    _verb("package").run(study)


def build_by_verbs(study: Study) -> None:
    """Run every stage as a user does, which records what it was made from; then record the lock."""
    calls = [
        *(
            [verb, "--population", group]
            for group in study.populations
            for verb in ("read", "clean", "weight", "estimate", "tabulate", "precision")
        ),
        *([v] for v in ("compare", "model", "impute", "validate", "specify", "trend", "round")),
        *([verb] for verb in ("draw", "workbook", "report", "package", "crate")),
        ["verify", "--update"],
    ]
    for verb, *more in calls:
        assert main([verb, "--config", str(study.file), *more]) == 0, verb


def _verb(name: str) -> Any:
    return import_module(f"ngo_survey.workflow.verbs.{name}")


def _words(file: Path) -> None:
    """Write a language that the program lacks: its English words under a mark of their own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_words_of_its_own(), encoding="utf-8")


@cache
def _words_of_its_own() -> str:
    english = files("ngo_survey.present.words") / "en"
    words = {
        part: yaml_text.load((english / f"{part}.yaml").read_text(encoding="utf-8"))
        for part in PARTS
    }
    words["numbers"]["number"] |= {"locale": "de_DE", "decimal": ",", "thousands": "."}
    words["report"]["banner"] = words["workbook"]["simulated"] = "Erfundene Daten"
    words["report"]["generic"]["respondents"] = "Wer geantwortet hat"
    return yaml_text.dump(words)


def _form(path: Path, language: str) -> None:
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    title = f"analysis_title_{language}"
    heads = ["analysis_form", "analysis_battery", "analysis_role", "analysis_disclosure", title]
    survey.append(["type", "name", f"label::Own ({language})", *heads])
    for kind, name, label, form, battery, role, disclosure in QUESTIONS:
        survey.append([kind, name, label, form, battery, role, disclosure, label])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", f"label::Own ({language})"])
    for listed, labels in CHOICES.items():
        for name, label in labels.items():
            choices.append([listed, name, label])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _answers(raw: Path, group: str, rng: np.random.Generator) -> None:
    places = np.repeat(list(CHOICES["places"]), INVITED)
    ids = [f"{group[:1].upper()}{n:04d}" for n in range(len(places))]
    answered = rng.random(len(places)) < 0.75
    sample = pd.DataFrame({"sample_id": ids, "place": places})
    sample["disposition"] = np.where(answered, "complete", "refusal")
    names = list(CHOICES["wishes"])
    rows = pd.DataFrame(
        {
            "start": "2026-03-10T10:00:00.000+01:00",
            "end": "2026-03-10T10:20:00.000+01:00",
            "sample_id": ids,
            "consent": "yes",
            "place": places,
            "wishes": [" ".join(n for n in names if rng.random() < 0.5) or "paths" for _ in ids],
            "care_time": rng.integers(1, 6, len(ids)),
            "care_money": rng.integers(1, 6, len(ids)),
        }
    )[answered]
    register = pd.DataFrame({"place": list(CHOICES["places"]), "count": [900, 600]})
    for what, frame in (("sample", sample), ("responses", rows), ("register", register)):
        file = raw / what / f"{group}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(file, index=False, lineterminator="\n")
