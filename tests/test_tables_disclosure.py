"""No small cell leaves, by subtraction either: who reads every table is left with intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.disclosure.audit import Attacker, DisclosureError, derived
from ngo_survey.disclosure.bounds import outer
from ngo_survey.disclosure.cells import Cells, Columns
from ngo_survey.disclosure.linked import link
from ngo_survey.disclosure.secondary_suppression import protect
from ngo_survey.disclosure.thresholds import primary
from ngo_survey.statistics.estimation.domains import domains
from ngo_survey.statistics.weighting.margin_balance import withhold_margins
from ngo_survey.tables.forms import estimands
from ngo_survey.tables.forms.single import single
from small_tables import (
    OPEN,
    RULES,
    book,
    linked,
    plain_design,
    question,
    shown,
    spec,
    tabulate,
)
from suites import sample

REGIONS = {"r1": "north", "r2": "north", "r3": "north", "r4": "south", "r5": "south"}
CODEBOOK = book(
    question("form", "single", ["a", "b", "c", "d"]),
    question("region", "single", list(REGIONS)),
    question("macro", "single", ["north", "south"]),
    question("change", "scale", ["down", "same", "up", "far_up"]),
    question("change2", "scale", ["not_up", "up"]),
    question("reasons", "multiple", ["x", "y", "z"], kind="select_multiple"),
    question("score", "rating", ["1", "2", "3", "4", "5"]),
    question("money_state", "constant_sum", kind="integer", battery="money"),
    question("money_own", "constant_sum", kind="integer", battery="money"),
    question("money_gifts", "constant_sum", kind="integer", battery="money"),
)
BANNERS = {"form": ["region", "macro"], "region": ["form"], "macro": ["form"]}
TABLES = ("form", "region", "macro", "change", "change2", "reasons", "score", "money")


def answers(seed: int) -> pd.DataFrame:
    """A population of random size and shape: small groups, some asked only of some."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 400))

    def draw(choices: list[str], even: float) -> np.ndarray:
        return rng.choice(choices, n, p=rng.dirichlet(np.full(len(choices), even)))

    frame = pd.DataFrame(
        {
            "form": draw(["a", "b", "c", "d"], 0.7),
            "region": draw(list(REGIONS), 2.0),
            "change": draw(["down", "same", "up", "far_up"], 1.0),
            "score": draw(["1", "2", "3", "4", "5"], 0.8),
        },
        dtype=object,
    )
    frame["macro"] = frame["region"].map(REGIONS)
    frame["change"] = frame["change"].where(rng.random(n) > 0.05, None)
    up = frame["change"].isin(["up", "far_up"])
    frame["change2"] = np.where(frame["change"].isna(), None, np.where(up, "up", "not_up"))
    chosen = rng.random((n, 3)) < rng.random(3) * 0.8
    frame["reasons"] = [" ".join(np.array(["x", "y", "z"])[row]) or None for row in chosen]
    frame["reasons"] = frame["reasons"].where(up, None)
    parts = np.floor(rng.dirichlet([0.3, 0.5, 0.1], n) * 10) * 10
    parts[:, 0] += 100 - parts.sum(axis=1)
    for column, name in enumerate(("money_state", "money_own", "money_gifts")):
        frame[name] = parts[:, column].astype(int).astype(str)
    return frame


def specs(codebook: Questionnaire = CODEBOOK):
    return [spec(codebook, name, BANNERS.get(name, ["form", "region", "macro"])) for name in TABLES]


def released(tables) -> pd.DataFrame:
    return pd.concat([t.assign(table=name) for name, t in tables.estimates.items()])


@pytest.mark.parametrize("seed", sample(range(100, 118), 2))
def test_every_hidden_small_count_keeps_its_interval_in_the_whole_system(seed: int) -> None:
    system = linked(CODEBOOK, answers(seed), specs())
    decision = primary(system, RULES)
    hidden = protect(system, decision, np.random.default_rng(seed)).hidden
    targets = np.flatnonzero(decision.sensitive & np.array(system.cells.is_count))
    attacker = Attacker(system.cells, system.cells.matrix(), hidden)
    low, high = attacker.intervals(targets)
    value = np.array(system.cells.value)[targets]
    assert (high - low >= RULES.protection - 1e-6).all()
    assert ((low <= value + 1e-6) & (value <= high + 1e-6)).all()


