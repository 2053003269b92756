"""A planted cause is found, the parts add up, and the odd day stands out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.causes import DIMENSIONS, causes
from coachline.errors import CoachlineError
from tests.engine.operations.rows import SHANGHAI, call, centre

FactsOf = Callable[..., Facts]


def frame(findings: Any, table: str = "causes") -> pl.DataFrame:
    found = pl.from_arrow(findings.tables[table])
    assert isinstance(found, pl.DataFrame)
    return found


@pytest.mark.parametrize(
    "given", [{}, {"since": date(2026, 2, 9), "until": date(2026, 2, 22)}, {"since": date(2026, 2, 20), "against_since": date(2026, 1, 5)}]
)
def test_the_parts_of_every_metric_and_dimension_add_up(given: dict[str, Any], facts_of: FactsOf) -> None:
    found = causes(facts_of(centre()), **given)
    wholes = {row["metric"]: row for row in found.tables["changes"].to_pylist()}
    sums = frame(found).group_by("metric", "dimension").agg(pl.col("change", "share_of_change", "n_before", "n_after").sum())
    assert set(sums["dimension"]) == set(DIMENSIONS) - ({"weekday"} if not given or "against_since" in given else set())
    assert {"asa", "aht", "connect_rate", "satisfaction", "offered", "repeat_rate"} <= set(sums["metric"])
    for row in sums.to_dicts():
        whole = wholes[row["metric"]]
        assert row["change"] == pytest.approx(whole["change"], abs=1e-9)
        if abs(whole["change"]) > 1e-9:
            assert row["share_of_change"] == pytest.approx(1, abs=1e-6)
        assert row["n_before"] == pytest.approx(whole["n_before"])
        assert row["n_after"] == pytest.approx(whole["n_after"])


def test_mix_and_rate_are_the_change_of_a_quotient(facts_of: FactsOf) -> None:
    rows = frame(causes(facts_of(centre())))
    quotients = rows.filter(pl.col("metric") != "offered")
    assert (quotients["mix"] + quotients["rate"] - quotients["change"]).abs().max() < 1e-12  # type: ignore[operator]
    assert rows.filter(pl.col("metric") == "offered")["mix"].null_count() == (rows["metric"] == "offered").sum()


def weeks(days: int = 42, bad_day: int | None = None, seed: int = 5) -> list[dict[str, Any]]:
    """A hundred calls a day; on the bad day the business 国际 abandons most of its calls."""
    rng = np.random.default_rng(seed)
    first = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
    rows = []
    for day in range(days):
        for n in range(100):
            business = "国际" if n % 4 == 0 else "国内"
            chance = 0.8 if day == bad_day and business == "国际" else 0.05
            outcome = "abandoned" if rng.random() < chance else "answered"
            rows.append(
                call(
                    first + timedelta(days=day, minutes=5 * n), outcome, business=business, queue="一线", wait_s=float(rng.exponential(20))
                )
            )
    return rows


def test_a_planted_cause_is_found(facts_of: FactsOf) -> None:
    found = causes(facts_of({"calls": weeks(bad_day=41)}), metric="connect_rate")
    top = frame(found).filter(dimension="business").row(0, named=True)
    assert (top["member"], top["date"]) == ("国际", date(2026, 2, 15))
    assert top["share_of_change"] > 0.75
    assert abs(top["rate"]) > 10 * abs(top["mix"])
    assert top["n_after"] == 25
    assert set(frame(found)["metric"]) == {"connect_rate"}
    assert (found.values["against_since"], found.values["against_until"]) == ("2026-01-18", "2026-02-14")
    assert (found.values["days_before"], found.values["days_after"]) == (4, 1)


def test_the_bad_day_and_no_other_is_unusual(facts_of: FactsOf) -> None:
    unusual = frame(causes(facts_of({"calls": weeks(bad_day=41)})), "unusual")
    assert set(unusual.filter("unusual")["date"]) == {date(2026, 2, 15)}
    day = {row["metric"]: row for row in unusual.filter(pl.col("date") == date(2026, 2, 15)).to_dicts()}
    assert day["connect_rate"]["value"] < day["connect_rate"]["low"] < day["connect_rate"]["expected"] < day["connect_rate"]["high"]
    assert day["connect_rate"]["p_adjusted"] >= day["connect_rate"]["p"]
    # Four Sundays before: none of the first four weeks can be judged.
    assert unusual.filter(pl.col("unusual").is_not_null())["date"].min() == date(2026, 2, 2)


def test_without_four_same_weekdays_nothing_is_judged_and_that_is_said(facts_of: FactsOf) -> None:
    found = causes(facts_of({"calls": weeks(days=20)}))
    assert found.values["days_tested"] == 0
    assert frame(found, "unusual")["unusual"].null_count() == frame(found, "unusual").height
    assert "not_enough_history" in {note.code for note in found.notes}


def test_members_of_one_period_only(facts_of: FactsOf) -> None:
    rows = [call("2026-03-02 09:00", business="旧", wait_s=10), call("2026-03-02 09:00", business="同", wait_s=30)]
    rows += [call("2026-03-09 09:00", business="新", wait_s=50), call("2026-03-09 09:00", business="同", wait_s=30)]
    found = frame(causes(facts_of({"calls": rows}), metric="asa")).filter(dimension="business")
    parts = {row["member"]: row for row in found.to_dicts()}
    assert set(parts) == {"旧", "同", "新"}
    assert parts["旧"]["value_after"] is None
    assert parts["新"]["value_before"] is None
    # From 20 to 40 seconds: the old one left below the mean of 30, the new one came above it.
    assert (parts["旧"]["change"], parts["新"]["change"], parts["同"]["change"]) == pytest.approx((10, 10, 0))


def test_no_change_has_no_shares(facts_of: FactsOf) -> None:
    rows = [call(f"2026-03-{day} 09:00", business="查询", wait_s=10) for day in ("02", "09")]
    found = frame(causes(facts_of({"calls": rows})))
    assert found["change"].abs().max() == 0
    assert found["share_of_change"].null_count() == found.height


def test_abandoned_calls_without_a_team_do_not_blame_nobody(facts_of: FactsOf) -> None:
    found = causes(facts_of(centre()))
    assert not frame(found).filter(pl.col("dimension") == "team", pl.col("metric").is_in(["connect_rate", "offered"])).height
    assert {"dimension": "team"} in [dict(note.facts) for note in found.notes if note.code == "abandoned_without_member"]
    assert frame(found).filter(dimension="team", metric="aht").height


def test_counts_are_compared_by_day(facts_of: FactsOf) -> None:
    found = causes(facts_of({"calls": weeks()}), metric="offered")
    [whole] = found.tables["changes"].to_pylist()
    assert (whole["value_before"], whole["value_after"], whole["change"]) == (100, 100, 0)
    assert (whole["n_before"], whole["n_after"]) == (400, 100)


def test_nothing_to_compare_with_is_refused(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError) as caught:
        causes(facts_of({"calls": [call("2026-03-02 09:00")]}))
    assert caught.value.code == "no_calls_to_compare"


def test_a_metric_that_the_data_do_not_allow_is_refused(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="rating") as caught:
        causes(facts_of({"calls": weeks()}), metric="satisfaction")
    assert caught.value.code == "metric_not_available"
