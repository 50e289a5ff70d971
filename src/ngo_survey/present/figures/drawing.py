"""From a declaration to bytes: a figure drawn once, written as SVG with real text or as PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from ngo_survey.errors import nearest
from ngo_survey.present.figures.layout import frame
from ngo_survey.present.figures.picture import Drawn, Picture, words
from ngo_survey.present.figures.waves import Shelves
from ngo_survey.study import Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: Pixels an inch: of a page on screen (CSS), and twice as many for paper.
SCREEN = 96
#: Kinds that show official figures, not the survey.
OFFICIAL = frozenset({"series"})


@contextmanager
def look() -> Iterator[None]:
    """Draw under the style sheet of the figures, whatever the user's own settings are."""
    import matplotlib as mpl
    from matplotlib import style

    mpl.use("agg")
    with (
        as_file(files("ngo_survey.present.figures") / "look.mplstyle") as sheet,
        style.context(["default", sheet]),
    ):
        yield


@dataclass(frozen=True)
class Drawing:
    """A figure as it stands on a page.

    Attributes
    ----------
    figure: the matplotlib figure, laid out.
    data: the rows of the results store that it shows.
    title, description: for whom it is read aloud.
    """

    name: str
    language: str
    figure: Figure
    data: pd.DataFrame
    title: str
    description: str

    def svg(self) -> bytes:
        """Return SVG with real text, a title and a description."""
        with look():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="svg", metadata={"Date": None})
        text = buffer.getvalue().decode("utf-8")
        # Verdana has the same widths where DejaVu Sans is not installed.
        text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
        start = text.index("<svg")
        head = text.index(">", start)
        ids = [f"{self.name}-title", f"{self.name}-desc"]
        attributes = f' lang="{self.language}" role="img" aria-labelledby="{" ".join(ids)}"'
        said = (
            f'\n <title id="{ids[0]}">{escape(self.title)}</title>'
            f'\n <desc id="{ids[1]}">{escape(self.description)}</desc>'
        )
        return (text[:head] + attributes + ">" + said + text[head + 1 :]).encode("utf-8")

    def png(self) -> bytes:
        """Return PNG at twice the pixels of the SVG."""
        with look():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=2 * SCREEN, metadata={"Software": None})
        return buffer.getvalue()


@dataclass(frozen=True)
class Drawer:
    """Draws the figures of a study; results and codebooks are read once for all languages."""

    study: Study
    shelves: Shelves

    @classmethod
    def load(cls, study: Study) -> Drawer:
        """Return a drawer that reads the results of each wave when a figure first asks for it."""
        return cls(study, Shelves(study))

    def draw(self, name: str, language: str) -> Drawing:
        """Draw one declared figure in one language.

        Raises
        ------
        ConfigError: there is no such figure, kind, or language.
        ResultError: what it should show is not in the results store.
        """
        from matplotlib import pyplot

        from ngo_survey.present.figures.kinds import KINDS

        words(language, self.study.words)  # or say which languages there are
        declared = self.study.section("figures")
        if name not in declared:
            raise self.study.mistake("no such figure", "figures", name, nearest(name, declared))
        spec = declared[name]
        if spec["kind"] not in KINDS:
            near = nearest(spec["kind"], KINDS)
            where = f"figures.{name}.kind"
            raise self.study.mistake("no such kind of figure", where, spec["kind"], near)
        shelf = self.shelves.shelf(spec)
        picture = Picture(name, spec, shelf.study, shelf.results, shelf.books, language)
        official = spec["kind"] in OFFICIAL
        with look():
            made = Drawn(*KINDS[spec["kind"]](picture))
            mark = picture.word("simulated") if self.study.simulated and not official else ""
            wave = self.shelves.label(spec, language)
            note = picture.note(picture.word("wave", label=wave) if wave else "", made.note)
            notes = [note, "" if official else picture.source()]
            frame(made.figure, made.message, notes, mark)
            pyplot.close(made.figure)
        told = [picture.title.rstrip(".") + ".", made.message, *notes, mark]
        data = made.data.drop(columns=["file", "group"], errors="ignore")
        if "status" in data and self.study.simulated:
            data = data.assign(data=self.study.data)
        return Drawing(
            name, language, made.figure, data, picture.title, " ".join(filter(None, told))
        )
