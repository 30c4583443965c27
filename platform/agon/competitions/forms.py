"""What people enter on the pages of competitions."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Status


class CatalogueForm(forms.Form):
    """Search and filters of the catalogue; every field may be left out."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search competitions")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("Any status")), *Status.choices], required=False
    )
    tag = forms.CharField(label=_("Topic"), max_length=40, required=False, widget=forms.Select)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        choices=[
            ("", _("Newest")),
            ("popular", _("Most participants")),
            ("ending", _("Ending soonest")),
            ("title", _("Title")),
        ],
        required=False,
    )

    def __init__(self, *args: object, tags: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        widget = self.fields["tag"].widget
        assert isinstance(widget, forms.Select)  # noqa: S101  # as declared above
        widget.choices = [("", _("Any topic")), *((tag, tag) for tag in tags)]


class MetricSearchForm(forms.Form):
    """Search in the catalogue of metrics."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search metrics")}),
    )


class AcceptRulesForm(forms.Form):
    """Accepting the rules as they were shown: the version travels with the form."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    agree = forms.BooleanField(
        label=_("I have read the rules and accept them"),
        error_messages={"required": _("Tick the box to accept the rules.")},
    )
