"""Parts of the forecast, each against something known: published functions, the simulator's calendar, hand counts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from coachline.engine import clock
from coachline.engine.roster.forecast.backtest import least_error
from coachline.engine.roster.forecast.calendar import HOLIDAY, WORKED_WEEKEND, calendar, worked_weekends_unknown
from coachline.engine.roster.forecast.effects import Seen, kernels, learn, usual_sizes
from coachline.engine.roster.forecast.profiles import MOST_KAPPA, concentration, profiles
from coachline.engine.roster.forecast.scatter import cdf, quantile
from coachline.engine.roster.forecast.shares import alive
from coachline.engine.roster.forecast.tree import Tree
from coachline.engine.simulate.holidays import DayKind, kind_of
from coachline.errors import CoachlineError


def days_of(first: str, last: str, **given: object) -> tuple[list[date], object]:
    start, end = clock.day_number(date.fromisoformat(first)), clock.day_number(date.fromisoformat(last)) + 1
    found = calendar(start, end, given.pop("country", "CN"), **given)  # type: ignore[arg-type]
    return [clock.EPOCH + timedelta(day) for day in range(start, end)], found


def test_chinese_days_are_those_of_the_official_notices() -> None:
    dates, days = days_of("2024-01-01", "2026-12-31")
    kinds = {HOLIDAY: DayKind.HOLIDAY, WORKED_WEEKEND: DayKind.WORKED_WEEKEND}

    for day, kind in zip(dates, days.type, strict=True):
        expected = kinds.get(int(kind), DayKind.WEEKEND if kind in (5, 6) else DayKind.WORKDAY)
        assert kind_of(day) == expected, day


def test_the_day_after_a_holiday_and_the_one_before() -> None:
    dates, days = days_of("2026-09-18", "2026-10-12")

    # Mid-Autumn 25-27 September, National Day 1-7 October, with a worked Saturday on the 10th.
    assert [day.day for day, after in zip(dates, days.after, strict=True) if after] == [28, 8]
    assert [day.day for day, before in zip(dates, days.before, strict=True) if before] == [24, 30]


def test_no_country_has_no_holidays_and_other_countries_have_their_own() -> None:
    _, none = days_of("2026-01-01", "2026-12-31", country="none")
    dates, american = days_of("2026-01-01", "2026-12-31", country="US")

    assert none.type.max() == 6
    assert date(2026, 12, 25) in [day for day, kind in zip(dates, american.type, strict=True) if kind == HOLIDAY]
    assert worked_weekends_unknown("CN", 2050)
    assert not worked_weekends_unknown("CN", 2026)
    assert not worked_weekends_unknown("US", 2050)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-27..2026-03-01", ["2026-02-27", "2026-02-28", "2026-03-01"]),
        ("2026/02/27，2026-3-2", ["2026-02-27", "2026-03-02"]),
        ("-1, 2", ["2026-02-28", "2026-03-02"]),
        ("2026-03-01至2026-03-02", ["2026-03-01", "2026-03-02"]),
    ],
)
def test_events_fall_on_the_days_that_are_written(text: str, expected: list[str]) -> None:
    dates, days = days_of("2026-02-26", "2026-03-05", events={"x": text})

    assert [str(day) for day, on in zip(dates, days.events[:, 0], strict=True) if on] == expected


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "32", "0", "2026-03-02..2026-03-01"])
def test_events_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(CoachlineError, match=text.split("\\.")[0].replace(".", r"\.")):
        days_of("2026-02-26", "2026-03-05", events={"x": text})


def test_unknown_country_is_refused() -> None:
    with pytest.raises(CoachlineError, match="Atlantis"):
        days_of("2026-02-26", "2026-03-05", country="Atlantis")


def test_quantiles_are_those_of_the_negative_binomial() -> None:
    rng = np.random.default_rng(1)
    mean, beyond = np.exp(rng.uniform(-4, 7, 4000)), np.exp(rng.uniform(-9, 0, 4000))
    size = 1 / beyond
    rival = stats.nbinom(size, size / (size + mean))

    assert (quantile(0.05, mean, beyond) == rival.ppf(0.05)).all()
    assert (quantile(0.95, mean, beyond) == rival.ppf(0.95)).all()
    assert cdf(np.floor(mean), mean, beyond) == pytest.approx(rival.cdf(np.floor(mean)), abs=1e-9)
    assert quantile(0.95, np.zeros(3), np.ones(3)) == pytest.approx(0.0)


def test_effects_are_sized_by_likelihood_with_its_exact_slope() -> None:
    """Sizes that were put in come out, and nothing near them is more plausible."""
    rng = np.random.default_rng(2)
    _, days = days_of("2025-01-01", "2025-12-31", country="none")
    parts = kernels(days, days, yearly=False)  # type: ignore[arg-type]
    true = {"weekday": 0.2, "month": 0.1, "drift": 0.1}
    covar = sum(size**2 * parts[name] for name, size in true.items()) + 0.03**2 * np.eye(365)
    value = np.linalg.cholesky(covar) @ rng.standard_normal((365, 6))
    seen = [Seen(np.arange(365), column, np.zeros(365)) for column in value.T]
    sizes = dict(zip([*parts, "noise"], np.exp(learn(parts, seen, usual_sizes(tuple(parts)))), strict=True))

    assert sizes["noise"] == pytest.approx(0.03, rel=0.1)
    assert sizes["weekday"] == pytest.approx(0.2, rel=0.35)
    assert sizes["month"] == pytest.approx(0.1, rel=0.35)
    assert sizes["drift"] == pytest.approx(0.1, rel=0.35)
    assert sizes["after"] < 0.2, "nothing speaks of it, so that it stays near what is usual"


def test_weights_are_those_of_the_least_error() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        errors = rng.standard_normal((6, 40)) * rng.uniform(0.5, 2, (6, 1))
        gram = errors @ errors.T
        weights = least_error(gram, np.zeros(6))
        rivals = rng.dirichlet(np.full(6, 0.3), 4000)

        assert weights.sum() == pytest.approx(1.0)
        assert (weights >= 0).all()
        assert weights @ gram @ weights <= 1.02 * np.einsum("ij,jk,ik->i", rivals, gram, rivals).min()


def test_a_tree_divides_where_paths_part() -> None:
    tree = Tree.of(("a/b/c", "a/b/d", "a/e", "f", "f/g"))

    assert tree.members[0].all()
    # The whole; a, f; a/b, a/e; f alone, f/g; the two leaves of a/b.
    assert [int(row.sum()) for row in tree.members] == [5, 3, 2, 2, 1, 1, 1, 1, 1]
    assert sorted(tree.leaf) == [4, 5, 6, 7, 8]
    assert Tree.of(("only/one",)).leaf.tolist() == [0]
    assert tree.sums(np.ones((5, 2)))[:, 0].tolist() == [5, 3, 2, 2, 1, 1, 1, 1, 1]
    parts = tree.scaled(np.zeros((9, 1)))
    assert tree.down(parts)[tree.leaf].sum() == pytest.approx(1.0)


def test_concentration_of_made_up_shapes() -> None:
    rng = np.random.default_rng(4)
    shares = np.full((400, 48), 1 / 48)
    for kappa in (50.0, 500.0):
        counts = np.array([rng.multinomial(300, rng.dirichlet(kappa * shares[0])) for _ in range(400)]).astype(float)
        assert concentration(counts, shares) == pytest.approx(kappa, rel=0.15)
    alike = rng.multinomial(300, shares[0], 400).astype(float)
    assert concentration(alike, shares) > 3000
    assert concentration(np.zeros((3, 48)), shares[:3]) == MOST_KAPPA


def test_shapes_of_few_calls_are_those_of_what_stands_above() -> None:
    """A business with three calls has its family's shape; one with many its own; each type of day too."""
    rng = np.random.default_rng(5)
    _, days = days_of("2026-03-02", "2026-05-31", country="none")
    early, late = np.zeros(48), np.zeros(48)
    early[16:24], late[28:40] = 1 / 8, 1 / 12
    count = len(days.number)  # type: ignore[attr-defined]
    halves = np.zeros((3, count, 48))
    halves[0], halves[1] = rng.poisson(60 * early, (count, 48)), rng.poisson(60 * late, (count, 48))
    halves[2, 5, 30] = 3
    found = profiles(halves, days, np.ones(count), Tree.of(("a/x", "b/y", "b/z")), int(days.number[-1]) + 1)  # type: ignore[arg-type,attr-defined]

    assert 0.5 * np.abs(found[0, 0] - early).sum() < 0.05
    assert 0.5 * np.abs(found[2, 0] - late).sum() < 0.1
    assert found.sum(axis=2) == pytest.approx(1.0)
    assert (found[:, :, :16] == 0).all()


def test_when_a_series_lived() -> None:
    count = np.zeros((4, 100))
    count[0] = 3
    count[1, 60:] = 3
    count[2, :60] = 3
    count[3, 50] = 1
    there, living = alive(count)

    assert there.sum(axis=1).tolist() == [100, 40, 60, 100]
    assert living.tolist() == [True, True, False, True]
