"""``ngo-survey explain KEY``: one number followed back to its question, rule, code and rows.

Reads the results store, the questionnaires, the configuration and the raw files; writes to the
terminal alone.
"""

from __future__ import annotations

from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.explain import Explainer


def run(study: Study, key: str) -> int:
    """Print what is known about a number; an unknown key raises with the nearest ones."""
    results = Results.load(study.paths.released)
    explainer = Explainer(study, results, Labels.load(study, study.languages[0]))
    sections = explainer.explain(key)
    for title, lines in sections:
        print(title)
        for line in lines:
            print(f"  {line}")
    if study.simulated and any(title.startswith("Rows") for title, _ in sections):
        print(f"{language(study.languages[0], study.words).word('banner')}.")
    return 0
