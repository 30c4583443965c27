"""What hosts enter about a competition's dates, texts in short, cover and limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.base import File
from django.core.validators import RegexValidator
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition, Phase
from agon.competitions.services.dates import Dates, dates_of

MEBIBYTE = 1024**2
MOST_COVER_BYTES = 5 * MEBIBYTE
MOST_TAGS = 10
PICTURES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}


class MomentField(forms.DateTimeField):
    """A date and a time in the reader's zone, to the second: deadlines often end on :59."""

    def __init__(self, label: Any, help_text: Any = "") -> None:
        widget = forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
        )
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            widget=widget,
            error_messages={"invalid": _("Write a date and a time, such as 2026-11-30 23:59.")},
        )


class DatesForm(forms.Form):
    """All dates of a competition on one page, so that they can be moved together."""

    starts_at = MomentField(_("The competition starts"))
    ends_at = MomentField(_("The competition ends"))
    entry_deadline = MomentField(
        _("Enter until"),
        _("Empty: until the end. It holds for those who are invited too."),
    )
    merge_deadline = MomentField(
        _("Teams may change until"),
        _("Empty: until the end. Then teams neither grow nor merge."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        required=False,
        help_text=_("It stays in the log."),
    )
    confirmed = forms.BooleanField(label=_("That is what I want"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        competition: Competition,
        phases: Sequence[Phase],
        asks: bool = False,
    ) -> None:
        """`asks`: whether the box of confirmation is shown; only once it has come to that."""
        initial = dates_of(competition, list(phases))
        super().__init__(data, initial={_field(name): value for name, value in initial.items()})
        self.phases = phases
        if self.has_own_dates:
            for phase in phases:
                self.fields[f"{phase.pk}-opens_at"] = MomentField(_("Opens"))
                self.fields[f"{phase.pk}-closes_at"] = MomentField(_("Closes"))
        if not asks:
            self.fields["confirmed"].widget = forms.HiddenInput()

    @property
    def has_own_dates(self) -> bool:
        """One phase without dates of its own is the whole competition, and has nothing to set."""
        return len(self.phases) > 1 or any(
            phase.opens_at or phase.closes_at for phase in self.phases
        )

    def of_phases(self) -> list[tuple[Phase, forms.BoundField, forms.BoundField]]:
        if not self.has_own_dates:
            return []
        return [
            (phase, self[f"{phase.pk}-opens_at"], self[f"{phase.pk}-closes_at"])
            for phase in self.phases
        ]

    @property
    def dates(self) -> Dates:
        found: dict[str, datetime | None] = {
            name.replace("-", "."): value
            for name, value in self.cleaned_data.items()
            if name.endswith(("_at", "_deadline"))
        }
        return found

    def has_moved(self) -> bool:
        return bool(set(self.changed_data) - {"reason", "confirmed"})


def _field(name: str) -> str:
    """Names of fields become ids, in which a full stop would mean a class to a style sheet."""
    return name.replace(".", "-")


class SettingsForm(forms.Form):
    """What the catalogue and the head of each page show."""

    title = forms.CharField(label=_("Title"), max_length=120)
    subtitle = forms.CharField(
        label=_("Subtitle"),
        max_length=240,
        required=False,
        help_text=_("One sentence that says what is predicted from what."),
    )
    tags = forms.CharField(
        label=_("Topics"),
        max_length=300,
        required=False,
        help_text=_("Separated by commas, such as: images, classification."),
    )
    cover = forms.ImageField(
        label=_("Cover"),
        required=False,
        max_length=200,
        help_text=_("PNG, JPEG or WebP, at most 5 MB, about 4:3."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    removes_cover = forms.BooleanField(label=_("Take the cover away"), required=False)
    cover_alt = forms.CharField(
        label=_("What the cover shows"),
        max_length=240,
        required=False,
        help_text=_("For people who don't see it."),
    )
    licence_name = forms.CharField(label=_("Licence of the data"), max_length=120, required=False)
    licence_url = forms.URLField(
        label=_("Where the licence is written"),
        max_length=300,
        required=False,
        assume_scheme="https",
    )
    citation = forms.CharField(
        label=_("How to cite the data"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    team_size = forms.IntegerField(
        label=_("People in a team at most"),
        min_value=1,
        max_value=100,
        help_text=_(
            "1: everybody takes part alone. Teams that are larger already stay as they are."
        ),
    )
    gives_certificates = forms.BooleanField(
        label=_("Certificates"),
        required=False,
        help_text=_("Everybody on the final board can download a PDF with their rank."),
    )
    gives_medals = forms.BooleanField(
        label=_("Medals"),
        required=False,
        help_text=_("Gold, silver and bronze on the final board, by how many teams took part."),
    )

    def clean_title(self) -> str:
        title: str = " ".join(self.cleaned_data["title"].split())
        return title

    def clean_tags(self) -> list[str]:
        tags = [
            tag.strip().lower() for tag in self.cleaned_data["tags"].replace("，", ",").split(",")
        ]
        found = list(dict.fromkeys(tag for tag in tags if tag))
        if len(found) > MOST_TAGS:
            raise forms.ValidationError(
                gettext("Name at most %(count)d topics.") % {"count": MOST_TAGS}
            )
        for tag in found:
            if len(tag) > 40:
                raise forms.ValidationError(
                    gettext("“%(tag)s” is too long; a topic has at most 40 characters.")
                    % {"tag": tag}
                )
            RegexValidator(
                r"^[^\"\\<>&]+$", gettext("Topics have neither quotes nor the signs < > & \\.")
            )(tag)
        return found

    def clean_cover(self) -> File[bytes] | None:
        cover = self.cleaned_data["cover"]
        if not cover:
            return None
        if cover.size > MOST_COVER_BYTES:
            raise forms.ValidationError(
                gettext("The picture has %(size)s; choose one of at most 5 MB.")
                % {"size": filesizeformat(cover.size)}
            )
        ending = PICTURES.get(cover.image.format)
        if ending is None:
            raise forms.ValidationError(gettext("Choose a picture in PNG, JPEG or WebP."))
        return File(cover.file, name=f"cover{ending}")


class LimitsForm(forms.Form):
    """The limits of a phase, sizes in MB and memory in GB as people think of them."""

    per_day = forms.IntegerField(
        label=_("Submissions a day"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Per team and UTC day; empty for no limit."),
    )
    total = forms.IntegerField(
        label=_("Submissions in total"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Per team; empty for no limit."),
    )
    pending = forms.IntegerField(
        label=_("Submissions waiting at once"), min_value=1, max_value=1000
    )
    counts_rejected = forms.BooleanField(
        label=_("A rejected file uses up a submission"), required=False
    )
    final_count = forms.IntegerField(
        label=_("Final submissions of a team"),
        min_value=1,
        max_value=20,
        help_text=_(
            "Each team chooses up to so many; the best of them on the private rows decides its final rank."
        ),
    )
    results_at_once = forms.BooleanField(
        label=_("Show the private board at the close"),
        required=False,
        help_text=_("Otherwise it stays hidden until you publish the results."),
    )
    takes_late = forms.BooleanField(
        label=_("Take submissions after the close"),
        required=False,
        help_text=_("They are scored and marked as late, and never stand on the board."),
    )
    decimals = forms.IntegerField(label=_("Decimals shown"), min_value=0, max_value=12)
    file_bytes = forms.IntegerField(label=_("Largest file (MB)"), min_value=1)
    seconds = forms.IntegerField(label=_("Seconds of scoring"), min_value=1, max_value=86_400)
    model_file_bytes = forms.IntegerField(label=_("Largest model or program (MB)"), min_value=1)
    model_seconds = forms.IntegerField(
        label=_("Seconds of a model or program"), min_value=1, max_value=86_400
    )
    model_memory_bytes = forms.IntegerField(
        label=_("Memory of a model or program (MB)"), min_value=64, max_value=1024**2
    )

    SIZES = ("file_bytes", "model_file_bytes", "model_memory_bytes")

    def __init__(self, data: Any = None, *, phase: Phase) -> None:
        initial = {name: getattr(phase, name) for name in self.base_fields}
        for name in self.SIZES:
            initial[name] = -(-initial[name] // MEBIBYTE)
        super().__init__(data, initial=initial)
        self.phase = phase
        if phase.submissions.exists():
            self.fields["final_count"].disabled = True
            self.fields["final_count"].help_text = _("Fixed since the first submission.")
        if phase.has_closed:
            self.fields["results_at_once"].disabled = True
            self.fields["results_at_once"].help_text = _("Fixed since the close.")
        if not phase.runs_code:
            for name in ("model_file_bytes", "model_seconds", "model_memory_bytes"):
                del self.fields[name]
        largest = settings.MAX_UPLOAD_BYTES // MEBIBYTE
        for name in ("file_bytes", "model_file_bytes"):
            if name in self.fields:
                self.fields[name].help_text = gettext("This site takes at most %(count)d MB.") % {
                    "count": largest
                }

    @property
    def values(self) -> dict[str, Any]:
        """Sizes in bytes; one that was not touched stays as it is to the byte."""
        found = dict(self.cleaned_data)
        for name in self.SIZES:
            if name in found:
                untouched = name not in self.changed_data
                found[name] = getattr(self.phase, name) if untouched else found[name] * MEBIBYTE
        return found


def zone_name() -> str:
    """The zone that times on a form are in."""
    return timezone.get_current_timezone_name()
