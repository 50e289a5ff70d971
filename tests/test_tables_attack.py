"""An attacker who knows all that is released cannot say how many a small group is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from attacker import Attacker, Knowledge
from ngo_survey.codebook import Questionnaire
from ngo_survey.disclosure.tabulate import Tables
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_pairs import declared_pairs
from ngo_survey.study.declared_tables import specs
from ngo_survey.tables.declared import Pairs
from small_tables import OPEN, RULES, book, question, spec, tabulate
from suites import sample

REGIONS = {"r1": "north", "r2": "north", "r3": "north", "r4": "south", "r5": "south"}
CODEBOOK = book(
    question("form", "single", ["a", "b", "c", "d"]),
    question("region", "single", list(REGIONS)),
    question("macro", "single", ["north", "south"]),
    question("rural", "single", ["town", "village"]),
    question("change", "scale", ["down", "same", "up", "far_up"]),
    question("change2", "scale", ["not_up", "up"]),
    question("reasons", "multiple", ["x", "y", "z"], kind="select_multiple"),
    question("named_x", "single", ["yes", "no"]),
    question("score", "rating", ["1", "2", "3", "4", "5"]),
    *(question(f"work_{body}", "single", ["often", "rarely"], battery="work") for body in "uv"),
    *(
        question(f"money_{source}", "constant_sum", kind="integer", battery="money")
        for source in ("state", "own", "gifts")
    ),
)
KNOWLEDGE = Knowledge(
    single={
        q.name: list(q.choice_names) for q in CODEBOOK if q.form in ("single", "scale", "rating")
    },
    multiple={"reasons": ["x", "y", "z"], "money": ["state", "own", "gifts"]},
    whole=frozenset({"form", "region", "macro", "rural", "score", "money", "work_u"}),
    coarser={
        "region": [("macro", REGIONS)],
        "change": [("change2", {"down": "not_up", "same": "not_up", "up": "up", "far_up": "up"})],
    },
    asked={"reasons": ("change", ["up", "far_up"])},
    filters={
        "change_of_villages": ("rural", "village"),
        "form_of_villages": ("rural", "village"),
        "reasons_of_y": ("reasons", "y"),
        "form_of_y": ("reasons", "y"),
        "reasons_of_u": ("work_u", "often"),
    },
    same={("named_x", "yes"): ("reasons", "x"), ("named_x", "no"): ("reasons", "not x")}
    | {("named_x", "(answered)"): ("reasons", "(answered)")},
)
#: Reasons that go together, who works with whom, and works with both.
PAIRS = (
    Pairs("together", "ngo", "reasons", "reasons"),
    Pairs("reasons_work", "ngo", "reasons", "work", ("often",), of_rows=True),
    Pairs("work_money", "ngo", "work", "reasons", ("often",)),
)


def answers(seed: int, size: int = 0) -> pd.DataFrame:
    """A population of random shape and, unless given, size: small groups, some asked of some."""
    rng = np.random.default_rng(seed)
    n = size or int(rng.integers(60, 500))

    def draw(choices: list[str], even: float) -> np.ndarray:
        return rng.choice(choices, n, p=rng.dirichlet(np.full(len(choices), even)))

    frame = pd.DataFrame(
        {
            "form": draw(["a", "b", "c", "d"], 0.7),
            "region": draw(list(REGIONS), 2.0),
            "rural": draw(["town", "village"], 3.0),
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
    gave_x = frame["reasons"].str.contains("x")
    frame["named_x"] = gave_x.map({True: "yes", False: "no"}, na_action="ignore")
    for body, missing in (("u", 0.0), ("v", 0.05)):
        frame[f"work_{body}"] = draw(["often", "rarely"], 1.0)
        frame.loc[rng.random(n) < missing, f"work_{body}"] = None
    parts = np.floor(rng.dirichlet([0.3, 0.5, 0.1], n) * 10) * 10
    parts[:, 0] += 100 - parts.sum(axis=1)
    sources = np.array(["state", "own", "gifts"])
    for name, share in zip(sources, parts.T, strict=True):
        frame[f"money_{name}"] = share.astype(int).astype(str)
    # Who has any of each: what the attacker counts.
    frame["money"] = [" ".join(sources[row > 0]) for row in parts]
    return frame


def released(frame: pd.DataFrame, rules=RULES, pairs=PAIRS, former=None) -> Tables:
    standing = ["form", "region", "macro", "rural"]
    banners = {"form": ["region", "macro", "rural"], "region": ["form"], "macro": ["form"],
               "rural": ["form"]}  # fmt: skip
    names = [q.name for q in CODEBOOK if not q.battery and q.name != "named_x"] + ["money"]
    tables = [spec(CODEBOOK, name, banners.get(name, standing)) for name in names]
    own = [
        ("change", ["form"], "change_of_villages", "rural = village"),
        ("form", ["macro"], "form_of_villages", "rural = village"),
        ("score", ["macro.rural"], "score_nested", ""),
        ("reasons", ["macro"], "reasons_of_y", "chosen(reasons, y)"),
        ("form", [], "form_of_y", "chosen(reasons, y)"),
        ("reasons", ["named_x"], "reasons_by_x", ""),
        ("reasons", [], "reasons_of_u", "work_u = often"),
        ("work_u", ["rural"], "work_u", ""),
    ]
    nobody = {
        "work_u = often": not frame["work_u"].eq("often").any(),
        "chosen(reasons, y)": not frame["reasons"].str.contains("y").any(),
    }
    own = [one for one in own if not nobody.get(one[3])]
    tables += [spec(CODEBOOK, q, by, own_id=name, filter=told) for q, by, name, told in own]
    frame = frame.drop(columns="money")
    return tabulate(CODEBOOK, frame, tables, rules, pairs, former)


@cache
def random_study(seed: int, size: int = 0) -> tuple[pd.DataFrame, Tables]:
    """A random population and what is released of it, made once for all who attack it."""
    frame = answers(seed, size)
    return frame, released(frame)


@cache
def attacked(seed: int, size: int = 0) -> tuple[pd.DataFrame, Attacker, np.ndarray]:
    """The same with its attacker and the small groups."""
    frame, tables = random_study(seed, size)
    return frame, *attack(tables, frame)


def attack(tables: Tables, frame: pd.DataFrame) -> tuple[Attacker, np.ndarray]:
    """The attacker on what is released, and the small groups that nobody may tell."""
    counted = {name: t for name, t in tables.estimates.items() if name in QUESTIONS}
    told = shares(counted, QUESTIONS)
    attacker = Attacker(told, KNOWLEDGE, together(tables.estimates, PAIRS, CODEBOOK))
    truth = attacker.truth(frame)
    for place, known in attacker.known.items():
        assert np.isnan(truth[place]) or truth[place] == known
    return attacker, np.flatnonzero((truth > 0) & (truth < RULES.threshold))


def shares(tables: dict[str, pd.DataFrame], questions: dict[str, str]) -> pd.DataFrame:
    """The released counts: shares of columns, and the bases of shares of rows."""
    rows = pd.concat([t.assign(table=name) for name, t in tables.items()])
    rows = rows[rows["statistic"].isin(["proportion", "any", "row_percent"])]
    category = rows["category"].where(rows["statistic"] != "any", rows["item"])
    rows = rows.assign(question=rows["table"].map(questions), category=category)
    return rows.astype({"n": float, "base": float})


def together(
    tables: dict[str, pd.DataFrame], declared: Sequence[Pairs], book: Questionnaire
) -> pd.DataFrame:
    """The released pairs of answers, each named by its two questions."""
    found = []
    for spec_ in declared:
        rows = tables[spec_.file].astype({"n": float, "base": float})
        for side, name, asked in (("", "item", spec_.rows), ("2", "category", spec_.columns)):
            whole = asked in book.batteries
            rows[f"question{side}"] = f"{asked}_" + rows[name] if whole else asked
            rows[f"answer{side}"] = spec_.categories[0] if whole else rows[name]
        found.append(rows.assign(of_rows=spec_.of_rows))
    return pd.concat(found)


QUESTIONS = {q.name: q.name for q in CODEBOOK if not q.battery and q.name != "named_x"} | {
    "money": "money",
    "reasons_of_y": "reasons",
    "form_of_y": "form",
    "reasons_by_x": "reasons",
    "reasons_of_u": "reasons",
    "work_u": "work_u",
    "change_of_villages": "change",
    "form_of_villages": "form",
    "score_nested": "score",
}


@pytest.mark.parametrize(
    ("seed", "size"), sample([*((s, 0) for s in range(50)), *((s, 101) for s in range(50, 70))])
)
@pytest.mark.usefixtures("stages")
def test_no_small_group_of_a_random_study_can_be_told(seed: int, size: int) -> None:
    _, attacker, small = attacked(seed, size)
    widths = attacker.solve().widths(small, RULES.protection)
    told = {place: cell for cell, place in attacker.place.items()}
    pinned = [told[p] for p, w in zip(small, widths, strict=True) if w < RULES.protection - 1e-6]
    assert len(small) > 3
    assert not pinned, pinned[:5]


@pytest.mark.parametrize("seed", sample(range(50), 2))
@pytest.mark.usefixtures("stages")
def test_who_knows_two_records_is_left_with_an_interval_of_all_but_those_two(seed: int) -> None:
    frame, attacker, small = attacked(seed)
    known = frame.sample(2, random_state=seed)
    own = np.nan_to_num(attacker.truth(known))
    mine = small[own[small] > 0]
    widths = attacker.solve(known).widths(mine, RULES.protection)
    assert (widths >= RULES.protection - own[mine] - 1e-6).all()


def by_banners(frame: pd.DataFrame, banners: list[str]) -> Tables:
    """Every question by these banners, and one of some respondents."""
    tables = [
        spec(CODEBOOK, name, [b for b in banners if not {b, name} <= {"region", "macro"}])
        for name in ("form", "region", "rural", "change", "reasons", "score", "work", "money")
    ]
    tables = [replace(t, banners=tuple(b for b in t.banners if b != t.id)) for t in tables]
    of_some = [b for b in banners if b != "rural"]
    tables.append(
        spec(CODEBOOK, "score", of_some, own_id="score_of_villages", filter="rural = village")
    )
    return tabulate(CODEBOOK, frame.drop(columns="money"), tables, RULES)


@pytest.mark.parametrize(
    ("seed", "size"), sample([(s, n) for s in range(20) for n in (60, 101, 0)])
)
@pytest.mark.usefixtures("stages")
def test_a_total_that_is_shown_without_banners_is_shown_with_them(seed: int, size: int) -> None:
    frame = answers(seed, size)
    alone, beside = by_banners(frame, []), by_banners(frame, ["form", "region", "macro", "rural"])
    # How many a level of a banner holds may go: where those are few, only that hides who they are.
    for name in alone.estimates.keys() - {"form", "region", "macro", "rural"}:
        told = alone.estimates[name]
        totals = beside.estimates[name].set_index("key").loc[told["key"]]
        lost = (told["status"] == "shown").to_numpy() & (totals["status"] != "shown").to_numpy()
        assert not lost.any(), totals.index[lost].tolist()


@pytest.mark.thorough
def test_pairs_protected_apart_from_the_tables_would_give_small_groups_away() -> None:
    """Each safe by itself is not enough: this is why pairs stand in the system of the tables."""
    leaks = 0
    for seed in (3, 23, 44):
        frame = answers(seed)
        tables = released(frame, pairs=())
        one = [spec(CODEBOOK, "form", ["region"])]
        alone = tabulate(CODEBOOK, frame.drop(columns="money"), one, RULES, PAIRS).estimates
        apart = tables.estimates | {pair.file: alone[pair.file] for pair in PAIRS}
        attacker, small = attack(replace(tables, estimates=apart), frame)
        leaks += int((attacker.solve().widths(small, RULES.protection) < 1e-6).sum())
    assert leaks > 0


@pytest.mark.thorough
def test_the_attacker_finds_what_is_not_hidden() -> None:
    """The attack is no formality: where nothing is hidden it finds small groups everywhere."""
    frame = answers(1)
    attacker, small = attack(released(frame, OPEN), frame)
    widths = attacker.solve().widths(small, RULES.protection)
    assert (widths < 1e-6).sum() > 50


def asked_of(name: str, book: Questionnaire) -> tuple[str, list[str]] | None:
    """Read a skip rule of the form `${q} = 'a' or ${q} = 'b'`, as anybody can.

    A rule with `!=` also lets in who did not answer the gate: it bounds nothing.
    """
    parts = re.findall(r"\$\{(\w+)\} (=|!=) '(\w+)'", book.question(name).relevant)
    parts = [p for p in parts if p[0] != "consent"]
    if not parts or len({p[0] for p in parts}) > 1 or any(sign != "=" for _, sign, _ in parts):
        return None
    return parts[0][0], [choice for _, _, choice in parts]


@pytest.mark.parametrize("population", sample(["government", "ngo"]))
def test_no_small_group_of_the_study_as_it_ships_can_be_told(built: Study, population: str) -> None:
    book = codebook(built, population)
    specs_ = specs(built, population, book)
    counted = [s for s in specs_ if s.form in ("single", "scale", "multiple", "rating")]
    counted = [s for s in counted if len(s.variables) == 1]
    frame = book.type_frame(store.read_text_csv(built.paths.clean(population)))
    frame = frame.astype(object).where(frame.notna(), None)
    banners = {part for s in specs_ for b in s.banners for part in b.split(".")}
    single = {
        name: list(book.question(name).choice_names)
        for name in {s.variables[0] for s in counted if s.form != "multiple"} | banners
    }
    derive = built.population(population).raw["derive"]
    coarser: dict = {}
    for name, rule in derive.items():
        if rule["op"] == "recode" and name in single and rule["of"] in single:
            reading = {old: new for new, level in rule["levels"].items() for old in level["from"]}
            coarser.setdefault(rule["of"], []).append((name, reading))
    asked = {
        s.variables[0]: a
        for s in counted
        if (a := asked_of(s.variables[0], book))
        if s.variables[0] in book and book.question(s.variables[0]).type != "derived"
    }
    asked = {name: gate for name, gate in asked.items() if gate[0] in single}
    knowledge = Knowledge(
        single=single,
        multiple={
            s.variables[0]: list(book.question(s.variables[0]).choice_names)
            for s in counted
            if s.form == "multiple"
        },
        whole=frozenset(n for n in single if all(v is not None for v in frame[n])),
        coarser=coarser,
        asked=asked,
        filters={s.id: ("rural", "rural") for s in specs_ if s.filter},
    )
    results = Results.load(built.paths.released).family("estimates")
    tables = {s.id: results[results["file"] == f"estimates/{s.id}.csv"] for s in counted}
    told = shares(tables, {s.id: s.variables[0] for s in counted})
    pairs = declared_pairs(built, population)
    files = {p.file: results[results["file"] == f"estimates/{p.file}.csv"] for p in pairs}
    attacker = Attacker(told, knowledge, together(files, pairs, book) if pairs else None)
    rules = Rules.of(built.section("disclosure"))
    truth = attacker.truth(frame)
    for place, known in attacker.known.items():
        assert np.isnan(truth[place]) or truth[place] == known
    small = np.flatnonzero((truth > 0) & (truth < rules.threshold))
    solver = attacker.solve()
    widths = solver.widths(small, rules.protection)
    cells = {place: cell for cell, place in attacker.place.items()}
    pinned = [
        (sorted(cells[p]), truth[p], solver.low[p], solver.high[p])
        for p, w in zip(small, widths, strict=True)
        if w < rules.protection - 1e-6
    ]
    assert len(small) > 500
    assert not pinned, (len(pinned), pinned[:5])
