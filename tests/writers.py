"""Write answers as field tools and statistical packages do, for tests of the readers."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import fastparquet
import openpyxl
import pandas as pd
import pyreadstat

from ngo_survey.codebook import Question, Questionnaire

Frame = pd.DataFrame
LANGUAGE = "ru"


def asked(form: Questionnaire, frame: Frame) -> list[Question]:
    return [q for q in form if q.name in frame and q.type != "derived"]


def said(question: Question, value: object) -> str:
    """The label of an answer, answers of many joined as Google does."""
    if pd.isna(value):
        return ""
    labels = {c.name: c.labels[LANGUAGE] for c in question.choices}
    if question.type == "select_multiple":
        return ", ".join(labels[v] for v in str(value).split())
    return labels.get(str(value), str(value))


def text_of_other(q: Question) -> bool:
    return q.type == "text" and q.name.endswith("_other")


def text(frame: Frame) -> Frame:
    return frame.astype(object).where(frame.notna(), "").astype(str)


def csv(path: Path, frame: Frame, encoding: str = "utf-8", sep: str = ",") -> Path:
    path.write_bytes(frame.to_csv(index=False, sep=sep).encode(encoding))
    return path


def names(form: Questionnaire, frame: Frame) -> Frame:
    return text(frame[[q.name for q in asked(form, frame)]])


def split(form: Questionnaire, frame: Frame, mark: str, yes: str = "1", no: str = "0") -> Frame:
    """Names, answers of many in one column a choice."""
    made = {}
    for q in asked(form, frame):
        column = text(frame[[q.name]])[q.name]
        if q.type != "select_multiple":
            made[q.name] = column
            continue
        for choice in q.choice_names:
            chosen = column.map(lambda v, c=choice: yes if c in v.split() else no)
            made[f"{q.name}{mark}{choice}"] = chosen.where(column != "", "")
    return pd.DataFrame(made)


def kobo(form: Questionnaire, frame: Frame, mark: str = "/", labels: bool = False) -> Frame:
    """Group prefixes, the tool's own columns, names or labels."""
    made = {}
    for q in asked(form, frame):
        header = f"{q.group}{mark}{q.name}" if q.group else q.name
        column = text(frame[[q.name]])[q.name]
        made[header] = frame[q.name].map(lambda v, q=q: said(q, v)) if labels else column
    return pd.DataFrame(
        made | {"_uuid": [f"uuid-{i}" for i in range(len(frame))], "__version__": "v1"}
    )


def kobo_labels(form: Questionnaire, frame: Frame) -> Frame:
    """Labels in headers and cells; answers of many split into one column a choice."""
    made: dict[str, object] = {"_uuid": [f"uuid-{i}" for i in range(len(frame))]}
    for q in asked(form, frame):
        wording = q.labels.get(LANGUAGE) or q.name
        path = "/".join(filter(None, ["Раздел" if q.group else "", battery_of(form, q), wording]))
        if text_of_other(q):
            path = q.name  # two questions have this wording
        if q.type != "select_multiple":
            made[path] = frame[q.name].map(lambda v, q=q: said(q, v))
            continue
        for choice in q.choices:
            chosen = text(frame[[q.name]])[q.name].str.split().map(lambda w, c=choice: c.name in w)
            said_so = chosen.map({True: "1", False: "0"}).where(frame[q.name].notna(), "")
            made[f"{path}/{choice.labels[LANGUAGE]}"] = said_so
    return pd.DataFrame(made)


def battery_of(form: Questionnaire, q: Question) -> str:
    return form.battery_labels[q.battery][LANGUAGE] if q.battery else ""


