"""The verb `register`: the section of the models as it stands, with its hash, before the data.

Writes the file that ``models.registration`` names; the verb `specify` holds the section against it
from then on.
"""

from __future__ import annotations

import datetime

import yaml

from ngo_survey.errors import ConfigError, InputError
from ngo_survey.results.files import write_text
from ngo_survey.study import Study
from ngo_survey.study.registration import record_of

HEAD = """\
# The section `models` of config.yaml as registered, and the SHA-256 of its canonical JSON. Written
# by `ngo-survey register`, never by hand; the report prints the hash and names every change since.
"""


def run(study: Study, date: str) -> None:
    """Write the registration, dated as its author says; one that stands is replaced.

    Raises
    ------
    ConfigError: no file is named.
    InputError: the date is none.
    """
    section = study.section("models")
    if "registration" not in section:
        raise ConfigError(
            "the configuration names no file for the registration",
            file=study.file,
            column="models.registration",
            hint="add `registration: data/raw/preregistration.yaml`",
        )
    try:
        datetime.date.fromisoformat(date)
    except ValueError:
        raise InputError("this is no date", value=date, hint="write it as 2026-02-20") from None
    record = record_of(section, date)
    text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=100)
    write_text(HEAD + text, study.path(section["registration"]))
    print(f"Registered {record['hash']} in {section['registration']}.")
