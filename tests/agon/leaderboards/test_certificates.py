"""Certificates say what is true, in any alphabet, and can't be made by anybody else."""

import io

import pytest
from django.core import signing
from django.utils import timezone

from agon.leaderboards.certificates import SALT, Certificate, read_token, token_of


def certificate(**fields):
    return Certificate(
        **{
            "competition": "Digits",
            "person": "Paula",
            "team": "Paula and Tom",
            "rank": 2,
            "teams": 50,
            "medal": "Gold medal",
            "published_at": timezone.now(),
            "host": "Hanna",
            "address": "https://example.org/certificates/x/",
            **fields,
        }
    )


@pytest.mark.parametrize("person", ["Paula", "Zoë Ångström", "张伟", "P" * 80, "<b>&amp;"])
def test_every_name_fits_on_one_page(person):
    content = certificate(person=person).as_pdf()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/Type /Page\n") == 1
    assert len(io.BytesIO(content).getvalue()) < 50_000


def test_a_token_is_read_back_and_a_forged_one_is_not():
    token = token_of(7, 3)
    assert read_token(token) == (7, 3)
    assert read_token(token[:-2] + "xx") is None
    assert read_token("") is None
    assert read_token(signing.dumps("nothing", salt=SALT)) is None
