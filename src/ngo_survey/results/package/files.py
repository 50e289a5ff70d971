"""Which files the data package has. Nothing slow is imported: the Snakefile asks for the names."""

from __future__ import annotations

#: Families of the results store that are released, in the order of the description. Counts of
#: cleaning (``changes``) stay inside: they are about rows, not about a population.
RELEASED = (
    "estimates",
    "tests",
    "comparisons",
    "ranks",
    "sides",
    "waves",
    "change",
    "areas",
    "coefficients",
    "effects",
    "predictions",
    "contrasts",
    "diagnostics",
    "imputed",
    "validation",
    "calibration",
    "specifications",
    "precision",
    "registration",
    "series",
    "backtests",
    "official",
    "flow",
    "margins",
    "rates",
)
#: Families of figures that others published: they are real, whatever the answers are.
PUBLISHED = ("series", "backtests", "official")
LABELS, DESCRIPTION, PARQUET = "labels", "datapackage", "estimates"


def package_files() -> list[str]:
    """Return the name of every file of the package."""
    tables = [f"{name}.csv" for name in (*RELEASED, LABELS)]
    return [*tables, f"{PARQUET}.parquet", f"{DESCRIPTION}.json"]
