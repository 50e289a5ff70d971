"""Tables of a chapter say what the store says, cell by cell, and where a figure is hidden."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.appendix import Appendix
from ngo_survey.present.document.change_functions import ChangeFunctions
from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.comparison_functions import ComparisonFunctions
from ngo_survey.present.document.definition import define
from ngo_survey.present.document.document import Chapter, Link, Slot, Table, plain, walk
from ngo_survey.present.document.exhibits import CrossTables, Drawings, Listings
from ngo_survey.present.document.finding_functions import FindingFunctions
from ngo_survey.present.document.finding_sentences import FindingSentences
from ngo_survey.present.document.generic import Generic, left_open
from ngo_survey.present.document.guard import loose_digits
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.method import File, Method
from ngo_survey.present.document.model_check_tables import ModelCheckFunctions
from ngo_survey.present.document.model_functions import ModelFunctions
from ngo_survey.present.document.models_compared import ModelsCompared
from ngo_survey.present.document.response_tables import ResponseTables
from ngo_survey.present.document.software import packages
from ngo_survey.present.document.template import sections
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.results.store import Results, write
from ngo_survey.study import Study
from ngo_survey.tables.declared import Chosen
from small_store import estimate, small_store


@pytest.fixture(scope="module")
def labels(study) -> Labels:
    return Labels.load(study, "en")


@pytest.fixture
def template(study, labels, tmp_path) -> TemplateFunctions:
    return TemplateFunctions(
        study, small_store(tmp_path), labels, language("en"), study.section("report")["rules"]
    )


def table(template: TemplateFunctions, marked: str) -> Table:
    found = next(part for part in template.slots.split(marked) if isinstance(part, Table))
    assert isinstance(found, Table)
    return found


def cells(made: Table) -> dict[str, list[str]]:
    return {plain(row.label): [plain(cell.content) for cell in row.cells] for row in made.rows}


def test_units_for_ten_thousand_people_are_those_of_the_register(study, labels, tmp_path):
    small_store(tmp_path)
    margins = [
        {"population": "ngo", "variable": "region", "level": level, "register": share}
        | {"key": f"margins/ngo/region={level}", "n": 50, "sample": share}
        for level, share in (("KZ-10", 0.25), ("KZ-75", 0.75))
    ]
    write(pd.DataFrame(margins), "margins", tmp_path / "margins" / "ngo.csv")
    people = {"KZ-10": 500_000.0, "KZ-75": 2_000_000.0, "KZ": 2_500_000.0}
    rows = [
        {"key": f"official/population/{code}", "dataset": "population", "value": value}
        for code, value in people.items()
    ]
    write(pd.DataFrame(rows), "official", tmp_path / "official" / "population.csv")
    whole = [{"key": "rates/ngo/population", "population": "ngo", "value": 4000.0}]
    write(pd.DataFrame(whole), "rates", tmp_path / "rates" / "ngo.csv")
    rules = study.section("report")["rules"]
    results = Results.load(tmp_path)
    template = TemplateFunctions(study, results, labels, language("en"), rules)
    made = ResponseTables(template, Numbering("4")).per_people(
        "density", "ngo", "region", "population", "Density", ["Share", "People", "Per 10,000"]
    )
    said = {label: row[-1] for label, row in cells(table(template, made)).items()}
    # A quarter of 4,000 for half a million people, three quarters for two million.
    assert said == {"Abai Region": "20.0", "Almaty (city)": "15.0"}
    assert list(said) == ["Abai Region", "Almaty (city)"]


def test_two_orders_stand_side_by_side_in_the_first(study, labels, tmp_path):
    small_store(tmp_path)
    ranks = [
        {"key": f"rank/{battery}/{item}", "analysis": battery, "population": "ngo", "item": item}
        | {"category": "", "statistic": "mean", "estimate": value, "base": 90, "status": "shown"}
        | {"rank": place, "rank_low": place, "rank_high": place}
        for battery, items in (
            ("trust", (("akimat", 3.4, 1.0), ("justice", 3.1, 2.0))),
            ("cooperation", (("justice", 3.0, 1.0), ("akimat", 2.5, 2.0))),
        )
        for item, value, place in items
    ]
    write(pd.DataFrame(ranks), "ranks", tmp_path / "ranks" / "ngo.csv")
    rules = study.section("report")["rules"]
    results = Results.load(tmp_path)
    template = TemplateFunctions(study, results, labels, language("en"), rules)
    made = ComparisonFunctions(template, Numbering("8")).two_orders(
        "trust", "cooperation", "Both", ["Trust", "Rank", "Contact", "Rank"]
    )
    assert cells(table(template, made)) == {
        "Local executive body (akimat)": ["3.40", "1", "2.50", "2"],
        "Ministry of Justice": ["3.10", "2", "3.00", "1"],
    }


def test_no_function_of_a_chapter_takes_the_name_of_another(template):
    kinds = (ComparisonFunctions, ChangeFunctions, FindingFunctions, Generic, ModelFunctions)
    kinds = (*kinds, ModelsCompared, ModelCheckFunctions, Appendix)
    names = [name for kind in kinds for name in kind(template, Numbering("1")).functions()]
    assert sorted(names) == sorted(set(names))


def test_a_listing_prints_rows_with_figures_limits_and_labels(template):
    made = Listings(template, Numbering("8")).listing(
        "ranked",
        template.rows("trust", "mean"),
        [("Mean", "estimate", "mean"), ("Limits", "@limits", "mean")],
        "Trust",
        ("Body", "@label"),
    )
    assert cells(table(template, made)) == {
        "Local executive body (akimat)": ["3.42", "3.36 to 3.48"],
        "Ministry of Justice": ["3.05", "2.99 to 3.11"],
    }


def test_a_chapter_writes_a_table_of_its_own_words_and_printed_numbers(template):
    made = Listings(template, Numbering("2")).grid(
        "who-acts",
        [["Funding", template.n("barriers/funding@total"), "The ministry"]],
        caption="Who acts",
        columns=["NGOs", "Who decides"],
        stub="Obstacle",
    )
    placed = table(template, made)
    assert cells(placed) == {"Funding": ["62%", "The ministry"]}
    assert [cell.number for cell in placed.rows[0].cells] == [True, False]


def test_words_of_such_a_table_are_free_in_a_language_its_numbers_are_not():
    said = '{{{{ grid("a", [["{}", n("{}"), "{}"]], caption="", columns=["", ""], stub="") }}}}'
    english, russian = (
        said.format("Funding", "k@total", "all"),
        said.format("Деньги", "k@total", "все"),
    )
    assert sections(english) == sections(russian)
    assert sections(english) != sections(said.format("Funding", "other@total", "all"))


def test_a_row_with_a_cell_too_few_is_refused(template):
    with pytest.raises(SurveyError, match="columns names 2"):
        Listings(template, Numbering("2")).grid(
            "who-acts", [["Funding", "all"]], caption="", columns=["NGOs", "Who"], stub=""
        )


def test_a_margin_of_error_is_half_of_the_widest_limits_in_points(template):
    made = FindingFunctions(template, Numbering("4")).errors(
        "ngo", [], caption="How sure", columns=["Respondents", "Margin"]
    )
    rows = [
        row
        for row in template.results.every("estimates")
        if (row["population"], row["by"], row["statistic"]) == ("ngo", "", "proportion")
        and row["status"] == "shown"
    ]
    base, margin = cells(table(template, made))["All"]
    assert base == f"{max(row['base'] for row in rows):,.0f}"
    half = 50 * max(row["ci_high"] - row["ci_low"] for row in rows)
    assert float(margin) - 1 < round(half, 6) <= float(margin)


def test_a_source_becomes_a_link_named_after_its_host(template):
    made = Listings(template, Numbering("2")).listing(
        "laws",
        template.entries("official", dataset="laws"),
        [("Source", "source")],
        "Laws",
        ("Act", "label"),
    )
    laws = table(template, made)
    links = [part for part in walk(laws) if isinstance(part, Link)]
    assert [(x.target, plain(x.content)) for x in links] == [
        ("https://adilet.zan.kz/eng/docs/Z050000036_", "adilet.zan.kz")
    ]
    assert cells(laws)["On <b>State</b> Social Order, Article 5"] == [
        "adilet.zan.kz; a printed book"
    ]


def test_a_cross_table_keeps_the_key_of_every_cell(template):
    made = table(template, CrossTables(template, Numbering("10")).table("barriers"))
    keys = {p.key for p in walk(made) if isinstance(p, Slot) and p.source == "result" and p.key}
    assert {"barriers/funding@total", "barriers/infrastructure@total"} <= keys
    label = template.labels.choice("ngo", "barriers", "infrastructure")
    assert cells(made)[label] == ["×"]


def of_rural_only(labels: Labels) -> Labels:
    return replace(labels, chosen={"barriers": Chosen("rural = rural", "all")})


def test_a_table_of_some_respondents_and_of_another_base_says_so(template, labels):
    template = replace(template, labels=of_rural_only(labels))
    made = table(template, CrossTables(template, Numbering("10")).table("barriers"))
    rural = labels.codebook("ngo").choice_label("rural", "rural", "en")
    first, second = (plain(note) for note in made.notes[:2])
    assert first.startswith("Only respondents with: ")
    assert rural in first
    assert second.startswith("Percentages stand on all respondents of the table")


def test_a_number_of_such_a_table_says_so_too(template, labels):
    row = template.results.row("barriers/funding@total")
    told = dict(define(row, of_rural_only(labels), template.language, "tabulate"))
    assert "Only respondents with" in told
    assert "without an answer" in told["Percentages stand on"]
    said = FindingSentences(replace(template, labels=of_rural_only(labels)))
    assert said.question(row).endswith("(Town or village: Village)")
    assert "Only respondents with" not in dict(define(row, labels, template.language, "tabulate"))


def test_tables_are_numbered_within_their_chapter_and_no_name_is_used_twice(template):
    tables = CrossTables(template, Numbering("10"))
    assert table(template, tables.table("barriers")).number == "10.1"
    assert table(template, tables.table("trust")).number == "10.2"
    with pytest.raises(SurveyError, match="stands twice"):
        tables.table("barriers")


@pytest.mark.parametrize("heads", [["Mean"], ["Mean", "Limits", "Rank", "Open", "Base", "More"]])
def test_a_table_has_one_heading_for_each_of_its_columns(template, heads):
    store = Path(template.results.directory)
    place = {"key": "rank/trust/akimat", "analysis": "trust", "population": "ngo", "rank": 1.0}
    place |= {"item": "akimat", "statistic": "mean", "estimate": 3.42, "base": 400.0}
    write(pd.DataFrame([place | {"status": "shown"}]), "ranks", store / "ranks" / "trust.csv")
    with pytest.raises(SurveyError, match=f"5 cells, and columns names {len(heads)}"):
        ComparisonFunctions(template, Numbering("8")).ranked("trust", "Trust", heads)


def test_headings_of_columns_are_prose_and_hold_no_digit(template):
    made = Listings(template, Numbering("8")).listing(
        "ranked",
        template.rows("trust", "mean"),
        [("In 2023", "estimate", "mean")],
        "Trust",
        ("B", "key"),
    )
    assert list(loose_digits(Chapter("a", "1", (), (table(template, made),)))) == ["In 2023"] * 4


def test_an_undeclared_figure_is_refused(template):
    with pytest.raises(SurveyError, match="no such figure"):
        Drawings(template, Numbering("1")).figure("no_such_figure", "Caption", "What it shows")


def test_the_definition_of_a_hidden_figure_says_why_it_is_hidden(template):
    row = template.results.row("barriers/infrastructure@total")
    lines = dict(define(row, template.labels, template.language, "compare"))
    assert lines["Status"] == "not shown, to protect respondents"
    assert "Estimate" not in lines


def test_a_condition_leaves_out_consent_which_all_gave(labels):
    assert labels.condition("ngo", "barriers") == ""
    assert labels.condition("ngo", "sso_bodies") == "(${sso_experience} != 'never')"


LOCK = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:00
scikit-learn==1.9.0 \\
    --hash=sha256:00
"""


