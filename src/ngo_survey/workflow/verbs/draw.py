"""The verb `draw`: results in, every declared figure out, with the data behind each."""

from __future__ import annotations

from ngo_survey.results import store
from ngo_survey.present.figures import figure_ids
from ngo_survey.present.figures.drawing import Drawer
from ngo_survey.study import Study


def run(study: Study, language: str, png: bool = False) -> None:
    """Draw all figures of one language; writes SVG and CSV side by side, and PNG for Word.

    With ``png`` each stands in pictures/ too, whatever the formats of the report.
    """
    drawer = Drawer.load(study)
    for name in figure_ids(study):
        made = drawer.draw(name, language)
        store.write_bytes(made.svg(), study.paths.figure(name, language))
        store.write_csv(made.data, study.paths.figure(name, language, "csv"))
        paper = (
            [study.paths.figure(name, language, "png")] if "docx" in study.report_formats else []
        )
        for path in [*paper, *([study.paths.picture(name, language)] if png else [])]:
            store.write_bytes(made.png(), path)
