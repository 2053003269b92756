"""Cards about people: whom to talk to, what to practise, one's own day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import ibis
import polars as pl
from django.urls import reverse

from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.capability.queries.sources import MATRIX, source
from coachline.web.home.cards.card import Card, Line, Seen, seen
from coachline.web.org.models import Agent

SHOWN = 5
DAYS_AHEAD = 7


def weak_cells(user: Any) -> Card | None:
    """How many cells are below standard, and how many of these may be wrong."""
    found = seen(user, "capability.matrix")
    if found is None:
        return None
    say, show, weak = words(), figures(), found.rows("weak")
    if weak.is_empty():
        lines = [Line(say("web.home.no_weak_cells"))]
    else:
        wrong = float(weak["wrong_so_far"][-1]) * weak.height
        lines = [
            Line(
                say(
                    "web.home.weak_cells",
                    count=show.count(weak.height),
                    people=show.count(weak["agent_id"].n_unique()),
                    wrong=show.number(wrong, 0),
                )
            )
        ]
    return Card("weak_cells", lines, reverse("capability:weak"), say("web.menu.weak"), found.run.finished_at)


def needs_worth_most(user: Any) -> Card | None:
    """Businesses in which most is lost by what people do not know yet."""
    found = seen(user, "capability.matrix")
    if found is None:
        return None
    say, show = words(), figures()
    by = found.rows("weak").group_by("business").agg(pl.col("lost").sum(), people=pl.col("agent_id").n_unique())
    lines = [
        Line(
            say("web.home.need", business=row["business"], people=row["people"], lost=show.number(row["lost"], 0)),
            reverse("capability:business", args=[row["business"]]),
        )
        for row in by.sort("lost", "business", descending=[True, False]).head(SHOWN).to_dicts()
    ]
    return Card(
        "needs", lines or [Line(say("web.home.no_weak_cells"))], reverse("capability:weak"), say("web.menu.weak"), found.run.finished_at
    )


def team_talks(user: Any) -> Card | None:
    """Whom of the own team to talk to this week, and about what."""
    found = seen(user, "capability.matrix")
    if found is None:
        return None
    say = words()
    names = _names(found)
    by = found.rows("weak").group_by("agent_id").agg(pl.col("lost").sum(), pl.col("business").unique(maintain_order=True).head(2))
    lines = [
        Line(
            say(
                "web.home.talk",
                agent=names.get(row["agent_id"], row["agent_id"]),
                businesses=say("report.list_separator").join(row["business"]),
            ),
            reverse("capability:agent", args=[row["agent_id"]]),
        )
        for row in by.sort("lost", "agent_id", descending=[True, False]).head(SHOWN).to_dicts()
    ]
    return Card(
        "team_talks", lines or [Line(say("web.home.no_talks"))], reverse("capability:weak"), say("web.menu.weak"), found.run.finished_at
    )


def my_capability(user: Any) -> Card | None:
    """One's own strengths, then what is worth practising."""
    me = _me(user)
    found = seen(user, MATRIX) if me else None
    matrix = None if found is None else source(MATRIX, found.eyes)
    if found is None or matrix is None or me is None:
        return None
    say = words()
    # A few rows of very many: the rest of the table is not read.
    mine = pl.col("agent_id") == me
    strong = (
        matrix.rows("matrix").filter(mine & (pl.col("verdict") == "strong") & (pl.col("n") > 0)).select("business", "p_below").collect()
    )
    best = strong.sort("p_below").unique("business", maintain_order=True).head(3)["business"].to_list()
    weak = matrix.rows("weak").filter(mine).select("business").collect()
    practise = weak.unique(maintain_order=True).head(2)["business"].to_list()
    lines = [Line(say("web.home.my_strong", businesses=say("report.list_separator").join(best)))] if best else []
    lines += [Line(say("web.home.my_practice", businesses=say("report.list_separator").join(practise)))] if practise else []
    link = reverse("capability:agent", args=[me])
    return Card("my_capability", lines or [Line(say("web.home.my_nothing_yet"))], link, say("web.home.my_progress"), found.run.finished_at)


def my_shifts(user: Any) -> Card | None:
    """One's own roster from today on."""
    me = _me(user)
    if me is None:
        return Card("my_shifts", [Line(words()("web.home.not_linked"))])
    say, show = words(), figures()
    facts = centre().facts()
    shifts = facts.table("shifts")
    now = datetime.now(centre_settings().zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ahead = shifts.filter(
        shifts.agent_id == me, shifts.ends_at >= ibis.literal(now), shifts.starts_at < ibis.literal(now + timedelta(days=DAYS_AHEAD))
    )
    rows = facts.collect(ahead.order_by("starts_at").select("starts_at", "ends_at", "activity").limit(12)).to_pylist()
    zone = centre_settings().zone
    lines = [
        Line(
            say(
                "web.home.shift",
                when=show.instant(row["starts_at"]),
                until=f"{row['ends_at'].astimezone(zone):%H:%M}",
                activity=say(f"web.home.activity.{row['activity']}"),
            )
        )
        for row in rows
    ]
    return Card("my_shifts", lines or [Line(say("web.home.no_shifts"))])


def my_inspections(user: Any) -> Card | None:
    """What was heard of one's own calls lately: the advice before the score."""
    me = _me(user)
    if me is None:
        return None
    say, show = words(), figures()
    facts = centre().facts()
    sheets = facts.table("inspections")
    mine = sheets.filter(sheets.agent_id == me, sheets.purpose.isnull() | sheets.purpose.isin(["score", "coach"]))
    rows = facts.collect(mine.order_by(ibis.desc("inspected_at")).select("inspected_at", "score", "remedy").limit(SHOWN)).to_pylist()
    lines = [Line(_heard(row, say, show)) for row in rows]
    return Card("my_inspections", lines or [Line(say("web.home.no_inspections"))])


def _heard(row: Mapping[str, Any], say: Any, show: Any) -> str:
    day = show.day(row["inspected_at"].astimezone(centre_settings().zone).date())
    code = "web.home.heard_remedy" if row["remedy"] else "web.home.heard"
    return str(say(code, day=day, score=show.number(row["score"], 0), remedy=row["remedy"] or ""))


def _me(user: Any) -> str | None:
    found: str | None = Agent.objects.filter(user=user).values_list("agent_id", flat=True).first()
    return found


def _names(found: Seen) -> dict[str, str]:
    ids = found.rows("weak")["agent_id"].unique().to_list()
    return {agent.agent_id: str(agent) for agent in Agent.objects.filter(agent_id__in=ids)}
