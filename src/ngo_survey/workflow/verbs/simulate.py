"""The verb `simulate`: a truth file and a seed in, a survey as the field tools export it out."""

from __future__ import annotations

from pathlib import Path

import yaml

from ngo_survey.errors import InputError, nearest
from ngo_survey.results import store
from ngo_survey.simulate.survey import simulate
from ngo_survey.study import Study
from ngo_survey.study.codebooks import questionnaire

TRUTH = "data/raw/simulation/truth.yaml"


def run(study: Study, out: Path | None) -> None:
    """Write responses, sample and register of every group, under ``out`` or in their places.

    Beside them goes the key to the faults planted in the responses; the pipeline never reads it.

    Raises
    ------
    InputError: the study holds collected data (they are never overwritten), or the truth file is
        missing or knows a group not.
    """
    if out is None and not study.simulated:
        raise InputError(
            "the study holds collected data, which a simulation would overwrite",
            file=study.file,
            hint="name another folder with --out",
        )
    try:
        truth = yaml.safe_load(study.path(TRUTH).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("the truth file is missing", file=TRUTH) from None
    for name, block in study.populations.items():
        if name not in truth:
            raise InputError(
                "the truth file does not know this group of respondents",
                file=TRUTH,
                value=name,
                hint=nearest(name, truth),
            )
        streams = {
            part: study.rng(f"simulate/{name}/{part}")
            for part in ("sample", "answers", "dirt", "export")
        }
        questions = questionnaire(study, name)
        made = simulate(truth[name], questions, study.raw["study"]["fieldwork"], streams)
        for frame, target in (
            (made.export, block.raw["responses"]),
            (made.sample, block.raw["sample"]),
            (made.register, block.raw["register"]),
            (made.key, f"data/raw/simulation/key/{name}.csv"),
        ):
            relative = Path(target)
            path = study.path(target) if out is None else out / relative.relative_to("data/raw")
            store.write_csv(frame, path)
