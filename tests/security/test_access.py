"""Every address of the site, tried as everybody who could try it.

A new URL makes `test_every_url_is_known_here` fail until somebody has said who may open it.
"""

from __future__ import annotations

import base64
import random
import struct
from collections.abc import Iterator
from datetime import timedelta

import factories
import notebook_files
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from agon.bundles.models import Transfer
from agon.competitions.models import DataFile, InvitationLink, Page, Visibility
from agon.competitions.services.announcing import announce
from agon.competitions.services.pages import write_page
from agon.creation.models import Draft
from agon.integrity.models import Ground
from agon.integrity.services import open_case
from agon.leaderboards.certificates import token_of
from agon.leaderboards.models import FinalStanding
from agon.notebooks.services import About
from agon.notebooks.services import publish as publish_notebook
from agon.notifications.addresses import unsubscribe_address
from agon.notifications.models import Webhook
from agon.submissions.models import Rescore, State
from agon.submissions.services import results
from agon.submissions.services.attempts import start_attempt
from agon.teams.models import MergeRequest, TeamInvitation, TeamLink
from scoring.contract import Outcome, ScoringResult, Split
from scoring.contract import Score as ReportedScore

pytestmark = pytest.mark.django_db

PRIVATE_SCORE = 0.6180339887
PUBLIC_SCORE = 0.7320508075
PRIVATE_INTERVAL = (0.5551115123, 0.6931471806)
OTHER_PRIVATE_SCORE = 0.5772156649

# Whatever says something of the private rows: scores, ends of intervals, what two scores differ by,
# the words of a private tie, and the signature's.
PRIVATE = [
    "61803", "0.618", "0.56 to 0.69", "0.56,0.69", "0.577", "57722", "0.04082", "told apart", "|private|",
]  # fmt: skip

EVERYBODY = [
    "anonymous", "stranger", "participant", "team-mate", "rival", "judge", "co-host", "host", "other host",
    "staff",
]  # fmt: skip
SIGNED_IN = EVERYBODY[1:]
MANAGERS = ["co-host", "host", "staff"]
OVERSEERS = ["judge", *MANAGERS]
INSIDERS = ["participant", "team-mate", *OVERSEERS]

