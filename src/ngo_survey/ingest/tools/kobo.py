"""KoboToolbox and ODK Central: ``group/question`` and ``group/question/choice``."""

from __future__ import annotations

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading

NAME = "kobo"
OWN = frozenset({
    "__version__", "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "_tags", "_index", "_attachments", "_geolocation", "meta/instanceID",
    "meta/rootUuid", "formhub/uuid", "KEY", "SubmissionDate", "instanceID", "SubmitterID",
    "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
    "DeviceID", "Edits", "FormVersion", "meta-instanceID", "meta-instanceName", "_parent_index",
    "_parent_table_name", "_version_", "meta/audit", "meta/audit_URL", "meta-audit",
    "meta/instanceName", "meta/deprecatedID",
})  # fmt: skip
PARADATA: dict[str, str] = {}
DATES: tuple[str, ...] = ()
#: R turns `_uuid` into `X_uuid`.
OWN |= {f"X{name}" for name in OWN if name.startswith("_")}
SIGNS = {
    "_uuid",
    "X_uuid",
    "KEY",
    "meta/instanceID",
    "meta-instanceID",
    "instanceID",
    "__version__",
}


def recognises(table: ExportTable) -> bool:
    """Whether it has the ids that these tools give every submission."""
    return bool(SIGNS & set(table.frame.columns))


def prepare(table: ExportTable) -> ExportTable:
    """Return the table as it is."""
    return table


def heading(table: ExportTable, column: str) -> list[ExportHeading]:
    """Read a path: Kobo parts it by strokes, ODK Central by hyphens; the separator is a choice.

    Central parts groups by hyphens and a choice by a stroke: ``group-question/choice``.
    """
    found = [ExportHeading(column)]
    for mark in ("/", "-", "."):
        steps = column.split(mark)
        if len(steps) > 1:
            above = mark.join(steps[:-1])
            found += [ExportHeading(steps[-1]), ExportHeading(above, steps[-1])]
            found.append(ExportHeading(steps[-2], steps[-1]))
    path, stroke, choice = column.rpartition("/")
    if stroke and "-" in path:
        names = path.split("-")
        found += [ExportHeading("-".join(names[i:]), choice) for i in range(1, len(names))]
    return list(dict.fromkeys(found))
