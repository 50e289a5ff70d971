"""What models say: a forest of average marginal effects, and predicted probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import DIVERGING, GREY, INK, MAIN, PALE, WIDTH
from ngo_survey.present.figures.support import levels_apart
from ngo_survey.statistics.models.formula import Term, terms_of


def _model(picture: Picture) -> tuple[dict[str, Any], dict[str, Term]]:
    declared = picture.study.section("models")["declared"][picture.spec["model"]]
    return declared, {term.variable: term for term in terms_of(declared["terms"])}


def _refuse_nothing(picture: Picture, frame: pd.DataFrame) -> None:
    """Refuse a figure of a model that has nothing of what it draws, as one that was not fitted."""
    if frame.empty:
        raise picture.study.mistake(
            "the model has no such results: it could not be fitted, or nothing can be told of it",
            f"figures.{picture.name}.model",
            picture.spec["model"],
            "the stage model says why; mend the model, or take the figure out",
        )


def effects(picture: Picture) -> Drawn:
    """Draw effects on the probability of one outcome, with limits, in the order of the model."""
    frame = picture.results.family("effects")
    frame = frame[
        (frame["model"] == picture.spec["model"]) & (frame["outcome"] == picture.spec["outcome"])
    ].iloc[::-1]
    _refuse_nothing(picture, frame)
    declared, terms = _model(picture)
    book = picture.books[declared["population"]]
    references = _references(picture, frame)
    labels, heads = [], []
    for row in frame.itertuples():
        heads.append("")
        term = terms[row.variable]
        if term.ilr:
            labels.append(_part(picture, book, term, row.level))
            continue
        name = book.title(row.variable, picture.language)
        if row.level:
            level = book.choice_label(row.variable, row.level, picture.language)
            reference = book.choice_label(row.variable, references[row.variable], picture.language)
            heads[-1] = picture.word("against", level=name, reference=reference)
            labels.append(level)
        elif term.transform == "log2p1":
            labels.append(picture.word("doubling", name=name))
        else:
            labels.append(picture.word("per", name=name, per=f"{term.per:g}"))
    clear = frame["p_adjusted"] < picture.alpha
    figure = _forest(picture, frame, labels, clear, heads)
    note = picture.note(
        _fitted(picture), picture.word("limits_tested"), picture.word("grey_families")
    )
    said = [f"{h} \u2013 {label}" if h else label for h, label in zip(heads, labels, strict=True)]
    return Drawn(figure, frame, note, _clear(picture, frame, said, clear))


def _forest(
    picture: Picture,
    frame: pd.DataFrame,
    said: Sequence[str],
    clear: pd.Series,
    heads: Sequence[str] = (),
) -> Any:
    """Draw effects in rows, blue and filled where they are clear, grey and open where not.

    ``heads`` stand in a row of their own above those that share them.
    """
    rows = _headed(said, heads or [""] * len(said))
    labels = marks.wrapped((row.words for row in rows), 3.4, 8.5)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.5 + marks.row_height(labels, 0.25) * len(rows)))
    marks.zero(axis)
    colours = [MAIN if certain else GREY for certain in clear]
    places = [y for y, row in enumerate(rows) if not row.head]
    marks.intervals(axis, places, frame, colours, open_at=list(~clear))
    marks.rows(axis, labels, 8.5)
    _grey_heads(axis, rows)
    marks.percent_axis(picture, axis, picture.word("effect"))
    return figure


class _Row(NamedTuple):
    """A row of a forest: its words, whether it is a head, whether what is above is another's."""

    words: str
    head: bool
    ends: bool


def _headed(said: Sequence[str], heads: Sequence[str]) -> list[_Row]:
    """Return rows from the lowest up, each head in a row of its own above those that share it."""
    rows = []
    for label, head, above in zip(said, heads, [*heads[1:], ""], strict=True):
        rows.append(_Row(label, False, not head and above != ""))
        if head and head != above:
            rows.append(_Row(head, True, True))
    return rows


