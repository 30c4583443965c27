"""The platform itself; what these say costs the participant nothing."""

from __future__ import annotations

from scoring.sentences.marking import gettext_noop

PLATFORM: dict[str, str] = {
    "unknown_job": gettext_noop(
        "The job could not be understood by this worker. Update the worker to the site's version."
    ),
    "file_gone": gettext_noop(
        "The file “{name}” is no longer to be had from the storage (status {status})."
    ),
    "file_unfetched": gettext_noop(
        "The file “{name}” could not be fetched from the storage in time."
    ),
    "file_changed": gettext_noop(
        "The file “{name}” that came from the storage is not the one that was stored."
    ),
    "worker_lost": gettext_noop(
        "The worker that scored this submission stopped, several times in a row. It has not been counted; "
        "submit it again. If that happens again, tell the people who run this site."
    ),
    "sandbox_failed": gettext_noop(
        "The sandbox could not be started, which is our fault. The submission has not been counted; "
        "submit it again later."
    ),
    "worker_without_sandbox": gettext_noop(
        "This worker has no sandbox, so it does not run models, programs or hosts' own metrics. The "
        "submission has not been counted."
    ),
    "no_worker": gettext_noop(
        "No scoring worker was free within {minutes} minutes. The submission has not been counted; "
        "submit it again later."
    ),
    "no_sandbox": gettext_noop(
        "No worker with the sandbox that this submission needs was free within {minutes} minutes. It has "
        "not been counted; submit it again later."
    ),
    "platform_error": gettext_noop(
        "Something went wrong on our side (reference {reference}). Your file may be fine, "
        "and this did not use up a submission."
    ),
}
