"""A text says one finding once, and opens with how many comparisons differ beyond chance."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.document import Slot
from ngo_survey.present.document.finding_functions import FindingFunctions
from ngo_survey.present.document.findings import FindingRules, comparisons_made
from ngo_survey.present.document.labels import LONGEST, Labels, shortened
from ngo_survey.present.document.language import language
from ngo_survey.present.document.placeholders import Placeholders
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from small_store import estimate

COLUMNS = ("village", "regional_centre")
#: Table, answer, and its shares in the two columns.
Shares = dict[tuple[str, str], tuple[float, float]]
#: A question with two answers, one of which everybody gave, and one with several.
BOTH_ANSWERS: Shares = {("sso_any", "yes"): (0.6, 0.2), ("sso_any", "no"): (0.4, 0.8)}
SEVERAL: Shares = {("barriers", "taxes"): (0.5, 0.2), ("barriers", "funding"): (0.2, 0.6)}


def told_of(
    study: Study,
    folder: Path,
    shares: Shares,
    code: str = "en",
    p: float = 0.01,
    alike: Collection[str] = (),
) -> FindingFunctions:
    """What chapters may call, of a store of these shares by settlement.

    Comparisons have this p, those of the answers in ``alike`` a large one.
    """
    figures, compared = [], []
    for (table, answer), pair in shares.items():
        analysis = f"{table}_by_settlement"
        higher = pair.index(max(pair))
        for place, (level, share) in enumerate(zip(COLUMNS, pair, strict=True)):
            row = estimate(analysis, answer, share, population="ngo", by="settlement")
            key = f"{analysis}/{answer}@{level}"
            figures.append(row | {"key": key, "by_level": level})
            own = 0.4 if answer in alike else p
            above = "BA"[place] if place == higher and own < 0.05 else ""
            compared.append(
                {
                    "key": f"compare/{key}", "analysis": analysis, "population": "ngo", "item": "",
                    "category": answer, "statistic": "proportion", "by": "settlement",
                    "by_level": level, "letter": "AB"[place], "above": above, "p_adjusted": own,
                }
            )  # fmt: skip
    store.write(pd.DataFrame(figures), "estimates", folder / "estimates" / "made.csv")
    store.write(pd.DataFrame(compared), "comparisons", folder / "comparisons" / "made.csv")
    template = TemplateFunctions(
        study,
        Results.load(folder),
        Labels.load(study, code),
        language(code),
        study.section("report")["rules"],
    )
    return FindingFunctions(template, Numbering(""))


def unweighted(study: Study) -> Study:
    """The study without a say in which findings come first."""
    report = study.raw["report"]
    plain = {**report, "findings": {**report["findings"], "weights": {}}}
    return Study(study.root, study.file, {**study.raw, "report": plain}, study.written)


def printed(slots: Placeholders, marked: str) -> str:
    """The words that a chapter prints; a label may hold marks of its own."""
    parts = slots.split(marked)
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return "".join(printed(slots, p.text if isinstance(p, Slot) else str(p)) for p in parts)


def test_of_two_answers_that_exclude_each_other_one_is_told(study: Study, tmp_path: Path) -> None:
    told = told_of(study, tmp_path, BOTH_ANSWERS).findings("split", each=5)
    assert [one.table for one in told] == ["sso_any"]


def test_of_many_answers_each_may_be_told(study: Study, tmp_path: Path) -> None:
    told = told_of(study, tmp_path, SEVERAL).findings("split", each=5)
    assert [one.finding.row["category"] for one in told] == ["funding", "taxes"]


def test_what_a_text_has_told_is_not_told_again(study: Study, tmp_path: Path) -> None:
    functions = told_of(study, tmp_path, BOTH_ANSWERS | SEVERAL)
    first = functions.findings(limit=1)
    rest = functions.findings(limit=5, without=first)
    assert len(first) == len(rest) == 1
    assert first[0].table != rest[0].table


def test_what_a_text_has_told_counts_towards_those_of_its_table(
    study: Study, tmp_path: Path
) -> None:
    functions = told_of(study, tmp_path, SEVERAL)
    first = functions.findings(limit=1)
    assert functions.findings(without=first) == []
    assert len(functions.findings(each=2, without=first)) == 1


@pytest.mark.parametrize(
    ("code", "counted", "largest"),
    [
        ("en", "2 of 3 comparisons", "The largest difference: "),
        ("ru", "Сравнений ответа между группами: 3; ", "Самое большое различие: "),
        ("kk", "салыстыру саны: 3; ", "Ең үлкен айырма: "),
    ],
)
def test_what_differs_opens_with_how_many_do_and_with_the_largest(
    study: Study, tmp_path: Path, code: str, counted: str, largest: str
) -> None:
    # Of three comparisons (yes and no are one) that of taxes does not differ.
    shares = BOTH_ANSWERS | SEVERAL
    functions = told_of(unweighted(study), tmp_path, shares, code, alike=("taxes",))
    said = printed(functions.template.slots, functions.opening(functions.findings()))
    assert counted in said
    assert said.partition(largest)[2]


def test_where_the_study_says_what_weighs_more_the_first_is_not_called_the_largest(
    study: Study, tmp_path: Path
) -> None:
    assert study.raw["report"]["findings"]["weights"]
    functions = told_of(study, tmp_path, SEVERAL)
    said = printed(functions.template.slots, functions.opening(functions.findings()))
    assert "First of all: " in said
    assert "largest" not in said


def test_where_nothing_differs_the_opening_says_of_how_many(study: Study, tmp_path: Path) -> None:
    functions = told_of(study, tmp_path, SEVERAL, p=0.4)
    said = printed(functions.template.slots, functions.opening(functions.findings()))
    assert said.startswith("No difference between groups is larger than chance explains.")
    assert "0 of 2 comparisons" in said


def test_where_no_groups_are_compared_none_is_said_to_be_alike(
    study: Study, tmp_path: Path
) -> None:
    row = estimate("barriers", "taxes", 0.5, population="ngo")
    store.write(pd.DataFrame([row]), "estimates", tmp_path / "estimates" / "made.csv")
    functions = told_of(study, tmp_path / "none", {("barriers", "taxes"): (0.5, 0.2)})
    functions.template.results = Results.load(tmp_path)
    assert functions.opening([]) == "No groups are compared."


def test_a_comparison_whose_verdict_is_hidden_is_not_counted(study: Study, tmp_path: Path) -> None:
    hidden = told_of(study, tmp_path, SEVERAL, p=float("nan")).template.results
    assert comparisons_made(hidden, FindingRules()) == []


def test_an_answer_to_an_item_is_named_with_its_item(study: Study, tmp_path: Path) -> None:
    functions = told_of(study, tmp_path / "other", SEVERAL)
    labels = functions.template.labels
    names = [q.item for q in labels.codebook("ngo").battery("law_awareness")][:2]
    answers = labels.codebook("ngo").battery("law_awareness")[0].choice_names[:2]
    rows = [
        estimate("law_awareness", answer, 0.4, item=item, population="ngo")
        for item, answer in zip(names, answers, strict=True)
    ]
    store.write(pd.DataFrame(rows), "estimates", tmp_path / "estimates" / "made.csv")
    functions.template.results = Results.load(tmp_path)
    said = printed(functions.template.slots, functions.template.top("law_awareness", 2))
    for item, answer in zip(names, answers, strict=True):
        title = labels.title("ngo", f"law_awareness_{item}")
        assert f"{title}: {labels.choice('ngo', 'law_awareness', answer)}" in said


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Number of staff (paid)", "Number of staff (paid)"),
        (
            "How many paid employees does your agency have? Please count as in a usual week.",
            "How many paid employees does your agency have?",
        ),
        (
            "Support for workplaces that have to be changed (e.g. barriers, masks, more rooms)",
            "Support for workplaces that have to be changed",
        ),
        (
            "The law on state orders, grants and prizes for organisations of citizens (2005)",
            "The law on state orders, grants and prizes for organisations of…",
        ),
    ],
)
def test_a_long_title_is_cut_by_rule(title: str, short: str) -> None:
    assert shortened(title) == short
    assert len(short) <= LONGEST