def test_software_is_told_from_the_lock_not_from_what_is_installed():
    found = packages(LOCK, ["numpy", "scikit_learn>=1.5", "pandas>=3"])
    assert [(p.name, p.versions) for p in found] == [
        (
            "numpy",
            "2.4.6 (python_full_version < '3.12') or 2.5.5 (python_full_version >= '3.12')",
        ),
        ("scikit_learn", "1.9.0"),
        ("pandas", ">=3"),
    ]


def test_input_files_stand_with_their_hashes(template):
    method = Method((File("data/raw/responses/ngo.csv", "ab12"),), (), "")
    functions = method.functions(template, Numbering("13"))
    made = table(template, functions["input_files"]("Files", ["File", "Hash"]))
    assert cells(made) == {"data/raw/responses/ngo.csv": ["ab12"]}


def test_a_checklist_lists_what_is_unfilled_with_the_key_that_would_fill_it(template):
    functions = Method((), (), "").functions(template, Numbering("13"), ["methods-weights"])
    made = table(template, functions["checklist"]("aapor", "AAPOR", ["Item", "No.", "Answer"]))
    answers = cells(made)
    assert answers["How the data were weighted"] == ["9", "answered here"]
    assert answers["Who sponsored and who conducted the study"][1] == (
        "not stated by the study: study.sponsor"
    )
    assert answers["Population under study"][1] == "unfilled: the report has no place for it"


