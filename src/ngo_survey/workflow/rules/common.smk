"""What all rules share: the study, its paths, and how products are shown."""

import os

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from ngo_survey.errors import SurveyError
from ngo_survey.results.files import private_folder
from ngo_survey.study.layers import SETTINGS, of_snakemake
from ngo_survey.study.study import RAW
from ngo_survey.workflow.build_output import show_progress
from ngo_survey.workflow.input_guard import PLANNED, plan
from ngo_survey.workflow.needs import Needs
from ngo_survey.workflow.products import Products

min_version("9.0")

try:
    make = Products.load(*of_snakemake(config))
except SurveyError as error:
    raise WorkflowError(f"ngo-survey: {error}")

to = make.paths
needs = Needs(make)
# One line a stage when it starts, one when it ends, and a summary.
output = show_progress(workflow)
# A verb refuses to run by another configuration than this run was planned with.
os.environ[PLANNED] = plan(make.study)


# What verbs need that run on another machine: the plan, and where raw data are kept if not here.
envvars:
    PLANNED,
    *(name for name in (RAW, SETTINGS) if name in os.environ),


# One environment for all rules: the image of the Containerfile, with `--sdm apptainer`.
container: "ngo-survey.sif"


report: make.caption("workflow")


# Logs may quote what the export says.
onstart:
    private_folder(to.logs),


onsuccess:
    output.finished(make.study)


def captioned(path, kind, **labels):
    """Show a product in the report of snakemake, under its caption."""
    category = kind.capitalize()
    return report(path, caption=make.caption(kind), category=category, labels=labels)
