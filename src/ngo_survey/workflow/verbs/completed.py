"""What the verbs about models share: declared models with their designs, imputed answers on disk.

Imputed answers lie as one row a data set, respondent and question: what was given is in clean.csv
and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import ConfigError
from ngo_survey.ingest.cleaning.derive import derive
from ngo_survey.results import store
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.weighting.from_columns import given_design
from ngo_survey.study import Study
from ngo_survey.study.declared_weighting import margins_of, strata_of
from ngo_survey.workflow.imputed_questions import of_model, sources_of
from ngo_survey.workflow.verbs.design import (
    internal_column,
    load_design,
    read_product,
)
from ngo_survey.workflow.verbs.model import with_numbers

#: What is done when the configuration says no more than ``imputation: {}``.
DEFAULTS = {"m": 20, "iterations": 5, "donors": 5}


def imputation_options(study: Study) -> dict[str, int]:
    """Return how many data sets are completed, in how many rounds, from how many donors."""
    declared = study.section("models")["imputation"]
    return {name: declared.get(name, value) for name, value in DEFAULTS.items()}


@dataclass(frozen=True)
class ModelledGroup:
    """One group of respondents that models are fitted to."""

    study: Study
    population: str
    raw: SurveyDesign  # answers as they are typed, before ratings become numbers
    questions: Questionnaire

    @classmethod
    def load(cls, study: Study, population: str) -> ModelledGroup:
        """Read the calibrated design of a population."""
        design, questions = load_design(study, population)
        return cls(study, population, design, questions)

    @cached_property
    def design(self) -> SurveyDesign:
        """The design that models are fitted to."""
        return with_numbers(self.raw.assign(), self.questions)

    @cached_property
    def unweighted(self) -> SurveyDesign:
        """The same sample as it was drawn, everybody counting once."""
        alike = {internal_column("adjusted_weight"): 1.0}
        drawn = given_design(self.design.frame.assign(**alike), internal_column)
        replication = self.design.replication
        return drawn if replication is None else drawn.replicated(replication)

    @property
    def declared(self) -> dict[str, Mapping[str, Any]]:
        """The models declared for this population."""
        models = self.study.section("models").get("declared", {})
        return {n: m for n, m in models.items() if m["population"] == self.population}

    @property
    def rules(self) -> Mapping[str, Any]:
        """Rules of the variables derived from answers; words are not imputed, nor their codes."""
        declared = self.study.population(self.population).raw.get("derive", {})
        return {name: rule for name, rule in declared.items() if "codes" not in rule}

    def derive(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Make the derived variables of a frame anew."""
        return derive(frame, self.questions, self.rules)

    @property
    def to_impute(self) -> list[str]:
        """Questions and batteries behind models, strata and margins, and auxiliary ones."""
        block = self.study.population(self.population).raw["weighting"]
        more = self.study.section("models")["imputation"].get("auxiliary", {})
        named = [n for model in self.declared.values() for n in of_model(model)]
        named += [*strata_of(block), *margins_of(block), *more.get(self.population, ())]
        return sources_of(named, self.questions, self.rules)

    @cached_property
    def completed(self) -> list[SurveyDesign]:
        """The design over each imputed data set, as the verb `impute` left them.

        Raises
        ------
        ConfigError: no imputation is declared.
        """
        if "imputation" not in self.study.section("models"):
            raise ConfigError(
                "imputed answers are asked for, but no imputation is declared",
                file=self.study.file,
                column="models.imputation",
                hint="declare it, or take `imputed` out of the specifications",
            )
        text = read_product(self.study, self.study.paths.clean(self.population))
        filled = read_product(self.study, self.study.paths.imputed(self.population))
        return [
            with_numbers(self.raw.assign(**dict(frame.items())), self.questions)
            for frame in self._frames(text, filled)
        ]

    def _frames(self, text: pd.DataFrame, filled: pd.DataFrame) -> Iterator[pd.DataFrame]:
        place = pd.Series(range(len(text)), index=text["respondent"])
        asked = [c for c in text.columns if c not in self.rules]
        # A data set of which nothing was missing has no rows, and is one of them all the same.
        for number in range(1, imputation_options(self.study)["m"] + 1):
            rows = filled[filled["imputation"] == str(number)]
            whole = text[asked].copy()
            for variable, cells in rows.groupby("variable", sort=False):
                at = place.loc[cells["respondent"]].to_numpy()
                whole.iloc[at, whole.columns.get_loc(variable)] = cells["value"].to_numpy()
            yield self.derive(self.questions.type_frame(whole))


def cells(given: pd.DataFrame, frames: tuple[pd.DataFrame, ...], names: list[str]) -> pd.DataFrame:
    """Return the imputed cells of completed frames.

    Columns: ``imputation, respondent, variable, value``.
    """
    parts = []
    for number, frame in enumerate(frames, start=1):
        for name in names:
            new = given[name].isna() & frame[name].notna()
            values = frame.loc[new, name]
            number_like = pd.api.types.is_numeric_dtype(values)
            words = [format(v, ".10g") for v in values] if number_like else values.astype(str)
            parts.append(
                pd.DataFrame(
                    {
                        "imputation": number,
                        "respondent": given.loc[new, "respondent"],
                        "variable": name,
                        "value": list(words),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def write_failed(study: Study, family: str, model: str) -> None:
    """Write a file with its heads alone: the model has no rows of this family."""
    store.write(pd.DataFrame({"key": []}), family, study.paths.result(family, model))
