"""A folder becomes a competition at once; its data is made beside the running site."""

from __future__ import annotations

import os
import shutil
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import factories
import psutil
import pytest
from celery import Celery
from celery.signals import worker_ready
from competition_folders import PREPARE, write_folder
from competitions.conftest import COMPETITIONS, MNIST_FILES
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from agon.common.periodic import Periodic
from agon.competitions import preparer as preparer_module
from agon.competitions import tasks
from agon.competitions.errors import PreparationRefused
from agon.competitions.models import Competition, Preparation
from agon.competitions.preparer import Preparer, parse_progress
from agon.competitions.services import announce_folders, request_preparation
from agon.competitions.services.preparing import (
    call_worker,
    claim_preparation,
    record_progress,
    record_ready,
)
from agon.hosting import tasks as hosting_tasks
from agon.notifications import tasks as notification_tasks
from agon.submissions import tasks as submission_tasks

pytestmark = pytest.mark.django_db

FAILS = (
    'import sys\nprint("Reading", file=sys.stderr)\nsys.exit("The file of labels is damaged.")\n'
)
NO_NETWORK = 'import sys\nprint("No mirror had it.", file=sys.stderr)\nsys.exit(3)\n'
SLOW = (
    'import json, time\nprint(json.dumps({"step": "Waiting", "done": 1, "total": 4}), flush=True)\n'
)
SLOW += "time.sleep(60)\n"


@pytest.fixture(autouse=True)
def host():
    return factories.make_user("stan", is_staff=True)


@pytest.fixture(autouse=True)
def _short_beat(monkeypatch):
    monkeypatch.setattr(preparer_module, "BEAT_SECONDS", 0.05)


def announce(**kept):
    return announce_folders(**{"retry_failed": False, **kept})


def run_all():
    """What the worker does until nothing waits."""
    while preparation := claim_preparation():
        Preparer().run(preparation)


def preparation_of(slug: str) -> Preparation:
    return Preparation.objects.get(competition__slug=slug)


def test_a_folder_is_a_competition_at_once_and_takes_no_submission_yet(shelf):
    write_folder(shelf / "tiny")
    announce()
    competition = Competition.objects.get(slug="tiny")
    assert (competition.title, competition.is_prepared) == ("Tiny", False)
    assert competition.pages.count() == 4
    assert competition.data_files.count() == 0
    phase = competition.phases.get()
    assert phase.primary_metric.name == "accuracy"
    assert not phase.solutions.exists()
    preparation = competition.preparation
    assert preparation.state == "waiting"
    assert preparation.files == [{"name": "train.csv", "description": "Rows to learn from"}]


def test_when_its_data_is_made_it_is_a_competition_like_any_other(shelf):
    write_folder(shelf / "tiny")
    announce()
    run_all()
    competition = Competition.objects.get(slug="tiny")
    assert competition.preparation.state == "ready"
    assert competition.is_prepared
    assert competition.data_files.get().name == "train.csv"
    assert competition.phases.get().solutions.count() == 1


def test_without_news_nothing_is_done_again(shelf):
    folder = write_folder(shelf / "tiny")
    announce()
    run_all()
    announce(retry_failed=True)
    assert preparation_of("tiny").state == "ready"
    shutil.rmtree(folder / "prepared")  # the data is in the site's storage
    announce(retry_failed=True)
    assert preparation_of("tiny").state == "ready"


@pytest.mark.parametrize("change", ["text", "data", "code"])
def test_what_has_changed_is_brought_up_to_date_and_stays_open_meanwhile(shelf, change):
    folder = write_folder(shelf / "tiny")
    announce()
    run_all()
    if change == "text":
        (folder / "overview.md").write_text("# New\n", encoding="utf-8")
    elif change == "data":
        (folder / "prepared/train.csv").write_text("id,label\n100,1\n101,0\n", encoding="utf-8")
    else:
        text = (folder / "prepare.py").read_text(encoding="utf-8")
        (folder / "prepare.py").write_text(text.replace("100,1", "100,7"), encoding="utf-8")
    announce()
    competition = Competition.objects.get(slug="tiny")
    assert competition.preparation.state == "waiting"
    assert competition.is_prepared
    run_all()
    competition = Competition.objects.get(slug="tiny")
    assert competition.preparation.state == "ready"
    stored = competition.data_files.get().file
    with stored.open() as file:
        rows = file.read()
    expected = {
        "text": b"id,label\n100,1\n",
        "data": b"id,label\n100,1\n101,0\n",
        "code": b"id,label\n100,7\n",
    }
    assert rows == expected[change]
    if change == "text":
        assert competition.pages.get(name="overview").text == "# New\n"


