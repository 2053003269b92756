"""Cards about inspection: what is drawn, who judges how, what the audit found."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.urls import reverse

from coachline.stored import load_result
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.home.cards.card import Card, Line, Seen, seen
from coachline.web.org.models import Agent
from coachline.web.org.queries import perspective
from coachline.web.runs import queries

SHOWN = 5


def sample(user: Any) -> Card | None:
    """How many calls are drawn for the period, and for what."""
    found = seen(user, "quality.sample")
    if found is None:
        return None
    values, say, show = found.result.values, words(), figures()
    text = say(
        "web.home.sample",
        drawn=show.count(_n(values["drawn"])),
        agents=show.count(_n(values["agents"])),
        since=values["since"],
        until=values["until"],
    )
    parts = say("web.home.sample_parts", score=show.count(_n(values["drawn_score"])), coach=show.count(_n(values["drawn_coach"])))
    return _card("sample", [Line(text), Line(parts)], found)


def inspectors(user: Any) -> Card | None:
    """Whose judgement is milder or stricter than the others'."""
    found = seen(user, "quality.severity")
    if found is None:
        return None
    say, show = words(), figures()
    told = found.rows().filter(pl.col("verdict").is_in(["stricter", "milder"]))
    lines = [
        Line(
            say(
                "web.home.inspector",
                inspector=row["inspector_id"],
                points=show.signed(row["severity"]),
                low=show.signed(row["low"]),
                high=show.signed(row["high"]),
            ),
            look=True,
        )
        for row in told.head(SHOWN).to_dicts()
    ]
    return _card("inspectors", lines or [Line(say("web.home.inspectors_alike"))], found)


def audit(user: Any) -> Card | None:
    """The pass rate after the second inspection, beside the one that was reported."""
    found = seen(user, "quality.audit")
    if found is None:
        return None
    values, show = found.result.values, figures()
    text = words()(
        "web.home.audit",
        pass_rate=show.share(_n(values["pass_rate"])),
        corrected=show.share(_n(values["corrected_pass_rate"])),
        low=show.share(_n(values["low"])),
        high=show.share(_n(values["high"])),
    )
    return _card("audit", [Line(text)], found)


def silent_items(user: Any) -> Card | None:
    """Items that foretell nothing that customers notice."""
    found = seen(user, "quality.items")
    if found is None:
        return None
    say = words()
    silent = found.rows().filter(pl.col("verdict") == "predicts_nothing")["item"].to_list()
    lines = [Line(item, look=True) for item in silent[:SHOWN]] or [Line(say("web.home.no_silent_items"))]
    remedies = say("web.home.remedies", share=figures().share(_n(found.result.values["remedy_share"])))
    return _card("silent_items", [*lines, Line(remedies)], found)


def my_hearings(user: Any) -> Card:
    """Calls that are drawn for this inspector: their own work, whatever else of inspection they may see."""
    say = words()
    me = Agent.objects.filter(user=user).values_list("agent_id", flat=True).first()
    run = queries.latest("quality.sample", {}, perspective(user, "facts.browse").centre) if me and user.has_perm("facts.browse") else None
    if run is None or not run.folder.exists():
        return Card("my_hearings", [Line(say("web.home.no_hearings"))], reverse("facts:calls"), say("web.menu.calls"))
    drawn = load_result(run.folder).polars("sample")
    mine = drawn.filter((pl.col("inspector_id") == me) | (pl.col("second_inspector_id") == me))
    lines = [
        Line(f"{row['call_id']} {row['business'] or ''}", reverse("facts:call", args=[row["source"], row["call_id"]]))
        for row in mine.head(SHOWN).to_dicts()
    ]
    first = Line(say("web.home.hearings", count=mine.height))
    return Card("my_hearings", [first, *lines], reverse("facts:calls"), say("web.menu.calls"), run.finished_at)


def _n(value: Any) -> float | None:
    return None if value is None else float(value)


def _card(code: str, lines: list[Line], found: Seen) -> Card:
    return Card(code, lines, _result(found), words()("web.home.see_result"), found.run.finished_at)


def _result(found: Seen) -> str:
    return reverse("analyses:result", args=[found.run.name, found.run.pk])
