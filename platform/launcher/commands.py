"""The command line of each process of Agon, in one place.

`make serve`, the tests, the chaos run and docker-compose.yml all start the same processes with the
same arguments; `tests/test_compose.py` compares the file with what stands here.
"""

from __future__ import annotations

WEB = ("gunicorn", "--config", "python:agon.gunicorn", "agon.wsgi")

RESULTS = (
    "celery",
    "--app=agon.celery",
    "worker",
    "--queues=results",
    "--pool=threads",
    "--concurrency=2",
    "--hostname=results@%h",
    "--without-gossip",
    "--without-mingle",
    "--loglevel=INFO",
)

PREPARATION = (
    "celery",
    "--app=agon.celery",
    "worker",
    "--queues=preparation",
    "--pool=threads",
    "--concurrency=1",
    "--hostname=preparation@%h",
    "--without-gossip",
    "--without-mingle",
    "--loglevel=INFO",
)
"""Apart from the results worker: downloads must not hold up results."""


def scoring(
    capability: str = "cpu", *, concurrency: int = 2, name: str | None = None
) -> tuple[str, ...]:
    """A scoring worker: prefork, so that a job that dies takes only its own child along.

    Two of a kind on one machine need a `name` each.
    """
    return (
        "celery",
        "--app=scoring.celery",
        "worker",
        f"--queues=scoring.{capability}",
        f"--concurrency={concurrency}",
        f"--hostname={name or f'scoring.{capability}'}@%h",
        "--without-gossip",
        "--without-mingle",
        "--loglevel=INFO",
    )


def manage(command: str, *arguments: str) -> tuple[str, ...]:
    return ("python", "manage.py", command, *arguments)


MIGRATE = manage("migrate", "--noinput")
COLLECT_STATIC = manage("collectstatic", "--noinput", "--clear", "--verbosity=0")
CREATE_DEMO = manage("create_demo")


def prepare_competitions(now: str) -> tuple[str, ...]:
    """Makes competitions of all folders, and prepares one of them before it ends."""
    return manage("prepare_competitions", "--now", now)


HEALTH_OF_WEB = ("python", "-m", "launcher.health")


def health_of_worker(name: str) -> tuple[str, ...]:
    return ("python", "-m", "launcher.worker_health", name)


def broker(password: str) -> tuple[str, ...]:
    """The broker of a container; `launcher.broker` writes the same settings to a file."""
    return (
        "valkey-server",
        *("--appendonly", "yes"),
        *("--maxmemory-policy", "noeviction"),
        *("--requirepass", password),
    )
