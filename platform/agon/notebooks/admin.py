from django.contrib import admin

from agon.notebooks.models import Notebook


@admin.register(Notebook)
class NotebookAdmin(admin.ModelAdmin[Notebook]):
    list_display = ["title", "competition", "author", "is_official", "hidden_at", "updated_at"]
    list_filter = ["competition", "is_official"]
    search_fields = ["title", "slug"]
    raw_id_fields = ["author", "submission"]
    readonly_fields = ["origin", "created_at", "updated_at"]

    def has_add_permission(self, request: object) -> bool:
        """Only with a file, which is checked where notebooks are published."""
        return False