def _grey_heads(axis: Any, rows: Sequence[_Row]) -> None:
    """Set heads in grey, and a pale line where the rows of a head begin and where they end."""
    for y, (tick, row) in enumerate(zip(axis.get_yticklabels(), rows, strict=True)):
        tick.set_color(GREY if row.head else INK)
        if row.ends and y + 1 < len(rows):
            axis.axhline(y + 0.5, color=PALE, lw=1, label=marks.GUIDE)


def _clear(picture: Picture, frame: pd.DataFrame, said: list[str], clear: pd.Series) -> str:
    """Say how many effects are clear, and which is the largest of them."""
    if not clear.any():
        return picture.word("say_no_effect", all=len(frame))
    count = picture.word("say_effects", clear=int(clear.sum()), all=len(frame))
    far = str(frame.loc[clear, "estimate"].abs().idxmax())
    place = list(frame.index.astype(str)).index(far)
    size = picture.points(float(frame["estimate"].iloc[place]))
    return picture.note(count, picture.word("say_largest", what=said[place], size=size))


def _diagnostics(picture: Picture) -> pd.DataFrame:
    """Return the diagnostics of the model (a key would read every family)."""
    rows = picture.results.family("diagnostics")
    return rows[rows["model"] == picture.spec["model"]]


def _fitted(picture: Picture) -> str:
    """Say how many respondents a model was fitted to."""
    n = int(_diagnostics(picture).set_index("name")["value"]["n"])
    return picture.word("base", n=picture.number(n))


def _part(picture: Picture, book: Questionnaire, term: Term, part: str) -> str:
    """Say which part of a whole doubles; one made of several items has no name of its own."""
    whole = book.battery_title(term.variable, picture.language)
    items = dict(term.parts)[part]
    name = picture.word("other_parts")
    if len(items) == 1:
        name = book.title(book.item(term.variable, items[0]).name, picture.language)
    return picture.word("part_doubled", whole=whole, name=name)


def _references(picture: Picture, frame: pd.DataFrame) -> dict[str, str]:
    """Return the reference of each categorical: the predicted level that has no effect row."""
    predicted = picture.results.family("predictions")
    predicted = predicted[predicted["model"] == picture.spec["model"]]
    found = {}
    for variable in dict.fromkeys(frame["variable"]):
        shown = set(frame.loc[frame["variable"] == variable, "level"])
        levels = dict.fromkeys(predicted.loc[predicted["variable"] == variable, "level"])
        found[variable] = next((level for level in levels if level not in shown), "")
    return found


def contrasts(picture: Picture) -> Drawn:
    """Draw every two levels of a categorical, or the shifts of a whole, on one outcome's chance."""
    frame = picture.results.family("contrasts")
    spec = picture.spec
    frame = frame[(frame["model"] == spec["model"]) & (frame["outcome"] == spec["outcome"])]
    frame = frame[frame["variable"] == spec["variable"]].iloc[::-1]
    _refuse_nothing(picture, frame)
    declared, _ = _model(picture)
    book = picture.books[declared["population"]]
    labels = []
    for row in frame.itertuples():
        if row.kind == "shift":
            ends = [
                book.title(book.item(row.variable, item).name, picture.language)
                for item in (row.against, row.level)
            ]
            points = float(row.key.partition("@")[0].rpartition("/")[2])
            labels.append(
                picture.word("shift", points=picture.number(points), source=ends[0], target=ends[1])
            )
        else:
            level, against = (
                book.choice_label(row.variable, name, picture.language)
                for name in (row.level, row.against)
            )
            labels.append(picture.word("against", level=level, reference=against))
    clear = frame["p_adjusted"] < picture.alpha
    figure = _forest(picture, frame, labels, clear)
    note = picture.note(_fitted(picture), picture.word("limits_tested"), picture.word("adjusted"))
    return Drawn(figure, frame, note, _clear(picture, frame, labels, clear))


