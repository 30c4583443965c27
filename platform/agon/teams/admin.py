from django.contrib import admin

from agon.teams.models import Membership, Team


class MembershipInline(admin.TabularInline[Membership, Team]):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    list_display = ["name", "competition", "is_host_baseline", "disqualified_at"]
    list_filter = ["competition"]
    search_fields = ["name"]
    readonly_fields = ["is_host_baseline", "disqualified_at"]
    inlines = [MembershipInline]
