from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from agon.accounts.models import User


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    list_display = ["username", "display_name", "email", "is_staff", "date_joined"]
    fieldsets = [
        *(UserAdmin.fieldsets or []),
        (_("Profile"), {"fields": ["display_name", "about", "time_zone"]}),
    ]
