"""Many tries of a crew against traffic, and what they say with which certainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from coachline.engine.roster.simulation.calls import Calls, Traffic
from coachline.engine.roster.simulation.crew import Crew

Floats = NDArray[np.float64]

OFFERED, ANSWERED, ANSWERED_WITHIN, ABANDONED, ABANDONED_WITHIN, WAIT_S, RESOLVED, BUSY_S = range(8)
"""Sums of a try, as in `playing`."""


@dataclass(frozen=True)
class Habits:
    """How calls are routed, and what callers do who were not helped.

    Attributes
    ----------
    within_s : float
        Threshold of the service level in seconds.
    own_post_only : bool
        Whether people take the calls of their post only.
    repeat_share : float
        Share of callers without a solution who call again.
    repeat_after_s : float
        After how many seconds on average (exponential).
    """

    within_s: float = 20.0
    own_post_only: bool = False
    repeat_share: float = 0.0
    repeat_after_s: float = 3600.0


@dataclass(frozen=True)
class Tries:
    """What came of it.

    Attributes
    ----------
    sums : (tries, slots, businesses, 8) float array
        Offered, answered, answered within, abandoned, abandoned within, seconds waited by those answered, resolved, seconds busy.
    present_s : (tries, slots, businesses) float array
        Seconds that people were at each post.
    """

    sums: Floats
    present_s: Floats

    def totals(self, over: Sequence[int] = (1, 2)) -> Floats:
        """(tries, ..., 8) sums over the axes `over` (1 slots, 2 businesses)."""
        return np.asarray(self.sums.sum(axis=tuple(over)))


Figure = Callable[[Floats, Floats], tuple[Floats, Floats]]

FIGURES: dict[str, Figure] = {
    "service_level_offered": lambda s, _: (s[..., ANSWERED_WITHIN] + s[..., ABANDONED_WITHIN], s[..., OFFERED]),
    "service_level_answered": lambda s, _: (s[..., ANSWERED_WITHIN], s[..., ANSWERED]),
    "service_level_strict": lambda s, _: (s[..., ANSWERED_WITHIN], s[..., OFFERED]),
    "service_level_patient": lambda s, _: (s[..., ANSWERED_WITHIN], s[..., OFFERED] - s[..., ABANDONED_WITHIN]),
    "answered": lambda s, _: (s[..., ANSWERED], s[..., OFFERED]),
    "abandoned": lambda s, _: (s[..., ABANDONED], s[..., OFFERED]),
    "wait_s": lambda s, _: (s[..., WAIT_S], s[..., ANSWERED]),
    "resolved": lambda s, _: (s[..., RESOLVED], s[..., ANSWERED]),
    "resolved_of_all": lambda s, _: (s[..., RESOLVED], s[..., OFFERED]),
    "occupancy": lambda s, present: (s[..., BUSY_S], present),
}
"""Quotients of sums: numerator and denominator of every try from its sums and the seconds that people were there."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; NaN where it has no denominator in any try, the interval also where there is but one try."""

    value: Floats
    low: Floats
    high: Floats


def estimate(figure: str, tries: Tries, *, over: Sequence[int] = (1, 2), confidence: float = 0.9, one_try: bool = False) -> Estimate:
    """A quotient over all tries, with its interval.

    Parameters
    ----------
    figure : str
        One of `FIGURES`.
    tries : Tries
    over : sequence of int
        Axes that are summed over: 1 slots, 2 businesses.
    confidence : float
    one_try : bool
        Whether the interval is for what a single try brings; else it is for the mean of endless tries (ratio of means), and narrower the more there are.
    """
    value, off = _residuals(figure, tries, over)
    return _kept_within(figure, _with_interval(value, off, confidence, one_try), 0.0)


def difference(
    figure: str, tries: Tries, base: Tries, *, over: Sequence[int] = (1, 2), confidence: float = 0.9, one_try: bool = False
) -> Estimate:
    """The same figure in `tries` less that in `base`, both played with the same calls: what chance did to both falls out of the interval."""
    (value, off), (value_base, off_base) = (_residuals(figure, each, over) for each in (tries, base))
    return _kept_within(figure, _with_interval(value - value_base, off - off_base, confidence, one_try), -1.0)


def _kept_within(figure: str, found: Estimate, low: float) -> Estimate:
    """Ends of an interval within what a share, or a wait, can be; `low` is the least share."""
    least, most = (low, 1.0) if figure != "wait_s" else (-np.inf if low < 0.0 else 0.0, np.inf)
    return Estimate(found.value, np.maximum(found.low, least), np.minimum(found.high, most))


def _residuals(figure: str, tries: Tries, over: Sequence[int]) -> tuple[Floats, Floats]:
    """Ratio of means, and how far every try pulls it off."""
    present = tries.present_s.sum(axis=tuple(over))
    top, bottom = FIGURES[figure](tries.totals(over), present)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = bottom.mean(axis=0)
        value = top.mean(axis=0) / mean
        off = (top - value * bottom) / mean
    return np.asarray(value), np.asarray(off)


def _with_interval(value: Floats, off: Floats, confidence: float, one_try: bool) -> Estimate:
    count = len(off)
    if count < 2:
        nothing = np.full(np.shape(value), np.nan)
        return Estimate(value, nothing, nothing)
    scale = np.sqrt(1.0 / count + (1.0 if one_try else 0.0))
    side = stdtrit(count - 1, 0.5 + confidence / 2.0) * off.std(axis=0, ddof=1) * scale
    return Estimate(value, value - side, value + side)


def tried(
    crew: Crew | Callable[[int], Crew],
    traffic: Traffic,
    habits: Habits,
    *,
    tries: int = 20,
    seed: int = 1,
    most: float = 1.0,
    share: float = 1.0,
) -> Tries:
    """Play `tries` times.

    Parameters
    ----------
    crew : Crew or callable
        A callable gives the crew of every try, for who falls ill and what is not known of people.
    traffic : Traffic
    habits : Habits
    tries, seed : int
    most, share : float
        Calls are drawn at `most` times their mean and the share `share` of them is played. Scenarios with more calls give all the same `most`, so that what one plays is
        part of what another does.

    Returns
    -------
    Tries
    """
    sums, present = [], []
    for number in range(tries):
        there = crew if isinstance(crew, Crew) else crew(number)
        sums.append(played(there, traffic.draw(seed, number, most=most).share(share), traffic, habits, seed + number))
        present.append(there.present_s(traffic.edges))
    return Tries(np.array(sums), np.array(present))


def played(crew: Crew, calls: Calls, traffic: Traffic, habits: Habits, seed: int) -> Floats:
    """One try: (slots, businesses, 8) sums."""
    # Numba takes a noticeable part of a second to import, and nothing else of the product wants it.
    from coachline.engine.roster.simulation.playing import play

    sigma = np.sqrt(np.log1p(traffic.handle_cv**2))
    found = play(
        calls.arrives_s, calls.business, calls.patience_s, calls.work, calls.fate, *crew.events, crew.skilled, crew.handle_s, crew.resolves,
        crew.urgency, float(habits.within_s), float(traffic.slot_s), len(traffic.calls), habits.own_post_only, float(habits.repeat_share),
        float(habits.repeat_after_s), traffic.patience_s, sigma, seed,
    )  # fmt: skip
    return np.asarray(found)
