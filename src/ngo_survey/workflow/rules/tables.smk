"""From weighted answers to estimates and tables that are safe to release."""


# The single figures that the text needs, and how reliable the indices are.
rule estimate:
    input:
        make.inputs("estimate"),
        missing=make.missing("estimate"),
    output:
        make.outputs("estimate"),
    log:
        to.log("estimate_{population}"),
    resources:
        mem_mb=needs.memory("estimate"),
        runtime=needs.minutes("estimate"),
    params:
        config=make.config("estimate"),
        sources=make.sources("estimate"),
        code=make.code("estimate"),
    message:
        "Estimate the indicators of {wildcards.population}"
    shell:
        "ngo-survey estimate"
        + of_study
        + " --population {wildcards.population} --log {log}"


# Every question by every banner, one file a table, nothing below the threshold. A rule for each
# group: a wildcard cannot say which tables a group has.
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
        benchmark:
            to.benchmark(f"tabulate_{population}")
        resources:
            mem_mb=needs.memory("tabulate", population),
            runtime=needs.minutes("tabulate", population),
        params:
            of=population,
            config=make.config("tabulate", population),
            sources=make.sources("tabulate", population),
            code=make.code("tabulate", population),
        message:
            f"Tabulate every question of {population}"
        shell:
            "ngo-survey tabulate" + of_study + " --population {params.of} --log {log}"


# The same question to two groups, and orders with the uncertainty of each place.
rule compare:
    input:
        make.inputs("compare"),
        missing=make.missing("compare"),
    output:
        make.outputs("compare"),
    log:
        to.log("compare"),
    benchmark:
        to.benchmark("compare")
    resources:
        mem_mb=needs.memory("compare"),
        runtime=needs.minutes("compare"),
    params:
        config=make.config("compare"),
        sources=make.sources("compare"),
        code=make.code("compare"),
    message:
        "Compare the two sides and rank the bodies"
    shell:
        "ngo-survey compare" + of_study + " --log {log}"
