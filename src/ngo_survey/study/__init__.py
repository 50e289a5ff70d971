"""The study: one frozen, validated object made from ``config.yaml``.

It alone knows paths and options. It is light on purpose (no pandas): the Snakefile loads it before
anything runs.
"""

from ngo_survey.study.paths import Paths
from ngo_survey.study.study import Population, Study
from ngo_survey.study.waves import Relation, Wave

__all__ = ["Paths", "Population", "Relation", "Study", "Wave"]
