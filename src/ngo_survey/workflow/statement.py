"""The statement beside a release, for the data protection officer: plain words, no judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ngo_survey import __version__
from ngo_survey.disclosure.rounding import SUPPRESSED
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.languages import said

#: The language of the statement, where the study has words in it.
ENGLISH = "en"
STAGES = {"received": "rows received", "complete": "complete and analysed"}


@dataclass(frozen=True)
class Search:
    """What was searched for in a release: values by group, and files of formats not read."""

    values: Mapping[str, int]
    unsearched: Sequence[str]


def statement(
    study: Study,
    results: Results,
    manifest: pd.DataFrame,
    search: Search,
    former: Sequence[Path] = (),
) -> str:
    """Return the statement as Markdown.

    Parameters
    ----------
    results: as rounded for release.
    manifest: what is released (:func:`.release.manifest`).
    former: releases of the same interviews that are out already.
    """
    block = study.raw["study"]
    time = study.fieldwork
    kind = "The answers are simulated: no person gave them." if study.simulated else ""
    lines = [
        f"# What is released of: {said(block['title'], ENGLISH)}",
        "",
        "For the data protection officer. Written by the program from the configuration and the "
        f"released results (ngo-survey {__version__}); `manifest.csv` lists every file with its "
        "hash.",
        *(["", kind] if kind else []),
        "",
        "## What was collected, and from whom",
        "",
        f"Interviews from {time['from']} to {time['to']}."
        if time
        else "The study does not say when interviews were made.",
        "",
        "| group | " + " | ".join(STAGES.values()) + " |",
        "|---|" + "---|" * len(STAGES),
        *_groups(study, results),
        "",
        "Counts of rows set aside are rounded to multiples of the threshold below.",
        "",
        "## The rules",
        "",
        *_rules(study),
        "",
        "## What is released",
        "",
        *_released(manifest),
        "",
        "## How much is hidden",
        "",
        *_hidden(results, study),
        "",
        "## What is not released",
        "",
        "- answers, one row a respondent, as they came or as they were cleaned; weights",
        "- the log of changed answers, rows set aside, words that people wrote, coders' files, "
        "spellings, corrections",
        "- the list of those invited, and the register",
        "- results in full precision, and the reasons for which a figure is hidden",
        "- logs",
        "",
        "## What was searched for",
        "",
        *_searched(search),
        "",
        "## Which attacks are covered",
        "",
        "- reading a small cell: no figure rests on fewer respondents than the threshold",
        "- subtraction: a hidden count cannot be worked out from totals, from other tables, from "
        "questions asked of some alone, or from earlier waves, closer than the protection",
        "- digits: figures are rounded so that weights cannot be solved from them; rows stand in "
        "the order of the rounded figures",
        "- tests: p-values are told by the level that they are below, and not at all where the "
        "level would tell of a hidden count",
        "- one respondent who dominates a total",
        *_of_all(Rules.of(study.section("disclosure"))),
        _beside(former),
        "",
        "Not covered: several weighted figures together are attacked in the tests of the program, "
        "not proven safe; of a larger group it is told when all, or none, of it gave an answer. "
        "The rules, their sources and limits: docs/disclosure.md and docs/methods.md of the "
        "program.",
    ]
    return "\n".join(lines) + "\n"


def _of_all(rules: Rules) -> list[str]:
    told = (
        "- learning of each of a group what all of it gave: of fewer than "
        f"{rules.group_base} it is not released that all, or none, gave an answer"
    )
    return [told] if rules.group_base else []


def _beside(former: Sequence[Path]) -> str:
    if not former:
        return (
            "- not: subtraction from an earlier release of the same interviews. This one was held "
            "against none; if there is one, do not let both out before `--after` was used"
        )
    return (
        f"- subtraction from each earlier release ({', '.join(path.name for path in former)}): no "
        "count that both show differs by fewer respondents than the threshold, and what it hid is "
        "hidden"
    )


def _groups(study: Study, results: Results) -> list[str]:
    flow = results.family("flow")
    lines = []
    for name, group in study.populations.items():
        counts = flow[flow["population"] == name].set_index("stage")["count"]
        cells = [f"{counts[stage]:g}" if stage in counts else "" for stage in STAGES]
        lines.append(f"| {said(group.raw['label'], ENGLISH)} | {' | '.join(cells)} |")
    return lines


def _rules(study: Study) -> list[str]:
    section = study.section("disclosure")
    rules, rounding = Rules.of(section), Rounding.of(section)
    lines = [
        f"- no cell of fewer than {rules.threshold} respondents is released, nor what it leaves "
        "of its total",
        f"- no figure on fewer than {rules.minimum_base} respondents is released",
        "- what can be worked out of a hidden count is an interval at least "
        f"{rules.protection} wide",
        f"- a share is a multiple of at least {100 * rounding.share:g} points, and "
        f"of what {rounding.respondents:g} average respondents change; other figures "
        "likewise, by their standard error",
    ]
    if rules.thin_share < 1:
        lines.append(
            f"- where more than {100 * rules.thin_share:g} % of a table's cells under a heading "
            "are too small, nothing under it is released"
        )
    if rules.dominance:
        lines.append(
            "- a total is hidden where all but its two largest respondents give less than "
            f"{100 * rules.dominance:g} % of the largest"
        )
    return lines


def _released(manifest: pd.DataFrame) -> list[str]:
    by = manifest.groupby("made_by", sort=True)["size"].agg(["count", "sum"])
    lines = ["| made by | files | bytes |", "|---|---|---|"]
    return lines + [f"| {made} | {row['count']} | {row['sum']} |" for made, row in by.iterrows()]


def _hidden(results: Results, study: Study) -> list[str]:
    estimates = results.family("estimates")
    lines = ["| group | figures | of them hidden |", "|---|---|---|"]
    for name, group in study.populations.items():
        status = estimates.loc[estimates["population"] == name, "status"]
        share = f"{(status == SUPPRESSED).mean():.1%}" if len(status) else ""
        lines.append(f"| {said(group.raw['label'], ENGLISH)} | {len(status)} | {share} |")
    return lines


def _searched(search: Search) -> list[str]:
    lines = [
        "Contact details, places and words that respondents wrote, as they stand in the exports, "
        "were searched for in every file of the release and in what stands beside its pages "
        "(titles, links, notes of pictures), without regard to case and marks; none was found. "
        "What a picture shows is drawn: the data that lie beside it were searched. Left out are "
        "values of fewer than six letters or seven digits, and words that the study publishes "
        "itself (questionnaire, configuration, chapters, official figures).",
        "",
        *(f"- {group}: {count} values" for group, count in search.values.items()),
    ]
    if search.unsearched:
        kinds = sorted({name.rpartition(".")[2].upper() for name in search.unsearched})
        lines += [
            "",
            f"Not searched, since the program does not read their format: "
            f"{len(search.unsearched)} files ({', '.join(kinds)}).",
        ]
    return lines