# Who gets 200 from a GET. Of the others the anonymous are sent to sign in (302) where an account
# could help, and everybody else gets the status beside the list.
OPEN_TO: dict[str, tuple[list[str], int]] = {
    "home": (EVERYBODY, 0),
    "healthz": (EVERYBODY, 0),
    "metrics": (EVERYBODY, 0),
    "metric": (EVERYBODY, 0),
    "preparations": (["staff"], 403),
    "competitions:list": (EVERYBODY, 0),
    "competitions:overview": (EVERYBODY, 0),
    "competitions:cover": (EVERYBODY, 0),
    "competitions:picture": (EVERYBODY, 0),
    "competitions:preparation": (EVERYBODY, 0),
    "competitions:croissant": (EVERYBODY, 0),
    "competitions:data": (EVERYBODY, 0),
    "competitions:rules": (EVERYBODY, 0),
    "integrity:desk": (OVERSEERS, 403),
    "integrity:ask": (MANAGERS, 403),
    "integrity:case": (OVERSEERS, 403),
    "integrity:answer": (["participant", "team-mate"], 404),
    "competitions:people": (OVERSEERS, 403),
    "competitions:person": (MANAGERS, 403),
    "competitions:access": (OVERSEERS, 403),
    "competitions:links": (OVERSEERS, 403),
    "competitions:link": (OVERSEERS, 403),
    "competitions:link-qr": (OVERSEERS, 403),
    "competitions:invitations": (OVERSEERS, 403),
    "competitions:invite": (MANAGERS, 403),
    "competitions:requests": (OVERSEERS, 403),
    "invitation": (["anonymous", "stranger", "other host", *OVERSEERS], 302),
    "competitions:webhooks": (OVERSEERS, 403),
    "competitions:webhook": (OVERSEERS, 403),
    "competitions:webhook-deliveries": (OVERSEERS, 403),
    "competitions:webhook-delete": (MANAGERS, 403),
    "notifications:inbox": (SIGNED_IN, 0),
    "notifications:unread": (SIGNED_IN, 0),
    "notifications:follow": ([], 404),
    "notifications:choices": (SIGNED_IN, 0),
    "notifications:unsubscribe": (EVERYBODY, 0),
    "competitions:download": (["participant", "team-mate", "rival", *OVERSEERS], 302),
    "competitions:sample": (["participant", "team-mate", "rival", *OVERSEERS], 302),
    "submissions:create": (EVERYBODY, 0),
    "submissions:list": (SIGNED_IN, 0),
    "submissions:finals": (SIGNED_IN, 0),
    "submissions:detail": (INSIDERS, 404),
    "submissions:status": (INSIDERS, 404),
    "submissions:download": (INSIDERS, 404),
    "submissions:cancel": (["participant", "team-mate", *MANAGERS], 404),
    "submissions:compare": (INSIDERS, 404),
    "submissions:pick": ([], 302),
    "submissions:operations": (["staff"], 403),
    "submissions:console": (OVERSEERS, 403),
    "submissions:archive": (OVERSEERS, 403),
    "submissions:disqualify": (MANAGERS, 403),
    "submissions:give-back": (MANAGERS, 403),
    "submissions:disqualify-team": (MANAGERS, 403),
    "submissions:grant": (MANAGERS, 403),
    "creation:mine": (SIGNED_IN, 0),
    "creation:step": (["host"], 404),
    "creation:delete": (["host"], 404),
    "creation:run": (["host"], 404),
    "creation:done": ([], 404),
    "creation:metric-example": (["host"], 404),
    "submissions:results": (EVERYBODY, 0),
    "submissions:certificate": ([], 404),
    "submissions:genuine": ([], 404),
    "submissions:closing": (OVERSEERS, 403),
    "submissions:grades": (OVERSEERS, 403),
    "submissions:verify": (MANAGERS, 403),
    "submissions:teams": (OVERSEERS, 403),
    "submissions:team": (OVERSEERS, 403),
    "submissions:team-rename": (MANAGERS, 403),
    "submissions:team-take-out": (MANAGERS, 403),
    "submissions:team-merge": (MANAGERS, 403),
    "submissions:merge-answer": (["participant", "team-mate", "rival"], 404),
    "teams:mine": (SIGNED_IN, 0),
    "teams:team": (EVERYBODY, 0),
    "teams:leave": (["participant", "team-mate", "rival"], 404),
    "teams:member": (["participant"], 404),
    "teams:join": (["stranger", "rival", "judge", "other host", *MANAGERS], 302),
    "submissions:rescores": (OVERSEERS, 403),
    "submissions:rescore": (OVERSEERS, 403),
    "submissions:rescore-status": (OVERSEERS, 403),
    "competitions:roles": (OVERSEERS, 403),
    "competitions:role-take": (OVERSEERS, 403),
    "competitions:transfer": (["host", "staff"], 403),
    "competitions:pages": (OVERSEERS, 403),
    "competitions:page-edit": (MANAGERS, 403),
    "competitions:page-history": (OVERSEERS, 403),
    "competitions:page-version": (OVERSEERS, 403),
    "competitions:phases": (OVERSEERS, 403),
    "competitions:phase": (MANAGERS, 403),
    "competitions:settings": (MANAGERS, 403),
    "competitions:announcements": (EVERYBODY, 0),
    "hosting:announcements": (OVERSEERS, 403),
    "hosting:announcement-withdraw": (MANAGERS, 403),
    "bundles:export": (OVERSEERS, 403),
    "bundles:import": (SIGNED_IN, 0),
    "bundles:transfer": (MANAGERS, 404),
    "bundles:download": (MANAGERS, 404),
    "bundles:schema": (EVERYBODY, 0),
    "hosting:overview": (OVERSEERS, 403),
    "hosting:figures": (OVERSEERS, 403),
    "hosting:log": (OVERSEERS, 403),
    "hosting:log-export": (OVERSEERS, 403),
    "notebooks:list": (EVERYBODY, 0),
    "notebooks:detail": (EVERYBODY, 0),
    "notebooks:version": (EVERYBODY, 0),
    "notebooks:download": (EVERYBODY, 0),
    "notebooks:picture": (EVERYBODY, 0),
    "notebooks:publish": (["participant", "team-mate", "rival", *MANAGERS], 302),
    "notebooks:edit": (["participant"], 403),
    "notebooks:delete": (["participant"], 403),
    "notebooks:hide": (MANAGERS, 403),
    "leaderboards:board": (EVERYBODY, 0),
    "leaderboards:rows": (EVERYBODY, 0),
    "leaderboards:export": (EVERYBODY, 0),
    "accounts:profile": (EVERYBODY, 0),
    "accounts:settings": (SIGNED_IN, 0),
    "worker-file": ([], 403),
    "api:tokens": (SIGNED_IN, 0),
    "api:client": (EVERYBODY, 0),
    "api:reference": (EVERYBODY, 0),
    "v1:openapi-json": (EVERYBODY, 0),
    "v1:me": ([], 401),
    "v1:competitions": ([], 401),
    "v1:competition": ([], 401),
    "v1:files": ([], 401),
    "v1:file": ([], 401),
    "v1:submissions": ([], 401),
    "v1:submission": ([], 401),
    "v1:finals": ([], 401),
    "v1:leaderboard": ([], 401),
    "v1:transfer": ([], 401),
    "v1:transfer-file": ([], 401),
}
POST_ONLY = {
    "creation:begin",
    "creation:remove",
    "creation:upload",
    "creation:announce",
    "creation:piece",
    "teams:rename",
    "teams:invite",
    "teams:link",
    "teams:answer",
    "submissions:merge",
    "bundles:clone",
    "v1:imports",
    "v1:exports",
    "competitions:ask-to-join",
    "competitions:link-revoke",
    "competitions:invitation-again",
    "competitions:invitation-revoke",
    "competitions:request-decide",
    "competitions:webhook-test",
    "competitions:webhook-secret",
    "competitions:webhook-again",
    "notifications:mark",
    "notifications:mark-all",
    "api:revoke",
    "competitions:dismiss",
    "competitions:page-preview",
    "competitions:join",
    "notebooks:pin",
    "submissions:rescore-some",
    "submissions:rescore-decide",
    "competitions:prepare",
    "set-theme",
    "set_language",
}
OF_LIBRARIES = ("account_", "mfa_", "admin:", "usersessions_", "v1:api-root")
NOTEBOOK_ARGUMENTS = {
    **{f"notebooks:{name}": ["work"] for name in ("detail", "edit", "delete", "hide", "pin")},
    **{f"notebooks:{name}": ["work", 1] for name in ("version", "download")},
    "notebooks:picture": ["work", 1, 0],
}
# What of the competition a page is about, by the page's name.
ABOUT_ONE = {
    **{
        f"submissions:{name}": lambda _cast, submission: submission.pk
        for name in ("detail", "status", "cancel", "download", "disqualify", "give-back")
    },
    **{
        f"submissions:{name}": lambda cast, _submission: cast.team.pk
        for name in ("disqualify-team", "grant", "team", "team-rename", "team-merge")
    },
    **{
        f"submissions:{name}": lambda cast, _submission: cast.phase.rescores.get().pk
        for name in ("rescore", "rescore-status", "rescore-decide")
    },
    **{
        f"competitions:{name}": lambda cast, _submission: cast.competition.invitation_links.get().pk
        for name in ("link", "link-qr", "link-revoke")
    },
    **{
        f"competitions:{name}": lambda _cast, _submission: 1
        for name in ("invitation-again", "invitation-revoke", "request-decide")
    },
    "competitions:person": lambda cast, _submission: cast.ron.pk,
    **{
        f"competitions:webhook{name}": lambda cast, _submission: cast.competition.webhooks.get().pk
        for name in ("", "-deliveries", "-delete", "-test", "-secret")
    },
}
# All that the address of a page is made of, where that is neither a competition nor one thing of it.
ARGUMENTS = {
    "competitions:role-take": lambda cast: ["digits", cast.competition.judges.first().pk],
    "competitions:phase": lambda cast: ["digits", cast.phase.pk],
    "competitions:page-version": lambda _cast: ["digits", "data", 1],
    **{
        f"competitions:page-{name}": lambda _cast: ["digits", "data"]
        for name in ("edit", "history", "preview")
    },
    **{
        name: lambda cast: ["digits", cast.competition.announcements.get().pk]
        for name in ("competitions:dismiss", "hosting:announcement-withdraw")
    },
    "creation:mine": lambda _cast: [],
    "creation:begin": lambda _cast: [],
    "creation:step": lambda cast: [cast.hanna.drafts.get().pk, "basics"],
    "creation:piece": lambda cast: [cast.hanna.drafts.get().pk, 1],
    "creation:remove": lambda cast: [cast.hanna.drafts.get().pk, 1],
    "creation:upload": lambda cast: [cast.hanna.drafts.get().pk, "data"],
    **{
        f"creation:{name}": lambda cast: [cast.hanna.drafts.get().pk]
        for name in ("delete", "run", "done", "metric-example", "announce")
    },
    "submissions:genuine": lambda cast: [token_of(cast.team.final_standings.get().pk, cast.tom.pk)],
    **{
        f"submissions:{name}": lambda cast: ["digits", cast.team.final_standings.get().pk]
        for name in ("certificate", "verify")
    },
    "submissions:team-take-out": lambda cast: ["digits", cast.team.pk, cast.tom.pk],
    "submissions:merge-answer": lambda cast: ["digits", cast.team.merges_offered.get().pk],
    "teams:team": lambda cast: ["digits", cast.team.pk],
    "teams:member": lambda cast: ["digits", cast.tom.pk],
    "teams:join": lambda cast: ["digits", cast.team.link.token],
    "teams:answer": lambda cast: ["digits", cast.team.invitations.get().pk],
    "accounts:profile": lambda cast: [cast.paula.username],
    "api:revoke": lambda _cast: [1],
    **{
        name: lambda cast: [cast.competition.transfers.get().pk]
        for name in ("bundles:transfer", "bundles:download", "v1:transfer", "v1:transfer-file")
    },
    "bundles:import": lambda _cast: [],
    "bundles:schema": lambda _cast: [],
    "v1:imports": lambda _cast: [],
    **{
        name: lambda cast: ["digits", cast.competition.cases.get().pk]
        for name in ("integrity:case", "integrity:answer")
    },
    "competitions:webhook-again": lambda cast: ["digits", cast.competition.webhooks.get().pk, 1],
    "invitation": lambda cast: [cast.competition.invitation_links.get().token],
    "metric": lambda _cast: ["accuracy"],
    "notifications:follow": lambda _cast: [0],
    "notifications:mark": lambda _cast: [0],
    "notifications:unsubscribe": lambda cast: [
        unsubscribe_address(cast.paula.pk, ["scored"]).split("/")[-2]
    ],
    "worker-file": lambda _cast: ["forged:signature"],
}
ABOUT_A_COMPETITION = (
    "competitions:",
    "submissions:",
    "leaderboards:",
    "notebooks:",
    "hosting:",
    "integrity:",
    "teams:",
    "bundles:export",
    "bundles:clone",
)


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}"


