"""The rules of the form: what it forbids, what it did not ask, what has to add up.

Each takes the ledger and what the study gives, and blanks or completes cells.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.ingest.choices import NONE_TICKED
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.distinct_texts import kinds
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.reading_rules import asked


def holds(
    ledger: Ledger, rule: str, name: str, not_asked: Mapping[str, pd.Series] | None = None
) -> pd.Series:
    """Return where a rule of the form holds, or where nobody can know whether it does.

    With ``not_asked`` an answer that is not there is unknown, unless the form did not ask for it.
    """
    parsed = parse_rule(rule, ledger.questions, name)
    names = [n for n in parsed.variables if n in ledger.frame]
    answers = {n: ledger.distinct(n).codes for n in names}
    unknown = {}
    for variable in names if not_asked is not None else ():
        gone = answers[variable] < 0
        empty = not_asked.get(variable) if not_asked else None
        unknown[variable] = gone if empty is None else gone & ~empty.to_numpy()
    # Of rows with the same answers one is judged: a rule looks at one interview.
    told_apart = [*answers.values(), *(rows.astype(np.int8) for rows in unknown.values())]
    kind, first = kinds(told_apart, len(ledger.frame))
    named = ledger.frame[names].iloc[first]
    # Nothing ticked is an answer, and empty to the form.
    many = [n for n in names if ledger.questions.question(n).type == "select_multiple"]
    ticked = {n: named[n].mask(named[n] == NONE_TICKED, "") for n in many}
    known = parsed.evaluate(named.assign(**ticked), {n: rows[first] for n, rows in unknown.items()})
    truth = known.fillna(True).to_numpy(dtype=bool)
    return pd.Series(truth[kind], index=ledger.frame.index)


def blank_out_of_range(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Blank a number that its constraint in the form forbids (an implausible year, 120 %)."""
    for question in asked(ledger):
        if not question.numeric or not question.constraint or "${" in question.constraint:
            continue
        ledger.blank(question.name, ~holds(ledger, question.constraint, question.name))


def drop_none_beside_others(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Drop `none` where other choices stand beside it."""
    for question in asked(ledger):
        if question.type == "select_multiple" and "none" in question.choice_names:

            def drop(text: str) -> str:
                words = text.split()
                return " ".join(w for w in words if w != "none") if len(words) > 1 else text

            ledger.respell(question.name, drop)


def blank_broken_constraints(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Blank what breaks the form's own constraint against another answer (one rank given twice).

    Against an answer that is missing a constraint is unknown, not broken. Constraints of numbers
    alone are :func:`blank_out_of_range`'s, sums of a hundred are :func:`close_constant_sums`'s.
    """
    for question in asked(ledger):
        alone = question.numeric and "${" not in question.constraint
        if not question.constraint or alone or question.form == "constant_sum":
            continue
        # To a form nothing ticked is an empty answer, of which no constraint is asked.
        nothing = ledger.frame[question.name] == NONE_TICKED
        broken = ~holds(ledger, question.constraint, question.name, {})
        ledger.blank(question.name, broken & ~nothing)


def blank_skipped(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Blank answers to questions that the form's skip rules did not ask.

    A rule over an answer that is not there (not exported, not given, blanked by another rule) is
    unknown and blanks nothing. One over a question that was itself not asked is known: for the form
    that answer is empty.
    """
    not_asked: dict[str, pd.Series] = {}
    for question in ledger.questions:
        if not question.relevant or question.type == "derived" or question.name not in ledger.frame:
            continue
        skipped = ~holds(ledger, question.relevant, question.name, not_asked)
        not_asked[question.name] = skipped
        if question.disclosure in {"open", "free_text"}:
            ledger.blank(question.name, skipped)


def close_constant_sums(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Make parts add up to 100: rescale near misses, blank the rest.

    Within ``tolerance`` the parts are rescaled and rounded by largest remainders, so that they
    stay whole numbers; beyond it the whole battery is blanked: nobody knows what was meant.
    """
    tolerance = float(inputs.options.get("constant_sum_tolerance", 5))
    for battery in ledger.questions.batteries:
        items = ledger.questions.battery(battery)
        if items[0].form != "constant_sum":
            continue
        names = [q.name for q in items]
        parts = pd.DataFrame({name: _numbers(ledger, name) for name in names})
        # Parts with decimals that add up to 100 on paper may miss it by the last digit of a double.
        total = parts.sum(axis=1, min_count=1).round(9)
        ones = (total - 1).abs().le(0.011)
        if ones.any():
            raise ledger.refuse(
                ones,
                names[0],
                f"the parts of {battery} add up to 1 and not to 100",
                f"if they are shares of one: sources.shares: [{battery}]; if not, correct them",
            )
        # A part left empty beside a full hundred is nothing.
        filled = parts.mask(parts.isna().to_numpy() & (total == 100).to_numpy()[:, None], 0.0)
        incomplete = filled.isna().any(axis=1)
        near = ~incomplete & (total != 100) & ((total - 100).abs() <= tolerance)
        scaled = _largest_remainder(filled[near], 100)
        lost = ~near & (total != 100) & total.notna()
        lost |= incomplete & total.notna()
        for name in names:
            column = ledger.frame[name]
            empty = column.isna() & filled[name].notna()
            if empty.any():
                ledger.change(name, column.mask(empty, "0"), "empty-part")
            if near.any():
                rescaled = scaled[name].map("{:.0f}".format).reindex(column.index)
                ledger.change(name, ledger.frame[name].mask(near, rescaled), "rescaled")
            ledger.blank(name, lost, "rejected")


def _numbers(ledger: Ledger, name: str) -> pd.Series:
    spelled = ledger.distinct(name)
    values = np.array([*map(float, map(str, spelled.texts)), np.nan])
    return pd.Series(values[spelled.codes], index=ledger.frame.index)


def _largest_remainder(parts: pd.DataFrame, total: int) -> pd.DataFrame:
    """Scale rows of parts to ``total`` and round so that each row adds up (Hare's method)."""
    exact = parts.mul(total / parts.sum(axis=1), axis=0)
    whole = np.floor(exact + 1e-9)
    short = (total - whole.sum(axis=1)).round().astype(int).to_numpy()
    # A stable order: the largest remainder first, the earlier item where two are equal.
    order = np.argsort(-(exact - whole).to_numpy(), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    return whole + (rank < short[:, None])
