"""What people choose about notifications."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.notifications.models import Kind, Timing


class FilterForm(forms.Form):
    """Which notifications the inbox shows; what does not make sense is left out."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("All")), ("unread", _("Unread"))],
    )
    kind = forms.ChoiceField(
        label=_("About"), required=False, choices=[("", _("Everything")), *Kind.choices]
    )


class ChoicesForm(forms.Form):
    """One choice for each kind of notification."""

    def __init__(self, *arguments: object, timings: dict[Kind, Timing], **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        for kind, timing in timings.items():
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=Timing.choices, initial=timing.value
            )

    def timings(self) -> dict[Kind, Timing]:
        return {Kind(name): Timing(chosen) for name, chosen in self.cleaned_data.items()}
