"""What stands over every page that is no finding, or shows small groups."""

from __future__ import annotations

from ngo_survey.present.words.language import Language
from ngo_survey.study import Study


def warning(study: Study, say: Language) -> tuple[str, str]:
    """Return the mark of every page and the words of the first; "" twice where all is well."""
    short, long = [], []
    if study.simulated:
        short.append(say.word("banner"))
        long.append(say.word("banner_long"))
    if study.unprotected:
        reason = str(study.section("disclosure").get("off", ""))
        short.append(say.word(f"unprotected.{study.unprotected}"))
        long.append(say.word(f"unprotected.{study.unprotected}_long", reason=reason))
    return "; ".join(short), " ".join(part.strip() for part in long)
