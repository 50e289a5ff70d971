"""Files of codes with labels: a label is read as the label of its choice, or refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from ngo_survey.codebook import Choice, Question, Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest import read_export


def form(labels: dict[str, str]) -> Questionnaire:
    choices = tuple(Choice(name, {"en": label}) for name, label in labels.items())
    asked = [
        Question("sample_id", "text", {"en": "Number"}, {}, role="id", disclosure="internal"),
        Question("q", "select_one", {"en": "Q"}, {}, choices=choices, list_name="q"),
    ]
    return Questionnaire({q.name: q for q in asked}, ("en",), {}, {}, "q.xlsx")


def sav(folder: Path, codes: list[float], labels: dict[float, str]) -> Path:
    frame = pd.DataFrame({"sample_id": [f"N{i}" for i in range(len(codes))], "q": codes})
    pyreadstat.write_sav(frame, folder / "r.sav", variable_value_labels={"q": labels})
    return folder / "r.sav"


def test_two_codes_of_one_label_are_refused(tmp_path: Path) -> None:
    """Read by its label, the answer would be the choice whose name happens to be that text."""
    path = sav(tmp_path, [2.0, 1.0], {1: "0", 2: "0", 3: "0"})
    with pytest.raises(InputError, match=r"r\.sav.*q.*3 codes have the label '0'.*of its own"):
        read_export(path, path.name, form({"0": "0", "1": "0", "2": "0"}), {})


def test_a_label_that_is_the_name_of_another_choice_is_asked_about(tmp_path: Path) -> None:
    asked = form({"0": "Never", "1": "0"})
    path = sav(tmp_path, [2.0, 1.0], {1: "Never", 2: "0"})
    with pytest.raises(InputError, match=r"name of one choice and the label of another \(1\)"):
        read_export(path, path.name, asked, {})
    read = read_export(path, path.name, asked, {"answers": {"q": "labels"}}).frame
    assert read["q"].tolist() == ["0", "Never"]