def own_names() -> list[str]:
    return [
        name
        for name in names(get_resolver())
        if not name.startswith(OF_LIBRARIES) and name != "None"
    ]


@pytest.fixture
def world(cast):
    """The competition with a file, a cover, two scored submissions of Paula's team and one of Ron's.

    In public the three are far apart; in private Ron's ties with the first of Paula's.
    """
    cast.competition.cover.save("cover.png", ContentFile(b"png"))
    data_file = DataFile(competition=cast.competition, name="train.csv", sha256="0" * 64, size=3)
    data_file.file.save("train.csv", ContentFile(b"id\n"))
    factories.make_picture(cast.competition)
    factories.make_preparation(cast.competition, state="ready", prepared_at=timezone.now())
    cast.phase.sample_name = "sample.csv"
    cast.phase.sample.save("sample.csv", ContentFile(b"id,label\n"))
    submission = scored(cast.team, cast.phase, PUBLIC_SCORE, PRIVATE_SCORE, luck=1)
    scored(cast.team, cast.phase, 0.25, OTHER_PRIVATE_SCORE, luck=1)
    scored(cast.rivals, cast.phase, 0.5, PRIVATE_SCORE - 1e-4, luck=2)
    Rescore.objects.create(
        phase=cast.phase,
        solution=cast.phase.solutions.get(),
        reason="Once more.",
        state=Rescore.State.READY,
    )
    InvitationLink.objects.create(competition=cast.competition)
    open_case(
        host=cast.hanna,
        competition=cast.competition,
        teams=[cast.team],
        ground=Ground.OTHER,
        question="How?",
    )
    Transfer.objects.create(
        kind="export",
        state="done",
        asked_by=cast.hanna,
        competition=cast.competition,
        file=data_file.file.name,
        size=3,
    )
    Draft.objects.create(owner=cast.hanna)
    FinalStanding.objects.create(phase=cast.phase, team=cast.team, rank=1, value=PRIVATE_SCORE)
    TeamLink.objects.create(team=cast.team)
    TeamInvitation.objects.create(team=cast.team, user=cast.carl)
    MergeRequest.objects.create(competition=cast.competition, asking=cast.rivals, asked=cast.team)
    Webhook.objects.create(
        competition=cast.competition, url="https://example.org/", secret="", events=[]
    )
    announce(actor=cast.hanna, competition=cast.competition, title="News", text="Look.")
    write_page(
        actor=cast.hanna, competition=cast.competition, name=Page.Name.DATA, text="More.", base=0
    )
    publish_notebook(
        user=cast.paula,
        competition=cast.competition,
        upload=notebook_files.upload(
            notebook_files.notebook(
                notebook_files.code("x", notebook_files.display(image_png=notebook_files.PNG))
            )
        ),
        about=About(title="Work", submission=submission),
    )
    return cast, submission, data_file


