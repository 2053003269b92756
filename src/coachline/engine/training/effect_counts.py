"""Cases and successes by person, business and week: all that effect files need of millions of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir
import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls, recorded
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import STATISTICS, Basis, Settings
from coachline.engine.quality.inspected import inspected_calls, random_part
from coachline.engine.stats.effects.least_squares import Floats
from coachline.engine.training.designs.shares import Shares
from coachline.engine.training.effect_files import week_of

EFFECT_OUTCOMES = ("resolved", "satisfied", "repeat", "transferred", "passed")
"""Shares that have a better direction and mean the same for the trained and for others. Exams do not: those after a training are its own papers."""

_ALWAYS = Period()
_SCHEMA = pl.Schema(
    {"agent_id": pl.String(), "business": pl.String(), "week": pl.Int64(), "outcome": pl.String(), "n": pl.Int64(), "successes": pl.Int64()}
)


@dataclass(frozen=True)
class Panel:
    """One outcome on one business: people x weeks.

    Attributes
    ----------
    cases, successes : (people, weeks) numpy.ndarray
    first_week : int
        Of the first column.
    """

    cases: Floats
    successes: Floats
    first_week: int

    @property
    def last_week(self) -> int:
        """Of the last column."""
        return self.first_week + self.cases.shape[1] - 1

    def columns(self, weeks: range) -> slice:
        """Where `weeks` stand, as far as they lie in the data."""
        return slice(max(weeks.start - self.first_week, 0), max(weeks.stop - self.first_week, 0))

    def within(self, weeks: range) -> Shares:
        """Counts of everybody over `weeks`."""
        here = self.columns(weeks)
        return Shares(self.cases[:, here].sum(axis=1), self.successes[:, here].sum(axis=1))


class Counts:
    """The weekly counts of the businesses of all files.

    Parameters
    ----------
    frame : polars.DataFrame
        agent_id, business, week, outcome, n, successes.
    weeks : range
        In which there are calls at all: an outcome may stop before they do.
    """

    def __init__(self, frame: pl.DataFrame, weeks: range) -> None:
        self.agents: list[str] = frame["agent_id"].unique().sort().to_list()
        self.place = {agent: k for k, agent in enumerate(self.agents)}
        self.businesses: list[str] = frame["business"].unique().sort().to_list()
        self.first_week, self.last_week = weeks.start, weeks.stop - 1
        places = pl.DataFrame(
            {"agent_id": self.agents, "agent": range(len(self.agents))}, schema={"agent_id": pl.String(), "agent": pl.Int64()}
        )
        joined = frame.join(places, on="agent_id")
        self._parts = {(str(o), str(b)): part for (o, b), part in joined.partition_by("outcome", "business", as_dict=True).items()}

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Those of which there is any case."""
        found = {outcome for outcome, _ in self._parts}
        return tuple(outcome for outcome in EFFECT_OUTCOMES if outcome in found)

    def panel(self, business: str, outcome: str) -> Panel:
        """One outcome on `business` and what lies below it."""
        shape = len(self.agents), max(self.last_week - self.first_week + 1, 0)
        cases, successes = np.zeros(shape), np.zeros(shape)
        for each in self.businesses:
            part = self._parts.get((outcome, each)) if below(each, business) else None
            if part is not None:
                cell = part["agent"].to_numpy(), part["week"].to_numpy() - self.first_week
                np.add.at(cases, cell, part["n"].to_numpy())
                np.add.at(successes, cell, part["successes"].to_numpy())
        return Panel(cases, successes, self.first_week)


def below(business: str, above: str) -> bool:
    """Whether `business` is `above` or lies under it."""
    return business == above or business.startswith(f"{above}/")


def weekly_counts(facts: Facts, trained: Sequence[str], settings: Settings) -> Counts:
    """Count where the data lie.

    Parameters
    ----------
    facts : Facts
    trained : sequence of str
        Businesses of the files; only they, and those below them, are counted.
    settings : Settings
        ``satisfied_from`` and ``repeat_days`` are used.
    """
    calls = facts.table("calls")
    known = facts.collect(calls.filter(calls.business.notnull()).select("business").distinct())["business"].to_pylist()
    wanted = [each for each in known if any(below(each, business) for business in trained)]
    days = facts.days("calls", "arrived_at")
    if not wanted or days is None:
        return Counts(pl.DataFrame(schema=_SCHEMA), range(0))
    basis = Basis(settings, recorded(facts, _ALWAYS))
    parts = [*_of_calls(facts, wanted, basis)]
    if all(column in basis.recorded for column in OUTCOMES["repeat"].needs):
        followed = follow_up(
            facts, _ALWAYS, settings.repeat_days, ["agent_id", "business"], lambda rows: rows.filter(rows.business.isin(wanted))
        )
        followed = followed.filter(followed.followed, followed.agent_id.notnull())
        sums = {"n": followed.count(), "successes": followed.count(where=followed.repeated)}
        parts.append(_long(_weekly(facts, followed, followed.wall_s, sums), "repeat"))
    if facts.has("inspections"):
        parts.append(_passed(facts, wanted))
    weeks = range(*(week_of(clock.day_number(day)) + k for k, day in enumerate(days)))
    frame = pl.concat([pl.DataFrame(schema=_SCHEMA), *parts])
    # An inspection may be dated where no call is.
    return Counts(frame.filter(pl.col("n") > 0, pl.col("week").is_between(weeks.start, weeks.stop - 1)), weeks)


def _of_calls(facts: Facts, wanted: Sequence[str], basis: Basis) -> list[pl.DataFrame]:
    rows = enriched_calls(facts, _ALWAYS)
    rows = rows.filter(rows.answered, rows.agent_id.notnull(), rows.business.isin(wanted))
    pairs = {
        "resolved": ("resolved_known", "resolved"),
        "satisfied": ("rated", "satisfied"),
        "transferred": ("transferred_known", "transferred"),
    }
    pairs = {code: pair for code, pair in pairs.items() if all(column in basis.recorded for column in OUTCOMES[code].needs)}
    sums = {f"{code}_{k}": STATISTICS[name].over(rows, basis) for code, pair in pairs.items() for k, name in enumerate(pair)}
    if not sums:
        return []
    found = _weekly(facts, rows, rows.wall_s, sums)
    return [_long(found.with_columns(n=pl.col(f"{code}_0"), successes=pl.col(f"{code}_1")), code) for code in pairs]


def _passed(facts: Facts, wanted: Sequence[str]) -> pl.DataFrame:
    inspections = facts.table("inspections")
    scored = inspections.filter(inspections.passed.notnull(), random_part(inspections))
    found = inspected_calls(facts, scored, ["passed"])
    found = found.filter(found.moment.notnull(), found.agent_id.notnull(), found.business.isin(wanted))
    wall_s = clock.wall_clock_seconds(facts.epoch_us(found.moment), facts.offsets("calls", "arrived_at"))
    return _long(_weekly(facts, found, wall_s, {"n": found.count(), "successes": found.count(where=found.passed)}), "passed")


def _weekly(facts: Facts, rows: ir.Table, wall_s: ir.IntegerValue, sums: dict[str, ir.Value]) -> pl.DataFrame:
    week = (wall_s // clock.DAY_S + 3) // 7
    frame = pl.from_arrow(facts.collect(rows.group_by(["agent_id", "business", week.name("week")]).aggregate(**sums)))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _long(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    return frame.with_columns(outcome=pl.lit(code)).select(_SCHEMA.names()).cast(_SCHEMA)
