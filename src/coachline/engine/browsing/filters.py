"""By what calls are looked for, and what that means in terms of their columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from coachline.engine import clock

_ERA = (date(1970, 1, 2), date(2200, 1, 1))
"""Days beyond it bound nothing: no call lies there."""

_EXACT = ("queue", "outcome", "channel", "call_id", "rating", "ticketed", "transferred", "resolved", "invited")
"""Filters that mean a value of the column of their name."""


@dataclass(frozen=True)
class CallFilters:
    """What a call must be to be listed; None asks for nothing.

    Attributes
    ----------
    since, until : date, optional
        Local days, both included.
    agents : collection of str, optional
        The agents whose calls the asker may see or wants to see. An empty one sees nothing.
    business : str, optional
        A path; what lies below it counts.
    queue, outcome, channel : str, optional
    direction : str, optional
        A call whose direction is not recorded counts as inbound, as in every figure.
    rating : int, optional
        Rated exactly so.
    rating_at_most : int, optional
        Rated, and no better than that.
    ticketed, transferred, resolved, invited : bool, optional
        Unknown is neither.
    repeat : bool, optional
        Whether the customer had called on the same business within the seven days before. Known of answered inbound calls whose customer and business
        are recorded.
    call_id : str, optional
        Exactly.
    """

    since: date | None = None
    until: date | None = None
    agents: Collection[str] | None = None
    business: str | None = None
    queue: str | None = None
    outcome: str | None = None
    channel: str | None = None
    direction: str | None = None
    rating: int | None = None
    rating_at_most: int | None = None
    ticketed: bool | None = None
    transferred: bool | None = None
    resolved: bool | None = None
    invited: bool | None = None
    repeat: bool | None = None
    call_id: str | None = None

    def instants(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The instants from which on and before which the calls lie."""
        first = clock.start_of(self.since, zone) if self.since and _ERA[0] <= self.since <= _ERA[1] else None
        last = clock.start_of(self.until + timedelta(1), zone) if self.until and _ERA[0] <= self.until <= _ERA[1] else None
        return first, last

    @property
    def impossible(self) -> bool:
        """Whether no call can be meant."""
        backwards = self.since is not None and self.until is not None and self.since > self.until
        beyond_era = (self.since is not None and self.since > _ERA[1]) or (self.until is not None and self.until < _ERA[0])
        return backwards or beyond_era or (self.agents is not None and not self.agents)

    def conditions(self, calls: ir.Table) -> Iterator[ir.BooleanValue]:
        """What `calls` must be, as far as one call alone tells: all but whether it is a repeat, if it may be one."""
        if self.agents is not None:
            yield calls.agent_id.isin(sorted(self.agents))
        if self.business is not None:
            path = self.business.rstrip("/")
            yield (calls.business == path) | calls.business.startswith(f"{path}/")
        for name in _EXACT:
            if getattr(self, name) is not None:
                yield calls[name] == getattr(self, name)
        if self.direction is not None:
            yield inbound(calls) if self.direction == "inbound" else calls.direction == self.direction
        if self.rating_at_most is not None:
            yield calls.rating <= self.rating_at_most
        if self.repeat is not None:
            yield _may_repeat(calls)


def inbound(calls: ir.Table) -> ir.BooleanValue:
    return calls.direction.isnull() | (calls.direction == "inbound")


def _may_repeat(calls: ir.Table) -> ir.BooleanValue:
    return ibis.and_(inbound(calls), calls.outcome == "answered", calls.customer_id.notnull(), calls.business.notnull())
