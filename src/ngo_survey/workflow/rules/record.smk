"""The run described for machines, and held against the committed record."""


# A Workflow Run RO-Crate.
rule crate:
    input:
        make.inputs("crate"),
        missing=make.missing("crate"),
    output:
        captioned(to.crate, "crate", name="ro-crate-metadata.json"),
    log:
        to.log("crate"),
    localrule: True
    params:
        config=make.config("crate"),
        sources=make.sources("crate"),
        code=make.code("crate"),
    message:
        "Describe the run"
    shell:
        "ngo-survey crate" + of_study + " --log {log}"


# Does what stands agree with the committed record? `snakemake --cores 2 verify`
rule verify:
    input:
        make.targets,
        lock=to.lock,
    output:
        to.verification,
    log:
        to.log("verify"),
    localrule: True
    message:
        "Compare the results with results.lock"
    shell:
        "ngo-survey verify" + of_study + " --log {log}"
