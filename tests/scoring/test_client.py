"""What the client decides before it speaks to any site."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from scoring import client


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(client, "CREDENTIALS", tmp_path / "agon" / "credentials.json")
    for name in ("AGON_URL", "AGON_TOKEN", "AGON_BASELINE", "AGON_ALLOW_HTTP"):
        monkeypatch.delenv(name, raising=False)


def test_it_needs_nothing_but_the_standard_library():
    tree = ast.parse(Path(client.__file__).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_without_an_address_it_says_how_to_name_one():
    with pytest.raises(client.Refused, match="AGON_URL"):
        client.Site()


def test_a_token_does_not_travel_in_the_clear():
    with pytest.raises(client.Refused, match="https://"):
        client.Site("http://agon.example.org", "agon_secret")
    client.Site("https://agon.example.org", "agon_secret")
    client.Site("http://127.0.0.1:8000", "agon_secret")


@pytest.mark.parametrize("address", ["agon.example.org", "file:///etc/passwd", "ftp://x"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(client.Refused, match="no address of a site"):
        client.Site(address)


def test_a_kept_token_is_for_its_own_site(monkeypatch):
    client.CREDENTIALS.parent.mkdir()
    client.CREDENTIALS.write_text('{"address": "https://one.example", "token": "agon_one"}')
    assert client.Site().token == "agon_one"
    assert client.Site("https://two.example").token == ""


def test_no_answer_is_a_sentence_and_exit_code_3(capsys):
    assert client.main(["--url", "http://127.0.0.1:9", "list"]) == 3
    assert "does not answer" in capsys.readouterr().err


def test_a_summary_has_scores_intervals_and_reasons():
    submission = {
        "number": 3,
        "state": "scored",
        "url": "https://agon.example/s/3/",
        "problems": [{"sentence": "Two ids are missing.", "examples": ["id 4"]}],
        "scores": [
            {"metric": "accuracy", "split": "public", "value": 0.5, "low": 0.4, "high": 0.6},
            {"metric": "bleu", "split": "public", "value": 31.25, "low": None, "high": None},
        ],
    }
    assert client.summary(submission).splitlines() == [
        "Submission 3: scored",
        "  accuracy, public: 0.50000  (95 % interval 0.40000 to 0.60000)",
        "  bleu, public: 31.25000",
        "  Two ids are missing.",
        "    id 4",
        "https://agon.example/s/3/",
    ]


def test_for_programs_a_fault_is_json_too(capsys):
    assert client.main(["--url", "http://127.0.0.1:9", "--json", "list"]) == 3
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "no_answer"


def test_after_an_upload_without_an_answer_it_says_to_look_first(tmp_path):
    (tmp_path / "mine.csv").write_text("id,label\n1,2\n")
    with pytest.raises(client.NoAnswer, match="look at your submissions"):
        client.Site("http://127.0.0.1:9").submit("digits", tmp_path / "mine.csv")


def test_a_kept_token_is_forgotten(capsys):
    client.CREDENTIALS.parent.mkdir()
    client.CREDENTIALS.write_text("{}")
    assert client.main(["logout"]) == 0
    assert not client.CREDENTIALS.exists()


def test_late_and_final_submissions_are_marked():
    about = {"id": 7, "number": 1, "state": "scored", "scores": [], "note": "second try"}
    shown = client.shown_submissions(
        [about | {"is_late": True, "is_chosen": False}, about | {"is_chosen": True}]
    )
    assert "late" in shown
    assert "chosen" in shown
    finals = {"most": 2, "chosen": [7], "counting": [7, 9], "is_locked": True}
    assert client.shown_finals(finals) == (
        "Chosen: 7 (at most 2). As things are, these count: 7 9. It is too late to choose."
    )
