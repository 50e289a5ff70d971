"""A finding reads as a sentence: the larger figure first, each figure with its group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import ConfigError
from ngo_survey.present.document.document import Slot
from ngo_survey.present.document.finding_sentences import FindingSentences
from ngo_survey.present.document.findings import Finding
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study

Say = Callable[..., str]


def written(folder: Path, family: str, **columns: object) -> None:
    """Write rows of a family; what is the same in all stands once."""
    store.write(pd.DataFrame(columns), family, folder / family / "made.csv")


def table(folder: Path, name: str, by: str, category: str, shares: dict[str, float]) -> None:
    written(
        folder,
        "estimates",
        key=[f"{name}_by_{by}/{category}@{level}" for level in shares],
        population="ngo", analysis=f"{name}_by_{by}", by=by, by_level=[*shares], item="",
        category=category, statistic="proportion", estimate=[*shares.values()], n=50, base=100,
        se=0.05, ci_low=0.1, ci_high=0.9, status="shown",
    )  # fmt: skip


def gap(folder: Path, first: float, second: float) -> Finding:
    written(
        folder,
        "sides",
        key=["sides/barriers/bureaucracy"], analysis="barriers", item="", category="bureaucracy",
        statistic="proportion", first=first, second=second, difference=first - second, se=0.02,
        p_adjusted=0.01, status="shown",
    )  # fmt: skip
    return Finding("gap", Results.load(folder).row("sides/barriers/bureaucracy"), 0.5)


def split(folder: Path, name: str, by: str, category: str, shares: dict[str, float]) -> Finding:
    table(folder, name, by, category, shares)
    results = Results.load(folder)
    high, low = (results.row(f"{name}_by_{by}/{category}@{level}") for level in shares)
    return Finding("split", high, 0.5, low)


@pytest.fixture
def say(study: Study, tmp_path: Path) -> Say:
    """Say a finding in a language, with the study's words or with those of the program alone."""

    def said(finding: Finding, code: str, own: bool = True, whole: bool = True) -> str:
        template = TemplateFunctions(
            study,
            Results.load(tmp_path),
            Labels.load(study, code),
            language(code, study.words if own else None),
            study.section("report")["rules"],
        )
        marked = FindingSentences(template).sentence(finding, whole)
        parts = template.slots.split(marked)
        inner = [p.text if isinstance(p, Slot) else str(p) for p in parts]
        # A label may hold marks of its own.
        return "".join(
            "".join(q.text if isinstance(q, Slot) else str(q) for q in template.slots.split(p))
            for p in inner
        )

    return said


BOTH = {
    "en": "34% of NGOs name “Bureaucracy” as an obstacle, against 15% of government bodies",
    "ru": "Барьер «Бюрократия» называют 34\u00a0% НПО и 15\u00a0% государственных органов",
    "kk": "«Бюрократия» кедергісін ҮЕҰ-ның 34%-ы, мемлекеттік органдардың 15%-ы атайды",
}


@pytest.mark.parametrize("code", BOTH)
def test_a_study_phrases_a_gap(say: Say, tmp_path: Path, code: str) -> None:
    assert say(gap(tmp_path, 0.34, 0.15), code) == BOTH[code]


@given(first=st.integers(1, 99), second=st.integers(1, 99))
def test_the_larger_figure_comes_first_whichever_side_it_is_of(
    study: Study, tmp_path_factory: pytest.TempPathFactory, first: int, second: int
) -> None:
    folder = tmp_path_factory.mktemp("gap")
    finding = gap(folder, first / 100, second / 100)
    template = TemplateFunctions(
        study,
        Results.load(folder),
        Labels.load(study, "en"),
        language("en", study.words),
        study.section("report")["rules"],
    )
    marked = FindingSentences(template).sentence(finding)
    slots = [part.text for part in template.slots.split(marked) if isinstance(part, Slot)]
    figures = [int(text.rstrip("%")) for text in slots if text.endswith("%")]
    assert figures == sorted((first, second), reverse=True)
    nouns = [text for text in slots if text in {"NGOs", "government bodies"}]
    if first != second:
        assert nouns == sorted(nouns, reverse=second > first)


