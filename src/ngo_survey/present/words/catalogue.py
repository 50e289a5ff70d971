"""The words of one language: those of the program, and over them those of the study.

The program has a folder a language beside this file, and in it a file for each of :data:`PARTS`.
A study writes ``words/<language>.yaml`` with one section for each part that it adds to. There a
text takes the place of the program's, and a list is added to it. A language that the program does
not have is written there whole.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ConfigError, Faults, nearest

if TYPE_CHECKING:
    from ngo_survey.study import Study

#: Parts that have words, and whose words they are.
PARTS: dict[str, str] = {
    "numbers": "numbers have",
    "workbook": "tables have",
    "report": "the report has",
    "page": "the page has",
    "explorer": "the explorer has",
    "paper": "PDF and Word have",
    "figures": "figures have",
    "monitor": "the page of the field has",
}
#: Section of the study's words for filters, whose own words lie with their grammar.
FILTERS = "filters"
#: How like a key of the program's one of the study's must be to be taken for a mistyped one.
ALMOST = 0.8


def catalogue(part: str, code: str, own: Path | None = None) -> dict[str, Any]:
    """Return the words of a part in a language.

    Parameters
    ----------
    part: a key of :data:`PARTS`.
    own: folder of the study's own words.

    Raises
    ------
    ConfigError: neither the program nor the study has any, or a key of the study's is mistyped.
    """
    file = files("ngo_survey.present.words") / code / f"{part}.yaml"
    words = read_yaml(file.read_text(encoding="utf-8")) if file.is_file() else {}
    words = _laid(words, own_words(code, own).get(part, {}))
    if not words:
        hint = nearest(code, languages())
        raise ConfigError(
            f"{PARTS[part]} no words in this language",
            value=code,
            hint=f"{hint} Or write the section {part} of words/{code}.yaml".strip(),
        )
    return words


def languages() -> list[str]:
    """Return the languages that the program has words for, of every part."""
    folders = files("ngo_survey.present.words").iterdir()
    return sorted(folder.name for folder in folders if (folder / "numbers.yaml").is_file())


def own_words(code: str, own: Path | None) -> dict[str, Any]:
    """Return the study's own words in a language, by part; raises for a mistyped part or key."""
    file = own / f"{code}.yaml" if own else None
    if file is None or not file.is_file():
        return {}
    words = _own_yaml(file) or {}
    if not isinstance(words, dict):
        raise ConfigError(
            "words are written in sections", file=file, hint=f"begin with one of {', '.join(PARTS)}"
        )
    known = [*PARTS, FILTERS]
    faults = Faults()
    for name, section in words.items():
        if name not in known:
            faults.add(
                ConfigError(
                    "there are no words of this part",
                    file=file,
                    column=name,
                    hint=nearest(name, known),
                )
            )
        theirs = files("ngo_survey.present.words") / code / f"{name}.yaml"
        if theirs.is_file():
            base = read_yaml(theirs.read_text(encoding="utf-8"))
            _find_mistyped(base, section, name, file, faults)
    faults.refuse()
    return dict(words)


def _own_yaml(file: Path) -> Any:
    import yaml

    try:
        return read_yaml(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(
            f"this is not YAML: {getattr(error, 'problem', None) or 'it is not UTF-8'}",
            file=file,
            row=None if mark is None else mark.line + 1,
            hint="check indentation, colons and quotes there, and save it as UTF-8",
        ) from None


def _find_mistyped(base: Any, over: Any, path: str, file: Path, faults: Faults) -> None:
    """Keep words under a key that is almost one of the program's: nothing would print them.

    Other keys that the program does not have are a study's own: its nouns, its families of models.
    """
    if not isinstance(base, dict):
        return
    if not isinstance(over, dict):
        listed = ", ".join(map(str, list(base)[:6]))
        faults.add(
            ConfigError(
                "this holds words under keys of their own",
                file=file,
                column=path,
                value=over,
                hint=f"write them under {listed}, ...",
            )
        )
        return
    for key, part in over.items():
        left = [other for other in base if other not in over]
        if key not in base and get_close_matches(str(key), map(str, left), 1, cutoff=ALMOST):
            faults.add(
                ConfigError(
                    "there are no words under this key",
                    file=file,
                    column=f"{path}.{key}",
                    hint=nearest(str(key), left),
                )
            )
        _find_mistyped(base.get(key), part, f"{path}.{key}", file, faults)


def check_languages(study: Study) -> None:
    """Raise for every language that neither the program nor the study has words for.

    Raises
    ------
    ConfigError: one fault; several are a :class:`~ngo_survey.errors.SeveralFaultsError`.
    """
    faults = Faults()
    find_languages(study, faults)
    faults.refuse()


def find_languages(study: Study, faults: Faults) -> None:
    """Keep every language without words, and every mistyped key of the study's own words."""
    known = languages()
    for code in dict.fromkeys([*study.languages, *study.table_languages]):
        with faults.check():
            own = own_words(code, study.words)
            for part in (part for part in PARTS if code not in known and not own.get(part)):
                raise study.mistake(
                    f"there are no words of the part {part} in this language",
                    "study.languages" if code in study.languages else "tables.languages",
                    code,
                    f"write the section {part} of words/{code}.yaml, or take one of "
                    + ", ".join(known),
                )


def _laid(base: Any, over: Any) -> Any:
    """Lay words over words: mappings key by key, lists one after the other, texts in place."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: _laid(base.get(key), part) for key, part in over.items()}
    if isinstance(base, list) and isinstance(over, list):
        return base + over
    return over


def read_yaml(text: str) -> Any:
    """Return the data of YAML, read by the parser in C where there is one: ten times as fast."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