def scored(team, phase, public, private, *, luck):
    """A submission with intervals and replicates; equal luck makes differences without noise."""
    shift = random.Random(luck).gauss
    noise = [shift(0, 0.01) for _ in range(1024)]
    submission = factories.make_submission(team, phase)
    results.record_result(
        result=ScoringResult(
            token=start_attempt(submission=submission).token,
            outcome=Outcome.SCORED,
            scores=tuple(
                ReportedScore(
                    metric="accuracy",
                    split=split,
                    value=value,
                    rows=5,
                    signature=f"accuracy|{{}}|{split.value}|rows:5|submission:{submission.sha256[:8]}",
                    low=low,
                    high=high,
                    replicates=base64.b64encode(struct.pack("<1024d", *(value + n for n in noise))),
                )
                for split, value, (low, high) in (
                    (Split.PUBLIC, public, (public - 0.01, public + 0.01)),
                    (Split.PRIVATE, private, PRIVATE_INTERVAL),
                )
            ),
        )
    )
    submission.refresh_from_db()
    assert submission.state == State.SCORED
    return submission


def url_of(name: str, world) -> str:
    cast, submission, data_file = world
    slug = cast.competition.slug
    if name == "competitions:download":
        return reverse(name, args=[slug, data_file.pk])
    if name in ARGUMENTS:
        return reverse(name, args=ARGUMENTS[name](cast))
    if name == "competitions:picture":
        return reverse(name, args=[slug, cast.competition.pictures.get().pk])
    if name in ABOUT_ONE:
        return reverse(name, args=[slug, ABOUT_ONE[name](cast, submission)])
    if name.startswith("v1:"):
        rest = {"v1:file": [slug, data_file.name], "v1:submission": [slug, submission.pk]}
        alone = {"v1:me", "v1:competitions", "v1:openapi-json"}
        return reverse(name, args=rest.get(name, [] if name in alone else [slug]))
    if name in NOTEBOOK_ARGUMENTS:
        return reverse(name, args=[slug, *NOTEBOOK_ARGUMENTS[name]])
    if name == "submissions:compare":
        other = cast.team.submissions.exclude(pk=submission.pk).get()
        return reverse(name, args=[slug, submission.pk, other.pk])
    if name.startswith(ABOUT_A_COMPETITION) and name not in {
        "competitions:list",
        "submissions:operations",
    }:
        return reverse(name, args=[slug])
    return reverse(name)


