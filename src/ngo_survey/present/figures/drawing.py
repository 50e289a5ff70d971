"""From a declaration to bytes: a figure is drawn once, as SVG; PNG is made of that."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from ngo_survey.errors import nearest
from ngo_survey.present.clean import clean
from ngo_survey.present.figures.layout import frame
from ngo_survey.present.figures.picture import Drawn, Picture, words
from ngo_survey.present.figures.recorded import (
    ABSENT,
    FigureSource,
    Read,
    RecordedCodebooks,
    RecordedResults,
    RecordedStudy,
    Recorder,
)
from ngo_survey.present.fonts import fonts
from ngo_survey.study import Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: Pixels an inch: of a page on screen (CSS), and twice as many for paper.
SCREEN = 96
#: How matplotlib writes the address of a mark, and that of one at no number, which is not drawn.
_EMPTY = re.compile(r"""<a xlink:href=(?:"[^"]*"|'[^']*')[^>]*/>""")
_LINK = re.compile(r"""<a xlink:href=("[^"]*"|'[^']*')[^>]*>""")
#: What the Typst compiler makes pixels of: a page that is the picture.
PIXELS = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")
"""
#: Kinds that show official figures, not the survey.
OFFICIAL = frozenset({"series"})
#: Kinds that show all waves at once, or none.
WITHOUT_WAVE = frozenset({"series", "slope"})


@contextmanager
def look() -> Iterator[None]:
    """Draw under the style sheet of the figures, whatever the user's own settings are."""
    import matplotlib as mpl
    from matplotlib import style

    mpl.use("agg")
    with (
        as_file(files("ngo_survey.present.figures") / "look.mplstyle") as sheet,
        style.context(["default", sheet]),
        warnings.catch_warnings(),
    ):
        # Told once a character, in words, where its width is asked for (`text.py`).
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@dataclass(frozen=True)
class Drawing:
    """A figure as it stands on a page.

    Attributes
    ----------
    figure: the matplotlib figure, laid out.
    data: the rows of the results store that it shows.
    title, description: for whom it is read aloud.
    message, mark, notes: what stands around the drawing, each in words.
    within: where the drawing itself begins and how high it is, in points from the top.
    reads: all that it was drawn from, each with a digest of what stood there.
    """

    name: str
    language: str
    figure: Figure
    data: pd.DataFrame
    title: str
    description: str
    reads: Mapping[Read, str]
    message: str = ""
    mark: str = ""
    notes: tuple[str, ...] = ()
    within: tuple[float, float] = (0.0, 0.0)

    def svg(self) -> bytes:
        """Return SVG with real text, a title and a description.

        Each mark of one number holds its key in ``data-key``. The root tells in ``data-``
        attributes what stands around the drawing, and the part that is the drawing, for a page
        that says the words itself.
        """
        return self._svg

    def png(self) -> bytes:
        """Return the SVG as PNG at twice its pixels: the figure is not drawn a second time."""
        import typst

        picture: bytes = typst.compile(
            PIXELS,
            format="png",
            ppi=2 * SCREEN,
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"svg": self._svg.decode("utf-8")},
        )
        return picture

    @cached_property
    def _svg(self) -> bytes:
        with look():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="svg", metadata={"Date": None})
        text = clean(buffer.getvalue().decode("utf-8"))
        # The marks name their numbers: of the picture alone, where no page opens them, no links.
        text = _LINK.sub(r"<g data-key=\1>", _EMPTY.sub("", text)).replace("</a>", "</g>")
        # Verdana has the same widths where DejaVu Sans is not installed.
        text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
        start = text.index("<svg")
        head = text.index(">", start)
        ids = [f"{self.name}-title", f"{self.name}-desc"]
        attributes = f' lang="{self.language}" role="img" aria-labelledby="{" ".join(ids)}"'
        around = {"message": self.message, "mark": self.mark, "notes": "\n".join(self.notes)}
        around["within"] = " ".join(f"{number:.2f}" for number in self.within)
        for part, words_of in around.items():
            told = escape(clean(words_of)).replace("\n", "&#10;")
            attributes += f' data-{part}="{told}"'
        said = (
            f'\n <title id="{ids[0]}">{escape(clean(self.title))}</title>'
            f'\n <desc id="{ids[1]}">{escape(clean(self.description))}</desc>'
        )
        return (text[:head] + attributes + ">" + said + text[head + 1 :]).encode("utf-8")


@dataclass(frozen=True)
class Drawer:
    """Draws the figures of a study; results and codebooks are read once for all languages."""

    study: Study
    _sources: dict[str, FigureSource] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, study: Study) -> Drawer:
        """Return a drawer that reads the results of each wave when a figure first asks for it."""
        return cls(study)

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
        recorder = Recorder(self._source(""))
        study = RecordedStudy(recorder)
        declared = study.section("figures")
        if name not in declared:
            raise study.mistake("no such figure", "figures", name, nearest(name, declared))
        spec = declared[name]
        kind = spec["kind"]
        if kind not in KINDS:
            where = f"figures.{name}.kind"
            raise study.mistake("no such kind of figure", where, kind, nearest(kind, KINDS))
        present = study.present.id
        wave = str(spec.get("wave", present))
        shown = recorder if wave == present else Recorder(self._source(wave), recorder.reads)
        picture = Picture(
            name, spec, RecordedStudy(shown), RecordedResults(shown), RecordedCodebooks(shown),
            language,
        )  # fmt: skip
        official = kind in OFFICIAL
        several = len(study.waves) > 1 and kind not in WITHOUT_WAVE
        with look():
            made = Drawn(*KINDS[kind](picture))
            mark = picture.word("simulated") if study.simulated and not official else ""
            label = study.waves[wave].label(language) if several else ""
            of_wave = picture.word("wave", label=label) if label else ""
            note = picture.note(of_wave, picture.whom(), made.note)
            notes = [picture.asked(), note, "" if official else picture.source()]
            within = frame(made.figure, made.message, notes, mark)
            pyplot.close(made.figure)
        sentences = [picture.title.rstrip(".") + ".", made.message, *notes, mark]
        data = made.data.drop(columns=["file", "group"], errors="ignore")
        if "status" in data and study.simulated:
            data = data.assign(data=study.data)
        description = " ".join(filter(None, sentences))
        reads = {read: self.digest(read) for read in sorted(recorder.reads)}
        return Drawing(
            name, language, made.figure, data, picture.title, description, reads,
            made.message, mark, tuple(filter(None, notes)), within,
        )  # fmt: skip

    def digest(self, read: Read) -> str:
        """Return a hash of what a read of a figure finds now."""
        wave = read[0]
        return self._source(wave).digest(read) if not wave or wave in self.study.waves else ABSENT

    def _source(self, wave: str) -> FigureSource:
        """Return what figures of the present wave (``""``) or an earlier one are drawn from."""
        if wave not in self._sources:
            self._sources[wave] = FigureSource(self.study.wave(wave) if wave else self.study, wave)
        return self._sources[wave]
