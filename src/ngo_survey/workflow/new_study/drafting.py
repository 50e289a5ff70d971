"""A form drafted from an export: every column becomes a question, a part of one, or is left out.

Pure functions: a table of text in, a :class:`.draft.Draft` out. Nothing here is certain; every
question says what its guess goes by, and a person corrects the form.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.dates import FORMATS, readings
from ngo_survey.ingest.formats import ROW_NUMBER
from ngo_survey.ingest.missing import COMMON, WRITTEN
from ngo_survey.ingest.split import NO, YES
from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools import Tool
from ngo_survey.workflow.new_study.batteries import batteries
from ngo_survey.workflow.new_study.draft import Draft, DraftQuestion
from ngo_survey.workflow.new_study.draft_state import DraftState
from ngo_survey.workflow.new_study.given_answers import (
    NOTHING,
    NUMBER,
    OTHER,
    GivenAnswers,
    says_yes_or_no,
    sums_to,
)
from ngo_survey.workflow.new_study.headers import ColumnGroup, column_groups, plain, spelt_out
from ngo_survey.workflow.new_study.roles import CONTACT, END, NUMBERS, START, DesignRoles
from ngo_survey.workflow.new_study.scales import NO_ANSWER, UNKNOWN, ordered, unmangled
from ngo_survey.workflow.new_study.unique_names import choice_names, slug

#: A copy of a column is told by so many answers, two of them so often.
FEWEST_COPIED, FEWEST_OF_COPY = 30, 5
#: Letters of a battery's name that stand before those of an item.
MOST_OF_STEM = 16
#: A point of a rating, whose ends may have words: `1 (None at all)`, `10 - Completely`.
POINT = re.compile(r"(?P<point>\d{1,2})(?:\s*[-\u2013(:].*)?", re.DOTALL)


def draft_form(table: ExportTable, tool: Tool, roles: DesignRoles) -> Draft:
    """Draft the form of an export.

    Parameters
    ----------
    table: after :meth:`Tool.prepare`; all text, "" for no answer.
    roles: which columns hold id, weight and the rest of the design.
    """
    work = DraftState(table, roles)
    questions: list[DraftQuestion] = []
    groups = column_groups(table, tool)
    split = {group.stem for group in groups if len(group.parts) > 1}
    alone: dict[tuple[str, ...], str] = {}
    for group in groups:
        if len(group.parts) == 1 and set(group.parts) <= split - set(roles.columns):
            # Tools write answers of many twice: joined, and a column each.
            work.ignored |= dict.fromkeys(group.parts, "its answers stand in a column each")
            continue
        several = len(group.parts) > 1
        if not several and (first := _copied(work, next(iter(group.parts)), alone)):
            work.ignored |= dict.fromkeys(group.parts, f"in every row the same as {first}")
            continue
        kept = {h: p for h, p in group.parts.items() if not _left_out(work, tool, h, several)}
        if kept:
            questions += _questions(work, replace(group, parts=kept))
    questions = [
        replace(q, label=spelt_out(q.label), battery_label=spelt_out(q.battery_label))
        for q in batteries(work, questions)
    ]
    moments = pd.Series(work.moments, dtype=object)
    dates = tuple(readings(moments, FORMATS)) if work.moments else ()
    own = tuple(readings(moments, tool.DATES)) if len(dates) > 1 else ()
    return Draft(
        tuple(questions),
        work.ignored,
        work.aliases,
        _missing(work, questions),
        work.odd,
        _proposed(work, questions),
        tuple(work.shares),
        dates,
        own[0] if len(own) == 1 else "",
    )


def _left_out(work: DraftState, tool: Tool, header: str, several: bool) -> bool:
    """Note why a column is no question: nobody answered it, or the tool wrote it for itself.

    Of ``several`` columns of one question one without answers may be a choice that nobody ticked.
    """
    if header in work.roles.columns:
        return False
    own = header in tool.OWN and header not in tool.PARADATA
    if header == ROW_NUMBER or own:
        work.ignored[header] = "of the field tool" if own else "row numbers"
        return True
    if not several and not work.answers(header).counts:
        work.ignored[header] = "nobody answered it"
        return True
    return False


def _copied(work: DraftState, header: str, alone: dict[tuple[str, ...], str]) -> str:
    """Return the column before it whose answers are the same in every row, "" where none is.

    Panels and agencies deliver a question again under a name of their own; it would count twice
    among the comparisons. Columns that few answered, or that hold little, may agree by chance.
    ``alone`` are the columns so far by their cells; this one is added.
    """
    counts = work.answers(header).counts
    often = sum(n >= FEWEST_OF_COPY for n in counts.values())
    if header in work.roles.columns or often < 2 or counts.total() < FEWEST_COPIED:
        return ""
    cells = tuple(work.column(header).str.strip())
    first = alone.setdefault(cells, header)
    return first if first != header else ""


def _questions(work: DraftState, group: ColumnGroup) -> list[DraftQuestion]:
    headers = list(group.parts)
    if any(header in work.roles.columns for header in headers):
        # A column of the design stands for itself, whatever its name is like.
        rest = {h: p for h, p in group.parts.items() if h not in work.roles.columns}
        design = [_design(work, h) for h in headers if h in work.roles.columns]
        return [*design, *(_questions(work, replace(group, parts=rest)) if rest else [])]
    if len(headers) == 1:
        header = headers[0]
        label = group.label if not group.parts[header] else f"{group.label}: {group.parts[header]}"
        return [_one(work, header, group.stem, plain(label))]
    return _ticked(work, group) or _parts_of_a_whole(work, group) or _each(work, group)


def _each(work: DraftState, group: ColumnGroup) -> list[DraftQuestion]:
    """Take the columns of a group one by one; a shared list makes them a battery later."""
    made = []
    for header, part in group.parts.items():
        if not work.answers(header).counts:
            work.ignored[header] = "nobody answered it"
            continue
        named = f"{slug(group.stem, '')[:MOST_OF_STEM]} {part}"
        found = _one(work, header, named, part if part[:1].isalpha() else header)
        made.append(replace(found, battery=group.stem, battery_label=group.label))
    return made


def _design(work: DraftState, header: str) -> DraftQuestion:
    """Return the question that holds the id, the weight or another column of the design."""
    role = work.roles.columns[header]
    name = work.names.give(header, role)
    kind = "decimal" if role in NUMBERS else "text"
    made = DraftQuestion(
        name, plain(header), kind, "none", {header: ""}, disclosure="internal",
        why=work.roles.reasons.get(header, ""),
    )  # fmt: skip
    return replace(made, role="id") if role == "id" else made


def _ticked(work: DraftState, group: ColumnGroup) -> list[DraftQuestion]:
    """Return the question of many answers whose choices the columns are, and words beside it."""
    found = {header: work.answers(header) for header in group.parts}
    words = [
        header
        for header, answers in found.items()
        if not answers.ticks and OTHER.search(group.parts[header])
    ]
    ticks = [header for header in group.parts if header not in words]
    if len(ticks) < 2 or len(words) > 1 or not all(found[h].ticks for h in ticks):
        return []
    if not any(found[h].counts for h in ticks):
        return []
    labels = {header: _tick_label(group.parts[header], found[header]) for header in ticks}
    if len(set(labels.values())) < len(labels):
        labels = {header: group.parts[header] or header for header in ticks}
    # A cell says yes in words, or holds the label of its choice: another word is an answer.
    if any(
        text not in {labels[h]} and not says_yes_or_no(text)
        for h in ticks
        for text in found[h].counts
    ):
        return []
    named = choice_names(labels.values())
    targets = dict(zip(ticks, named, strict=True))
    targets = {h: f"{c}_ticked" if c == "other" and words else c for h, c in targets.items()}
    choices = {targets[h]: label for h, label in labels.items()}
    if words:
        targets |= {words[0]: "other"}
        choices |= {"other": plain(group.parts[words[0]]) or "Other"}
    name = work.names.give(group.stem, f"q{len(work.names.taken) + 1}")
    in_order = {header: targets[header] for header in group.parts}
    return [
        DraftQuestion(
            name, group.label, "select_multiple", "multiple", in_order, choices,
            work.listed(name, choices),
            why=f"{len(in_order)} columns that say yes or nothing",
        )
    ]  # fmt: skip


def _tick_label(part: str, answers: GivenAnswers) -> str:
    """Return the label of a choice: what its column says where its header is a number alone."""
    said = [text for text in answers.distinct if spelling.key(text) not in NO | YES]
    return plain(said[0]) if said and (not part or not re.search("[^\\W\\d_]", part)) else part


def _parts_of_a_whole(work: DraftState, group: ColumnGroup) -> list[DraftQuestion]:
    """Return a battery of numbers of which most respondents' add up to a whole."""
    found = {header: work.answers(header) for header in group.parts}
    if len(found) < 2 or any(a.numbers is None or a.no_numbers or a.flags for a in found.values()):
        return []
    whole = sums_to([work.column(header).str.strip() for header in group.parts])
    if whole is None:
        return []
    battery = work.names.give(group.stem, f"q{len(work.names.taken) + 1}")
    if whole == 1.0:
        work.shares.append(battery)
    return [
        DraftQuestion(
            work.names.give(f"{battery} {part}", f"{battery}_{place}"), part or header, "decimal",
            "constant_sum", {header: ""}, battery=battery, battery_label=group.label,
            why=f"the numbers of a row add up to {whole:g}",
        )
        for place, (header, part) in enumerate(group.parts.items(), start=1)
    ]  # fmt: skip


