from django.contrib import admin
from django.http import HttpRequest

from agon.competitions.models import (
    Competition,
    DataFile,
    Page,
    Phase,
    RulesAcceptance,
    Solution,
)


class PhaseInline(admin.StackedInline[Phase, Competition]):
    """What decides scores comes from the competition's folder, where it is checked as a whole."""

    model = Phase
    extra = 0
    readonly_fields = ["layout", "metrics", "own_metrics", "kinds", "model", "capability"]

    def has_add_permission(self, request: HttpRequest, obj: Competition | None = None) -> bool:
        return False


class PageInline(admin.StackedInline[Page, Competition]):
    model = Page
    extra = 0


class DataFileInline(admin.TabularInline[DataFile, Competition]):
    model = DataFile
    extra = 0
    readonly_fields = ["sha256", "size"]


@admin.register(Competition)
class CompetitionAdmin(admin.ModelAdmin[Competition]):
    list_display = ["title", "slug", "visibility", "host", "starts_at", "ends_at"]
    list_filter = ["visibility"]
    search_fields = ["title", "slug"]
    autocomplete_fields = ["host", "cohosts"]
    inlines = [PhaseInline, PageInline, DataFileInline]


@admin.register(Solution)
class SolutionAdmin(admin.ModelAdmin[Solution]):
    """Versions and hashes only: nobody reads or swaps the hidden rows through these pages."""

    list_display = ["phase", "version", "size", "sha256", "created_at"]
    fields = ["phase", "version", "name", "size", "sha256", "created_at"]
    readonly_fields = ["phase", "version", "name", "size", "sha256", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Solution | None = None) -> bool:
        return False


@admin.register(RulesAcceptance)
class RulesAcceptanceAdmin(admin.ModelAdmin[RulesAcceptance]):
    list_display = ["competition", "user", "version", "accepted_at"]
    list_filter = ["competition"]
    fields = ["competition", "user", "version", "accepted_at"]
    readonly_fields = ["competition", "user", "version", "accepted_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: RulesAcceptance | None = None
    ) -> bool:
        return False
