"""Answers to a question of type ``rank``: a cell holds all choices in an order, ``b a c``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest import missing
from ngo_survey.ingest.choice_headers import declared
from ngo_survey.ingest.choices import NAMES, Choices
from ngo_survey.ingest.table import ExportTable

Order = tuple[str, ...]


def in_order(
    table: ExportTable, asked: list[Question], header: str, options: Mapping[str, Any]
) -> dict[str, pd.Series]:
    """Return the choice on each place, by the name of the question that stands for the place.

    Choices may come as names or labels, parted as answers of many are. An empty cell is no answer.

    Parameters
    ----------
    asked: the places in their order.
    options: ``missing``, the codes that are no answer; ``answers``, whether they are names.

    Raises
    ------
    InputError: a cell that does not hold every choice once; orders that are one as names and
        another as labels.
    """
    column = table.frame[header]
    _, orders = _read(table, asked, header, options)
    nothing = ("",) * len(asked)
    return {
        question.name: column.map(lambda text, place=place: orders.get(text, nothing)[place])
        for place, question in enumerate(asked)
    }


def holds_labels(
    table: ExportTable, asked: list[Question], header: str, options: Mapping[str, Any]
) -> bool:
    """Whether the orders of a column are written in labels. Raises as :func:`in_order`."""
    return _read(table, asked, header, options)[0] != NAMES


def _read(
    table: ExportTable, asked: list[Question], header: str, options: Mapping[str, Any]
) -> tuple[str, dict[str, Order]]:
    """Return how the orders of a column are written, and the order of each of its texts."""
    choices = Choices(asked[0])
    empty = missing.codes_of(asked[0], options) | {""}
    column = table.frame[header]
    texts = [text for text in map(str, column.unique()) if text.strip() not in empty]
    said = declared(options, *(question.name for question in asked))
    languages = [way for way in choices.labels if said in ("", "labels", way)]
    ways = ([] if said not in ("", NAMES) else [NAMES]) + languages
    read = {text: {way: o for way in ways if (o := _order(choices, text, way))} for text in texts}
    for text, orders in read.items():
        if not orders:
            raise _no_order(table, asked, header, text)
    # One that reads the whole column, where there is one: single cells may be somebody's edit.
    able = [way for way in ways if all(way in orders for orders in read.values())]
    for text, orders in read.items():
        differ = {order: way for way, order in reversed(orders.items()) if not able or way in able}
        if len(differ) > 1:
            (one, first), (other, second) = list(differ.items())[:2]
            raise InputError(
                f"this order can be read in two ways, as {' '.join(one)} ({first}) or "
                f"{' '.join(other)} ({second})",
                file=table.file,
                row=_row(column, text),
                column=header,
                value=text,
                hint=f"say how the column is written: sources.answers: {{{asked[0].name}: "
                f"{first}}} or {{{asked[0].name}: {second}}}",
            )
    way = able[0] if able else ways[-1]
    return way, {text: orders.get(way) or min(orders.values()) for text, orders in read.items()}


def _order(choices: Choices, text: str, way: str) -> Order:
    """Return the one order of all choices that a cell says in names or in labels, () if none."""
    ways = choices.in_full(text, way)
    return ways[0] if len(ways) == 1 else ()


def _no_order(table: ExportTable, asked: list[Question], header: str, text: str) -> InputError:
    choices = Choices(asked[0])
    several = choices.many(text, in_order=True)
    known = several[0] if len(several) == 1 else ()
    lacking = [c for c in asked[0].choice_names if c not in known]
    wrong = f"{', '.join(lacking)} not found" if lacking else "one stands there twice"
    return InputError(
        f"this is no order of the {len(asked)} choices of the question, each once",
        file=table.file,
        row=_row(table.frame[header], text),
        column=header,
        value=text,
        hint=f"correct the cell ({wrong}), or empty it",
    )


def _row(column: pd.Series, text: str) -> int:
    return int(column.index[(column == text).to_numpy().argmax()])
