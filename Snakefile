"""From raw responses to the report: `snakemake --cores 2`.

Read it from top to bottom: a rule is a stage, a verb of `ngo-survey`, one process for one family
of outputs. What a stage takes and writes stands in the table of stages (`workflow/stages.py`).
Its parameters are the parts of the configuration that it reads, the hash of each file that people
provide, and the hash of its code, so that a change reruns what it must and no more.
"""

import os

from snakemake.exceptions import WorkflowError

from ngo_survey.errors import SurveyError
from ngo_survey.workflow.build_output import talk
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.input_guard import PLANNED, plan

try:
    make = Products.load(config.get("study", "config.yaml"))
except SurveyError as error:
    raise WorkflowError(f"ngo-survey: {error}")

to = make.paths
# One line a stage when it starts, one when it ends, and a summary.
output = talk(workflow)
# A verb refuses to run by another configuration than this run was planned with.
os.environ[PLANNED] = plan(make.study)


report: make.caption("workflow")


onsuccess:
    output.finished(make.study)


def told(path, kind, **labels):
    """Show a product in the report of snakemake, under its caption."""
    category = kind.capitalize()
    return report(path, caption=make.caption(kind), category=category, labels=labels)


wildcard_constraints:
    population="|".join(make.populations),
    language="[a-z]{2}",


# What a researcher wants: the report, the workbook in every language of the tables, and the data.
rule all:
    input:
        make.inputs("crate"),
        to.crate,


# What can be made of released results alone: `snakemake --profile profiles/public pages`.
rule pages:
    input:
        make.inputs("crate"),


# 1. Read: the answers under the names of the questionnaire, all as text, each with its source row.
rule read:
    input:
        make.inputs("read"),
        missing=make.missing("read"),
    output:
        make.outputs("read"),
    log:
        to.log("read_{population}"),
    params:
        config=make.config("read"),
        sources=make.sources("read"),
        code=make.code("read"),
    message:
        "Read the export of {wildcards.population}"
    shell:
        "ngo-survey read --population {wildcards.population} --log {log}"


# 2. Clean: typed answers, a log of every change, a quarantine with reasons, the response flow.
rule clean:
    input:
        make.inputs("clean"),
        missing=make.missing("clean"),
    output:
        make.outputs("clean"),
    log:
        to.log("clean_{population}"),
    params:
        config=make.config("clean"),
        sources=make.sources("clean"),
        code=make.code("clean"),
    message:
        "Clean the responses of {wildcards.population}"
    shell:
        "ngo-survey clean --population {wildcards.population} --log {log}"


# 3. Weight: base weights, nonresponse, raking to the register; response rates.
rule weight:
    input:
        make.inputs("weight"),
        missing=make.missing("weight"),
    output:
        make.outputs("weight"),
    log:
        to.log("weight_{population}"),
    params:
        config=make.config("weight"),
        sources=make.sources("weight"),
        code=make.code("weight"),
    message:
        "Weight {wildcards.population} to the register"
    shell:
        "ngo-survey weight --population {wildcards.population} --log {log}"


# 4. Estimate: the single figures that the text needs, and how reliable the indices are.
rule estimate:
    input:
        make.inputs("estimate"),
        missing=make.missing("estimate"),
    output:
        make.outputs("estimate"),
    log:
        to.log("estimate_{population}"),
    params:
        config=make.config("estimate"),
        sources=make.sources("estimate"),
        code=make.code("estimate"),
    message:
        "Estimate the indicators of {wildcards.population}"
    shell:
        "ngo-survey estimate --population {wildcards.population} --log {log}"


# 5. Tabulate: every question by every banner, one file a table, nothing below the threshold.
for population in make.populations:

    rule:
        name:
            f"tabulate_{population}"
        input:
            make.inputs("tabulate", population),
            missing=make.missing("tabulate", population),
        output:
            make.outputs("tabulate", population),
        log:
            to.log(f"tabulate_{population}"),
        params:
            of=population,
            config=make.config("tabulate", population),
            sources=make.sources("tabulate", population),
            code=make.code("tabulate", population),
        message:
            f"Tabulate every question of {population}"
        shell:
            "ngo-survey tabulate --population {params.of} --log {log}"


# 6. Compare: the same question to two groups, and orders with the uncertainty of each place.
rule compare:
    input:
        make.inputs("compare"),
        missing=make.missing("compare"),
    output:
        make.outputs("compare"),
    log:
        to.log("compare"),
    params:
        config=make.config("compare"),
        sources=make.sources("compare"),
        code=make.code("compare"),
    message:
        "Compare the two sides and rank the bodies"
    shell:
        "ngo-survey compare --log {log}"


# Earlier waves, where the study names any: the same steps on their own files, and what changed.
for wave in make.waves:

    rule:
        name:
            f"wave_{wave}"
        input:
            make.inputs("wave", wave),
            missing=make.missing("wave", wave),
        output:
            make.outputs("wave", wave),
        log:
            to.log(f"wave_{wave}"),
        params:
            of=wave,
            config=make.config("wave", wave),
            sources=make.sources("wave", wave),
            code=make.code("wave", wave),
        message:
            f"Take the wave {wave} to its tables"
        shell:
            "ngo-survey wave --wave {params.of} --log {log}"


# What changed between the waves.
if make.changed:

    rule change:
        input:
            make.inputs("change"),
            missing=make.missing("change"),
        output:
            make.outputs("change"),
        log:
            to.log("change"),
        params:
            config=make.config("change"),
            sources=make.sources("change"),
            code=make.code("change"),
        message:
            "Compare the waves"
        shell:
            "ngo-survey change --log {log}"


