"""A study of two waves, small enough to run in a test: the shipped one, simulated twice."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import yaml_text
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.results import store
from ngo_survey.simulate.survey import simulate
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import change, clean, read, tabulate, wave, weight
from ngo_survey.workflow.verbs import round as round_results

from conftest import ROOT

#: Sections that two waves can do without.
DROPPED = ("compare", "models", "small_areas", "official", "trends", "indicators", "figures")
FIELDWORK = {"from": "2024-03-04", "to": "2024-04-26", "year": 2024}
#: The earlier wave: audiences grew less often then.
SHIFT = -1.0


def two_waves(folder: Path) -> Study:
    """Write the study: NGOs of 2024 and 2026, half of the sample in both; bodies drawn anew."""
    config: dict[str, Any] = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for section in DROPPED:
        config.pop(section)
    for key in ("dashboard", "official_words"):
        del config["report"][key]
    for name in ("ngo", "government"):
        config["populations"][name]["cleaning"].pop("coding", None)
        config["populations"][name]["derive"].pop("proposals")
    config["tables"] = {
        "languages": ["en"],
        "more": [
            {"population": "ngo", "rows": "audience3", "columns": ["rural", "form_group"]},
            {"population": "ngo", "rows": "barriers", "columns": ["rural"]},
            {"population": "ngo", "rows": "trust", "columns": []},
            {"population": "government", "rows": "barriers", "columns": []},
        ],
    }
    config["waves"] = {
        "earlier": [
            {
                "id": "2024",
                "label": {"en": "Spring 2024", "ru": "весна 2024", "kk": "2024 көктемі"},
                "fieldwork": FIELDWORK,
                "populations": {
                    "ngo": {
                        **_files("ngo"),
                        "samples": "overlapping",
                        "unit": "organisation",
                        "derive": {"age": {"value": 2024}},
                    },
                    "government": {**_files("government"), "samples": "independent"},
                },
            }
        ],
        "change": [
            {"population": "ngo", "question": "audience3", "by": ["rural"]},
            {"population": "ngo", "question": "barriers"},
            {"population": "ngo", "question": "trust"},
            {"population": "government", "question": "barriers"},
        ],
    }
    for part in ("questionnaires", "aliases", "responses", "sample", "register", "simulation"):
        shutil.copytree(ROOT / "data/raw" / part, folder / "data/raw" / part)
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs/environment.yaml", folder / "docs/environment.yaml")
    path = folder / "config.yaml"
    path.write_text(yaml_text.dump(config), encoding="utf-8")
    study = Study.load(path)
    _simulate(study)
    return study


def _files(population: str) -> dict[str, str]:
    kinds = ("responses", "sample", "register")
    return {kind: f"data/raw/waves/2024/{kind}/{population}.csv" for kind in kinds}


def _simulate(study: Study) -> None:
    """Simulate the earlier wave: the sample of NGOs again, bodies drawn anew, other answers."""
    truth = yaml_text.load(study.path("data/raw/simulation/truth.yaml").read_text("utf-8"))
    for answer in truth["ngo"]["answers"]:
        if answer.get("question") == "audience_change":
            answer["cuts"] = [cut - SHIFT for cut in answer["cuts"]]
    then = study.wave("2024")
    for name, block in then.populations.items():
        drawn = study if name == "ngo" else None
        streams = {
            part: drawn.rng(f"simulate/{name}/{part}")
            if drawn and part == "sample"
            else np.random.default_rng([2024, place])
            for place, part in enumerate(("sample", "answers", "dirt", "export"))
        }
        questions = read_xlsform(block.questionnaire, str(block.raw["questionnaire"]))
        made = simulate(truth[name], questions, FIELDWORK, streams)
        for frame, target in (
            (made.export, block.responses),
            (made.sample, block.sample),
            (made.register, block.register),
        ):
            store.write_csv(frame, target)
    for study_of, other in ((study, "A"), (then, "B")):
        path = study_of.population("ngo").sample
        sample = pd.read_csv(path, dtype=str, keep_default_na=False)
        # Every other organisation is the same one in both waves.
        kept = np.arange(len(sample)) % 2 == 0
        sample["organisation"] = np.where(kept, "O", other) + sample["sample_id"]
        store.write_csv(sample, path)


def compared_waves(folder: Path) -> Study:
    """Return both waves taken to their tables, and compared."""
    study = two_waves(folder)
    for population in study.populations:
        for verb in (read, clean, weight, tabulate):
            verb.run(study, population)
    wave.run(study, "2024")
    change.run(study)
    round_results.run(study)
    return study
