"""The configuration is checked before anything runs, and says what is wrong in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

import yaml_text
from ngo_survey.errors import ConfigError, InputError, SeveralFaultsError
from ngo_survey.study import Study

ROOT = Path(__file__).parent.parent


def changed(folder: Path, old: str, new: str) -> Path:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    file = folder / "config.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def refusal(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        Study.load(file)
    message = str(caught.value)
    assert "\n" not in message
    assert str(file) in message
    return message


def test_the_shipped_study_loads_and_is_marked_simulated(study: Study) -> None:
    assert study.simulated
    assert list(study.populations) == ["ngo", "government"]


def test_a_mistyped_key_is_named_with_the_right_one(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "  seed:", "  sead:"))
    assert "unknown key 'sead'" in message
    assert "seed" in message.split(";")[1]


def test_a_value_outside_the_list_shows_the_list(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "data: simulated", "data: real"))
    assert "study.data" in message
    assert "collected" in message
    assert "simulated" in message


def test_a_key_written_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "  seed:", "  id: twice\n  seed:"))
    assert "written twice" in message
    assert "row " in message


def test_a_key_that_yaml_takes_for_a_number_is_refused(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, '"5_9":', "5_9:"))
    assert "put it in quotes" in message
    assert "59" in message


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "  seed:", "  - seed: ["))
    assert "not YAML" in message
    assert "row " in message


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert "missing" in refusal(tmp_path / "config.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes("study: {title: {ru: Опрос}}".encode("cp1251"))
    assert "UTF-8" in refusal(file)


def test_a_path_may_not_leave_the_study(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "    table_prefix: gov_", "    responses: ../ngo.csv"))
    assert "populations.government.responses" in message


def test_an_unknown_group_of_respondents_is_named(study: Study) -> None:
    with pytest.raises(ConfigError, match="goverment.*did you mean government"):
        study.population("goverment")


def test_streams_of_random_numbers_depend_on_name_and_seed_alone(study: Study) -> None:
    first, again, other = (study.rng(n).random(3).tolist() for n in ("a", "a", "b"))
    assert first == again
    assert first != other


def line_of(file: Path, start: str) -> int:
    """The one line that begins so, counted from 1."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.strip().startswith(start)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("old", "new", "start", "key"),
    [
        ("  seed:", "  sead:", "sead:", "study"),
        ("data: simulated", "data: real", "data: real", "study.data"),
        ("threshold: 5", "threshold: five", "disclosure:", "disclosure.threshold"),
        ("[legal_form, form_group, macro", "[5, form_group, macro", "banners: [5", "banners.0"),
        ("id: young_ngos, ", "", "- {population: ngo, statistic: proportion, variable: age_band",
         "indicators.15"),
        ("op: diversity", "op: diverse", "op: diverse", "derive.funding_diversity.op"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_schema_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, start: str, key: str
) -> None:
    file = changed(tmp_path, old, new)
    message = refusal(file)
    assert f"config.yaml, row {line_of(file, start)}, key " in message
    assert key in message


def test_a_missing_section_is_told_without_a_false_line(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "disclosure:", "disclosures:"))
    assert "unknown key 'disclosures'" in message


def test_a_mistake_is_placed_at_the_key_or_at_its_nearest_parent(study: Study) -> None:
    rows = {
        where: study.mistake("wrong", where).row
        for where in ("study.seed", "tables.net.outlook.up", "tables.net.outlook.sideways", "none")
    }
    assert rows["study.seed"] == line_of(study.file, "seed:")
    assert rows["tables.net.outlook.up"] == line_of(study.file, "outlook: {up:")
    assert rows["tables.net.outlook.sideways"] == rows["tables.net.outlook.up"]
    # The first key: what is above it is a comment.
    assert rows["none"] == line_of(study.file, "study:")


def test_a_key_with_dots_and_an_alias_are_found(tmp_path: Path) -> None:
    sources = "    sources:\n      columns:\n        Q1.a: region\n        Q1: settlement\n"
    file = changed(tmp_path, "    cleaning:\n", sources + "    cleaning:\n")
    loaded = Study.load(file)
    row = loaded.mistake("wrong", "populations.ngo.sources.columns.Q1.a").row
    assert row == line_of(file, "Q1.a: region")
    behind_alias = loaded.mistake("wrong", "populations.government.derive.macro_region.of").row
    assert behind_alias == loaded.mistake("wrong", "populations.ngo.derive.macro_region.of").row


