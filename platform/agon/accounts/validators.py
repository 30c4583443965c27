"""What a username may be; it is part of addresses such as /people/<username>/."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

username_validators = [
    RegexValidator(
        r"^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$",
        _("Use letters, digits, hyphens and underscores; begin and end with a letter or digit."),
    )
]

# A sentence of Django's that its own Chinese catalogue lacks; named here, it gets into ours.
PASSWORD_TOO_SHORT = ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
