"""Answers in words to "other, please specify", coded back to the list by people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ngo_survey.cleaning import spelling
from ngo_survey.cleaning.agreement import krippendorff_alpha
from ngo_survey.cleaning.given import Given
from ngo_survey.cleaning.ledger import Ledger
from ngo_survey.errors import InputError, nearest
from ngo_survey.questionnaire import Question

CODERS = ("coder_1", "coder_2")


def code_other(ledger: Ledger, given: Given) -> None:
    """Put the coded choice in the place of "other"; the words themselves stay where they were.

    A coders' file has ``text, coder_1, coder_2, choice``: what each coder chose, and the choice
    agreed upon where they differ. ``other`` leaves an answer as it is. Words that are in no file
    are left as "other" and proposed for coding (:mod:`ngo_survey.cleaning.review`).
    """
    for name, coding in given.codings.items():
        question = ledger.questions.question(name)
        words = ledger.frame[f"{name}_other"]
        codes = agreed(coding, question, _file(given, name))
        chosen = words.map(lambda v, codes=codes: codes.get(spelling.key(str(v))), "ignore")
        column = ledger.frame[name]
        coded = chosen.notna() & (chosen != "other") & column.notna()
        if question.type == "select_multiple":
            new = pd.Series(
                [
                    " ".join(dict.fromkeys([*(w for w in str(v).split() if w != "other"), str(c)]))
                    for v, c in zip(column[coded], chosen[coded], strict=True)
                ],
                index=column.index[coded],
                dtype=object,
            )
        else:
            coded &= column == "other"
            new = chosen[coded]
        after = column.copy()
        after[new.index] = new
        ledger.change(name, after)


def agreed(coding: pd.DataFrame, question: Question, file: str) -> dict[str, str]:
    """Return the choice of each text: the one agreed upon, else what every coder chose.

    Raises
    ------
    InputError: a missing column, a code that is no choice, coders who differ without an agreed
        choice, a text written twice.
    """
    for column in ("text", CODERS[0], "choice"):
        if column not in coding:
            raise InputError("a column is missing", file=file, value=column)
    coders = [c for c in CODERS if c in coding]
    found: dict[str, str] = {}
    for line, row in zip(range(2, len(coding) + 2), coding.to_dict("records"), strict=True):
        given = [row[c] for c in coders if pd.notna(row[c])]
        final = row["choice"] if pd.notna(row["choice"]) else None
        for column in (*coders, "choice"):
            if pd.notna(row[column]) and row[column] not in question.choice_names:
                raise InputError(
                    "this code is no choice of the question",
                    file=file,
                    row=line,
                    column=column,
                    value=row[column],
                    mend=nearest(str(row[column]), question.choice_names),
                )
        if final is None and len(set(given)) != 1:
            problem = "the coders differ" if given else "nobody coded this text"
            raise InputError(
                problem,
                file=file,
                row=line,
                column="choice",
                value=" / ".join(map(str, given)) or None,
                mend="write the choice agreed upon",
            )
        place = spelling.key(str(row["text"]))
        if place in found:
            raise InputError(
                "this text is coded twice", file=file, row=line, column="text", mend="keep one row"
            )
        found[place] = str(final or given[0])
    return found


def reliability(
    codings: Mapping[str, pd.DataFrame], seeds: Mapping[str, np.random.Generator]
) -> pd.DataFrame:
    """Return ``name, value, note``: Krippendorff's alpha of each doubly coded question.

    ``seeds`` gives each question its own random stream for the bootstrap limits.
    """
    rows = []
    for name, coding in codings.items():
        if not set(CODERS) <= set(coding):
            continue
        both = coding[list(CODERS)]
        alpha = krippendorff_alpha(both.T.to_numpy(dtype=object), rng=seeds[name])
        note = f"Krippendorff's alpha, nominal; {alpha.units} texts coded by two"
        rows += [
            {"name": f"coders_{name}", "value": alpha.value, "note": note},
            {"name": f"coders_{name}_low", "value": alpha.low, "note": "95 % bootstrap limit"},
            {"name": f"coders_{name}_high", "value": alpha.high, "note": "95 % bootstrap limit"},
        ]
    return pd.DataFrame(rows, columns=["name", "value", "note"])


def _file(given: Given, name: str) -> str:
    return str(given.options.get("coding", {}).get(name, name))
