"""Everything known of the agents, gathered once: what the groups of a profile and the rules of its tags both read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from coachline.engine.capability.profile.people import People, people
from coachline.engine.capability.profile.records import Records, records
from coachline.engine.capability.profile.standing import CELL, Standing, standing
from coachline.engine.capability.profile.window import Window
from coachline.engine.capability.profile.work import Work, work
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.errors import CoachlineError

_PER_AGENT: dict[str, tuple[str, ...]] = {
    "people": ("listed", "tags", "licences"),
    "work": ("cells", "days"),
    "records": ("inspections", "trainings", "exams", "sittings", "mystery"),
    "standing": ("cells", "strong", "weak"),
}
"""The frames that hold rows of agents."""


@dataclass(frozen=True)
class Dossier:
    """The facts of a profile.

    Attributes
    ----------
    window : Window
    people, work, records, standing
    agents : polars.DataFrame
        agent_id of everybody who is listed or of whom there is a fact, in alphabetical order.
    businesses : tuple of str
        Every business that occurs in the facts or stands in the table of businesses.
    imported : frozenset of str
        Names of imported tags that anybody bears.
    recorded : frozenset of str
        What the centre records at all: tables, ``business`` and ``rating`` of calls, ``fatal`` of inspections and their ``places`` (the business of
        some is known).
    """

    window: Window
    people: People
    work: Work
    records: Records
    standing: Standing
    agents: pl.DataFrame
    businesses: tuple[str, ...]
    imported: frozenset[str]
    recorded: frozenset[str]

    @property
    def handled(self) -> pl.DataFrame:
        """Cells with an answered call and a known business."""
        return self.work.cells.filter(pl.col("business").is_not_null(), pl.col("calls") > 0)

    def of(self, agent: str) -> Dossier:
        """What concerns one agent; what the centre records stays as it is.

        Raises
        ------
        CoachlineError
            ``no_such_agent``.
        """
        if agent not in self.agents["agent_id"]:
            raise CoachlineError("no_such_agent", agent=agent, example=self.agents["agent_id"][0] if self.agents.height else "-")
        own = pl.col("agent_id") == agent
        parts: dict[str, Any] = {}
        for name, frames in _PER_AGENT.items():
            whole = getattr(self, name)
            parts[name] = replace(whole, **{frame: getattr(whole, frame).filter(own) for frame in frames})
        return replace(self, agents=self.agents.filter(own), **parts)


def gather(facts: Facts, period: Period, *, satisfied_from: int, weights: Mapping[str, float], given: Mapping[str, Any]) -> Dossier:
    """Read all facts of a period.

    Parameters
    ----------
    facts : Facts
    period : Period
    satisfied_from : int
    weights : mapping of str to float
    given : mapping
        Further parameters of `capability.matrix`.

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``.
    """
    window = Window.of(facts, period)
    done = work(facts, window, satisfied_from)
    listed = people(facts)
    found = records(facts, window)
    found = replace(found, mystery=_of_own_centre(found.mystery, listed.listed))
    handled = done.cells.filter(pl.col("business").is_not_null(), pl.col("calls") > 0)
    stands = standing(facts, handled.select(CELL), weights, {"satisfied_from": satisfied_from, **given})
    of_agents = (listed.listed, done.cells, found.inspections, found.trainings, found.exams, found.sittings)
    of_businesses = (done.cells, found.inspections, found.trainings, found.exams)
    recorded = set(found.recorded)
    recorded |= {"agents"} if listed.listed.height else set()
    recorded |= {"business"} if handled.height else set()
    recorded |= {"rating"} if done.cells["rated"].sum() else set()
    recorded |= {"fatal"} if found.inspections["fatal_known"].sum() else set()
    recorded |= {"places"} if found.inspections["business"].is_not_null().any() else set()
    return Dossier(
        window=window,
        people=listed,
        work=done,
        records=found,
        standing=stands,
        agents=pl.concat([frame.select("agent_id") for frame in of_agents]).unique().sort("agent_id"),
        businesses=tuple(sorted({*_names(of_businesses), *_listed_businesses(facts)})),
        imported=frozenset(listed.tags["name"]),
        recorded=frozenset(recorded),
    )


def _of_own_centre(mystery: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Mystery calls are ranked over many centres, and another centre's people may bear the same numbers."""
    own = mystery.join(listed.select("agent_id", own="centre"), on="agent_id", how="left")
    return own.filter((pl.col("centre") == pl.col("own")).fill_null(True)).drop("own")


def _names(frames: Iterable[pl.DataFrame]) -> set[str]:
    return {name for frame in frames for name in frame["business"].drop_nulls().unique()}


def _listed_businesses(facts: Facts) -> list[str]:
    if not facts.has("businesses"):
        return []
    table = facts.table("businesses")
    return [name for name in facts.collect(table.select("business").distinct())["business"].to_pylist() if name]
