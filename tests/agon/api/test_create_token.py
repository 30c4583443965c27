"""`manage.py create_token`: a token for a machine that no person sits at."""

from __future__ import annotations

from io import StringIO

import factories
import pytest
from django.core.management import CommandError, call_command

from agon.api import services

pytestmark = pytest.mark.django_db


def made(*arguments):
    output = StringIO()
    call_command("create_token", *arguments, stdout=output)
    return output.getvalue().strip()


def test_the_printed_token_opens_the_account():
    hanna = factories.make_user("hanna")
    assert services.user_by_token(text=made("hanna", "--name", "baselines")) == hanna
    assert hanna.api_tokens.get().name == "baselines"


def test_an_account_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="no account called nobody"):
        made("nobody")


def test_an_account_that_has_too_many_tokens_gets_no_more(monkeypatch):
    monkeypatch.setattr(services, "MOST", 1)
    factories.make_user("hanna")
    made("hanna")
    with pytest.raises(CommandError, match="Revoke one"):
        made("hanna")
