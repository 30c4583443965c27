from django.contrib import admin
from django.http import HttpRequest

from agon.submissions.models import Attempt, Score, Submission, Worker


class ReadOnly:
    """What the lifecycle writes is looked at here, never edited: the board depends on it."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AttemptInline(ReadOnly, admin.TabularInline[Attempt, Submission]):
    model = Attempt
    fields = [
        "number",
        "outcome",
        "stage",
        "worker",
        "rings",
        "created_at",
        "started_at",
        "ended_at",
    ]


class ScoreInline(ReadOnly, admin.TabularInline[Score, Submission]):
    model = Score
    fields = ["metric", "split", "value", "low", "high", "rows", "signature"]


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, admin.ModelAdmin[Submission]):
    list_display = [
        "id",
        "phase",
        "team",
        "kind",
        "state",
        "owner",
        "counted",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state", "kind", "owner", "phase__competition"]
    search_fields = ["team__name", "sha256"]
    list_select_related = ["phase__competition", "team"]
    show_full_result_count = False
    exclude = ["file"]
    inlines = [AttemptInline, ScoreInline]


@admin.register(Worker)
class WorkerAdmin(ReadOnly, admin.ModelAdmin[Worker]):
    list_display = ["name", "capability", "abilities", "first_seen_at", "last_seen_at"]
