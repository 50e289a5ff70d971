"""From raw responses to the report: `snakemake --cores 2`.

Read it from top to bottom: a rule is a verb of `ngo-survey`, one process for one family of
outputs. The sections of the configuration that a verb reads and the hash of the code it uses are
its parameters, so that a change reruns what it must and no more. Every path comes from the study.
"""

import os
import sys

from ngo_survey.errors import SurveyError
from ngo_survey.study.layers import of_snakemake
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.input_guard import PLANNED, plan

try:
    make = Products.load(*of_snakemake(config))
except SurveyError as error:
    sys.exit(f"ngo-survey: {error}")

to = make.paths
# A verb refuses to run by another configuration than this run was planned with.
os.environ[PLANNED] = plan(make.study)


report: make.caption("workflow")


def told(path, kind, **labels):
    """Show a product in the report of snakemake, under its caption."""
    category = kind.capitalize()
    return report(path, caption=make.caption(kind), category=category, labels=labels)


wildcard_constraints:
    population="|".join(make.populations),
    language="[a-z]{2,3}",


# What a researcher wants: the report, the workbook in every language of the tables, and the data.
rule all:
    input:
        expand(
            to.report("{language}", "{format}"),
            language=make.languages,
            format=make.formats,
        ),
        expand(to.workbook("{language}"), language=make.table_languages),
        make.package,
        to.crate,


# What can be made of released results alone: `snakemake --profile profiles/public pages`.
rule pages:
    input:
        expand(
            to.report("{language}", "{format}"),
            language=make.languages,
            format=make.formats,
        ),
        expand(to.workbook("{language}"), language=make.table_languages),
        make.package,