def client_of(cast, role: str) -> Client:
    client = Client()
    person = cast.people()[role]
    if not isinstance(person, AnonymousUser):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def body(response) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


def test_every_url_is_known_here():
    assert set(own_names()) == set(OPEN_TO) | POST_ONLY


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("name", OPEN_TO)
def test_each_page_opens_for_those_it_is_for_and_for_nobody_else(world, name, role):
    allowed, otherwise = OPEN_TO[name]
    expected = 200 if role in allowed else otherwise
    if (
        role == "anonymous"
        and expected not in {200, 401}
        and name not in {"worker-file", "submissions:genuine"}
    ):
        expected = 302
    response = client_of(world[0], role).get(url_of(name, world))
    response.close()
    assert response.status_code == expected, f"{role} at {name}"


@pytest.mark.parametrize("name", sorted(POST_ONLY - {"set_language"}))
def test_what_changes_something_does_not_answer_to_a_link(world, name):
    response = client_of(world[0], "participant").get(url_of(name, world))
    assert response.status_code == 405


@pytest.mark.parametrize("role", ["anonymous", "stranger", "other host"])
def test_a_private_competition_is_as_if_not_there(world, role):
    cast = world[0]
    cast.competition.visibility = Visibility.PRIVATE
    cast.competition.save()
    client = client_of(cast, role)
    for name in OPEN_TO:
        if not name.startswith(ABOUT_A_COMPETITION) or name == "submissions:operations":
            continue
        response = client.get(url_of(name, world))
        response.close()
        if name == "competitions:list":
            assert b"Digits" not in response.content
        else:
            signs_in = role == "anonymous" and response.status_code == 302
            assert response.status_code == 404 or (
                signs_in and b"Digits" not in response.content
            ), name
    joined = client.post(url_of("competitions:join", world), {"version": 1, "agree": "on"})
    assert joined.status_code in {302, 404}
    assert not cast.competition.acceptances.filter(user=cast.people()[role].pk).exists()


