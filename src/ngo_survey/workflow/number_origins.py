"""What made each number of the report: the code with its hash, and the raw files with theirs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.origin import File, Origin
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.code import SOURCE, code_files, code_hash
from ngo_survey.workflow.explain import Explainer
from ngo_survey.workflow.files import raw_files, raw_hash
from ngo_survey.workflow.stages import chain, writer

#: Stands for the file of the registration among the names of official data.
REGISTERED = "models.registration"


def origins(
    study: Study, results: Results, labels: Labels, keys: Iterable[str]
) -> dict[str, Origin]:
    """Return what made the row of each key; rows of one verb and group share one origin."""
    explainer = Explainer(study, results, labels)

    @cache
    def file(path: str) -> File:
        return File(path, raw_hash(study, path))

    @cache
    def origin(made_by: str, groups: tuple[str, ...], dataset: str) -> Origin:
        paths = {path for group in groups if group for path in raw_files(study, group)}
        if dataset == REGISTERED:
            paths = {str(study.section("models")["registration"])}
        elif not any(groups):
            paths = {
                str(declared["file"])
                for name, declared in study.section("official").items()
                if dataset in ("", name)
            }
        files = (path.relative_to(SOURCE).as_posix() for path in code_files(made_by))
        return Origin(
            verb=made_by,
            after=chain(made_by)[:-1],
            code=tuple(
                f"src/ngo_survey/{name}"
                for name in files
                if name.endswith(".py") and not name.endswith("__init__.py")
            ),
            code_hash=code_hash(made_by),
            inputs=tuple(file(path) for path in sorted(paths)),
        )

    made = {}
    for key in keys:
        row = results.row(key)
        groups = tuple(explainer.populations(row))
        registered = row["family"] == "registration"
        dataset = REGISTERED if registered else str(row.get("dataset", ""))
        made[key] = origin(writer(str(row["file"])), groups, dataset)
    return made
