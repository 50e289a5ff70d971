"""What a file of an office program says of itself: the same on every day and machine."""

from __future__ import annotations

from typing import Any

from ngo_survey.present.archive import MADE
from ngo_survey.present.clean import clean
from ngo_survey.present.document.document import Document


def set_properties(core: Any, document: Document) -> None:
    """Write the core properties (ISO/IEC 29500-2, 11) of a file of python-docx or python-pptx."""
    core.title, core.subject = clean(document.title), clean(document.subtitle)
    core.author = core.last_modified_by = "ngo-survey"
    core.comments = clean(document.banner)
    core.keywords, core.category = "", ""
    core.language, core.revision = document.language, 1
    core.created = core.modified = MADE.replace(tzinfo=None)
