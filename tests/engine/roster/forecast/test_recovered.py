"""The truth that was put in comes out: levels, holidays, campaigns, shapes, sparse businesses, and how far all of it scatters."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from coachline.engine import clock
from coachline.engine.roster.forecast.models import MODELS
from coachline.engine.roster.forecast.scatter import quantile
from coachline.engine.roster.forecast.shown import backtest_table, days_table, effects_table
from coachline.engine.roster.forecast.slots import Worked, work
from tests.engine.roster.forecast.worlds import AFTER_HOLIDAY, CAMPAIGNS, DAY_SD, HOLIDAY, START, World, place, world

SEEDS = (1, 2)
DAYS = 42
FIRST = date(2026, 2, 9)
"""Spring Festival (the second one in the record), its worked weekends and a campaign lie ahead."""

EVENTS = {"促销": ",".join(CAMPAIGNS)}


@pytest.fixture(scope="module")
def forecasts() -> list[tuple[World, Worked]]:
    made = [world(seed) for seed in SEEDS]
    return [(each, work(each.history(place(FIRST)), FIRST, DAYS, events=EVENTS)) for each in made]


def ahead(each: World) -> tuple[np.ndarray, np.ndarray]:
    days = slice(place(FIRST), place(FIRST) + DAYS)
    return each.expected[:, days], each.came[:, days]


def kind(worked: Worked, name: str) -> np.ndarray:
    return (days_table(worked, FIRST, 0.9)["day_type"] == name).to_numpy()


def test_days_of_the_centre_come_near_their_truth(forecasts: list[tuple[World, Worked]]) -> None:
    errors = [np.abs(np.log(worked.calls.sum((0, 2)) / ahead(each)[0].sum((0, 2)))) for each, worked in forecasts]

    # The centre's level drifts, which nobody can know six weeks ahead.
    assert np.mean([error[:14] for error in errors]) < 0.05
    assert np.mean(errors) < 0.06
    # The holiday itself and the worked weekends, of which there are few to learn from.
    assert np.mean([error[kind(worked, "holiday")] for error, (_, worked) in zip(errors, forecasts, strict=True)]) < 0.08
    assert np.max([error[kind(worked, "worked_weekend")] for error, (_, worked) in zip(errors, forecasts, strict=True)]) < 0.15


def test_a_plain_average_would_be_far_off_on_those_days(forecasts: list[tuple[World, Worked]]) -> None:
    each, worked = forecasts[0]
    truth = ahead(each)[0].sum((0, 2))
    before = each.came[:, : place(FIRST)].sum((0, 2))
    plain = np.array([before[day - 28 : day : 7].mean() for day in place(FIRST) + np.arange(DAYS) % 7])

    holiday = kind(worked, "holiday")
    assert np.abs(np.log(plain / truth))[holiday].mean() > 0.4


def test_effects_are_found_as_they_were_put_in(forecasts: list[tuple[World, Worked]]) -> None:
    for _, worked in forecasts:
        effects = {(row["cause"], row["which"]): row for row in effects_table(worked).iter_rows(named=True)}

        after = effects["after_holiday", ""]
        assert after["factor_low"] - 0.03 < AFTER_HOLIDAY < after["factor_high"] + 0.03
        monday, sunday = effects["weekday", "mon"]["factor"], effects["weekday", "sun"]["factor"]
        assert monday / sunday == pytest.approx(2.0, rel=0.06)
        holiday = effects["holiday", "国庆节"]
        assert holiday["factor"] / effects["weekday", "wed"]["factor"] == pytest.approx(HOLIDAY, rel=0.12)
        assert effects["event", "促销"]["days_seen"] == 10


def test_a_campaign_raises_the_business_that_it_is_for(forecasts: list[tuple[World, Worked]]) -> None:
    during = place(date(2026, 3, 9)) - place(FIRST) + np.arange(5)
    for each, worked in forecasts:
        truth = ahead(each)[0][:, during].sum((1, 2))
        expected = worked.calls[:, during].sum((1, 2))

        assert expected[0] / truth[0] == pytest.approx(1.0, abs=0.12)
        assert expected[1:].sum() / truth[1:].sum() == pytest.approx(1.0, abs=0.12)


def test_a_campaign_of_last_year_is_remembered_business_by_business() -> None:
    """The last campaign ended nine months before; half-hours are read for six."""
    each = world(7)
    since = place(date(2025, 9, 1))
    each.came[:, since : since + 14] = np.random.default_rng(1).poisson(each.expected[:, since - 14 : since])
    worked = work(each.history(place(FIRST)), FIRST, DAYS, events=EVENTS | {"促销": f"{CAMPAIGNS[0]},{CAMPAIGNS[2]}"})
    during = place(date(2026, 3, 9)) - place(FIRST) + np.arange(5)
    truth, found = ahead(each)[0][:, during].sum((1, 2)), worked.calls[:, during].sum((1, 2))

    assert found[0] / truth[0] > 0.8
    assert found[1:].sum() / truth[1:].sum() == pytest.approx(1.0, abs=0.15)


def test_an_event_that_is_not_named_is_not_known() -> None:
    each = world(1)
    worked = work(each.history(place(FIRST)), FIRST, DAYS)
    during = place(date(2026, 3, 9)) - place(FIRST) + np.arange(5)

    assert worked.calls[0, during].sum() / ahead(each)[0][0, during].sum() < 0.8


def test_shapes_are_those_of_each_business(forecasts: list[tuple[World, Worked]]) -> None:
    for each, worked in forecasts:
        truth = ahead(each)[0].sum(axis=1)
        found = worked.calls.sum(axis=1)
        truth, found = truth / truth.sum(axis=1, keepdims=True), found / found.sum(axis=1, keepdims=True)
        distance = 0.5 * np.abs(truth - found).sum(axis=1)

        assert distance[:3].max() < 0.03
        assert distance.max() < 0.12
        assert (worked.calls[:, :, :14] == 0).all(), "closed before seven"


def test_sparse_businesses_keep_their_share(forecasts: list[tuple[World, Worked]]) -> None:
    ratio = np.array([worked.calls.sum((1, 2)) / ahead(each)[0].sum((1, 2)) for each, worked in forecasts])

    assert np.abs(np.log(ratio)).mean() < 0.12
    assert np.abs(np.log(ratio)).max() < 0.35


def test_intervals_hold_what_they_say(forecasts: list[tuple[World, Worked]]) -> None:
    inside, size, said = 0, 0, []
    for each, worked in forecasts:
        beyond = np.broadcast_to(worked.beyond[:, :, None], worked.calls.shape)
        came = ahead(each)[1]
        # Of tiny counts an interval always holds more than it says.
        clear = worked.calls >= 8
        low, high = quantile(0.05, worked.calls, beyond), quantile(0.95, worked.calls, beyond)
        inside += int(((low <= came) & (came <= high))[clear].sum())
        size += int(clear.sum())
        said.append(worked.scatter.covered)

    assert 0.87 < inside / size < 0.97
    assert np.mean(said) == pytest.approx(0.9, abs=0.02)


def test_days_scatter_as_they_were_made_to() -> None:
    each = world(5)
    first = date(2025, 11, 3)
    worked = work(each.history(place(first)), first, 14, events=EVENTS)

    sd = float(np.sqrt(worked.levels.fitted.variance[:5].mean() * worked.scatter.whole))
    assert DAY_SD * 0.7 < sd < DAY_SD * 2.2


def test_the_mix_is_no_worse_than_the_best_model_and_its_weights_are_weights(forecasts: list[tuple[World, Worked]]) -> None:
    for _, worked in forecasts:
        table = backtest_table(worked.tested)
        for group, horizon in table.select("group", "horizon_days").unique().iter_rows():
            part = table.filter(pl.col("group") == group, pl.col("horizon_days") == horizon)
            mix = part.filter(pl.col("model") == "mix")["wape"][0]
            assert mix <= 1.08 * part.filter(pl.col("model").is_in(MODELS))["wape"].min()
        assert (worked.tested.weights >= 0).all()
        assert worked.tested.weights.sum(axis=2) == pytest.approx(1.0)


def test_an_outage_and_a_flood_do_not_spoil_what_follows() -> None:
    each = world(4)
    spoilt = World(each.businesses, each.expected, each.came.copy())
    last = place(FIRST)
    spoilt.came[:, last - 6] = 0.05 * each.came[:, last - 6]
    spoilt.came[:, last - 12, 18:28] *= 6.0
    clean, dirty = (work(one.history(last), FIRST, 7, events=EVENTS).calls.sum((0, 2)) for one in (each, spoilt))

    assert np.abs(np.log(dirty / clean)).max() < 0.04


def test_a_new_business_starts_where_it_starts_and_one_that_ended_gets_none() -> None:
    each = world(6)
    last = place(date(2025, 11, 3))
    changed = each.came.copy()
    changed[1, : last - 30] = 0.0
    changed[2, last - 40 :] = 0.0
    first = clock.EPOCH + timedelta(START + last)
    calls = work(World(each.businesses, each.expected, changed).history(last), first, 7).calls.sum((1, 2))
    truth = each.expected[:, last : last + 7].sum((1, 2))

    assert calls[1] / truth[1] == pytest.approx(1.0, abs=0.15)
    assert calls[2] == 0
