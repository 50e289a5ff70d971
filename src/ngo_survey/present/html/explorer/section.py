"""What the explorer's section of the page is made of: its data with words, formats and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.present.document.number_details import for_script
from ngo_survey.present.html.explorer.pack import tables
from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.results.store import Results
    from ngo_survey.study import Study

#: Words that the script says.
SAID = (
    *("all", "everybody", "across", "within", "asked", "base", "table", "table_all", "drawing"),
    *("reads", "not_shown", "shown", "field", "status"),
)


@dataclass(frozen=True)
class Explorer:
    """The data of the section as JSON, and the titles of columns that it has no room for."""

    data: str
    left_out: tuple[str, ...]


def explorer(
    study: Study,
    results: Results,
    codebooks: Mapping[str, Questionnaire],
    language: Language,
    known: Sequence[str],
) -> Explorer:
    """Return the explorer of a study; ``known`` are the texts of the page's definitions."""
    code = language.code
    declared = study.section("report").get("explorer", {})
    left_out: Mapping[str, Sequence[str]] = declared.get("left_out", {})
    for name, banners in left_out.items():
        for place, banner in enumerate(banners):
            where = f"report.explorer.left_out.{name}.{place}"
            for variable in str(banner).split("."):
                with study.at(where):
                    codebooks[study.population(name).name].question(variable)
    data = tables(study, results, codebooks, code, known, left_out)
    data["say"] = _say(language, study)
    data["first"] = declared.get("first", data["tables"][0][0] if data["tables"] else "")
    titles = [
        f"{' × '.join(codebooks[name].title(v, code) for v in str(banner).split('.'))}"
        f" ({study.population(name).label(code)})"
        for name, banners in left_out.items()
        for banner in banners
    ]
    return Explorer(for_script(data), tuple(titles))


def _say(language: Language, study: Study) -> dict[str, Any]:
    """Return the words of the script and the patterns by which it prints numbers.

    The browser's own formats are not used: no browser has those of every language.
    """
    word = language.word
    least = word("number.percent", value="1")
    return {
        **{name: language.words["explorer"][name] for name in SAID},
        **{name: word(f"number.{name}") for name in ("thousands", "decimal", "minus", "percent")},
        "below": word("number.below", value=least),
        "range": word("number.range"),
        "none": word("number.none"),
        "hidden": "×",
        "banner": word("banner") if study.simulated else "",
    }
