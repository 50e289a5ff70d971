"""The rules on answers. Each takes the ledger and what the study gives, and changes cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.errors import Faults, SurveyError, nearest
from ngo_survey.ingest import missing
from ngo_survey.ingest.choices import NAMES, NONE_TICKED, Choices, listed
from ngo_survey.ingest.cleaning import numbers
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.distinct_texts import kinds
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.decode import Decoded, decode

SPACES = re.compile(r"\s+")
LETTER = re.compile(r"[^\W\d_]")
NUMBER, WHOLE = re.compile(r"^-?\d+(?:\.\d+)?$"), re.compile(r"^-?\d+$")


def asked(ledger: Ledger) -> list[Question]:
    """Return the questions whose answers are cleaned: all but paradata and contact details."""
    return [
        q for q in ledger.questions if q.disclosure in {"open", "free_text"} and q.type != "derived"
    ]


def blank_missing_codes(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Blank what says that there is no answer: declared codes, and what R and pandas write.

    Neither a choice of the question nor a declared alias is one.
    """
    for question in asked(ledger):
        codes = missing.codes_of(question, inputs.sources)
        choices = Choices(question, inputs.aliases.get(question.list_name, {}))
        codes = frozenset(code for code in codes if not choices.aliased(code))

        def tidy(text: str, codes: frozenset[str] = codes) -> object:
            written = text.strip()
            return np.nan if {written, re.sub(r"\.0+$", "", written)} & codes else text

        ledger.respell(question.name, tidy)