def test_groups_without_a_noun_stand_beside_their_figures(say: Say, tmp_path: Path) -> None:
    finding = split(tmp_path, "barriers", "region", "taxes", {"KZ-31": 0.4, "KZ-55": 0.1})
    assert say(finding, "en") == (
        "Barriers to interaction, “Taxes”: 40% (Jambyl Region), 10% (Pavlodar Region)"
    )


def test_a_study_without_words_of_its_own_has_plain_sentences(say: Say, tmp_path: Path) -> None:
    finding = split(
        tmp_path, "barriers", "settlement", "taxes", {"village": 0.4, "regional_centre": 0.1}
    )
    assert say(finding, "en", own=False) == (
        "Barriers to interaction, “Taxes”: 40% (Village), 10% (Regional centre)"
    )


def test_in_a_list_about_a_question_the_question_is_left_out(say: Say, tmp_path: Path) -> None:
    finding = split(
        tmp_path, "barriers", "settlement", "taxes", {"village": 0.4, "regional_centre": 0.1}
    )
    assert say(finding, "en", whole=False) == (
        "“Taxes”: 40% of NGOs in villages, 10% of NGOs in regional centres"
    )


def test_a_table_of_a_name_of_its_own_says_its_answers_in_words(say: Say, tmp_path: Path) -> None:
    shares = {"public_foundation.urban": 0.5, "public_association.rural": 0.2}
    finding = split(tmp_path, "audience_nested", "form_group.rural", "grew", shares)
    assert say(finding, "en") == (
        "Target audience, “Grew”: 50% (Public foundation, Town), 20% (Public association, Village)"
    )


def test_a_mean_of_hundreds_has_no_decimals(say: Say, tmp_path: Path) -> None:
    finding = split(
        tmp_path, "beneficiaries", "settlement", "", {"village": 570.4, "other_town": 310.2}
    )
    high, low = ({**row, "statistic": "mean"} for row in (finding.row, finding.other or {}))
    mean = Finding("split", high, 0.5, low)
    assert say(mean, "en") == (
        "People served: 570 on average among NGOs in villages, 310 among NGOs in other towns"
    )


def test_a_sentence_with_a_place_that_nothing_fills_is_refused(
    study: Study, tmp_path: Path
) -> None:
    finding, words = gap(tmp_path, 0.34, 0.15), language("en", study.words)
    wrong = {"barriers": {"proportion": "{hihg} of {high_group}"}}
    own = words.words | {"findings": words.words["findings"] | {"said": wrong}}
    template = TemplateFunctions(
        study,
        Results.load(tmp_path),
        Labels.load(study, "en"),
        replace(words, words=own),
        study.section("report")["rules"],
    )
    with pytest.raises(ConfigError, match="high"):
        FindingSentences(template).sentence(finding)


EFFECT = {
    "en": "All else equal, growth is 1 percentage point more likely for public foundations than "
    "for public associations",
    "ru": "При прочих равных вероятность роста у общественных фондов на 1 процентный пункт выше, "
    "чем у общественных объединений",
    "kk": "Қалғаны тең болғанда қоғамдық қорлардың өсу ықтималдығы қоғамдық бірлестіктердің "
    "ықтималдығынан 1 пайыздық тармаққа жоғары",
}


@pytest.mark.parametrize("code", EFFECT)
def test_points_go_with_their_number_and_case(say: Say, tmp_path: Path, code: str) -> None:
    row = {
        "key": "contrast", "model": "audience", "variable": "form_group", "outcome": "grew",
        "level": "public_association", "against": "public_foundation", "estimate": -0.01,
    }  # fmt: skip
    assert say(Finding("effect", row, 0.5), code) == EFFECT[code]
