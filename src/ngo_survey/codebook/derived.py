"""Derived variables as questions: each declaration is held against what it is made of.

The values are made in ``ingest/cleaning/derive.py``; here stands what can be known before any
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ngo_survey.codebook import filters
from ngo_survey.codebook.derivation_dependencies import linear, settled
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, Labels, Question
from ngo_survey.codebook.typing import scale
from ngo_survey.errors import ConfigError, nearest

Rule = Mapping[str, Any]
#: Keys that mean something to some operations only.
KEYS: dict[str, frozenset[str]] = {
    "tie": frozenset({"largest"}),
    "value": frozenset({"difference"}),
    "values": frozenset({"count"}),
    "except": frozenset({"count"}),
    "otherwise": frozenset({"where"}),
    "reverse": frozenset({"index"}),
    "minimum": frozenset({"index"}),
    "range": frozenset({"index"}),
    "items": frozenset({"share_of"}),
    "codes": frozenset({"coded"}),
    "levels": frozenset({"recode", "cut", "where", "largest", "coded"}),
}
#: What a level says, and the operation it belongs to.
LEVEL_KEYS = {"from": "recode", "range": "cut", "when": "where"}
#: Between the two choices in the name of a crossed level.
CROSS = "__"


def declared_question(name: str, rule: Rule, book: Questionnaire) -> Question:
    """Return a derived variable as a question.

    Raises
    ------
    ConfigError: the name is taken, a source does not exist or has answers that the operation
        cannot use, or a key belongs to another operation. ``column`` is the key below ``derive``.
    """
    if name in book or name in book.batteries:
        raise ConfigError("the questionnaire has this question", column=name, value=name)
    if rule["op"] == "where" and "of" in rule:
        raise ConfigError(
            "the operation where does not know this key",
            column=f"{name}.of",
            hint="its filters name their questions",
        )
    for key, operations in KEYS.items():
        if key in rule and rule["op"] not in operations:
            raise ConfigError(
                f"the operation {rule['op']} does not know this key",
                column=f"{name}.{key}",
                hint=f"it belongs to {', '.join(sorted(operations))}",
            )
    for source in sources(rule):
        known = [*book.questions, *book.batteries]
        if source not in known:
            raise ConfigError(
                "no such variable to derive from",
                column=f"{name}.of",
                value=source,
                hint=nearest(source, known),
            )
    for level, place, key in _level_keys(rule):
        if LEVEL_KEYS[key] != rule["op"]:
            raise ConfigError(
                f"the operation {rule['op']} does not know this key",
                column=f"{name}.levels.{level}.{key}",
                hint=f"it belongs to {LEVEL_KEYS[key]}",
            )
        if key == "when":
            _condition(str(place[key]), book, f"{name}.levels.{level}.when")
    _Check(name, rule, book).run()
    return Question(
        name=name,
        type="derived",
        labels=rule["labels"],
        titles=rule["labels"],
        choices=_levels(rule, book),
        form=rule.get("form", "single"),
        group="derived",
        linear=linear(rule, book, items(book, rule), _picked(rule, book)),
    )


def sources(rule: Rule) -> list[str]:
    """Return the variables or batteries that ``of`` names; none where filters name them."""
    of = rule.get("of", [])
    return [of] if isinstance(of, str) else list(of)


def items(book: Questionnaire, rule: Rule) -> list[Question]:
    """Return the questions that ``of`` names, each battery as its items."""
    found: list[Question] = []
    for name in sources(rule):
        found += [book.question(name)] if name in book else book.battery(name)
    return found


def named_items(book: Questionnaire, rule: Rule, key: str) -> list[Question]:
    """Return those of the items that a key names, by their name in the battery or in full."""
    wanted = set(rule.get(key, ()))
    return [q for q in items(book, rule) if q.item in wanted or q.name in wanted]


def settles(name: str, rule: Rule, book: Questionnaire) -> list[tuple[str, str]]:
    """Return pairs (fine, coarse) of answers that a rule ties: see :func:`readings.settled`."""
    return settled(name, rule, book, items(book, rule))


def _picked(rule: Rule, book: Questionnaire) -> set[str]:
    return {q.name for key in ("reverse", "items") for q in named_items(book, rule, key)}


def conditions(rule: Rule, book: Questionnaire) -> dict[str, filters.Filter]:
    """Return the filter of each level of ``where``, in order."""
    return {
        level: filters.parse(given["when"], book)
        for level, given in rule["levels"].items()
        if "when" in given
    }


def variables(rule: Rule, book: Questionnaire) -> set[str]:
    """Return the variables that a derivation reads: those that it is made of, or filters name."""
    filtered = conditions(rule, book).values() if rule["op"] == "where" else ()
    return {q.name for q in items(book, rule)}.union(*(when.variables for when in filtered))


def _level_keys(rule: Rule) -> Iterator[tuple[str, Rule, str]]:
    for level, given in rule.get("levels", {}).items():
        for key in LEVEL_KEYS:
            if key in given:
                yield level, given, key


def _condition(text: str, book: Questionnaire, where: str) -> None:
    try:
        filters.parse(text, book)
    except filters.FilterError as error:
        raise ConfigError(
            error.problem, column=where, value=error.value, hint=error.hint
        ) from error


def _levels(rule: Rule, book: Questionnaire) -> tuple[Choice, ...]:
    if rule.get("form") == "number":
        return ()
    own = tuple(Choice(level, given["labels"]) for level, given in rule.get("levels", {}).items())
    if rule["op"] == "largest":
        return tuple(Choice(q.item, q.titles) for q in items(book, rule)) + own
    if rule["op"] == "cross":
        one, other = items(book, rule)
        return tuple(
            Choice(f"{a.name}{CROSS}{b.name}", _both(a.labels, b.labels))
            for a in one.choices
            for b in other.choices
        )
    return own or items(book, rule)[0].choices


def _both(one: Labels, other: Labels) -> Labels:
    shared = [language for language in one if language in other]
    return {language: f"{one[language]}, {other[language]}" for language in shared}


class _Check:
    """Holds the sources of one rule against what its operation can use."""

    def __init__(self, name: str, rule: Rule, book: Questionnaire) -> None:
        self.name, self.rule, self.book = name, rule, book

    def run(self) -> None:
        op = self.rule["op"]
        self._level_needs(op)
        checks: dict[str, Callable[[], None]] = {
            "where": self._where,
            "count": self._count,
            "index": self._index,
            "share_of": self._share,
            "first": self._first,
            "coded": self._coded,
        }
        if op in checks:
            checks[op]()
        elif op in {"recode", "cross"}:
            self._each(_single, "is no question with one answer from a list")
        elif op in {"cut", "difference", "ratio"}:
            self._each(_numeric, "has answers that are no numbers")
        else:
            self._each(_amount, "has answers that are no amounts")
            if op != "sum" and len(items(self.book, self.rule)) < 2:
                raise self._wrong("of", "one part has nothing to be held against", None)
        if op == "cross" and len(items(self.book, self.rule)) != 2:
            raise self._wrong("of", "two questions are crossed, no battery", None)

    def _wrong(self, key: str, problem: str, value: object, hint: str = "") -> ConfigError:
        return ConfigError(problem, column=f"{self.name}.{key}", value=value, hint=hint)

    def _each(self, fits: Callable[[Question], bool], problem: str) -> None:
        for question in items(self.book, self.rule):
            if not fits(question):
                raise self._wrong("of", f"{question.name} {problem}", question.name)

    def _level_needs(self, op: str) -> None:
        levels = self.rule.get("levels", {})
        for key in ("from", "range"):
            for level, given in levels.items():
                if LEVEL_KEYS[key] == op and key not in given:
                    raise self._wrong(f"levels.{level}", f"a level has no {key}", level)
        if op == "largest" and self.rule["tie"] not in levels:
            raise self._wrong("tie", "there is no such level", self.rule["tie"], "add it to levels")

    def _where(self) -> None:
        levels = self.rule["levels"]
        open_ = [level for level, given in levels.items() if "when" not in given]
        otherwise = self.rule.get("otherwise")
        if otherwise is not None and otherwise not in levels:
            raise self._wrong(
                "otherwise", "there is no such level", otherwise, nearest(otherwise, levels)
            )
        if open_ not in ([], [otherwise]):
            level = next(level for level in open_ if level != otherwise)
            raise self._wrong(
                f"levels.{level}", "a level has no filter", level, "add when, or name it otherwise"
            )

    def _count(self) -> None:
        many = [q for q in items(self.book, self.rule) if q.many]
        if many and (len(items(self.book, self.rule)) > 1 or "values" in self.rule):
            raise self._wrong(
                "of", "choices are counted of one question, values of several", many[0].name
            )
        if not many:
            self._each(_single, "is no question with answers from a list")
            if "values" not in self.rule:
                raise self._wrong("values", "this key is missing", None, "name what is counted")

    def _index(self) -> None:
        chosen = items(self.book, self.rule)
        self._each(lambda q: scale(q) is not None or _numeric(q), "has answers that are no numbers")
        if len({scale(q) for q in chosen}) > 1:
            odd = next(q for q in chosen if scale(q) != scale(chosen[0]))
            raise self._wrong("of", f"{odd.name} has another scale than {chosen[0].name}", odd.name)
        for key in ("reverse", "range"):
            if key in self.rule and scale(chosen[0]) is None:
                raise self._wrong(key, "numbers have no ends to turn or stretch", None, "leave it")
        low, high = self.rule.get("range", (0, 1))
        if low == high:
            raise self._wrong("range", "its two ends are the same", low)
        if self.rule.get("minimum", 1) > len(chosen):
            raise self._wrong("minimum", f"there are {len(chosen)} items", self.rule["minimum"])
        self._names("reverse")

    def _share(self) -> None:
        self._each(_amount, "has answers that are no amounts")
        self._names("items")

    def _names(self, key: str) -> None:
        known = {name for q in items(self.book, self.rule) for name in (q.item, q.name)}
        for name in self.rule.get(key, ()):
            if name not in known:
                raise self._wrong(key, "there is no such item", name, nearest(name, known))

    def _coded(self) -> None:
        for name in sources(self.rule):
            asked = [q.name for q in self.book if _in_words(q)]
            if name not in asked:
                raise self._wrong(
                    "of", f"{name} is not answered in words", name, nearest(name, asked)
                )
        for level in self.rule["levels"]:
            if not level or set(level) & set(" \t\n"):
                raise self._wrong(
                    f"levels.{level}",
                    "a code has a space",
                    level,
                    "spaces part the codes of a text",
                )

    def _first(self) -> None:
        chosen = items(self.book, self.rule)
        if self.rule.get("form") == "number":
            self._each(_numeric, "has answers that are no numbers")
            return
        self._each(_single, "is no question with one answer from a list")
        for question in chosen:
            if question.choice_names != chosen[0].choice_names:
                raise self._wrong(
                    "of",
                    f"{question.name} has other choices than {chosen[0].name}",
                    question.name,
                    "recode them to the same levels first",
                )


def _single(question: Question) -> bool:
    return bool(question.choices) and not question.many


def _in_words(question: Question) -> bool:
    return question.form == "text" and question.disclosure != "identifier"


def _amount(question: Question) -> bool:
    return question.numeric or question.form == "constant_sum"


def _numeric(question: Question) -> bool:
    return _amount(question) or question.form == "rating"


def with_derived(asked: Questionnaire, rules: Mapping[str, Any]) -> Questionnaire:
    """Add the variables that the configuration derives from answers, each from those before it.

    A derived variable without ``levels`` of its own takes its choices from the variable it is made
    ``of``. Raises :class:`ConfigError` as :func:`declared_question`.
    """
    book = asked
    for name, rule in rules.items():
        book = replace(
            book, questions={**book.questions, name: declared_question(name, rule, book)}
        )
    return book
