"""Figures: declared in the configuration, drawn from the results store alone."""

from __future__ import annotations

from ngo_survey.study import Study


def figure_ids(study: Study) -> list[str]:
    """Return the names of the declared figures."""
    return list(study.section("figures"))
