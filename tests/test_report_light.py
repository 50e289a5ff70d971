"""Documents are made of rows: no library of frames is loaded for them, which takes longer."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("verb", ["report", "workbook"])
def test_a_document_loads_no_library_of_frames(verb: str) -> None:
    program = (
        f"import sys, ngo_survey.workflow.verbs.{verb}\n"
        "print(*sorted({'pandas', 'numpy', 'matplotlib', 'pptx'} & set(sys.modules)))"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == ""