@pytest.mark.parametrize(
    ("script", "cause", "reason"),
    [
        (FAILS, "script", "The file of labels is damaged."),
        (NO_NETWORK, "network", "No mirror had it."),
        ("raise ValueError('odd')", "script", "ValueError: odd"),
        ("import os; os._exit(1)", "script", "prepare.py ended with exit code 1 and said nothing."),
        ("import os; os.kill(os.getpid(), 9)", "platform", "prepare.py was ended by signal 9"),
        ("pass", "folder", "prepared/train.csv does not exist"),
    ],
)
def test_a_failure_has_an_owner_and_its_last_sentence(shelf, script, cause, reason):
    write_folder(shelf / "tiny", prepare=script)
    write_folder(shelf / "whole")
    announce()
    run_all()
    preparation = preparation_of("tiny")
    assert (preparation.state, preparation.cause) == ("failed", cause)
    assert reason in preparation.reason
    assert not preparation.is_prepared
    assert preparation_of("whole").state == "ready"


def test_what_failed_waits_again_at_the_next_start_of_the_site_alone(shelf):
    folder = write_folder(shelf / "tiny", prepare=NO_NETWORK)
    announce()
    run_all()
    announce()
    assert preparation_of("tiny").state == "failed"
    write_folder(folder)
    announce(retry_failed=True)
    run_all()
    preparation = preparation_of("tiny")
    assert (preparation.state, preparation.cause, preparation.reason) == ("ready", "", "")


def test_a_failed_update_leaves_the_data_as_it_was(shelf):
    folder = write_folder(shelf / "tiny")
    announce()
    run_all()
    (folder / "prepare.py").write_text(FAILS, encoding="utf-8")
    announce()
    run_all()
    competition = Competition.objects.get(slug="tiny")
    assert competition.preparation.state == "failed"
    assert competition.is_prepared
    assert competition.data_files.count() == 1


def test_progress_goes_to_the_database_while_it_runs(shelf, monkeypatch):
    told = []
    monkeypatch.setattr(
        preparer_module, "record_progress", lambda **about: told.append(about) or True
    )
    write_folder(shelf / "tiny", prepare=SLOW.replace("60", "0.5") + PREPARE)
    announce()
    run_all()
    assert {"step": "Waiting", "done": 1, "total": 4}.items() <= told[-3].items()
    assert told[-1]["step"] == "Storing the files"


@pytest.mark.parametrize(
    "line",
    ["", "Reading", "[1]", "{}", '{"step": "a"}', '{"step": "a", "done": -1}', '{"step": "a", "done": "x"}',
     '{"step": "a", "done": 1e400}', '{"step": "a", "done": 1, "total": "many"}', "null"],
)  # fmt: skip
def test_a_line_that_is_no_progress_is_none(line):
    assert parse_progress(line) is None


def test_a_total_that_nobody_knows_is_no_percentage(shelf):
    assert parse_progress('{"step": "a", "done": 5, "total": null}') == {
        "step": "a", "done": 5, "total": None,
    }  # fmt: skip
    assert Preparation(done=5).percent is None
    assert Preparation(done=1, total=3).percent == 33
    assert Preparation(done=5, total=3).percent == 100


def test_one_at_a_time_in_the_order_of_asking(shelf):
    for name in ("a", "b"):
        write_folder(shelf / name)
    announce()
    first = claim_preparation()
    assert first.folder == "a"
    assert claim_preparation() is None
    record_ready(preparation=first)
    assert claim_preparation().folder == "b"
    assert claim_preparation() is None


def test_a_run_that_fell_silent_is_taken_up_again_and_then_counts_no_more(shelf):
    write_folder(shelf / "tiny")
    announce()
    dead = claim_preparation()
    silence()
    assert call_worker()
    living = claim_preparation()
    assert living.pk == dead.pk
    assert not record_progress(preparation=dead, step="Still here")
    record_ready(preparation=dead)
    assert preparation_of("tiny").state == "running"
    assert record_progress(preparation=living, step="Here")


