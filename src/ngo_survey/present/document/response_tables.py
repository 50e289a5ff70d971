"""Tables that put figures of several keys in one row: register and sample, rates, bases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ngo_survey.present.document.chapter_functions import ChapterFunctions, labelled
from ngo_survey.present.document.definition import form_of, measure
from ngo_survey.present.document.document import Cell, Code, Inline, Text
from ngo_survey.present.table_layout.response_flow import adds_up


@dataclass(frozen=True)
class ResponseTables(ChapterFunctions):
    """Functions of a chapter that make such tables."""

    def margins(
        self,
        name: str,
        population: str,
        variable: str,
        caption: str,
        columns: Sequence[str],
        stub: str = "",
        folded: bool = False,
        alphabetical: bool = False,
    ) -> str:
        """Print the register beside the sample: unweighted, base weights, final weights.

        Levels stand in the order of the questionnaire, or by the alphabet of the language.
        """
        template = self.template
        named = [
            (template.labels.choice(population, variable, str(entry["level"])), entry)
            for entry in template.entries("margins", population=population, variable=variable)
        ]
        if alphabetical:
            named.sort(key=lambda pair: template.language.alphabetical(pair[0]))
        rows = []
        for label, entry in named:
            fields = ("register", "sample", "base_weighted", "weighted")
            rows.append(labelled(label, [self.number(entry.n(field=f)) for f in fields]))
        return self.build_table(name, caption, columns, rows, stub, folded=folded)

    def per_people(
        self,
        name: str,
        population: str,
        variable: str,
        people: str,
        caption: str,
        columns: Sequence[str],
        stub: str = "",
        per: int = 10_000,
    ) -> str:
        """Print how many units of the register there are for ``per`` people, most first.

        ``people`` is an official data set of people, one row a region whose ``id`` is its code;
        levels that are no region are set against the whole country. ``columns`` heads the share of
        the register, the people and the units for ``per`` of them.
        """
        template, units = self.template, f"rates/{population}/population"
        whole = f"official/{people}/{template.study.section('geography')['country']}"
        made = []
        for entry in template.entries("margins", population=population, variable=variable):
            key = f"official/{people}/{entry['level']}"
            key = key if template.has(key) else whole
            number = template.results.value(units) * entry["register"]
            rate = per * number / template.results.value(key)
            printed = template.words(
                template.language.format(rate, "decimal"), "result", entry.key, "register"
            )
            cells = (entry.n(field="register"), template.n(key, "count"), printed)
            label = template.labels.choice(population, variable, str(entry["level"]))
            made.append((-rate, labelled(label, [self.number(cell) for cell in cells])))
        rows = [row for _, row in sorted(made, key=lambda one: one[0])]
        return self.build_table(name, caption, columns, rows, stub)

    def rates(
        self,
        name: str,
        rates: Sequence[str],
        caption: str,
        stub: str = "",
        form: str = "plain",
    ) -> str:
        """Print rates by name, one column a group of respondents."""
        return self._by_population(name, "rates", rates, caption, stub, form)

    def resampled_errors(
        self, name: str, population: str, caption: str, columns: Sequence[str], stub: str = ""
    ) -> str:
        """Print the indicators with two standard errors: linearised, and of samples weighted anew.

        ``columns`` heads the figure and the two. Where the configuration draws no samples beside
        (``weighting.errors.beside``) there is nothing to print.
        """
        template, labels = self.template, self.template.labels
        mark, rows = "resampled_error.", []
        for entry in template.entries("rates", population=population):
            if not str(entry["name"]).startswith(mark):
                continue
            key = str(entry["name"]).removeprefix(mark)
            of = template.results.row(key)
            parts = [
                labels.title(population, labels.question_name(of)),
                labels.member(of) if of["category"] else "",
                measure(of, template.language),
                labels.group(of),
            ]
            form = form_of(of, "se", labels)
            cells = (template.n(key), template.n(key, form, "se"), entry.n(form))
            label = ", ".join(dict.fromkeys(filter(None, parts)))
            rows.append(labelled(label, [self.number(cell) for cell in cells]))
        return self.build_table(name, caption, columns, rows, stub) if rows else ""

    def flow(self, name: str, caption: str, stub: str = "") -> str:
        """Print the response flow, one column a group of respondents."""
        flows = self.template.results.every("flow")
        stages = list(dict.fromkeys(row["stage"] for row in flows))
        words = self.template.language.word("labels.flow_rounded")
        notes = [] if adds_up(flows) else [self.template.words(words, "rule")]
        return self._by_population(name, "flow", stages, caption, stub, "count", notes)

    def _by_population(
        self,
        name: str,
        family: str,
        names: Sequence[str],
        caption: str,
        stub: str,
        form: str,
        notes: Sequence[str] = (),
    ) -> str:
        """Print figures keyed ``family/population/name``; names are words of the language."""
        template = self.template
        populations = list(template.study.populations.values())
        heads = [population.label(template.language.code) for population in populations]
        rows = []
        for each in names:
            keys = [f"{family}/{population.name}/{each}" for population in populations]
            if not any(map(template.has, keys)):
                continue  # without a sample there is no response rate
            cells = [
                self.number(template.n(key, form)) if template.has(key) else Cell((Text("–"),))
                for key in keys
            ]
            rows.append(labelled(template.language.word(f"{family}.{each}"), cells, source="rule"))
        return self.build_table(name, caption, self.heads(heads), rows, stub, notes=notes)

    def bases(
        self,
        name: str,
        population: str,
        caption: str,
        columns: Sequence[str],
        stub: str = "",
        folded: bool = False,
    ) -> str:
        """Print how many respondents each question's figures stand on, and when it was asked."""
        template = self.template
        book = template.labels.codebook(population)
        rows = []
        seen: set[str] = set()
        for entry in template.entries("estimates", population=population, by_level="total"):
            question = template.labels.question_name(entry.row)
            if question in seen or question not in book:
                continue
            seen.add(question)
            asked = template.labels.condition(population, question)
            condition: tuple[Inline, ...] = (Code(asked),) if asked else ()
            cells = (self.number(entry.n(field="base")), Cell(condition))
            rows.append(labelled(template.labels.title(population, question), cells))
        return self.build_table(name, caption, columns, rows, stub, folded=folded)