def normalise_text(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Compose letters (NFC), turn every run of spaces into one, trim."""

    def tidy(text: str) -> object:
        return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip() or np.nan

    for question in asked(ledger):
        ledger.respell(question.name, tidy)


def reading(ledger: Ledger, inputs: CleaningInputs) -> Decoded:
    """Return how answers are read: found once, from the export as it came."""
    if ledger.decoded is None:
        answers = inputs.sources.get("answers", "")
        ledger.decoded = decode(
            ledger.frame,
            ledger.questions,
            inputs.aliases,
            answers,
            ledger.file,
            lambda name: ledger.distinct(name).texts,
        )
        ledger.frame = ledger.decoded.frame
    return ledger.decoded


def apply_aliases(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Turn aliases, labels in any language and names in other letters into choice names.

    Raises
    ------
    InputError: an answer that can be read in two ways.
    """
    known = reading(ledger, inputs)
    for question in asked(ledger):
        if question.name not in known.choices:
            continue
        choices, system = known.choices[question.name], known.system[question.name]
        column = ledger.frame[question.name]
        done = known.done.get(question.name)
        left = ledger.distinct(question.name)
        if done is not None:
            left = left.kept(~done.loc[column.index].to_numpy(dtype=bool))
        read: dict[str, str] = {}
        for text in map(str, left.texts):
            ways = ways_to_read(choices, text, system)
            if len(ways) > 1:
                at = column == text if done is None else (column == text) & ~done
                raise _two_ways(ledger, question, text, at, ways, choices.readings(text))
            if ways:
                read[text] = " ".join(ways[0])
        if not any(old != new for old, new in read.items()):
            continue

        def read_as(text: str, read: dict[str, str] = read) -> str:
            return read.get(text, text)

        if done is None:
            ledger.respell(question.name, read_as)
        else:
            made = column.map(read_as, na_action="ignore")
            ledger.change(question.name, column.mask(~done, made))


def ways_to_read(choices: Choices, text: str, system: str) -> list[tuple[str, ...]]:
    """Return the ways to read a cell: none where nobody knows it, several where nobody can tell."""
    if choices.question.type != "select_multiple":
        return [(choice,) for choice in sorted(choices.one(text, system))]
    if text == NONE_TICKED:
        return [(text,)]
    words = tuple(text.split())
    if system == NAMES and not choices.aliases and set(words) <= set(choices.question.choice_names):
        return [words]
    return choices.many(text, system)


def _two_ways(
    ledger: Ledger,
    question: Question,
    text: str,
    at: pd.Series,
    ways: list[tuple[str, ...]],
    why: list[str],
) -> SurveyError:
    rows = ledger.frame.loc[at.index[at], "source_row"].tolist()
    said = " or ".join(" + ".join(way) for way in ways)
    reasons = f" ({'; '.join(why)})" if why else ""
    hint = f"write which it is into data/raw/aliases/{question.list_name}.csv (cleaning.aliases)"
    if all("label" in reason for reason in why) and len(why) > 1:
        hint = "export names in place of labels, or, if it is always the same one, " + hint
    return ledger.refuse(
        at.reindex(ledger.frame.index, fill_value=False),
        question.name,
        f"this answer can be read in two ways, as {said}{reasons}; rows {listed(rows)}",
        hint,
    )


def check_choices(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Refuse an answer that is no choice, or blank it where the configuration says so.

    Of several answers in one cell those that are choices stay.
    """
    known = reading(ledger, inputs)
    faults = Faults()
    for question in asked(ledger):
        if not question.choices:
            continue
        names = set(question.choice_names)
        many = question.type == "select_multiple"

        def strange(text: str, names: set[str] = names, many: bool = many) -> bool:
            return text != NONE_TICKED and not set(text.split() if many else [text]) <= names

        rows = ledger.distinct(question.name).rows(strange)
        if not rows.any():
            continue
        wrong = pd.Series(rows, index=ledger.frame.index)
        choices, system = known.choices[question.name], known.system[question.name]
        if inputs.options.get("unknown_choice", "stop") == "stop":
            faults.add(_no_choice(ledger, inputs, question, wrong, choices, system))
            continue

        def kept(text: str, choices: Choices = choices, system: str = system) -> object:
            found, _, _ = choices.with_words(text, system) if strange(text) else ([text], [], True)
            return " ".join(found) or np.nan

        if many:
            ledger.respell(question.name, kept)
        else:
            ledger.blank(question.name, wrong)
    faults.refuse()


def _no_choice(
    ledger: Ledger,
    inputs: CleaningInputs,
    question: Question,
    wrong: pd.Series,
    choices: Choices,
    system: str,
) -> SurveyError:
    first = str(ledger.frame.loc[wrong, question.name].iloc[0])
    bad = first
    if question.type == "select_multiple":
        words = choices.with_words(first, system)[1] or [first]
        bad = next((w for w in words[0].split() if w not in question.choice_names), words[0])
        bad = bad if system == NAMES else words[0]
    seen = sorted(set(ledger.frame.loc[wrong, question.name].map(str)) & missing.COMMON)
    # A number that is no choice is like none: -9 is not 9, 1.5 is not 15.
    near = "" if not LETTER.search(bad) else f"{nearest(bad, question.choice_names)} "
    hint = f"{near}Add the spelling to data/raw/aliases/{question.list_name}.csv "
    hint += "or correct the export"
    if seen:
        codes = ", ".join(f'"{code}"' for code in seen)
        hint += (
            f"; if it says that there is no answer: sources.missing: {{{question.name}: [{codes}]}}"
        )
    if set(ledger.frame.loc[wrong, question.name].map(str).map(_is_float)) == {True}:
        hint += "; if whole numbers were written with a point: sources.float_codes: true"
    return ledger.refuse(wrong, question.name, f"this is no choice of the question ({bad!r})", hint)


def _is_float(text: str) -> bool:
    return re.fullmatch(r"-?\d+\.0+", text) is not None


def order_choices(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Put the choices of a question of many answers in the questionnaire's order, each once."""
    for question in asked(ledger):
        if question.type != "select_multiple":
            continue
        place = {c: i for i, c in enumerate(question.choice_names)}

        def sort(text: str, place: dict[str, int] = place) -> str:
            if text == NONE_TICKED:
                return text
            return " ".join(sorted(set(text.split()), key=place.__getitem__))

        # Order is no answer: a change of it alone is not logged.
        ledger.respell(question.name, sort, logged=False)


def scale_shares(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Turn shares of one into parts of a hundred, where ``sources.shares`` declares them.

    It names questions, or batteries for all of theirs.
    """
    declared = set(inputs.sources.get("shares", ()))

    def scaled(text: str) -> str:
        number = text.replace(",", ".")
        if not NUMBER.match(number) or abs(Decimal(number)) > 1:
            return text
        return f"{(Decimal(number) * 100).normalize():f}"

    for question in asked(ledger):
        if declared & {question.name, question.battery} and question.numeric:
            ledger.respell(question.name, scaled)


def read_numbers(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Read numbers: drop marks of thousands and percent, turn a decimal comma into a point.

    Raises
    ------
    InputError: a number that can be read in two ways; what is no number, unless the configuration
        says to blank it.
    """
    faults = Faults()
    for question in asked(ledger):
        if not question.numeric:
            continue
        whole = question.type == "integer"
        texts = list(map(str, ledger.distinct(question.name).texts))
        read = numbers.reader(texts, whole, inputs.sources)
        two: dict[str, numbers.AmbiguousNumberError] = {}

        def number(
            text: str,
            read: Callable[[str], str] = read,
            two: dict[str, numbers.AmbiguousNumberError] = two,
        ) -> str:
            try:
                return read(text)
            except numbers.AmbiguousNumberError as ways:
                two[text] = ways
                return text

        plain = {text: number(text) for text in texts}
        if two:
            faults.add(_two_numbers(ledger, question.name, two))
            continue
        pattern = WHOLE if whole else NUMBER
        wrong = {text for text, made in plain.items() if pattern.match(made) is None}
        if wrong and inputs.options.get("unknown_choice", "stop") == "stop":
            faults.add(_no_number(ledger, question, wrong))
            continue

        def kept(
            text: str, plain: dict[str, str] = plain, wrong: Collection[str] = wrong
        ) -> object:
            return np.nan if text in wrong else plain[text]

        ledger.respell(question.name, kept)
    faults.refuse()


def _no_number(ledger: Ledger, question: Question, wrong: Collection[str]) -> SurveyError:
    what = "a whole number" if question.type == "integer" else "a number"
    hint = "write it in digits in the export"
    if question.battery and _shares(ledger.frame[question.name]):
        hint += f"; if these are shares of one: sources.shares: [{question.battery}]"
    if seen := sorted(set(wrong) & missing.COMMON):
        codes = ", ".join(f'"{code}"' for code in seen)
        hint += f", or, if it is no answer: sources.missing: {{{question.name}: [{codes}]}}"
    at = ledger.frame[question.name].isin(list(wrong))
    return ledger.refuse(at, question.name, f"this is not {what}", hint)


def _shares(column: pd.Series) -> bool:
    """Whether a column holds parts of one: fractions, and nothing above it."""
    numbers_in = pd.to_numeric(column.str.replace(",", "."), errors="coerce").dropna()
    return bool(len(numbers_in)) and bool(numbers_in.between(0, 1).all()) and (
        bool((numbers_in % 1 != 0).any())
    )  # fmt: skip


def _two_numbers(
    ledger: Ledger, name: str, two: dict[str, numbers.AmbiguousNumberError]
) -> SurveyError:
    ways = next(iter(two.values()))
    at = ledger.frame[name].isin(list(two))
    rows = ledger.frame.loc[at, "source_row"].tolist()
    return ledger.refuse(
        at,
        name,
        f"this number can be read in two ways, as {' or '.join(map(str, ways.args))}; "
        f"rows {listed(rows)}",
        'say what the marks are: sources.decimal: "." or sources.thousands: ","',
    )


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
        ledger.blank(question.name, ~holds(ledger, question.constraint, question.name, {}))


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
        total = parts.sum(axis=1, min_count=1)
        ones = (total - 1).abs().le(0.011) & (parts % 1 > 0).any(axis=1)
        if ones.any():
            raise ledger.refuse(
                ones,
                names[0],
                f"the parts of {battery} add up to 1 and not to 100",
                f"if they are shares of one: sources.shares: [{battery}]",
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
