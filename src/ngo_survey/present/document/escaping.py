"""Text from the data made harmless for readers of the page; the template escapes markup."""

from __future__ import annotations

from markupsafe import Markup

from ngo_survey.present.clean import clean


def finalize(value: object) -> object:
    """Return what a template prints without unfit characters; markup stays markup."""
    if isinstance(value, Markup):
        return Markup(clean(str(value)))
    return clean(value) if isinstance(value, str) else value
