"""What a kind of figure gets: its declaration, the results, and words in the figure's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ngo_survey.codebook import Questionnaire
from ngo_survey.present.figures.recorded import RecordedResults, RecordedStudy
from ngo_survey.present.table_layout.condition import filter_in_words
from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.language import Language, numbers
from ngo_survey.study.languages import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Drawn(NamedTuple):
    """What a kind of figure gives.

    Attributes
    ----------
    data: the rows of the store that are shown.
    note: base and what marks mean.
    message: what the figure says, as a sentence made from the rows.
    """

    figure: Figure
    data: pd.DataFrame
    note: str
    message: str = ""


@cache
def words(language: str, own: Path | None = None) -> dict[str, str]:
    """Return the words of the figures in a language, those of the study over the program's.

    Raises
    ------
    ConfigError: there are none in this language.
    """
    return catalogue("figures", language, own)


@dataclass(frozen=True)
class Picture:
    """One declared figure under way.

    Attributes
    ----------
    name, spec: its id and its block of the configuration.
    study, results, books: what it may read; every read is recorded (:mod:`.recorded`). Codebooks
        are by group of respondents.
    """

    name: str
    spec: Mapping[str, Any]
    study: RecordedStudy
    results: RecordedResults
    books: Mapping[str, Questionnaire]
    language: str

    def word(self, name: str, /, **slots: object) -> str:
        """Return words of the figures in the language of the figure, their places filled."""
        return words(self.language, self.study.words)[name].format(**slots)

    @property
    def said_numbers(self) -> Language:
        """How the language says numbers and lists."""
        return numbers(self.language, self.study.words)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with the separators of the figure's language."""
        return self.said_numbers.number(value, decimals)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Return a share (0 to 1) as a percentage in the figure's language."""
        return self.said_numbers.format(share, "percent1" if decimals else "percent")

    def points(self, share: float, decimals: int = 1) -> str:
        """Return a difference of shares in percentage points with its sign, without the unit."""
        return self.said_numbers.format(share, "signed" if decimals else "signed0")

    @property
    def alpha(self) -> float:
        """The level at which the report speaks of a difference."""
        return float(self.study.section("report")["rules"]["alpha"])

    def said(self, labels: Mapping[str, str]) -> str:
        """Return labels written in the configuration."""
        return said(labels, self.language)

    @property
    def title(self) -> str:
        """Title of the figure."""
        return self.said(self.spec["title"])

    def estimates(self, analysis: str, statistic: str | None = None) -> pd.DataFrame:
        """Return the estimates of an analysis, of one statistic where it is named."""
        frame = self.results.analysis(analysis)
        if statistic is not None:
            frame = frame[frame["statistic"] == statistic]
            if frame.empty:
                raise self.study.mistake(
                    f"the analysis {analysis} has no such statistic",
                    f"figures.{self.name}",
                    statistic,
                )
        return frame

    def book(self, analysis: str) -> Questionnaire:
        """Return the codebook that an analysis is about."""
        return self.books[self._group(analysis)]

    def _group(self, analysis: str) -> str:
        """Return the group of respondents that an analysis is about."""
        return str(self.results.analysis(analysis)["population"].iloc[0])

    def table(self, analysis: str) -> str:
        """Return the question or battery of an analysis: no prefix of its group, no banner."""
        own = self.study.own_question(analysis)
        prefix = self.study.prefixes[self._group(analysis)]
        return own or analysis.split("_by_", maxsplit=1)[0].removeprefix(prefix)

    def category(self, analysis: str, item: str, category: str) -> str:
        """Return the label of a category; of a battery, the scale its items share."""
        book = self.book(analysis)
        table = self.table(analysis)
        for name in (item, table):
            if name in book:
                return book.choice_label(name, category, self.language)
        return book.choice_label(book.battery(table)[0].name, category, self.language)

    def asked(self) -> str:
        """Return the question of a figure as it was asked; "" of several, or of what was not asked.

        What the program derives, and what the sample brings, has a title and no wording.
        """
        pairs = self.study.section("tables").get("pairs", {})
        asked = set()
        for named in (*self.spec.get("analyses", ()), self.spec):
            if "analysis" in named:
                name = str(named["analysis"]).partition("_by_")[0]
                crossed = pairs.get(name, {})
                if "with" in crossed:
                    return ""
                asked.add((self._group(name), crossed.get("rows") or self.table(name)))
        for name in (self.spec[key] for key in ("table", "battery") if key in self.spec):
            group = next(iter(self.spec.get("groups") or self.study.sides or self.study.prefixes))
            asked.add((group, name))
        if len(asked) != 1:
            return ""
        ((group, name),) = asked
        book = self.books[group]
        if name in book.batteries:
            wording = book.battery_labels[name][self.language]
        elif name in book and book.question(name).type != "derived":
            wording = book.label(name, self.language)
            wording = "" if wording == book.title(name, self.language) else wording
        else:
            return ""
        return self.word("asked", wording=wording) if wording else ""

    def whom(self) -> str:
        """Return of whom a figure is that is not of all who answered; "" of any other.

        Of several analyses that are not of the same people, each is named by its question; where
        one question is of several, that this holds for a part.
        """
        said = {name: self._whom(name) for name in self.results.analyses}
        if len(set(said.values())) < 2:
            return next(iter(said.values()), "")
        titles = {name: self._titled(name) for name in said}
        told = []
        for name, whom in said.items():
            alike = {said[other] for other, title in titles.items() if title == titles[name]}
            if whom and len(alike) == 1:
                told.append(self.word("whom", question=titles[name], whom=whom))
            elif whom:
                told.append(self.word("whom_in_part", whom=whom))
        return " ".join(dict.fromkeys(told))

    def _whom(self, analysis: str) -> str:
        of = self.study.chosen_of(analysis)
        if of.filter:
            said = filter_in_words(of.filter, self.book(analysis), self.language, self.study.words)
            only = self.word("only", filter=said)
        else:
            only = ""
        return self.note(only, self.word("base_all") if of.base == "all" else "")

    def _titled(self, analysis: str) -> str:
        """Return the title of the question or battery of an analysis, or what it is called."""
        book, name = self.book(analysis), self.table(analysis)
        if name in book.batteries:
            return book.battery_title(name, self.language)
        return book.title(name, self.language) if name in book else name

    def item(self, analysis: str, item: str) -> str:
        """Return the short title of an item of a battery."""
        book = self.book(analysis)
        table = self.table(analysis)
        name = item if item in book else book.item(table, item).name
        return book.title(name, self.language)

    def level(self, analysis: str, by: str, level: str) -> str:
        """Return the label of a level of a banner."""
        if not by or level == "total":
            return self.word("total")
        return self.book(analysis).choice_label(by, level, self.language)

    def population(self, name: str) -> str:
        """Return the name of a group of respondents."""
        return self.study.group(name, self.language)

    def base(self, frame: pd.DataFrame) -> str:
        """Return the sentence about the respondents a figure stands on."""
        bases = frame["base"].dropna()
        if bases.empty:
            return ""
        low, high = int(bases.min()), int(bases.max())
        if low == high:
            return self.word("base", n=self.number(high))
        return self.word("bases", low=self.number(low), high=self.number(high))

    def note(self, *parts: str) -> str:
        """Return sentences as one paragraph, the empty ones left out."""
        return " ".join(part for part in parts if part)

    def hidden(self, frame: pd.DataFrame) -> str:
        """Return what hatching means where any row of a figure is hidden."""
        return self.word("suppressed") if frame["estimate"].isna().any() else ""

    def source(self) -> str:
        """Return the source of a figure of the survey, with its year, or those of all waves."""
        years = list(filter(None, [self.study.year]))
        if self.spec["kind"] == "slope":
            years = [str(wave.year) for wave in self.study.waves.values() if wave.year]
        said, title = ", ".join(dict.fromkeys(years)), self.study.title(self.language)
        if not said:
            return self.word("source_undated", title=title)
        return self.word("source", title=title, year=said)

    def listed(self, items: Sequence[str]) -> str:
        """Return items as a list in a sentence."""
        return self.said_numbers.join(items)
