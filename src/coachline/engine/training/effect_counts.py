"""Cases and successes by person, business and week: all that effect files need of millions of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        return self.first_week + int(self.cases.shape[1]) - 1

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
        self.weeks = weeks
        found = set(frame["outcome"].unique())
        self.outcomes = tuple(outcome for outcome in EFFECT_OUTCOMES if outcome in found)
        self._of = {str(business): part for (business,), part in frame.partition_by("business", as_dict=True).items()}

    def about(self, business: str) -> OneBusiness:
        """What there is on `business` and on what lies below it."""
        parts = [part for each, part in sorted(self._of.items()) if below(each, business)]
        return OneBusiness(pl.concat([pl.DataFrame(schema=_SCHEMA), *parts]), self.weeks)


class OneBusiness:
    """The counts of those who have any case on a business: a few of all people, so that nothing grows with people times businesses.

    Parameters
    ----------
    frame : polars.DataFrame
    weeks : range
        As in `Counts`.

    Attributes
    ----------
    agents : list of str
        In order.
    place : dict of str to int
        Where each stands in it.
    """

    def __init__(self, frame: pl.DataFrame, weeks: range) -> None:
        self.weeks = weeks
        self.agents: list[str] = frame["agent_id"].unique().sort().to_list()
        self.place = {agent: k for k, agent in enumerate(self.agents)}
        self._frame = frame

    def panel(self, outcome: str) -> Panel:
        """One outcome, people x weeks."""
        rows = self._frame.filter(outcome=outcome)
        cell = np.array([self.place[agent] for agent in rows["agent_id"]], np.int64), rows["week"].to_numpy() - self.weeks.start
        cases, successes = np.zeros((2, len(self.agents), len(self.weeks)))
        np.add.at(cases, cell, rows["n"].to_numpy())
        np.add.at(successes, cell, rows["successes"].to_numpy())
        return Panel(cases, successes, self.weeks.start)


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
