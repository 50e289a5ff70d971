"""The verb `draw`: results in, every declared figure out, with the data behind each."""

from __future__ import annotations

from ngo_survey.present.figures import figure_ids
from ngo_survey.present.figures.drawing import Drawer
from ngo_survey.results.files import write_bytes
from ngo_survey.results.store import csv_text
from ngo_survey.study import Study
from ngo_survey.workflow.reuse import StageCache
from ngo_survey.workflow.verbs.counts import counted


def run(study: Study, language: str, png: bool = False) -> str:
    """Draw all figures of one language; writes SVG and CSV side by side, and PNG for office files.

    With ``png`` each stands in pictures/ too, whatever the formats of the report. A figure whose
    sources are what they were when it was last drawn is not drawn again.
    """
    paper = study.pictures
    suffixes = ["svg", "csv", *(["png"] if paper or png else [])]
    kept = StageCache.of(study, "draw", language, language)
    drawer = Drawer.load(study)
    for name in figure_ids(study):
        files = kept.find(name, suffixes, drawer.digest)
        if files is None:
            made = drawer.draw(name, language)
            files = {"svg": made.svg(), "csv": csv_text(made.data).encode()}
            files |= {"png": made.png()} if "png" in suffixes else {}
            kept.keep(name, files, made.reads)
        for suffix in ("svg", "csv", *(["png"] if paper else [])):
            write_bytes(files[suffix], study.paths.figure(name, language, suffix))
        if png:
            write_bytes(files["png"], study.paths.picture(name, language))
    kept.prune(figure_ids(study))
    return counted(len(figure_ids(study)), "figure")
