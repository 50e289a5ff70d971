"""A ZIP archive with the same bytes on every day: fixed times and one order of members."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

#: Nothing in the file tells when it was made.
MADE = datetime(2000, 1, 1, tzinfo=UTC)
#: Office programs look for this member first.
FIRST = "[Content_Types].xml"


def same_bytes(archive: bytes, contents: Mapping[str, bytes]) -> bytes:
    """Return an archive with the same members, the list of types first, the rest by name.

    ``contents`` stand in for what members with these names hold.
    """
    made = io.BytesIO()
    with ZipFile(io.BytesIO(archive)) as old, ZipFile(made, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != FIRST, name)):
            member = ZipInfo(name, MADE.timetuple()[:6])
            packed = name.endswith((".png", ".jpeg"))
            member.compress_type = ZIP_STORED if packed else ZIP_DEFLATED
            member.create_system = 0
            content = contents.get(name)
            new.writestr(member, old.read(name) if content is None else content, compresslevel=6)
    return made.getvalue()
