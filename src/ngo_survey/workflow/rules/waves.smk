"""Earlier waves, where the study names any, and what changed."""

# The same steps on the files of the wave. A rule for each: waves have tables of their own.
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
        benchmark:
            to.benchmark(f"wave_{wave}")
        resources:
            mem_mb=needs.memory("wave", wave),
            runtime=needs.minutes("wave", wave),
        params:
            of=wave,
            config=make.config("wave", wave),
            sources=make.sources("wave", wave),
            code=make.code("wave", wave),
        message:
            f"Take the wave {wave} to its tables"
        shell:
            "ngo-survey wave" + of_study + " --wave {params.of} --log {log}"


# What changed between the waves.
rule change:
    input:
        make.inputs("change"),
        missing=make.missing("change"),
    output:
        make.outputs("change"),
    log:
        to.log("change"),
    resources:
        mem_mb=needs.memory("change"),
        runtime=needs.minutes("change"),
    params:
        config=make.config("change"),
        sources=make.sources("change"),
        code=make.code("change"),
    message:
        "Compare the waves"
    shell:
        "ngo-survey change" + of_study + " --log {log}"
