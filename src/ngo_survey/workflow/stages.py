"""The table of stages: what each takes, reads of the configuration, and writes.

The one place that says so. The verbs of the command line, the inputs, outputs and parameters of
the rules, the chain that ``explain`` prints, the causes in ``results.lock`` and the table in
``docs/architecture.md`` are read from it. A *stage* is one verb; one *run* of it is for a group of
respondents, a language or an earlier wave, or for the whole study.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Every section of the configuration, and every file of the results store.
EVERYTHING, RESULTS = ("*",), "results"
#: Before what a stage takes of the results store as rounded for release; alone, all of it.
RELEASED = "released"


@dataclass(frozen=True)
class Stage:
    """One line of the table.

    Attributes
    ----------
    name: the verb of ``ngo-survey`` and the rule.
    purpose: one line for ``ngo-survey --help`` and the table in the documentation.
    of: what one run is for: ``population``, ``language``, ``wave``, or "" for the whole study.
    each: the property of ``Products`` that lists the runs; for a stage without runs, the groups of
        respondents that it takes from.
    takes: files that it takes from other stages, as these write them.
    raw: kinds of files that people provide; see ``Products.raw_names``.
    block: keys that it reads of the block of a group of respondents.
    sections: sections that it reads, or a part of one behind a dot; for one group of respondents,
        cut down to it.
    study: keys that it reads of the section ``study``.
    words: whether labels and titles count: they do where readers see them, and where what was
        registered is held against what is.
    page: whether it makes pages, for readers or machines, of released results alone.
    quotes: whether it prints the hashes of all raw files and of the code.
    writes: files, by the name of the method of ``Paths`` or, in the results store, by
        ``family/name``; names in braces stand for those of ``Products.names``.
    """

    name: str
    purpose: str
    of: str = ""
    each: str = "populations"
    takes: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    study: tuple[str, ...] = ()
    words: bool = False
    page: bool = False
    quotes: bool = False
    writes: tuple[str, ...] = ()

    @property
    def function(self) -> str:
        """The module whose function ``run`` does it."""
        return f"ngo_survey.workflow.verbs.{self.name}"


_DESIGN = ("clean", "weights", "calibration", "replicates")

_LINES = (
    Stage(
        "read",
        "read an export under the names of the questionnaire, all as text",
        of="population",
        raw=("responses", "questionnaire"),
        block=("sources", "kept"),
        writes=("responses", "columns"),
    ),
    Stage(
        "clean",
        "check, correct and set aside, with a log of every change",
        of="population",
        takes=("responses", "columns"),
        raw=("questionnaire", "sample", "aids"),
        block=("sources", "cleaning", "derive"),
        study=("fieldwork", "seed"),
        writes=(
            *("clean", "changes", "quarantine", "review", "losses"),
            *("flow/{population}", "changes/{population}", "rates/coders_{population}"),
        ),
    ),
    Stage(
        "weight",
        "weight the respondents to the register",
        of="population",
        takes=("clean",),
        raw=("questionnaire", "sample", "register"),
        block=("weighting", "derive"),
        sections=("disclosure",),
        study=("seed",),
        writes=(
            *("weights", "calibration", "replicates"),
            *("margins/{population}", "rates/{population}"),
        ),
    ),
    Stage(
        "estimate",
        "estimate the single figures that the configuration declares",
        of="population",
        takes=_DESIGN,
        raw=("questionnaire", "sample", "register", "former"),
        block=("derive", "weighting"),
        sections=("indicators", "disclosure"),
        study=("seed",),
        writes=(
            "estimates/indicators_{population}",
            *("rates/reliability_{population}", "rates/errors_{population}"),
        ),
    ),
    Stage(
        "tabulate",
        "cross-tabulate every question by the banners, safe to release",
        of="population",
        takes=_DESIGN,
        raw=("questionnaire", "former"),
        block=("banners", "derive", "table_prefix", "weighting"),
        sections=("tables", "disclosure", "indicators"),
        study=("seed",),
        writes=(
            *("estimates/{table}", "tests/{table}", "comparisons/{table}"),
            *("estimates/pairs_{pairs}", "rates/disclosure_{population}"),
        ),
    ),
    Stage(
        "compare",
        "compare the two groups of respondents and rank with uncertainty",
        each="compared_groups",
        takes=(*_DESIGN, "estimates/{table}"),
        raw=("questionnaire",),
        sections=("compare", "disclosure", "report.rules"),
        study=("seed",),
        writes=("ranks/{ranked}", "sides/{compared}", "tests/rank_correlations{if_compared}"),
    ),
    Stage(
        "wave",
        "read, clean, weight and tabulate an earlier wave of the study",
        of="wave",
        each="waves",
        raw=("wave",),
        sections=("populations", "waves", "tables", "disclosure", "indicators"),
        study=("seed",),
        writes=("wave",),
    ),
    Stage(
        "change",
        "estimate change between the waves",
        each="changed_groups",
        takes=(*_DESIGN, "estimates/{table}", "wave"),
        raw=("questionnaire", "sample"),
        sections=("waves", "disclosure", "report.rules"),
        writes=("waves/{changed}", "change/{changed}"),
    ),
    Stage(
        "model",
        "fit the declared models",
        each="modelled",
        takes=_DESIGN,
        raw=("questionnaire",),
        sections=("models", "disclosure", "report.rules"),
        writes=(
            *("coefficients/{model}", "effects/{model}", "predictions/{model}"),
            *("contrasts/{model}", "diagnostics/{model}"),
        ),
    ),
    Stage(
        "impute",
        "complete missing answers many times and pool the models over them",
        each="imputed",
        takes=_DESIGN,
        raw=("questionnaire",),
        sections=("models", "disclosure"),
        study=("seed",),
        writes=("imputed", "rates/imputation_{population}", "imputed/{pooled}"),
    ),
    Stage(
        "validate",
        "score the models out of fold and adjust their tests in families",
        each="modelled",
        takes=_DESIGN,
        raw=("questionnaire",),
        sections=("models", "disclosure"),
        study=("seed",),
        writes=("validation/{model}", "calibration/{model}", "diagnostics/families_{model}"),
    ),
    Stage(
        "specify",
        "run every declared choice of a model, and compare with what was registered",
        each="modelled",
        takes=(*_DESIGN, "imputed"),
        raw=("questionnaire", "registration"),
        sections=("models", "disclosure"),
        study=("seed",),
        words=True,
        writes=(
            *("specifications/{curve}", "diagnostics/specification_{curve}"),
            "registration/models",
        ),
    ),
    Stage(
        "precision",
        "tell which differences this wave sees and what the next needs",
        of="population",
        takes=_DESIGN,
        raw=("questionnaire",),
        sections=("models", "disclosure"),
        writes=("precision/{population}",),
    ),
    Stage(
        "trend",
        "tidy the official figures and project the series that allow it",
        raw=("official",),
        sections=("official", "trends", "geography"),
        words=True,
        writes=("official/{dataset}", "series/{series}", "backtests/series{if_series}"),
    ),
    Stage(
        "areas",
        "estimate small areas by a model of released figures",
        each="area_groups",
        takes=("estimates/{table}", "margins/{population}"),
        raw=("questionnaire", "sample", "register", "official"),
        sections=("small_areas", "disclosure", "official", "geography"),
        writes=("areas/{areas}",),
    ),
    Stage(
        "round",
        "round every result for release, with one word for what is hidden",
        takes=(RESULTS, "wave"),
        raw=("former",),
        block=("table_prefix",),
        sections=("disclosure", "compare", "tables", "models", "report.rules"),
        writes=(RELEASED,),
    ),
    Stage(
        "draw",
        "draw every figure from the results",
        of="language",
        each="languages",
        takes=(RELEASED,),
        raw=("questionnaire", "official_words", "geography", "words"),
        sections=(
            *("study", "populations", "tables", "compare", "figures", "models", "trends"),
            *("report", "waves", "geography", "small_areas"),
        ),
        words=True,
        page=True,
        writes=("drawings", "figure_data"),
    ),
    Stage(
        "workbook",
        "write the workbook of all tables from the results",
        of="language",
        each="table_languages",
        takes=(RELEASED,),
        raw=("questionnaire", "official_words", "words"),
        sections=("study", "populations", "tables", "report", "disclosure"),
        words=True,
        page=True,
        writes=("workbook",),
    ),
    Stage(
        "package",
        "write every released result as a data package, described for machines",
        takes=(RELEASED,),
        raw=("questionnaire", "official_words", "words"),
        sections=("study", "populations", "official"),
        words=True,
        page=True,
        writes=("package",),
    ),
    Stage(
        "report",
        "write the report from results and figures",
        of="language",
        each="languages",
        takes=(RELEASED, "drawings"),
        raw=("questionnaire", "official_words", "chapters", "words", "environment"),
        sections=EVERYTHING,
        words=True,
        page=True,
        quotes=True,
        writes=("report",),
    ),
    Stage(
        "crate",
        "describe the run for machines, as a Workflow Run RO-Crate",
        takes=("report", "workbook", "package"),
        raw=("environment",),
        sections=("study", "populations", "tables", "models", "report", "official"),
        words=True,
        page=True,
        quotes=True,
        writes=("crate",),
    ),
)

#: The stages by name, in the order in which they run.
STAGES = {stage.name: stage for stage in _LINES}
#: Stages that make pages.
PAGES = tuple(stage.name for stage in _LINES if stage.page)
#: The stage that writes each kind of file.
WRITER = {token: stage.name for stage in _LINES for token in stage.writes}

#: Kinds of causes that a figure has moved by: of what people provide, and of parts of the
#: configuration, by section or block of a group. What is not here concerns the study alone.
CAUSES = {
    **dict.fromkeys(("responses", "questionnaire", "sample", "register", "wave"), "raw data"),
    **dict.fromkeys(("official", "official_words", "geography", "sources"), "raw data"),
    **dict.fromkeys(("aids", "cleaning", "derive", "kept"), "cleaning rule"),
    "weighting": "weights",
    **dict.fromkeys(("banners", "tables", "indicators", "disclosure"), "table spec"),
    **dict.fromkeys(("compare", "waves", "former"), "table spec"),
    **dict.fromkeys(("models", "trends", "registration", "small_areas"), "model"),
}


def before(name: str) -> tuple[str, ...]:
    """Return the stages whose files a stage takes itself, in order."""
    stage = STAGES[name]
    found = {WRITER[token] for token in stage.takes if token != RESULTS}
    if RESULTS in stage.takes:
        found |= {WRITER[token] for token in WRITER if "/" in token}
    return tuple(step for step in STAGES if step in found)


def chain(name: str) -> tuple[str, ...]:
    """Return the stages that run before a stage, first to last, the stage itself last."""
    found, waiting = {name}, [name]
    while waiting:
        new = set(before(waiting.pop())) - found
        found |= new
        waiting += sorted(new)
    return tuple(step for step in STAGES if step in found)


def writer(file: str) -> str:
    """Return the stage that writes a file of the results store, named ``family/name.csv``."""
    fronts = {token.partition("{")[0]: stage for token, stage in WRITER.items() if "/" in token}
    fitting = [front for front in fronts if file.startswith(front)]
    if not fitting:
        raise KeyError(file)
    return fronts[max(fitting, key=len)]


def table() -> str:
    """Return the table of stages in Markdown, as it stands in the documentation."""
    lines = [
        "| stage | what it does | one run for each | takes from | reads of `data/raw` | settings |",
        "|---|---|---|---|---|---|",
    ]
    for name, stage in STAGES.items():
        settings = [*stage.block, *stage.sections, *(f"study.{key}" for key in stage.study)]
        settings = ["all"] if stage.sections == EVERYTHING else [f"`{key}`" for key in settings]
        cells = [
            *(f"`{name}`", stage.purpose, stage.of or "study"),
            "the results store" if RESULTS in stage.takes else ", ".join(before(name)),
            *(", ".join(kind.replace("_", " ") for kind in stage.raw), ", ".join(settings)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
