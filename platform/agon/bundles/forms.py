"""What hosts enter to export, clone and bring in a competition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from agon.bundles.parts import Part
from agon.competitions.models import Competition
from scoring.fieldtypes import SLUG_PATTERN

ADDRESS = RegexValidator(
    SLUG_PATTERN, _("Write small letters, digits and single hyphens, such as digits-2027.")
)


class AddressField(forms.CharField):
    def __init__(self, *, required: bool, help_text: Any) -> None:
        super().__init__(
            label=_("Address"),
            required=required,
            max_length=60,
            validators=[ADDRESS],
            help_text=help_text,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )


class ExportForm(forms.Form):
    """What goes along besides pages, data, solution and settings."""

    parts = forms.MultipleChoiceField(
        label=_("What goes along"),
        label_suffix="",
        required=False,
        choices=[(part.value, part.label) for part in Part if part is not Part.SETTINGS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Teams need people, submissions need teams, and scores need submissions."),
    )


class CloneForm(forms.Form):
    """A copy with an address and dates of its own."""

    prefix = "clone"

    title = forms.CharField(label=_("Title"), max_length=120)
    slug = AddressField(
        required=True, help_text=_("What stands at the end of its address, such as digits-2027.")
    )
    starts_at = forms.DateTimeField(
        label=_("Starts"),
        required=False,
        help_text=_("All other dates move along. Empty: the copy has no dates."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )
    with_people = forms.BooleanField(
        label=_("Its people take part too"),
        required=False,
        help_text=_("Co-hosts, judges and participants. Teams and submissions stay behind."),
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if Competition.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("This address is not free; choose another."))
        return slug


class ImportForm(forms.Form):
    """A zip file, and where the competition shall be."""

    file = forms.FileField(
        label=_("Zip file"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=_(
            "A folder with a competition.yaml, what a site exported, or a bundle for Codabench, CodaLab "
            "or Hugging Face."
        ),
        error_messages={
            "required": _("Choose a zip file."),
            "empty": _("The file is empty. Choose another one."),
        },
    )
    slug = AddressField(required=False, help_text=_("Empty: the one that the file names."))
    update = forms.BooleanField(
        label=_("Bring a competition of mine up to date"),
        required=False,
        help_text=_(
            "If you host one at this address already, its texts and files become those of the folder."
        ),
    )
