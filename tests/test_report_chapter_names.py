"""`check` holds the names in chapters against the study, before anything is computed."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.build import chapter_functions
from ngo_survey.present.document.chapter_check import check_chapters
from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.chapter_known import ARGUMENTS
from ngo_survey.present.document.finding_functions import FindingFunctions
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from small_study import small_study
from suites import sample

pytestmark = pytest.mark.usefixtures("stages")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study.load(small_study(tmp_path_factory.mktemp("names") / "study") / "config.yaml")


def write(study: Study, text: str) -> Path:
    """Make one chapter all that the study has to say, in each of its languages."""
    for old in study.chapters.rglob("*.md"):
        old.unlink()
    for code in study.languages:
        (study.chapters / code).mkdir(parents=True, exist_ok=True)
        (study.chapters / code / "01_one.md").write_text(f"# One\n\n{text}\n", encoding="utf-8")
    return study.chapters


def test_the_chapters_of_the_default_study_name_what_it_has(study: Study) -> None:
    check_chapters(study)


@pytest.mark.parametrize(
    ("slot", "what"),
    sample(
        [
            ('{{ figure("nosuch", caption="c", reads="r") }}', "figure"),
            ('{{ table("nosuch") }}', "table or indicator"),
            ('{{ top("nosuch", 3) }}', "table or indicator"),
            ('{{ n("nosuch/grew@total") }}', "table or indicator"),
            ('{{ n("model/nosuch/effect/a@b") }}', "model"),
            ('{% if shown("nosuch/grew@total") %}x{% endif %}', "table or indicator"),
            ('{% for entry in rows("nosuch", "mean") %}x{% endfor %}', "table or indicator"),
            ('{% for name in ["audience3", "nosuch"] %}{{ table(name) }}{% endfor %}', "table"),
            ('{% for a, b in [("x", "nosuch")] %}{{ table(b) }}{% endfor %}', "table or indicator"),
            ('{% if simulated %}{{ table("nosuch") }}{% endif %}', "table or indicator"),
            ('{% set name = "nosuch" %}{{ n(name ~ "/grew@total") }}', "table or indicator"),
            ('{{ n("nosuch/" ~ rows("audience3")[0].item ~ "@total") }}', "table or indicator"),
            ('{{ table("audience3" if simulated else "nosuch") }}', "table or indicator"),
            ('{% if known("a/b@c") %}x{% else %}{{ table("nosuch") }}{% endif %}', "table"),
            ('{% if not known("a/b@c") %}{{ table("nosuch") }}{% endif %}', "table or indicator"),
            ('{{ table("audience3", banners=["nosuch"]) }}', "table or indicator"),
            ('{% for b in ["nosuch"] %}{{ table("audience3", [b]) }}{% endfor %}', "table"),
            ('{{ sides("nosuch", caption="c", columns=[]) }}', "item of compare.sides"),
            ('{{ table(name="nosuch") }}', "table or indicator"),
            ('{{ claim(tables=["nosuch"], otherwise="x") }}', "table or model"),
            ('{{ claim(tables=["audience3_by_settlement"], otherwise="x") }}', "table or model"),
            ('{{ claim(by="nosuch", otherwise="x") }}', "banner or variable of a model"),
            ('{{ claim(figure="nosuch", otherwise="x") }}', "figure"),
            ('{{ claim(kind="nosuch", otherwise="x") }}', "kind of finding"),
            ('{% for f in findings("none") %}x{% endfor %}', "kind of finding"),
            ('{% for f in findings(population="nosuch") %}x{% endfor %}', "group of respondents"),
            (
                '{% for f in findings("split", by=["settlement", "nosuch"]) %}x{% endfor %}',
                "banner",
            ),
            (
                '{% for f in findings(levels=["village", "nosuch"]) %}x{% endfor %}',
                "answer of a banner",
            ),
            ('{{ no_difference("nosuch", "ngo") }}', "banner"),
            ('{{ no_difference("settlement", "nosuch") }}', "group of respondents"),
            ('{{ errors("ngo", ["nosuch"], caption="c", columns=[]) }}', "banner"),
            ('{{ side_by_side(["nosuch"], "grew", caption="c", columns=[]) }}', "model"),
            ('{{ two_orders("nosuch", "nosuch", caption="c", columns=[]) }}', "order of compare"),
            ('{{ label("ngo", "nosuch") }}', "question of the questionnaires"),
            ('{{ wave("nosuch") }}', "wave"),
            ('{{ unfilled("nosuch") }}', "checklist"),
            ('{{ foremost("nosuch") }}', "order of compare"),
            ('{{ terms("nosuch") }}', "model"),
            ('{{ n("rates/nosuch/RR1") }}', "group of respondents"),
            ('{{ tested("test/nosuch_by_settlement/rao_scott") }}', "table or indicator"),
            ('{{ fact("official/nosuch/36-III", "year") }}', "official data set"),
            ('{{ config("study.nosuch") }}', "key of the configuration"),
            ('{% for e in entries("nosuch") %}x{% endfor %}', "family of results"),
        ],
        quick=19,
    ),
)
def test_a_name_that_the_study_does_not_have_is_told_with_its_line(
    small: Study, slot: str, what: str
) -> None:
    write(small, slot)
    with pytest.raises(SurveyError, match=rf"01_one\.md, row 3.*no such {what}") as refusal:
        check_chapters(small)
    assert refusal.value.hint


@pytest.mark.parametrize(
    "slot",
    [
        '{% if known("nosuch/grew@total") %}{{ n("nosuch/grew@total") }}{% endif %}',
        '{% if not known("nosuch/grew@total") %}x{% else %}{{ n("nosuch/x@y") }}{% endif %}',
        '{% for entry in rows("audience3") %}{{ table(entry.item) }}{% endfor %}',
        "{% macro of(name) %}{{ table(name) }}{% endmacro %}x",
        '{{ n("rates/ngo/RR1") }}',
    ],
)
def test_what_a_chapter_asks_about_first_or_makes_itself_is_left_to_the_build(
    small: Study, slot: str
) -> None:
    write(small, slot)
    check_chapters(small)


@pytest.mark.parametrize(
    ("slot", "what", "word", "near"),
    sample(
        [
            ('{{ finding("gap") }}', "function", "finding", "findings"),
            ('{% if differ("sides/barriers/a") %}x{% endif %}', "function", "differ", "differs"),
            ("{% if not simulatd %}x{% endif %}", "function", "simulatd", "simulated"),
            (
                "{% for r in rows('audience3') if show(r.key) %}x{% endfor %}",
                "function",
                "show",
                "shown",
            ),
            ("{% macro of(a) %}{{ figur(a) }}{% endmacro %}x", "function", "figur", "figure"),
            ("{{ 'a' | uper }}", "filter", "uper", "upper"),
            ("{% filter lowr %}x{% endfilter %}", "filter", "lowr", "lower"),
            ("{% if waves is defind %}x{% endif %}", "test", "defind", "defined"),
            ("{% for row in rowz('audience3') %}x{% endfor %}", "function", "rowz", "rows"),
            (
                "{{ table('audience3') if simulated else tabel('audience3') }}",
                "function",
                "tabel",
                "table",
            ),
            ("{{ n(labl('x') ~ '/y') }}", "function", "labl", "label"),
            ("{% set x = tops('audience3', 3) %}{{ x }}", "function", "tops", "top"),
            ("{% if known('a/b@c') %}{{ listd('a') }}{% endif %}", "function", "listd", "listed"),
            (
                "{% for finding in findings() %}{{ finding.sentence }}{% endfor %}{{ finding() }}",
                "function",
                "finding",
                "findings",
            ),
            (
                "{% if simulated %}{{ rows('audience3') | lenght }}{% endif %}",
                "filter",
                "lenght",
                "length",
            ),
        ],
        quick=8,
    ),
)
def test_a_word_that_no_chapter_can_call_is_refused_with_its_line_and_the_nearest(
    small: Study, slot: str, what: str, word: str, near: str
) -> None:
    write(small, slot)
    with pytest.raises(SurveyError, match=rf"01_one\.md, row 3.*no such {what}") as refusal:
        check_chapters(small)
    assert refusal.value.value == word
    assert near in str(refusal.value.hint)


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [
        ("Of 243 agencies most closed.", 3, "243"),
        ("Words\nand more\nof 2020 {{ n('rates/ngo/RR1') }}", 5, "2020"),
        ("{% if simulated %}\nSince ½\n{% endif %}", 4, "½"),
        ("{%- if simulated -%}\n\nSince 7\n{% endif %}", 5, "7"),
        ("{# a\nremark 4 #}\n- item 9", 5, "9"),
        ("[of 3](#place-3)", 3, "3"),
        ("## In 2023 {: #later}", 3, "2023"),
        ("{{ n(\n'rates/ngo/RR1') }}\n5", 5, "5"),
        ("Of them\nthe majority closed.", 4, "majority"),
        ("## Twice as many", 3, "Twice"),
    ],
)
def test_a_number_that_an_author_typed_is_told_with_its_file_and_line(
    small: Study, text: str, row: int, found: str
) -> None:
    write(small, text)
    file = rf"chapters/{small.languages[0]}/01_one\.md"
    with pytest.raises(SurveyError, match=rf"{file}, row {row}: .*a number.*{found}.*print it"):
        check_chapters(small)


@pytest.mark.parametrize(
    "text",
    [
        "1. {{ n('rates/ngo/RR1') }}\n2. see `lock-3.11` and [there](#place-3)",
        "{% if simulated %}Half{% endif %} of it",  # how it reads, a build knows
        "{# 4 of them #}## Words {: #part-{{ 2 }}-7}",
        "{% set key %}rates/ngo/RR1{% endset %}{{ n(key) }}",
        "{% macro key() %}rates/ngo/RR1{% endmacro %}{{ n(key()) }}",
    ],
)
def test_digits_of_markup_keys_and_remarks_are_no_numbers_of_a_text(
    small: Study, text: str
) -> None:
    write(small, text)
    check_chapters(small)


@pytest.mark.parametrize(
    ("given", "what", "near"),
    [
        ({"tables": ["audience33"]}, "table or model", "audience3"),
        ({"tables": "audience33"}, "table or model", "audience3"),
        ({"by": "setlement"}, "banner", "settlement"),
        ({"kind": "gaps"}, "kind of finding", "gap"),
        ({"figure": "nosuch"}, "figure", ""),
        ({"population": "ngos"}, "group of respondents", "ngo"),
        ({"levels": ["vilage", "village"]}, "answer of a banner", "village"),
    ],
)
def test_a_build_claims_nothing_under_a_name_that_the_study_does_not_have(
    small: Study, given: dict[str, str], what: str, near: str
) -> None:
    say, labels = language("en", small.words), Labels.load(small, "en")
    template = TemplateFunctions(small, Results(small.paths.results), labels, say, {})
    with pytest.raises(SurveyError, match=f"no such {what}") as refusal:
        FindingFunctions(template, Numbering("")).claim(otherwise="Much the same", **given)
    assert near in str(refusal.value.hint)


def test_what_an_argument_names_is_told_of_arguments_that_functions_have(small: Study) -> None:
    functions = chapter_functions(small, small.languages[0])
    for function, arguments in ARGUMENTS.items():
        of = "findings" if function == "claim" else function
        assert arguments.keys() <= inspect.signature(functions[of]).parameters.keys(), function


def test_every_function_of_a_chapter_is_known_by_its_name_alone(small: Study) -> None:
    known = chapter_functions(small, small.languages[0])
    write(small, "".join(f"{{% if {name} %}}x{{% endif %}}\n" for name in sorted(known)))
    check_chapters(small)
    for name in sorted(known)[:: len(known) // 10]:
        write(small, f"{{% if simulated or {name}x %}}x{{% endif %}}")
        with pytest.raises(SurveyError, match="no such function") as refusal:
            check_chapters(small)
        assert name in str(refusal.value.hint)


@pytest.mark.parametrize(
    "slot",
    [
        "{% for i in range(3) %}{{ loop.index }}{% else %}x{% endfor %}",
        "{% for a, (b, c) in [] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
        "{% macro of(a, b=1) %}{{ a }}{{ b }}{{ caller() }}{{ varargs }}{% endmacro %}{{ of(1) }}",
        "{% if simulated %}{% set x = 1 %}{% endif %}{% if simulated %}{{ x }}{% endif %}",
        "{% set made = namespace(a=1) %}{% set made.a = 2 %}{{ made.a }}",
        "{% set x %}words{% endset %}{{ x | upper }}",
        "{% with a = 1 %}{{ a }}{% endwith %}",
        "{% macro of() %}{{ caller(1) }}{% endmacro %}{% call(row) of() %}{{ row }}{% endcall %}",
    ],
)
def test_what_a_template_makes_itself_is_known(small: Study, slot: str) -> None:
    write(small, slot)
    check_chapters(small)


def test_a_template_that_is_not_closed_is_told_with_its_line(small: Study) -> None:
    write(small, "{% if simulated %}")
    with pytest.raises(SurveyError, match=r"01_one\.md, row \d+.*template is at fault"):
        check_chapters(small)


def test_a_study_without_chapters_has_those_of_the_program(small: Study) -> None:
    for old in small.chapters.rglob("*.md"):
        old.unlink()
    check_chapters(small)
