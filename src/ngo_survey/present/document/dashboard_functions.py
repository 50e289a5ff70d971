"""Functions of the chapter that is the one page of key figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ngo_survey.errors import nearest
from ngo_survey.present.document.chapter_functions import ChapterFunctions
from ngo_survey.present.document.definition import form_of, limits_in_words
from ngo_survey.present.document.generic import COUNTED, DrawnFigure, Generic
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.languages import said


@dataclass(frozen=True)
class KeyFigure:
    """A key figure, as marks: its value, its limits ("" without any) and what it counts."""

    value: str
    limits: str
    label: str


@dataclass(frozen=True)
class DashboardFunctions(ChapterFunctions):
    """What ``report.dashboard`` declares, or what there is first."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {"key_figures": self.key_figures, "key_drawings": self.key_drawings}

    def key_figures(self, limit: int = 6) -> list[KeyFigure]:
        """Return the declared key figures, or else the most frequent answer to the first questions.

        Raises
        ------
        ConfigError: the results have no figure of a declared key, with its line.
        """
        study, template = self.template.study, self.template
        made = []
        for place, entry in enumerate(self._declared("values")):
            at = f"report.dashboard.values.{place}"
            with study.at(f"{at}.key"):
                template.results.row(str(entry["key"]))
            words = said(entry["label"], template.language.code)
            made.append(self._figure(str(entry["key"]), template.words(words, "config", at)))
        return made or list(islice(self._first(), limit))

    def key_drawings(self, limit: int = 2) -> list[DrawnFigure]:
        """Return the declared figures, or else the first of the study."""
        named = self._declared("figures")
        known = {one.name: one for one in Generic(self.template, self.numbering).drawn_figures()}
        for place, name in enumerate(named):
            if name not in known:
                at = f"report.dashboard.figures.{place}"
                hint = nearest(str(name), known)
                raise self.template.study.mistake("no such figure", at, name, hint)
        return [known[str(name)] for name in named] or [*known.values()][:limit]

    def _declared(self, part: str) -> list[Any]:
        return list(self.template.study.section("report").get("dashboard", {}).get(part, ()))

    def _figure(self, key: str, label: str) -> KeyFigure:
        template, row = self.template, self.template.results.row(key)
        limits = ""
        if template.is_shown(row) and float(row.get("ci_high", "nan")) > float(row["ci_low"]):
            form = form_of(row, "ci_low", template.labels)
            words = limits_in_words(row, form, template.language)
            limits = template.words(words, "result", key, "ci_low")
        return KeyFigure(template.n(key), limits, label)

    def _first(self) -> Iterator[KeyFigure]:
        """Yield the most frequent answer to each question, group by group."""
        template, labels = self.template, self.template.labels
        for group in template.study.populations:
            for spec in specs(template.study, group, labels.codebook(group)):
                if spec.form not in COUNTED or spec.filter or not labels.has(group, spec.question):
                    continue
                if not template.varies(spec.id):
                    continue
                for entry in template.rows(spec.id)[:1]:
                    parts = [labels.short_title(group, spec.question), entry.whole]
                    # The words of an item may begin with those of its battery.
                    told = parts[1:] if parts[1].startswith(parts[0]) else parts
                    said = (template.words(part, "label") for part in told)
                    yield self._figure(entry.key, ": ".join(said))