def test_what_kills_its_process_again_and_again_fails_at_last(shelf, settings):
    write_folder(shelf / "tiny")
    announce()
    for _ in range(settings.PREPARATION_RUNS):
        assert claim_preparation() is not None
        silence()
    assert claim_preparation() is None
    preparation = preparation_of("tiny")
    assert (preparation.state, preparation.cause) == ("failed", "platform")
    assert "3 times" in preparation.reason


def silence():
    Preparation.objects.filter(state="running").update(
        heartbeat_at=timezone.now() - timedelta(minutes=5)
    )


def test_a_run_that_was_taken_over_ends_its_program(shelf):
    write_folder(shelf / "tiny", prepare=SLOW)
    announce()
    preparation = claim_preparation()
    Preparation.objects.update(token="of another process")
    began = time.monotonic()
    Preparer().run(preparation)
    assert time.monotonic() - began < 20
    assert preparation_of("tiny").state == "running"
    assert not programs_of(shelf)


def test_a_worker_that_stops_ends_the_program_and_the_next_one_takes_it_up(shelf):
    folder = write_folder(shelf / "tiny", prepare=SLOW)
    announce()
    preparer = Preparer()
    timer = threading.Timer(0.5, preparer.stop)
    timer.start()
    preparer.run(claim_preparation())
    assert preparation_of("tiny").state == "waiting"
    assert not programs_of(shelf)
    write_folder(folder)
    run_all()
    assert preparation_of("tiny").state == "ready"


def test_what_takes_too_long_is_ended(shelf, settings):
    settings.PREPARATION_SECONDS = 1
    write_folder(shelf / "tiny", prepare=SLOW)
    announce()
    run_all()
    assert preparation_of("tiny").cause == "script"
    assert not programs_of(shelf)


def programs_of(shelf: Path) -> list[str]:
    """The programs of this shelf that still run."""
    return [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and str(shelf) in " ".join(process.info["cmdline"] or [])
    ]


def test_its_program_gets_the_mirror_and_no_secret(shelf, settings, monkeypatch):
    settings.DATA_MIRROR = "/somewhere"
    monkeypatch.setenv("SECRET_KEY", "very secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/name")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    script = "import os, json, pathlib\npathlib.Path(__file__).with_name('seen.json').write_text(json.dumps(dict(os.environ)))\n"
    folder = write_folder(shelf / "tiny", prepare=script)
    announce()
    run_all()
    seen = (folder / "seen.json").read_text(encoding="utf-8")
    assert '"AGON_DATA_MIRROR": "/somewhere"' in seen
    assert '"AGON_PROGRESS": "json"' in seen
    assert "proxy:3128" in seen
    assert "secret" not in seen and "password" not in seen


def test_a_host_starts_again_what_failed_and_nothing_else(shelf):
    write_folder(shelf / "tiny", prepare=NO_NETWORK)
    announce()
    competition = Competition.objects.get(slug="tiny")
    with pytest.raises(PreparationRefused, match="waits for its turn"):
        request_preparation(competition=competition)
    running = claim_preparation()
    with pytest.raises(PreparationRefused, match="already"):
        request_preparation(competition=competition)
    Preparer().run(running)
    request_preparation(competition=competition)
    assert preparation_of("tiny").state == "waiting"
    with pytest.raises(PreparationRefused, match="not made from a folder"):
        request_preparation(competition=factories.make_competition())


def test_a_folder_with_a_fault_is_told_and_keeps_no_other_from_appearing(shelf):
    write_folder(shelf / "good")
    write_folder(shelf / "bad", titel="Bad")
    write_folder(shelf / "twin", slug="good")
    told = {one.folder: one.problem for one in announce()}
    assert told["good"] == ""
    assert "titel" in told["bad"]
    assert "slug good is that of the folder good" in told["twin"]
    assert [competition.slug for competition in Competition.objects.all()] == ["good"]


def test_without_a_host_a_folder_waits_for_one(shelf, host):
    host.is_staff = False
    host.save()
    write_folder(shelf / "tiny")
    assert "needs a host" in announce()[0].problem
    host.is_staff = True
    host.save()
    assert announce(only_new=True)[0].problem == ""
    assert announce(only_new=True) == []


