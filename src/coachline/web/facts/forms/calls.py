"""Which calls an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from coachline.web.facts.call_words import FLAGS
from coachline.web.facts.forms import number
from coachline.web.runs.days import Days
from coachline.web.runs.days import asked as days_asked


@dataclass(frozen=True)
class Asked:
    """Filters of the list of calls; empty ones do not narrow."""

    days: Days
    agent: str = ""
    team: int | None = None
    business: str = ""
    queue: str = ""
    outcome: str = ""
    rating: str = ""
    call_id: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    """Flag to ``yes`` or ``no``."""

    @property
    def any(self) -> bool:
        named = (self.agent, self.team, self.business, self.queue, self.outcome, self.rating, self.call_id)
        return any(named) or bool(self.flags) or self.days != Days()


def asked(given: QueryDict) -> Asked:
    """Read the address.

    Raises
    ------
    CoachlineError
        ``bad_parameter``, ``period_backwards``.
    """
    text = {name: given.get(name, "").strip() for name in ("agent", "business", "queue", "outcome", "rating", "call_id")}
    flags = {name: answer for name in FLAGS if (answer := given.get(name, "")) in ("yes", "no")}
    return Asked(days_asked(given), team=number(given, "team"), flags=flags, **text)
