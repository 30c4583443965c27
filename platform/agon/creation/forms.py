"""The steps of the wizard: what each asks, and what it makes of the answers."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition, Joining, Visibility
from agon.competitions.settings_forms import MomentField
from agon.creation.describing import guessed_metric
from agon.creation.folders import PAGES, suggested_text
from agon.creation.models import Draft, DraftFile
from agon.creation.services.drafts import free_slug, is_free
from scoring.metrics.descriptions import FAMILY_TITLES, METRICS, Answer, Family

OWN = "own"
SIMPLE = {Answer.LABEL, Answer.NUMBER, Answer.SCORE, Answer.TEXT, Answer.SEQUENCE}
"""What one column can answer; the others need a column a class, and so a folder."""


class StepForm(forms.Form):
    """One step. Whatever is typed is kept; what is wrong with it stands beside the fields."""

    step = ""

    def __init__(self, data: Any = None, *, draft: Draft) -> None:
        self.draft = draft
        super().__init__(data, initial=self.filled(draft.step(self.step)))

    def filled(self, answers: dict[str, Any]) -> dict[str, Any]:
        """The fields' values for what was answered before."""
        return answers

    @property
    def answers(self) -> dict[str, Any]:
        """What is kept: the cleaned values, and as they were typed where they are wrong."""
        found: dict[str, Any] = {}
        for name in self.fields:
            if name in self.cleaned_data:
                found[name] = self.cleaned_data[name]
            else:
                found[name] = self.data.get(name, "")
        return found


class BasicsForm(StepForm):
    """What it is called, and what its pages say."""

    step = "basics"

    title = forms.CharField(
        label=_("Title"), max_length=120, error_messages={"required": _("Give it a title.")}
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("Made from the title where you leave it empty. It cannot change later."),
        validators=[
            RegexValidator(
                r"^[a-z0-9]+(-[a-z0-9]+)*$",
                _("Use small letters, digits and single hyphens, such as cats-and-dogs."),
            )
        ],
    )
    subtitle = forms.CharField(
        label=_("In one sentence"),
        max_length=240,
        required=False,
        help_text=_("What is predicted from what."),
    )
    tags = forms.CharField(
        label=_("Topics"),
        max_length=300,
        required=False,
        help_text=_("Separated by commas, such as: images, classification."),
    )

    def __init__(self, data: Any = None, *, draft: Draft) -> None:
        super().__init__(data, draft=draft)
        titles = {
            "overview": _("Overview"),
            "data": _("About the data"),
            "evaluation": _("How it is scored"),
            "rules": _("Rules"),
        }
        for name in PAGES:
            self.fields[f"page_{name}"] = forms.CharField(
                label=titles[name],
                required=False,
                max_length=50_000,
                widget=forms.Textarea(
                    attrs={"rows": 4, "placeholder": suggested_text(draft, name)}
                ),
                help_text=_(
                    "Markdown. Left empty, a short text stands here; you can edit it later."
                ),
            )

    def filled(self, answers: dict[str, Any]) -> dict[str, Any]:
        tags = answers.get("tags", [])
        return {**answers, "tags": ", ".join(tags) if isinstance(tags, list) else tags}

    def pages(self) -> list[forms.BoundField]:
        return [self[f"page_{name}"] for name in PAGES]

    def clean_title(self) -> str:
        return " ".join(str(self.cleaned_data["title"]).split())

    def clean_tags(self) -> list[str]:
        words = str(self.cleaned_data["tags"]).replace("，", ",").split(",")
        tags = list(dict.fromkeys(word.strip().lower() for word in words if word.strip()))
        if len(tags) > 10 or any(len(tag) > 40 for tag in tags):
            raise forms.ValidationError(gettext("Name at most 10 topics of at most 40 characters."))
        return tags

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "slug" not in data or "title" not in data:
            return data
        if not data["slug"]:
            data["slug"] = free_slug(data["title"])
        elif not is_free(data["slug"]):
            self.add_error(
                "slug",
                gettext("This address is not available. “%(slug)s” is.")
                % {"slug": free_slug(data["title"])},
            )
        return data