def google(form: Questionnaire, frame: Frame) -> Frame:
    """Wordings as headers, rows of grids in brackets, labels as answers."""
    made: dict[str, object] = {"Отметка времени": "02.03.2026 09:15:00"}
    for q in asked(form, frame):
        if q.type in ("start", "end") or text_of_other(q):
            continue
        grid = battery_of(form, q)
        item = q.titles.get(LANGUAGE) or q.labels.get(LANGUAGE, "")
        header = f"{grid} [{item}]" if grid else q.labels.get(LANGUAGE) or q.name
        column = frame[q.name].map(lambda v, q=q: said(q, v))
        if f"{q.name}_other" in frame:
            other = next(c.labels[LANGUAGE] for c in q.choices if c.name == "other")
            column = pd.Series(
                [v.replace(other, t) if pd.notna(t) else v
                 for v, t in zip(column, frame[f"{q.name}_other"], strict=True)]
            )  # fmt: skip
        made[header] = column
    return pd.DataFrame(made, index=frame.index)


def surveymonkey(form: Questionnaire, frame: Frame) -> list[list[str]]:
    """Two header rows; the second names choices and rows of grids; answers are labels."""
    above, below, columns = ["RespondentID", "StartDate"], ["", ""], []
    columns += [[str(1000 + i) for i in range(len(frame))], ["03/02/2026 09:15:00"] * len(frame)]
    last = ""
    for q in asked(form, frame):
        if q.type in ("start", "end"):
            continue
        if text_of_other(q):
            above.append("")
            below.append("Другое (укажите)")
            columns.append(["" if pd.isna(v) else str(v) for v in frame[q.name]])
            continue
        grid = battery_of(form, q)
        wording = grid or q.labels.get(LANGUAGE) or q.name
        if q.type == "select_multiple":
            for place, choice in enumerate(q.choices):
                label = choice.labels[LANGUAGE]
                above.append("" if place else wording)
                below.append(label)
                columns.append(
                    [label if choice.name in str(v).split() else "" for v in frame[q.name]]
                )
        else:
            above.append("" if grid and grid == last else wording)
            item = q.titles.get(LANGUAGE) or q.labels.get(LANGUAGE, "")
            below.append(item if grid else "Response")
            columns.append([said(q, v) for v in frame[q.name]])
        last = grid
    return [above, below, *map(list, zip(*columns, strict=True))]


def limesurvey(form: Questionnaire, frame: Frame) -> Frame:
    """``code[part]. Question [part]``, no underscores in codes; full answers, Yes or nothing."""
    n = len(frame)
    made: dict[str, object] = {
        **{"id. Response ID": [str(i) for i in range(n)], "submitdate. Date submitted": ""},
        **{"startlanguage. Start language": "ru", "lastpage. Last page": "9"},
    }
    for q in asked(form, frame):
        if q.type in ("start", "end"):
            continue
        wording = q.labels.get(LANGUAGE) or q.name
        code = q.name.replace("_", "")
        if q.type == "select_multiple":
            for choice in q.choices:
                header = f"{code}[{choice.name}]. {wording} [{choice.labels[LANGUAGE]}]"
                made[header] = [
                    "Да" if choice.name in str(v).split() else "" for v in frame[q.name]
                ]
        elif q.battery:
            code = f"{q.battery.replace('_', '')}[{q.item.replace('_', '')}]"
            made[f"{code}. {battery_of(form, q)} [{wording}]"] = frame[q.name].map(
                lambda v, q=q: said(q, v)
            )
        else:
            made[f"{code}. {wording}"] = frame[q.name].map(lambda v, q=q: said(q, v))
    return pd.DataFrame(made)


def coded(form: Questionnaire, frame: Frame, mark: str) -> tuple[Frame, dict, dict]:
    """Numbers with value labels, as statistical packages keep answers."""
    wide = split(form, frame, mark) if mark else names(form, frame)
    values: dict[str, dict[int, str]] = {}
    labels = {}
    for name in wide.columns:
        question = form.questions.get(name)
        if question is None:
            wide[name] = pd.to_numeric(wide[name], errors="coerce")
            continue
        labels[name] = (question.labels.get(LANGUAGE) or name)[:80]
        if question.choices and question.type != "select_multiple":
            codes = {c.name: i for i, c in enumerate(question.choices, 1)}
            wide[name] = wide[name].map(codes).astype(float)
            values[name] = {codes[c.name]: c.labels[LANGUAGE] for c in question.choices}
        elif question.numeric:
            wide[name] = pd.to_numeric(wide[name], errors="coerce")
    return wide, values, labels


