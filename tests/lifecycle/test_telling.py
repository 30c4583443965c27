"""A running site tells: a score reaches the inbox, a mailbox and a host's own system, once each."""

from __future__ import annotations

import json
import re

import pytest
from webhook_receiver import receiving

from launcher.processes import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logs")]

ADD_WEBHOOK = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "agon.settings"
django.setup()
from agon.competitions.models import Competition
from agon.competitions.services.webhooks import add_webhook
arena = Competition.objects.get(slug="arena")
add_webhook(competition=arena, actor=arena.host, url=sys.argv[1], events=["submission.scored"])
"""


def letters(stack):
    folder = stack.folder / "state" / "mail"
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*")))


def test_a_score_is_told_once_everywhere(stack, site, browser, tmp_path):
    (tmp_path / "add_webhook.py").write_text(ADD_WEBHOOK)
    rows = "".join(f"{i},{i % 10}\n" for i in range(1, site["rows"] + 1))
    with receiving() as receiver:
        stack.run(str(tmp_path / "add_webhook.py"), receiver.url)
        page = browser.client.get("/settings/notifications/").text
        kinds = re.findall(r'<select name="(\w+)"', page)
        assert "scored" in kinds
        saved = browser.client.post(
            "/settings/notifications/", data=dict.fromkeys(kinds, "at_once")
        )
        assert saved.status_code == 302
        browser.submit("arena", f"id,label\n{rows}".encode())
        for _ in wait_until(30, pause=0.2):
            if receiver.received and "was scored: 1.00000" in letters(stack):
                break
        else:
            pytest.fail(stack.logs())
    assert "Submission #1 was scored: 1.00000" in browser.client.get("/inbox/").text
    assert letters(stack).count("was scored: 1.00000") == 2  # the subject and the text of one
    ((_headers, body),) = receiver.received
    assert json.loads(body)["data"]["public_score"] == 1.0
