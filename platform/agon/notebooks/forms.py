"""What people enter about notebooks."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.notebooks.models import Licence, Notebook
from agon.notebooks.rules import submissions_to_link
from agon.notebooks.services import About
from agon.submissions.models import Submission

MOST_SUBMISSIONS = 100


class _SubmissionChoice(forms.ModelChoiceField[Submission]):
    def label_from_instance(self, submission: Submission) -> str:
        note = f" · {submission.note}" if submission.note else ""
        return f"{submission.team} #{submission.number} · {submission.file_name}{note}"[:120]


class NotebookForm(forms.Form):
    """A notebook's file and what its author says of it; a change may leave the file as it is."""

    file = forms.FileField(
        label=_("Notebook"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".ipynb,application/x-ipynb+json"}),
        help_text=_("An .ipynb file with its outputs, at most 10 MB."),
        error_messages={
            "required": _("Choose a notebook to upload."),
            "empty": _("The file is empty. Choose another one."),
        },
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        error_messages={"required": _("Give the notebook a title.")},
    )
    model = forms.CharField(
        label=_("Model"),
        max_length=120,
        required=False,
        help_text=_("In a few words, such as “Random forest, 500 trees”."),
    )
    licence = forms.ChoiceField(
        label=_("Licence"),
        choices=Licence.choices,
        initial=Licence.APACHE.value,
        help_text=_("What others may do with your code."),
    )
    submission = _SubmissionChoice(
        label=_("The submission that it made"),
        queryset=Submission.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("Its score is shown beside the notebook."),
    )

    def __init__(
        self,
        *args: object,
        user: User,
        competition: Competition,
        notebook: Notebook | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = self.fields["submission"]
        assert isinstance(choices, forms.ModelChoiceField)  # noqa: S101  # as declared above
        keys = list(
            submissions_to_link(user, competition).values_list("pk", flat=True)[:MOST_SUBMISSIONS]
        )
        if notebook is not None:
            self.fields["file"].required = False
            self.fields["file"].label = _("New version")
            self.fields["file"].help_text = _("Leave it empty to keep the latest version.")
            keys += [notebook.submission_id] if notebook.submission_id else []
            self.initial = {
                **self.initial,
                "title": notebook.title,
                "model": notebook.model,
                "licence": notebook.licence,
                "submission": notebook.submission_id,
            }
        choices.queryset = (
            Submission.objects.filter(pk__in=keys).select_related("team").order_by("-created_at")
        )

    @property
    def about(self) -> About:
        """What was entered, once it is valid."""
        return About(
            title=self.cleaned_data["title"],
            licence=Licence(self.cleaned_data["licence"]),
            model=self.cleaned_data["model"],
            submission=self.cleaned_data["submission"],
        )


class HideForm(forms.Form):
    """Why a host hides a notebook."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The author reads it, so say what they can do."),
        error_messages={"required": _("Say why; the author reads it.")},
    )