def sav(path: Path, form: Questionnaire, frame: Frame) -> Path:
    wide, values, labels = coded(form, frame, ".")
    pyreadstat.write_sav(wide, path, column_labels=labels, variable_value_labels=values)
    return path


def shortened(name: str) -> str:
    return name if len(name) < 29 else f"{name[:24]}{len(name)}"


def column_map(form: Questionnaire) -> dict[str, str]:
    return {shortened(q.name): q.name for q in form if len(q.name) > 28}


def dta(path: Path, form: Questionnaire, frame: Frame) -> Path:
    """Names of Stata have 32 letters at most: the longer ones need the column map."""
    wide, values, labels = coded(form, frame, "")
    wide = wide.rename(columns=shortened)
    labels = {shortened(k): v for k, v in labels.items()}
    values = {shortened(k): v for k, v in values.items()}
    pyreadstat.write_dta(wide, path, column_labels=labels, variable_value_labels=values, version=15)
    return path


def parquet(path: Path, frame: Frame) -> Path:
    fastparquet.write(str(path), frame)
    return path


def xlsx(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def ods(path: Path, rows: list[list[str]]) -> Path:
    """The least that is a spreadsheet of OpenDocument."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    cells = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(value)}</text:p></table:table-cell>"
            for value in row
        )
        + "</table:table-row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        packed.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.2">'
            f'<office:body><office:spreadsheet><table:table table:name="Data">{cells}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


#: Codes of the errors that a cell of XLS can hold.
XLS_ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#N/A": 0x2A}


@dataclass(frozen=True)
class XlsFormula:
    """A formula of XLS by what is stored as its result: a number, an error, or the empty text."""

    result: float | str | None

    @property
    def stored(self) -> bytes:
        if isinstance(self.result, float):
            return struct.pack("<d", self.result)
        kind, code = (3, 0) if self.result is None else (2, XLS_ERRORS[self.result])
        return bytes([kind, 0, code, 0, 0, 0, 0xFF, 0xFF])


def xls(path: Path, rows: list[list[object]], formats: dict[tuple[int, int], str]) -> Path:
    """The least that is a workbook of Excel 97: texts, numbers, errors, formats by place.

    [MS-XLS] for the records, [MS-CFB] for the container, of which the workbook is the one stream.
    """

    def record(kind: int, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack("<HH", kind, len(body)) + body

    def words(text: str, length: str = "<H") -> bytes:
        return struct.pack(length, len(text)) + b"\1" + text.encode("utf-16-le")

    def cell(row: int, column: int, value: object) -> bytes:
        style = (
            1 + codes.index(formats[row, column]) if (row, column) in formats else 1 + len(codes)
        )
        at = struct.pack("<HHH", row, column, style)
        if isinstance(value, XlsFormula):
            end = struct.pack("<HIH", 0, 0, 3) + bytes([0x1E, 1, 0])  # the formula is =1
            return record(0x06, at, value.stored, end)
        if value in XLS_ERRORS:
            return record(0x205, at, bytes([XLS_ERRORS[str(value)], 1]))
        if isinstance(value, float):
            return record(0x203, at, struct.pack("<d", value))
        return record(0x204, at, words(str(value)))

    codes = sorted(set(formats.values()))
    begin = struct.pack("<HHII", 0x0DBB, 0x07CC, 0, 6)
    style = [record(0xE0, struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0, 0, 0, 0, 0, 0, 0))]
    style += [
        record(0xE0, struct.pack("<HHHBBBBIIH", 0, number, 1, 0, 0, 0, 0, 0, 0, 0))
        for number in [*range(164, 164 + len(codes)), 0]
    ]
    named = [record(0x41E, struct.pack("<H", 164 + i), words(c)) for i, c in enumerate(codes)]
    globals_ = [record(0x809, struct.pack("<HH", 0x600, 5), begin), *named, *style]
    before = len(b"".join(globals_)) + len(record(0x85, bytes(6), words("Data", "<B")))
    start = struct.pack("<IH", before + 4, 0)
    globals_ += [record(0x85, start, words("Data", "<B")), record(0x0A)]
    size = struct.pack("<IIHHH", 0, len(rows), 0, len(rows[0]), 0)
    cells = [
        cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value != ""
    ]
    sheet = [record(0x809, struct.pack("<HH", 0x600, 0x10), begin), record(0x200, size), *cells]
    path.write_bytes(container(b"".join([*globals_, *sheet, record(0x0A)])))
    return path


def container(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file of sectors of 512 bytes: its table, its directory, one stream."""
    stream = stream.ljust(-(-max(len(stream), 4096) // 512) * 512, b"\0")
    last, free = 0xFFFFFFFE, 0xFFFFFFFF
    sectors = len(stream) // 512
    chain = [0xFFFFFFFD, last, *range(3, 2 + sectors), last]
    assert len(chain) <= 128
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0)
    head += struct.pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        sides = struct.pack("<BBIII", kind, 1, free, free, child)
        times = bytes(16 + 4 + 16)
        length = len(text) + 2 if name else 0
        return (
            text.ljust(64, b"\0")
            + struct.pack("<H", length)
            + sides
            + times
            + struct.pack("<IQ", first, size)
        )

    directory = entry("Root Entry", 5, 1, last, 0) + entry(name, 2, free, 2, len(stream))
    directory += entry("", 0, free, 0, 0) * 2
    return head + struct.pack("<128I", *chain, *[free] * (128 - len(chain))) + directory + stream


Writer = Callable[[Path, Questionnaire, Frame], Path]


def grid(frame: Frame) -> list[list[str]]:
    return [list(frame.columns), *text(frame).to_numpy().tolist()]


#: Every format that a study can come in, by name.
WRITERS: dict[str, Writer] = {
    "kobo csv": lambda p, f, d: csv(p / "a.csv", kobo(f, d)),
    "kobo csv with labels": lambda p, f, d: csv(p / "a.csv", kobo(f, d, labels=True)),
    "kobo csv with labels in headers": lambda p, f, d: csv(p / "a.csv", kobo_labels(f, d)),
    "odk central csv": lambda p, f, d: csv(p / "a.csv", kobo(f, d, mark="-")),
    "kobo xlsx": lambda p, f, d: xlsx(p / "a.xlsx", grid(kobo(f, d))),
    "kobo split": lambda p, f, d: csv(p / "a.csv", split(f, d, "/")),
    "r split": lambda p, f, d: csv(p / "a.csv", split(f, d, ".", "TRUE", "FALSE")),
    "limesurvey csv": lambda p, f, d: csv(p / "a.csv", limesurvey(f, d), sep=";"),
    "google forms csv": lambda p, f, d: csv(p / "a.csv", google(f, d)),
    "surveymonkey csv": lambda p, f, d: csv(
        p / "a.csv", Frame(surveymonkey(f, d)[1:], columns=surveymonkey(f, d)[0])
    ),
    "surveymonkey xlsx": lambda p, f, d: xlsx(p / "a.xlsx", surveymonkey(f, d)),
    "csv, semicolons, BOM": lambda p, f, d: csv(p / "a.csv", names(f, d), "utf-8-sig", ";"),
    "csv, tabs, UTF-16": lambda p, f, d: csv(p / "a.csv", names(f, d), "utf-16", "\t"),
    "csv, CP1251": lambda p, f, d: csv(p / "a.csv", kobo(f, d, labels=True), "cp1251", ";"),
    "csv, KOI8-R": lambda p, f, d: csv(
        p / "a.csv", kobo(f, d, labels=True).replace("\u2013", "-", regex=True), "koi8-r"
    ),
    "xlsx": lambda p, f, d: xlsx(p / "a.xlsx", grid(names(f, d))),
    "ods": lambda p, f, d: ods(p / "a.ods", grid(names(f, d))),
    "spss": lambda p, f, d: sav(p / "a.sav", f, d),
    "stata": lambda p, f, d: dta(p / "a.dta", f, d),
    "parquet": lambda p, f, d: parquet(p / "a.parquet", names(f, d)),
}