def predictions(picture: Picture) -> Drawn:
    """Draw the predicted probability of every outcome at each level of one or more variables."""
    frame = picture.results.family("predictions")
    wanted = picture.spec["variables"]
    frame = frame[(frame["model"] == picture.spec["model"]) & frame["variable"].isin(wanted)]
    _refuse_nothing(picture, frame)
    declared, _ = _model(picture)
    book = picture.books[declared["population"]]
    outcomes = list(dict.fromkeys(frame["outcome"]))
    rows = [
        (v, level)
        for v in wanted
        for level in dict.fromkeys(frame.loc[frame["variable"] == v, "level"])
    ]
    said = {(v, level): book.choice_label(v, level, picture.language) for v, level in rows}
    upward = rows[::-1]
    heads = [book.title(v, picture.language) for v, _ in upward]
    headed = _headed([said[row] for row in upward], heads)
    labels = marks.wrapped(row.words for row in headed)
    height = 0.5 + marks.row_height(labels, 0.31) * len(headed)
    figure, axis = plt.subplots(figsize=(WIDTH, height))
    colours = dict.fromkeys(outcomes, GREY)
    colours |= {outcomes[0]: DIVERGING[0], outcomes[-1]: DIVERGING[-1]}
    places = [y for y, row in enumerate(headed) if not row.head]
    for y, (variable, level) in zip(places, upward, strict=True):
        mine = frame[(frame["variable"] == variable) & (frame["level"] == level)]
        for place, outcome in enumerate(outcomes):
            one = mine[mine["outcome"] == outcome]
            at = [y + 0.16 * (1 - place)] * len(one)
            marker = marks.SHAPES[place % 3]
            marks.intervals(axis, at, one, colours[outcome], size=5.5, marker=marker)
    marks.rows(axis, labels)
    _grey_heads(axis, headed)
    marks.percent_axis(picture, axis, picture.word("probability"))
    words = [book.choice_label(declared["outcome"], o, picture.language) for o in outcomes]
    handles = [marks.dot(colours[o], marks.SHAPES[i % 3]) for i, o in enumerate(outcomes)]
    key(figure, handles, words)
    last = frame[frame["outcome"] == outcomes[-1]]
    pairs = _levels_apart(picture, last)
    note = picture.note(_fitted(picture), picture.word("limits"))
    if pairs.empty:
        return Drawn(figure, frame, note, picture.word("say_no_range", what=words[-1]))
    far = next(pairs.itertuples())
    chance = last.set_index(["variable", "level"])["estimate"]
    ends = {
        end: f"{picture.percent(float(chance[far.variable, level]))} ({said[far.variable, level]})"
        for end, level in (("low", far.low), ("high", far.high))
    }
    by = book.title(far.variable, picture.language)
    return Drawn(figure, frame, note, picture.word("say_range", what=words[-1], by=by, **ends))


def _levels_apart(picture: Picture, predicted: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of levels whose effect on an outcome is beyond chance, furthest first.

    Every two levels of a variable that the model contrasts, else each level and the reference.
    """
    wanted = picture.spec["variables"]
    outcome, model = predicted["outcome"].iloc[0], picture.spec["model"]
    every = picture.results.family("contrasts")
    every = every[(every["model"] == model) & (every["outcome"] == outcome)]
    every = every[every["variable"].isin(wanted) & (every["kind"] == "contrast")]
    effects = picture.results.family("effects")
    effects = effects[(effects["model"] == model) & (effects["outcome"] == outcome)]
    rest = effects["variable"].isin(wanted) & ~effects["variable"].isin(every["variable"])
    against = effects["variable"].map(_references(picture, effects))
    both = pd.concat([every, effects.assign(against=against)[rest]])
    return levels_apart(both[both["p_adjusted"] < picture.alpha])
