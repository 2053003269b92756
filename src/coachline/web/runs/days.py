"""The days that a page is asked for: from the address, or one of the usual spans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from django.core.cache import cache
from django.http import QueryDict

from coachline.engine.analyses.analysis import SINCE, UNTIL
from coachline.errors import CoachlineError
from coachline.web.base.centre_folder import centre

DAY = timedelta(days=1)
NEWEST_KEPT_S = 24 * 3600
YEARS = range(1900, 9001)
"""The first and last days of the calendar have no moment in every zone, and no day before or after."""


@dataclass(frozen=True)
class Days:
    """First and last day; open where None."""

    since: date | None = None
    until: date | None = None

    @property
    def parameters(self) -> dict[str, str | None]:
        """As a run of the kind ``page`` has them."""
        return {end: None if day is None else day.isoformat() for end, day in (("since", self.since), ("until", self.until))}


def asked(given: QueryDict) -> Days:
    """What the address, or a form, asks for.

    Raises
    ------
    CoachlineError
        ``bad_parameter``, ``period_backwards``.
    """
    since, until = SINCE.read(given.get("since") or None), UNTIL.read(given.get("until") or None)
    for name, day in (("since", since), ("until", until)):
        if day and day.year not in YEARS:
            raise CoachlineError("bad_parameter", name=name, given=day.isoformat(), accepted="2026-03-01")
    if since and until and since > until:
        raise CoachlineError("period_backwards", since=since, until=until)
    return Days(since, until)


def _this_month(last: date) -> Days:
    return Days(last.replace(day=1), last)


def _last_month(last: date) -> Days:
    ended = last.replace(day=1) - DAY
    return Days(ended.replace(day=1), ended)


SPANS: Mapping[str, Callable[[date], Days]] = MappingProxyType(
    {
        "yesterday": lambda last: Days(last, last),
        "last_7_days": lambda last: Days(last - 6 * DAY, last),
        "this_month": _this_month,
        "last_month": _last_month,
    }
)
"""Usual spans from the last whole day on; ``web.base.<code>`` names them."""


def last_whole_day(today: date, newest: date | None) -> date:
    """Yesterday; where calls end earlier, the last day that has any, so that no usual span comes out empty."""
    yesterday = today - DAY
    return yesterday if newest is None else min(yesterday, newest)


def newest_day() -> date | None:
    """The last local day that has calls; asked of the lake once for every version of it."""
    opened = centre()
    calls = opened.lake.snapshot("calls")
    if calls is None:
        return None
    key = f"newest-day:{calls.version}:{opened.settings.zone.key}"
    found: date | None = cache.get(key)
    if found is None:
        days = opened.facts().days("calls", "arrived_at")
        found = None if days is None else days[1]
        cache.set(key, found, NEWEST_KEPT_S)
    return found
