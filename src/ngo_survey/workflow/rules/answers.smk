"""From the export to weighted answers, for each group of respondents."""


# The answers under the names of the questionnaire, all as text, each with its source row.
rule read:
    input:
        make.inputs("read"),
        missing=make.missing("read"),
    output:
        make.outputs("read"),
    log:
        to.log("read_{population}"),
    resources:
        mem_mb=needs.memory("read"),
        runtime=needs.minutes("read"),
    params:
        config=make.config("read"),
        sources=make.sources("read"),
        code=make.code("read"),
    message:
        "Read the export of {wildcards.population}"
    shell:
        "ngo-survey read"
        + of_study
        + " --population {wildcards.population} --log {log}"


# Typed answers, a log of every change, a quarantine with reasons, the response flow.
rule clean:
    input:
        make.inputs("clean"),
        missing=make.missing("clean"),
    output:
        make.outputs("clean"),
    log:
        to.log("clean_{population}"),
    resources:
        mem_mb=needs.memory("clean"),
        runtime=needs.minutes("clean"),
    params:
        config=make.config("clean"),
        sources=make.sources("clean"),
        code=make.code("clean"),
    message:
        "Clean the responses of {wildcards.population}"
    shell:
        "ngo-survey clean"
        + of_study
        + " --population {wildcards.population} --log {log}"


# Weights from where the group declares them (a register, the export, shares); response rates.
rule weight:
    input:
        make.inputs("weight"),
        missing=make.missing("weight"),
    output:
        make.outputs("weight"),
    log:
        to.log("weight_{population}"),
    resources:
        mem_mb=needs.memory("weight"),
        runtime=needs.minutes("weight"),
    params:
        config=make.config("weight"),
        sources=make.sources("weight"),
        code=make.code("weight"),
    message:
        "Make the weights and the response rates of {wildcards.population}"
    shell:
        "ngo-survey weight"
        + of_study
        + " --population {wildcards.population} --log {log}"
