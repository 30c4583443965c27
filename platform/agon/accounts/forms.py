"""What people say about themselves."""

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.accounts.models import User


class ProfileForm(forms.ModelForm[User]):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        help_text=_("Times on this site are shown in this zone, with UTC beside them."),
    )

    class Meta:
        model = User
        fields = ["display_name", "about", "time_zone"]
