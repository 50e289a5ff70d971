"""What each kind of figure can draw: of which tables, which of their figures, which outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.study.declared_pairs import declared_pair
from ngo_survey.study.declared_weighting import margins_of
from ngo_survey.tables.declared import STATISTICS

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study.known_names import KnownNames
    from ngo_survey.tables.declared import TableSpec

#: Kinds that draw answers to one question, and those that draw the items of a battery.
OF_ANSWERS = ("bars", "stacked", "letters", "gap", "expected")
OF_ITEMS = ("items", "heat", "ranking", "likert")
#: Kinds that draw pairs of answers, and those that draw probabilities by a model.
OF_PAIRS = ("crossing", "together")
OF_OUTCOMES = ("effects", "contrasts", "predictions", "calibration")
#: What a kind draws unless its `statistic` says otherwise; `proportion` where none stands here.
DRAWN = {"ranking": "mean"}
#: What `scatter` draws across and up.
SCATTERED = ("proportion", "mean")
#: Figures that a table has for each answer, and for each item of a battery.
BY_ANSWER, BY_ITEM = "proportion", "mean_share"
#: Figures of a table that are of no single answer.
OF_NO_ANSWER = frozenset(
    {
        *("mean", "median", "p25", "p75", "total", "mean_answers", "mean_share", "any"),
        *("top_two", "bottom_two", "net"),
    }
)
#: The answers that `likert` parts at the one in the middle.
RATED = ("1", "2", "3", "4", "5")
#: Models of the chance of each level of an outcome.
OF_LEVELS = ("ordinal", "partial", "multinomial")
Tables = Mapping[str, "TableSpec"]


def check_fit(names: KnownNames, figure: Mapping[str, Any], tables: Tables, where: str) -> None:
    """Raise ConfigError for a figure that its kind cannot draw of what it names.

    ``tables``: the spec of every table, by its id and by ``<id>_by_<banner>``. Names that there are
    none of are told by :func:`.figure_names.check_figure`.
    """
    kind = figure["kind"]
    named = [entry["analysis"] for entry in (figure, *figure.get("analyses", ())) if
             "analysis" in entry]  # fmt: skip
    for key in ("table", "battery"):
        groups = figure.get("groups") or names.study.sides or names.study.populations
        named += [
            f"{names.study.populations[group].table_prefix}{figure[key]}"
            for group in groups
            if key in figure and group in names.study.populations
        ]
    for name in named:
        if kind in OF_PAIRS and name in tables:
            raise names.study.mistake(
                f"a figure of the kind {kind} draws pairs of answers, and this is a table",
                f"{where}.analysis",
                name,
                "name one of tables.pairs, or take another kind",
            )
        if kind not in OF_PAIRS and name in names.study.section("tables").get("pairs", {}):
            raise names.study.mistake(
                f"a figure of the kind {kind} draws a table, and these are pairs of answers",
                f"{where}.analysis",
                name,
                f"take one of the kinds {' and '.join(OF_PAIRS)}",
            )
        if name in tables and kind != "scatter":
            _table(names, figure, tables[name], where)
        elif name in names.study.section("tables").get("pairs", {}):
            _pairs(names, figure, tables, where)
    if kind == "bars" and len(figure["analyses"]) > 2:
        raise names.study.mistake(
            "a figure of the kind bars draws one table, or two side by side",
            f"{where}.analyses",
            len(figure["analyses"]),
            "take the others out",
        )
    if kind == "scatter":
        _scatter(names, figure, tables, where)
    if kind == "margins" and figure["population"] in names.study.populations:
        said = names.study.population(figure["population"]).raw["weighting"]
        names.known(figure["variable"], margins_of(said), f"{where}.variable", "margin")
    model = names.study.section("models").get("declared", {}).get(figure.get("model", ""))
    if model is not None and kind in OF_OUTCOMES:
        _outcome(names, figure, model, where)


def _scatter(names: KnownNames, figure: Mapping[str, Any], tables: Tables, where: str) -> None:
    """Refuse anything but two batteries about the same items, the first with the answer drawn."""
    if len(figure["analyses"]) != 2:
        raise names.study.mistake(
            "a figure of the kind scatter draws two batteries",
            f"{where}.analyses",
            len(figure["analyses"]),
            "name the one that is drawn across, then the one that is drawn up",
        )
    items: list[set[str]] = []
    for place, (entry, statistic) in enumerate(zip(figure["analyses"], SCATTERED, strict=True)):
        at = f"{where}.analyses.{place}"
        spec = tables.get(entry["analysis"])
        if spec is None or spec.form == "group":
            return
        if len(spec.variables) < 2 or spec.form == "multiple" or entry["analysis"] != spec.id:
            raise names.study.mistake(
                "a figure of the kind scatter draws the items of batteries, of all respondents",
                at,
                spec.id,
                "name a battery without a banner",
            )
        names.known(
            statistic, spec.statistics or STATISTICS[spec.form], at, f"statistic of {spec.id}"
        )
        items.append(set(spec.items))
        choices = _choices(names.books.get(spec.population), spec)
        if not place and choices:
            names.known(figure["category"], choices, f"{where}.category", f"answer of {spec.id}")
    if not items[0] & items[1]:
        raise names.study.mistake(
            "the two batteries of a scatter have no item in common",
            f"{where}.analyses",
            [entry["analysis"] for entry in figure["analyses"]],
            "name two batteries about the same items",
        )


def _pairs(names: KnownNames, figure: Mapping[str, Any], tables: Tables, where: str) -> None:
    """Refuse pairs that a kind cannot draw, and those of questions whose shares it lacks."""
    pairs = declared_pair(names.study, figure["analysis"])
    book = names.books.get(pairs.population)
    same = pairs.rows == pairs.columns and not pairs.of_rows
    if figure["kind"] == "together" and not (same and book is not None and pairs.rows in book):
        raise names.study.mistake(
            "a figure of the kind together draws pairs of answers to one question with many "
            "answers, as shares of all",
            f"{where}.analysis",
            pairs.name,
            "take the kind crossing",
        )
    prefix = names.study.population(pairs.population).table_prefix
    for question in (pairs.columns,) if pairs.of_rows else (pairs.rows, pairs.columns):
        spec = tables.get(prefix + question)
        if spec is None or (spec.statistics and BY_ANSWER not in spec.statistics):
            raise names.study.mistake(
                f"the figure draws these pairs beside the shares of {question}, which no table has",
                f"{where}.analysis",
                pairs.name,
                f"let {question} have its table (tables.all_questions, or tables.more without an "
                "id), or take the figure out",
            )


def _table(names: KnownNames, figure: Mapping[str, Any], spec: TableSpec, where: str) -> None:
    kind = figure["kind"]
    several = len(spec.variables) > 1
    statistic = figure.get("statistic", DRAWN.get(kind, BY_ANSWER))
    if spec.form == "group":
        return
    if kind in OF_ITEMS and not several:
        problem = f"a figure of the kind {kind} draws the items of a battery"
        raise names.study.mistake(
            problem, f"{where}.analysis", spec.id, f"take one of {', '.join(OF_ANSWERS)}"
        )
    if kind == "likert" and spec.form in STATISTICS:
        rated = [c for c in _choices(names.books.get(spec.population), spec) if c.isdigit()]
        if sorted(rated) != list(RATED):
            raise names.study.mistake(
                "a figure of the kind likert draws ratings from 1 to 5",
                f"{where}.battery",
                spec.question,
                "take one of items, heat, ranking",
            )
    if kind in OF_ANSWERS and several and statistic == BY_ANSWER and spec.form != "multiple":
        problem = f"a figure of the kind {kind} draws the answers to one question"
        raise names.study.mistake(
            problem, f"{where}.analysis", spec.id, f"take one of {', '.join(OF_ITEMS)}"
        )
    drawn = kind in (*OF_ANSWERS, *OF_ITEMS, "intervals")
    if drawn:
        at = f"{where}.statistic" if "statistic" in figure else f"{where}.analysis"
        names.known(
            statistic, spec.statistics or STATISTICS[spec.form], at, f"statistic of {spec.id}"
        )
    if kind in OF_ANSWERS and statistic not in (BY_ANSWER, BY_ITEM):
        raise names.study.mistake(
            f"a figure of the kind {kind} draws a share for each answer",
            f"{where}.statistic",
            statistic,
            "take the kind intervals",
        )
    if "category" in figure and statistic == BY_ANSWER:
        book = names.books.get(spec.population)
        choices = _choices(book, spec)
        if choices:
            names.known(figure["category"], choices, f"{where}.category", f"answer of {spec.id}")
    if kind == "intervals":
        _one_figure(names, figure, spec, where)


def _one_figure(names: KnownNames, figure: Mapping[str, Any], spec: TableSpec, where: str) -> None:
    """Refuse an answer or item that the drawn figure is not of, and the want of one that it is."""
    statistic = figure.get("statistic", BY_ANSWER)
    if "category" in figure and statistic in OF_NO_ANSWER:
        raise names.study.mistake(
            f"the {statistic} of {spec.id} is of no single answer",
            f"{where}.category",
            figure["category"],
            "take the category out",
        )
    for key, there in (("category", statistic == BY_ANSWER), ("item", len(spec.variables) > 1)):
        if there and key not in figure:
            raise names.study.mistake(
                f"the table {spec.id} has this figure for each {key}, and one is drawn",
                f"{where}.{key}",
                hint=f"name the {key}",
            )


def _choices(book: Questionnaire | None, spec: TableSpec) -> list[str]:
    if book is None or spec.variables[0] not in book:
        return []
    return list(book.question(spec.variables[0]).choice_names)


def _outcome(
    names: KnownNames, figure: Mapping[str, Any], model: Mapping[str, Any], where: str
) -> None:
    """Refuse an outcome that a model has no probability of, and predictions of numbers."""
    book = names.books.get(model["population"])
    if book is None or model["outcome"] not in book:
        return
    levels = list(book.question(model["outcome"]).choice_names)
    if model["kind"] == "binomial" and levels:
        levels = ["+".join(e for e in levels if e in model.get("event", levels[-1:]))]
    elif model["kind"] not in OF_LEVELS:
        levels = []
    if not levels:
        raise names.study.mistake(
            f"a figure of the kind {figure['kind']} draws the chance of an outcome, and a model of "
            f"the kind {model['kind']} has none",
            f"{where}.model",
            figure["model"],
            "print a table of the model's effects in a chapter",
        )
    if "outcome" in figure:
        names.known(figure["outcome"], levels, f"{where}.outcome", "outcome of the model")
    if figure["kind"] == "predictions":
        terms = [term.variable for term in terms_of(model["terms"])]
        chosen = [
            name
            for name in terms
            if name in book and book.question(name).choices and book.question(name).form != "rating"
        ]
        for name in figure["variables"]:
            names.known(name, chosen, f"{where}.variables", "term of the model with levels")
