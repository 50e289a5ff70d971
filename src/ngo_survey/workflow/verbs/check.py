"""The verb `check`: read and clean everything, analyse nothing, say what to do about what is wrong.

What it prints is for the one who leads the field work: how much arrived, who was set aside and why,
what was changed by which rule, and what people must look at.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.expressions import unchecked_rules
from ngo_survey.errors import Faults
from ngo_survey.ingest import Responses
from ngo_survey.ingest.cleaning.clean import Cleaned
from ngo_survey.ingest.cleaning.losses import losses, missing_codes, unchecked, warn_share
from ngo_survey.ingest.matching import DROPPED
from ngo_survey.present.document.chapter_check import find_chapter_names
from ngo_survey.present.words.catalogue import find_languages
from ngo_survey.results import store
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook, sound_codebook
from ngo_survey.study.declared_weighting import resampled
from ngo_survey.study.name_check import find_names
from ngo_survey.workflow.hidden_figures import hidden_figures
from ngo_survey.workflow.ignored import committable
from ngo_survey.workflow.imputed_questions import of_model, sources_of
from ngo_survey.workflow.table_check import find_tables
from ngo_survey.workflow.verbs.change import sampled_units
from ngo_survey.workflow.verbs.clean import clean_responses, find_inputs, review_responses, rules_of
from ngo_survey.workflow.verbs.read import read_responses
from ngo_survey.workflow.verbs.weight import find_frames, weigh

log = logging.getLogger(__name__)

#: Letters of a header that stands among others.
LONGEST = 60
#: So many samples `check` draws from the sample where a study draws any.
FEW_SAMPLES = 20


def run(study: Study) -> int:
    """Look at a study of which the configuration is sound; see :func:`check_study`."""
    return check_study(study, Faults())


def check_study(study: Study, found: Faults) -> int:
    """Print what reading and cleaning found; returns 1 when a study cannot run on it.

    Everything that is wrong is said at once: in the names of the configuration, in chapters, words
    and official data (as errors), and under each group of respondents in what it has sent. What
    could not be looked at for that is said too. Earlier waves are read as the present one is, and
    of samples that overlap the names of the sampled units. Writes review.csv of each group, nothing
    else. ``found`` holds what was found while the configuration was read.
    """
    for find in (find_names, find_languages, find_chapter_names, find_tables):
        with found.check():
            find(study, found)
    for error in found.errors:
        log.error("%s", error)
    warnings = 0
    for file in committable(study):
        warnings += 1
        print(
            f"WARNING: git would commit {file}: add a line /{file} to .gitignore, and if it is "
            f"committed already: git rm --cached {file}"
        )
    for wave, name, units in _groups(study):
        then = study.wave(wave) if wave else study
        said = f"{name}, wave {wave}" if wave else name
        print(f"{said}: {then.population(name).raw['responses']}")
        before = len(found.errors)
        warnings += _group(then, name, said, found, earlier=bool(wave))
        for column in units:
            with found.check():
                sampled_units(then, name, column)
        for error in found.errors[before:]:
            print(f"  cannot run: {error}")
    for what in found.unchecked:
        print(f"not checked: {what}; correct what is wrong first")
    heed = f"; heed {warnings} warning{'s' * (warnings > 1)}" if warnings else ""
    print("the study cannot run" if found.errors else f"the study can run{heed}")
    return int(bool(found.errors))


def _groups(study: Study) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield (wave, group, columns that name a sampled unit) of the present wave ("") and others."""
    overlapping = [
        (wave.id, name, relation.unit)
        for wave in study.earlier_waves
        for name, relation in wave.relations.items()
        if relation.overlapping
    ]
    for name in study.populations:
        yield "", name, list(dict.fromkeys(unit for _, of, unit in overlapping if of == name))
    for wave in study.earlier_waves:
        for name in wave.relations:
            yield wave.id, name, [u for then, of, u in overlapping if (then, of) == (wave.id, name)]


def _group(study: Study, name: str, said: str, faults: Faults, earlier: bool) -> int:
    """Read, clean and weight what one group of one wave has sent; returns how many warnings.

    ``said`` is what the group is called in what is printed. Of the present wave it is said as well
    what each banner would hide.
    """
    questions: Questionnaire | None = None
    with faults.check():
        questions = sound_codebook(study, name, faults)
    if questions is None:
        faults.leave(f"the answers of {said}")
        return 0
    for line in _form(questions):
        print(line)
    before = len(faults.errors)
    find_inputs(study, name, questions, faults)
    find_frames(study, name, questions, faults)
    # Files at fault need not keep the answers from being read.
    responses: Responses | None = None
    with faults.check():
        responses = read_responses(study, name)
        print(_columns(responses))
    derived = study.population(name).raw.get("derive", {})
    if responses is None or not all(variable in questions for variable in derived):
        faults.leave(f"how {said} are cleaned and weighted")
        return 0
    warnings: list[str] = []
    with faults.check():
        warnings = _cleaned_and_weighted(study, name, responses, faults, earlier)
    if len(faults.errors) > before:
        faults.leave(f"what comes after it in cleaning and weighting {said}")
    return sum("WARNING" in line for line in warnings)


