"""When people get letters."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agon.notifications.models.notification import Kind


class Timing(models.TextChoices):
    """When a notification goes out by e-mail; it is in the inbox at once in any case."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    OFF = "off", _("Never")


class Preference(models.Model):
    """What one person wants of one kind; without a row, `rules.USUAL` holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_preferences"
    )
    kind = models.CharField(_("about"), max_length=20, choices=Kind)
    timing = models.CharField(_("e-mail"), max_length=10, choices=Timing)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()} · {self.get_timing_display()}"
