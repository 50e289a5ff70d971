"""The lists of choices of an XLSForm."""

from __future__ import annotations

from ngo_survey.codebook.question import Choice
from ngo_survey.codebook.xlsform_findings import Findings
from ngo_survey.codebook.xlsform_sheets import YES


def choice_lists(found: Findings, sheet: str) -> dict[str, tuple[Choice, ...]]:
    """Return the lists of the sheet ``choices`` or ``external_choices``.

    A choice twice, as lists have it that are filtered by region, is one where the form allows it;
    rows that name no list are left out, as field tools do.
    """
    lists: dict[str, dict[str, Choice]] = {}
    twice = found.sheets.setting("allow_choice_duplicates").casefold() in YES
    for row in found.sheets.rows.get(sheet, []):
        listed, name = row["list_name"], row["name"]
        if not listed:
            if name:
                place = f"(sheet {sheet}, row {row.number})"
                found.notes.append(f"the choice {name} {place}: it names no list")
            continue
        known = lists.setdefault(listed, {})
        if not name:
            found.fault("this choice has no name", row, "name", sheet=sheet, hint="name it")
        elif name not in known:
            known[name] = Choice(name, found.words(row.label, f"{listed}/{name}", name))
        elif sheet == "choices" and not twice:
            found.fault(
                f"the list {listed} has this choice twice", row, "name", name,
                "rename it, or write yes under allow_choice_duplicates in the sheet settings",
                sheet,
            )  # fmt: skip
        elif any(known[name].labels[code] != text for code, text in row.label.items()):
            found.notes.append(
                f"the label of the choice {listed}/{name} in row {row.number}: "
                "that of its first row is shown"
            )
    return {listed: tuple(choices.values()) for listed, choices in lists.items()}
