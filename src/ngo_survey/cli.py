"""The command line: one verb a stage of the pipeline, each imported only when it is called.

Exit status 0 when all is well, 1 when the data or the results are not, 2 when the call is wrong.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ngo_survey import __version__
from ngo_survey.errors import Faults, SurveyError
from ngo_survey.study import Study
from ngo_survey.study.layers import of_command_line
from ngo_survey.study.links import refuse_links
from ngo_survey.study.published_schema import schema_text
from ngo_survey.workflow.machine_faults import sentence
from ngo_survey.workflow.stages import STAGES
from ngo_survey.workflow.verb_log import MADE, verb_log
from ngo_survey.workflow.verb_log import STAGE as STAGE_LOG

log = logging.getLogger(__name__)

#: What some stages are asked for beside what they run for.
ASKED = {"draw": ("png",)}
#: verb: (what it does, what it is asked for). Each is ``ngo_survey.workflow.verbs.<verb>.run``.
VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "simulate": ("write simulated responses, sample and register from the truth file", ("out",)),
    "check": (
        "read and clean everything, analyse nothing, say what is wrong and how to correct it",
        (),
    ),
    **{
        name: (stage.purpose, tuple(filter(None, (stage.of, *ASKED.get(name, ())))))
        for name, stage in STAGES.items()
    },
    "monitor": ("say of a partial export what the field must know this morning", ("language",)),
    "register": ("register the models as they stand, with date and hash", ("date",)),
    "sheet": ("put every figure of a language on one page", ("language", "vision")),
    "summary": ("say what stands, where it lies, and what people must look at", ()),
    "verify": ("compare what stands with results.lock", ("update", "released")),
    "release": ("put all that may leave, and nothing else, into one folder", ("folder", "after")),
    "diff": ("show which results differ between two commits, folders or locks", ("places",)),
    "explain": ("follow one number back to its question, rule, code and rows", ("key",)),
}
#: What the verb does that makes a study.
NEW = "write a study of an export, every guess marked as one, and check it"
#: What the verb does that editors ask for.
SCHEMA = "print the JSON Schema of config.yaml, by which editors complete and check it"
#: Columns of the export that the command line of `new` may name.
DESIGN = {
    "id": "the number of the respondent",
    "weights": "weights",
    "strata": "strata",
    "psu": "primary sampling units",
    "fpc": "sizes of strata in the population",
}
#: Arguments that say what a stage runs for.
RUN_FOR = ("population", "wave", "language")
#: Arguments without a name: their type and what they are.
NAMED: dict[str, tuple[Callable[[str], Any], str]] = {
    "key": (str, "key of a result, e.g. audience_change/grew@total"),
    "folder": (Path, "a new or empty folder"),
}
#: How a contact sheet can be looked at.
VISIONS = ("colour", "grey", "protanopia", "deuteranopia", "tritanopia")
#: Options of verbs by what they are asked for.
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "population": (
        "--population",
        {"required": True, "help": "group of respondents, as in config"},
    ),
    "wave": ("--wave", {"required": True, "help": "earlier wave, as in config"}),
    "language": ("--language", {"help": "language of labels and text (the study's first)"}),
    "png": ("--png", {"action": "store_true", "help": "write PNG to pictures/ too"}),
    "vision": (
        "--vision",
        {"default": "colour", "choices": VISIONS, "help": "whose eyes, or grey (colour)"},
    ),
    "out": ("--out", {"type": Path, "help": "folder to write to, in place of data/raw"}),
    "update": (
        "--update",
        {"action": "store_true", "help": "show what changed, then record it in the lock"},
    ),
    "released": (
        "--released",
        {
            "action": "store_true",
            "help": "products of respondents' answers may be kept elsewhere",
        },
    ),
    "after": (
        "--after",
        {
            "type": Path,
            "metavar": "FOLDER",
            "help": "a release of the same interviews that is out already (disclosure.after)",
        },
    ),
    "date": ("--date", {"required": True, "help": "day of the registration: 2026-02-20"}),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="ngo-survey",
        description="A survey as a program: from raw responses to a report whose every number "
        "can be followed back.",
    )
    top.add_argument("--version", action="version", version=f"ngo-survey {__version__}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="verb")
    _new(verbs.add_parser("new", help=NEW, description=NEW[0].upper() + NEW[1:] + "."))
    verbs.add_parser("schema", help=SCHEMA, description=SCHEMA[0].upper() + SCHEMA[1:] + ".")
    for verb, (purpose, wants) in VERBS.items():
        sub = verbs.add_parser(
            verb, help=purpose, description=purpose[0].upper() + purpose[1:] + "."
        )
        sub.add_argument(
            "--config", default="config.yaml", metavar="FILE", help="the study (config.yaml)"
        )
        sub.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            dest="settings",
            help="a key of the configuration in place of what its file says",
        )
        sub.add_argument("--log", type=Path, metavar="FILE", help="write a full log as well")
        for name, (flag, how) in OPTIONS.items():
            if name in wants:
                sub.add_argument(flag, **how)
        if "places" in wants:
            _places(sub)
        for name in NAMED.keys() & set(wants):
            sub.add_argument(name, type=NAMED[name][0], help=NAMED[name][1])
    return top


def _new(sub: argparse.ArgumentParser) -> None:
    """Add the arguments of `new`, which makes the study that other verbs take."""
    sub.add_argument("folder", type=Path, help="a new or empty folder")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument("--from", type=Path, metavar="EXPORT", dest="export", help="the answers")
    what.add_argument("--example", action="store_true", help="copy a small worked example")
    sub.add_argument("--form", type=Path, metavar="XLSFORM", help="the form; drafted without it")
    sub.add_argument("--title", help="of the study")
    sub.add_argument("--label", help="who answered, in a word")
    sub.add_argument("--language", metavar="CODES", help="of the report, as en or en,ru")
    for role, what_it_is in DESIGN.items():
        sub.add_argument(f"--{role}", metavar="HEADER", help=f"column of {what_it_is}, or none")
    sub.add_argument("--banners", metavar="NAMES", help="questions in the columns of tables")
    sub.add_argument("--disclosure", metavar="PRESET", help="public, small study or internal")
    sub.add_argument("--yes", action="store_true", help="ask nothing, take the guesses")
    sub.add_argument("--log", type=Path, metavar="FILE", help="write a full log as well")


def _make_new(call: dict[str, Any]) -> int:
    """Run `new`, which has no study to load."""
    from ngo_survey.workflow.verbs import new

    folder, ask = call["folder"], sys.stdin.isatty() and not call["yes"]
    if call["example"]:
        return new.run(folder, None, ask)
    listed = {
        key: None if call[key] is None else [part.strip() for part in call[key].split(",")]
        for key in ("language", "banners")
    }
    options = new.Options(
        call["export"],
        call["form"],
        call["title"],
        call["label"],
        listed["language"],
        {role: call[role] for role in DESIGN if call[role] is not None},
        listed["banners"],
        call["disclosure"],
    )
    return new.run(folder, options, ask)


def _places(sub: argparse.ArgumentParser) -> None:
    place = "a commit, the folder of a study, a results folder or a results.lock"
    sub.add_argument("before", help=place)
    sub.add_argument("after", nargs="?", default=".", help="the same; what stands here if left out")
    sub.add_argument(
        "--build", action="store_true", help="build commits anew in place of reading their locks"
    )
    sub.add_argument("--cores", type=int, default=1, help="cores to build with (1)")
    sub.add_argument("--markdown", action="store_true", help="as Markdown, for a pull request")
    sub.add_argument("--html", type=Path, metavar="FILE", help="write a page as well")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status."""
    call = vars(parser().parse_args(arguments))
    verb, file = call.pop("verb"), call.pop("log", None)
    config, settings = call.pop("config", ""), call.pop("settings", ())
    stage = " ".join([verb, *(call[want] for want in RUN_FOR if call.get(want))])
    # Sums are taken in one order whatever the number of cores; set before numpy is imported.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        with verb_log(verb, stage, file):
            log.info("ngo-survey %s: %s", __version__, stage)
            return _run(verb, config, settings, call)
    except OSError as error:
        # The log itself cannot be written.
        said = sentence(error, Path.cwd()) if file and error.filename == str(file) else ""
        if not said:
            raise
        print(f"ngo-survey {verb}: {said}", file=sys.stderr)
        return 1


