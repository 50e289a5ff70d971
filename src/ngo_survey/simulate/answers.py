"""Draw answers from a declared truth: one small model a question, in the order of the truth file.

Every model may be shifted by answers drawn before it: ``shift: {variable: {level: amount}}``, or
``{variable: {level: {choice: amount}}}`` for one choice, or ``{variable: {per: amount,
log: true}}`` for a number.
Shifts act on log-odds (choices), on the logarithm (numbers) or on the latent scale (ratings and
ordered answers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import ConfigError, nearest
from ngo_survey.simulate import draws
from ngo_survey.simulate.draws import Floats

Model = Mapping[str, Any]


class Answers:
    """Answers under way: text columns that models read and write.

    Parameters
    ----------
    frame: variables known before the interview (the frame of the sample).
    traits: latent traits of the respondents that several models share.
    """

    def __init__(
        self, frame: pd.DataFrame, questions: Questionnaire, rng: np.random.Generator
    ) -> None:
        self.frame = frame.copy()
        self.questions = questions
        self.rng = rng
        self.traits: dict[str, Floats] = {}

    def draw(self, models: list[Model]) -> pd.DataFrame:
        """Draw every model in order and return the answers as text."""
        for model in models:
            kind = model["kind"]
            if kind not in KINDS:
                raise ConfigError(
                    "no such kind of model in the truth file", value=kind, hint=nearest(kind, KINDS)
                )
            KINDS[kind](self, model)
        return self.frame

    @property
    def n(self) -> int:
        """Respondents."""
        return len(self.frame)

    def trait(self, name: str) -> Floats:
        """Return a latent trait (mean 0, variance 1), drawn when it is first asked for."""
        if name not in self.traits:
            self.traits[name] = draws.scaled_logistic(self.rng, self.n)
        return self.traits[name]

    def shift(self, model: Model, choice: str = "") -> Floats:
        """Return what earlier answers add for a choice (or for the answer as a whole)."""
        total = np.zeros(self.n)
        for variable, by in model.get("shift", {}).items():
            if "per" in by:
                total += self._slope(variable, by)
                continue
            text = " " + self.frame[variable].fillna("").astype(str) + " "
            for level, amount in by.items():
                if isinstance(amount, Mapping):
                    amount = amount.get(choice, 0.0)  # noqa: PLW2901
                if amount:
                    has = text.str.contains(f" {level} ", regex=False).to_numpy(dtype=float)
                    total += amount * has
        for name, loading in model.get("traits", {}).items():
            total += loading * self.trait(name)
        return total

    def _slope(self, variable: str, by: Mapping[str, Any]) -> Floats:
        numbers = pd.to_numeric(self.frame[variable]).fillna(0).to_numpy(dtype=float)
        numbers = np.log1p(numbers) if by.get("log") else numbers
        return float(by["per"]) * (numbers - float(by.get("centre", 0.0)))


def _choice(answers: Answers, model: Model) -> None:
    question = answers.questions.question(model["question"])
    names = [c for c in question.choice_names if c in model["p"]]
    weights = np.stack([np.log(model["p"][c]) + answers.shift(model, c) for c in names], axis=1)
    drawn = draws.categories(answers.rng, np.exp(weights))
    answers.frame[question.name] = np.array(names, dtype=object)[drawn]


def _many(answers: Answers, model: Model) -> None:
    question = answers.questions.question(model["question"])
    names = [c for c in question.choice_names if c in model["p"]]
    common = answers.trait(f"many_{question.name}") * float(model.get("spread", 0.3))
    odds = np.stack(
        [draws.logit(model["p"][c]) + answers.shift(model, c) + common for c in names], axis=1
    )
    probability = draws.expit(odds)
    chosen = answers.rng.random(probability.shape) < probability
    empty = ~chosen.any(axis=1)
    if "none" in question.choice_names:
        text = _joined(names, chosen)
        answers.frame[question.name] = np.where(empty, "none", text)
        return
    chosen[empty, draws.categories(answers.rng, probability)[empty]] = True
    answers.frame[question.name] = _joined(names, chosen)


def _joined(names: list[str], chosen: np.ndarray) -> np.ndarray:
    rows = [" ".join(n for n, hit in zip(names, row, strict=True) if hit) for row in chosen]
    return np.array(rows, dtype=object)


def _number(answers: Answers, model: Model) -> None:
    spread = draws.scaled_logistic(answers.rng, answers.n) * float(model["spread"])
    value = np.exp(np.log(float(model["median"])) + answers.shift(model) + spread)
    value = np.where(answers.rng.random(answers.n) < float(model.get("zero", 0.0)), 0.0, value)
    if "from" in model:
        value = float(model["from"]) - value
    step = float(model.get("step", 1))
    value = np.clip(np.round(value / step) * step, model["low"], model["high"])
    answers.frame[model["question"]] = [f"{v:.0f}" for v in value]


def _rating(answers: Answers, model: Model) -> None:
    """Draw ratings of a battery, or of one question: a latent scale cut at fixed points."""
    names = (
        {f"{model['battery']}_{item}": place for item, place in model["items"].items()}
        if "battery" in model
        else {model["question"]: model["place"]}
    )
    person = answers.shift(model)
    for name, place in names.items():
        question = answers.questions.question(name)
        points = [c for c in question.choice_names if c != "dont_know"]
        step = float(model.get("step", 1.1))
        cuts = (np.arange(1, len(points)) - len(points) / 2) * step
        latent = float(place) + person + draws.logistic(answers.rng, answers.n)
        code = (latent[:, None] > cuts).sum(axis=1)
        text = np.array(points, dtype=object)[code]
        unknown = answers.rng.random(answers.n) < float(model.get("dont_know", 0.0))
        answers.frame[name] = np.where(unknown, "dont_know", text)


def _ordered(answers: Answers, model: Model) -> None:
    """Draw from a cumulative logit with declared cut-points: the planted model."""
    question = answers.questions.question(model["question"])
    latent = answers.shift(model) + draws.logistic(answers.rng, answers.n)
    code = (latent[:, None] > np.asarray(model["cuts"], dtype=float)).sum(axis=1)
    answers.frame[question.name] = np.array(question.choice_names, dtype=object)[code]


def _parts(answers: Answers, model: Model) -> None:
    """Draw parts of 100: which sources are used, then how much of each."""
    items = [q.item for q in answers.questions.battery(model["battery"])]
    odds = np.stack([draws.logit(model["use"][i]) + answers.shift(model, i) for i in items], axis=1)
    probability = draws.expit(odds)
    used = answers.rng.random(probability.shape) < probability
    empty = ~used.any(axis=1)
    used[empty, draws.categories(answers.rng, probability)[empty]] = True
    weight = np.array([float(model["weight"][i]) for i in items])
    size = used * weight * -np.log(1 - answers.rng.random(probability.shape))
    step = int(model.get("step", 5))
    for row, parts in enumerate(size):
        size[row] = draws.allocate(parts, 100 // step) * step
    for place, item in enumerate(items):
        answers.frame[f"{model['battery']}_{item}"] = [f"{v:.0f}" for v in size[:, place]]


def _rank(answers: Answers, model: Model) -> None:
    """Draw the top places by random utility (Luce 1959): weights, shifts and Gumbel noise."""
    places = [q.name for q in answers.questions.battery(model["battery"])]
    names = list(answers.questions.question(places[0]).choice_names)
    utility = np.stack(
        [np.log(model["weight"][c]) + answers.shift(model, c) for c in names], axis=1
    )
    noise = -np.log(-np.log(np.clip(answers.rng.random(utility.shape), 1e-12, 1 - 1e-12)))
    order = np.argsort(-(utility + noise), axis=1, kind="stable")
    for place, name in enumerate(places):
        answers.frame[name] = np.array(names, dtype=object)[order[:, place]]


def _text(answers: Answers, model: Model) -> None:
    options = np.array(model["options"], dtype=object)
    drawn = options[draws.categories(answers.rng, np.ones((answers.n, len(options))))]
    said = answers.rng.random(answers.n) < float(model["p"])
    drawn[~said] = None
    answers.frame[model["question"]] = drawn


def _change_size(answers: Answers, model: Model) -> None:
    """Draw the size of a change in percent: large changes are larger."""
    large = answers.frame[model["of"]].astype(str).str.endswith("_much").to_numpy()
    middle = np.where(large, float(model["large"]), float(model["small"]))
    value = middle * np.exp(draws.scaled_logistic(answers.rng, answers.n) * float(model["spread"]))
    value = np.clip(np.round(value / 5) * 5, 5, 300)
    shrank = answers.frame[model["of"]].astype(str).str.startswith("shrank").to_numpy()
    answers.frame[model["question"]] = [
        f"{v:.0f}" for v in np.where(shrank, np.minimum(value, 90), value)
    ]


KINDS: dict[str, Callable[[Answers, Model], None]] = {
    "choice": _choice,
    "many": _many,
    "number": _number,
    "rating": _rating,
    "ordered": _ordered,
    "parts": _parts,
    "rank": _rank,
    "text": _text,
    "change_size": _change_size,
}
