"""Answers in words, coded by people: "other, please specify" back to its list, open questions to
levels of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.cleaning.agreement import krippendorff_alpha
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs, Coding
from ngo_survey.ingest.cleaning.ledger import Ledger

CODERS = ("coder_1", "coder_2")
#: Columns that every coders' file has.
COLUMNS = ("text", CODERS[0], "choice")


def code_other(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Put the coded choice in the place of "other"; the words themselves stay where they were.

    A coders' file has ``text, coder_1, coder_2, choice``: what each coder chose, and the choice
    agreed upon where they differ. ``other`` leaves an answer as it is. Words that are in no file
    are left as "other" and proposed for coding (:mod:`ngo_survey.ingest.cleaning.review`).
    """
    for name, coding in inputs.codings.items():
        question = ledger.questions.question(name)
        words = ledger.frame[f"{name}_other"]
        codes = agreed(coding, question, _file(inputs, name))
        chosen = words.map(lambda v, codes=codes: codes.get(text_key(str(v))), "ignore")
        column = ledger.frame[name]
        coded = chosen.notna() & (chosen != "other") & column.notna()
        if question.many:
            new = pd.Series(
                [
                    " ".join(
                        dict.fromkeys([*(w for w in str(v).split() if w != "other"), *c.split()])
                    )
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


def code_text(words: pd.Series, coding: Coding, question: Question) -> pd.Series:
    """Return the level that people gave to each text; missing where nobody coded it.

    ``question`` is the derived variable. Where it is one of many answers a text may have several
    codes, parted by spaces; they come out in the order of its levels. Words that are in no file are
    proposed for coding (:mod:`ngo_survey.ingest.cleaning.review`). Raises as :func:`agreed`.
    """
    codes = agreed(coding.table, question, coding.file)
    return words.map(lambda text: codes.get(text_key(str(text)), np.nan), "ignore").astype(object)


def text_key(text: str) -> str:
    """Return what texts are told apart by: neither case, white space nor closing marks."""
    written = spelling.key(text)
    return written.strip(" .,:;!?\"'") or written


def agreed(coding: pd.DataFrame, question: Question, file: str) -> dict[str, str]:
    """Return the choice of each text: the one agreed upon, else what every coder chose.

    Several choices, of a question of many answers, are parted by spaces; their order in the file
    says nothing.

    Raises
    ------
    InputError: a missing column, a code that is no choice, coders who differ without an agreed
        choice, a text written twice.
    """
    for column in COLUMNS:
        if column not in coding:
            raise InputError(
                "a column is missing", file=file, value=column, hint=nearest(column, coding.columns)
            )
    coders = [c for c in CODERS if c in coding]
    found: dict[str, str] = {}
    for line, row in zip(range(2, len(coding) + 2), coding.to_dict("records"), strict=True):
        codes = {
            column: _codes(str(row[column]), question, file, line, column)
            for column in (*coders, "choice")
            if pd.notna(row[column])
        }
        final = codes.pop("choice", None)
        given = list(codes.values())
        if final is None and len(set(given)) != 1:
            problem = "the coders differ" if given else "nobody coded this text"
            raise InputError(
                problem,
                file=file,
                row=line,
                column="choice",
                value=" / ".join(map(str, given)) or None,
                hint="write the choice agreed upon",
            )
        if pd.isna(row["text"]):
            raise InputError(
                "there is no text", file=file, row=line, column="text", hint="leave the row out"
            )
        at = text_key(str(row["text"]))
        if at in found:
            raise InputError(
                "this text is coded twice", file=file, row=line, column="text", hint="keep one row"
            )
        found[at] = final or given[0]
    return found


def _codes(text: str, question: Question, file: str, row: int, column: str) -> str:
    """Return the codes of a cell in the order of the choices; raises for what is no choice."""
    names = text.split() if question.many else [text]
    for name in names:
        if name not in question.choice_names:
            several = set(text.split()) <= set(question.choice_names)
            raise InputError(
                "this code is no choice of the question",
                file=file,
                row=row,
                column=column,
                value=name,
                hint="keep one code, or declare form: multiple"
                if several
                else nearest(name, question.choice_names),
            )
    return " ".join(sorted(set(names), key=question.choice_names.index))


def reliability(
    codings: Mapping[str, pd.DataFrame], seeds: Mapping[str, np.random.Generator]
) -> pd.DataFrame:
    """Return ``name, value, note``: Krippendorff's alpha of each doubly coded question.

    Coders who gave a text several codes agree on it where they gave the same ones, in any order.
    ``seeds`` gives each question its own random stream for the bootstrap limits.
    """
    rows = []
    for name, coding in codings.items():
        if not set(CODERS) <= set(coding):
            continue
        both = coding[list(CODERS)].map(lambda v: " ".join(sorted(set(v.split()))), "ignore")
        alpha = krippendorff_alpha(both.T.to_numpy(dtype=object), rng=seeds[name])
        note = f"Krippendorff's alpha, nominal; {alpha.units} texts coded by two"
        rows += [
            {"name": f"coders_{name}", "value": alpha.value, "note": note},
            {"name": f"coders_{name}_low", "value": alpha.low, "note": "95 % bootstrap limit"},
            {"name": f"coders_{name}_high", "value": alpha.high, "note": "95 % bootstrap limit"},
        ]
    return pd.DataFrame(rows, columns=["name", "value", "note"])


def _file(inputs: CleaningInputs, name: str) -> str:
    return str(inputs.options.get("coding", {}).get(name, name))