@pytest.mark.parametrize("role", ["participant", "team-mate", "rival", *OVERSEERS])
def test_a_private_competition_opens_for_its_members(world, role):
    cast = world[0]
    cast.competition.visibility = Visibility.PRIVATE
    cast.competition.save()
    response = client_of(cast, role).get(url_of("competitions:overview", world))
    assert response.status_code == 200


@pytest.mark.parametrize("role", [role for role in EVERYBODY if role not in OVERSEERS])
def test_no_page_tells_anything_of_the_private_rows_before_the_close(world, role):
    client = client_of(world[0], role)
    for address in addresses_of_scores(world):
        for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
            response = client.get(address, headers=headers)
            content = body(response).decode("utf-8", "replace") + str(response.headers)
            assert not [text for text in PRIVATE if text in content], f"{role} at {address}"


def addresses_of_scores(world):
    boards = ("leaderboards:board", "leaderboards:rows", "leaderboards:export")
    return [
        *(url_of(name, world) for name in OPEN_TO),
        *(f"{url_of(name, world)}?split=private" for name in boards),
    ]


def test_after_the_close_each_of_these_is_told_somewhere(world):
    """Otherwise the test above would look for what is never written."""
    cast = world[0]
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    client = client_of(cast, "participant")
    told = "".join(
        body(client.get(address)).decode("utf-8", "replace")
        for address in addresses_of_scores(world)
    )
    assert [text for text in PRIVATE if text not in told] == []


