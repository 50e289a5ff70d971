"""The results store: everything a reader can see is first a row here.

Tidy frames, one kind a *family*; every row has a ``key`` that is stable, readable and unique over
the whole store. Files are CSV: UTF-8, LF, sorted by nothing but their maker's stated order, floats
with ten significant digits, so that the same results are the same bytes everywhere.
"""

from __future__ import annotations

import hashlib
import io
import logging
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ngo_survey.errors import InputError, ResultError, nearest
from ngo_survey.results.files import write_text
from ngo_survey.results.rows import by_cell, count_rows, first_cells, is_number, read_rows

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

#: Ten significant digits: two more than any tolerance we promise, few enough to hide the last
#: bits that differ between processors and linear-algebra kernels.
FLOAT_FORMAT = "%.10g"

#: Columns of each family, in order.
FAMILIES: dict[str, tuple[str, ...]] = {
    family: tuple(columns.split())
    for family, columns in {
        "estimates": "key analysis population item category by by_level statistic n base "
        "weighted_base estimate se ci_low ci_high df deff n_effective status flag",
        "tests": "key analysis test statistic df1 df2 p p_adjusted effect effect_low effect_high",
        "comparisons": "key analysis population item category statistic by by_level letter above "
        "difference se p p_adjusted",
        "ranks": "key analysis population item category statistic base estimate se rank rank_low "
        "rank_high status",
        "sides": "key analysis item category statistic first second difference se ci_low ci_high "
        "df p p_adjusted rank_first rank_second status",
        "waves": "key wave year analysis population item category by by_level statistic n base "
        "estimate se ci_low ci_high df status",
        "change": "key wave against analysis population item category by by_level statistic "
        "samples common before after difference se ci_low ci_high df p p_adjusted status",
        "areas": "key name population analysis item category by by_level statistic kind base "
        "direct direct_low direct_high synthetic shrinkage adjustment estimate se ci_low ci_high "
        "df",
        "coefficients": "key model term variable level estimate se statistic df p ci_low ci_high",
        "effects": "key model term variable level outcome estimate se ci_low ci_high p p_adjusted",
        "predictions": "key model variable level outcome estimate se ci_low ci_high",
        "contrasts": "key model kind variable level against outcome estimate se ci_low ci_high p "
        "p_adjusted n",
        "diagnostics": "key model name value df1 df2 p note",
        "imputed": "key model quantity term variable level outcome estimate se ci_low ci_high df1 "
        "df p increase fmi complete complete_se complete_low complete_high complete_p",
        "specifications": "key model number coding weights missing covariates link term estimate "
        "se ci_low ci_high df p n note",
        "validation": "key model name value se ci_low ci_high note",
        "calibration": "key model outcome group n predicted observed se ci_low ci_high status",
        "precision": "key population variable category by level against statistic difference value "
        "n deff",
        "registration": "key name standing date hash registered count note",
        "series": "key series concept year kind model value low80 high80 low95 high95 points "
        "qualifier certainty source note",
        "backtests": "key series model steps origins mase mase_naive smape smape_naive coverage80 "
        "coverage95",
        "official": "key dataset id label region year measure value unit qualifier certainty "
        "source note",
        "flow": "key population stage count note",
        "changes": "key population rule variable cells",
        "margins": "key population variable level register n sample base_weighted weighted",
        "rates": "key population name value note",
    }.items()
}

