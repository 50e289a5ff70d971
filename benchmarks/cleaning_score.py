"""How much of what was planted in the simulated survey cleaning finds, by fault.

Run: ``python benchmarks/cleaning_score.py``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ngo_survey.simulate.key import score
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.verbs.clean import clean_responses
from ngo_survey.workflow.verbs.read import read_responses

ROOT = Path(__file__).parents[1]


def main() -> None:
    study = Study.load(ROOT / "config.yaml")
    for group in study.populations:
        cleaned = clean_responses(study, group, read_responses(study, group).frame)
        key = pd.read_csv(ROOT / f"data/raw/simulation/key/{group}.csv", dtype=str)
        print(group)
        print(score(key, cleaned, codebook(study, group)).to_string(index=False), "\n")


if __name__ == "__main__":
    main()
