"""What a notification says, in the reader's language.

Each kind has wordings, the most telling first. One fits if it is about what happened (`what`) and
all values that it names are there; the last of each kind names none, so one always fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from agon.common.reasons import reason_text
from agon.notifications.models import Kind, Notification

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say it.

    Attributes:
        title: One sentence.
        text: What there is to add, if anything.
        what: What happened, where a kind is about several things; empty: whatever did.
    """

    title: Text
    text: Text = ""
    what: str = ""

    def fits(self, values: Mapping[str, Any]) -> bool:
        happened = {values.get("what"), values.get("event")}
        if self.what and self.what not in happened and not values.get(self.what):
            return False
        named = PLACEHOLDER.findall(f"{self.title} {self.text}")
        return all(values.get(name) not in {None, "", 0} for name in named)


@dataclass(frozen=True, slots=True)
class Said:
    """A notification in words."""

    title: str
    text: str


def say(notification: Notification) -> Said:
    """In the language and the time zone that are active."""
    values = dict(notification.values)
    competition = notification.competition
    values["competition"] = competition.title if competition else values.get("competition", "")
    reasons = [reason_text(**problem) for problem in values.pop("problems", [])]
    if reasons:
        values |= {"reason": reasons[0], "reasons": " ".join(reasons)}
    fitting = next(w for w in WORDINGS[Kind(notification.kind)] if w.fits(values))
    shown = {name: _shown(value) for name, value in values.items()}
    return Said(title=str(fitting.title) % shown, text=str(fitting.text) % shown)


def _shown(value: Any) -> str:
    """A value as people read it: times in their zone."""
    if isinstance(value, str) and MOMENT.match(value):
        moment = parse_datetime(value)
        if moment is not None and timezone.is_aware(moment):
            return _moment(moment)
    return str(value)


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    pattern = pgettext("how a date and time are written", "j M Y, H:i")
    return f"{formats.date_format(local, pattern)} ({timezone.get_current_timezone_name()})"