class DataForm(StepForm):
    """Which columns of the solution are what; suggested from the file."""

    step = "data"

    id_column = forms.ChoiceField(label=_("Column with the ids"))
    target = forms.ChoiceField(label=_("Column that is predicted"))
    usage_column = forms.ChoiceField(
        label=_("Column that says which rows are public"),
        required=False,
        help_text=_("Its values are Public, Private or Ignored."),
    )
    public_percent = forms.IntegerField(
        label=_("Public share in per cent"),
        min_value=1,
        max_value=99,
        required=False,
        help_text=_(
            "Scores on these rows are shown while the competition runs; the others decide. Rows are drawn for each class by itself, and stay the same."
        ),
    )

    def __init__(self, data: Any = None, *, draft: Draft) -> None:
        super().__init__(data, draft=draft)
        self.about = about_solution(draft)
        names = [column["name"] for column in self.about.get("columns", [])]
        choices = [(name, name) for name in names]
        for name in ("id_column", "target"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # as declared above
            field.choices = choices
        usage = self.fields["usage_column"]
        assert isinstance(usage, forms.ChoiceField)  # noqa: S101  # as declared above
        usage.choices = [("", _("None: draw them")), *choices]
        suggested = {
            "id_column": self.about.get("id_column"),
            "target": self.about.get("target"),
            "usage_column": self.about.get("usage_column"),
            "public_percent": 30,
        }
        known = {name for name in suggested if self.initial.get(name) in names}
        for name, value in suggested.items():
            if name not in known and not (name == "public_percent" and self.initial.get(name)):
                self.initial[name] = value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("id_column") and data.get("id_column") == data.get("target"):
            self.add_error(
                "target", gettext("The ids cannot be what is predicted. Choose another column.")
            )
        if data.get("usage_column") and data["usage_column"] in {
            data.get("id_column"),
            data.get("target"),
        }:
            self.add_error(
                "usage_column", gettext("This column is used for something else already.")
            )
        data["public_percent"] = data.get("public_percent") or 30
        return data

    @property
    def answers(self) -> dict[str, Any]:
        found = super().answers
        columns = {column["name"]: column for column in self.about.get("columns", [])}
        target = columns.get(found.get("target") or "", {})
        identity = columns.get(found.get("id_column") or "", {})
        return {
            **found,
            "id_type": "integer" if identity.get("type") == "integer" else "text",
            "target_type": target.get("type", "text"),
            "classes": target.get("classes", {}),
        }


def about_solution(draft: Draft) -> dict[str, Any]:
    """What a look at the solution has found; nothing without one."""
    file = draft.files.filter(role=DraftFile.Role.SOLUTION, completed_at__isnull=False).first()
    return dict(file.about) if file else {}


class MetricForm(StepForm):
    """By what submissions are ranked: one of the catalogue, or a Python file of the host's own."""

    step = "metric"

    name = forms.ChoiceField(label=_("Metric"))
    own_title = forms.CharField(
        label=_("What your metric is called"), max_length=60, required=False
    )
    own_lower = forms.BooleanField(label=_("A smaller number is better"), required=False)

    def __init__(self, data: Any = None, *, draft: Draft) -> None:
        super().__init__(data, draft=draft)
        self.suggested = guessed_metric(
            about_solution(draft), str(draft.step("data").get("target", ""))
        )
        self.initial.setdefault("name", self.suggested)
        field = self.fields["name"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # as declared above
        field.choices = metric_choices(self.suggested)

    def filled(self, answers: dict[str, Any]) -> dict[str, Any]:
        own = answers.get("own") or {}
        found = {key: value for key, value in answers.items() if key == "name"}
        if own:
            found |= {
                "name": OWN,
                "own_title": own.get("title", ""),
                "own_lower": not own.get("higher_is_better", True),
            }
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_file = self.draft.files.filter(
            role=DraftFile.Role.METRIC, completed_at__isnull=False
        ).exists()
        if data.get("name") == OWN and not has_file:
            self.add_error("name", gettext("Upload the Python file of your metric first, below."))
        return data

    @property
    def answers(self) -> dict[str, Any]:
        found = super().answers
        if found["name"] != OWN:
            return {"name": found["name"]}
        file = self.draft.files.filter(role=DraftFile.Role.METRIC).first()
        stem = file.name.removesuffix(".py") if file else "metric"
        name = re.sub(r"\W", "_", stem, flags=re.ASCII).lower()[:36] or "metric"
        if not re.match(r"[a-z_]", name) or name in METRICS:
            name = f"own_{name}"
        title = found["own_title"] or name.replace("_", " ").capitalize()
        return {
            "name": OWN,
            "own": {"name": name, "title": title, "higher_is_better": not found["own_lower"]},
        }


def metric_choices(suggested: str) -> list[tuple[Any, Any]]:
    """What one column can be scored by, what fits the values first."""
    groups: list[tuple[Any, Any]] = [
        (_("Suggested"), [(suggested, gettext(METRICS[suggested].title))])
    ]
    for family in Family:
        names = [
            (name, gettext(about.title))
            for name, about in METRICS.items()
            if about.family is family
            and about.answer in SIMPLE
            and name != suggested
            and not any(one.required for one in about.parameters.values())
        ]
        if names:
            groups.append((gettext(FAMILY_TITLES[family]), names))
    return [*groups, (_("Your own"), [(OWN, _("A Python file of your own"))])]


class LimitsForm(StepForm):
    """When, how often, and in how large teams."""

    step = "limits"

    starts = MomentField(_("Starts"))
    ends = MomentField(_("Ends"))
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
    team_size = forms.IntegerField(
        label=_("People in a team at most"),
        min_value=1,
        max_value=100,
        help_text=_("1: everybody competes alone."),
    )
    results = forms.ChoiceField(
        label=_("The private ranking"),
        label_suffix="",
        choices=[
            ("published", _("opens when I publish the results")),
            ("at_once", _("opens to everybody at the close")),
        ],
        widget=forms.RadioSelect,
    )
    late = forms.BooleanField(
        label=_("Take late submissions: scored after the close, and not ranked"), required=False
    )
    medals = forms.BooleanField(label=_("Give medals"), required=False)

    def filled(self, answers: dict[str, Any]) -> dict[str, Any]:
        found = {"per_day": 5, "team_size": 5, "results": "published", **answers}
        for name in ("starts", "ends"):
            if isinstance(found.get(name), str) and found[name]:
                found[name] = parse_datetime(found[name]) or found[name]
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and starts >= ends:
            self.add_error(
                "ends", gettext("It would end before it starts. Are the two dates swapped?")
            )
        return data

    @property
    def answers(self) -> dict[str, Any]:
        found = super().answers
        for name in ("starts", "ends"):
            if hasattr(found[name], "isoformat"):
                found[name] = found[name].isoformat()
        return found


class AccessForm(StepForm):
    """Who sees it, and who may join. Whom to invite comes after it is published."""

    step = "access"

    visibility = forms.ChoiceField(
        label=_("Who sees it"),
        label_suffix="",
        choices=[
            (Visibility.PRIVATE, _("Only its members: for all others it does not exist")),
            (Visibility.UNLISTED, _("Whoever has its address: it is in no list")),
            (Visibility.PUBLIC, _("Everybody: it is in the catalogue")),
        ],
        widget=forms.RadioSelect,
    )
    joining = forms.ChoiceField(
        label=_("Who may join"),
        label_suffix="",
        choices=Joining.choices,
        widget=forms.RadioSelect,
    )

    def filled(self, answers: dict[str, Any]) -> dict[str, Any]:
        default = Competition._meta.get_field("joining").default
        return {"visibility": Visibility.PRIVATE, "joining": default, **answers}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("visibility") == Visibility.PRIVATE:
            data["joining"] = Joining.INVITED  # nobody else sees it, so nobody else could
        return data


STEPS: dict[str, type[StepForm]] = {
    form.step: form for form in (BasicsForm, DataForm, MetricForm, LimitsForm, AccessForm)
}
