"""The verb `check`: read and clean everything, analyse nothing, say what is wrong."""

from __future__ import annotations

from ngo_survey.errors import SurveyError
from ngo_survey.reproduce.names import check_names
from ngo_survey.stages.clean import clean_responses
from ngo_survey.stages.read import read_responses
from ngo_survey.study import Study


def run(study: Study) -> int:
    """Print what reading and cleaning found; returns 1 when a study cannot run on it.

    A name in the configuration that the study does not have raises at once.
    """
    check_names(study)
    broken = 0
    for name in study.populations:
        print(f"{name}: {study.population(name).raw['responses']}")
        try:
            responses = read_responses(study, name)
            cleaned = clean_responses(study, name, responses.frame)
        except SurveyError as error:
            print(f"  cannot run: {error}")
            broken = 1
            continue
        for stage, count in zip(cleaned.flow["stage"], cleaned.flow["count"], strict=True):
            print(f"  {stage.replace('_', ' '):<18}{count:>6}")
        by_rule = cleaned.counts.groupby("rule")["cells"].sum()
        for rule, cells in by_rule.items():
            print(f"  cells changed by {rule}: {cells}")
        for rule, rows in cleaned.quarantine.groupby("rule"):
            listed = ", ".join(str(r) for r in rows["source_row"].head(8))
            more = ", ..." if len(rows) > 8 else ""
            print(f"  set aside, {rows['reason'].iloc[0]}: rows {listed}{more} ({rule})")
    print("the study cannot run" if broken else "the study can run")
    return broken
