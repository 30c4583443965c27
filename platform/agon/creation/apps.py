from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreationConfig(AppConfig):
    name = "agon.creation"
    verbose_name = _("Creation of competitions")