def test_no_page_reads_private_replicates_before_the_close(world):
    """Filtered in the query already: what was never fetched cannot slip out."""
    with CaptureQueriesContext(connection) as captured:
        client_of(world[0], "participant").get(url_of("submissions:compare", world)).close()
    reads = [query["sql"] for query in captured if "submissions_replicates" in query["sql"]]
    assert reads and all("'public'" in sql for sql in reads)


@pytest.mark.parametrize("role", EVERYBODY)
def test_no_page_tells_the_solution_or_somebody_elses_file(world, role):
    cast, submission, _data_file = world
    client = client_of(cast, role)
    solution = cast.phase.solutions.get()
    for name in OPEN_TO:
        content = body(client.get(url_of(name, world)))
        assert b"1,1,Public" not in content, name
        assert solution.file.name.encode() not in content, name
        assert submission.attempts.get().token.encode() not in content, name


def test_after_the_close_the_private_score_is_there_for_all(world):
    cast = world[0]
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    board = client_of(cast, "anonymous").get(url_of("leaderboards:board", world) + "?split=private")
    assert "0.61803" in board.content.decode()
    detail = client_of(cast, "participant").get(url_of("submissions:detail", world))
    assert "0.61803" in detail.content.decode()


def test_the_host_sees_the_private_board_before_the_close(world):
    board = client_of(world[0], "host").get(url_of("leaderboards:board", world) + "?split=private")
    assert "0.61803" in board.content.decode()


@pytest.mark.parametrize("role", EVERYBODY)
def test_why_the_data_could_not_be_made_is_told_to_those_who_can_mend_it(world, role):
    cast = world[0]
    reason = "the_disk_of_machine_seven_is_full"
    cast.competition.preparation.delete()
    factories.make_preparation(cast.competition, state="failed", cause="script", reason=reason)
    client = client_of(cast, role)
    for name in OPEN_TO:
        told = reason in body(client.get(url_of(name, world))).decode("utf-8", "replace")
        if role not in MANAGERS:
            assert not told, name
        elif name in {"competitions:overview", "competitions:preparation"}:
            assert told, name


@pytest.mark.parametrize("role", EVERYBODY)
def test_only_hosts_and_staff_start_a_preparation_again(world, role):
    cast = world[0]
    cast.competition.preparation.delete()
    factories.make_preparation(cast.competition, state="failed", cause="network", reason="No.")
    response = client_of(cast, role).post(url_of("competitions:prepare", world))
    may = role in MANAGERS
    assert response.status_code == (302 if may or role == "anonymous" else 403)
    cast.competition.preparation.refresh_from_db()
    assert cast.competition.preparation.state == ("waiting" if may else "failed")


def test_a_file_address_of_a_worker_goes_out_of_date(world, settings):
    from agon.common.files import worker_url

    settings.INTERNAL_URL = ""
    solution = world[0].phase.solutions.get()
    assert body(Client().get(worker_url(solution.file.name, seconds=60))) == factories.SOLUTION
    assert Client().get(worker_url(solution.file.name, seconds=-1)).status_code == 403
    changed = worker_url(solution.file.name, seconds=60)[:-2] + "xx"
    assert Client().get(changed).status_code == 403
