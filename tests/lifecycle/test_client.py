"""The client in one file against a running site: from the token to the leaderboard."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.request

import pytest

from scoring import client
from tests.stack import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logs")]

DIGITS = ROOT / "competitions" / "digits"


@pytest.fixture(scope="module")
def digits(stack, site):
    stack.run(str(DIGITS / "prepare.py"))
    stack.manage("load_competition", str(DIGITS), "--host", "arena-host")


@pytest.fixture
def person(stack, digits, browser):
    """A participant of digits as a program knows them."""
    joined = browser.client.post(
        "/competitions/digits/rules/accept/", data={"version": 1, "agree": "on"}
    )
    assert joined.status_code in {200, 302}
    page = browser.client.post("/settings/tokens/", data={"name": "test"})
    token = page.text.partition("agon_")[2]
    return client.Site(stack.web_url, "agon_" + token[:43])


def test_from_the_data_to_the_leaderboard(person, tmp_path):
    folder = person.download("digits", tmp_path / "data")
    for file in person.files("digits"):
        content = (folder / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    sent = person.submit("digits", folder / "sample_submission.csv", note="the sample", wait=True)
    assert (sent["state"], sent["note"]) == ("scored", "the sample")
    assert "accuracy, public: 0." in client.summary(sent)
    assert [one["id"] for one in person.submissions("digits")] == [sent["id"]]
    assert any(row["is_mine"] for row in person.leaderboard("digits"))


def test_what_is_there_and_right_is_not_fetched_again(person, tmp_path):
    folder = person.download("digits", tmp_path, "test.csv")
    before = (folder / "test.csv").stat().st_mtime_ns
    person.download("digits", tmp_path, "test.csv")
    assert (folder / "test.csv").stat().st_mtime_ns == before
    (folder / "test.csv").write_text("spoiled")
    person.download("digits", tmp_path, "test.csv")
    assert (folder / "test.csv").stat().st_size > 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test.csv"]


def test_a_file_that_cannot_be_scored_is_refused_with_its_reason(person, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,answer\n1,2\n")
    with pytest.raises(client.Refused, match="“label” is missing") as refusal:
        person.submit("digits", wrong)
    assert refusal.value.code == "bad_file"
    assert person.submissions("digits") == []


def test_who_has_not_accepted_the_rules_is_told_where(stack, digits, browser, tmp_path):
    page = browser.client.post("/settings/tokens/", data={"name": "test"})
    stranger = client.Site(stack.web_url, "agon_" + page.text.partition("agon_")[2][:43])
    with pytest.raises(client.Refused, match=r"Accept the rules(.|\n)*/competitions/digits/rules/"):
        stranger.download("digits", tmp_path)


def test_a_wrong_token_is_told(stack, digits):
    with pytest.raises(client.Refused, match="Send a token of yours") as refusal:
        client.Site(stack.web_url, "agon_wrong").me()
    assert refusal.value.status == 401


class Cutting(http.server.BaseHTTPRequestHandler):
    """Hands everything on to the site, which knows itself by another address, and cuts a download."""

    cuts = 1
    site = ""
    asked: list[str] = []

    def do_GET(self):
        headers = {
            name: self.headers[name] for name in ("Authorization", "Range") if self.headers[name]
        }
        request = urllib.request.Request(self.site + self.path, headers=headers)
        with urllib.request.urlopen(request) as answer:
            content = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Range"):
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if "/files/t" in self.path:
            type(self).asked.append(self.headers["Range"] or "")
            if type(self).cuts:
                type(self).cuts -= 1
                content = content[: len(content) // 2]
        self.wfile.write(content)
        self.close_connection = True

    def log_message(self, *_arguments):
        pass


def test_a_download_that_was_cut_goes_on_where_it_stopped(person, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cutting)
    Cutting.site = person.address
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        through = client.Site(f"http://127.0.0.1:{server.server_port}", person.token)
        folder = through.download("digits", tmp_path, "train.csv")
    finally:
        server.shutdown()
        server.server_close()
    (file,) = [one for one in person.files("digits") if one["name"] == "train.csv"]
    assert hashlib.sha256((folder / "train.csv").read_bytes()).hexdigest() == file["sha256"]
    assert Cutting.asked[0] == ""
    assert Cutting.asked[1] == f"bytes={file['size'] // 2}-"


def test_the_downloaded_file_runs_alone(person, tmp_path):
    """As a person has it: the file from the site, a Python, and nothing of the project."""
    with urllib.request.urlopen(f"{person.address}/api/client/agon_client.py") as answer:
        (tmp_path / "agon_client.py").write_bytes(answer.read())

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-I", "agon_client.py", *arguments],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    # As at a prompt: the token is asked for, and kept for this person alone.
    asked = subprocess.run(
        [sys.executable, "-I", "agon_client.py", "login", person.address],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        input=person.token + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert asked.returncode == 0, asked.stderr
    kept = tmp_path / ".config/agon/credentials.json"
    assert (kept.stat().st_mode & 0o777, json.loads(kept.read_text())["token"]) == (
        0o600,
        person.token,
    )
    assert "digits" in run("list").stdout
    assert run("download", "digits").stdout == "The data is in data/digits.\n"
    shutil.copy(tmp_path / "data/digits/sample_submission.csv", tmp_path / "mine.csv")
    sent = run("--json", "submit", "digits", "mine.csv", "--wait")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["state"] == "scored"
    assert run("leaderboard", "digits").stdout.startswith("rank  team")
    missing = run("submit", "digits", "nothing.csv")
    assert (missing.returncode, missing.stderr) == (1, "There is no file nothing.csv.\n")