def weighted_by(study, weighting) -> Study:
    groups = {n: g | {"weighting": weighting} for n, g in study.raw["populations"].items()}
    return Study(study.root, study.file, {**study.raw, "populations": groups})


def test_a_checklist_does_not_answer_what_is_not_recorded(template, study):
    block = {key: value for key, value in study.raw["study"].items() if key != "fieldwork"}
    study = weighted_by(
        Study(study.root, study.file, study.raw | {"study": block}), {"weights": "w"}
    )
    places = ["methods-weights", "methods-design-and-fieldwork"]
    given = replace(template, study=study)
    functions = Method((), (), "").functions(given, Numbering("13"), places)
    answers = cells(table(given, functions["checklist"]("aapor", "A", ["Item", "No.", "Answer"])))
    numbers = {number: answer for number, answer in answers.values()}
    assert numbers["5"].endswith("report.statements.sample")
    assert numbers["7"].endswith("study.fieldwork")
    assert numbers["9"].endswith("report.statements.weights")
    stated = {key: {"en": "Told."} for key in ("sample", "weights")}
    raw = {**study.raw, "report": study.raw["report"] | {"statements": stated}}
    told = replace(template, study=Study(study.root, study.file, raw))
    functions = Method((), (), "").functions(told, Numbering("13"), places)
    answers = cells(table(told, functions["checklist"]("aapor", "A", ["Item", "No.", "Answer"])))
    numbers = {number: answer for number, answer in answers.values()}
    assert (numbers["5"], numbers["9"]) == ("answered here", "answered here")


