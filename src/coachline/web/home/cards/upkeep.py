"""Cards about the system itself: late feeds, failed work, accounts, duties, the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from coachline.engine.tables import TABLES
from coachline.report.terms import Terms
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import VERBS, gaps, overlaps
from coachline.web.base.centre_folder import centre
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.home.cards.card import Card, Line
from coachline.web.journal.models import Entry
from coachline.web.journal.queries import sentence
from coachline.web.org.models import Grant
from coachline.web.runs.models import Run
from coachline.web.runs.queries import visible_to

SHOWN = 5
LATE_AFTER = timedelta(days=1, hours=12)
"""Exports come daily; half a day of grace."""
LOOK_BACK = timedelta(days=7)


def feeds(user: Any) -> Card | None:
    """When each table was last loaded; daily ones that are late are set off."""
    say, show, terms = words(), figures(), Terms(words())
    lake = centre().lake
    lines: list[Line] = []
    for name in TABLES:
        history = lake.history(name)
        if not history:
            continue
        at = datetime.fromtimestamp(history[0].committed_at_ms / 1000, tz=UTC)
        late = name == "calls" and timezone.now() - at > LATE_AFTER
        lines.append(
            Line(say("web.home.feed_late" if late else "web.home.feed", table=terms.table(name), when=show.instant(at)), look=late)
        )
    return Card(
        "feeds", lines or [Line(say("web.home.nothing_loaded"), reverse("facts:upload"))], reverse("facts:upload"), say("web.menu.upload")
    )


def failed_runs(user: Any) -> Card | None:
    """Work of the last week that failed or was lost."""
    say, show = words(), figures()
    bad = visible_to(user).filter(state__in=(Run.State.FAILED, Run.State.LOST), asked_at__gte=timezone.now() - LOOK_BACK)
    lines = [
        Line(
            say(
                "web.home.failed_run",
                name=say(f"analysis.{run.name}.title") if run.kind == "analysis" else run.name,
                when=show.instant(run.asked_at),
            ),
            reverse("runs:detail", args=[run.pk]),
            look=True,
        )
        for run in bad[:SHOWN]
    ]
    return Card("failed_runs", lines or [Line(say("web.home.no_failed_runs"))], reverse("runs:list"), say("web.menu.runs"))


def without_second_factor(user: Any) -> Card | None:
    """Accounts that a stolen password opens."""
    say = words()
    safe = Authenticator.objects.filter(type=Authenticator.Type.TOTP).values("user_id")
    names = User.objects.filter(is_active=True).exclude(pk__in=safe).values_list("username", flat=True)
    count = names.count()
    if not count:
        return Card("second_factor", [Line(say("web.home.all_second_factor"))])
    some = say("report.list_separator").join(names[:SHOWN])
    return Card(
        "second_factor",
        [Line(say("web.home.without_second_factor", count=count, some=some), look=True)],
        reverse("org:users"),
        say("web.menu.users"),
    )


def duties(user: Any) -> Card | None:
    """Duties that nobody answers for, or more than one role."""
    say = words()
    held = set(Grant.objects.filter(user__is_active=True).values_list("role", flat=True))
    nobody = [code for code, verb in VERBS.items() if verb.duty and not held & set(verb.roles)]
    lines = [Line(say("web.home.duty_nobody", verb=say(f"verb.{code}")), look=True) for code in dict.fromkeys([*gaps(), *nobody])]
    lines += [Line(say("web.home.duty_several", verb=say(f"verb.{code}"))) for code in overlaps()]
    return Card("duties", lines[:SHOWN] or [Line(say("web.home.duties_fine"))], reverse("accounts:matrix"), say("web.menu.permissions"))


def journal_lately(user: Any) -> Card | None:
    """The last entries of the journal."""
    if not user.has_perm("journal.read"):
        return None
    say, show = words(), figures()
    lines = [
        Line(say("web.home.entry", when=show.instant(entry.at), who=entry.user_name, what=sentence(entry)))
        for entry in Entry.objects.all()[:SHOWN]
    ]
    return Card("journal_lately", lines or [Line(say("web.home.no_entries"))], reverse("journal:list"), say("web.menu.journal"))
