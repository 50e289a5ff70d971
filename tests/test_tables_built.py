"""The tables of the study as it ships: complete, and nothing small among what is released."""

from __future__ import annotations

import pandas as pd
import pytest

from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.declared_tables import table_ids


@pytest.fixture(scope="module")
def rows(built: Study) -> pd.DataFrame:
    estimates = Results.load(built.paths.results).family("estimates")
    names = {f"estimates/{t}.csv" for p in built.populations for t in table_ids(built, p)}
    assert names <= set(estimates["file"])
    return estimates[estimates["file"].isin(names)]


def test_six_thousand_figures_by_the_standing_banners_are_shown(rows: pd.DataFrame) -> None:
    assert (rows["status"] == "shown").sum() > 6000


def test_no_released_count_or_complement_is_below_the_threshold(
    built: Study, rows: pd.DataFrame
) -> None:
    least = built.section("disclosure")["threshold"]
    of_counts = ["proportion", "any", "top_two", "first", "top_three"]
    shown = rows[(rows["status"] == "shown") & rows["statistic"].isin(of_counts)]
    rest = shown["base"] - shown["n"]
    assert not shown[(shown["n"] > 0) & (shown["n"] < least)]["key"].tolist()
    assert not shown[(shown["n"] > 0) & (rest > 0) & (rest < least)]["key"].tolist()
    assert (shown["base"] >= built.section("disclosure")["minimum_base"]).all()


def test_no_row_of_a_banner_lacks_exactly_one_small_level(rows: pd.DataFrame, built: Study) -> None:
    """Where one level alone is hidden, the total less the others tells how many it holds.

    That may be known of a level that is hidden for what its weights would tell of a large group.
    """
    shown = rows[rows["statistic"].isin(["proportion", "any", "top_two", "first", "top_three"])]
    # Banners whose levels hold everybody; elsewhere who did not answer stands between.
    whole = ["legal_form", "region", "macro_region", "settlement", "body_type"]
    shown = shown[
        shown["by"].isin(whole) & (shown["population"] == "ngo") | (shown["by"] == "body_type")
    ]
    shown = shown[shown["status"] != "empty"]
    member = ["analysis", "item", "category", "statistic"]
    total = rows[(rows["by"] == "") & (rows["status"] == "shown")]
    known = total.set_index(member)["n"]
    least, alone = built.section("disclosure")["threshold"], 0
    for (analysis, *rest), levels in shown.groupby(member):
        hidden = levels[levels["status"] != "shown"]
        whole_row = (analysis.rsplit("_by_", 1)[0], *rest)
        if len(hidden) != 1 or whole_row not in known.index:
            continue
        alone += 1
        count = float(known[whole_row]) - levels["n"].sum()
        assert least <= count <= float(hidden["base"].iloc[0]) - least, whole_row
    assert alone < 0.01 * len(shown)


def test_hidden_and_empty_rows_hold_no_number_but_their_base(rows: pd.DataFrame) -> None:
    numbers = ["n", "estimate", "se", "ci_low", "ci_high", "df", "deff"]
    assert rows.loc[rows["status"] != "shown", numbers].isna().all(axis=None)
    assert rows.loc[rows["status"] == "shown", ["n", "base", "estimate"]].notna().all(axis=None)
