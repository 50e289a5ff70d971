"""The survey that ships is exactly what the truth and the seed give, and it is plausible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ngo_survey.study import Study
from ngo_survey.workflow.verbs import simulate

from conftest import ROOT, copy_study, run

FILES = [f"{folder}/{group}.csv" for folder in ("responses", "sample", "register")
         for group in ("ngo", "government")]  # fmt: skip


@pytest.fixture(scope="module")
def simulated(study: Study, tmp_path_factory: pytest.TempPathFactory, stages: None) -> Path:
    """What `ngo-survey simulate` writes."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate.run(study, folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_committed_files_are_what_simulate_gives(simulated: Path, name: str) -> None:
    assert (simulated / name).read_bytes() == (ROOT / "data/raw" / name).read_bytes()


def test_collected_data_are_never_overwritten(tmp_path: Path) -> None:
    folder = copy_study(tmp_path / "study")
    config = (folder / "config.yaml").read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(
        config.replace("data: simulated", "data: collected"), encoding="utf-8"
    )
    before = (folder / "data/raw/responses/ngo.csv").read_bytes()
    done = run(["ngo-survey", "simulate"], folder)
    assert done.returncode == 1
    assert "--out" in done.stderr
    assert (folder / "data/raw/responses/ngo.csv").read_bytes() == before


def shares(variable: str) -> pd.Series:
    """Shares of the simulated register by one of its variables."""
    register = pd.read_csv(ROOT / "data/raw/register/ngo.csv")
    return register.groupby(variable)["count"].sum() / register["count"].sum()


def test_the_register_adds_up_to_the_published_total() -> None:
    official = pd.read_csv(ROOT / "data/raw/official/ngo_counts.csv")
    active = official.set_index("id").loc["kz-ngos-active-2023", "value"]
    assert pd.read_csv(ROOT / "data/raw/register/ngo.csv")["count"].sum() == active


@pytest.mark.parametrize("city", ["KZ-71", "KZ-75"])
def test_the_two_cities_have_their_published_shares(city: str) -> None:
    official = pd.read_csv(ROOT / "data/raw/official/ngo_counts.csv")
    operating = official[official["measure"] == "operating NGOs, Bureau of National Statistics"]
    counts = operating.set_index("region")["value"].astype(float)
    published = counts[city] / counts["KZ"]
    assert shares("region")[city] == pytest.approx(published, abs=0.0015)


def strings(tree: object) -> Iterator[str]:
    """Every text of a tree."""
    if isinstance(tree, dict):
        for part in tree.values():
            yield from strings(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from strings(part)
    elif isinstance(tree, str):
        yield tree


def test_no_simulated_text_looks_like_a_real_contact() -> None:
    truth = yaml.safe_load((ROOT / "data/raw/simulation/truth.yaml").read_text(encoding="utf-8"))
    addresses = [text for text in strings(truth) if "@" in text]
    assert addresses
    assert all(text.endswith("@example.org") for text in addresses)  # reserved, RFC 2606


def test_every_assumption_file_is_named_in_the_readme() -> None:
    said = (ROOT / "data/raw/README.md").read_text(encoding="utf-8")
    folders = [p.name for p in (ROOT / "data/raw").iterdir() if p.is_dir()]
    assert all(f"`{name}/`" in said for name in folders)
