"""The study in this folder, from raw responses to the report: `snakemake --cores 2`.

The rules are the program's, in `src/ngo_survey/workflow/rules/`; rules of the study's own go below.
"""

from ngo_survey.workflow import SNAKEFILE


include: SNAKEFILE


# What a researcher wants: the report, the workbook in every language of the tables, and the data.
rule all:
    input:
        make.targets,
