"""What a stage made before, kept so that it is not made again from the same sources.

Snakemake runs a stage again when any of its inputs changed; much of what the stage makes may come
out the same. A stage keeps such a part here under its name: its files, the SHA-256 of each, and
what they were made from (every read with a digest of what stood there; the code; the libraries).
A part is taken from here when all of that is as it was. The folder is no product of a build:
without it everything is made anew, to the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ngo_survey.results.files import write_bytes, write_text
from ngo_survey.study import Study
from ngo_survey.workflow.code import code_hash

#: What was read: any words that the stage can find it by again.
Read = tuple[str, ...]


@dataclass(frozen=True)
class StageCache:
    """The parts that one stage keeps.

    Attributes
    ----------
    made_with: what makes a part beside what it reads: the code and the libraries.
    """

    folder: Path
    made_with: str

    @classmethod
    def of(cls, study: Study, verb: str, wildcard: str = "", language: str = "") -> StageCache:
        """Return what a verb keeps, for one group of respondents or one language if it has any."""
        made_with = f"{code_hash(verb, language)} {_libraries()}"
        folder = study.paths.kept / verb / wildcard
        return cls(folder, hashlib.sha256(made_with.encode()).hexdigest())

    def find(
        self, part: str, suffixes: Collection[str], digest: Callable[[Read], str | None]
    ) -> dict[str, bytes] | None:
        """Return the files of a part by suffix, or None where it must be made.

        Parameters
        ----------
        digest: gives a hash of what a read finds now.
        """
        entry = self._entry(part)
        if entry.get("made_with") != self.made_with or not set(suffixes) <= set(entry["files"]):
            return None
        if any(digest(tuple(read)) != then for read, then in entry["reads"]):
            return None
        files = {}
        for suffix in suffixes:
            path = self.folder / f"{part}.{suffix}"
            files[suffix] = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(files[suffix]).hexdigest() != entry["files"][suffix]:
                return None
        return files

    def keep(self, part: str, files: Mapping[str, bytes], reads: Mapping[Read, str]) -> None:
        """Keep the files of a part that was just made, and no others; its entry is written last."""
        for path in self.folder.glob(f"{part}.*"):
            path.unlink()
        for suffix, content in files.items():
            write_bytes(content, self.folder / f"{part}.{suffix}")
        entry = {
            "made_with": self.made_with,
            "files": {s: hashlib.sha256(content).hexdigest() for s, content in files.items()},
            "reads": [[list(read), then] for read, then in reads.items()],
        }
        write_text(json.dumps(entry, ensure_ascii=False, indent=0), self.folder / f"{part}.json")

    def prune(self, parts: Iterable[str]) -> None:
        """Remove what is of no part that the study still has."""
        still = set(parts)
        for path in self.folder.glob("*.*"):
            if path.name.partition(".")[0] not in still:
                path.unlink()

    def _entry(self, part: str) -> dict[str, Any]:
        try:
            entry = json.loads((self.folder / f"{part}.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return {}  # never made, or spoilt by somebody: it is made, and written anew
        return entry if isinstance(entry, dict) else {}


@cache
def _libraries() -> str:
    """Return Python and every installed package with its version, as one text."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    installed = {found.name for place in places for found in Path(place).glob("*.dist-info")}
    return " ".join([sys.version, *sorted(installed)])
