"""Answers to a question of type ``rank``: a cell holds all choices in an order, ``b a c``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest import missing
from ngo_survey.ingest.choices import Choices
from ngo_survey.ingest.table import ExportTable


def in_order(
    table: ExportTable, asked: list[Question], header: str, options: Mapping[str, Any]
) -> dict[str, pd.Series]:
    """Return the choice on each place, by the name of the question that stands for the place.

    Choices may come as names or labels, parted as answers of many are. An empty cell is no answer.

    Parameters
    ----------
    asked: the places in their order.
    options: ``missing``, the codes that are no answer.

    Raises
    ------
    InputError: a cell that does not hold every choice once.
    """
    choices = Choices(asked[0])
    empty = missing.codes_of(asked[0], options) | {""}
    column = table.frame[header]
    orders: dict[str, tuple[str, ...]] = {}
    for text in map(str, column.unique()):
        ways = [] if text.strip() in empty else choices.many(text, in_order=True)
        every = sorted(asked[0].choice_names)
        if text.strip() not in empty and (len(ways) != 1 or sorted(ways[0]) != every):
            known = ways[0] if len(ways) == 1 else ()
            lacking = [c for c in asked[0].choice_names if c not in known]
            wrong = f"{', '.join(lacking)} not found" if lacking else "one stands there twice"
            raise InputError(
                f"this is no order of the {len(asked)} choices of the question, each once",
                file=table.file,
                row=int(column.index[(column == text).to_numpy().argmax()]),
                column=header,
                value=text,
                hint=f"correct the cell ({wrong}), or empty it",
            )
        orders[text] = ways[0] if ways else ("",) * len(asked)
    return {
        question.name: column.map({text: order[place] for text, order in orders.items()})
        for place, question in enumerate(asked)
    }