def _one(work: DraftState, header: str, stem: str, label: str) -> DraftQuestion:
    """Return the question that one column holds: the first kind that it looks like."""
    column = _Column(header, stem, label, work.answers(header))
    for kind in (_coded, _moment, _contact, _lonely, _rating, _number, _several, _chosen):
        made = kind(work, column)
        if made is not None:
            return made
    return column.question(work, "text", "text", "words that hardly come again", "free_text")


@dataclass(frozen=True)
class _Column:
    """A column: its header, what its question is called, its label and its answers."""

    header: str
    stem: str
    label: str
    answers: GivenAnswers

    def question(
        self, work: DraftState, kind: str, form: str, why: str, disclosure: str = ""
    ) -> DraftQuestion:
        """Return a question of this column under a name of its own."""
        name = work.names.give(self.stem, f"q{len(work.names.taken) + 1}")
        headers = {self.header: ""}
        return DraftQuestion(name, self.label, kind, form, headers, disclosure=disclosure, why=why)

    def choosing(
        self, work: DraftState, kind: str, form: str, why: str, choices: Mapping[str, str]
    ) -> DraftQuestion:
        """Return a question with choices."""
        made = self.question(work, kind, form, why)
        return replace(made, choices=choices, list_name=work.listed(made.name, choices))


