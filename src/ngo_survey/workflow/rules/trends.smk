"""Official figures with their sources; projections only where a series allows them."""


# Tidy series, and back-tests of what is projected.
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
        "ngo-survey trend" + of_study + " --log {log}"
