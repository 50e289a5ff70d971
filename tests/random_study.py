"""Random small studies: what a configuration may say, said in random ways.

A study is made of a random form, random answers and a random configuration over them. Nothing is
chosen so that it fits: where a draw does not, `check` must refuse it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

import yaml_text

Config = dict[str, Any]
SNAKEFILE = "from ngo_survey.workflow import SNAKEFILE\n\ninclude: SNAKEFILE\n"
GROUPS = ("visitors", "wardens")
LISTS = {
    "places": ["town", "village", "island"],
    "often": ["never", "rarely", "often"],
    "five": ["1", "2", "3", "4", "5"],
    "named": ["poor", "fair", "good"],
    "wishes": ["shade", "benches", "paths", "none"],
    "agreed": ["yes", "no"],
}
#: Type, form, list; the items of a battery, or "" for a question of its own.
ASKED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "place": ("select_one", "single", "places", ()),
    "member": ("select_one", "single", "often", ()),
    "often": ("select_one", "scale", "often", ()),
    "score": ("select_one", "rating", "five", ()),
    "opinion": ("select_one", "scale", "named", ()),
    "wishes": ("select_multiple", "multiple", "wishes", ()),
    "visits": ("integer", "number", "", ()),
    "fee": ("decimal", "number", "", ()),
    "remarks": ("text", "text", "", ()),
    "care": ("select_one", "rating", "five", ("time", "money", "staff")),
    "trust": ("select_one", "scale", "named", ("mayor", "police")),
    "mix": ("integer", "constant_sum", "", ("state", "own", "gifts")),
    "order": ("select_one", "rank", "wishes", ("1", "2")),
    "views": ("select_one", "scale", "named", ("courts", "press")),
}
#: Batteries whose questions are not called after them, as in many forms.
APART = ("views",)
COUNTED = ("place", "member", "often", "score", "opinion")
NUMBERS = ("visits", "fee")
BATTERIES = tuple(name for name, (*_, items) in ASKED.items() if items)


def random_study(folder: Path, seed: int) -> Path:
    """Write a random study into a folder; returns its configuration."""
    rng = random.Random(seed)
    groups = GROUPS[: 1 if rng.random() < 0.6 else 2]
    asked = ["place", *(name for name in list(ASKED)[1:] if rng.random() < 0.75)]
    config: Config = {
        "study": {
            "id": "random",
            "title": {"en": "A random study"},
            "data": "simulated",
            "seed": seed + 1,
            "languages": ["en"],
        },
        "populations": {group: _group(folder, group, asked, rng) for group in groups},
        "disclosure": rng.choice(["public", "small study", "internal"]),
        "report": {"formats": ["html"]},
    }
    if rng.random() < 0.6:
        dates = {"from": "2026-03-01", "to": "2026-03-31", "year": 2026}
        config["study"]["fieldwork"] = dates
    sections: dict[str, Callable[..., Any]] = {
        "tables": _tables,
        "indicators": _indicators,
        "compare": _compare,
        "models": _models,
    }
    for name, make in sections.items():
        if rng.random() < 0.7 and (made := make(asked, groups, rng)):
            config[name] = made
    if rng.random() < 0.25:
        config |= _waves(folder, groups[0], asked, config, rng)
    if figures := _figures(config, asked, groups, rng):
        config["figures"] = figures
    if rng.random() < 0.5:
        _chapter(folder, config, asked, groups, rng)
    (folder / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
    file = folder / "config.yaml"
    file.write_text(yaml_text.dump(config), encoding="utf-8")
    return file


def thin(file: Path, seed: int) -> None:
    """Leave at most three answers to some questions of a study, and one unit in some strata."""
    rng = random.Random(f"thin {seed}")
    for export in sorted((file.parent / "data/raw").rglob("responses/*.csv")):
        frame = pd.read_csv(export, dtype=str, keep_default_na=False)
        for name in map(str, frame):
            asked = name.partition("_")[0]
            if asked not in ASKED or asked in ("place", "mix", "order") or rng.random() < 0.4:
                continue
            left = rng.sample(range(len(frame)), rng.choice([0, 1, 1, 1, 2, 3]))
            frame.loc[~frame.index.isin(left), name] = ""
        if "unit" in frame and rng.random() < 0.5:
            frame["unit"] = "u" + frame["place"]
        frame.to_csv(export, index=False)
    config = yaml_text.load(file.read_text(encoding="utf-8"))
    config["disclosure"] = rng.choice(["internal", "internal", "small study", "public"])
    file.write_text(yaml_text.dump(config), encoding="utf-8")


def some(values: Sequence[Any], rng: random.Random, least: int = 0, most: int = 3) -> list[Any]:
    """Draw a few of some values, in an order of their own."""
    return rng.sample(list(values), min(len(values), rng.randint(least, most)))


def _label(text: str) -> dict[str, str]:
    return {"en": text}


def _column(name: str, item: str) -> str:
    """Return what a question is called: an item of a battery after it, or by itself."""
    if name in APART:
        return item
    return f"{name}_{item}" if item else name


def _questions(asked: Sequence[str]) -> list[tuple[str, str, str, str, str]]:
    """Return type, name, form, battery and list of every question."""
    made = []
    for name in asked:
        kind, form, listed, items = ASKED[name]
        for item in items or ("",):
            made.append((kind, _column(name, item), form, name if item else "", listed))
    return made


def _form(path: Path, asked: Sequence[str], design: Sequence[str], rng: random.Random) -> None:
    book = openpyxl.Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    heads = ["analysis_form", "analysis_battery", "analysis_role", "analysis_disclosure"]
    survey.append(["type", "name", "label::English (en)", "relevant", *heads])
    for name in design:
        role = "id" if name == "sample_id" else "consent" if name == "consent" else ""
        kind = "select_one agreed" if name == "consent" else "text" if name == "unit" else "decimal"
        if name == "sample_id":
            kind = "text"
        survey.append([kind, name, name.title(), "", "none", "", role, "internal"])
    open_group = ""
    for kind, name, form, battery, listed in _questions(asked):
        if battery != open_group:
            if open_group:
                survey.append(["end_group"])
            if battery:
                survey.append(["begin_group", battery, battery.title(), "", "", battery])
            open_group = battery
        relevant = "${place} = 'town'" if name in ("often", "visits") and rng.random() < 0.4 else ""
        words = "free_text" if form == "text" else "open"
        typed = f"{kind} {listed}".strip()
        survey.append([typed, name, f"{name.title()}?", relevant, form, battery, "", words])
    if open_group:
        survey.append(["end_group"])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", "label::English (en)"])
    for listed, names in LISTS.items():
        for name in names:
            choices.append([listed, name, name.title() if listed != "five" else name])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _answers(asked: Sequence[str], rows: int, rng: random.Random) -> pd.DataFrame:
    """Draw answers; a question may have gaps, or nobody at all who answered it."""
    cells: dict[str, list[str]] = {}
    for name in asked:
        kind, form, listed, items = ASKED[name]
        gaps = rng.choice(
            [0.0, 0.0, 0.1, 0.4, 1.0 if name not in ("place", "order", "mix") else 0.0]
        )
        columns: list[list[str]] = []
        for _ in range(rows):
            if form == "rank":
                row = rng.sample(LISTS[listed], len(items))
            elif form == "constant_sum":
                first = rng.randint(0, 100)
                second = rng.randint(0, 100 - first)
                row = [str(first), str(second), str(100 - first - second)]
            elif kind == "select_multiple":
                row = [" ".join(some(LISTS[listed][:3], rng, 1)) or "none"]
            elif kind == "select_one":
                row = [rng.choice(LISTS[listed]) for _ in items or ("",)]
            elif kind == "text":
                row = [rng.choice(["", "Thank you", "Too few benches"])]
            else:
                row = [str(rng.randint(0, 40)) if kind == "integer" else f"{rng.random() * 9:.2f}"]
            columns.append([""] * len(row) if rng.random() < gaps else row)
        for place, item in enumerate(items or ("",)):
            cells[_column(name, item)] = [row[place] for row in columns]
    return pd.DataFrame(cells)


def _group(folder: Path, group: str, asked: Sequence[str], rng: random.Random) -> Config:
    raw = folder / "data/raw"
    rows = rng.choice([12, 30, 60, 110])
    how = rng.choice(["none", "columns", "replicates", "shares", "register", "none"])
    design = [name for name in ("sample_id", "consent") if rng.random() < 0.5 or how == "register"]
    frame = _answers(asked, rows, rng)
    if "sample_id" in design:
        frame["sample_id"] = [f"{group[0]}{place:04d}" for place in range(rows)]
    if "consent" in design:
        frame["consent"] = "yes"
    block: Config = {"label": _label(group.title()), "weighting": "none"}
    if how in ("columns", "replicates"):
        frame["weight"] = [f"{rng.uniform(0.3, 3):.3f}" for _ in range(rows)]
        block["weighting"] = {"weights": "weight"}
        design.append("weight")
    if how == "columns" and rng.random() < 0.7:
        frame["unit"] = [f"u{rng.randint(1, 9)}" for _ in range(rows)]
        design.append("unit")
        lonely = rng.choice(["adjust", "certainty", "average"])
        block["weighting"] |= {"psu": "unit", "strata": "place", "lonely": lonely}
    if how == "replicates":
        names = [f"rep_{place}" for place in range(1, 9)]
        for name in names:
            frame[name] = [f"{float(w) * rng.choice([0, 2]):.3f}" for w in frame["weight"]]
        design += names
        block["weighting"]["replicates"] = {"columns": "rep_*", "type": rng.choice(["BRR", "JK1"])}
    if how == "shares":
        shares = {"town": 50, "village": 30, "island": 20}
        block["weighting"] = {"margins": {"place": shares}}
    if how == "register":
        block["weighting"] = {"strata": ["place"], "margins": ["place"], "minimum": 2}
        sample = frame[["sample_id", "place"]].assign(disposition="complete")
        register = pd.DataFrame({"place": LISTS["places"], "count": [900, 700, 500]})
        for what, table in (("sample", sample), ("register", register)):
            (raw / what).mkdir(parents=True, exist_ok=True)
            table.to_csv(raw / what / f"{group}.csv", index=False)
    if how in ("columns", "shares", "register"):
        block["weighting"]["errors"] = _errors(random.Random(f"{group} {rows} {how}"))
    single = [
        name for name in asked if ASKED[name][1] in ("single", "scale") and not ASKED[name][3]
    ]
    block["derive"] = _derive(asked, rng)
    if not block["derive"]:
        del block["derive"]
    block["banners"] = some([*single, *_banners_of(block.get("derive", {}))], rng, 0, 2)
    _form(raw / f"questionnaires/{group}.xlsx", asked, design, rng)
    export = raw / f"responses/{group}.csv"
    export.parent.mkdir(parents=True, exist_ok=True)
    frame.sample(frac=1, random_state=rng.randint(0, 99)).to_csv(export, index=False)
    return block


def _banners_of(derived: Config) -> list[str]:
    return [name for name, rule in derived.items() if "levels" in rule]


def _errors(rng: random.Random) -> Config:
    """Return how standard errors are made, of a stream that moves nothing else of the study."""
    method = rng.choice(["linearisation", "bootstrap", "jackknife"])
    if method != "linearisation":
        return {"method": method, "replicates": 20}
    more = {"beside": "bootstrap", "replicates": 20} if rng.random() < 0.5 else {}
    return {"method": method, **more}


def _derive(asked: Sequence[str], rng: random.Random) -> Config:
    def level(**said: Any) -> Config:
        return {"labels": _label("Level"), **said}

    far = {"near": level(**{"from": ["town"]}), "far": level(**{"from": ["village", "island"]})}
    rules: Config = {
        "distance": {"op": "recode", "of": "place", "levels": far},
        "busy": {"op": "cut", "of": "visits", "form": "scale",
                 "levels": {"low": level(range=[0, 10]), "high": level(range=[11, None])}},
        "urban": {"op": "where", "otherwise": "other",
                  "levels": {"city": level(when="place = town"), "other": level()}},
        "cared": {"op": "index", "of": "care", "form": "number", "minimum": 2},
        "wanted": {"op": "count", "of": "wishes", "form": "number", "except": ["none"]},
        "main": {"op": "largest", "of": "mix", "tie": "mixed",
                 "levels": {"mixed": level()}},
        "variety": {"op": "herfindahl", "of": "mix", "form": "number"},
        "apart": {"op": "cross", "of": ["place", "member"]},
        "per_visit": {"op": "ratio", "of": ["fee", "visits"], "form": "number"},
        "together": {"op": "sum", "of": ["fee", "visits"], "form": "number"},
    }  # fmt: skip

    def there(rule: Config) -> bool:
        of = rule.get("of", [])
        return all(name in asked for name in ([of] if isinstance(of, str) else of))

    drawn = [name for name, rule in rules.items() if there(rule) and rng.random() < 0.3]
    return {name: {**rules[name], "labels": _label(name.title())} for name in drawn}


def _tables(asked: Sequence[str], groups: Sequence[str], rng: random.Random) -> Config:
    made: Config = {}
    single = [name for name in asked if name in COUNTED[:3]]
    if rng.random() < 0.7:
        made["all_questions"] = {
            group: rng.choice(["standing", some(single, rng, 0, 2)]) for group in groups
        }
    more = []
    for place in range(rng.randint(0, 3)):
        rows = rng.choice(asked)
        table: Config = {"id": f"table{place}", "population": rng.choice(groups), "rows": rows}
        extra: Config = {
            "columns": some([*single, "place > member"], rng, 0, 2),
            "filter": rng.choice(["place = town", "place in (town, village)", "visits > 3"]),
            "base": rng.choice(["answered", "all"]),
            "statistics": [rng.choice(["proportion", "mean", "median", "top2"])],
            "tests": some(["overall", "letters", "rest", "trend"], rng),
            "sort": rng.choice(["ascending", "descending"]),
            "show": some(["se", "limits"], rng),
            "title": _label("A table"),
        }
        more.append(table | {key: value for key, value in extra.items() if rng.random() < 0.3})
    if more:
        made["more"] = more
    many = [name for name in asked if name in ("wishes", "care", "trust")]
    if many and rng.random() < 0.4:
        pair: Config = {"population": rng.choice(groups), "rows": rng.choice(many)}
        if pair["rows"] != "wishes":
            pair["categories"] = [LISTS[ASKED[pair["rows"]][2]][-1]]
        made["pairs"] = {"joint": pair}
    if "often" in asked and rng.random() < 0.3:
        made["net"] = {"often": {"up": ["often"], "down": ["never"]}}
    if "visits" in asked and rng.random() < 0.3:
        made["totals"] = {rng.choice(groups): ["visits"]}
    return made


def _indicators(asked: Sequence[str], groups: Sequence[str], rng: random.Random) -> list[Config]:
    made = []
    for place in range(rng.randint(0, 3)):
        statistic = rng.choice(["mean", "total", "median", "proportion"])
        of = COUNTED if statistic == "proportion" else (*NUMBERS, "score")
        names = [name for name in asked if name in of]
        if not names:
            continue
        one: Config = {"id": f"figure{place}", "population": rng.choice(groups)}
        one |= {"statistic": statistic, "variable": rng.choice(names)}
        if rng.random() < 0.4:
            one["by"] = "place"
        if statistic == "proportion":
            one["category"] = rng.choice(LISTS[ASKED[one["variable"]][2]])
        made.append(one)
    return made


def _compare(asked: Sequence[str], groups: Sequence[str], rng: random.Random) -> Config:
    made: Config = {}
    whole = [name for name in asked if name in ("wishes", "care", "trust", "often")]
    if len(groups) == 2 and whole and rng.random() < 0.7:
        made["sides"] = {"first": groups[0], "second": groups[1], "items": some(whole, rng, 1)}
    if whole and rng.random() < 0.6:
        made["ranks"] = [
            {"population": rng.choice(groups), "question": name} for name in some(whole, rng, 1, 2)
        ]
    return made


def _models(asked: Sequence[str], groups: Sequence[str], rng: random.Random) -> Config:
    outcomes = {
        "binomial": [n for n in asked if n in ("place", "member", "often")],
        "ordinal": [n for n in asked if n in ("often", "score")],
        "multinomial": [n for n in asked if n in ("place", "member")],
        "gaussian": [n for n in asked if n in NUMBERS],
        "poisson": [n for n in asked if n == "visits"],
    }
    kinds = [kind for kind, names in outcomes.items() if names]
    declared: Config = {}
    for place in range(rng.randint(1, 2)):
        kind = rng.choice(kinds)
        outcome = rng.choice(outcomes[kind])
        singles = [n for n in asked if n in (*COUNTED, *NUMBERS) and n != outcome]
        terms: list[Any] = some(singles, rng, 1, 2)
        if not terms:
            continue
        model: Config = {
            "title": _label("A model"),
            "population": rng.choice(groups),
            "kind": kind,
            "outcome": outcome,
            "terms": terms,
        }
        if kind == "binomial":
            model["event"] = [LISTS[ASKED[outcome][2]][0]]
        if rng.random() < 0.3:
            model["finite_population"] = False
        if rng.random() < 0.3:
            model["contrasts"] = terms[:1]
        declared[f"model{place}"] = model
    if not declared:
        return {}
    made: Config = {"declared": declared, "validation": {"folds": 3, "groups": 3}}
    if rng.random() < 0.2:
        made["imputation"] = {"m": 2, "iterations": 1}
    name, model = next(iter(declared.items()))
    if model["kind"] in ("binomial", "ordinal") and rng.random() < 0.4:
        term = model["terms"][0]
        listed = LISTS.get(ASKED[term][2], [])
        effect = term if not listed or ASKED[term][1] == "rating" else f"{term}={listed[-1]}"
        event = model.get("event", [LISTS[ASKED[model["outcome"]][2]][-1]])
        coding = {"title": _label("Main"), "kind": model["kind"], "outcome": model["outcome"]}
        made["specifications"] = {
            name: {
                "effects": [effect],
                "coding": {"main": coding | {"event": event}},
                "covariates": {"all": {"title": _label("All")}},
                "weights": rng.choice([["weighted"], ["weighted", "unweighted"]]),
            }
        }
    if rng.random() < 0.3:
        outcome = {"population": groups[0], "variable": "place", "category": "town"}
        made["power"] = {"outcomes": [outcome | {"by": ["place"]}], "differences": [0.1]}
        if "member" in asked:
            made["power"]["outcomes"][0]["by"] = ["member"]
    return made


def _waves(
    folder: Path, group: str, asked: Sequence[str], config: Config, rng: random.Random
) -> Config:
    """Write an earlier wave of the first group: its rows again, with other answers."""
    file = f"data/raw/waves/responses/{group}.csv"
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    now = pd.read_csv(folder / f"data/raw/responses/{group}.csv", dtype=str)
    then = now.assign(
        **{str(name): cells for name, cells in _answers(asked, len(now), rng).items()}
    )
    then.to_csv(folder / file, index=False)
    block: Config = {"responses": file, "samples": "independent"}
    if "minimum" in config["populations"][group]["weighting"]:
        whole = ("sample", "register")
        block |= {what: f"data/raw/{what}/{group}.csv" for what in whole}
    wave: Config = {
        "id": "2024",
        "fieldwork": {"from": "2024-03-01", "to": "2024-03-31", "year": 2024},
        "populations": {group: block},
    }
    change: Any = "all"
    if rng.random() < 0.6:
        change = [{"population": group, "question": name} for name in some(asked, rng, 1)]
    dates = {"from": "2026-03-01", "to": "2026-03-31", "year": 2026}
    return {"waves": {"earlier": [wave], "change": change, "id": "2026"}} | {
        "study": {
            "id": "random",
            "title": {"en": "A random study"},
            "data": "simulated",
            "seed": 5,
            "languages": ["en"],
            "fieldwork": dates,
        }
    }


def _figures(
    config: Config, asked: Sequence[str], groups: Sequence[str], rng: random.Random
) -> Config:
    models = config.get("models", {})
    declared, curves = models.get("declared", {}), models.get("specifications", {})
    kinds = (
        "bars intervals letters stacked items ranking heat scatter crossing together flow margins"
    )
    kinds += " effects predictions contrasts specification calibration expected slope likert gap"
    made: Config = {}
    for place, kind in enumerate(some(kinds.split(), rng, 0, 6)):
        banner = rng.choice(["place", "member", *config["populations"][groups[0]]["banners"]])
        name = rng.choice([*asked, "joint"])
        category = rng.choice([*LISTS["often"], *LISTS["five"], *LISTS["wishes"][:2]])
        said: Config = {
            "bars": {"analyses": [{"analysis": name}]},
            "expected": {"analyses": [{"analysis": name}]},
            "scatter": {"analyses": [{"analysis": name}] * 2, "category": category},
            "intervals": {"analysis": name, "banners": [banner], "category": category},
            "stacked": {"analysis": name, "banners": [banner]},
            "heat": {"analysis": name, "banner": banner, "category": category},
            "letters": {"analysis": name, "banner": banner},
            "likert": {"battery": name, "groups": list(groups)},
            "gap": {"table": name, "groups": list(groups)},
            "margins": {"population": groups[0], "variable": "place"},
            "flow": {},
        }.get(kind, {"analysis": name})
        if kind in ("effects", "predictions", "contrasts", "calibration", "specification"):
            known = curves if kind == "specification" else declared
            if not known:
                continue
            model = rng.choice(list(known))
            said = {"model": model}
            outcome = rng.choice([*LISTS["often"], *LISTS["places"], declared[model]["outcome"]])
            terms = declared[model]["terms"]
            said |= {"outcome": outcome} if kind in ("effects", "contrasts") else {}
            said |= {"variables": terms[:1]} if kind == "predictions" else {}
            said |= {"variable": terms[0]} if kind == "contrasts" else {}
            said |= {"term": curves[model]["effects"][0]} if kind == "specification" else {}
        if rng.random() < 0.15:
            said["statistic"] = rng.choice(["proportion", "mean", "median"])
        if rng.random() < 0.1:
            said["leave_out"] = [category]
        made[f"figure{place}"] = {"kind": kind, "title": _label(f"Figure {kind}"), **said}
    return made


def _chapter(
    folder: Path, config: Config, asked: Sequence[str], groups: Sequence[str], rng: random.Random
) -> None:
    """Write a chapter of calls, those with every argument and those without some."""
    table, figure = rng.choice(asked), rng.choice([*config.get("figures", {}), "figure0"])
    model = rng.choice([*config.get("models", {}).get("declared", {}), "model0"])
    group = rng.choice(groups)
    lines = [
        f'{{{{ table("{table}", caption="A table", stub="Answer") }}}}',
        f'{{{{ table("{table}", banners=["place"], caption="A table", stub="Answer") }}}}',
        f'{{{{ figure("{figure}", caption="A figure", reads="What it shows") }}}}',
        f'{{{{ figure("{figure}") }}}}',
        f'{{{{ figure("{figure}", reads="What it shows") }}}}',
        '{{ model_checks(caption="Checks", stub="Check") }}',
        "{{ model_checks() }}",
        f'{{% for one in clear("{model}") %}}{{{{ one }}}}{{% endfor %}}',
        f'{{{{ top("{table}", 2) }}}}',
        '{{ n("place/town@total") }}',
        "{% for one in findings(limit=3) %}{{ one.sentence }} {% endfor %}",
        '{{ claim(otherwise="Nothing is said") }}',
        f'{{{{ no_difference("place", "{group}") }}}}',
        f'{{{{ label("{group}", "{table}") }}}}',
        f'{{{{ bases("bases", "{group}", caption="Bases", columns=["A", "B"]) }}}}',
        f'{{{{ bases("{group}") }}}}',
        '{{ config("disclosure.threshold") }}',
        '{{ config("study.fieldwork.from", form="date") }}',
        "{% for one in changes() %}{{ one.question }}{% endfor %}",
        f'{{{{ sides("{table}", caption="Sides", columns=["A", "B"]) }}}}',
        f'{{{{ ranked("{table}", caption="Order", columns=["A", "B"]) }}}}',
        '{{ rates("weights", ["population", "respondents"], caption="Rates", stub="Rate") }}',
        "{{ estimation() }}",
        "Plain words and **bold** ones.",
    ]
    text = "\n\n".join(["# A chapter", *some(lines, rng, 1, 5)]) + "\n"
    file = folder / "chapters/en/10_own.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
