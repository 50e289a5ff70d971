"""What the explorer's section of the page is made of: its data with words, formats and marks."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.present.clean import clean
from ngo_survey.present.document.warning import warning
from ngo_survey.present.html.explorer.tables import tables
from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.results.store import Results
    from ngo_survey.study import Study

#: Words that the script says.
SAID = (
    *("all", "everybody", "across", "within", "asked", "base", "table", "table_all", "drawing"),
    *("nothing", "reads", "not_shown", "shown", "field", "status"),
)


@dataclass(frozen=True)
class Explorer:
    """The data of the section, packed, and the titles of columns that it has no room for."""

    data: str
    left_out: tuple[str, ...]


def explorer(
    study: Study,
    results: Results,
    codebooks: Mapping[str, Questionnaire],
    language: Language,
) -> Explorer:
    """Return the explorer of a study."""
    code = language.code
    declared = study.section("report").get("explorer", {})
    left_out: Mapping[str, Sequence[str]] = declared.get("left_out", {})
    for name, banners in left_out.items():
        for place, banner in enumerate(banners):
            where = f"report.explorer.left_out.{name}.{place}"
            for variable in str(banner).split("."):
                with study.at(where):
                    codebooks[study.population(name).name].question(variable)
    data = tables(study, results, codebooks, code, left_out)
    data["say"] = _say(language, study)
    data["first"] = declared.get("first", data["tables"][0]["id"] if data["tables"] else "")
    titles = [
        f"{' × '.join(codebooks[name].title(v, code) for v in str(banner).split('.'))}"
        f" ({study.population(name).label(code)})"
        for name, banners in left_out.items()
        for banner in banners
    ]
    return Explorer(packed(data), tuple(titles))


def packed(data: Mapping[str, Any]) -> str:
    """Return data as JSON, deflated and in base64: the page unpacks it when it is asked for.

    Figures leave their rows for three lists, which deflate better (``explorer.js`` puts them
    back): ``values`` (in place of a figure that is not shown its status); ``lower``, how far the
    lower limit is from the figure; ``skew``, how much further the upper limit is. None where there
    are no limits.
    """
    values: list[Any] = []
    lower: list[int | None] = []
    skew: list[int | None] = []
    slim = []
    for table in data["tables"]:
        blocks = []
        for block in table["blocks"]:
            rows = []
            for row in block["rows"]:
                rows.append({name: part for name, part in row.items() if name != "figures"})
                for figure in row["figures"]:
                    if not isinstance(figure, list):
                        values.append(figure or "")
                        continue
                    value, low, high, *below = figure
                    values.append("below" if below else value)
                    lower.append(None if low is None else value - low)
                    skew.append(None if low is None else high - value - (value - low))
            blocks.append({**block, "rows": rows})
        slim.append({**table, "blocks": blocks})
    lists = {"values": values, "lower": lower, "skew": skew}
    text = json.dumps({**data, "tables": slim, **lists}, ensure_ascii=False, separators=(",", ":"))
    return b64encode(zlib.compress(clean(text).encode("utf-8"), 9)).decode("ascii")


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
        "banner": warning(study, language)[0],
    }
