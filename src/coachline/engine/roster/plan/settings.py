"""What can be set about a roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from coachline.engine.parameters import Parameter
from coachline.engine.roster.plan.request import Limits
from coachline.engine.roster.plan.skills import Licences
from coachline.engine.roster.staffing.heads import Target

COUNTRY = Parameter("country", "text", "CN")
EVENTS = Parameter("events", "rules")
"""What the forecast minds, alike in all that plans."""

MOST_WEEKS = 6
LIMITS = Limits()
TARGET = Target(occupancy_cap=0.9)


@dataclass(frozen=True)
class RosterSettings:
    """The parameters of `plan` beside the limits, as given.

    Attributes
    ----------
    first_day : date, optional
        Where the roster begins; without it, the day after the last one with calls.
    weeks : int
        How long it is; a `last_day` goes before it.
    last_day : date, optional
    country : str
        Whose holidays the forecast minds.
    events : mapping of str to str, optional
        Dates of campaigns and the like, as in `roster.forecast`.
    post_level : int, optional
        Levels of a business's path that make a post.
    least_load : float
        Erlangs below which businesses share a post.
    pooled : bool
        Whether people take calls of other posts, too, when they are free.
    licences : str
    least_calls : int
        Calls that are evidence of a licence.
    pass_bar : float
        Share of right answers that passes an exam.
    half_life : str
        Of evidence for skill, see `capability.matrix`.
    shift_kinds : mapping of str to str, optional
        Kinds of shifts by name, see `named_kinds`; without it, those of the past.
    absence : float
        Share of rostered time that is lost unplanned.
    target : Target
        What callers are promised.
    training_plan : bool
        Whether the sessions that `training.plan` proposes for these weeks count as fixed.
    replan_from : date, optional
        Days before stay as rostered.
    absent : str, optional
        Who is away from `replan_from` (or the first day) on: ``80012`` for that day, ``80012:5`` for five days, several divided by commas.
    """

    first_day: date | None = None
    weeks: int = 4
    last_day: date | None = None
    country: str = "CN"
    events: Mapping[str, str] | None = None
    post_level: int | None = None
    least_load: float = 0.5
    pooled: bool = True
    licences: Licences = "auto"
    least_calls: int = 20
    pass_bar: float = 0.6
    half_life: str = "auto"
    shift_kinds: Mapping[str, str] | None = None
    absence: float = 0.05
    target: Target = field(default=TARGET)
    training_plan: bool = False
    replan_from: date | None = None
    absent: str | None = None


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "cap_h": (1, 744), "later_share": (0, 1), "least_h": (0, 744), "rest_h": (0, 48), "after_night_h": (0, 96), "longest_nights": (1, 31), "longest_run": (1, 31), "shortest_run": (1, 7),
    "shortest_rest": (1, 7), "most_nights": (0, 28), "most_weekends": (0, 4), "most_in_quarter": (0, 100), "most_busy": (0, 100),
    "least_stretch_h": (0, 12), "longest_stretch_h": (0.5, 24), "most_on_break": (0.01, 1), "least_heads": (0, 100), "must_price": (0, 1e6),
    "wish_price": (0, 1e6), "stability_price": (0, 1e6), "night_price": (0, 1e6), "weekend_price": (0, 1e6), "pair_price": (0, 1e6),
}  # fmt: skip


def _of_limit(name: str, default: float) -> Parameter:
    low, high = _BOUNDS[name]
    return Parameter(name, "integer" if isinstance(default, int) else "number", default, low=low, high=high)


ROSTER_PARAMETERS = (
    Parameter("first_day", "date"),
    Parameter("weeks", "integer", 4, low=1, high=MOST_WEEKS),
    Parameter("last_day", "date"),
    COUNTRY,
    EVENTS,
    Parameter("post_level", "integer", low=1, high=9),
    Parameter("least_load", "number", 0.5, low=0, high=1000),
    Parameter("pooled", "flag", True),
    Parameter("licences", "choice", "auto", choices=("auto", "tags", "exams", "evidence", "everybody")),
    Parameter("least_calls", "integer", 20, low=1, high=100_000),
    Parameter("pass_bar", "number", 0.6, low=0.01, high=0.99),
    Parameter("half_life", "text", "auto"),
    Parameter("shift_kinds", "rules"),
    Parameter("absence", "number", 0.05, low=0, high=0.8),
    Parameter("target_share", "number", TARGET.share, low=0.001, high=0.999),
    Parameter("answer_within", "number", TARGET.within_s, low=0, high=3600),
    Parameter("occupancy_cap", "number", TARGET.occupancy_cap, low=0.1, high=1),
    *(_of_limit(limit.name, getattr(LIMITS, limit.name)) for limit in fields(Limits)),
    Parameter("training_plan", "flag", False),
    Parameter("replan_from", "date"),
    Parameter("absent", "text"),
    Parameter("seconds", "number", 60.0, low=1, high=3600),
)

ROSTER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "calls": ("arrived_at", "agent_id", "business", "direction", "outcome", "wait_s", "talk_s", "hold_s", "wrap_s", "resolved", "rating"),
    "shifts": ("agent_id", "starts_at", "ends_at", "activity"),
    "agents": ("agent_id", "hired_on", "left_on", "tags", "team"),
    "businesses": ("business",),
    "exams": ("agent_id", "business", "exam_id", "correct", "taken_at"),
    "trainings": ("agent_id", "trainer_id", "method", "started_at"),
    "wishes": ("agent_id", "date", "wish", "strength"),
}
"""Columns that it reads, for the table of contents."""


def settings_of(given: Mapping[str, Any]) -> RosterSettings:
    """Parameters of a roster as settings; those that are not given are as usual."""
    own = {each.name for each in fields(RosterSettings)}
    target = {"share": "target_share", "within_s": "answer_within", "occupancy_cap": "occupancy_cap"}
    promised = {name: given[parameter] for name, parameter in target.items() if parameter in given}
    return RosterSettings(**{name: value for name, value in given.items() if name in own}, target=replace(TARGET, **promised))


def limits_of(given: Mapping[str, Any]) -> Limits:
    """The numbers of the rules among parameters."""
    known = {limit.name for limit in fields(Limits)}
    return replace(LIMITS, **{name: value for name, value in given.items() if name in known})
