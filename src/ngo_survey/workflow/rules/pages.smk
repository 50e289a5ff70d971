"""What people see, made of the results alone."""


# Every result rounded for release, with one word for what is hidden: pages take nothing else.
rule round:
    input:
        make.inputs("round"),
        missing=make.missing("round"),
    output:
        make.outputs("round"),
    log:
        to.log("round"),
    params:
        config=make.config("round"),
        sources=make.sources("round"),
        code=make.code("round"),
    message:
        "Round every result for release"
    shell:
        "ngo-survey round" + of_study + " --log {log}"


# Every figure, with the data behind it.
rule draw:
    input:
        make.inputs("draw"),
        missing=make.missing("draw"),
    output:
        [
            captioned(
                path,
                "figure",
                name=path.stem,
                language="{language}",
                format=path.suffix[1:],
            )
            for path in make.outputs("draw")
            if path.suffix != ".csv"
        ],
        data=[path for path in make.outputs("draw") if path.suffix == ".csv"],
    log:
        to.log("draw_{language}"),
    benchmark:
        to.benchmark("draw_{language}")
    resources:
        mem_mb=600,
    params:
        config=make.config("draw"),
        sources=make.sources("draw"),
        code=make.code("draw"),
    message:
        "Draw every figure ({wildcards.language})"
    shell:
        "ngo-survey draw" + of_study + " --language {wildcards.language} --log {log}"


# Every table on its sheet.
rule workbook:
    input:
        make.inputs("workbook"),
        missing=make.missing("workbook"),
    output:
        [
            captioned(path, "workbook", language="{language}")
            for path in make.outputs("workbook")
        ],
    log:
        to.log("workbook_{language}"),
    params:
        config=make.config("workbook"),
        sources=make.sources("workbook"),
        code=make.code("workbook"),
    message:
        "Write the workbook ({wildcards.language})"
    shell:
        "ngo-survey workbook"
        + of_study
        + " --language {wildcards.language} --log {log}"


# Every released result as CSV and Parquet, described for machines.
rule package:
    input:
        make.inputs("package"),
        missing=make.missing("package"),
    output:
        make.outputs("package")[:-1],
        captioned(make.outputs("package")[-1], "package", name="datapackage.json"),
    log:
        to.log("package"),
    params:
        config=make.config("package"),
        sources=make.sources("package"),
        code=make.code("package"),
    message:
        "Package the results as data"
    shell:
        "ngo-survey package" + of_study + " --log {log}"


# Chapters, one document in every format.
rule report:
    input:
        make.inputs("report"),
        missing=make.missing("report"),
    output:
        [
            captioned(
                path,
                path.name.split(".")[0],
                language="{language}",
                format=path.suffix[1:],
            )
            for path in make.outputs("report")
        ],
    log:
        to.log("report_{language}"),
    benchmark:
        to.benchmark("report_{language}")
    resources:
        mem_mb=1000,
    params:
        config=make.config("report"),
        sources=make.sources("report"),
        code=make.code("report"),
    message:
        "Write the report ({wildcards.language})"
    shell:
        "ngo-survey report" + of_study + " --language {wildcards.language} --log {log}"