def _made(verb: str, config: str, settings: Sequence[str], call: dict[str, Any]) -> Any:
    """Call the function of a verb, with the study that it is about."""
    if verb == "new":
        return _make_new(call)
    if verb == "schema":
        print(schema_text(), end="")
        return 0
    if verb == "check":
        return _check(config, of_command_line(settings))
    study = Study.load(config, of_command_line(settings))
    refuse_links(study)
    if "language" in call:
        call["language"] = call["language"] or study.languages[0]
    from ngo_survey.workflow.input_guard import guarded

    with guarded(study, verb, next(filter(None, (call.get(kind) for kind in RUN_FOR)), "")):
        return import_module(f"ngo_survey.workflow.verbs.{verb}").run(study, **call)


def _check(config: str, settings: dict[str, Any]) -> int:
    """Run `check`, which looks at a configuration with faults as far as it can."""
    from ngo_survey.workflow.verbs import check

    faults = Faults()
    try:
        study = Study.load_sound_part(config, settings, faults)
        refuse_links(study)
    except SurveyError as error:
        error.hint = "; ".join(filter(None, [error.hint, "nothing else was checked"]))
        raise
    return check.check_study(study, faults)


def _run(verb: str, config: str, settings: Sequence[str], call: dict[str, Any]) -> int:
    """Run a verb; it returns what it made, in words, or an exit status."""
    try:
        made = _made(verb, config, settings, call)
    except SurveyError as error:
        log.error("%s", error)
        return 1
    except BrokenPipeError:
        # The reader of a pipe went away (`ngo-survey explain KEY | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, MemoryError) as error:
        said = sentence(error, Path(config).absolute().parent)
        if not said:
            raise
        log.error("%s", said)
        return 1
    if isinstance(made, str):
        STAGE_LOG.info("%s%s", MADE, made)
        return 0
    return int(made or 0)


if __name__ == "__main__":
    sys.exit(main())
