"""What goes with what, other things equal, and how far it can be trusted."""


# What makes a target audience grow or shrink.
rule model:
    input:
        make.inputs("model"),
        missing=make.missing("model"),
    output:
        make.outputs("model"),
    log:
        to.log("model"),
    benchmark:
        to.benchmark("model")
    resources:
        mem_mb=needs.memory("model"),
        runtime=needs.minutes("model"),
    params:
        config=make.config("model"),
        sources=make.sources("model"),
        code=make.code("model"),
    message:
        "Fit the declared models"
    shell:
        "ngo-survey model" + of_study + " --log {log}"


# Missing answers completed many times, and the models pooled over them.
rule impute:
    input:
        make.inputs("impute"),
        missing=make.missing("impute"),
    output:
        make.outputs("impute"),
    log:
        to.log("impute"),
    benchmark:
        to.benchmark("impute")
    resources:
        mem_mb=needs.memory("impute"),
        runtime=needs.minutes("impute"),
    params:
        config=make.config("impute"),
        sources=make.sources("impute"),
        code=make.code("impute"),
    message:
        "Impute missing answers and pool the models"
    shell:
        "ngo-survey impute" + of_study + " --log {log}"


# How far each model can be trusted, out of fold.
rule validate:
    input:
        make.inputs("validate"),
        missing=make.missing("validate"),
    output:
        make.outputs("validate"),
    log:
        to.log("validate"),
    benchmark:
        to.benchmark("validate")
    resources:
        mem_mb=needs.memory("validate"),
        runtime=needs.minutes("validate"),
    params:
        config=make.config("validate"),
        sources=make.sources("validate"),
        code=make.code("validate"),
    message:
        "Validate the declared models"
    shell:
        "ngo-survey validate" + of_study + " --log {log}"


# Every declared choice at once, and the models against their registration.
rule specify:
    input:
        make.inputs("specify"),
        missing=make.missing("specify"),
    output:
        make.outputs("specify"),
    log:
        to.log("specify"),
    benchmark:
        to.benchmark("specify")
    resources:
        mem_mb=needs.memory("specify"),
        runtime=needs.minutes("specify"),
    params:
        config=make.config("specify"),
        sources=make.sources("specify"),
        code=make.code("specify"),
    message:
        "Run every declared choice"
    shell:
        "ngo-survey specify" + of_study + " --log {log}"


# Figures of small areas, by a model of what is released.
rule areas:
    input:
        make.inputs("areas"),
        missing=make.missing("areas"),
    output:
        make.outputs("areas"),
    log:
        to.log("areas"),
    params:
        config=make.config("areas"),
        sources=make.sources("areas"),
        code=make.code("areas"),
    message:
        "Estimate small areas by a model"
    shell:
        "ngo-survey areas" + of_study + " --log {log}"


# Which differences this wave can see, and what the next one needs.
rule precision:
    input:
        make.inputs("precision"),
        missing=make.missing("precision"),
    output:
        make.outputs("precision"),
    log:
        to.log("precision_{population}"),
    resources:
        mem_mb=needs.memory("precision"),
        runtime=needs.minutes("precision"),
    params:
        config=make.config("precision"),
        sources=make.sources("precision"),
        code=make.code("precision"),
    message:
        "Tell what {wildcards.population} can see"
    shell:
        "ngo-survey precision"
        + of_study
        + " --population {wildcards.population} --log {log}"