# 7. Model: what makes a target audience grow or shrink.
rule model:
    input:
        make.inputs("model"),
        missing=make.missing("model"),
    output:
        make.outputs("model"),
    log:
        to.log("model"),
    params:
        config=make.config("model"),
        sources=make.sources("model"),
        code=make.code("model"),
    message:
        "Fit the declared models"
    shell:
        "ngo-survey model --log {log}"


# 8. Impute: missing answers completed many times, and the models pooled over them.
rule impute:
    input:
        make.inputs("impute"),
        missing=make.missing("impute"),
    output:
        make.outputs("impute"),
    log:
        to.log("impute"),
    params:
        config=make.config("impute"),
        sources=make.sources("impute"),
        code=make.code("impute"),
    message:
        "Impute missing answers and pool the models"
    shell:
        "ngo-survey impute --log {log}"


# 9. Validate: how far each model can be trusted, out of fold.
rule validate:
    input:
        make.inputs("validate"),
        missing=make.missing("validate"),
    output:
        make.outputs("validate"),
    log:
        to.log("validate"),
    params:
        config=make.config("validate"),
        sources=make.sources("validate"),
        code=make.code("validate"),
    message:
        "Validate the declared models"
    shell:
        "ngo-survey validate --log {log}"


# 10. Specify: every declared choice at once, and the models against their registration.
rule specify:
    input:
        make.inputs("specify"),
        missing=make.missing("specify"),
    output:
        make.outputs("specify"),
    log:
        to.log("specify"),
    params:
        config=make.config("specify"),
        sources=make.sources("specify"),
        code=make.code("specify"),
    message:
        "Run every declared choice"
    shell:
        "ngo-survey specify --log {log}"


# 11. Precision: which differences this wave can see, and what the next one needs.
rule precision:
    input:
        make.inputs("precision"),
        missing=make.missing("precision"),
    output:
        make.outputs("precision"),
    log:
        to.log("precision_{population}"),
    params:
        config=make.config("precision"),
        sources=make.sources("precision"),
        code=make.code("precision"),
    message:
        "Tell what {wildcards.population} can see"
    shell:
        "ngo-survey precision --population {wildcards.population} --log {log}"


# 12. Trend: official figures with their sources; projections only where a series allows them.
rule trend:
    input:
        make.inputs("trend"),
        missing=make.missing("trend"),
    output:
        make.outputs("trend"),
    log:
        to.log("trend"),
    params:
        config=make.config("trend"),
        sources=make.sources("trend"),
        code=make.code("trend"),
    message:
        "Tidy the official figures"
    shell:
        "ngo-survey trend --log {log}"


# 13. Draw: every figure, from the results alone.
rule draw:
    input:
        make.inputs("draw"),
        missing=make.missing("draw"),
    output:
        [
            told(
                path,
                "figure",
                name=path.stem,
                language="{language}",
                format=path.suffix[1:],
            )
            for path in make.outputs("draw")
        ],
    log:
        to.log("draw_{language}"),
    params:
        config=make.config("draw"),
        sources=make.sources("draw"),
        code=make.code("draw"),
    message:
        "Draw every figure ({wildcards.language})"
    shell:
        "ngo-survey draw --language {wildcards.language} --log {log}"


# 14. Workbook: every table on its sheet, from the results alone.
rule workbook:
    input:
        make.inputs("workbook"),
        missing=make.missing("workbook"),
    output:
        told(to.workbook("{language}"), "workbook", language="{language}"),
    log:
        to.log("workbook_{language}"),
    params:
        config=make.config("workbook"),
        sources=make.sources("workbook"),
        code=make.code("workbook"),
    message:
        "Write the workbook ({wildcards.language})"
    shell:
        "ngo-survey workbook --language {wildcards.language} --log {log}"


# 15. Package: every released result as CSV and Parquet, described for machines.
rule package:
    input:
        make.inputs("package"),
        missing=make.missing("package"),
    output:
        make.outputs("package")[:-1],
        told(make.outputs("package")[-1], "package", name="datapackage.json"),
    log:
        to.log("package"),
    params:
        config=make.config("package"),
        sources=make.sources("package"),
        code=make.code("package"),
    message:
        "Package the results as data"
    shell:
        "ngo-survey package --log {log}"


# 16. Report: its chapters, one document in every format.
rule report:
    input:
        make.inputs("report"),
        missing=make.missing("report"),
    output:
        [
            told(path, "report", language="{language}", format=path.suffix[1:])
            for path in make.outputs("report")
        ],
    log:
        to.log("report_{language}"),
    params:
        config=make.config("report"),
        sources=make.sources("report"),
        code=make.code("report"),
    message:
        "Write the report ({wildcards.language})"
    shell:
        "ngo-survey report --language {wildcards.language} --log {log}"


# 17. Crate: the run described for machines.
rule crate:
    input:
        make.inputs("crate"),
        missing=make.missing("crate"),
    output:
        told(to.crate, "crate", name="ro-crate-metadata.json"),
    log:
        to.log("crate"),
    params:
        config=make.config("crate"),
        sources=make.sources("crate"),
        code=make.code("crate"),
    message:
        "Describe the run"
    shell:
        "ngo-survey crate --log {log}"


# 18. Verify: does what stands agree with the committed record? `snakemake --cores 2 verify`
rule verify:
    input:
        rules.all.input,
        lock=to.lock,
    output:
        to.verification,
    log:
        to.log("verify"),
    message:
        "Compare the results with results.lock"
    shell:
        "ngo-survey verify --log {log}"