@pytest.mark.parametrize("seed", sample(range(200, 204), 2))
def test_what_another_result_tells_is_taken_as_known(seed: int) -> None:
    frame = answers(seed)
    entry = spec(CODEBOOK, "change", ["macro"])
    told = [(entry, single(entry, CODEBOOK.type_frame(frame), CODEBOOK))]
    system = linked(CODEBOOK, frame, specs(), told)
    decision = primary(system, RULES)
    hidden = protect(system, decision, np.random.default_rng(seed)).hidden
    block = next(b for b in system.blocks if b.known)
    macro = [i for i, c in enumerate(block.columns) if system.columns.names[c][0] == "macro"]
    withheld = decision.primary[block.cells[:, macro]].any()
    assert withheld or not hidden[block.cells[:, macro]].any()
    targets = np.flatnonzero(decision.sensitive & np.array(system.cells.is_count))
    low, high = Attacker(system.cells, system.cells.matrix(), hidden).intervals(targets)
    assert (high - low >= RULES.protection - 1e-6).all()


def test_what_is_shown_is_never_small_and_what_is_hidden_shows_nothing() -> None:
    told = released(tabulate(CODEBOOK, answers(7), specs(), RULES))
    hidden = told["status"].str.startswith("suppressed")
    assert hidden.any()
    numbers = ["n", "estimate", "se", "ci_low", "ci_high", "deff"]
    assert told.loc[hidden | (told["status"] == "empty"), numbers].isna().all(axis=None)
    counts = told[(told["status"] == "shown") & told["statistic"].isin(["proportion", "any"])]
    rest = counts["base"] - counts["n"]
    assert not ((counts["n"] > 0) & (counts["n"] < RULES.threshold)).any()
    assert not ((counts["n"] > 0) & (rest > 0) & (rest < RULES.threshold)).any()
    assert (told.loc[told["status"] == "shown", "base"] >= RULES.minimum_base).all()


def test_percentages_are_those_of_everybody_not_of_what_is_left() -> None:
    frame = answers(7)
    told = released(tabulate(CODEBOOK, frame, specs(), RULES)).set_index("key")
    true = released(tabulate(CODEBOOK, frame, specs(), OPEN)).set_index("key")
    kept = told.index[told["status"] == "shown"]
    pd.testing.assert_series_equal(told.loc[kept, "estimate"], true.loc[kept, "estimate"])


def test_the_same_two_questions_crossed_both_ways_hide_the_same_cells() -> None:
    told = released(tabulate(CODEBOOK, answers(11), specs(), RULES)).set_index("key")
    pairs = 0
    for form in "abcd":
        for macro in ("north", "south"):
            one = told.loc[f"form_by_macro/{form}@{macro}"]
            other = told.loc[f"macro_by_form/{macro}@{form}"]
            assert np.isnan(one["n"]) == np.isnan(other["n"]) or 0 in (one["n"], other["n"])
            pairs += np.isnan(one["n"])
    assert pairs > 0


def test_a_thin_banner_gives_way_to_the_coarser_one_and_only_then() -> None:
    rng = np.random.default_rng(3)
    frame = answers(7)
    frame = frame.loc[rng.choice(frame.index, 90)].reset_index(drop=True)
    told = released(tabulate(CODEBOOK, frame, specs(), RULES))
    change = told[(told["table"] == "change") & (told["by"] == "region")]
    assert change["status"].str.startswith("suppressed").all()
    assert (
        told.loc[(told["table"] == "change") & (told["by"] == "macro"), "status"] == "shown"
    ).any()


def test_rare_shares_take_their_mean_share_with_them() -> None:
    told = released(tabulate(CODEBOOK, answers(7), specs(), RULES)).set_index("key")
    anys = told[(told["statistic"] == "any") & (told["status"] == "suppressed-primary")]
    assert len(anys)
    for key in anys.index:
        assert told.loc[key.replace(".any@", "@"), "status"].startswith("suppressed")


def test_plain_subtraction_is_carried_on_to_its_end() -> None:
    cells = Cells()
    a, b, c, ab, abc = (
        cells.cell(name, v) for name, v in zip("abcde", (3, 4, 5, 7, 12), strict=True)
    )
    cells.adds_up(np.array([a, b]), ab)
    cells.adds_up(np.array([ab, c]), abc)
    hidden = np.zeros(5, dtype=bool)
    hidden[[a, ab]] = True
    assert not derived(cells.matrix(), hidden).any()
    hidden[b] = True
    assert derived(cells.matrix(), hidden).tolist() == [True, True, False, False, False]