def test_a_competition_that_was_loaded_by_hand_is_prepared(shelf, host):
    folder = write_folder(shelf / "tiny", prepare=NO_NETWORK)
    announce()
    run_all()
    write_folder(folder)
    call_command("load_competition", str(folder), verbosity=0)
    preparation = preparation_of("tiny")
    assert (preparation.state, preparation.is_prepared, preparation.reason) == ("ready", True, "")
    announce(retry_failed=True)
    assert preparation_of("tiny").state == "ready"


def test_a_competition_from_before_there_were_preparations_keeps_its_data(shelf, host):
    folder = write_folder(shelf / "tiny")
    call_command("load_competition", str(folder), verbosity=0)
    Preparation.objects.all().delete()
    announce()
    competition = Competition.objects.get(slug="tiny")
    assert competition.is_prepared
    assert competition.preparation.state == "waiting"
    run_all()
    assert preparation_of("tiny").state == "ready"


def test_the_command_prepares_one_and_tells_of_all(shelf, capsys):
    write_folder(shelf / "first")
    write_folder(shelf / "other")
    write_folder(shelf / "worse", titel="Bad")
    call_command("prepare_competitions", now="first")
    told = capsys.readouterr().out
    assert "first: ready\n" in told
    assert "other: is being prepared\n" in told
    assert "worse: " in told and "titel" in told


@pytest.mark.slow
def test_the_real_folders_prepare_themselves_from_a_mirror(shelf, settings):
    if not MNIST_FILES.is_dir():
        pytest.skip(f"the mirror {MNIST_FILES.parent} is not there")
    settings.DATA_MIRROR = str(MNIST_FILES.parent)
    for path in COMPETITIONS.glob("*.py"):
        shutil.copy(path, shelf)
    for slug in ("digits", "mnist"):
        shutil.copytree(
            COMPETITIONS / slug, shelf / slug, ignore=shutil.ignore_patterns("prepared", ".*")
        )
    announce()
    run_all()
    states = {one.folder: (one.state, one.reason) for one in Preparation.objects.all()}
    assert states == {"digits": ("ready", ""), "mnist": ("ready", "")}
    assert os.environ.get("AGON_DATA_MIRROR") is None


def test_the_worker_finds_new_folders_by_itself_and_prepares_one_a_call(shelf, caplog):
    clock = tasks.Clock()
    write_folder(shelf / "a")
    clock.look()
    write_folder(shelf / "b")
    write_folder(shelf / "worse", titel="Bad")
    for _ in range(3):
        clock.look()
    assert caplog.text.count("worse is no competition") == 1
    tasks.prepare()
    assert (preparation_of("a").state, preparation_of("b").state) == ("ready", "waiting")
    tasks.prepare()
    tasks.prepare()
    assert preparation_of("b").state == "ready"


@dataclass(eq=False)
class Consumer:
    """What Celery says the signal comes from."""

    app: Celery


def test_only_the_worker_of_the_queue_keeps_its_clock(monkeypatch):
    started = []

    def start(periodic):
        started.append(periodic)

    monkeypatch.setattr(Periodic, "start", start)
    for queue in ("results", "preparation"):
        app = Celery(set_as_current=False)
        app.amqp.queues.select([queue])
        worker_ready.send(sender=Consumer(app))
    of_results = {submission_tasks.sweeper, hosting_tasks.watch, *notification_tasks.couriers}
    assert of_results <= set(started[:-1])
    assert started[-1] is tasks.clock
    assert len(set(started)) == len(started)


def test_a_database_that_is_away_for_a_moment_does_not_end_a_run(shelf, monkeypatch):
    write_folder(shelf / "tiny")
    announce()
    preparation = claim_preparation()

    def away(**_about):
        raise OperationalError("gone")

    monkeypatch.setattr(preparer_module, "record_progress", away)
    Preparer().run(preparation)
    assert preparation_of("tiny").state == "ready"


def test_a_refused_load_leaves_nothing_in_the_storage(shelf, settings, tmp_path):
    write_folder(shelf / "tiny")
    announce()
    settings.MAX_UPLOAD_BYTES = 1
    run_all()
    assert preparation_of("tiny").cause == "folder"
    stored = [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]
    assert stored == []
