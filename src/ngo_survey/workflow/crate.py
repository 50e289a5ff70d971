"""The run of the study as a Workflow Run RO-Crate: ``ro-crate-metadata.json``.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the profiles Workflow RO-Crate 1.0 and Workflow
Run Crate 0.5 (https://w3id.org/ro/wfrun/workflow/0.5). The crate is the folder of the study: its
files must lie in it. Nothing tells when the run was, or who ran it: the same run gives the same
bytes, and the date that RO-Crate asks for is the end of the fieldwork.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ngo_survey import __version__
from ngo_survey.workflow.about import about

if TYPE_CHECKING:
    from ngo_survey.study import Study

METADATA, WORKFLOW = "ro-crate-metadata.json", "Snakefile"
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
MEDIA = {
    "": "text/plain",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".json": "application/json",
    ".lock": "text/plain",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".sav": "application/x-spss-sav",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
}

Entity = dict[str, Any]


@dataclass(frozen=True)
class CrateFile:
    """A file of the crate: its path within it, its SHA-256, its bytes and what it is."""

    path: str
    sha256: str
    size: int
    name: str


@dataclass(frozen=True)
class Software:
    """A package that the run used, with the versions that the lock pins."""

    name: str
    version: str


def crate(
    study: Study,
    workflow: CrateFile,
    inputs: Sequence[CrateFile],
    outputs: Sequence[CrateFile],
    software: Sequence[Software],
    code: str,
) -> Entity:
    """Return the whole ``ro-crate-metadata.json``.

    ``code`` is the hash of what the program's code means.
    """
    facts = about(study)
    block = study.raw["study"]
    tool = _tool(code)
    files = [*inputs, *outputs]
    authors = [_author(name) for name in block.get("authors", ())]
    licence, licences = _licence(block.get("licence"))
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": facts["title"],
        "description": facts["description"],
        **({"datePublished": study.fieldwork["to"]} if study.fieldwork else {}),
        "license": licence,
        "keywords": facts["keywords"],
        "conformsTo": _refer(PROFILES),
        "mainEntity": {"@id": WORKFLOW},
        "mentions": {"@id": "#run"},
        "hasPart": _refer([WORKFLOW, *(file.path for file in files)]),
        **({"author": _refer(a["@id"] for a in authors)} if authors else {}),
    }
    run: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run of {facts['title']}",
        "description": f"From raw responses to the report, by ngo-survey {__version__}.",
        "instrument": {"@id": WORKFLOW},
        "object": _refer(file.path for file in inputs),
        "result": _refer(file.path for file in outputs),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": _refer(["https://w3id.org/ro/crate/1.1", WORKFLOW_CRATE]),
        },
        root,
        _workflow(workflow, licence, software),
        {
            "@id": "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
            "@type": "ComputerLanguage",
            "name": "Snakemake",
            "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
            "url": {"@id": "https://snakemake.readthedocs.io"},
        },
        run,
        tool,
        *(_package(each) for each in software),
        *(_file(file) for file in files),
        *_parameters(),
        *authors,
        *licences,
        *(
            {"@id": address, "@type": "CreativeWork", "name": name, "version": version}
            for address, (name, version) in PROFILES.items()
        ),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _refer(places: Iterable[str]) -> Entity | list[Entity]:
    """Return references; one alone stands without a list, as RO-Crate asks."""
    references: list[Entity] = [{"@id": place} for place in places]
    return references[0] if len(references) == 1 else references


def _tool(code: str) -> Entity:
    return {
        "@id": "#ngo-survey",
        "@type": "SoftwareApplication",
        "name": "ngo-survey",
        "softwareVersion": __version__,
        "identifier": f"code {code}",
        "description": "git log -t --find-object with the tree names the commits of this source.",
    }


def _package(software: Software) -> Entity:
    return {
        "@id": _place(software),
        "@type": "SoftwareApplication",
        "name": software.name,
        "softwareVersion": software.version,
        "url": _place(software),
    }


def _place(software: Software) -> str:
    return f"https://pypi.org/project/{software.name}/"


def _workflow(workflow: CrateFile, licence: Any, software: Sequence[Software]) -> Entity:
    return {
        **_file(workflow),
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "description": "Every rule is a verb of ngo-survey; snakemake --cores all runs them.",
        "programmingLanguage": {"@id": "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"},
        "license": licence,
        "conformsTo": {"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"},
        "version": __version__,
        "softwareRequirements": _refer(["#ngo-survey", *map(_place, software)]),
        "input": _refer(p["@id"] for p in _parameters() if p["@id"].startswith("#input")),
        "output": _refer(p["@id"] for p in _parameters() if p["@id"].startswith("#output")),
    }


def _parameters() -> list[Entity]:
    """Return what goes into the workflow and what comes out, by kind."""
    kinds = {
        "#input-configuration": "The configuration of the study",
        "#input-raw": "Questionnaires, responses, sample, register and official figures",
        "#output-reports": "Report, workbooks and data package",
    }
    return [
        {
            "@id": place,
            "@type": "FormalParameter",
            "additionalType": "File",
            "name": place.removeprefix("#"),
            "description": words,
            "conformsTo": {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"},
            "multipleValues": place != "#input-configuration",
            "valueRequired": True,
        }
        for place, words in kinds.items()
    ]


def _file(file: CrateFile) -> Entity:
    kind = "configuration" if file.path.endswith(".yaml") else "raw"
    example = "#output-reports" if file.path.startswith("reports/") else f"#input-{kind}"
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.name,
        "encodingFormat": MEDIA.get(PurePosixPath(file.path).suffix, "application/octet-stream"),
        "contentSize": str(file.size),
        "sha256": file.sha256,
        **({} if file.path == WORKFLOW else {"exampleOfWork": {"@id": example}}),
    }


def _author(name: str) -> Entity:
    place = "-".join(name.lower().split())
    return {"@id": f"#{place}", "@type": "Person", "name": name}


def _licence(block: Mapping[str, str] | None) -> tuple[Any, list[Entity]]:
    """Return what stands for the licence, and the entity that describes it."""
    if not block:
        return "No licence is stated", []
    if "path" not in block:
        return block["name"], []
    entity = {
        "@id": block["path"],
        "@type": "CreativeWork",
        "name": block.get("title", block["name"]),
        "description": f"The licence of the released data: {block['name']}",
    }
    return {"@id": block["path"]}, [entity]
