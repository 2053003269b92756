"""As of which day a profile stands, and which facts count by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period

LATER_DAYS = 31
"""Inspections and exams follow the calls that they are about. What is dated later than this after the last call is planned or mistyped."""


@dataclass(frozen=True)
class Window:
    """The period of a profile and its last day.

    Attributes
    ----------
    period : Period
    day : int
        The last day with calls, or the end of the period if that comes first; in days since 1970. Ages and tenure are counted to it.
    """

    period: Period
    day: int

    @classmethod
    def of(cls, facts: Facts, period: Period) -> Window:
        """The window of `period`.

        Raises
        ------
        CoachlineError
            ``no_calls_in_period``.
        """
        ends = facts.days("calls", "arrived_at")
        if ends is None or (period.last is not None and period.last < ends[0]):
            period.require_calls(facts, 0)
        assert ends is not None
        return cls(period, clock.day_number(min(period.last or ends[1], ends[1])))

    @property
    def date(self) -> date:
        return date.fromordinal(clock.EPOCH.toordinal() + self.day)

    @property
    def latest(self) -> int:
        """The last day of which facts count."""
        return self.day + LATER_DAYS if self.period.last is None else clock.day_number(self.period.last)

    def counts(self, day: ir.IntegerValue) -> ir.BooleanValue:
        """Whether what happened on `day` counts; what has no day counts where no period is asked for."""
        first = self.period.first
        inside = day <= self.latest if first is None else day.between(clock.day_number(first), self.latest)
        return inside.fill_null(first is None and self.period.last is None)

    def age(self, day: str) -> pl.Expr:
        """Days from column `day` to the last day, 0 where it lies behind it."""
        return (self.day - pl.col(day)).clip(lower_bound=0)


def day_of(facts: Facts, table: str, column: str) -> ir.IntegerValue:
    """Column `column` of `table` as days since 1970 on the centre's wall clock."""
    return facts.wall_clock_s(table, column) // clock.DAY_S


def collected(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(expression))
    assert isinstance(frame, pl.DataFrame)
    return frame