def _cleaned_and_weighted(
    study: Study, name: str, responses: Responses, faults: Faults, earlier: bool
) -> list[str]:
    """Clean and weight, and print what that tells; returns the lines about lost answers."""
    review = review_responses(study, name, responses.frame, responses.columns)
    store.write_csv(review, study.paths.review(name))
    for line in _review(study, name, review):
        print(line)
    cleaned = clean_responses(study, name, responses.frame, responses.columns)
    for line in _cleaned(study, name, cleaned):
        print(line)
    _unanswered(study, name, cleaned, faults, earlier)
    warnings = _losses(study, name, responses.frame, cleaned)
    for line in warnings:
        print(line)
    if faults.at(f"populations.{name}.weighting"):
        faults.leave(f"the weights of {name}")
        return warnings
    weigh(study, name, cleaned.frame, _few_samples(study.population(name).raw["weighting"]))
    if not earlier:
        _hidden(study, name, cleaned.frame, faults)
    return warnings


def _few_samples(weighting: Any) -> dict[str, Any]:
    """Return ``weighting.errors`` with as few samples as tell whether any can be weighted anew."""
    said = weighting.get("errors", {}) if isinstance(weighting, Mapping) else {}
    if not resampled(weighting) and "beside" not in said:
        return {}
    return {**said, "method": said.get("beside", said["method"]), "replicates": FEW_SAMPLES}


def _hidden(study: Study, name: str, clean: pd.DataFrame, faults: Faults) -> None:
    """Say what disclosure control would hide, or that a table at fault kept it from being told."""
    before = len(faults.errors)
    lines: list[str] | None = None
    with faults.check():
        lines = hidden_figures(study, name, clean)
    for line in lines or ():
        print(line)
    if lines is None and len(faults.errors) == before:
        faults.leave(f"what would be hidden of {name} to protect small groups")


def _unanswered(study: Study, name: str, cleaned: Cleaned, faults: Faults, earlier: bool) -> None:
    """Keep each figure that the configuration wants of a question that nobody answered.

    Its table is empty; what stands on such a question alone has no answer to be made of.
    """
    questions = codebook(study, name)
    # What identifies somebody is left out at reading, and has no column.
    kept = [q.name for q in questions if q.name in cleaned.frame]
    nobody = {column for column in kept if cleaned.frame[column].isna().all()}
    hint = "take it out until somebody has answered"
    for place, indicator in enumerate(study.section("indicators") or ()):
        for key in ("variable", "denominator"):
            if indicator["population"] == name and indicator.get(key) in nobody:
                at = f"indicators.{place}.{key}"
                problem = "nobody answered this question, of which a figure is wanted"
                faults.add(study.mistake(problem, at, indicator[key], hint))
    models = study.section("models")
    if not earlier:
        _undrawn(study, name, nobody, faults)
    if "imputation" not in models:
        return
    for model, declared in models.get("declared", {}).items():
        if declared["population"] == name:
            derived = study.population(name).raw.get("derive", {})
            for question in sources_of(of_model(declared), questions, derived):
                if question in nobody:
                    at = f"models.declared.{model}"
                    problem = "nobody answered this question, which is to be imputed"
                    faults.add(study.mistake(problem, at, question, hint))


def _undrawn(study: Study, name: str, nobody: Collection[str], faults: Faults) -> None:
    """Keep each figure of a model that has no answers to be fitted to."""
    models = study.section("models").get("declared", {})
    for figure, spec in study.section("figures").items():
        declared = models.get(spec.get("model", ""))
        if declared is None or declared["population"] != name:
            continue
        empty = [question for question in of_model(declared) if question in nobody]
        if empty:
            faults.add(
                study.mistake(
                    f"nobody answered {empty[0]}, without which this model cannot be fitted",
                    f"figures.{figure}.model",
                    spec["model"],
                    "take the figure out until somebody has answered",
                )
            )


