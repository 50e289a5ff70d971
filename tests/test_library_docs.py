"""The documents of the library: every example is run, and R's beside ours where R is there."""

from __future__ import annotations

import ast
import doctest
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest

from ngo_survey.study import Study

from conftest import ROOT
from reference import ORACLE, close

LIBRARY, COMING_FROM = ROOT / "docs" / "library.md", ROOT / "docs" / "coming-from.md"
#: The figures of R's answer: of a test its statistic and p, else estimates and errors.
R_FIGURES = """
figures <- function(x) {
  if (inherits(x, "htest")) return(c(x$statistic, x$p.value))
  if (inherits(x, "regTermTest")) return(c(x$Ftest, x$p))
  if (inherits(x, "summary.svyglm")) return(c(x$coefficients[, 1], x$coefficients[, 2]))
  if (inherits(x, "svyolr")) return(c(coef(x), sqrt(diag(vcov(x)))[seq_along(coef(x))]))
  if (is.matrix(x)) return(x)
  c(coef(x), unlist(SE(x)))
}
show <- function(x) cat("figures", format(figures(x), digits = 15), "\\n")
"""


def sections() -> dict[str, str]:
    """Return the text of each section of the comparison by its heading."""
    parts = re.split(r"^## (.*)$", COMING_FROM.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def block(section: str, language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL))


def run_ours(code: str, names: dict[str, Any]) -> list[Any]:
    """Run Python and return what each expression that stands alone gives."""
    found = []
    for node in ast.parse(code).body:
        if isinstance(node, ast.Expr):
            found.append(eval(compile(ast.Expression(node.value), "docs", "eval"), names))
        else:
            exec(compile(ast.Module([node], []), "docs", "exec"), names)
    return found


def estimates(frame: pd.DataFrame) -> list[float]:
    return [*frame["estimate"], *frame["se"]]


def of_test(frame: pd.DataFrame, row: int = 0) -> list[float]:
    return frame.iloc[row][["statistic", "p"]].tolist()


def by_category(frame: pd.DataFrame) -> list[float]:
    """In the order of R ``svyby``: each category in all domains."""
    return estimates(frame.sort_values(["column", "row"]))


#: What of our answers stands against R's, by the number of the analysis.
OURS: dict[str, list[Callable[[pd.DataFrame], list[float]]]] = {
    "1": [estimates],
    "2": [estimates],
    "3": [estimates],
    "4": [lambda made: made.iloc[1][["ci_low", "ci_high"]].tolist()],
    "5": [estimates],
    "6": [estimates],
    "7": [by_category, of_test],
    "8": [estimates],
    "9": [estimates, lambda made: of_test(made, row=2)],
    "10": [lambda made: estimates(made.summary())],
}
ANALYSES = [name for name in sections() if name[0].isdigit()]


@cache
def answers() -> dict[str, list[Any]]:
    """Run the whole page, as a reader would, beside the data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ORACLE / "data")
        names: dict[str, Any] = {}
        return {head: run_ours(block(text, "python"), names) for head, text in sections().items()}


@cache
def answers_of_r() -> dict[str, list[list[float]]]:
    """Run R's side of the page in one process; skip where R or its package is not there."""
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    lines = ["suppressMessages(library(survey))", R_FIGURES]
    for head, text in sections().items():
        lines.append(f'cat("section {head}\\n")')
        code = block(text, "r").rstrip()
        # A line that assigns or loads shows nothing; the others answer.
        lines.append(f"for (e in parse(text = r'-({code})-')) {{")
        lines.append("  made <- eval(e); name <- as.character(e[[1]])[1]")
        lines.append('  if (!name %in% c("<-", "library")) show(made)\n}')
    script = "\n".join(lines)
    folder = Path(ORACLE / "data")
    done = subprocess.run(
        [program, "-"], input=script, cwd=folder, capture_output=True, text=True, check=False
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R has no package `survey`")
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^section (.*)$", done.stdout, flags=re.MULTILINE)
    return {
        head: [
            [float(x) for x in line.split()] for line in re.findall(r"^figures (.*)$", text, re.M)
        ]
        for head, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_the_session_of_the_library_is_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The session writes a file, and not into the repository.
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    text = LIBRARY.read_text(encoding="utf-8")
    session = "\n\n".join(re.findall(r"```pycon\n(.*?)```", text, re.DOTALL))
    example = doctest.DocTestParser().get_doctest(session, {}, "library.md", str(LIBRARY), 0)
    said: list[str] = []
    with mpl.rc_context({"backend": "agg"}):
        done = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
        mpl.pyplot.close("all")
    assert len(example.examples) > 20
    assert done.failed == 0, "".join(said)


def test_a_studys_results_are_asked_for_as_documented(
    built: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ngo_survey as ns

    monkeypatch.chdir(built.root)
    code = re.findall(r"```python\n(.*?)```", LIBRARY.read_text(encoding="utf-8"), re.DOTALL)
    (row,) = run_ours("\n".join(code), {"ns": ns})
    assert row["family"] == "estimates"


def test_the_example_of_the_readme_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    schools = pd.read_csv(ORACLE / "data" / "apistrat.csv")
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        assert len(run_ours(code, {"frame": schools})) == 2


def test_there_are_ten_analyses_in_four_languages() -> None:
    assert [name.partition(".")[0] for name in ANALYSES] == list(OURS)
    for name, text in sections().items():
        for language in ("r", "stata", "spss", "python"):
            assert block(text, language), (name, language)


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_of_ours_answers(name: str) -> None:
    made = answers()[name]
    figures = [of(one) for of, one in zip(OURS[name.partition(".")[0]], made, strict=True)]
    assert all(pd.notna(figure).all() for figure in figures)


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_of_ours_is_that_of_r(name: str) -> None:
    theirs = answers_of_r()[name]
    made = answers()[name]
    # R stops earlier: by its deviance, in the ordered logit by a likelihood that moves by 1e-8.
    tolerance = {"9": 1e-5, "10": 5e-4}.get(name.partition(".")[0], 1e-8)
    for of, one, figures in zip(OURS[name.partition(".")[0]], made, theirs, strict=True):
        close(of(one), figures, tolerance)
