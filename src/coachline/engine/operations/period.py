"""A run of local days, and the instants that bound it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.errors import CoachlineError


@dataclass(frozen=True)
class Period:
    """Local days from `first` to `last`, both included; None is an open end."""

    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, since: date | None, until: date | None) -> Period:
        """The period that a user asked for.

        Raises
        ------
        CoachlineError
            ``period_backwards``.
        """
        if since is not None and until is not None and since > until:
            raise CoachlineError("period_backwards", since=since, until=until)
        return cls(since, until)

    def widened(self, days: int) -> Period:
        """The period with `days` more on either side."""
        return Period(self.first and self.first - timedelta(days), self.last and self.last + timedelta(days))

    @property
    def days(self) -> range:
        """Day numbers of a closed period."""
        assert self.first is not None
        assert self.last is not None
        return range(clock.day_number(self.first), clock.day_number(self.last) + 1)

    def hull(self, other: Period) -> Period:
        """The shortest period that holds both; both must be closed."""
        days = [*self.days, *other.days]
        return Period(clock.EPOCH + timedelta(min(days)), clock.EPOCH + timedelta(max(days)))

    def rows(self, facts: Facts, table: ir.Table, column: str) -> ir.Table:
        """The rows of `table` whose instant `column` lies in this period; rows without an instant belong to none."""
        moment = table[column]
        rows = table.filter(moment.notnull())
        if self.first is not None:
            rows = rows.filter(moment >= clock.start_of(self.first, facts.zone))
        if self.last is not None:
            rows = rows.filter(moment < clock.start_of(self.last + timedelta(1), facts.zone))
        return rows

    def require_calls(self, facts: Facts, days: int) -> None:
        """Refuse a period without a call.

        Raises
        ------
        CoachlineError
            ``no_calls_in_period``, with the days that do have calls.
        """
        if days == 0:
            known = facts.days("calls", "arrived_at") or ("-", "-")
            raise CoachlineError(
                "no_calls_in_period", since=self.first or known[0], until=self.last or known[1], first=known[0], last=known[1]
            )