def test_the_attacker_finds_the_published_interval() -> None:
    # METHODS: 20 50 10 / 8 19 22 / 17 32 12 with 8, 22, 17 and 12 hidden leaves [5, 30] for 22.
    table = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    cells = Cells()
    ids = np.array([[cells.cell((r, c), float(table[r, c])) for c in range(3)] for r in range(3)])
    for line in range(3):
        cells.adds_up(ids[line], cells.cell(("row", line), float(table[line].sum())))
        cells.adds_up(ids[:, line], cells.cell(("column", line), float(table[:, line].sum())))
    hidden = np.zeros(len(cells), dtype=bool)
    hidden[[ids[1, 0], ids[1, 2], ids[2, 0], ids[2, 2]]] = True
    low, high = Attacker(cells, cells.matrix(), hidden).intervals(ids[[1], [2]])
    assert (low[0], high[0]) == (pytest.approx(5), pytest.approx(30))


def test_a_claimed_change_that_breaks_a_sum_is_not_believed() -> None:
    cells = Cells()
    a, b, whole = (cells.cell(name, v) for name, v in (("a", 3), ("b", 4), ("w", 7)))
    cells.adds_up(np.array([a, b]), whole)
    hidden = np.array([True, True, False])
    attacker = Attacker(cells, cells.matrix(), hidden)
    attacker.believe([(np.array([a]), np.array([9.0]))])
    attacker.believe([(np.array([a, b]), np.array([5.0, -5.0]))])
    attacker.believe([(np.array([a, whole]), np.array([1.0, 1.0]))])
    assert attacker.high[a] == 3.0
    attacker.believe([(np.array([a, b]), np.array([4.0, -4.0]))])
    assert attacker.high[a] == 7.0


def test_a_protection_that_no_table_can_give_is_refused() -> None:
    with pytest.raises(DisclosureError, match="cannot be protected"):
        tabulate(CODEBOOK, answers(7), specs(), replace(RULES, protection=5000))


def test_how_much_is_hidden_is_told() -> None:
    tables = tabulate(CODEBOOK, answers(7), specs(), RULES)
    rows = released(tables)
    rows = rows[rows["status"] != "empty"]
    rates = tables.rates.set_index("name")["value"]
    assert rates["figures"] == len(rows)
    assert rates["suppressed_share"] == pytest.approx(rows["status"].ne("shown").mean())


def test_hidden_cells_take_the_effect_size_with_them_and_whole_hidden_banners_the_test() -> None:
    tables = tabulate(CODEBOOK, answers(7), specs(), RULES)
    tests = tables.tests["change"].set_index("analysis")
    told = tables.estimates["change"]
    for banner in ("form", "region", "macro"):
        own = told[(told["by"] == banner) & (told["status"] != "empty")]
        hidden = own["status"].ne("shown")
        if hidden.all():
            assert f"change_by_{banner}" not in tests.index
        elif hidden.any():
            assert np.isnan(tests.loc[f"change_by_{banner}", "effect"])
    assert shown(tables, "change/same@total")["status"] == "shown"


def test_a_total_that_one_respondent_dominates_is_not_told() -> None:
    book_ = book(
        question("form", "single", ["a", "b", "c"]), question("staff", "number", kind="integer")
    )
    staff = np.tile(np.arange(1, 41), 3)
    staff[0] = 50_000  # all others of form a give less than a tenth of it
    frame = pd.DataFrame({"form": np.repeat(["a", "b", "c"], 40), "staff": staff.astype(str)})
    rules = replace(RULES, dominance=0.1)
    tables = tabulate(book_, frame, [spec(book_, "staff", ["form"], totals=("staff",))], rules)
    for statistic in ("mean", "median", "total"):
        row = shown(tables, f"staff_by_form/{statistic}@a")
        assert row["status"] == "suppressed-primary"
        assert np.isnan(row["estimate"])
    # The total less the two others would tell it: one of the three sums beside it goes too.
    beside = ["staff/total@total", "staff_by_form/total@b", "staff_by_form/total@c"]
    assert any(shown(tables, key)["status"] != "shown" for key in beside)
    open_ = tabulate(book_, frame, [spec(book_, "staff", ["form"], totals=("staff",))], RULES)
    assert shown(open_, "staff_by_form/total@a")["status"] == "shown"


def test_what_a_filtered_table_leaves_of_the_plain_one_is_protected_too() -> None:
    """Three villages of form b: told nowhere, but plain less filtered would tell them."""
    book_ = book(
        question("form", "single", ["a", "b"]),
        question("rural", "single", ["town", "village"]),
        question("change", "single", ["down", "up"]),
    )
    frame = pd.DataFrame(
        {
            "form": ["a"] * 60 + ["b"] * 43,
            "rural": ["town"] * 30 + ["village"] * 30 + ["town"] * 40 + ["village"] * 3,
            "change": (["down", "up"] * 52)[:103],
        }
    )
    plain = spec(book_, "change", ["form"])
    towns = spec(book_, "change", ["form"], own_id="towns", filter="rural = town")
    alone = released(tabulate(book_, frame, [plain], RULES)).set_index("key")
    assert (alone["status"] == "shown").all()
    both = released(tabulate(book_, frame, [plain, towns], RULES)).set_index("key")
    pairs = [(f"change_by_form/{c}@b", f"towns_by_form/{c}@b") for c in ("down", "up")]
    assert all((both.loc[list(pair), "status"] != "shown").any() for pair in pairs)
    bases = both.loc[[key for pair in pairs for key in pair], "base"]
    assert bases.isna().any()


