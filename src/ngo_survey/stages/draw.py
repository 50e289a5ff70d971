"""The verb `draw`: results in, every declared figure out, with the data behind each."""

from __future__ import annotations

from ngo_survey import store
from ngo_survey.errors import nearest
from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import SETTINGS, finish, to_png, to_svg
from ngo_survey.figures.waves import Shelves
from ngo_survey.study import Study


def run(study: Study, language: str) -> None:
    """Draw all figures of one language; writes SVG and CSV side by side (and PNG for Word)."""
    import matplotlib as mpl

    mpl.use("agg")
    from ngo_survey.figures.kinds import KINDS

    shelves = Shelves(study)
    with mpl.rc_context(SETTINGS):
        for name, spec in study.section("figures").items():
            if spec["kind"] not in KINDS:
                raise study.mistake(
                    "no such kind of figure",
                    f"figures.{name}.kind",
                    spec["kind"],
                    nearest(spec["kind"], KINDS),
                )
            shelf = shelves.shelf(spec)
            picture = Picture(name, spec, shelf.study, shelf.results, shelf.books, language)
            figure, data, note = KINDS[spec["kind"]](picture)
            wave = shelves.label(spec, language)
            note = f"{picture.word('wave', label=wave)} {note}" if wave else note
            official = spec["kind"] == "series"
            mark = picture.word("simulated") if study.simulated and not official else ""
            finish(figure, note, mark)
            described = " ".join(filter(None, [picture.title + ".", note, mark]))
            if "docx" in study.report_formats:
                store.write_bytes(to_png(figure), study.paths.figure(name, language, "png"))
            store.write_bytes(
                to_svg(figure, picture.title, described), study.paths.figure(name, language)
            )
            shown = data.drop(columns=["file", "group"], errors="ignore")
            if "status" in shown and study.simulated:
                shown = shown.assign(data=study.data)
            store.write_csv(shown, study.paths.figure(name, language, "csv"))