def _losses(study: Study, name: str, responses: pd.DataFrame, cleaned: Cleaned) -> list[str]:
    """Say which question lost answers to which rule, what was not checked, what may be a code."""
    most = warn_share(study.population(name).raw)
    questions = codebook(study, name)
    lines = []
    for row in losses(cleaned.changes, responses, codebook(study, name)).to_dict("records"):
        loud = "WARNING: " if row["share"] > most else ""
        lines.append(
            f"  {loud}{row['lost']} of {row['answered']} answers to {row['variable']} lost to "
            f"{row['rule']} ({100 * row['share']:.1f} %), as {row['examples']}"
        )
    nobody = [
        q.name
        for q in questions
        if q.disclosure == "open" and q.type != "derived" and cleaned.frame[q.name].isna().all()
    ]
    if nobody:
        lines.append(f"  WARNING: nobody answered {', '.join(nobody)}: their tables will be empty")
    for question, lacking in unchecked(responses, questions).items():
        lines.append(
            f"  not checked: the rules of {question}, which ask for {', '.join(lacking)}: "
            "nobody in the export has an answer to it"
        )
    for question, codes in missing_codes(cleaned.frame, questions).items():
        said = ", ".join(f'"{code}"' for code in codes)
        lines.append(
            f"  WARNING: {question} has {', '.join(codes)}; if it says that there is no answer: "
            f"sources.missing: {{{question}: [{said}]}}"
        )
    return lines


def _form(questions: Questionnaire) -> list[str]:
    """Say what of the form is not read, what was inferred, and whether it asks for consent."""
    lines = [f"  {note}" for note in questions.notes]
    if questions.find_role("id") is None:
        lines.append(
            "  no question has the role id: each row of the export is an interview, under the "
            "number of its row; who answered twice or was not invited cannot be known"
        )
    if questions.find_role("consent") is None:
        lines.append(
            "  no question has the role consent: nobody is set aside for refusing "
            "(cleaning.consent names one)"
        )
    return lines


def _columns(responses: Responses) -> str:
    found = responses.columns
    questions = found.loc[found["question"] != "", "question"].nunique()
    others = int((found["question"] == "").sum())
    line = f"  {responses.dialect}: {questions} questions, {others} other columns"
    dropped = found.loc[found["matched"] == DROPPED, "header"].tolist()
    if dropped:
        # The header of a question may be all its words.
        named = ", ".join(h if len(h) <= LONGEST else f"{h[:LONGEST].rstrip()}…" for h in dropped)
        line += f"\n  not kept: {named} (sources.keep names what a study needs)"
    return line


def _cleaned(study: Study, name: str, cleaned: Cleaned) -> list[str]:
    flow = cleaned.flow.set_index("stage")["count"]
    lines = [f"  {flow['received']} received, {flow['complete']} complete"]
    hints = {rule["id"]: rule.get("hint", "") for rule in rules_of(study, name)}
    for rule, hint in hints.items():
        rows = cleaned.quarantine[cleaned.quarantine["rule"] == rule]
        if len(rows):
            listed = ", ".join(str(r) for r in rows["source_row"].head(6))
            more = ", ..." if len(rows) > 6 else ""
            reason = rows["reason"].iloc[0] if rows["reason"].nunique() == 1 else rule
            do = f"; {hint}" if hint not in ("", "nothing") else ""
            lines.append(f"  {len(rows):>6} set aside: {reason} (rows {listed}{more}){do}")
            if reason == rule:
                lines += _reasons(rows)
    counts = cleaned.counts.groupby("rule", sort=False)["cells"].sum()
    for rule, cells in counts.items():
        variables = cleaned.counts.loc[cleaned.counts["rule"] == rule, "variable"].tolist()
        shown = ", ".join(variables[:4]) + (", ..." if len(variables) > 4 else "")
        lines.append(f"  {cells:>6} cells changed: {rule} ({shown})")
    suspect = cleaned.quarantine["rule"].isin(["speeder", "straight-lining", "near-identical"])
    if "enumerator" in cleaned.quarantine and suspect.any():
        by = cleaned.quarantine.loc[suspect, "enumerator"].value_counts()
        several = by[by > 1]
        if len(several):
            listed = ", ".join(f"{who} ({count})" for who, count in several.items())
            lines.append(f"         of them by one enumerator: {listed}")
    for question, reason in unchecked_rules(codebook(study, name)).items():
        lines.append(f"  not checked: a rule of {question} ({reason})")
    return lines


def _reasons(rows: pd.DataFrame, most: int = 3) -> list[str]:
    """Say why rows were set aside by one rule, each for a reason of its own."""
    said = [
        f"         row {row}, {number}: {why}"
        for row, number, why in rows[["source_row", "respondent", "reason"]].itertuples(index=False)
    ]
    return [*said[:most], *([f"         and {len(said) - most} more"] if len(said) > most else [])]


def _review(study: Study, name: str, review: pd.DataFrame) -> list[str]:
    if review.empty:
        return []
    where = study.paths.review(name).relative_to(study.root)
    lines = [f"  {len(review):>6} to look at ({where}):"]
    for entry in review.head(8).to_dict("records"):
        guess = f", perhaps {entry['candidate']}" if entry["candidate"] else ""
        verb = "add it to" if entry["kind"] == "spelling" else "code it in"
        lines.append(
            f"         {entry['variable']} {entry['value']!r} (rows {entry['rows']}){guess}: "
            f"{verb} {entry['file']}"
        )
    if len(review) > 8:
        lines.append(f"         and {len(review) - 8} more")
    return lines
