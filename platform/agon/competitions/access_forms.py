"""What hosts fill in about who takes part, and what people fill in who want to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agon.competitions import roster
from agon.competitions.models import Competition, Joining, Visibility

MOST_QUESTIONS = 10
MOST_DOMAINS = 50
LONGEST_ANSWER = 2_000


class AccessForm(forms.Form):
    """Who sees it, and who may join."""

    visibility = forms.ChoiceField(
        label=_("Who sees it"),
        label_suffix="",
        choices=[
            (Visibility.PUBLIC, _("Everybody: it is in the catalogue")),
            (Visibility.UNLISTED, _("Whoever has its address: it is in no list")),
            (Visibility.PRIVATE, _("Only its members: for all others it does not exist")),
        ],
        widget=forms.RadioSelect,
    )
    joining = forms.ChoiceField(
        label=_("Who may join"),
        label_suffix="",
        choices=Joining.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Invitations, links and e-mail domains let people in whatever you choose here. A private competition has no other ways in."
        ),
    )
    questions = forms.CharField(
        label=_("Questions to those who ask"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line, ten at most. You see the answers before you decide."),
    )
    domains = forms.CharField(
        label=_("E-mail domains"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "example.edu"}),
        help_text=_(
            "One in each line. Who has a verified address there sees the competition and may join."
        ),
    )

    def clean_questions(self) -> tuple[str, ...]:
        lines = _lines(self.cleaned_data["questions"])
        if len(lines) > MOST_QUESTIONS:
            raise ValidationError(_("Ask ten questions at most."))
        if any(len(line) > 200 for line in lines):
            raise ValidationError(_("A question has at most 200 characters."))
        return lines

    def clean_domains(self) -> tuple[str, ...]:
        found = []
        for line in _lines(self.cleaned_data["domains"]):
            domain = line.lower().rpartition("@")[2].strip(". ")
            try:
                DomainNameValidator()(domain)
            except ValidationError as error:
                raise ValidationError(
                    _("“%(text)s” is not a domain; write one such as example.edu."),
                    params={"text": line[:100]},
                ) from error
            found.append(domain)
        if len(found) > MOST_DOMAINS:
            raise ValidationError(_("Name fifty domains at most."))
        return tuple(dict.fromkeys(found))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class LinkForm(forms.Form):
    """A new link."""

    note = forms.CharField(
        label=_("Note"),
        max_length=80,
        required=False,
        help_text=_("For you alone, such as “Lecture on Monday”."),
    )
    days = forms.ChoiceField(
        label=_("Works for"),
        choices=[
            ("1", _("one day")),
            ("7", _("a week")),
            ("30", _("a month")),
            ("0", _("as long as you do not revoke it")),
        ],
        initial="30",
    )
    max_uses = forms.IntegerField(
        label=_("How many people at most"),
        min_value=1,
        max_value=1_000_000,
        required=False,
    )
    needs_approval = forms.BooleanField(
        label=_("Each person asks, and a host decides"), required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        days = int(cleaned.pop("days", 0))
        cleaned["expires_at"] = timezone.now() + timedelta(days=days) if days else None
        return cleaned


class InviteForm(forms.Form):
    """People as lines, or as a table."""

    people = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("One in each row; a name and a student number may stand beside it."),
    )
    file = forms.FileField(
        label=_("Or a roster as CSV"),
        required=False,
        help_text=_(
            "With a column “email”, and “name” and “reference” if you like. You see what was read before anybody is invited."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size > roster.LARGEST_BYTES:
            self.add_error("file", _("A roster has at most one megabyte; divide it."))
            return cleaned
        text = roster.decode(file.read()) if file is not None else cleaned.get("people", "")
        if "\0" in text:
            self.add_error("file", _("This is no text. Save the table as CSV and try again."))
            return cleaned
        read = roster.read(text)
        for problem in read.problems[:20]:
            self.add_error("file" if file is not None else "people", problem)
        cleaned["read"] = read.people
        return cleaned


class PeopleFilterForm(forms.Form):
    """Search and filter of the list of people."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or user name")}),
    )
    state = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[
            ("", _("Everybody")),
            ("in", _("Participants")),
            ("let_in", _("Let in, not joined yet")),
            ("removed", _("Removed")),
            ("banned", _("Banned")),
        ],
    )


class InvitationFilterForm(forms.Form):
    """Search and filter of the list of invitations."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or address")}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Any state")),
            ("waiting", _("No answer yet")),
            ("accepted", _("Accepted")),
            ("lost", _("Letter could not be sent")),
            ("revoked", _("Revoked")),
        ],
    )


class ReasonForm(forms.Form):
    """Why; the person reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person reads it, and it stands in the log."),
    )


class QuestionsForm(forms.Form):
    """An answer to each of the host's questions."""

    def __init__(self, competition: Competition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = []
        for number, question in enumerate(competition.join_questions):
            name = f"answer_{number}"
            self.fields[name] = forms.CharField(
                label=question,
                max_length=LONGEST_ANSWER,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": _("Answer this question.")},
            )
            self._names.append(name)

    @property
    def answers(self) -> Sequence[str]:
        return [self.cleaned_data[name] for name in self._names]
