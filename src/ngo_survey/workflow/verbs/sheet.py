"""The verb `sheet`: every figure of a language on one page, to be looked at."""

from __future__ import annotations

from ngo_survey.present.figures import figure_ids
from ngo_survey.present.figures.drawing import Drawer
from ngo_survey.present.figures.sheet import contact_sheet
from ngo_survey.results.files import write_text
from ngo_survey.study import Study


def run(study: Study, language: str, vision: str = "colour") -> None:
    """Draw all figures of one language from the results and write them as one HTML page."""
    drawer = Drawer.load(study)
    drawn = (drawer.draw(name, language) for name in figure_ids(study))
    path = study.paths.contact_sheet(language, vision)
    write_text(contact_sheet(drawn, language, vision, study.words), path)
    print(path.relative_to(study.root))