#: The column a key means when no field is named.
HEADLINE: dict[str, str] = {
    "tests": "p",
    "comparisons": "difference",
    "ranks": "rank",
    "sides": "difference",
    "change": "difference",
    "diagnostics": "value",
    "validation": "value",
    "calibration": "observed",
    "precision": "value",
    "registration": "count",
    "series": "value",
    "backtests": "mase",
    "official": "value",
    "flow": "count",
    "changes": "cells",
    "margins": "weighted",
    "rates": "value",
}


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as :func:`csv_text`; the file appears whole or not at all."""
    write_text(csv_text(frame), path)
    log.info("wrote %s: %d rows", path, len(frame))


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with the same bytes everywhere."""
    return frame.to_csv(index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def read_text_csv(path: Path) -> pd.DataFrame:
    """Read a CSV as text, empty cells as missing: leading zeros and choice names survive.

    Raises
    ------
    FileNotFoundError: there is none.
    InputError: it is not UTF-8, empty or cut off, or a row is longer than the header, which pandas
        would read under the wrong names.
    """
    import pandas as pd

    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            return pd.read_csv(
                path, dtype=str, keep_default_na=False, na_values=[""], index_col=False
            )
    except UnicodeDecodeError:
        problem = "the file is not UTF-8"
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        problem = f"this is not CSV ({str(error).strip().splitlines()[-1]})"
    raise InputError(problem, file=path, hint="save it as CSV with commas, in UTF-8")


def tidy(frame: pd.DataFrame, family: str) -> pd.DataFrame:
    """Return ``frame`` in the columns of ``family``; missing optional columns become empty.

    Raises
    ------
    ResultError: for a column the family does not know, a missing key or a key used twice.
    """
    columns = FAMILIES[family]
    unknown = [c for c in frame.columns if c not in columns]
    if unknown:
        raise ResultError(
            f"results of the family {family} have no column {unknown[0]}",
            hint=nearest(unknown[0], columns),
        )
    tidied = frame.reindex(columns=list(columns))
    if tidied["key"].isna().any():
        raise ResultError(f"a row of the family {family} has no key")
    twice = tidied["key"][tidied["key"].duplicated()]
    if len(twice):
        raise ResultError("a key names two results", value=twice.iloc[0])
    return tidied


def write(frame: pd.DataFrame, family: str, path: Path) -> None:
    """Check a frame against its family and write it (see :func:`tidy`, :func:`write_csv`)."""
    write_csv(tidy(frame, family), path)


def read(family: str, source: Path | TextIO) -> pd.DataFrame:
    """Read one file of a family; numbers as float64, all else as text with "" for empty."""
    import pandas as pd

    numbers = [column for column in FAMILIES[family] if is_number(family, column)]
    return pd.read_csv(
        source,
        dtype=dict.fromkeys(FAMILIES[family], "str") | dict.fromkeys(numbers, "float64"),
        keep_default_na=False,
        na_values={column: [""] for column in numbers},
    )


def read_family(family: str, paths: Sequence[Path]) -> pd.DataFrame:
    """Read all files of a family as one frame, with column ``file``: ``family/name.csv``.

    Hundreds of small files are parsed at once: they all have the columns of their family.
    """
    import pandas as pd

    heads: set[str] = set()
    bodies, counts = [], []
    for path in paths:
        head, _, body = path.read_text(encoding="utf-8").partition("\n")
        heads.add(head)
        bodies.append(body if not body or body.endswith("\n") else f"{body}\n")
        counts.append(count_rows(bodies[-1]))
    if not heads:
        return pd.DataFrame(columns=[*FAMILIES[family], "file"])
    if len(heads) > 1:
        raise ResultError(
            f"files of the family {family} have different columns",
            file=paths[0].parent,
            hint="rebuild the results",
        )
    files = ([f"{family}/{path.name}"] * count for path, count in zip(paths, counts, strict=True))
    names = [name for repeated in files for name in repeated]
    frame = read(family, io.StringIO(heads.pop() + "\n" + "".join(bodies)))
    return frame.assign(file=pd.Series(names, index=frame.index, dtype=frame["key"].dtype))


@dataclass(frozen=True)
class Results:
    """The whole results store of one study, read lazily, a family at a time."""

    directory: Path

    @classmethod
    def load(cls, directory: Path) -> Results:
        """Open the store in ``directory``; raises :class:`ResultError` when there is none."""
        if not directory.is_dir():
            raise ResultError("there are no results yet", file=directory, hint="run snakemake")
        return cls(directory)

    def _paths(self, family: str) -> list[Path]:
        return sorted((self.directory / family).glob("*.csv"))

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        return {}

    def family(self, name: str) -> pd.DataFrame:
        """Return all rows of a family, files in the order of their names, with column ``file``."""
        if name not in FAMILIES:
            raise ResultError(
                f"no family of results is called {name}", hint=nearest(name, FAMILIES)
            )
        if name not in self._frames:
            self._frames[name] = read_family(name, self._paths(name))
        return self._frames[name]

    def analysis(self, name: str) -> pd.DataFrame:
        """Return the estimates of one analysis, in their order."""
        known = self._places("estimates")
        if name not in known:
            raise ResultError(
                "no estimates of this analysis", value=name, hint=nearest(name, known)
            )
        return self._rows_of("estimates", name)

    def comparisons(self, analysis: str) -> pd.DataFrame:
        """Return the comparisons of the columns of one analysis, none where there are none."""
        return self._rows_of("comparisons", analysis)

    def _rows_of(self, family: str, analysis: str) -> pd.DataFrame:
        if (family, analysis) not in self._analysed:
            places = self._places(family).get(analysis, [])
            self._analysed[family, analysis] = self.family(family).iloc[places]
        return self._analysed[family, analysis]

    def _places(self, family: str) -> dict[str, Any]:
        """Return the places of the rows of each analysis."""
        if family not in self._analyses:
            grouped = self.family(family).groupby("analysis", sort=False)
            self._analyses[family] = dict(grouped.indices)
        return self._analyses[family]

    @cached_property
    def _analyses(self) -> dict[str, dict[str, Any]]:
        return {}

    @cached_property
    def _analysed(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    def digest(self, family: str, analysis: str = "") -> str:
        """Return a hash of the rows of a family, or of one analysis in it, as they are written.

        No library of frames is loaded: who has nothing new to show need not wait for it.
        """
        if family not in self._digests:
            columns = FAMILIES[family]
            place = columns.index("analysis") if "analysis" in columns else 0
            whole = hashlib.sha256()
            parts: defaultdict[str, hashlib._Hash] = defaultdict(hashlib.sha256)
            for file in self._files[family]:
                whole.update(f"{file}\n{self._text(file)}\n".encode())
                for name, line in by_cell(self._text(file), place):
                    parts[name].update(f"{file}\n{line}\n".encode())
            self._digests[family] = {name: part.hexdigest() for name, part in parts.items()}
            self._digests[family][""] = whole.hexdigest()
        return self._digests[family].get(analysis, "")

    @cached_property
    def _digests(self) -> dict[str, dict[str, str]]:
        return {}

    def rows(self, family: str, name: str) -> list[dict[str, Any]]:
        """Return the rows of one file of a family (none where there is no such file)."""
        return self._rows(family, f"{family}/{name}.csv")

    def names(self, family: str) -> list[str]:
        """Return the names of the files of a family, sorted."""
        return [file.rpartition("/")[2].removesuffix(".csv") for file in self._files[family]]

    def every(self, family: str) -> list[dict[str, Any]]:
        """Return all rows of a family, files in the order of their names."""
        return [row for file in self._files[family] for row in self._rows(family, file)]

    def analysed(self, name: str) -> list[dict[str, Any]]:
        """Return the estimates of one analysis, in their order."""
        if name not in self._by_analysis:
            raise ResultError(
                "no estimates of this analysis", value=name, hint=nearest(name, self._by_analysis)
            )
        return self._by_analysis[name]

    @cached_property
    def _by_analysis(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.every("estimates"):
            found.setdefault(row["analysis"], []).append(row)
        return found

    @cached_property
    def _files(self) -> dict[str, list[str]]:
        return {
            family: [
                f"{family}/{path.name}" for path in sorted((self.directory / family).glob("*.csv"))
            ]
            for family in FAMILIES
        }

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {}

    def _text(self, file: str) -> str:
        if file not in self._texts:
            self._texts[file] = (self.directory / file).read_text(encoding="utf-8")
        return self._texts[file]

    @cached_property
    def _read(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    def _rows(self, family: str, file: str) -> list[dict[str, Any]]:
        """Return the rows of a file, read when they are first asked for: most never are."""
        if file not in self._read:
            known = file in self._files[family]
            self._read[file] = read_rows(family, file, self._text(file)) if known else []
        return self._read[file]

    @cached_property
    def _index(self) -> dict[str, tuple[str, str, int]]:
        """Family, file and place in the file of every key."""
        index: dict[str, tuple[str, str, int]] = {}
        for family, files in self._files.items():
            for file in files:
                keys = first_cells(self._text(file))[1:]
                found = {key: (family, file, place) for place, key in enumerate(keys)}
                both = index.keys() & found.keys()
                if both or len(found) < len(keys):
                    twice = min(both or {key for key in keys if keys.count(key) > 1})
                    raise ResultError("a key names two results", value=twice)
                index |= found
        return index

    def keys(self) -> list[str]:
        """Return every key of the store, by family and then in file order."""
        return list(self._index)

    def has(self, key: str) -> bool:
        """Say whether the store has a key."""
        return key in self._index

    def __getitem__(self, key: str) -> pd.Series:
        """Return the row that a key names as a Series, without what it leaves empty."""
        import pandas as pd

        row = pd.Series(self.row(key), name=key, dtype=object).drop("key", errors="ignore")
        return row[row.notna() & (row != "")]

    def row(self, key: str) -> dict[str, Any]:
        """Return the row a key names, with ``family`` and ``file``; raises ResultError."""
        try:
            family, file, place = self._index[key]
        except KeyError:
            raise ResultError(
                "no result has this key", value=key, hint=nearest(key, self._index)
            ) from None
        return self._rows(family, file)[place]

    def value(self, key: str, field: str | None = None) -> float:
        """Return a number of the row that ``key`` names: ``field``, or its headline figure.

        A suppressed or missing figure comes back as NaN; whoever prints it must say so.
        """
        row = self.row(key)
        column = field or HEADLINE.get(row["family"], "estimate")
        if column not in row or not is_number(row["family"], column):
            raise ResultError(f"results of the family {row['family']} have no number {column}")
        return float(row[column])
