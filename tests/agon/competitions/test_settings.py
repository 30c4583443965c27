"""The console's settings: what the catalogue shows, the cover, and the limits of phases."""

import io
from datetime import timedelta

import factories
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from agon.competitions.errors import ChangeRefused
from agon.competitions.models import HostAction
from agon.competitions.services.settings import change_limits

pytestmark = pytest.mark.django_db

SETTINGS = "/competitions/digits/console/settings/"
GIVEN = {
    "title": "Digits of  1998",
    "subtitle": "Read them",
    "tags": "Images, digits，images",
    "team_size": 5,
    "gives_certificates": "on",
}
LIMITS = {
    "per_day": 3,
    "total": 40,
    "pending": 2,
    "decimals": 4,
    "file_bytes": 5,
    "seconds": 30,
    "final_count": 2,
    "results_at_once": "on",
}


@pytest.fixture
def host(client, cast):
    client.force_login(cast.hanna, backend="django.contrib.auth.backends.ModelBackend")
    return client


def picture(format_="PNG"):
    content = io.BytesIO()
    Image.new("RGB", (8, 6)).save(content, format_)
    return SimpleUploadedFile(f"x.{format_.lower()}", content.getvalue())


def test_what_a_competition_says_of_itself_is_changed_and_written_down(host, cast):
    assert host.post(SETTINGS, GIVEN).status_code == 302
    cast.competition.refresh_from_db()
    assert cast.competition.title == "Digits of 1998"
    assert cast.competition.tags == ["images", "digits"]
    line = HostAction.objects.get()
    assert line.before == {"title": "Digits", "subtitle": "", "tags": []}
    assert line.after["title"] == "Digits of 1998"


def test_saving_the_same_again_writes_nothing_down(host, cast):
    for _ in range(2):
        host.post(SETTINGS, GIVEN)
    assert HostAction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_cover_is_stored_replaced_and_taken_away(host, cast):
    host.post(SETTINGS, GIVEN | {"cover": picture()})
    cast.competition.refresh_from_db()
    first = cast.competition.cover.name
    assert first.endswith(".png")
    host.post(SETTINGS, GIVEN | {"cover": picture("JPEG")})
    cast.competition.refresh_from_db()
    assert cast.competition.cover.name.endswith(".jpg")
    assert not storages["default"].exists(first)
    host.post(SETTINGS, GIVEN | {"removes_cover": "on"})
    cast.competition.refresh_from_db()
    assert not cast.competition.cover


@pytest.mark.parametrize(
    "content", [b"<svg onload='alert(1)'/>", b"GIF89a", b"\x89PNG\r\n\x1a\nno"]
)
def test_what_is_no_picture_is_refused(host, cast, content):
    sent = GIVEN | {"cover": SimpleUploadedFile("cover.png", content)}
    response = host.post(SETTINGS, sent)
    assert response.status_code == 422
    cast.competition.refresh_from_db()
    assert (cast.competition.title, bool(cast.competition.cover)) == ("Digits", False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"tags": ",".join("abcdefghijk")}, "at most 10 topics"),
        ({"tags": '"a"'}, "neither quotes"),
        ({"licence_url": "nonsense"}, "valid URL"),
    ],
)
def test_faults_are_told_beside_the_field(host, changes, words):
    response = host.post(SETTINGS, GIVEN | changes)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_limits_hold_from_then_on_and_are_written_down(host, cast):
    address = f"/competitions/digits/console/phases/{cast.phase.pk}/"
    assert 'name="model_seconds"' not in host.get(address).content.decode()
    assert host.post(address, LIMITS).status_code == 302
    cast.phase.refresh_from_db()
    assert (cast.phase.per_day, cast.phase.total, cast.phase.file_bytes) == (3, 40, 5 * 1024**2)
    assert not cast.phase.counts_rejected
    line = HostAction.objects.get()
    assert line.subject == "main"
    assert line.before["per_day"] == 5


def test_team_size_medals_and_certificates_are_the_hosts_to_set(host, cast):
    page = host.get(SETTINGS).content.decode()
    assert 'name="team_size" value="5"' in page
    sent = GIVEN | {"team_size": 3, "gives_medals": "on"}
    del sent["gives_certificates"]
    assert host.post(SETTINGS, sent).status_code == 302
    cast.competition.refresh_from_db()
    found = cast.competition
    assert (found.team_size, found.gives_medals, found.gives_certificates) == (3, True, False)
    assert HostAction.objects.get().before["team_size"] == 5
    assert host.post(SETTINGS, GIVEN | {"team_size": 0}).status_code == 422


def test_finals_are_fixed_once_somebody_has_submitted(host, cast):
    address = f"/competitions/digits/console/phases/{cast.phase.pk}/"
    host.post(address, LIMITS | {"final_count": 3, "takes_late": "on"})
    cast.phase.refresh_from_db()
    assert (cast.phase.final_count, cast.phase.takes_late) == (3, True)
    factories.make_submission(cast.team, cast.phase)
    assert "Fixed since the first submission" in host.get(address).content.decode()
    host.post(address, LIMITS | {"final_count": 1})  # a form from before, or none of ours
    cast.phase.refresh_from_db()
    assert cast.phase.final_count == 3
    with pytest.raises(ChangeRefused, match="cannot change any more"):
        change_limits(actor=cast.hanna, phase=cast.phase, values={"final_count": 1})


def test_after_the_close_only_publishing_opens_the_private_board(host, cast):
    cast.phase.closes_at = timezone.now() - timedelta(hours=1)
    cast.phase.save()
    address = f"/competitions/digits/console/phases/{cast.phase.pk}/"
    assert "Fixed since the close" in host.get(address).content.decode()
    with pytest.raises(ChangeRefused, match="publishing the results"):
        change_limits(actor=cast.hanna, phase=cast.phase, values={"results_at_once": False})


def test_a_size_that_was_not_touched_stays_to_the_byte(host, cast):
    cast.phase.file_bytes = 1_500_000
    cast.phase.save()
    host.post(f"/competitions/digits/console/phases/{cast.phase.pk}/", LIMITS | {"file_bytes": 2})
    cast.phase.refresh_from_db()
    assert cast.phase.file_bytes == 1_500_000


def test_a_file_larger_than_the_site_takes_is_refused(host, cast, settings):
    settings.MAX_UPLOAD_BYTES = 4 * 1024**2
    response = host.post(f"/competitions/digits/console/phases/{cast.phase.pk}/", LIMITS)
    assert response.status_code == 422
    assert "at most 4.0" in response.content.decode()


@pytest.mark.parametrize("person", ["jude", "paula", "olga"])
def test_only_hosts_change_settings(client, cast, person):
    client.force_login(getattr(cast, person))
    assert client.post(SETTINGS, GIVEN).status_code == 403
    assert (
        client.post(f"/competitions/digits/console/phases/{cast.phase.pk}/", LIMITS).status_code
        == 403
    )
    cast.competition.refresh_from_db()
    assert cast.competition.title == "Digits"
