"""How large a simulated centre is."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import date, timedelta

from coachline.errors import CoachlineError

LARGEST_SEED = 2**63 - 1

LIMITS: dict[str, tuple[int, int]] = {"agents": (1, 20_000), "businesses": (1, 1_000), "days": (1, 1_100), "calls": (1, 50_000_000)}
"""Smallest and largest value of each count."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2090, 12, 31)
"""Days that can be simulated: those since which China has had one zone and no summer time."""

MONTH_DAYS = 28
"""Days of a round of training and of the window in which people are judged for it."""


@dataclass(frozen=True)
class CentreSize:
    """Counts of a simulated centre.

    Parameters
    ----------
    agents : int
        People who take calls, 1 … 20,000. With few calls for their number they have other duties most of the day, with very
        many calls are lost; ``docs/methods/simulate`` has measured examples.
    businesses : int
        Finest business types, 1 … 1,000.
    days : int
        Calendar days, 1 … 1,100.
    calls : int
        Contacts of all kinds, exactly, 1 … 50,000,000.
    start : date
        First day.

    Raises
    ------
    CoachlineError
        ``bad_centre_size`` or ``bad_centre_start``.
    """

    agents: int = 120
    businesses: int = 40
    days: int = 120
    calls: int = 100_000
    start: date = date(2026, 3, 1)

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            if field.name not in LIMITS:
                continue
            low, high = LIMITS[field.name]
            if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
                raise CoachlineError("bad_centre_size", name=field.name, given=given, low=f"{low:,}", high=f"{high:,}")
        if not FIRST_DAY <= self.start <= LAST_DAY:
            raise CoachlineError("bad_centre_start", given=self.start, first=FIRST_DAY, last=LAST_DAY)

    def day(self, number: int) -> date:
        """The date of day `number`, counted from 0."""
        return self.start + timedelta(days=number)

    @property
    def families(self) -> int:
        """Business families (first level of the tree): some ten businesses each in a large centre."""
        return max(1, min(20, round(1.4 * math.sqrt(self.businesses)), self.businesses))

    @property
    def queues(self) -> int:
        """Skill groups: about twenty agents each, at most twelve."""
        return max(1, min(12, self.families, self.agents // 20))

    @property
    def teams(self) -> int:
        """Teams of about twenty."""
        return max(1, round(self.agents / 20))

    @property
    def night(self) -> bool:
        """Whether the centre has people enough to answer at night."""
        return self.agents >= 24
