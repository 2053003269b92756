"""The calls of a real bank: the published rivals come out as published, and the forecast is better than the best of them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from coachline.engine import clock
from coachline.engine.roster.forecast.scatter import quantile
from coachline.engine.roster.forecast.slots import work
from tests.engine.roster.forecast import bank

pytestmark = pytest.mark.skipif(not bank.FILE.exists(), reason="the bank's calls are not on this machine")

RIVALS = {1: (7.69, 8.40, 8.57), 4: (6.19, 6.89, 6.96), 8: (6.33, 7.04, 6.95)}
"""Published errors of the mean of so many same weekdays."""


@pytest.mark.parametrize("weeks", RIVALS)
def test_rivals_have_their_published_errors(weeks: int) -> None:
    days, calls = bank.read()
    said = [bank.plain(days, calls, origin, weeks) for origin in bank.ORIGINS]

    assert tuple(round(each, 2) for each in bank.wapes(calls, said)) == RIVALS[weeks]


def test_forecast_beats_them_and_its_intervals_hold() -> None:
    """One procedure, which sees nothing but the days before each origin: effects, weights and intervals are learnt from these."""
    days, calls = bank.read()
    said, inside = [], []
    for origin in bank.ORIGINS:
        known = bank.known_before(days, calls, origin)
        found = work(known, clock.EPOCH + timedelta(known.end), bank.REACH, country="none")
        mixed = bank.ahead(days, known, found.calls[0], origin)
        beyond = bank.ahead(days, known, np.repeat(found.beyond[0][:, None], 48, axis=1), origin)
        truth = calls[origin : origin + bank.HORIZONS[-1]]
        said.append(mixed)
        inside.append((quantile(0.05, mixed, beyond) <= truth) & (truth <= quantile(0.95, mixed, beyond)))

    day, week, two_weeks = bank.wapes(calls, said)
    assert day <= 5.85
    assert week <= 6.89
    assert two_weeks <= 6.96
    for horizon in bank.HORIZONS:
        assert 0.87 <= np.mean([each[:horizon].mean() for each in inside]) <= 0.93
