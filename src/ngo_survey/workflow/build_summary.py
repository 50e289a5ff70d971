"""What a build leaves: where it lies, what to open first, and what people must look at.

Read from the products that stand, so that it can be asked for again at any time.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from ngo_survey.ingest.cleaning.losses import warn_share
from ngo_survey.present.document.checklist import NAMES, items
from ngo_survey.results.store import Results
from ngo_survey.study import Study

#: Above this the chains of an imputation have not mixed (Gelman & Rubin).
MIXED = 1.1
#: How many losses of answers are named.
MOST_NAMED = 3


def summary(study: Study) -> str:
    """Return the summary as text: what stands, who answered, what is flagged."""
    blocks = [_products(study)]
    if study.paths.released.is_dir():
        results = Results.load(study.paths.released)
        blocks += [
            ("Respondents", [line for name in study.populations for line in _flow(results, name)]),
            ("To look at", [f"- {line}" for line in flagged(study, results)]),
        ]
    return "\n".join(
        "".join(f"{line}\n" for line in (title, *(f"  {line}" for line in lines)))
        for title, lines in blocks
        if lines
    )


def flagged(study: Study, results: Results) -> Iterator[str]:
    """Yield what people must look at, a line each."""
    if study.simulated:
        yield "the data are simulated: no figure is a finding, and every page says so"
    for name in study.populations:
        yield from _hidden(results, name)
    yield from _refused(study, results)
    for name in study.populations:
        yield from _imputation(results, name)
    yield from _registration(results)
    for name in study.populations:
        yield from _losses(study, name)
        yield from _review(study, name)
    yield from _checklists(study)


def _products(study: Study) -> tuple[str, list[str]]:
    """Return what stands, with its place under the study's folder."""
    to = study.paths
    groups: dict[tuple[str, str], list[Path]] = {}
    for name in dict.fromkeys(name for name, _ in study.documents):
        for language in study.languages:
            for form in (form for known, form in study.documents if known == name):
                if (path := to.document(name, language, form)).is_file():
                    groups.setdefault((name, language), []).append(path)
    for language in study.table_languages:
        if (path := to.workbook(language)).is_file():
            groups["tables", language] = [path]
    lines = [
        f"{kind:9} {_shown(study, files[0])}" + "".join(f", {f.suffix}" for f in files[1:])
        for (kind, _), files in groups.items()
    ]
    if ("report", study.languages[0]) in groups:
        lines[0] += "   <- open this first"
    folders = {"data": to.package, "figures": to.figures, "results": to.released, "logs": to.logs}
    lines += [f"{k:9} {_shown(study, path)}/" for k, path in folders.items() if path.is_dir()]
    return "Products", lines


def _shown(study: Study, path: Path) -> str:
    return path.relative_to(study.root).as_posix()


def _flow(results: Results, population: str) -> Iterator[str]:
    counts = {row["stage"]: row["count"] for row in results.rows("flow", population)}
    if counts:
        complete, received = counts["complete"], counts["received"]
        yield f"{population}: {complete:,.0f} complete of {received:,.0f} received"


def _hidden(results: Results, population: str) -> Iterator[str]:
    rates = {row["name"]: row["value"] for row in results.rows("rates", f"disclosure_{population}")}
    share = rates.get("suppressed_share", 0)
    if share > 0:
        whole = f"{rates['figures']:,.0f} figures"
        yield f"{population}: disclosure control hides {share:.1%} of {whole}"


def _refused(study: Study, results: Results) -> Iterator[str]:
    for model in study.section("models").get("declared", {}):
        for row in results.rows("diagnostics", model):
            if row["name"] == "failed":
                yield f"model {model} is not fitted: {row['note']}"
            elif row["name"].startswith("sensitivity/") and row["name"].endswith("/failed"):
                check = row["name"].removeprefix("sensitivity/").removesuffix("/failed")
                yield f"model {model}, check of {check}, is not fitted: {row['note']}"
        for row in results.rows("validation", model):
            if row["name"] == "failed":
                yield f"model {model} is not validated: {row['note']}"


def _imputation(results: Results, population: str) -> Iterator[str]:
    rows = results.rows("rates", f"imputation_{population}")
    rates = {row["name"].removeprefix("imputation/"): row["value"] for row in rows}
    if rates.get("rhat", 1) > MIXED:
        yield f"{population}: chains of the imputation have not mixed (R-hat {rates['rhat']:.2f})"
    if rates.get("m_needed", 0) > rates.get("m", 0):
        yield (
            f"{population}: {rates['m']:.0f} imputed data sets, "
            f"{rates['m_needed']:.0f} are needed for steady standard errors"
        )


def _registration(results: Results) -> Iterator[str]:
    for row in results.rows("registration", "models"):
        if row["name"] == "models" and row["standing"] == "changed":
            changes = f"{row['count']:.0f} changes"
            yield f"models differ from their registration of {row['date']}: {changes}"


def _losses(study: Study, population: str) -> Iterator[str]:
    """Yield which questions lost more than ``cleaning.warn_share`` of their answers in cleaning."""
    path = study.paths.losses(population)
    if not path.is_file():
        return
    most = warn_share(study.population(population).raw)
    with path.open(encoding="utf-8", newline="") as file:
        large = [row for row in csv.DictReader(file) if float(row["share"]) > most]
    if large:
        worst = [f"{row['variable']} to {row['rule']} ({float(row['share']):.1%})" for row in large]
        listed = ", ".join(worst[:MOST_NAMED]) + (", ..." if len(worst) > MOST_NAMED else "")
        yield f"{population}: answers lost in cleaning: {listed}; all in {_shown(study, path)}"


def _review(study: Study, population: str) -> Iterator[str]:
    path = study.paths.review(population)
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            count = sum(1 for _ in csv.DictReader(file))
        if count:
            yield f"{population}: {count:,} spellings or words to review in {_shown(study, path)}"


def _checklists(study: Study) -> Iterator[str]:
    page = study.paths.report(study.languages[0])
    if not page.is_file():
        return
    places = set(re.findall(r'\sid="([^"]+)"', page.read_text(encoding="utf-8")))
    for name in NAMES:
        listed = items(name)
        unfilled = sum(not item.filled(study.raw, places) for item in listed)
        if unfilled:
            yield f"checklist {name.upper()}: {unfilled} of {len(listed)} items unfilled"
