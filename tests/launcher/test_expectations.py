"""expected.yaml: read, refused with reasons, and shown as a table."""

from __future__ import annotations

import pytest

from launcher.expectations import (
    BadExpectations,
    Full,
    choose,
    find_baselines,
    readme_with,
    table,
)

CNN = """
cnn:
  title: Convolutional network
  model: CNN, Adam
  metric: accuracy
  quick: {floor: 0.85, seconds: 60}
  full: {floor: 0.99, seconds: 1200, measured: null, took: null, device: null}
  literature: {score: 0.9905, source: "LeCun et al. 1998, LeNet-5"}
"""
LSTM = """
lstm:
  title: LSTM
  model: LSTM | pinball
  metric: mase
  quick: {ceiling: 0.6, seconds: 60}
  full: {ceiling: 0.88, seconds: 900, measured: 0.2451, took: 312, device: "CPU, two cores"}
"""


def folder_with(tmp_path, **competitions):
    for slug, text in competitions.items():
        place = tmp_path / slug
        place.mkdir()
        (place / "expected.yaml").write_text(text)
        for line in text.splitlines():
            if line.endswith(":") and not line.startswith(" "):
                (place / f"{line[:-1]}.ipynb").write_text("{}")
    return tmp_path


@pytest.fixture
def folder(tmp_path):
    return folder_with(tmp_path, mnist=CNN, co2=LSTM)


def refusal_of(tmp_path, text):
    with pytest.raises(BadExpectations) as refusal:
        find_baselines(folder_with(tmp_path, mnist=text))
    return str(refusal.value)


def test_notebooks_are_found_with_what_they_must_reach(folder):
    lstm, cnn = find_baselines(folder)
    assert (lstm.key, cnn.key) == ("co2/lstm", "mnist/cnn")
    assert cnn.expectation.under("full").goal == 0.99
    assert cnn.path.exists()


@pytest.mark.parametrize(
    ("bound", "met", "missed"),
    [({"floor": 0.9}, [0.9, 0.95], [0.89]), ({"ceiling": 0.6}, [0.6, 0.2], [0.61])],
)
def test_a_floor_is_the_least_and_a_ceiling_the_most(bound, met, missed):
    goal = Full(seconds=60, **bound)
    assert all(goal.is_met_by(score) for score in met)
    assert not any(goal.is_met_by(score) for score in missed)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("model:", "modell:", "cnn.modell: Extra inputs are not permitted"),
        ("floor: 0.85, ", "", "give either floor"),
        ("floor: 0.85", "floor: 0.85, ceiling: 1", "give either floor"),
        ("floor: 0.85", "ceiling: 0.85", "both have a floor or both a ceiling"),
        ("seconds: 60", "seconds: 0", "cnn.quick.seconds: Input should be greater than 0"),
        ("floor: 0.85", "floor: .nan", "finite number"),
        ("measured: null", "measured: 0.995", "belong together"),
        (
            "measured: null, took: null, device: null",
            "measured: 0.98, took: 60, device: CPU",
            "misses its goal, at least 0.99: say why in note",
        ),
        ("title: Conv", "title: [Conv", "is not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, old, new, sentence):
    assert old in CNN
    message = refusal_of(tmp_path, CNN.replace(old, new))
    assert sentence in message
    assert "mnist/expected.yaml" in message


def test_a_notebook_without_entry_and_an_entry_without_notebook_are_named(folder):
    (folder / "mnist" / "forest.ipynb").write_text("{}")
    (folder / "mnist" / "cnn.ipynb").unlink()
    with pytest.raises(BadExpectations) as refusal:
        find_baselines(folder)
    assert "forest.ipynb has no entry forest" in str(refusal.value)
    assert "cnn has no notebook cnn.ipynb" in str(refusal.value)


@pytest.mark.parametrize(
    ("only", "keys"),
    [
        ([], ["co2/lstm", "mnist/cnn"]),
        (["mnist/cnn"], ["mnist/cnn"]),
        (["co2"], ["co2/lstm"]),
        (["*/cnn", "co2"], ["co2/lstm", "mnist/cnn"]),
    ],
)
def test_some_can_be_chosen(folder, only, keys):
    assert [baseline.key for baseline in choose(find_baselines(folder), only)] == keys


def test_a_choice_that_names_nothing_lists_what_there_is(folder):
    with pytest.raises(BadExpectations, match="no notebook mnist/rnn; there are co2/lstm"):
        choose(find_baselines(folder), ["mnist/rnn"])


def test_the_table_shows_what_was_measured_beside_the_literature(folder):
    lines = table(find_baselines(folder)).splitlines()
    assert lines[2] == (
        "| [co2/lstm](co2/lstm.ipynb) | LSTM \\| pinball | mase | at most 0.88 | 0.2451 | 5 min "
        "| CPU, two cores |  |"
    )
    assert "| at least 0.99 | not yet |" in lines[3]
    assert "| 0.9905 (LeCun et al. 1998, LeNet-5) |" in lines[3]


def test_a_missed_goal_stands_in_the_table_with_its_reason(tmp_path):
    text = CNN.replace(
        "measured: null, took: null, device: null",
        "measured: 0.98, took: 60, device: CPU, note: Half of the epochs.",
    )
    lines = table(find_baselines(folder_with(tmp_path, mnist=text))).splitlines()
    assert "| 0.9800 (1) | 60 s | CPU |" in lines[2]
    assert lines[-1] == "1. Half of the epochs."


def test_the_table_takes_the_place_of_the_old_one():
    text = "before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n"
    renewed = readme_with(text, "new")
    assert renewed.startswith("before\n")
    assert renewed.endswith("after\n")
    assert "new" in renewed
    assert "old" not in renewed
    assert readme_with(renewed, "new") == renewed
