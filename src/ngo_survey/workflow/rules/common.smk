"""What all rules share: the study, its paths, and how products are shown."""

import os
from shlex import quote

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from ngo_survey.errors import SurveyError
from ngo_survey.results.files import private_folder
from ngo_survey.study.layers import SETTINGS, of_snakemake
from ngo_survey.study.study import RAW
from ngo_survey.workflow.build_output import show_progress
from ngo_survey.workflow.input_guard import PLANNED, announce
from ngo_survey.workflow.needs import Needs
from ngo_survey.workflow.products import Products

min_version("9.0")

try:
    study_file, settings = of_snakemake(config)
    make = Products.load(study_file, settings)
except SurveyError as error:
    raise WorkflowError(f"ngo-survey: {error}")

# How a verb is told which study it is for, where it is not the one in this folder.
named = quote(study_file).replace("{", "{{").replace("}", "}}")
of_study = "" if study_file == "config.yaml" else f" --config {named}"
to = make.paths
needs = Needs(make)
# One line a stage when it starts, one when it ends, and a summary.
output = show_progress(workflow)
# A verb refuses to run by another configuration than this run was planned with.
announce(make.study)


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