@pytest.mark.parametrize(
    ("weighting", "said"),
    [
        ("none", "The answers are taken for a simple random sample."),
        ({"weights": "w", "psu": "p"}, "primary sampling units and unequal weights."),
        ({"margins": {"sex": {"f": 0.5}}}, "the design: unequal weights and raking."),
        ({"strata": ["a"], "margins": ["a"]}, "finite population, unequal weights, and raking."),
    ],
)
def test_estimates_take_in_what_the_study_declares(template, study, weighting, said):
    template = replace(template, study=weighted_by(study, weighting))
    made = Generic(template, Numbering("1"))
    assert plain(made.inlines(made.estimation())).endswith(said)


def test_a_flow_says_that_it_is_rounded_only_where_it_does_not_add_up(template, tmp_path):
    notes = {}
    for name, aside in (("exact", 50), ("rounded", 55)):
        counts = {"received": 1240, "test": aside, "complete": 1190}
        rows = [
            {"key": f"flow/ngo/{s}", "population": "ngo", "stage": s, "count": c}
            for s, c in counts.items()
        ]
        write(pd.DataFrame(rows), "flow", tmp_path / name / "flow" / "ngo.csv")
        told = replace(template, results=Results.load(tmp_path / name))
        made = table(told, ResponseTables(told, Numbering("1")).flow("flow", "Flow", "Stage"))
        notes[name] = [plain(note) for note in made.notes]
    assert notes["exact"] == []
    assert notes["rounded"] == ["Counts of rows set aside are rounded and need not add up."]


def test_a_question_of_which_one_answer_has_everybody_is_told_from_others(template, tmp_path):
    own = {
        "all": [("yes", 400), ("no", 0)],
        "most": [("yes", 399), ("no", 1)],
        "hidden": [("yes", float("nan")), ("no", float("nan"))],
    }
    for name, answers in own.items():
        rows = [estimate(name, answer, 0.5) | {"n": n} for answer, n in answers]
        write(pd.DataFrame(rows), "estimates", tmp_path / "r" / "estimates" / f"{name}.csv")
    told = replace(template, results=Results.load(tmp_path / "r"))
    assert {name: told.varies(name) for name in own} == {"all": False, "most": True, "hidden": True}


@pytest.mark.parametrize(
    ("shares", "several", "open_"),
    [
        ([0.6, 0.3, 0.1], False, False),
        ([0.6, 0.3, None, None], False, False),
        ([0.15, None, None], False, True),
        ([0.4, 0.2, None, None], False, True),
        ([0.6, 0.3, None, None], True, True),
        ([None, None], False, False),
    ],
)
def test_the_most_frequent_are_called_so_only_where_no_hidden_answer_may_be(
    shares: list[float | None], several: bool, open_: bool
) -> None:
    rows = [
        estimate("a", f"c{n}", share or 0.0, status="shown" if share else "suppressed")
        for n, share in enumerate(shares)
    ]
    foremost = sorted((s for s in shares if s), reverse=True)[:2]
    assert left_open(rows, foremost, several) is open_


def test_the_methods_of_the_program_print_what_checklists_call_answered(template, study):
    raw = study.raw | {
        "study": study.raw["study"] | {"sponsor": "A fund", "modes": ["web", "mail"]},
        "report": study.raw["report"] | {"statements": {"pretest": {"en": "Tried on twelve."}}},
    }
    made = Generic(replace(template, study=Study(study.root, study.file, raw)), Numbering("1"))
    facts = [plain(made.inlines(fact)) for fact in made.stated_facts()]
    assert "Sponsor: A fund" in facts
    assert "Modes of data collection: web and mail" in facts
    assert "Pretest of the questionnaire: Tried on twelve." in facts
