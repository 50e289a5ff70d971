"""Multiple imputation by chained equations that knows the design.

Each variable with missing answers is drawn in turn given all others, over and over, in ``m``
independent chains (van Buuren & Groothuis-Oudshoorn 2011; van Buuren 2018, ch. 4). Strata, raking
variables and the logarithm of the weight are among the predictors, without which pooled variances
are wrong under a design (Reiter, Raghunathan & Kinney 2006, Survey Methodology 32, 143-149; Kim,
Brick, Fuller & Kalton 2006). Skip rules hold: who was not asked stays missing, and a rule is read
anew when the answer it depends on is imputed. Variables made from answers are made anew from each
imputed data set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.models.imputation.blocks import Block, Choice, Many, Number, Parts, standardised
from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.expressions import evaluate
from ngo_survey.codebook.model import Question
from ngo_survey.statistics.design import SurveyDesign

Floats = NDArray[np.float64]
Derive = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Imputation:
    """Completed data sets and how the chains went.

    Attributes
    ----------
    frames: ``m`` typed frames with every variable, those made from answers included.
    variables: ``name, method, missing, asked, rhat``: one row a block with missing answers;
        ``missing`` of those asked at the end of the first chain.
    trace: ``name, chain, iteration, mean``: mean of what was imputed.
    """

    frames: tuple[pd.DataFrame, ...]
    variables: pd.DataFrame
    trace: pd.DataFrame

    def designs(self, design: SurveyDesign) -> list[SurveyDesign]:
        """Return the design over each completed data set."""
        return [design.assign(**{c: f[c] for c in f.columns}) for f in self.frames]


def impute(
    design: SurveyDesign,
    questions: Questionnaire,
    variables: Sequence[str],
    rng: np.random.Generator,
    m: int = 20,
    iterations: int = 5,
    donors: int = 5,
    derive: Derive | None = None,
) -> Imputation:
    """Complete the answers to ``variables``.

    Parameters
    ----------
    variables: questions or batteries (of parts or of scales). All of them predict each other: the
        outcome of the analysis, strata and raking variables belong among them.
    derive: makes the derived variables of a completed frame anew.

    Raises
    ------
    InputError: a variable is unknown, a text or a rank, or nobody answered it.
    """
    blocks = make_blocks(design.frame, questions, variables, donors)
    fixed = standardised(np.log(design.weights)[:, None])
    made, traces = [], []
    for chain, stream in enumerate(rng.spawn(m)):
        own = deepcopy(blocks)
        traces += [
            {"name": name, "chain": chain, "iteration": step, "mean": mean}
            for step, name, mean in _run(own, design.frame, fixed, iterations, stream)
        ]
        frame = design.frame.copy()
        for block in own:
            if block.missing.any():
                for name, column in block.write().items():
                    frame[name] = column
        made.append(derive(frame) if derive is not None else frame)
        if chain == 0:
            first = own
    trace = pd.DataFrame(traces, columns=["name", "chain", "iteration", "mean"])
    return Imputation(tuple(made), _variables(first, trace), trace)


def make_blocks(
    frame: pd.DataFrame, questions: Questionnaire, variables: Sequence[str], donors: int
) -> list[Block]:
    """Return the blocks of the variables, those with fewest missing answers first."""
    blocks: list[Block] = []
    for name in dict.fromkeys(variables):
        battery = name not in questions
        items = questions.battery(name) if battery else [questions.question(name)]
        if frame[[q.name for q in items]].isna().any(axis=1).all():
            raise InputError("nobody answered a question that is to be imputed", column=name)
        block = _block(name, items, frame, questions, donors)
        block.asked = _asked(block, frame)
        blocks.append(block)
    return sorted(blocks, key=lambda block: int(block.missing.sum()))


def _block(
    name: str,
    items: Sequence[Question],
    frame: pd.DataFrame,
    questions: Questionnaire,
    donors: int,
) -> Block:
    first = items[0]
    if first.form == "constant_sum":
        if len(items) == 1:
            raise InputError(
                "a part is imputed with its whole", column=name, hint=f"name {first.battery}"
            )
        return Parts(name, items, frame, donors)
    if first.form == "multiple":
        return Many(first, frame, questions)
    if first.form == "number" and len(items) == 1:
        return Number(first, frame, donors)
    if first.form in {"single", "scale", "rating"} and first.type != "derived":
        return Choice(name, items, frame, ordered=first.form != "single")
    raise InputError(
        f"a variable of the form {first.form} cannot be imputed",
        column=name,
        hint="name the question it is made from" if first.type == "derived" else "leave it out",
    )


def _run(
    blocks: list[Block],
    frame: pd.DataFrame,
    fixed: Floats,
    iterations: int,
    rng: np.random.Generator,
) -> list[tuple[int, str, float]]:
    """Run one chain in place; return the mean of what was imputed, by iteration and block."""
    open_blocks = [block for block in blocks if block.missing.any()]
    gates = _gates(blocks)
    for block in blocks:
        block.begin(rng)
    told: list[tuple[int, str, float]] = []
    for step in range(1, iterations + 1):
        for block in open_blocks:
            if block.name in gates:
                changed = {c: s for b in open_blocks for c, s in b.write().items()}
                block.asked = _asked(block, frame.assign(**changed))
            others = [standardised(b.features()) for b in blocks if b is not block]
            block.update(np.column_stack([fixed, *others]), rng)
            rows = block.rows
            if rows.any():
                told.append((step, block.name, float(block.summary()[rows].mean())))
    return told


def _gates(blocks: list[Block]) -> set[str]:
    """Return the blocks whose skip rule depends on an answer that is itself imputed."""
    moving = {c for block in blocks if block.missing.any() for c in block.columns}
    named = {b.name: set(re.findall(r"\$\{\s*([\w.-]+)\s*\}", b.relevant)) for b in blocks}
    return {name for name, used in named.items() if used & moving}


def _asked(block: Block, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return who is asked: those the skip rule lets through, and whoever answered."""
    if not block.relevant:
        return np.ones(len(frame), dtype=bool)
    relevant = evaluate(block.relevant, frame, block.columns[0]).to_numpy(dtype=bool)
    return relevant | block.told


def _variables(blocks: list[Block], trace: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "name": block.name,
            "method": block.method,
            "missing": int(block.rows.sum()),
            "asked": int((block.told | block.asked).sum()),
            "rhat": potential_scale_reduction(trace[trace["name"] == block.name]),
        }
        for block in blocks
        if block.rows.any()
    ]
    return pd.DataFrame(rows, columns=["name", "method", "missing", "asked", "rhat"])


def potential_scale_reduction(trace: pd.DataFrame) -> float:
    """Return Gelman & Rubin's (1992) R-hat of the chains' means: near 1 when they have mixed.

    The first iteration, which still remembers the random start, is left out. NaN for fewer than
    three iterations or two chains.
    """
    table = trace.pivot(index="iteration", columns="chain", values="mean").iloc[1:]
    n, m = table.shape
    if n < 2 or m < 2:
        return float("nan")
    within = float(table.var(ddof=1).mean())
    between = n * float(table.mean().var(ddof=1))
    if within <= 0:
        return 1.0 if between <= 0 else float("inf")
    return float(np.sqrt(((n - 1) / n * within + between / n) / within))