def _coded(work: DraftState, column: _Column) -> DraftQuestion | None:
    """Codes that have labels in the file: numbers, points of a rating, or names of choices."""
    named = work.table.values.get(column.header)
    if not named or column.header not in work.table.codes:
        return None
    here = set(work.table.codes[column.header]) - {""}
    bare = sorted(here - set(named))
    none = {code for code, label in named.items() if NO_ANSWER.match(label.strip())}
    # A code for no answer that nobody has is none of the choices: SPSS takes its cells out.
    labels = {c: text for c, text in named.items() if c in here or c not in none}
    labels |= {code: code for code in bare}
    if not bare:
        return _labelled(work, column, labels)
    points = _labelled_points(labels, none)
    if none == set(named) and all(map(NUMBER.fullmatch, bare)):
        kind = "decimal" if any("." in code for code in bare) else "integer"
        made = column.question(work, kind, "number", "numbers, and labels for no answer alone")
    elif points:
        why = "points, of which the file labels some"
        made = column.choosing(work, "select_one", "rating", why, points)
    else:
        return _labelled(work, column, labels)
    if none & here:
        work.odd[made.name] = sorted(none & here)
    return made


def _labelled(work: DraftState, column: _Column, labels: Mapping[str, str]) -> DraftQuestion:
    """Choices by code; of a scale in its order, up or down as the file has it, the rest last."""
    scale = ordered(labels.values())
    if scale is None:
        return column.choosing(work, "select_one", "single", "labels of the file", labels)
    degrees = [text for text in scale if not UNKNOWN.match(text.strip())]
    given = [text for text in labels.values() if text in degrees]
    if given == degrees[::-1]:
        scale = [*given, *scale[len(degrees) :]]
    choices = dict(sorted(labels.items(), key=lambda pair: scale.index(pair[1])))
    return column.choosing(work, "select_one", "scale", "labels of the file, in an order", choices)


def _moment(work: DraftState, column: _Column) -> DraftQuestion | None:
    """Start and end of an interview, or a day."""
    formats = column.answers.date_formats
    if not formats:
        return None
    for pattern, kind in ((START, "start"), (END, "end")):
        if pattern.search(column.header) and kind not in work.names.taken:
            work.names.taken.add(kind)
            work.moments += column.answers.distinct if formats != [""] else []
            why = "moments, and so it is called"
            return DraftQuestion(kind, column.label, kind, "", {column.header: ""}, why=why)
    return column.question(work, "text", "none", "days", "internal")


def _contact(work: DraftState, column: _Column) -> DraftQuestion | None:
    """What tells who somebody is."""
    looks, called = column.answers.contact, CONTACT.search(column.header)
    if not (looks or called) or len(column.answers.counts) < 3:
        return None
    why = f"they look like {looks}" if looks else "so it is called"
    return column.question(work, "text", "none", why, "identifier")


def _lonely(work: DraftState, column: _Column) -> DraftQuestion | None:
    """One answer that some gave."""
    if len(column.answers.counts) != 1 or column.answers.filled == len(work.table.frame):
        return None
    choices = choice_names(column.answers.distinct)
    return column.choosing(work, "select_one", "single", "one answer alone", choices)


