"""The month whose calls are to be inspected."""

from __future__ import annotations

from datetime import date, timedelta

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period


def inspection_period(facts: Facts, since: date | None, until: date | None) -> Period:
    """The closed period that was asked for; without any date, the last full month of the calls.

    A month is full if the calls reach its last day; where there is none, all days with calls.

    Raises
    ------
    CoachlineError
        ``period_backwards`` or ``no_calls_in_period``.
    """
    days = facts.days("calls", "arrived_at")
    asked = Period.of(since, until)
    if days is None:
        asked.require_calls(facts, 0)
        raise AssertionError("without calls a period is refused")
    if since is None and until is None:
        return last_full_month(*days)
    return Period(since or days[0], until or days[1])


def last_full_month(first: date, last: date) -> Period:
    """The last month that ends by `last`; all days from `first` to `last` where it ended before `first`.

    Examples
    --------
    >>> last_full_month(date(2026, 1, 5), date(2026, 3, 30)).first
    datetime.date(2026, 2, 1)
    """
    following = last + timedelta(1)
    end = following.replace(day=1) - timedelta(1)
    return Period(end.replace(day=1), end) if end >= first else Period(first, last)
