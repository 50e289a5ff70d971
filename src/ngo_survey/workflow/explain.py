"""One number followed back: what it is, what made it, from which rows, and what cleaning touched.

:func:`explain` gathers the sections; nothing is computed, every line is read from the results
store, the questionnaire, the configuration, the code or the raw files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.definition import define
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.code import SOURCE, code_files, code_hash
from ngo_survey.workflow.commit import commit
from ngo_survey.workflow.files import raw_files, sha256
from ngo_survey.workflow.stages import STAGES, chain, writer

Section = tuple[str, list[str]]


@dataclass(frozen=True)
class Explainer:
    """What is needed to follow any number of a study."""

    study: Study
    results: Results
    labels: Labels

    def explain(self, key: str) -> list[Section]:
        """Return titled sections of lines.

        Raises
        ------
        ResultError: the store has no such key; the message names the nearest.
        """
        row = self.results.row(key)
        made_by = writer(str(row["file"]))
        groups = self.populations(row)
        sections: list[Section] = [
            ("Number", [f"{name}: {words}" for name, words in self._definition(row)]),
            ("Rule", self._rule(made_by, groups[0])),
            ("Configuration", self._each(groups, self._configuration, row, made_by)),
            ("Code", self._code(made_by)),
            ("Inputs", self._each(groups, self._inputs, row)),
        ]
        for population in groups if groups[0] else ():
            of = f" ({population})" if len(groups) > 1 else ""
            sections.append((f"Rows{of}", self._flow(population)))
            sections.append((f"Cleaning{of}", self._cleaning(row, population)))
        return [(title, lines) for title, lines in sections if lines]

    def populations(self, row: Mapping[str, Any]) -> list[str]:
        """Return the groups of respondents behind a row: both of what compares the two sides."""
        between = row["family"] == "tests" and writer(str(row["file"])) == "compare"
        if row["family"] == "sides" or between:
            return list(self.labels.sides)
        return [self.population(row)]

    def population(self, row: Mapping[str, Any]) -> str:
        """Return the group of respondents behind a row ("" for official figures)."""
        if row.get("population"):
            return str(row["population"])
        if row["family"] == "tests":
            return str(self.results.analysed(str(row["analysis"]))[0]["population"])
        if row.get("model"):
            return str(self._model(row).get("population", ""))
        return ""

    def variables(self, row: Mapping[str, Any], population: str) -> list[str]:
        """Return the questions a number stands on, those behind derived variables included."""
        book = self.labels.codebook(population)
        named: set[str] = set()
        if row["family"] in {"estimates", "areas"}:
            named |= {self.labels.question_name(row), str(row["by"])}
        elif row["family"] in {"ranks", "sides", "waves", "change"}:
            named.add(self.labels.question_name(row))
        elif row["family"] == "tests" and writer(str(row["file"])) == "compare":
            named.add(str(row["analysis"]).removeprefix("sides_"))
        elif row["family"] == "tests":
            first = self.results.analysed(str(row["analysis"]))[0]
            named |= {self.labels.question_name(first), str(first["by"])}
        elif row.get("model"):
            named |= set(_names(self._model(row)))
        derive = self.study.population(population).raw.get("derive", {})
        waiting, found = sorted(named), set()
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            waiting += _names(derive.get(name, {}))
        items = {q.name for name in found & set(book.batteries) for q in book.battery(name)}
        return sorted(name for name in found | items if name in book.questions)

    # -- sections --------------------------------------------------------------------------------

    def _definition(self, row: Mapping[str, Any]) -> list[tuple[str, str]]:
        say = language(self.labels.language, self.study.words)
        return define(row, self.labels, say, writer(str(row["file"])))

    def _rule(self, made_by: str, population: str) -> list[str]:
        option = f" --population {population}" if STAGES[made_by].of else ""
        verbs = chain(made_by)
        lines = [f"ngo-survey {made_by}{option} (rule {made_by} of the Snakefile)"]
        if len(verbs) > 1:
            lines.append(f"after {', '.join(verbs[:-1])}")
        return lines

    def _each(self, groups: list[str], lines: Callable[..., list[str]], *of: object) -> list[str]:
        """Return lines for each group of respondents, each line once."""
        return list(dict.fromkeys(line for group in groups for line in lines(*of, group)))

    def _configuration(self, row: Mapping[str, Any], made_by: str, population: str) -> list[str]:
        lines = []
        for step in chain(made_by):
            block = self.study.population(population).raw if population else {}
            line = STAGES[step]
            lines += [
                f"populations.{population}.{name} ({step})"
                for name in line.block
                if block.get(name)
            ]
            lines += [f"study.{name} ({step})" for name in line.study]
            lines += [
                f"{name} ({step})"
                for name in line.sections
                if self.study.section(name.partition(".")[0])
            ]
        if row.get("model"):
            lines += [
                f"{name}: {value if isinstance(value, str) else json.dumps(value)}"
                for name, value in self._model(row).items()
                if name != "title"
            ]
        return lines

    def _code(self, made_by: str) -> list[str]:
        files = code_files(made_by)
        names = [f"src/ngo_survey/{file.relative_to(SOURCE).as_posix()}" for file in files]
        at = commit(files)
        return [
            *(name for name in names if name.endswith(".py") and not name.endswith("__init__.py")),
            f"hash of the code: {code_hash(made_by)}",
            f"commit: {at}" if at else "commit: none (the program stands outside its repository)",
        ]

    def _inputs(self, row: Mapping[str, Any], population: str) -> list[str]:
        if population:
            paths = raw_files(self.study, population)
        elif row["family"] == "official":
            paths = [str(self.study.section("official")[row["dataset"]]["file"])]
        else:
            named = {str(d["file"]) for d in self.study.section("official").values()}
            paths = sorted(named)
        return [f"{sha256(self.study.path(path))}  {path}" for path in paths]

    def _flow(self, population: str) -> list[str]:
        frame = self.results.family("flow")
        rows = frame[frame["population"] == population]
        return [
            f"{int(count):,} {stage}" + (f" ({note})" if note else "")
            for count, stage, note in zip(rows["count"], rows["stage"], rows["note"], strict=True)
        ]

    def _cleaning(self, row: Mapping[str, Any], population: str) -> list[str]:
        variables = self.variables(row, population)
        frame = self.results.family("changes")
        rows = frame[(frame["population"] == population) & frame["variable"].isin(variables)]
        lines = [
            f"{rule} changed {int(cells):,} cells of {variable}"
            for rule, variable, cells in zip(
                rows["rule"], rows["variable"], rows["cells"], strict=True
            )
        ]
        names = ", ".join(variables)
        return lines or ([f"no rule changed a cell of {names}"] if names else [])

    def _model(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        declared = self.study.section("models").get("declared", {})
        return declared.get(str(row["model"]), {})


def _names(tree: Any) -> list[str]:
    """Return every word in a piece of the configuration that could name a variable."""
    return re.findall(r"[A-Za-z_]\w*", json.dumps(tree, ensure_ascii=False, default=str))
