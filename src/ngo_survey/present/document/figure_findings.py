"""Which findings a declared figure shows: a title above it may claim these and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ngo_survey.present.document.findings import Finding, Record

if TYPE_CHECKING:
    import pandas as pd

#: Statistics of a table as a whole: drawn only where a figure names them.
WHOLE_TABLE = frozenset({"mean_answers"})


def shows(figure: Mapping[str, Any], finding: Finding, sides: Sequence[str] = ()) -> bool:
    """Say whether a figure, as ``figures`` of the configuration declares it, shows a finding.

    Shown is a difference of two columns that are both drawn, a gap of a table whose two groups of
    respondents (``sides``) are, an effect of the model that is drawn, a change of a table drawn by
    wave.
    """
    if "wave" in figure:
        return False
    if finding.kind == "effect":
        return _draws_effect(figure, finding.row)
    return _draws_row(figure, finding.row) and _draws_table(figure, finding, sides)


def draws_bars(
    figure: Mapping[str, Any], finding: Finding, estimates: Callable[[str], pd.DataFrame]
) -> bool:
    """Say whether the bars that a finding is of are drawn: stacked ones are whole or not at all.

    ``estimates`` gives the rows of the family ``estimates`` of one table. Of a bar of which a part
    is hidden a figure says that it is not shown; a title that named its share would be looked for
    in vain.
    """
    if figure["kind"] != "stacked":
        return True
    ends = [finding.row, *([finding.other] if finding.other is not None else [])]
    for end in ends:
        table = estimates(str(end["analysis"]))
        bar = (table["statistic"] == end["statistic"]) & (table["by_level"] == end["by_level"])
        if table.loc[bar, "estimate"].isna().any():
            return False
    return True


def _draws_effect(figure: Mapping[str, Any], row: Record) -> bool:
    variables = figure.get("variables") or [figure.get("variable") or row["variable"]]
    return (
        figure.get("model") == row["model"]
        and "term" not in figure
        and row["variable"] in variables
        and row["outcome"] == figure.get("outcome", row["outcome"])
    )


def _draws_row(figure: Mapping[str, Any], row: Record) -> bool:
    """Say whether a figure that draws a table draws this row of it."""
    statistic, left_out = row["statistic"], set(figure.get("leave_out", ()))
    return (
        row["category"] == figure.get("category", row["category"])
        and not {row["category"], row["item"]} & left_out
        and (statistic == figure.get("statistic", statistic))
        and (statistic not in WHOLE_TABLE or "statistic" in figure)
    )


def _draws_table(figure: Mapping[str, Any], finding: Finding, sides: Sequence[str]) -> bool:
    table = finding.row["analysis"]
    match finding.kind:
        case "gap":
            drawn = set(sides) <= set(figure.get("groups", sides))
            return drawn and table in {figure.get("table"), figure.get("battery")}
        case "change":
            return figure["kind"] == "slope" and table == figure["analysis"]
        case "split" if finding.other is not None:
            levels = {finding.row["by_level"], finding.other["by_level"]}
            return table in _banners(figure) and levels <= (_levels(figure) or levels)
    return False


def _banners(figure: Mapping[str, Any]) -> set[str]:
    """Return the tables by a banner that a figure draws whole or in part."""
    drawn = [str(part["analysis"]) for part in figure.get("analyses", ())]
    table = str(figure.get("analysis", ""))
    banners = [*figure.get("banners", ()), *([figure["banner"]] if "banner" in figure else [])]
    return {*drawn, table, *(f"{table}_by_{banner}" for banner in banners)}


def _levels(figure: Mapping[str, Any]) -> set[str]:
    """Return the columns that a figure draws where it names some."""
    return {str(part["level"]) for part in figure.get("analyses", ()) if "level" in part}
