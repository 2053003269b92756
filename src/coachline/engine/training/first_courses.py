"""New hires: nothing is known of them yet, so they begin with what their queue asks most."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import polars as pl

from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.training.history import covering
from coachline.engine.training.listed import Listed
from coachline.engine.training.settings import NeedsSettings

FIRST_COURSES = pl.Schema(
    {
        "agent_id": pl.String(),
        "hired_on": pl.Date(),
        "order": pl.Int64(),
        "business": pl.String(),
        "share": pl.Float64(),
        "hours": pl.Float64(),
        "reason": pl.String(),
    }
)
"""``share``: of the calls of their queue."""

COURSES = 5
"""The first ones, in the order of the calls that they serve."""

EXPERIENCED_FROM = 100
"""Calls from which on somebody's own record says more than what newcomers need."""


def first_courses(facts: Facts, found: Listed, settings: NeedsSettings) -> pl.DataFrame:
    """The first courses of everybody hired within ``settings.new_days`` of the last day, or about to begin, with too few calls of their own.

    Their queue is that of their own calls, else that of most calls of their team, else the whole centre. Who holds a post whose holders take no calls
    gets no course, nor anybody a course that they had.

    Returns
    -------
    polars.DataFrame
        Schema `FIRST_COURSES`.
    """
    wanted = found.wanted
    day = wanted.window.date
    new = wanted.staff.listed.filter(
        pl.col("hired_on") > day - timedelta(settings.new_days),
        pl.col("hired_on") <= day + timedelta(settings.horizon),
        pl.col("left_on").is_null() | (pl.col("left_on") > day),
    )
    calls = dict(wanted.recent.cells.group_by("agent_id").agg(pl.col("calls").sum()).iter_rows())
    posts = {role for agent, role in wanted.staff.listed.select("agent_id", "role").iter_rows() if agent in calls}
    new = new.filter(
        pl.Series(
            [calls.get(agent, 0) < EXPERIENCED_FROM and role in posts for agent, role in new.select("agent_id", "role").iter_rows()],
            dtype=pl.Boolean,
        )
    )
    if new.is_empty():
        return pl.DataFrame(schema=FIRST_COURSES)
    queues = _queues(facts, found)
    team = dict(wanted.staff.listed.select("agent_id", "team").iter_rows())
    had = set(covering(found.history.trained, wanted.roll.businesses, "last_trained").select("agent_id", "business").iter_rows())
    rows = []
    for agent, hired_on in new.select("agent_id", "hired_on").sort("agent_id").iter_rows():
        mix, reason = queues.of(agent, team.get(agent))
        total = sum(mix.values())
        courses = sorted(
            ((count, business) for business, count in mix.items() if (agent, business) not in had), key=lambda c: (-c[0], c[1])
        )
        for order, (count, business) in enumerate(courses[:COURSES], 1):
            hours = found.minutes.get(business, 60.0 * found.history.hours["class"]) / 60.0
            rows.append((agent, hired_on, order, business, count / total, hours, reason))
    return pl.DataFrame(rows, schema=FIRST_COURSES, orient="row")


class _Mixes:
    """Calls by business of every queue, and the queue of every agent and team."""

    def __init__(self, calls: pl.DataFrame, team: dict[str, str | None]) -> None:
        self.of_agent: dict[str, Counter[str]] = {}
        self.of_team: dict[str, Counter[str]] = {}
        self.mix: dict[str, Counter[str]] = {}
        self.whole: Counter[str] = Counter()
        for agent, queue, business, count in calls.iter_rows():
            self.whole[business] += count
            if queue is None:
                continue
            self.mix.setdefault(queue, Counter())[business] += count
            self.of_agent.setdefault(agent, Counter())[queue] += count
            if (its_team := team.get(agent)) is not None:
                self.of_team.setdefault(its_team, Counter())[queue] += count

    def of(self, agent: str, team: str | None) -> tuple[Counter[str], str]:
        for known, key, reason in ((self.of_agent, agent, "own_queue"), (self.of_team, team, "team_queue")):
            if key is not None and key in known:
                queue = min(known[key], key=lambda q: (-known[key][q], q))
                return self.mix[queue], reason
        return self.whole, "whole_centre"


def _queues(facts: Facts, found: Listed) -> _Mixes:
    rows = enriched_calls(facts, found.wanted.window.period)
    rows = rows.filter(rows.answered, rows.agent_id.notnull(), rows.business.notnull())
    calls = collected(facts, rows.group_by(["agent_id", "queue", "business"]).aggregate(calls=rows.count())).sort(
        "agent_id", "queue", "business"
    )
    return _Mixes(calls, dict(found.wanted.staff.listed.select("agent_id", "team").iter_rows()))
