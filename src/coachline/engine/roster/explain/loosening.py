"""By how much each rule of a roster can be loosened, in steps, and what a step takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from coachline.engine.roster.plan.request import Limits, Request


@dataclass(frozen=True)
class Loosening:
    """One way to loosen a rule.

    Attributes
    ----------
    unit : str
        Code of what a step is counted in, worded as ``roster_unit.<code>``.
    size : float
        Units of a step.
    effort : float
        Of a step, in the trouble that an hour more in the month is: how rules are compared, and no more than an opinion.
    most : int
        Steps.
    change : callable
        Gives the limits loosened by some steps.
    """

    unit: str
    size: float
    effort: float
    most: int
    change: Callable[[Limits, int], Limits]

    def apply(self, request: Request, steps: int) -> Request:
        """The request with the rule loosened for everybody."""
        return replace(request, limits=self.change(request.limits, steps))


LOOSENINGS: Mapping[str, Loosening] = MappingProxyType(
    {
        "rest_between_shifts": Loosening(
            "hours_less", 0.5, 2.0, 48, lambda limits, steps: replace(limits, rest_h=max(limits.rest_h - 0.5 * steps, 0.0))
        ),
        "after_night": Loosening(
            "hours_less", 1.0, 1.0, 48, lambda limits, steps: replace(limits, after_night_h=max(limits.after_night_h - steps, 0.0))
        ),
        "longest_nights": Loosening(
            "nights_in_row_more", 1.0, 4.0, 31, lambda limits, steps: replace(limits, longest_nights=limits.longest_nights + steps)
        ),
        "longest_run": Loosening("days_more", 1.0, 8.0, 31, lambda limits, steps: replace(limits, longest_run=limits.longest_run + steps)),
        "shortest_run": Loosening(
            "days_less", 1.0, 2.0, 31, lambda limits, steps: replace(limits, shortest_run=max(limits.shortest_run - steps, 1))
        ),
        "shortest_rest": Loosening(
            "days_less", 1.0, 4.0, 31, lambda limits, steps: replace(limits, shortest_rest=max(limits.shortest_rest - steps, 1))
        ),
        "month_hours": Loosening("hours_more", 1.0, 1.0, 200, lambda limits, steps: replace(limits, cap_h=limits.cap_h + steps)),
        "least_hours": Loosening(
            "hours_less", 1.0, 0.5, 744, lambda limits, steps: replace(limits, least_h=max(limits.least_h - steps, 0.0))
        ),
        "most_nights": Loosening(
            "nights_more", 1.0, 3.0, 31, lambda limits, steps: replace(limits, most_nights=limits.most_nights + steps)
        ),
        "weekends_off": Loosening(
            "weekends_more", 1.0, 4.0, 31, lambda limits, steps: replace(limits, most_weekends=limits.most_weekends + steps)
        ),
        "quarter_share": Loosening(
            "times_more", 0.25, 1.0, 64, lambda limits, steps: replace(limits, most_in_quarter=limits.most_in_quarter + 0.25 * steps)
        ),
        "strong_capped": Loosening(
            "times_more", 0.1, 1.0, 200, lambda limits, steps: replace(limits, most_busy=limits.most_busy + 0.1 * steps)
        ),
    }
)
"""Rules with a number. Leave, training and days that are fixed give way day by day; the others cannot."""

DAY_EFFORT: Mapping[str, float] = MappingProxyType({"leave": 16.0, "training_kept": 8.0, "fixed_days": 4.0})
"""Effort of each day that gives way."""
