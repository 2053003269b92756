"""What can be set about a plan, beside what needs and groups take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from coachline.engine.parameters import Parameter
from coachline.engine.training.groups import GROUPS_COLUMNS
from coachline.engine.training.plan.request import Limits

DEFAULT_ROOMS: Mapping[str, float] = MappingProxyType({"1": 20, "2": 12})
"""Supposed where a centre does not say which rooms it has."""

AT_THE_DESK = frozenset({"coaching", "mentor"})
"""Methods that need no room."""

LIMITS = Limits()

PLAN_PARAMETERS = (
    Parameter("first_day", "date"),
    Parameter("weeks", "integer", 4, low=1, high=13),
    Parameter("session_h", "number", low=0.5, high=24),
    Parameter("rooms", "weights"),
    Parameter("trainers", "text"),
    Parameter("opens", "number", LIMITS.opens, low=0, high=24),
    Parameter("closes", "number", LIMITS.closes, low=0, high=24),
    Parameter("most_away", "number", LIMITS.most_away, low=0, high=1),
    Parameter("least_present", "number", 0.5, low=0, high=1),
    Parameter("repeats", "integer", 2, low=1, high=10),
    Parameter("rest_days", "number", LIMITS.cool_down_days, low=0, high=90),
    Parameter("cap_h", "number", LIMITS.hours_cap, low=1, high=744),
    Parameter("beyond_shift_h", "number", 0.0, low=0, high=4),
    Parameter("budget_h", "number", low=0, high=1e7),
    Parameter("budget_money", "number", low=0, high=1e10),
    Parameter("cost_per_hour", "number", LIMITS.cost_per_hour, low=0, high=1e6),
    Parameter("trainer_cost_per_hour", "number", LIMITS.trainer_cost_per_hour, low=0, high=1e6),
    Parameter("load_price", "number", LIMITS.load_price, low=0, high=100),
    Parameter("required", "choice", "usual", choices=("usual", "sessions", "places")),
    Parameter("seconds", "number", 60.0, low=1, high=3600),
)

PLAN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **GROUPS_COLUMNS,
    "calls": tuple(dict.fromkeys((*GROUPS_COLUMNS["calls"], "arrived_at", "direction", "outcome"))),
    "trainings": tuple(dict.fromkeys((*GROUPS_COLUMNS["trainings"], "trainer_id"))),
}
"""Columns that it reads, for the table of contents."""


@dataclass(frozen=True)
class PlanSettings:
    """The parameters of `plan`, as given."""

    first_day: date | None = None
    weeks: int = 4
    session_h: float | None = None
    rooms: Mapping[str, float] | None = None
    trainers: str | None = None
    least_present: float = 0.5
    repeats: int = 2
    limits: Limits = LIMITS
