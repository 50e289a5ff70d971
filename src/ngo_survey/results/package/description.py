"""The description of the package: Frictionless Data Package 1, profile ``tabular-data-package``.

https://specs.frictionlessdata.io/tabular-data-package/ and, for columns,
https://specs.frictionlessdata.io/table-schema/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ngo_survey.errors import ConfigError
from ngo_survey.results.package.files import LABELS, PARQUET, PUBLISHED, RELEASED
from ngo_survey.results.rows import is_number
from ngo_survey.results.store import FAMILIES

#: Columns of labels.csv; together all but the last two name a row.
LABEL_COLUMNS = ("population", "variable", "item", "choice", "language", "label", "wording")
MISSING = (
    'An empty cell is missing: of text, that nothing is to be named ("" for the total or a single '
    "question); of a number, that it does not exist or, where status says so, is withheld."
)


@cache
def _said() -> dict[str, Any]:
    import yaml

    text = (files("ngo_survey.results.package") / "columns.yaml").read_text(encoding="utf-8")
    said: dict[str, Any] = yaml.safe_load(text)
    return said


def columns_of(family: str) -> tuple[str, ...]:
    """Return the columns of a file: those of the store, and whose answers stand behind them."""
    if family == LABELS:
        return LABEL_COLUMNS
    return (*FAMILIES[family], *(() if family in PUBLISHED else ("data",)))


def describe(family: str, column: str) -> str:
    """Return what a column means; raises :class:`ConfigError` when nobody has said it."""
    said = _said()
    own = said["labels"] if family == LABELS else said["families"].get(family, {})
    found = own.get("columns", {}).get(column) or said["columns"].get(column)
    if not found:
        raise ConfigError(
            f"nothing says what the column {column} of {family} means",
            file="package/columns.yaml",
            hint="describe it there",
        )
    return str(found)


def schema(family: str) -> dict[str, Any]:
    """Return the Table Schema of a file."""
    constraints = _said()["constraints"]
    labels = family == LABELS
    fields = []
    for column in columns_of(family):
        number = not labels and is_number(family, column)
        field: dict[str, Any] = {
            "name": column,
            "type": "number" if number else "string",
            "description": describe(family, column),
        }
        if column in constraints and not labels:
            field["constraints"] = dict(constraints[column])
        fields.append(field)
    return {
        "fields": fields,
        # A key of labels is made of cells that may be empty, which a primary key may not be.
        **({} if labels else {"primaryKey": "key"}),
        "missingValues": [""],
    }


def resource(family: str, content: bytes, parquet: bytes | None = None) -> dict[str, Any]:
    """Return the description of one file, with its size and hash."""
    said = _said()["labels" if family == LABELS else "families"]
    said = said if family == LABELS else said[family]
    made = {
        "profile": "tabular-data-resource",
        "name": family,
        "title": said["title"],
        "description": said["description"],
        **_file(f"{family}.csv", "csv", "text/csv", content),
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "header": True},
        "schema": schema(family),
    }
    if parquet is not None:
        media = "application/vnd.apache.parquet"
        made["alternative"] = _file(f"{family}.parquet", "parquet", media, parquet)
    return made


def _file(path: str, form: str, media: str, content: bytes) -> dict[str, Any]:
    return {
        "path": path,
        "format": form,
        "mediatype": media,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def description(
    about: Mapping[str, Any], contents: Mapping[str, bytes], parquet: bytes
) -> dict[str, Any]:
    """Return the whole ``datapackage.json``.

    Parameters
    ----------
    about: ``name``, ``title``, ``description`` and what else the study says of itself.
    contents: the bytes of each CSV by family, labels among them.
    """
    resources: Sequence[str] = [*RELEASED, LABELS]
    return {
        "profile": "tabular-data-package",
        **about,
        "missing": MISSING,
        "resources": [
            resource(name, contents[name], parquet if name == PARQUET else None)
            for name in resources
        ],
    }
