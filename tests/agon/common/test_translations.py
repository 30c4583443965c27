"""The Chinese catalogue is whole, fits its originals, and is what people see."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import factories
import polib
import pytest
from django.urls import reverse

from agon.submissions.models import State

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CATALOGUE = Path("platform/agon/locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}")


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(ROOT / CATALOGUE))


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_text_is_translated_and_none_is_doubtful(catalogue):
    assert [entry.msgid for entry in catalogue if not all(translations(entry))] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []


def test_every_placeholder_is_on_both_sides(catalogue):
    wrong = []
    for entry in catalogue:
        allowed = set(PLACEHOLDER.findall(entry.msgid)) | set(
            PLACEHOLDER.findall(entry.msgid_plural or "")
        )
        needed = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in translations(entry):
            found = set(PLACEHOLDER.findall(text))
            if not needed <= found or not found <= allowed:
                wrong.append((entry.msgid, text))
    assert wrong == []


def test_no_text_of_the_code_is_left_out(catalogue, tmp_path):
    if shutil.which("xgettext") is None:
        pytest.fail("xgettext is not installed; on Debian: apt install gettext")
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "platform", "scoring", "manage.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file():
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "zh_Hans", "--no-obsolete"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "SECRET_KEY": "x" * 60, "PYTHONPATH": "platform:."},
        capture_output=True,
        check=True,
    )
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue}
    used = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(tmp_path / CATALOGUE))}
    assert used - known == set(), "run `make messages` and translate what is new"
    assert known - used == set(), "run `make messages`; these are not used any more"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("/", "寻找竞赛"),
        ("/competitions/", "搜索"),
        ("/accounts/login/", "用户名或电子邮箱"),
        ("/nothing", "没有这个页面"),
    ],
)
def test_pages_are_chinese_for_who_reads_chinese(client, address, word):
    page = client.get(address, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).content.decode()
    assert word in page
    assert 'lang="zh-hans"' in page


@pytest.mark.django_db
def test_a_reason_for_a_refusal_is_told_in_the_readers_language(client, cast):
    submission = factories.make_submission(
        cast.team,
        cast.phase,
        state=State.REJECTED,
        problems=[{"code": "missing_ids", "params": {}, "count": 12, "examples": ["4"]}],
    )
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(
        reverse("submissions:detail", args=["digits", submission.pk]),
        headers={"Accept-Language": "zh-hans"},
    ).content.decode()
    assert "缺少示例提交中的 12 个 id" in page


@pytest.mark.django_db
def test_what_the_libraries_say_is_chinese_too(client):
    page = client.post(
        "/accounts/signup/",
        {"username": "nina", "email": "nina@example.org", "password1": "a1b", "password2": "a1b"},
        headers={"Accept-Language": "zh-hans"},
    ).content.decode()
    assert "密码太短，至少需要 8 个字符。" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        ("en", "[Agon] Set a new password", "Follow this link to set one:"),
        ("zh-hans", "[Agon] 设置新密码", "请打开此链接设置："),
    ],
)
def test_a_letter_is_in_the_language_of_the_page_that_sent_it(
    client, mailoutbox, language, subject, sentence
):
    factories.make_user("nina")
    client.post(
        "/accounts/password/reset/",
        {"email": "nina@example.org"},
        headers={"Accept-Language": language},
    )
    (letter,) = mailoutbox
    assert letter.subject == subject
    assert sentence in letter.body
    assert "/accounts/password/reset/key/" in letter.body