def test_an_error_of_a_pure_function_gets_the_place_it_was_called_for(study: Study) -> None:
    with pytest.raises(ConfigError) as caught, study.at("study"):
        raise ConfigError("wrong", column="seed", value=7, hint="correct it")
    assert (caught.value.column, caught.value.row) == ("study.seed", line_of(study.file, "seed:"))
    assert (caught.value.value, caught.value.hint) == (7, "correct it")
    with pytest.raises(ConfigError, match="key tables: no such column .found 'staf'"), \
            study.at("tables"):  # fmt: skip
        raise InputError("no such column", file="a.xlsx", column="staf")
    with pytest.raises(ConfigError) as caught, study.at("tables"), study.at("study.seed"):
        raise ConfigError("wrong")
    assert caught.value.column == "study.seed"


def parted(folder: Path, **files: str) -> Path:
    """The shipped configuration with sections (and the NGOs' derive) moved to other files."""
    tree = yaml_text.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for key, name in files.items():
        place = tree["populations"]["ngo"] if key == "derive" else tree
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = yaml_text.dump(place[key])
        (folder / name).write_text(text, encoding="utf-8")
        place[key] = name
    main = folder / "config.yaml"
    main.write_text(yaml_text.dump(tree), encoding="utf-8")
    return main


def test_sections_in_files_of_their_own_are_the_same_configuration(
    tmp_path: Path, study: Study
) -> None:
    file = parted(
        tmp_path, tables="config/tables.yaml", figures="figures.yml", derive="derive.yaml"
    )
    assert Study.load(file).raw == study.raw


def test_errors_name_the_file_of_a_section_and_its_line(tmp_path: Path) -> None:
    file = parted(tmp_path, tables="config/tables.yaml", derive="derive.yaml")
    own = tmp_path / "config" / "tables.yaml"
    loaded = Study.load(file)
    error = loaded.mistake("wrong", "tables.net.outlook.up")
    assert (error.file, error.row) == (str(own), line_of(own, "outlook:") + 1)
    error = loaded.mistake("wrong", "populations.ngo.derive.rural.of")
    assert error.file == str(tmp_path / "derive.yaml")
    own.write_text(own.read_text(encoding="utf-8") + "nets: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Study.load(file)
    assert (caught.value.file, caught.value.row) == (str(own), line_of(own, "nets:"))
    assert "did you mean net" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("net: {}\nnet: {}\n", "row 2: this key is written twice"),
        ("net: {}\n5_9: {}\n", "row 2: this key is not read as text"),
        ("net: [\n", "not YAML"),
        ("", "not of type 'object'"),
        ("more.yaml", "row 1, key tables: a file of its own names another file"),
    ],
)
def test_a_file_of_its_own_is_read_as_strictly(tmp_path: Path, text: str, said: str) -> None:
    file = parted(tmp_path, tables="tables.yaml")
    (tmp_path / "tables.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Study.load(file)
    assert said in str(caught.value)
    assert "tables.yaml" in str(caught.value)


@pytest.mark.parametrize("name", ["../tables.yaml", "config/../../tables.yaml", "/tables.yaml"])
def test_a_file_of_its_own_may_not_lie_outside(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "study"
    inside.mkdir()
    file = changed(inside, "tables:\n", f"tables: {name}\nunread:\n")
    (tmp_path / "tables.yaml").write_text("{}\n", encoding="utf-8")
    with pytest.raises(SeveralFaultsError) as caught:
        Study.load(file)
    message = str(caught.value.errors[0])
    assert "outside the folder" in message
    assert f"row {line_of(file, 'tables: ')}, key tables" in message


def test_a_link_may_not_lead_a_section_outside(tmp_path: Path) -> None:
    inside = tmp_path / "study"
    inside.mkdir()
    file = parted(inside, tables="tables.yaml")
    (inside / "tables.yaml").rename(tmp_path / "outside.yaml")
    (inside / "tables.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "outside the folder" in refusal(file)


def test_a_file_of_its_own_that_is_missing_is_told_at_the_key(tmp_path: Path) -> None:
    file = parted(tmp_path, tables="tables.yaml")
    (tmp_path / "tables.yaml").unlink()
    message = refusal(file)
    assert (
        f"row {line_of(file, 'tables: tables.yaml')}, key tables: there is no such file" in message
    )


def test_a_file_of_rules_stays_the_name_of_a_file(tmp_path: Path) -> None:
    rules = "      rules: data/rules.yaml\n      test_prefixes: [TEST]\n      key_questions: [legal"
    file = changed(tmp_path, "      test_prefixes: [TEST]\n      key_questions: [legal", rules)
    assert Study.load(file).raw["populations"]["ngo"]["cleaning"]["rules"] == "data/rules.yaml"
