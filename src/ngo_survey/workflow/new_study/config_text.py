"""The text of a first `config.yaml`: minimal, every guess with its reason behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

GUESSED = "# guessed:"


@dataclass(frozen=True)
class Facts:
    """What the configuration says.

    Attributes
    ----------
    group: name of the group of respondents; `label` and `title` are said in the first language.
    fieldwork: first and last day, and why; None where the export does not tell.
    sources: key -> (value, why) of the section `sources`, besides columns and what is ignored.
    dates: formats of moments of which nobody can tell which is meant.
    columns: header -> question or question/choice.
    given: whether somebody gave the form.
    ignored: header -> why.
    weighting: as the section says it, and why.
    banners, regions, outcomes, consents: names of questions.
    aliases: list of choices -> file.
    omit: questions that get no table.
    disclosure: name of the preset, and why.
    eligible: an expression to consider, "" for none.
    figures: name -> its lines.
    """

    id: str
    export: str
    title: str
    label: str
    languages: Sequence[str]
    group: str
    questionnaire: str
    responses: str
    seed: int
    fieldwork: tuple[str, str, str] | None
    columns: Mapping[str, str]
    ignored: Mapping[str, str]
    weighting: tuple[Any, str]
    disclosure: tuple[str, str]
    sources: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    proposed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dates: Sequence[str] = ()
    given: bool = False
    banners: Sequence[str] = ()
    banners_why: str = ""
    regions: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    consents: Sequence[str] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    omit: Sequence[str] = ()
    eligible: str = ""
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def config_text(facts: Facts) -> str:
    """Return the configuration as YAML with comments."""
    lines = [
        f"# A study drafted from {facts.export} by `ngo-survey new`. What is guessed says so,",
        "# and why: correct it, take the mark away, and run `ngo-survey check`.",
        "# Every key: docs/config.md.",
        "",
        "study:",
        f"  id: {facts.id}",
        f"  title: {_by_language(facts.title, facts.languages)}",
        "  data: collected",
        f"  seed: {facts.seed}",
        f"  languages: {_flow(facts.languages)}",
    ]
    if facts.fieldwork:
        first, last, why = facts.fieldwork
        year = int(last[:4])
        said = f'{{from: "{first}", to: "{last}", year: {year}}}'
        lines.append(f"  fieldwork: {said} {GUESSED} {why}")
    else:
        lines.append('  # fieldwork: {from: "2026-03-02", to: "2026-04-24", year: 2026}')
    lines += ["", "populations:", f"  {facts.group}:"]
    lines.append(f"    label: {_by_language(facts.label, facts.languages)}")
    lines += [
        f"    questionnaire: {facts.questionnaire}",
        f"    responses: {_text(facts.responses)}",
    ]
    lines += _sources(facts)
    lines += _cleaning(facts)
    value, why = facts.weighting
    lines.append(f"    weighting: {_flow(value)} {GUESSED} {why}")
    if facts.banners:
        lines.append(f"    banners: {_flow(facts.banners)} {GUESSED} {facts.banners_why}")
    else:
        lines.append(
            "    banners: [] # questions with one answer that stand in the columns of tables"
        )
    consent = "questions of consent, by which cleaning.consent sets aside who refused"
    candidates = {
        consent: facts.consents,
        "regions": facts.regions,
        "outcomes of a model": facts.outcomes,
    }
    for what, names in candidates.items():
        if names:
            lines.append(f"    # may be {what}: {', '.join(names)}")
    preset, why = facts.disclosure
    lines += ["", f"disclosure: {preset} {GUESSED} {why}"]
    lines += ["", "tables:", f"  all_questions: {{{facts.group}: standing}}"]
    if facts.omit:
        lines.append(
            f"  omit: {{{facts.group}: {_flow(facts.omit)}}} {GUESSED} nobody answered them"
        )
    if facts.figures:
        lines += ["", f"figures: {GUESSED} one a question, of the first that have a picture"]
        lines += [f"  {name}: {_flow(figure)}" for name, figure in facts.figures.items()]
    return "\n".join(lines) + "\n"


def _sources(facts: Facts) -> list[str]:
    lines = ["    sources:"]
    for key, (value, why) in facts.sources.items():
        lines.append(f"      {key}: {_flow(value)} {GUESSED} {why}")
    if facts.dates:
        lines.append(
            "      # each of these fits every row, and they differ in the day: take the mark"
        )
        lines.append("      # before the right one away; until then check refuses the moments")
        lines += [f"      # dates: {_text(form)}" for form in facts.dates]
    for question, codes in facts.proposed.items():
        said = f"{{{question}: {_flow([str(c) for c in codes])}}}"
        lines.append(f"      # if these say that there is no answer: missing: {said}")
    if facts.columns:
        given = "columns of the design, under the names that they have in the form"
        why = given if facts.given else "by the form drafted from the export"
        lines.append(f"      columns: {GUESSED} {why}")
        lines += [f"        {_text(h)}: {target}" for h, target in facts.columns.items()]
    if facts.ignored:
        lines.append("      ignore:")
        lines += [f"        - {_text(h)} {GUESSED} {why}" for h, why in facts.ignored.items()]
    return lines if len(lines) > 1 else []


def _cleaning(facts: Facts) -> list[str]:
    lines = []
    if facts.aliases:
        why = "a spreadsheet made days of ranges"
        lines.append(f"      aliases: {_flow(facts.aliases)} {GUESSED} {why}")
    if facts.eligible:
        finished = f"eligible: {_text(facts.eligible)}"
        lines.append(f"      # to leave out interviews that were not finished: {finished}")
    keyed = any(not line.strip().startswith("#") for line in lines)
    return [] if not lines else ["    cleaning:" if keyed else "    # cleaning:", *lines]


def _by_language(text: str, languages: Sequence[str]) -> str:
    return _flow(dict.fromkeys(languages, text))


def _flow(value: Any) -> str:
    """Return a value as YAML in one line; texts that could be taken for something else quoted."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return value if _plain(value) else _text(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(part) for part in value) + "]"
    return json.dumps(value)


def _key(text: str) -> str:
    return text if _plain(text) else _text(text)


def _plain(text: str) -> bool:
    words = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
    bare = text.isascii() and text.replace("_", "").isalnum() and text[0].isalpha()
    return bare and text.casefold() not in words


def _text(text: str) -> str:
    """Return a text in quotes: what JSON writes is YAML."""
    return json.dumps(text, ensure_ascii=False)
