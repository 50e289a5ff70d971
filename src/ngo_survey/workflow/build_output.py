"""How a build talks: one line a stage when it starts, one when it ends, and a summary.

Snakemake tells what it does as records of :mod:`logging` that carry an event (the interface of its
logger plugins). The Snakefile hands them to the handler here in place of the one that prints lists
of files. Whoever asks Snakemake to talk otherwise (``--verbose``, ``--quiet``,
``--printshellcmds``, ``--debug-dag``, ``--logger``) gets what was asked for; its own full log stays
in ``.snakemake/log`` as ever.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from snakemake_interface_logger_plugins.common import LogEvent

from ngo_survey.study import Study
from ngo_survey.workflow.verb_log import duration, made

GREEN, RED, YELLOW, FAINT = "32", "31", "33", "2"
#: Beginnings of what Snakemake says of itself in every run.
MACHINERY = (
    *("Assuming unrestricted", "Building DAG", "Using shell", "Conda environments: ignored"),
    "Singularity containers: ignored",
    *("Select jobs to execute", "Execute ", "Waiting for", "Elapsed time", "Complete log"),
    *("Shutting down", "This was a dry-run", "Some jobs were triggered by provenance"),
    *("Rules with provenance triggered jobs", "Reasons:"),
)
NOTHING = "Nothing to be done"
#: Events that the lines of the stages say already.
UNSAID = frozenset(
    {
        *(LogEvent.WORKFLOW_STARTED, LogEvent.SHELLCMD, LogEvent.JOB_STARTED, LogEvent.PROGRESS),
        *(LogEvent.RESOURCES_INFO, LogEvent.RULEGRAPH, LogEvent.GROUP_INFO, LogEvent.DEBUG_DAG),
    }
)
PARAMETERS = re.compile(r"Params have changed since last execution.*", re.DOTALL)
FOLLOWS = re.compile(r"Input files updated by another job: [^;]*")
#: How a command ended that did not end well; the place in the Snakefile helps nobody.
COMMAND = re.compile(r".*\n?CalledProcessError in file .*\nCommand '(?:set \S+ \S+;\s*)?(.*)' (.*)")
LONGEST = 200


@dataclass(frozen=True)
class Job:
    """A stage that runs: what it is called for people, its logs, and when it started."""

    name: str
    logs: tuple[str, ...]
    started: float


class BuildOutput(logging.Handler):
    """Print the events of a run of Snakemake for people.

    Parameters
    ----------
    stream: where the lines go.
    colour: whether they may be coloured.
    dry: whether nothing is run, only planned.
    targets: returns the names of the rules that make nothing themselves and so are no stages.
    """

    def __init__(
        self, stream: TextIO, colour: bool, dry: bool, targets: Callable[[], set[str]]
    ) -> None:
        super().__init__()
        self.stream, self.colour, self.dry, self.targets = stream, colour, dry, targets
        self.jobs: dict[int, Job] = {}
        self.total = self.done = self.failed = 0
        self.began = time.monotonic()
        self.shown = self.whole = False

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, or nothing where a line of a stage says it."""
        try:
            for line in self._lines(record, getattr(record, "event", None)):
                self.stream.write(f"{line}\n")
            self.stream.flush()
        except BrokenPipeError:
            raise
        except Exception:
            self.handleError(record)

    def finished(self, study: Study) -> None:
        """Print how long the build took; of a whole build also the summary of its products.

        After single files were asked for, a report that stands may be of older results.
        """
        if not self.shown:
            return
        from ngo_survey.workflow.build_summary import summary

        took = duration(time.monotonic() - self.began)
        self.stream.write(f"\nDone: {_stages(self.done)} in {took}.\n")
        if self.whole:
            self.stream.write(f"\n{summary(study)}")
        self.stream.flush()

    def _lines(self, record: Any, event: LogEvent | None) -> list[str]:
        events: dict[LogEvent | None, Callable[[Any], list[str]]] = {
            LogEvent.RUN_INFO: self._planned,
            LogEvent.JOB_INFO: self._started,
            LogEvent.JOB_FINISHED: self._ended,
            LogEvent.JOB_ERROR: self._failed,
        }
        if event in events:
            return events[event](record)
        if record.levelno >= logging.WARNING:
            ended = COMMAND.fullmatch(_text(record))
            text = f"`{ended[1]}` {ended[2]}" if ended else _text(record)
            return [self._paint(RED if record.levelno >= logging.ERROR else YELLOW, text)]
        return [] if event in UNSAID else self._said(_text(record))

    def _planned(self, record: Any) -> list[str]:
        if self.total:  # a dry run tells its plan a second time at its end
            return []
        targets = record.stats.keys() & self.targets()
        self.whole = bool(targets)
        self.total = record.stats["total"] - sum(record.stats[name] for name in targets)
        verb = "would run" if self.dry else "to run"
        return [f"{_stages(self.total)} {verb}"] if self.total else []

    def _started(self, record: Any) -> list[str]:
        if not record.output:
            return []
        wildcards = " ".join(str(value) for value in record.wildcards.values())
        name = record.rule_msg or f"{record.rule_name} {wildcards}".rstrip()
        if self.dry:
            return [f"  {name}: {_reason(record.reason)}"]
        self.jobs[record.jobid] = Job(name, tuple(map(str, record.log)), time.monotonic())
        return [self._paint(FAINT, f"{'':{self._width}} start  {name}")]

    def _ended(self, record: Any) -> list[str]:
        job = self.jobs.pop(record.job_id, None)
        if job is None:
            return []
        self.done += 1
        summary = next(filter(None, (made(Path(log)) for log in job.logs)), "")
        took = duration(time.monotonic() - job.started)
        count = f"[{self.done:>{len(str(self.total))}}/{self.total}]"
        said = ": ".join(filter(None, [job.name, summary]))
        return [f"{self._paint(GREEN, count)} done   {said} ({took})"]

    def _failed(self, record: Any) -> list[str]:
        self.failed += 1
        job = self.jobs.pop(record.jobid, None)
        name = job.name if job else record.rule_name
        lines = [self._paint(RED, f"{'':{self._width}} FAILED {name}")]
        logs = [*map(str, record.log)]
        lines += [f"{'':{self._width}}        log: {', '.join(logs)}"] if logs else []
        return lines + [f"{'':{self._width}}        {name}: {v}" for name, v in record.aux.items()]

    def _said(self, text: str) -> list[str]:
        if text.startswith(NOTHING):
            return [
                "Nothing to do: everything is up to date.",
                *([] if self.dry else ["`ngo-survey summary` says what stands and what to open."]),
            ]
        if text.startswith("Complete log") and self.failed:
            return [text]
        if not text or text.startswith(MACHINERY):
            return []
        return [textwrap.shorten(text, LONGEST, placeholder=" ...")]

    @property
    def _width(self) -> int:
        return 2 * len(str(self.total)) + 3

    def _paint(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self.colour else text


def show_progress(workflow: Any) -> BuildOutput:
    """Print the progress of a run of Snakemake; called by the Snakefile, which is being read."""
    settings, logger = workflow.output_settings, logging.getLogger("snakemake.logging")
    default = next((h for h in logger.handlers if h.name == "DefaultStreamHandler"), None)
    asked = (settings.verbose, settings.quiet, settings.printshellcmds, settings.debug_dag)
    output = BuildOutput(
        default.stream if isinstance(default, logging.StreamHandler) else sys.stderr,
        colour=not getattr(default, "nocolor", True) and not os.environ.get("NO_COLOR"),
        dry=settings.dryrun,
        targets=lambda: {rule.name for rule in workflow.rules if not rule.output},
    )
    if default is not None and not any(asked):
        logger.removeHandler(default)
        logger.addHandler(output)
        output.shown = True
    return output


def _stages(count: int) -> str:
    return "1 stage" if count == 1 else f"{count} stages"


def _text(record: logging.LogRecord) -> str:
    return "" if record.msg is None else record.getMessage().strip()


def _reason(reason: str) -> str:
    """Return why a stage would run, with one file of each list and how many more there are."""
    # What changed of the parameters is printed in full, whole sections of the configuration long.
    reason = PARAMETERS.sub("Settings, raw files or code changed", reason)
    reason = FOLLOWS.sub("What it takes is made again", reason)
    reasons = []
    for part in reason.split("; "):
        why, _, listed = part.partition(": ")
        files = listed.split(", ") if listed else []
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        reasons.append(why.lower() + (f" ({min(files)}{more})" if files else ""))
    return "; ".join(reasons)
