"""A text that is no choice is the words of "other" where exports write them so, else refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning import spelling
from small_exports import cleaned, form, from_file, question, said
from suites import examples

LABELS = {
    "fund": "Public foundation",
    "tv": "Television",
    "email": "Email, phone",
    "kz": "Алматы облысы",
    "no": "Not at all",
    "other": "Other",
}
TEXTS = list(LABELS.values())


def asked(kind: str = "select_one") -> Questionnaire:
    return form(question("q", kind, LABELS), question("q_other", disclosure="free_text"))


def google(cells: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Timestamp": "2026/03/03 10:30:00",
            "Sample_id": [f"N{i}" for i in range(len(cells))],
            "Consent": "I agree",
            "Q": cells,
        }
    )


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, str]:
    """A label, and the same with a letter left out, added, changed or moved by one place."""
    label = draw(st.sampled_from(TEXTS))
    at = draw(st.integers(0, len(label) - 1))
    letter = draw(st.sampled_from("aeixоыz"))
    how = draw(st.sampled_from(["left out", "added", "changed", "moved"]))
    made = {
        "left out": label[:at] + label[at + 1 :],
        "added": label[:at] + letter + label[at:],
        "changed": label[:at] + letter + label[at + 1 :],
        "moved": label[:at] + label[at : at + 2][::-1] + label[at + 2 :],
    }[how]
    assume(spelling.key(made) not in {spelling.key(text) for text in TEXTS})
    assume(made.strip())
    return label, made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("words")


@examples(300, quick=15)
@given(pair=misspelt(), tool=st.sampled_from(["google", "plain"]), many=st.booleans())
def test_a_misspelt_label_is_never_the_words_of_other(
    folder: Path, pair: tuple[str, str], tool: str, many: bool
) -> None:
    label, typed = pair
    cells = [*TEXTS, f"Television, {typed}" if many and label != "Television" else typed]
    rows = google(cells) if tool == "google" else {"q": cells}
    with pytest.raises(InputError, match="no choice of the question") as refused:
        cleaned(folder, rows, asked("select_multiple" if many else "select_one"))
    assert refused.value.row == len(cells) + 1
    assert "data/raw/aliases/q.csv" in refused.value.hint


def test_the_refusal_proposes_the_label_and_an_alias_settles_it(tmp_path: Path) -> None:
    rows = google([*TEXTS, "Public fundation"])
    with pytest.raises(InputError, match="did you mean Public foundation") as refused:
        cleaned(tmp_path, rows, asked())
    assert "words_of_other" not in refused.value.hint
    done = cleaned(tmp_path, rows, asked(), aliases={"q": {"Public fundation": "fund"}})
    assert said(done, "q") == [*LABELS, "fund"]


@pytest.mark.parametrize("column", ["q", "q_other"])
def test_a_text_that_is_no_choice_is_refused_where_words_have_a_column(
    tmp_path: Path, column: str
) -> None:
    """Whether somebody wrote into that column or nobody did."""
    rows = {"q": [*TEXTS, "Our neighbours"], "q_other": [""] * 7}
    rows |= {} if column == "q" else {"q_other": [*[""] * 5, "A newspaper", ""]}
    with pytest.raises(InputError, match="no choice of the question"):
        cleaned(tmp_path, rows, asked())


def test_a_value_label_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    """Labels of SPSS are those of the study and nobody's words."""
    frame = pd.DataFrame({"sample_id": ["A", "B"], "consent": ["yes", "yes"], "q": [1.0, 2.0]})
    labels = {"q": {1.0: "Television", 2.0: "Radio and so on"}}
    pyreadstat.write_sav(frame, tmp_path / "r.sav", variable_value_labels=labels)
    with pytest.raises(InputError, match=r"row 2|row 3"):
        from_file(tmp_path / "r.sav", asked())


def test_words_among_the_answers_are_logged_as_what_they_were(tmp_path: Path) -> None:
    done = cleaned(tmp_path, google([*TEXTS, "Our neighbours"]), asked())
    assert said(done, "q")[-1] == "other"
    assert said(done, "q_other")[-1] == "Our neighbours"
    log = done.changes[["variable", "before", "after", "rule"]].to_numpy().tolist()
    assert log == [["q", "Our neighbours", "other", "alias"]]


def test_what_the_refusal_proposes_for_words_is_read_so(tmp_path: Path) -> None:
    """Microsoft Forms writes them in place of the answer, as Google does."""
    rows = {"q": [*TEXTS, "Our neighbours"]}
    with pytest.raises(InputError) as refused:
        cleaned(tmp_path, rows, asked())
    assert "sources.words_of_other: [q]" in refused.value.hint
    done = cleaned(tmp_path, rows, asked(), {"words_of_other": ["q"]})
    assert said(done, "q")[-1] == "other"
    assert said(done, "q_other")[-1] == "Our neighbours"


def test_words_beside_words_of_their_own_column_are_both_kept(tmp_path: Path) -> None:
    rows = {"q": [*TEXTS, "Our neighbours"], "q_other": [*[""] * 5, "A newspaper", ""]}
    done = cleaned(tmp_path, rows, asked(), {"words_of_other": ["q"]})
    assert said(done, "q_other")[-2:] == ["A newspaper", "Our neighbours"]


@examples(500)
@given(st.text("abcоы", min_size=3, max_size=8), st.data())
def test_every_slip_of_one_letter_is_seen(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    for made in (
        word[:at] + word[at + 1 :],
        word[:at] + "x" + word[at:],
        word[:at] + "x" + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ):
        assert spelling.nearly(made, word)


@pytest.mark.parametrize(
    ("one", "other"), [("no", "na"), ("1", "2"), ("radio", "newspaper"), ("a friend", "a lawyer")]
)
def test_words_that_differ_are_not_taken_for_slips(one: str, other: str) -> None:
    assert not spelling.nearly(one, other)