def test_margins_with_a_level_of_few_lose_their_counts() -> None:
    margins = pd.DataFrame(
        {
            "variable": ["region"] * 3 + ["form"] * 2,
            "level": list("abc") + list("xy"),
            "register": 0.2,
            "n": [30, 3, 67, 50, 50],
            "sample": [0.3, 0.03, 0.67, 0.5, 0.5],
            "base_weighted": 0.3,
            "weighted": 0.2,
        }
    )
    safe = withhold_margins(margins, 5, 10)
    hidden = safe[safe["variable"] == "region"]
    assert hidden[["n", "sample", "base_weighted"]].isna().all(axis=None)
    assert hidden[["register", "weighted"]].notna().all(axis=None)
    assert safe[safe["variable"] == "form"].notna().all(axis=None)


def test_every_equation_is_true_where_a_filtered_table_stands_beside_several() -> None:
    codebook = book(
        question("form", "single", ["a", "b", "c"]),
        question("body", "rating", ["1", "2", "3", "4", "5"]),
        question("help", "multiple", ["x", "y", "z"], kind="select_multiple"),
    )
    rng = np.random.default_rng(5)
    n = 120
    answers = pd.DataFrame(
        {
            "form": rng.choice(list("abc"), n),
            "body": rng.choice(list("12345"), n),
            "help": [" ".join(c for c in "xyz" if rng.random() < 0.5) or "x" for _ in range(n)],
        }
    )
    design = plain_design(codebook, answers)
    form = answers["form"].to_numpy()
    some, more = form == "a", np.isin(form, ["a", "b"])
    sources = [
        (
            one := spec(codebook, name, banners, own_id),
            estimands(one, design.frame, codebook, within),
        )
        for name in ("body", "help")
        for own_id, banners, within in (
            (f"{name}_all", ["form"], None),
            (f"{name}_total", [], None),
            (f"{name}_more", ["form"], more),
            (f"{name}_some", ["form"], some),
        )
    ]
    splits = {"": domains(design, None), "form": domains(design, "form")}
    system = link(sources, Columns.make(splits, design.in_domain))
    assert len({block.less for block in system.blocks if block.difference}) > 2
    np.testing.assert_allclose(system.cells.matrix() @ system.value, 0.0, atol=1e-9)
    decision = primary(system, RULES)
    assert (protect(system, decision, np.random.default_rng(1)).hidden >= decision.hidden).all()


@pytest.mark.parametrize("seed", sample(range(5), 2))
def test_outer_bounds_hold_what_fits_and_are_never_too_close(seed: int) -> None:
    from scipy import sparse

    rng = np.random.default_rng(seed)
    matrix = sparse.random_array((6, 9), density=0.4, rng=rng, data_sampler=lambda size: rng.choice(
        [-1.0, 1.0, 2.0], size=size)).tocsr()  # fmt: skip
    matrix = matrix[np.diff(matrix.indptr) > 0]
    truth = rng.integers(0, 6, 9).astype(float)
    lower = np.where(rng.random(9) < 0.2, -np.inf, 0.0)
    truth_of_rows = matrix @ truth
    low, high = outer(matrix, truth_of_rows, lower)
    bounds = [(None if np.isinf(x) else x, None) for x in lower]
    closed = 0
    for cell in range(9):
        for sign, bound in ((1.0, low[cell]), (-1.0, -high[cell])):
            found = linprog(
                sign * np.eye(9)[cell], A_eq=matrix, b_eq=truth_of_rows, bounds=bounds,
            )  # fmt: skip
            least = found.fun if found.status == 0 else -np.inf
            assert bound <= least + 1e-6
            closed += np.isfinite(bound)
    assert closed


def test_the_worked_example_of_the_package_is_right() -> None:
    """Hidden are (x, b), (x, c), (z, b) and (z, c); rows and columns leave (x, b) from 0 to 9."""
    rows = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]

    def ends(left: list[int]) -> list[float]:
        first = np.array([1.0, 0, 0, 0])
        return [sign * linprog(sign * first, A_eq=rows, b_eq=left).fun for sign in (1, -1)]

    assert ends([13, 13, 9, 17]) == [0, 9]
    assert ends([13, 8, 4, 17]) == [0, 4]
