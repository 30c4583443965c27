"""The Code tab as people see it."""

from __future__ import annotations

import re
from datetime import timedelta

import factories
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from notebook_files import (
    PNG,
    SVG,
    bitmap,
    code,
    display,
    markdown,
    notebook,
    of_types,
    stream,
    upload,
)

from agon.notebooks import services, views
from agon.notebooks.models import Notebook
from agon.notebooks.services import About
from agon.submissions.models import State

pytestmark = pytest.mark.django_db


def client_of(person):
    client = Client()
    if person.is_authenticated:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(name="list", *arguments):
    return reverse(f"notebooks:{name}", args=["digits", *arguments])


def text_of(response):
    page = response.content.decode().replace("&#x27;", "'").replace("&quot;", '"')
    return re.sub(r"\s+", " ", page)


def scored(team, phase, public, private=0.125):
    return factories.make_submission(
        team, phase, state=State.SCORED, public=public, private=private
    )


def titles(response):
    return re.findall(r'<a href="/competitions/digits/code/[\w-]+/">([^<]+)</a>', text_of(response))


def test_every_page_of_the_competition_leads_to_its_code(cast):
    page = text_of(Client().get(reverse("competitions:overview", args=["digits"])))
    assert f'href="{address()}"' in page
    assert "No notebooks yet" in text_of(Client().get(address()))


def test_pinned_ones_come_first_then_the_best_score(cast, publish):
    publish(title="None")
    publish(title="Fair", submission=scored(cast.team, cast.phase, 0.5))
    publish(cast.ron, title="Best", submission=scored(cast.rivals, cast.phase, 0.9))
    services.pin(notebook=publish(cast.hanna, title="Pinned"), pinned=True)
    assert titles(Client().get(address())) == ["Pinned", "Best", "Fair", "None"]
    assert titles(Client().get(address() + "?sort=new")) == ["Pinned", "Best", "Fair", "None"]
    services.revise(
        user=cast.paula,
        notebook=Notebook.objects.get(title="None"),
        about=About(title="None"),
        upload=upload(notebook(markdown("new"))),
    )
    assert titles(Client().get(address() + "?sort=new")) == ["Pinned", "None", "Best", "Fair"]
    assert Client().get(address() + "?sort=nonsense").status_code == 200


def test_private_scores_are_for_hosts_until_the_close(cast, publish):
    publish(title="One", submission=scored(cast.team, cast.phase, 0.5, private=0.1875))
    publish(title="Two", submission=scored(cast.team, cast.phase, 0.25, private=0.4375))
    made = Notebook.objects.get(title="One")
    pages = [address(), address("detail", made.slug)]
    for role, person in cast.people().items():
        for page in pages:
            shown = text_of(client_of(person).get(page))
            assert ("0.18750" in shown) is (role in {"judge", "host", "co-host", "staff"}), role
    assert titles(Client().get(address())) == ["One", "Two"]
    assert titles(client_of(cast.hanna).get(address())) == ["Two", "One"]
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    assert "0.18750" in text_of(Client().get(pages[1]))


def test_the_list_costs_the_same_however_long_it_is(cast, publish):
    costs = []
    for number in range(6):
        publish(submission=scored(cast.team, cast.phase, number / 10))
        if number in {1, 5}:
            with CaptureQueriesContext(connection) as captured:
                client_of(cast.paula).get(address())
            costs.append(len(captured))
    assert costs[0] == costs[1]


