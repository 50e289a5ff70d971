"""The verb `wave`: an earlier wave is taken through the same steps as the present one."""

from __future__ import annotations

from ngo_survey.study import Study
from ngo_survey.workflow.verbs import clean, read, tabulate, weight
from ngo_survey.workflow.verbs.counts import counted


def run(study: Study, wave: str) -> str:
    """Read, clean, weight and tabulate an earlier wave.

    For each group of respondents that the wave names. The products lie in
    ``data/processed/waves/<wave>``, under the names that those of the present wave have.
    """
    then = study.wave(wave)
    for population in study.waves[wave].relations:
        read.run(then, population)
        clean.run(then, population)
        weight.run(then, population)
        tabulate.run(then, population)
    return counted(len(study.waves[wave].relations), "group") + " of respondents"
