"""An archive shows one moment, while others go on writing."""

from __future__ import annotations

import io
import zipfile

import factories
import pytest
from django.db import connection

from agon.bundles import writing
from agon.bundles.parts import Part
from agon.competitions.models import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_archive_is_written_outside_of_any_transaction():
    phase = factories.make_phase(factories.make_competition(slug="moment"))
    assert not connection.in_atomic_block
    stream = io.BytesIO()
    writing.write_archive(
        competition=phase.competition, parts=frozenset({Part.SETTINGS}), stream=stream
    )
    with zipfile.ZipFile(stream) as archive:
        lines = archive.read("rows/competitions.page.jsonl").splitlines()
    assert len(lines) == Page.objects.count()
    assert not connection.in_atomic_block
