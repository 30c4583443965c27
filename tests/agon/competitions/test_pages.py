"""The console's section of pages: editing, previewing, and what a page said before."""

import pytest
from django.core.exceptions import PermissionDenied

from agon.competitions.differences import differences
from agon.competitions.errors import ChangeRefused
from agon.competitions.models import HostAction, Page, PageVersion, Verb
from agon.competitions.services import pages

pytestmark = pytest.mark.django_db

PAGES = "/competitions/digits/console/pages/"


@pytest.fixture
def sign_in(client):
    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def write(cast):
    def write(text, *, base=0, name=Page.Name.DATA, **more):
        return pages.write_page(
            actor=cast.hanna, competition=cast.competition, name=name, text=text, base=base, **more
        )

    return write


def text_of(cast, name="data"):
    return cast.competition.pages.get(name=name).text


def test_a_saved_page_is_shown_at_once_and_the_log_says_so(cast, sign_in):
    sent = {"text": "# Better\r\n\r\nWords.", "base": 0, "note": "Said it better"}
    response = sign_in(cast.hanna).post(f"{PAGES}data/", sent, follow=True)
    assert "The page is saved, and everybody sees it." in response.content.decode()
    assert text_of(cast) == "# Better\n\nWords."
    assert "Words." in sign_in(cast.paula).get("/competitions/digits/data/").content.decode()
    line = HostAction.objects.get()
    assert (line.verb, line.subject, line.reason) == (Verb.PAGE_EDITED, "data", "Said it better")
    assert (line.before, line.after) == ({"version": 1}, {"version": 2})


def test_the_text_that_was_there_first_is_kept_too(cast, write):
    first = text_of(cast)
    write("Second")
    versions = list(PageVersion.objects.values_list("number", "text", "author_name"))
    assert versions == [(2, "Second", "hanna"), (1, first, "Agon")]


def test_the_same_text_makes_no_version(cast, write):
    assert write(text_of(cast)) is None
    assert not PageVersion.objects.exists()
    assert not HostAction.objects.exists()


def test_who_saves_over_anothers_text_is_told_and_loses_nothing(cast, write, sign_in):
    write("Hers")
    response = sign_in(cast.carl).post(f"{PAGES}data/", {"text": "His", "base": 0})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody has saved this page since you opened it" in page
    assert "His</textarea>" in page
    assert text_of(cast) == "Hers"


def test_a_page_that_is_too_long_is_refused(write):
    with pytest.raises(ChangeRefused, match="at most 100000 characters"):
        write("x" * 100_001)


def test_new_rules_must_be_accepted_once_more_unless_it_is_a_spelling(cast, write, sign_in):
    write("Be fair.", name=Page.Name.RULES)
    cast.competition.refresh_from_db()
    assert cast.competition.rules_version == 2
    sent = {"text": "Be fair!", "base": 2}
    sign_in(cast.hanna).post(f"{PAGES}rules/", sent)
    cast.competition.refresh_from_db()
    assert (cast.competition.rules_version, text_of(cast, "rules")) == (2, "Be fair!")


@pytest.mark.parametrize("person", ["jude", "paula", "olga"])
def test_only_hosts_edit(cast, person, sign_in):
    actor = getattr(cast, person)
    assert sign_in(actor).get(f"{PAGES}data/").status_code == 403
    assert sign_in(actor).post(f"{PAGES}data/preview/", {"text": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        pages.write_page(
            actor=actor, competition=cast.competition, name=Page.Name.DATA, text="x", base=0
        )


def test_a_judge_reads_the_history_and_brings_nothing_back(cast, write, sign_in):
    write("Second")
    address = f"{PAGES}data/history/1/"
    assert "Bring this version back" in sign_in(cast.carl).get(address).content.decode()
    page = sign_in(cast.jude).get(address)
    assert page.status_code == 200
    assert "Bring this version back" not in page.content.decode()
    assert sign_in(cast.jude).post(address).status_code == 403


def test_the_preview_looks_like_the_page_and_runs_nothing(cast, sign_in):
    sent = {"text": "# Hi\n\n<script>alert(1)</script> $x^2$"}
    page = sign_in(cast.hanna).post(f"{PAGES}data/preview/", sent).content.decode()
    assert "<math" in page
    assert "<script" not in page
    assert text_of(cast) != sent["text"]


def test_an_old_version_is_shown_with_its_changes_and_brought_back(cast, write, sign_in):
    write("One\nTwo")
    write("One\nThree", base=2)
    page = sign_in(cast.hanna).get(f"{PAGES}data/history/3/").content.decode()
    assert "Two</del>" in page
    assert "Three</ins>" in page
    sign_in(cast.hanna).post(f"{PAGES}data/history/2/")
    assert text_of(cast) == "One\nTwo"
    newest = PageVersion.objects.first()
    assert (newest.number, newest.note) == (4, "As in version 2")


def test_an_emptied_page_is_shown_to_nobody_and_comes_back(cast, write, sign_in):
    write("", name=Page.Name.PRIZES)
    assert 'id="prizes"' not in sign_in(cast.paula).get("/competitions/digits/").content.decode()
    sign_in(cast.hanna).post(f"{PAGES}prizes/history/1/")
    assert 'id="prizes"' in sign_in(cast.paula).get("/competitions/digits/").content.decode()


@pytest.mark.parametrize("address", ["nonsense/", "nonsense/history/", "data/history/9/"])
def test_what_is_not_there_is_not_found(cast, address, sign_in):
    assert sign_in(cast.hanna).get(f"{PAGES}{address}").status_code == 404


def test_differences_leave_out_what_is_the_same():
    before = "\n".join(str(number) for number in range(20))
    lines = differences(before, before.replace("10", "ten"))
    assert [(line.kind, line.text or line.count) for line in lines] == [
        ("gap", 7),
        *(("same", text) for text in "789"),
        ("gone", "10"),
        ("new", "ten"),
        *(("same", text) for text in ("11", "12", "13")),
        ("gap", 6),
    ]
    assert differences(before, before) == []
