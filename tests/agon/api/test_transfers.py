"""Bringing competitions in and out by program."""

from __future__ import annotations

import io
import zipfile

import pytest
from bundle_archives import make_lived
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agon.api import services
from agon.bundles.carrier import carry
from agon.bundles.models import Transfer
from agon.bundles.services import transfers
from agon.competitions.models import Competition, Visibility

pytestmark = pytest.mark.django_db


class Program:
    def __init__(self, user):
        token = services.create_token(user=user, name="test").text
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client = Client()

    def get(self, address):
        return self.client.get(address, headers=self.headers)

    def post(self, name, *args, **data):
        return self.client.post(reverse(name, args=args), data, headers=self.headers)


def work():
    carry(transfers.claim())


def test_a_competition_goes_out_and_comes_in_again_by_program(cast):
    make_lived(cast)
    hanna, stan = Program(cast.hanna), Program(cast.stan)
    asked = hanna.post("v1:exports", "digits")
    assert asked.status_code == 202 and asked.json()["state"] == "waiting"
    work()
    told = hanna.get(asked["Location"]).json()
    assert told["state"] == "done" and told["reasons"] == []
    answer = hanna.get(told["download"])
    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "agon.json" in archive.namelist()

    upload = SimpleUploadedFile("digits.zip", content)
    asked = stan.post("v1:imports", file=upload, slug="again")
    assert asked.status_code == 202, asked.content
    work()
    assert stan.get(asked["Location"]).json()["competition"] == "again"
    assert Competition.objects.get(slug="again").teams.count() == 2


def test_what_is_wrong_with_a_file_is_told_by_program_too(cast):
    sam = Program(cast.sam)
    asked = sam.post("v1:imports", file=SimpleUploadedFile("a.zip", b"nothing"))
    work()
    told = sam.get(asked["Location"]).json()
    assert told["state"] == "failed" and "not a zip file" in told["reasons"][0]
    assert Program(cast.ron).get(asked["Location"]).status_code == 404


@pytest.mark.parametrize(("data", "said"), [({"slug": "Not An Address"}, "slug"), ({}, "file")])
def test_a_bad_request_is_told_at_once(cast, data, said):
    files = {"file": SimpleUploadedFile("a.zip", b"x")} if data else {}
    answer = Program(cast.sam).post("v1:imports", **files, **data)
    assert answer.status_code == 422 and said in answer.json()["error"]["message"]


def test_only_hosts_export_and_nobody_else_learns_of_a_private_one(cast):
    assert Program(cast.paula).post("v1:exports", "digits").status_code == 403
    assert Program(cast.jude).post("v1:exports", "digits").status_code == 403
    cast.competition.visibility = Visibility.PRIVATE
    cast.competition.save()
    hidden = Program(cast.sam).post("v1:exports", "digits")
    missing = Program(cast.sam).post("v1:exports", "nowhere")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert hidden.status_code == 404 and not Transfer.objects.exists()


def test_the_parts_of_an_export_are_chosen(cast):
    hanna = Program(cast.hanna)
    assert hanna.post("v1:exports", "digits", parts=["teams"]).status_code == 202
    assert Transfer.objects.get().options == {"parts": ["settings", "people", "teams"]}
    assert hanna.post("v1:exports", "digits", parts=["everything"]).status_code == 422
