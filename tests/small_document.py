"""A small document with everything a format must hold, and words that must do no harm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ngo_survey.present.document.document import (
    Cell,
    Chapter,
    Code,
    Document,
    Emphasis,
    Figure,
    Heading,
    Link,
    Listing,
    Note,
    Paragraph,
    Row,
    Slot,
    Strong,
    Table,
    Text,
)

KAZAKH = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі Ұлытау ₸"
#: What would be code, markup, a formula, a file or a field somewhere.
HARMFUL = (
    "#sys.version",
    "#panic(1)",
    r"\input{/etc/passwd}",
    "</w:t><w:t>",
    "<script>alert(1)</script>",
    "\"quoted\" & 'single'",
    "$x$ *b* _e_ `c` @ref <label> //c",
    "=cmd()",
)
#: Words turned around by a mark of direction, and how they must come out.
TURNED, RIGHT = "safe\u202etxet\u202c \u2067end\u2069", "safetxet end"
EVIL = " ".join(HARMFUL)

SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="180pt" viewBox="0 0 360 180">
 <rect width="180" height="20" style="fill: #0072b2"/>
 <text x="10" y="60" style="font: 12px 'DejaVu Sans'">Drawn words</text>
</svg>"""


def number(text: str, key: str) -> Slot:
    return Slot(text, "result", key)


def table(name: str, count: int, folded: bool = False) -> Table:
    """A table of three rows under a group, its numbers those of the keys ``name/row@column``."""
    rows = tuple(
        Row(
            (Slot(label, "label"),),
            tuple(
                Cell((number(f"{10 * place + column}%", f"{name}/{place}@{column}"),), number=True)
                for column in (1, 2)
            ),
        )
        for place, label in enumerate((EVIL, TURNED, KAZAKH))
    )
    heads = tuple(Cell((Slot(words, "label"),), number=True) for words in ("All", "Village"))
    return Table(
        anchor=f"table-{name}",
        number=f"1.{count}",
        caption=(Text(f"Caption of {name}"),),
        stub="Stub",
        header=((Cell((Text("Spanner"),), span=2),), heads),
        rows=(Row((Text("Group"),), (), "group"), *rows),
        notes=((Text("A note below."),),),
        folded=folded,
    )


def figure() -> Figure:
    return Figure(
        "figure-mix", "1.1", "mix", (Text("The mix"),), f"Bars, the longest first. {EVIL}"
    )


def document(banner: str = "Simulated data: not findings", code: str = "en") -> Document:
    blocks = (
        Paragraph((Text("In words "), number("42%", "mix/a@total"), Text(f" and {KAZAKH}."))),
        Paragraph((Strong((Text("Strong"),)), Emphasis((Text(" set apart "),)), Code("a/b.csv"))),
        Paragraph((Emphasis((Strong((Strong((Text("Both"),)),)),)),)),
        Heading(2, "one-harm", (Slot(EVIL, "label"),)),
        Heading(3, "one-deeper", (Text("Deeper"),)),
        Listing(True, ((Paragraph((Text("First item"),)),), (Paragraph((Text("Second"),)),))),
        Listing(False, ((Paragraph((Text("A point"),)), Paragraph((Text("and more of it"),))),)),
        Note((Paragraph((Slot(TURNED, "label"), Link("#one-harm", (Text("there"),)))),)),
        Paragraph((Link("https://example.org/a?b=c&d", (Text("outside"),)),)),
        figure(),
        table("first", 1),
        table("second", 2, folded=True),
        table("third", 3),
        table("fourth", 4),
    )
    chapter = Chapter("one", "1", (Text("One"),), blocks)
    front = Chapter("front", "", (Text("In brief"),), (Paragraph((Text("Words."),)),))
    return Document(code, f"Title {EVIL}", "Subtitle", banner, (front, chapter))


def picture(folder: Path) -> Path:
    """Write a drawing as PNG and return its file."""
    from matplotlib.figure import Figure as Drawing

    file = folder / "mix.png"
    drawing = Drawing(figsize=(3, 1.5))
    drawing.savefig(file, metadata={"Software": None})
    return file


def hash_elsewhere(call: str, folder: Path) -> str:
    """Return the SHA-256 of what a call (`module.function(...)`) of a test makes in a process of
    another folder, time zone, hash seed and locale.
    """
    program = (
        "import hashlib, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); "
        f"import {call.partition('.')[0]}; print(hashlib.sha256({call}).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        cwd=folder,
        env={**os.environ, "TZ": "Asia/Almaty", "PYTHONHASHSEED": "7", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