def test_the_list_has_pages(cast, publish, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    for number in range(3):
        publish(title=f"Number {number}")
    assert len(titles(Client().get(address()))) == 2
    assert len(titles(Client().get(address() + "?page=2"))) == 1
    assert "sort=new" in text_of(Client().get(address() + "?sort=new"))


def test_a_notebook_is_shown_with_its_table_of_contents(cast, publish):
    made = publish(
        content=notebook(
            markdown("# First\n\n$x^2$"),
            code("import os", stream("hello"), display(image_png=PNG)),
            markdown("## Second"),
        )
    )
    page = text_of(Client().get(made.get_absolute_url()))
    assert '<a href="#s-1-first">First</a>' in page and 'id="s-3-second"' in page
    assert "<math" in page and '<span class="kn">import</span>' in page and "hello" in page
    assert 'width="3" height="2"' in page
    picture = re.search(r'<img src="([^"]+pictures[^"]+)"', page)[1]
    shown = Client().get(picture)
    assert shown.content == bitmap()
    assert shown["Content-Type"] == "image/png"


def test_a_picture_alone_is_never_a_page(cast, publish):
    content = notebook(code("x", of_types({"image/svg+xml": SVG})))
    made = publish(content=content)
    shown = Client().get(address("picture", made.slug, 1, 0))
    assert shown.content == SVG.encode() and shown["Content-Type"] == "image/svg+xml"
    assert shown["Content-Disposition"].startswith("attachment")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert Client().get(address("picture", made.slug, 1, 1)).status_code == 404
    assert Client().get(address("picture", made.slug, 2, 0)).status_code == 404


def test_every_version_can_be_read_and_downloaded(cast, publish):
    made = publish(content=notebook(markdown("Old words")))
    new = notebook(markdown("New words"))
    services.revise(user=cast.paula, notebook=made, about=About("Work"), upload=upload(new))
    assert "New words" in text_of(Client().get(made.get_absolute_url()))
    old = text_of(Client().get(address("version", made.slug, 1)))
    assert "Old words" in old and "New words" not in old
    kept = Client().get(address("download", made.slug, 2))
    assert b"".join(kept.streaming_content) == new
    assert kept["Content-Disposition"] == 'attachment; filename="work.ipynb"'
    assert Client().get(address("version", made.slug, 3)).status_code == 404


def test_a_participant_publishes(cast):
    mine = scored(cast.team, cast.phase, 0.5)
    client = client_of(cast.tom)
    assert "Publish a notebook" in text_of(client.get(address()))
    sent = {
        "file": upload(), "title": "Our way", "licence": "CC-BY-4.0", "model": "Trees",
        "submission": str(mine.pk),
    }  # fmt: skip
    response = client.post(address("publish"), sent)
    made = Notebook.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert (made.author, made.submission, made.licence) == (cast.tom, mine, "CC-BY-4.0")
    page = text_of(client.get(made.get_absolute_url()))
    assert "0.50000" in page and "CC BY 4.0" in page and "Trees" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"file": ""}, "Choose a notebook to upload."),
        ({"title": " "}, "Give the notebook a title."),
        ({"licence": "none"}, "not one of the available choices"),
        ({"submission": "4711"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(cast, change, sentence):
    sent = {"file": upload(), "title": "x", "licence": "MIT", **change}
    response = client_of(cast.paula).post(address("publish"), sent)
    assert response.status_code == 422 and sentence in text_of(response)
    assert not Notebook.objects.exists()


def test_a_file_that_is_no_notebook_is_refused_kindly(cast):
    sent = {"file": upload(b"id,label"), "title": "Kept title", "licence": "MIT"}
    response = client_of(cast.paula).post(address("publish"), sent)
    assert response.status_code == 422
    assert "not a Jupyter notebook" in text_of(response) and "Kept title" in text_of(response)


def test_somebody_elses_submission_is_not_offered(cast):
    theirs = scored(cast.rivals, cast.phase, 0.5)
    sent = {"file": upload(), "title": "x", "licence": "MIT", "submission": str(theirs.pk)}
    assert client_of(cast.paula).post(address("publish"), sent).status_code == 422
    assert not Notebook.objects.exists()


def test_strangers_are_sent_to_the_rules(cast):
    response = client_of(cast.sam).get(address("publish"))
    assert response["Location"] == reverse("competitions:rules", args=["digits"])
    assert "Publish a notebook" not in text_of(client_of(cast.sam).get(address()))


def test_the_author_changes_what_is_said_and_adds_a_version(cast, publish):
    made = publish()
    client = client_of(cast.paula)
    assert 'value="Work"' in text_of(client.get(address("edit", made.slug)))
    sent = {"title": "New title", "licence": "MIT", "file": upload(notebook(markdown("v2")))}
    assert client.post(address("edit", made.slug), sent).status_code == 302
    made.refresh_from_db()
    assert made.title == "New title" and made.versions.count() == 2
    client.post(address("edit", made.slug), {"title": "Third", "licence": "MIT"})
    assert made.versions.count() == 2
    bad = {"title": "x", "licence": "MIT", "file": upload(b"nonsense")}
    assert client.post(address("edit", made.slug), bad).status_code == 422


def test_the_author_deletes_after_being_asked(cast, publish):
    made = publish()
    client = client_of(cast.paula)
    assert "Delete “Work”?" in text_of(client.get(address("delete", made.slug)))
    assert Notebook.objects.exists()
    assert client.post(address("delete", made.slug))["Location"] == address()
    assert not Notebook.objects.exists()


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_nobody_else_changes_or_deletes_it(cast, publish, name):
    made = publish()
    for person in (cast.tom, cast.ron, cast.sam, cast.hanna):
        sent = {"title": "Mine now", "licence": "MIT"}
        assert client_of(person).post(address(name, made.slug), sent).status_code == 403
    assert Notebook.objects.get().title == "Work"


def test_hosts_pin_and_hide_and_the_author_reads_why(cast, publish):
    made = publish()
    host = client_of(cast.carl)
    host.post(address("pin", made.slug), {"pinned": "yes"})
    assert Notebook.objects.get().is_official
    host.post(address("pin", made.slug), {"pinned": "no"})
    assert not Notebook.objects.get().is_official
    assert host.post(address("hide", made.slug), {"reason": ""}).status_code == 422
    host.post(address("hide", made.slug), {"reason": "It holds the answers."})
    assert "It holds the answers." in text_of(client_of(cast.paula).get(made.get_absolute_url()))
    for person in (cast.tom, cast.ron, cast.sam):
        client = client_of(person)
        assert titles(client.get(address())) == []
        for name, arguments in [("detail", []), ("download", [1]), ("picture", [1, 0])]:
            assert client.get(address(name, made.slug, *arguments)).status_code == 404
    assert titles(host.get(address())) == titles(client_of(cast.paula).get(address())) == ["Work"]
    host.post(address("hide", made.slug))
    assert titles(Client().get(address())) == ["Work"]


@pytest.mark.parametrize("name", ["pin", "hide"])
def test_authors_neither_pin_nor_hide(cast, publish, name):
    made = publish()
    response = client_of(cast.paula).post(
        address(name, made.slug), {"pinned": "yes", "reason": "x"}
    )
    assert response.status_code == 403
    assert not Notebook.objects.get().is_official and not Notebook.objects.get().is_hidden


def test_a_submission_names_the_notebook_that_made_it(cast, publish):
    mine = scored(cast.team, cast.phase, 0.5)
    made = publish(submission=mine, title="Our way")
    client = client_of(cast.tom)
    assert made.get_absolute_url() in text_of(client.get(mine.get_absolute_url()))
    services.hide(notebook=made, reason="x")
    assert made.get_absolute_url() not in text_of(client.get(mine.get_absolute_url()))


def test_a_private_competition_has_no_notebooks_for_strangers(cast, publish):
    made = publish(content=notebook(code("x", display(image_png=PNG))))
    cast.competition.visibility = "private"
    cast.competition.save()
    for name, arguments in [("list", []), ("detail", [made.slug]), ("picture", [made.slug, 1, 0])]:
        assert client_of(cast.sam).get(address(name, *arguments)).status_code == 404
        assert client_of(cast.ron).get(address(name, *arguments)).status_code == 200


def test_an_author_who_left_leaves_the_notebook(cast, publish):
    made = publish(cast.ron)
    cast.rivals.delete()
    cast.ron.rules_acceptances.all().delete()
    cast.ron.delete()
    assert Client().get(made.get_absolute_url()).status_code == 200
    assert Client().get(address()).status_code == 200