# 1. Read: the answers under the names of the questionnaire, all as text, each with its source row.
rule read:
    input:
        responses=make.raw("responses"),
        questionnaire=make.raw("questionnaire"),
    output:
        responses=to.responses("{population}"),
        columns=to.columns("{population}"),
    log:
        to.log("read_{population}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("read"),
        code=make.code("read"),
    message:
        "Read the export of {wildcards.population}"
    shell:
        "ngo-survey read --population {wildcards.population} 2>&1 | tee {log}"


# 2. Clean: typed answers, a log of every change, a quarantine with reasons, the response flow.
rule clean:
    input:
        responses=to.responses("{population}"),
        questionnaire=make.raw("questionnaire"),
        sample=make.raw("sample"),
        aids=make.aids(),
    output:
        clean=to.clean("{population}"),
        changes=to.changes("{population}"),
        quarantine=to.quarantine("{population}"),
        flow=to.result("flow", "{population}"),
        counts=to.result("changes", "{population}"),
        review=to.review("{population}"),
        coders=to.result("rates", "coders_{population}"),
    log:
        to.log("clean_{population}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("clean"),
        code=make.code("clean"),
    message:
        "Clean the responses of {wildcards.population}"
    shell:
        "ngo-survey clean --population {wildcards.population} 2>&1 | tee {log}"


# 3. Weight: base weights, nonresponse, raking to the register; response rates.
rule weight:
    input:
        clean=to.clean("{population}"),
        questionnaire=make.raw("questionnaire"),
        sample=make.raw("sample"),
        register=make.raw("register"),
    output:
        weights=to.weights("{population}"),
        calibration=to.calibration("{population}"),
        margins=to.result("margins", "{population}"),
        rates=to.result("rates", "{population}"),
    log:
        to.log("weight_{population}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("weight"),
        code=make.code("weight"),
    message:
        "Weight {wildcards.population} to the register"
    shell:
        "ngo-survey weight --population {wildcards.population} 2>&1 | tee {log}"


# 4. Estimate: the single figures that the text needs, and how reliable the indices are.
rule estimate:
    input:
        clean=to.clean("{population}"),
        weights=to.weights("{population}"),
        calibration=to.calibration("{population}"),
        questionnaire=make.raw("questionnaire"),
    output:
        indicators=to.result("estimates", "indicators_{population}"),
        reliability=to.result("rates", "reliability_{population}"),
    log:
        to.log("estimate_{population}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("estimate"),
        code=make.code("estimate"),
    message:
        "Estimate the indicators of {wildcards.population}"
    shell:
        "ngo-survey estimate --population {wildcards.population} 2>&1 | tee {log}"


# 5. Tabulate: every question by every banner, one file a table, nothing below the threshold.
for population in make.populations:

    rule:
        name:
            f"tabulate_{population}"
        input:
            clean=to.clean(population),
            weights=to.weights(population),
            calibration=to.calibration(population),
            questionnaire=make.raw("questionnaire", population),
        output:
            estimates=[
                to.result("estimates", table) for table in make.tables[population]
            ],
            tests=[to.result("tests", table) for table in make.tables[population]],
            comparisons=[
                to.result("comparisons", table) for table in make.tables[population]
            ],
            pairs=make.pairs(population),
            disclosure=to.result("rates", f"disclosure_{population}"),
        log:
            to.log(f"tabulate_{population}"),
        conda:
            "docs/environment.yaml"
        params:
            config=make.obeys("tabulate", population),
            population=population,
            code=make.code("tabulate"),
        message:
            f"Tabulate every question of {population}"
        shell:
            "ngo-survey tabulate --population {params.population} 2>&1 | tee {log}"


# 6. Compare: the same question to two groups, and orders with the uncertainty of each place.
rule compare:
    input:
        clean=[to.clean(p) for p in make.comparison.populations],
        weights=[to.weights(p) for p in make.comparison.populations],
        calibration=[to.calibration(p) for p in make.comparison.populations],
        questionnaire=[
            make.raw("questionnaire", p) for p in make.comparison.populations
        ],
        released=[to.result("estimates", table.id) for table in make.comparison.tables],
    output:
        make.comparisons,
    log:
        to.log("compare"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("compare"),
        code=make.code("compare"),
    message:
        "Compare the two sides and rank the bodies"
    shell:
        "ngo-survey compare 2>&1 | tee {log}"


# Earlier waves, where the study names any: the same steps on their own files, and what changed.
for wave in make.waves:

    rule:
        name:
            f"wave_{wave}"
        input:
            make.wave_files(wave),
        output:
            make.of_wave(wave),
        log:
            to.log(f"wave_{wave}"),
        conda:
            "docs/environment.yaml"
        params:
            config=make.sections(
                "populations", "tables", "indicators", "disclosure", "waves"
            ),
            study=make.of_study("seed"),
            code=make.code("wave"),
            wave=wave,
        message:
            f"Take the wave {wave} to its tables"
        shell:
            "ngo-survey wave --wave {params.wave} 2>&1 | tee {log}"


if make.changes:

    rule change:
        input:
            now=[
                [to.clean(p), to.weights(p), to.calibration(p)]
                for p in make.changed_groups
            ],
            tables=[
                to.result("estimates", changed.analysis) for changed in make.changed
            ],
            then=[make.of_wave(wave) for wave in make.waves],
            samples=[make.raw("sample", p) for p in make.changed_groups],
            questionnaires=[make.raw("questionnaire", p) for p in make.changed_groups],
        output:
            make.changes,
        log:
            to.log("change"),
        conda:
            "docs/environment.yaml"
        params:
            config=make.sections("waves", "disclosure"),
            code=make.code("change"),
        message:
            "Compare the waves"
        shell:
            "ngo-survey change 2>&1 | tee {log}"


# 7. Model: what makes a target audience grow or shrink.
rule model:
    input:
        clean=expand(to.clean("{population}"), population=make.modelled),
        weights=expand(to.weights("{population}"), population=make.modelled),
        calibration=expand(to.calibration("{population}"), population=make.modelled),
        questionnaire=[make.raw("questionnaire", p) for p in make.modelled],
    output:
        expand(
            to.result("{family}", "{model}"),
            family=make.model_families,
            model=make.models,
        ),
    log:
        to.log("model"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("model"),
        code=make.code("model"),
    message:
        "Fit the declared models"
    shell:
        "ngo-survey model 2>&1 | tee {log}"


# 8. Impute: missing answers completed many times, and the models pooled over them.
rule impute:
    input:
        clean=expand(to.clean("{population}"), population=make.imputed),
        weights=expand(to.weights("{population}"), population=make.imputed),
        calibration=expand(to.calibration("{population}"), population=make.imputed),
        questionnaire=[make.raw("questionnaire", p) for p in make.imputed],
    output:
        cells=expand(to.imputed("{population}"), population=make.imputed),
        rates=expand(
            to.result("rates", "imputation_{population}"), population=make.imputed
        ),
        pooled=expand(to.result("imputed", "{model}"), model=make.pooled),
    log:
        to.log("impute"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("impute"),
        code=make.code("impute"),
    message:
        "Impute missing answers and pool the models"
    shell:
        "ngo-survey impute 2>&1 | tee {log}"


# 9. Validate: how far each model can be trusted, out of fold.
rule validate:
    input:
        clean=expand(to.clean("{population}"), population=make.modelled),
        weights=expand(to.weights("{population}"), population=make.modelled),
        calibration=expand(to.calibration("{population}"), population=make.modelled),
        questionnaire=[make.raw("questionnaire", p) for p in make.modelled],
    output:
        scores=expand(to.result("validation", "{model}"), model=make.models),
        calibration=expand(to.result("calibration", "{model}"), model=make.models),
        families=expand(to.result("diagnostics", "families_{model}"), model=make.models),
    log:
        to.log("validate"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("validate"),
        code=make.code("validate"),
    message:
        "Validate the declared models"
    shell:
        "ngo-survey validate 2>&1 | tee {log}"


# 10. Specify: every declared choice at once, and the models against their registration.
rule specify:
    input:
        clean=expand(to.clean("{population}"), population=make.modelled),
        weights=expand(to.weights("{population}"), population=make.modelled),
        calibration=expand(to.calibration("{population}"), population=make.modelled),
        imputed=expand(to.imputed("{population}"), population=make.imputed),
        questionnaire=[make.raw("questionnaire", p) for p in make.modelled],
        registration=make.registration,
    output:
        curves=expand(to.result("specifications", "{model}"), model=make.curves),
        moves=expand(
            to.result("diagnostics", "specification_{model}"), model=make.curves
        ),
        registration=to.result("registration", "models"),
    log:
        to.log("specify"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("specify"),
        code=make.code("specify"),
    message:
        "Run every declared choice"
    shell:
        "ngo-survey specify 2>&1 | tee {log}"


# 11. Precision: which differences this wave can see, and what the next one needs.
rule precision:
    input:
        clean=to.clean("{population}"),
        weights=to.weights("{population}"),
        calibration=to.calibration("{population}"),
        questionnaire=make.raw("questionnaire"),
    output:
        to.result("precision", "{population}"),
    log:
        to.log("precision_{population}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("precision"),
        code=make.code("precision"),
    message:
        "Tell what {wildcards.population} can see"
    shell:
        "ngo-survey precision --population {wildcards.population} 2>&1 | tee {log}"


# 12. Trend: official figures with their sources; projections only where a series allows them.
rule trend:
    input:
        make.official_files,
    output:
        expand(to.result("official", "{dataset}"), dataset=make.official),
        expand(to.result("series", "{series}"), series=make.series),
        make.backtests,
    log:
        to.log("trend"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.obeys("trend"),
        code=make.code("trend"),
    message:
        "Tidy the official figures"
    shell:
        "ngo-survey trend 2>&1 | tee {log}"


# 13. Draw: every figure, from the results alone.
rule draw:
    input:
        results=make.results(),
        waves=[make.of_wave(wave) for wave in make.waves],
        questionnaires=[make.raw("questionnaire", p) for p in make.populations],
        geography=make.geography,
        words=make.words(),
    output:
        drawings=[
            told(
                to.figure(figure, "{language}", drawn),
                "figure",
                name=figure,
                language="{language}",
                format=drawn,
            )
            for figure in make.figures
            for drawn in make.drawings
        ],
        data=[to.figure(figure, "{language}", "csv") for figure in make.figures],
    log:
        to.log("draw_{language}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.sections(
            "study",
            "populations",
            "compare",
            "figures",
            "models",
            "trends",
            "report",
            "waves",
            "geography",
        ),
        code=make.code_in("draw"),
    message:
        "Draw every figure ({wildcards.language})"
    shell:
        "ngo-survey draw --language {wildcards.language} 2>&1 | tee {log}"


# 14. Workbook: every table on its sheet, from the results alone.
rule workbook:
    input:
        results=make.table_results(),
        questionnaires=[make.raw("questionnaire", p) for p in make.populations],
        words=make.words(),
    output:
        told(to.workbook("{language}"), "workbook", language="{language}"),
    log:
        to.log("workbook_{language}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.sections("study", "populations", "tables", "report"),
        code=make.code_in("workbook"),
    message:
        "Write the workbook ({wildcards.language})"
    shell:
        "ngo-survey workbook --language {wildcards.language} 2>&1 | tee {log}"


# 15. Package: every released result as CSV and Parquet, described for machines.
rule package:
    input:
        results=make.results(),
        questionnaires=[make.raw("questionnaire", p) for p in make.populations],
        words=make.words("*"),
    output:
        make.package[:-1],
        told(make.package[-1], "package", name="datapackage.json"),
    log:
        to.log("package"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.sections("study", "populations", "official"),
        code=make.code("package"),
    message:
        "Package the results as data"
    shell:
        "ngo-survey package 2>&1 | tee {log}"


# 16. Report: chapters, one document in every format.
rule report:
    input:
        results=make.results(),
        figures=[
            to.figure(figure, "{language}", drawn)
            for figure in make.figures
            for drawn in make.drawings
        ],
        questionnaires=[make.raw("questionnaire", p) for p in make.populations],
        chapters=make.chapters(),
        words=make.words(),
        environment=make.environment,
    output:
        [
            told(
                to.report("{language}", form),
                "report",
                language="{language}",
                format=form,
            )
            for form in make.formats
        ],
    log:
        to.log("report_{language}"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.whole(),
        code=make.code_in("report"),
        tree=make.tree(),
    message:
        "Write the report ({wildcards.language})"
    shell:
        "ngo-survey report --language {wildcards.language} 2>&1 | tee {log}"


# 17. Crate: the run described for machines.
rule crate:
    input:
        expand(
            to.report("{language}", "{format}"),
            language=make.languages,
            format=make.formats,
        ),
        expand(to.workbook("{language}"), language=make.table_languages),
        make.package,
    output:
        told(to.crate, "crate", name="ro-crate-metadata.json"),
    log:
        to.log("crate"),
    conda:
        "docs/environment.yaml"
    params:
        config=make.sections("study", "populations", "official"),
        code=make.code("crate"),
        tree=make.tree(),
    message:
        "Describe the run"
    shell:
        "ngo-survey crate 2>&1 | tee {log}"


# 18. Verify: does what stands agree with the committed record? `snakemake --cores 2 verify`
rule verify:
    input:
        rules.all.input,
        lock=make.lock,
    output:
        to.verification,
    log:
        to.log("verify"),
    conda:
        "docs/environment.yaml"
    message:
        "Compare the results with results.lock"
    shell:
        "ngo-survey verify 2>&1 | tee {log}"
