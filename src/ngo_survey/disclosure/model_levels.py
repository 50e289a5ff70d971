"""Which levels a model may tell of: those of which its table would.

A model of one categorical term is the table of its outcome by that term: its predictions are the
shares of the levels, its coefficients their odds, and what the table hides stands in the model to
two respondents. More terms blur that, few of them little; so the rule knows nothing of their
number. A level is withheld

* where fewer than ``minimum_base`` of those whom the model is fitted to have it, or some answer was
  given, or not given, by fewer of them than the threshold, or by all of a group below
  ``group_base``: the rules of tables;
* where a table of the outcome by the term hides what the model would tell: the answer, or the
  answers whose sum is the event and others too;
* with another one, the smallest, until what is left of the total leaves each hidden count an
  interval as wide as the protection (Hundepool and others 2012, Statistical Disclosure Control,
  ch. 4, on complementary suppression).

With a level go its coefficient, effect, prediction and contrasts. Where it is the reference, so do
all coefficients and effects of the variable and the intercept, since each tells the reference. So
does the test of the variable: that of a model of one term is the test of the table, of which not
even the level may be told where it would tell of few (:mod:`.test_levels`). Where no variable is
left of which all levels are told the model
is a table, and how well it fits is withheld too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.disclosure.cells import Bools
from ngo_survey.disclosure.thresholds import Rules

#: A model, a variable of it, and a level; "" for all of the variable.
Level = tuple[str, str, str]
#: Diagnostics that say which levels of a model are too few.
MARK = "withheld/"
NOTE = "withheld: it would tell of few respondents"
#: What is blanked in a row of a withheld level.
FIGURES = [
    *("estimate", "se", "statistic", "df", "df2", "p", "p_adjusted", "ci_low", "ci_high"),
    *("increase", "fmi", "complete", "complete_se", "complete_low", "complete_high", "complete_p"),
    *("value", "predicted", "observed"),
]
#: Diagnostics of a model as a whole that its answers decide.
FIT = re.compile(r"log_pseudolikelihood|mcfadden|rps|rps_skill|(grouped_fit|parallel|influence)/.*")
#: Diagnostics that are tests of one variable.
OF_VARIABLE = re.compile(r"(term|term_holm|curve|family/[^/]*|parallel/[^/]*)/(?P<variable>.*)")


def too_few(counts: pd.DataFrame, rules: Rules) -> list[tuple[str, str]]:
    """Return the variables and levels that a model may not tell of; "" for all of a variable.

    ``counts`` is what ``statistics.models.level_counts`` returns.
    """
    found: list[tuple[str, str]] = []
    for variable, rows in counts.groupby("variable", sort=False):
        n = rows.groupby("level", sort=False)["n"].first().astype(float)
        gave = rows.pivot(index="level", columns="outcome", values="gave").loc[n.index]
        told = gave.to_numpy(dtype=float)
        size = n.to_numpy()[:, None]
        alike = (told == size) & (size < rules.group_base)
        unsafe = [rules.small(told), rules.small(size - told), alike, size < rules.minimum_base]
        small: Bools = np.asarray(np.stack(np.broadcast_arrays(*unsafe)).any(axis=0))
        few: Bools = np.asarray(small.any(axis=1))
        if not few.any():
            continue
        whole = str(rows["whole"].iloc[0])
        if whole:
            found += [(name, "") for name in whole.split(":")]
            continue
        hidden = few.copy()
        for place in np.argsort(n.to_numpy(), kind="stable"):
            if _wide(size, told, small, hidden, rules.protection):
                break
            hidden[place] = True
        found += [(str(variable), str(level)) for level in n.index[hidden]]
    return list(dict.fromkeys(found))


def _wide(size: np.ndarray, told: np.ndarray, small: Bools, hidden: Bools, need: int) -> bool:
    """Say whether the totals leave each small count an interval as wide as ``need``."""
    if hidden.sum() < 2:
        return False
    if np.isnan(told).all():
        return True
    total, room = told[hidden].sum(axis=0), size[hidden].sum()
    least = np.maximum(0.0, total - (room - size))
    return bool((np.minimum(size, total) - least >= need)[small & hidden[:, None]].all())


def marks(model: str, levels: Iterable[tuple[str, str]], before: str = "") -> pd.DataFrame:
    """Return diagnostics that name the levels of a model that may not be told of."""
    names = [f"{before}{MARK}{variable}={level}" for variable, level in levels]
    rows = {"name": names, "value": 1.0, "note": NOTE, "model": model}
    return pd.DataFrame(rows).assign(key=[f"model/{model}/diagnostic/{name}" for name in names])


@dataclass(frozen=True)
class Modelled:
    """The outcome of a model as tables know it.

    Attributes
    ----------
    tables: names of the tables of the outcome.
    event: the answers that are told as one; None where each is told.
    variables: banners that the outcome is modelled by; None for all.
    """

    model: str
    population: str
    tables: tuple[str, ...]
    event: tuple[str, ...] | None = None
    variables: tuple[str, ...] | None = None


def hidden_in_tables(estimates: pd.DataFrame, modelled: Modelled) -> set[Level]:
    """Return the levels of banners under which a table hides what the model would tell."""
    rows = estimates[(estimates["population"] == modelled.population) & (estimates["by"] != "")]
    rows = rows[rows["item"] == ""]
    if modelled.variables is not None:
        rows = rows[rows["by"].isin(modelled.variables)]
    names = [table + "_by_" for table in modelled.tables]
    rows = rows[np.isin(rows["analysis"], np.add.outer(names, rows["by"].unique()).ravel())]
    shares = rows[rows["statistic"] == "proportion"]
    rows = shares if len(shares) else rows[rows["statistic"] == "mean"]
    rows = rows.assign(hidden=rows["status"].str.startswith("suppressed"))
    found = set()
    for (_, by, level), own in rows.groupby(["analysis", "by", "by_level"], sort=False):
        hidden = own["hidden"]
        if modelled.event is None:
            untold = hidden.any()
        else:
            # The sum of the event is known where it, or all that is not of it, is shown.
            inside = own["category"].isin(modelled.event)
            untold = hidden[inside].any() and hidden[~inside].any()
        if untold:
            found.add((modelled.model, str(by), str(level)))
    return found


def withhold(
    made: Mapping[str, pd.DataFrame], hidden: Collection[Level]
) -> dict[str, pd.DataFrame]:
    """Return families of results without what models tell of some levels.

    Parameters
    ----------
    made: released rows by family, with the columns of ``results.store`` and ``file``.
    hidden: what tables hide; what the diagnostics mark comes on top.
    """
    diagnostics = made["diagnostics"]
    marked = diagnostics["name"].str.contains(MARK, regex=False)
    own = {
        (str(row.model), *_split(str(row.name_).partition(MARK)[2]))
        for row in diagnostics[marked].rename(columns={"name": "name_"}).itertuples()
    }
    known = _Known.of(made)
    untold = _Untold(known, own | {level for level in hidden if known.has(level)})
    found = dict(made) | {"diagnostics": diagnostics[~marked]}
    if not untold.levels:
        return found
    for family in ("coefficients", "effects", "predictions", "contrasts", "specifications"):
        found[family] = untold.rows(found[family], family)
    found["imputed"] = untold.imputed(found["imputed"])
    for family in ("validation", "calibration"):
        found[family] = _blank(found[family], found[family]["model"].isin(untold.tables))
    found["diagnostics"] = untold.diagnostics(found["diagnostics"])
    return found


def _split(name: str) -> tuple[str, str]:
    variable, _, level = name.partition("=")
    return variable, level


def _parts(term: str) -> list[tuple[str, str]]:
    """Return variable and level of what a column of a model is made of."""
    return [_split(part) for part in term.partition("@")[0].split(":")]


def _blank(frame: pd.DataFrame, rows: Any) -> pd.DataFrame:
    made = frame.copy()
    made.loc[np.asarray(rows, dtype=bool), made.columns.intersection(FIGURES)] = np.nan
    if "status" in made:
        made.loc[np.asarray(rows, dtype=bool), "status"] = "suppressed"
    return made


@dataclass(frozen=True)
class _Known:
    """What models have: parts of columns by path of a model, and levels that are predicted."""

    columns: Mapping[str, set[tuple[str, str]]]
    predicted: set[Level]

    @classmethod
    def of(cls, made: Mapping[str, pd.DataFrame]) -> _Known:
        columns: dict[str, set[tuple[str, str]]] = {}
        for model, terms in made["coefficients"].groupby("model", sort=False)["term"]:
            columns[str(model)] = {part for term in terms for part in _parts(str(term))}
        of = made["predictions"][["model", "variable", "level"]]
        return cls(columns, set(of.itertuples(index=False, name=None)))

    def coded(self, model: str) -> set[tuple[str, str]]:
        """Parts of the columns of a model, of those too that treat a group otherwise."""
        paths = [path for path in self.columns if path.partition("/")[0] == model]
        return {part for path in paths for part in self.columns[path]}

    def has(self, level: Level) -> bool:
        """Whether a model has a level; of what is not predicted, the reference is not known."""
        model, variable, name = level
        parts = self.coded(model)
        if (variable, name) in parts or level in self.predicted:
            return True
        predicted = any(one[:2] == (model, variable) for one in self.predicted)
        return not predicted and variable in {one for one, _ in parts}


class _Untold:
    """The levels that are withheld, and what they take with them."""

    def __init__(self, known: _Known, levels: set[Level]) -> None:
        self.known, self.levels = known, levels
        #: Variables of which some level is withheld, and those whose reference is.
        self.variables = {level[:2] for level in levels}
        self.whole = {
            (model, variable)
            for model, variable, level in levels
            if not level or (variable, level) not in known.coded(model)
        }
        #: Models of which a term is told by halves.
        halves = {
            model
            for model, variable in self.variables
            if variable in {own for own, _ in known.columns.get(model, set())}
        }
        #: Models that are a table: no variable is told of in full.
        self.tables = {
            model
            for model in halves
            if all(
                (model, variable) in self.variables or variable == "(intercept)" or "|" in variable
                for variable, _ in known.columns.get(model, set())
            )
        }

    def term(self, path: str, term: str) -> bool:
        """Whether a column of a model may not be told."""
        model = path.partition("/")[0]
        if term.startswith("(intercept)") or "|" in term:
            own = {variable for variable, _ in self.known.columns.get(path, set())}
            return any(of == model and variable in own for of, variable in self.whole)
        return any(
            (model, variable, level) in self.levels or (model, variable) in self.whole
            for variable, level in _parts(term)
        )

    def predicted(self, model: str, variable: str, level: str) -> bool:
        """Whether the mean at a level may not be told."""
        return (model, variable, level) in self.levels or (model, variable, "") in self.levels

    def rows(self, frame: pd.DataFrame, family: str) -> pd.DataFrame:
        """Return rows of a family that tell of levels, blank where these are withheld."""
        records = frame.to_dict("records")
        if family == "predictions":
            blank = [self.predicted(r["model"], r["variable"], r["level"]) for r in records]
        elif family == "contrasts":
            blank = [
                self.predicted(r["model"], r["variable"], r["level"])
                or self.predicted(r["model"], r["variable"], r["against"])
                for r in records
            ]
        else:
            blank = [self.term(r["model"], r["term"]) for r in records]
        return _blank(frame, blank)

    def imputed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return pooled rows without those of levels and the tests of their variables."""
        pairs = zip(frame["model"], frame["variable"], strict=True)
        tested = np.array([pair in self.variables for pair in pairs], dtype=bool)
        tested &= frame["quantity"].eq("test").to_numpy()
        terms = zip(frame["model"], frame["term"], strict=True)
        blank = np.array([self.term(*one) for one in terms], dtype=bool)
        return _blank(frame, blank | tested)

    def diagnostics(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return diagnostics without tests of variables, and a row for each level withheld."""
        name, model = frame["name"].astype(str), frame["model"].astype(str)
        variable = name.str.extract(OF_VARIABLE)["variable"].fillna("")
        pairs = zip(model, variable, strict=True)
        tested = np.array([pair in self.variables for pair in pairs], dtype=bool)
        whole = model.isin(self.tables) & name.str.fullmatch(FIT)
        followed = name.str.extract(r"^specification/(.*)/[a-z_]+$")[0].fillna("")
        terms = zip(model, followed, strict=True)
        curve = np.array([bool(t) and self.term(m, t) for m, t in terms], dtype=bool)
        blank = tested | whole | curve
        made = _blank(frame, blank)
        made.loc[blank, "note"] = NOTE
        rows = [marks(of, [(variable, level)]) for of, variable, level in sorted(self.levels)]
        added = pd.concat(rows, ignore_index=True).assign(value=np.nan)
        added["file"] = "diagnostics/" + added["model"] + ".csv"
        return pd.concat([made, added.reindex(columns=made.columns)], ignore_index=True)