def _rating(work: DraftState, column: _Column) -> DraftQuestion | None:
    """Points of which an end has words."""
    points = _points(column.answers)
    if not points:
        return None
    return column.choosing(work, "select_one", "rating", "points, with words at an end", points)


def _number(work: DraftState, column: _Column) -> DraftQuestion | None:
    """Numbers, of which a few may be none."""
    numbers = column.answers.numbers
    if numbers is None or column.answers.flags:
        return None
    kind = "integer" if bool((numbers == numbers.round()).all()) else "decimal"
    made = column.question(work, kind, "number", "every answer is a number")
    if column.answers.no_numbers:
        work.odd[made.name] = column.answers.no_numbers
    return made


def _chosen(work: DraftState, column: _Column) -> DraftQuestion | None:
    """One of a few answers, as a scale where they have an order."""
    answers = column.answers
    if not answers.few:
        return None
    shown = {text: unmangled(text) for text in answers.distinct}
    if len(set(shown.values())) < len(shown):
        shown = {text: text for text in shown}
    scale = ordered(shown.values())
    # "Other" and what says that there is no answer stand last.
    listed = scale or sorted(shown.values(), key=lambda text: bool(UNKNOWN.match(text.strip())))
    choices = choice_names(listed)
    mangled = {text: label for text, label in shown.items() if text != label}
    why = "a few answers that come again"
    why += "; a spreadsheet made days of ranges" if mangled else ""
    why += ", in an order" if scale else ""
    made = column.choosing(work, "select_one", "scale" if scale else "single", why, choices)
    if mangled:
        by_label = {label: name for name, label in choices.items()}
        spelled = {text: by_label[label] for text, label in mangled.items()}
        work.aliases.setdefault(made.list_name, {}).update(spelled)
    return made


def _several(work: DraftState, column: _Column) -> DraftQuestion | None:
    """Several answers in one cell."""
    joined = column.answers.joined()
    if joined is None:
        return None
    joint, parts = joined
    mark = {"\n": "line breaks", ",": "commas", ";": "semicolons", "|": "bars"}[joint]
    choices = choice_names(text for text, _ in parts.most_common())
    why = f"several answers joined by {mark}"
    return column.choosing(work, "select_multiple", "multiple", why, choices)


def _labelled_points(labels: Mapping[str, str], none: Collection[str]) -> dict[str, str]:
    """Return the points of a scale of which a file labels the ends, none where it is none.

    ``labels`` by code, the code itself where there is no label; ``none`` are no answers.
    """
    points = {code: label for code, label in labels.items() if code not in none}
    if not all(re.fullmatch(r"\d{1,2}", code) for code in points):
        return {}
    low, high = min(map(int, points)), max(map(int, points))
    if low > 1 or not 2 < high <= 10 or points[str(high)] == str(high):
        return {}
    return {str(point): points.get(str(point), str(point)) for point in range(low, high + 1)}


def _points(answers: GivenAnswers) -> dict[str, str]:
    """Return the points of a rating with their labels, none where it is no rating.

    A point that nobody gave stands among those that somebody did.
    """
    found = {text: POINT.fullmatch(text) for text in answers.counts}
    if not all(found.values()) or not any(not text.isdigit() for text in found):
        return {}
    labels = {int(match["point"]): text for text, match in found.items() if match}
    low, high = min(labels), max(labels)
    if len(labels) < len(found) or len(labels) < 3 or high > 10 or low > 1:
        return {}
    return {str(point): labels.get(point, str(point)) for point in range(low, high + 1)}


def _missing(work: DraftState, questions: Sequence[DraftQuestion]) -> dict[str, str]:
    """Return what databases write into the cells of an answer that is not there.

    Words may well be a dash; what R and pandas write is read as nothing anyhow.
    """
    asked = [header for q in questions if q.type != "text" for header in q.headers]
    held = {str(text).strip() for header in asked for text in work.column(header).unique()}
    return dict.fromkeys(sorted((NOTHING - WRITTEN) & held), "no answer, as databases write it")


def _proposed(work: DraftState, questions: Sequence[DraftQuestion]) -> dict[str, list[str]]:
    """Return numbers that look like codes for no answer, by question: for a person to judge."""
    found = {}
    for question in questions:
        if question.form != "number":
            continue
        numbers = work.answers(next(iter(question.headers))).numbers
        if numbers is None or len(numbers) < 2:
            continue
        in_order = numbers.sort_values()
        codes = [t for t, n in numbers.items() if str(t) in COMMON and n < 0 <= in_order.iloc[-1]]
        if str(in_order.index[-1]) in COMMON and in_order.iloc[-1] >= 2 * in_order.iloc[-2]:
            codes.append(in_order.index[-1])
        if codes:
            found[question.name] = [str(code) for code in codes]
    return found
