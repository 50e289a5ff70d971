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

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.imputation.blocks import (
    ImputationBlock,
    ImputedCategories,
    ImputedMultiple,
    ImputedNumber,
    ImputedParts,
    standardised,
)
from ngo_survey.statistics.models.imputation.variables import Variable

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
    variables: Sequence[Variable],
    rng: np.random.Generator,
    m: int = 20,
    iterations: int = 5,
    donors: int = 5,
    derive: Derive | None = None,
) -> Imputation:
    """Complete the answers to ``variables``.

    Parameters
    ----------
    variables: all of them predict each other: the outcome of the analysis, strata and raking
        variables belong among them.
    derive: makes the derived variables of a completed frame anew.

    Raises
    ------
    InputError: nobody answered a variable.
    """
    blocks = make_blocks(design.frame, variables, donors)
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
    frame: pd.DataFrame, variables: Sequence[Variable], donors: int
) -> list[ImputationBlock]:
    """Return the blocks of the variables, those with fewest missing answers first."""
    blocks: list[ImputationBlock] = []
    for variable in variables:
        if frame[list(variable.columns)].isna().any(axis=1).all():
            raise InputError(
                "nobody answered a question that is to be imputed", column=variable.name
            )
        block = _block(variable, frame, donors)
        block.asked = _asked(block, frame)
        blocks.append(block)
    return sorted(blocks, key=lambda block: int(block.missing.sum()))


def _block(variable: Variable, frame: pd.DataFrame, donors: int) -> ImputationBlock:
    if variable.form == "parts":
        return ImputedParts(variable, frame, donors)
    if variable.form == "multiple":
        return ImputedMultiple(variable, frame)
    if variable.form == "number":
        return ImputedNumber(variable, frame, donors)
    return ImputedCategories(variable, frame)


def _run(
    blocks: list[ImputationBlock],
    frame: pd.DataFrame,
    fixed: Floats,
    iterations: int,
    rng: np.random.Generator,
) -> list[tuple[int, str, float]]:
    """Run one chain in place; return the mean of what was imputed, by iteration and block."""
    open_blocks = [block for block in blocks if block.missing.any()]
    routed = _routed(blocks)
    for block in blocks:
        block.begin(rng)
    means: list[tuple[int, str, float]] = []
    for step in range(1, iterations + 1):
        for block in open_blocks:
            if block.name in routed:
                changed = {c: s for b in open_blocks for c, s in b.write().items()}
                block.asked = _asked(block, frame.assign(**changed))
            others = [standardised(b.features()) for b in blocks if b is not block]
            block.update(np.column_stack([fixed, *others]), rng)
            rows = block.rows
            if rows.any():
                means.append((step, block.name, float(block.summary()[rows].mean())))
    return means


def _routed(blocks: list[ImputationBlock]) -> set[str]:
    """Return the blocks whose skip rule depends on an answer that is itself imputed."""
    moving = {c for block in blocks if block.missing.any() for c in block.columns}
    return {block.name for block in blocks if block.variable.depends & moving}


def _asked(block: ImputationBlock, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return who is asked: those the skip rule lets through, and whoever answered."""
    if block.variable.asked is None:
        return np.ones(len(frame), dtype=bool)
    return block.variable.asked(frame) | block.answered


def _variables(blocks: list[ImputationBlock], trace: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "name": block.name,
            "method": block.method,
            "missing": int(block.rows.sum()),
            "asked": int((block.answered | block.asked).sum()),
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
