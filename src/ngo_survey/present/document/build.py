"""From results, figures and chapters to the document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ngo_survey.errors import Faults
from ngo_survey.present.document.appendix import Appendix
from ngo_survey.present.document.area_tables import AreaTables
from ngo_survey.present.document.change_functions import ChangeFunctions
from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.chapter_known import Known, known_names
from ngo_survey.present.document.chapters import REPORT, ChapterSource, chapter_files, write_chapter
from ngo_survey.present.document.checklist import anchors, has
from ngo_survey.present.document.comparison_functions import ComparisonFunctions
from ngo_survey.present.document.complete import refuse_incomplete
from ngo_survey.present.document.dashboard_functions import DashboardFunctions
from ngo_survey.present.document.document import Chapter, Document
from ngo_survey.present.document.exhibits import CrossTables, Drawings, Listings
from ngo_survey.present.document.finding_functions import FindingFunctions
from ngo_survey.present.document.generic import Generic
from ngo_survey.present.document.guard import (
    refuse_loose_digits,
    refuse_loose_numbers,
    refuse_lost_links,
    typed_numbers,
)
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.method import Method
from ngo_survey.present.document.model_check_tables import ModelCheckFunctions
from ngo_survey.present.document.model_functions import ModelFunctions
from ngo_survey.present.document.models_compared import ModelsCompared
from ngo_survey.present.document.response_tables import ResponseTables
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.present.document.warning import warning
from ngo_survey.present.words.language import Language
from ngo_survey.results.store import Results
from ngo_survey.study import Study


@dataclass(frozen=True)
class Builder:
    """What every chapter is made of; ``checked`` holds the checks that are not made again."""

    study: Study
    results: Results
    labels: Labels
    method: Method
    checked: set[str] = field(default_factory=set)

    def document(self, name: str = REPORT) -> Document:
        """Write every chapter of a document, check the whole and return it.

        Raises
        ------
        SurveyError: a chapter is at fault, names a key that the store does not hold, or holds a
            number that comes from nowhere.
        """
        code = self.labels.language
        self._refuse_incomplete()
        say = language(code, self.study.words)
        sources = chapter_files(self.study, code, name)
        for source in sources:
            for error in typed_numbers(source, say):
                raise error
        taken: set[str] = set()
        banner, warned = warning(self.study, say)
        document = Document(
            language=code,
            title=self._title(name, say),
            subtitle=self._subtitle(say),
            banner=banner,
            warning=warned,
            chapters=tuple(self._chapter(source, say, taken) for source in sources),
        )
        # Checklists point to anchors of the whole report: known once every chapter is written.
        places = anchors(document)
        chapters = tuple(
            self._chapter(source, say, set(), places) if source.lists else chapter
            for source, chapter in zip(sources, document.chapters, strict=True)
        )
        document = replace(document, chapters=chapters)
        files = [source.shown for source in sources]
        refuse_loose_digits(document, files)
        refuse_loose_numbers(document, say, files)
        refuse_lost_links(document, files)
        return document

    def _refuse_incomplete(self) -> None:
        """Refuse a language that lacks a part; asked of all documents once, before the first."""
        if "complete" not in self.checked:
            refuse_incomplete(self.study, self.labels.language)
            self.checked.add("complete")

    @cached_property
    def _known(self) -> Known:
        return known_names(self.study, self.labels.codebooks, Faults())

    def _title(self, name: str, say: Language) -> str:
        title = self.study.title(say.code)
        return title if name == REPORT else f"{title}: {say.word(f'documents.{name}')}"

    def _subtitle(self, say: Language) -> str:
        year = self.study.year
        return say.word("labels.subtitle", year=year) if year else say.word("labels.undated")

    def _chapter(
        self, source: ChapterSource, say: Language, taken: set[str], places: Collection[str] = ()
    ) -> Chapter:
        template = _template(self.study, self.results, self.labels, say)
        template.known = lambda: self._known
        numbering = Numbering(source.number, taken)
        functions = _functions(template, numbering, self.method, places)
        return write_chapter(source, functions, template.slots)


def chapter_functions(study: Study, code: str) -> Mapping[str, Any]:
    """Return all that a chapter of a study may use, by name: functions, what conditions ask.

    ``code`` is the language whose words they would print. No questionnaire is read: what a function
    takes does not depend on one, and one at fault need not keep chapters from being checked.
    """
    labels = Labels({}, code)
    template = _template(study, Results(study.paths.results), labels, language(code, study.words))
    return _functions(template, Numbering(""), Method((), (), ""))


def _template(study: Study, results: Results, labels: Labels, say: Language) -> TemplateFunctions:
    return TemplateFunctions(study, results, labels, say, dict(study.section("report")["rules"]))


def _functions(
    template: TemplateFunctions, numbering: Numbering, method: Method, places: Collection[str] = ()
) -> Mapping[str, Any]:
    """Return what one chapter may use, by name. Nothing is read from the results here."""
    study = template.study
    paired = ResponseTables(template, numbering)
    listings = Listings(template, numbering)
    return {
        **template.functions(),
        "listing": listings.listing,
        "grid": listings.grid,
        "series_tables": listings.series_tables,
        "table": CrossTables(template, numbering).table,
        "figure": Drawings(template, numbering).figure,
        **ComparisonFunctions(template, numbering).functions(),
        **ChangeFunctions(template, numbering).functions(),
        "margins": paired.margins,
        "per_people": paired.per_people,
        "rates": paired.rates,
        "resampled_errors": paired.resampled_errors,
        "flow": paired.flow,
        "bases": paired.bases,
        "known": template.has,
        "stated": lambda path: has(study.raw, path),
        "simulated": study.simulated,
        "unprotected": study.unprotected,
        **FindingFunctions(template, numbering).functions(),
        **Generic(template, numbering).functions(),
        **DashboardFunctions(template, numbering).functions(),
        **ModelFunctions(template, numbering).functions(),
        **AreaTables(template, numbering).functions(),
        **ModelsCompared(template, numbering).functions(),
        **ModelCheckFunctions(template, numbering).functions(),
        **method.functions(template, numbering, places),
        **Appendix(template, numbering).functions(),
    }
