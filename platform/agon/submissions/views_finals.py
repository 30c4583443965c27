"""The page on which a team chooses its final submissions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agon.accounts.http import user_of
from agon.competitions.queries import frame
from agon.submissions import finals, rules
from agon.submissions.errors import SubmissionRefused
from agon.submissions.services import choosing
from agon.teams.queries import team_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "submissions")
    refusal, picked = "", None
    if request.method == "POST":
        try:
            choosing.choose(
                user=user_of(request),
                phase=context["phase"],
                submission_ids=_numbers(request, "final"),
                seen=_numbers(request, "seen"),
            )
        except SubmissionRefused as refused:
            refusal = refused.message
            # A team-mate's choice is to be seen; anything else that was picked is still there to mend.
            picked = None if refused.code == "changed_meanwhile" else _numbers(request, "final")
        else:
            messages.success(request, _("The choice of your team is saved."))
            return redirect(_address(context))
    team = team_of(request.user.pk, context["competition"])
    choice = finals.choice_of(team, context["phase"]) if team else None
    if picked is None and choice is not None:
        picked = {submission.pk for submission in choice.submissions if submission.is_chosen}
    context |= {
        "team": team,
        "picked": picked,
        "choice": choice,
        "refusal": refusal,
        "private_visible": rules.can_see_private_scores(request.user, context["phase"]),
        "address": _address(context),
    }
    return render(request, "submissions/finals.html", context, status=422 if refusal else 200)


def _numbers(request: HttpRequest, name: str) -> set[int]:
    """What was picked; what is no number of a submission is left out."""
    given = request.POST.getlist(name)
    return {int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) < 19}


def _address(context: dict[str, Any]) -> str:
    address = reverse("submissions:finals", args=[context["competition"].slug])
    return f"{address}{context['phase_query']}"
