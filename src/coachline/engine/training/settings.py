"""What a centre can set about needs and groups, with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from coachline.engine.capability.outcomes import OUTCOMES

WORTH: Mapping[str, float] = {"resolved": 1.0, "satisfied": 1.0, "repeat": 1.0, "passed": 1.0}
"""What a call that goes right in an outcome counts for."""

WORTH_OF = tuple(code for code, outcome in OUTCOMES.items() if outcome.kind == "share" and outcome.better != "none" and code != "correct")
"""Outcomes of calls that go right or not, so that a gap times calls is a number of calls."""


@dataclass(frozen=True)
class NeedsSettings:
    """How needs are found.

    Attributes
    ----------
    since, until : date, optional
        The period of the evidence.
    worth : mapping of str to float
        Of a call gained in each outcome; outcomes that are not named count for nothing.
    focus : mapping of str to float, optional
        The centre's focus: weight of a business and of all that lies under it; others weigh 1.
    wish_weight : float
        By how much more it counts if the person wishes to be trained in the business.
    horizon : int
        Days ahead over which calls are expected and gained.
    recent_days : int
        Days after which a past call counts half in what is expected.
    p_below : float
        Least probability of being below the standard with which a pair is listed.
    fdr : float
        Expected share of pairs on the list that are not below the standard.
    least_cases : int
        With fewer own cases somebody is looked at first.
    looks : int
        Most pairs that are proposed for a look.
    fresh_days : int
        Days for which an exam says something.
    pass_share : float
        Share of correct answers that passes.
    new_days : int
        Days since hiring for which somebody is new.
    margin, half_life, satisfied_from, repeat_days
        As in `capability.matrix`.
    """

    since: date | None = None
    until: date | None = None
    worth: Mapping[str, float] | None = None
    focus: Mapping[str, float] | None = None
    wish_weight: float = 1.2
    horizon: int = 30
    recent_days: int = 28
    p_below: float = 0.5
    fdr: float = 0.2
    least_cases: int = 5
    looks: int = 200
    fresh_days: int = 60
    pass_share: float = 0.8
    new_days: int = 90
    margin: float = 0.25
    half_life: str = "auto"
    satisfied_from: int = 4
    repeat_days: int = 7

    @property
    def worth_of(self) -> Mapping[str, float]:
        return WORTH if self.worth is None else self.worth


@dataclass(frozen=True)
class GroupSettings:
    """How groups are formed.

    Attributes
    ----------
    least_size, most_size : int
        People in a group.
    most_groups : int
    cooldown_days : int
        Days after a training in the business before the next one; as long a list of who is trained and who waits is kept to.
    hours_cap : float
        Most hours of training of one person within the horizon, those already had in as many days before counted.
    bundle_hours : float
        Longest session in which several businesses are taken together.
    mentor_load : int
        Most apprentices of one mentor, those of the last `horizon` days counted.
    least_overlap : float
        Least share of the apprentice's working time during which the mentor works, too.
    """

    least_size: int = 4
    most_size: int = 20
    most_groups: int = 40
    cooldown_days: int = 28
    hours_cap: float = 8.0
    bundle_hours: float = 4.0
    mentor_load: int = 2
    least_overlap: float = 0.2