# "Scored", "rejected" and the like name the submission by its number in the team.
WORDINGS: dict[Kind, list[Wording]] = {
    Kind.SCORED: [
        Wording(_("Submission #%(number)s was scored: %(score)s"), _("For the team %(team)s.")),
        Wording(_("Submission #%(number)s was scored: %(score)s")),
        Wording(_("Submission #%(number)s was scored")),
        Wording(_("A submission was scored")),
    ],
    Kind.REJECTED: [
        Wording(
            _("Submission #%(number)s was rejected"),
            _("Its page says what to change in the file. First of all: %(reason)s"),
        ),
        Wording(
            _("Submission #%(number)s was rejected"),
            _("Its page says what to change in the file."),
        ),
        Wording(_("A submission was rejected"), _("Its page says what to change in the file.")),
    ],
    Kind.FAILED: [
        Wording(
            _("Submission #%(number)s could not be scored"),
            _(
                "The fault lies in the competition, and its hosts were told. It uses up none of your submissions."
            ),
            what="host",
        ),
        Wording(
            _("Submission #%(number)s could not be scored"),
            _("The fault is ours. It uses up none of your submissions; submit it again."),
        ),
        Wording(
            _("A submission could not be scored"),
            _("It uses up none of your submissions; submit it again."),
        ),
    ],
    Kind.BROKEN: [
        Wording(
            _("%(competition)s cannot be scored"),
            _(
                "A submission failed because of the competition itself, so its sender was not charged for it. What to change: %(reasons)s"
            ),
        ),
        Wording(
            _("A competition that you host cannot be scored"),
            _("The submission's page says what to change."),
        ),
    ],
    Kind.TEAM_INVITATION: [
        Wording(_("%(person)s joins your team %(team)s"), what="accepted"),
        Wording(_("%(person)s does not join your team %(team)s"), what="declined"),
        Wording(
            _("%(person)s invites you to the team %(team)s"),
            _("Accept or decline on the team's page."),
        ),
        Wording(
            _("You are invited to the team %(team)s"), _("Accept or decline on the team's page.")
        ),
        Wording(_("You are invited to a team"), _("Accept or decline on the team's page.")),
    ],
    Kind.TEAM_CHANGED: [
        Wording(_("%(person)s has joined your team %(team)s"), what="joined"),
        Wording(_("%(person)s has left your team %(team)s"), what="left"),
        Wording(_("%(person)s has declined the invitation to %(team)s"), what="declined"),
        Wording(_("%(person)s is the captain of %(team)s now"), what="captain"),
        Wording(_("%(person)s was removed from your team %(team)s"), what="removed"),
        Wording(_("Your team %(old)s is called %(team)s now"), what="renamed"),
        Wording(
            _("The team %(team)s asks to merge with yours"),
            _("Your captain accepts or declines on the team's page."),
            what="merge_asked",
        ),
        Wording(_("The team %(team)s does not merge with yours"), what="merge_declined"),
        Wording(
            _("Your team has merged and is called %(team)s now"),
            _("Its submissions and its place belong to all of you."),
            what="merged",
        ),
        Wording(_("Your team %(team)s has changed"), _("See the team's page.")),
        Wording(_("Your team has changed"), _("See the team's page.")),
    ],
    Kind.MEMBERSHIP: [
        Wording(_("You can take part in %(competition)s now"), what="approved"),
        Wording(
            _("The hosts did not accept your request to join"),
            _("Their words: %(reason)s"),
            what="declined",
        ),
        Wording(_("The hosts did not accept your request to join"), what="declined"),
        Wording(_("You are invited to %(competition)s"), what="invited"),
        Wording(
            _("You take part in %(competition)s no longer"),
            _("The hosts have removed you. Their words: %(reason)s"),
            what="removed",
        ),
        Wording(
            _("You take part in %(competition)s no longer"),
            _("The hosts have removed you."),
            what="removed",
        ),
        Wording(
            _("You are banned from %(competition)s"),
            _("The words of the hosts: %(reason)s"),
            what="banned",
        ),
        Wording(_("You are banned from %(competition)s"), what="banned"),
        Wording(_("You can take part in %(competition)s again"), what="let_back"),
        Wording(_("You are a host of %(competition)s now"), what="cohost"),
        Wording(_("You are a judge of %(competition)s now"), what="judge"),
        Wording(_("%(competition)s belongs to you now"), what="owner"),
        Wording(_("Your role in %(competition)s has ended"), what="role_taken"),
        Wording(_("Your access to %(competition)s has changed")),
        Wording(_("Your access to a competition has changed")),
    ],
    Kind.JOIN_REQUEST: [
        Wording(
            _("%(person)s asks to join %(competition)s"), _("Accept or decline in the console.")
        ),
        Wording(_("Somebody asks to join a competition of yours")),
    ],
    Kind.ANNOUNCEMENT: [
        Wording("%(title)s", "%(text)s"),
        Wording("%(title)s"),
        Wording(_("The hosts have made an announcement"), "%(text)s"),
        Wording(_("The hosts have made an announcement")),
    ],
    Kind.DATES: [
        Wording(_("%(competition)s closes on %(after)s"), _("Before: %(before)s."), what="closes"),
        Wording(_("%(competition)s closes on %(after)s"), what="closes"),
        Wording(_("%(competition)s opens on %(after)s"), _("Before: %(before)s."), what="opens"),
        Wording(_("%(competition)s opens on %(after)s"), what="opens"),
        Wording(_("Enter %(competition)s until %(after)s"), _("Before: %(before)s."), what="entry"),
        Wording(_("Enter %(competition)s until %(after)s"), what="entry"),
        Wording(
            _("Teams of %(competition)s may change until %(after)s"),
            _("Before: %(before)s."),
            what="merge",
        ),
        Wording(_("Teams of %(competition)s may change until %(after)s"), what="merge"),
        Wording(_("Dates of %(competition)s were moved"), "%(text)s"),
        Wording(_("Dates of %(competition)s were moved"), _("See them on its overview.")),
        Wording(_("Dates were moved"), _("See them on the competition's overview.")),
    ],
    Kind.DEADLINE: [
        Wording(_("%(competition)s closes in 7 days"), _("On %(at)s."), what="7d"),
        Wording(
            _("%(competition)s closes in 24 hours"),
            _(
                "On %(at)s. Until then your team can choose its final submissions; without a choice its best public ones count."
            ),
            what="24h",
        ),
        Wording(_("%(competition)s closes soon"), _("On %(at)s.")),
        Wording(_("A competition of yours closes soon")),
    ],
    Kind.RESCORED: [
        Wording(
            _("Submissions to %(competition)s were scored anew"),
            _("The team %(team)s was on rank %(before)s and is on rank %(after)s now. %(reason)s"),
        ),
        Wording(
            _("Submissions to %(competition)s were scored anew"),
            _("The team %(team)s was on rank %(before)s and is on rank %(after)s now."),
        ),
        Wording(
            _("Submissions to %(competition)s were scored anew"),
            _("The words of the hosts: %(reason)s"),
        ),
        Wording(
            _("Submissions to %(competition)s were scored anew"),
            _("Look at your scores and at the leaderboard."),
        ),
        Wording(_("Submissions were scored anew"), _("Look at your scores.")),
    ],
    Kind.DISQUALIFICATION: [
        Wording(
            _("Submission #%(submission)s counts again"),
            _("The words of the hosts: %(reason)s"),
            what="restored",
        ),
        Wording(_("Submission #%(submission)s counts again"), what="restored"),
        Wording(
            _("The team %(team)s counts again"),
            _("The words of the hosts: %(reason)s"),
            what="restored",
        ),
        Wording(_("The team %(team)s counts again"), what="restored"),
        Wording(
            _("Submission #%(submission)s is disqualified"), _("The words of the hosts: %(reason)s")
        ),
        Wording(_("The team %(team)s is disqualified"), _("The words of the hosts: %(reason)s")),
        Wording(_("The team %(team)s is disqualified")),
        Wording(_("The hosts have decided about a disqualification")),
    ],
    Kind.INTEGRITY: [
        Wording(_("The team %(team)s has answered your question"), what="answered"),
        Wording(
            _("The hosts of %(competition)s have decided on their question to your team"),
            what="decided",
        ),
        Wording(
            _("The hosts of %(competition)s have a question to your team"),
            _("Read it and answer; you know best how your work came about."),
        ),
        Wording(_("The hosts have a question to your team")),
    ],
    Kind.RESULTS: [
        Wording(
            _("The results of %(competition)s are published"),
            _("The team %(team)s is on rank %(rank)s of %(teams)s."),
        ),
        Wording(_("The results of %(competition)s are published"), _("Your rank is %(rank)s.")),
        Wording(_("The results of %(competition)s are published")),
        Wording(_("Results are published")),
    ],
}
