"""quality.mystery through the run: hand-counted shares, ranks that hold the true ones, the rules for mystery calls."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.quality.mystery_world import FIRST, mystery_row, world


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}


def checks(result: Result) -> dict[str, Any]:
    return {check.code: check for check in result.checks}


def test_shares_counted_by_hand(facts_of: FactsOf) -> None:
    rows = [
        mystery_row(0, "甲", "a", 8, 10), mystery_row(0, "甲", "b", 10, 30),
        mystery_row(1, "甲", "a", 10, 10),
        mystery_row(2, "乙", "a", 5, 10), mystery_row(2, "乙", "b", 30, 30), mystery_row(3, "乙", "a", 9, 10),
        # Not judged, without a maximum, without points that are a number.
        mystery_row(1, "甲", "b", None, 30), mystery_row(3, "乙", "b", math.nan, 30), mystery_row(3, "乙", "c", 4, 0), mystery_row(3, "乙", "d", 4, None),
    ]  # fmt: skip
    found = run("quality.mystery", facts_of({"mystery_calls": rows}), {})
    first, second = found.table().to_pylist()
    assert (first["centre"], first["month"], first["calls"], first["rank"], first["centres"]) == ("乙", "2026-01", 2, 1, 2)
    assert first["share"] == pytest.approx(44 / 50)
    assert second["share"] == pytest.approx(28 / 50)
    assert (second["rank_low"], second["rank_high"]) == (1, 2)
    assert second["low"] < second["share"] < second["high"]
    items = {(row["centre"], row["item"]): row for row in found.table("items").to_pylist()}
    assert items["甲", "b"]["difference"] == pytest.approx(10 / 30 - 1)
    assert items["甲", "a"]["difference"] == pytest.approx(0.9 - 0.7)
    assert {"mystery_calls_are_few", "mystery_own_centre_unknown", "mystery_rules_not_seen"} <= codes(found)


def test_the_true_ranks_lie_in_the_ranges(facts_of: FactsOf) -> None:
    """Thirty centres, twenty calls each: most ranks are far from sure, and are said to be."""
    inside, width, covered, raw = [], [], [], []
    for seed in range(20):
        rows, truth = world(seed)
        table = run("quality.mystery", facts_of({"mystery_calls": rows}), {}).polars().sort("centre")
        true_rank = np.argsort(np.argsort(-truth)) + 1
        low, high = table["rank_low"].to_numpy(), table["rank_high"].to_numpy()
        inside.append(((low <= true_rank) & (true_rank <= high)).mean())
        raw.append((table["rank"].to_numpy() == true_rank).mean())
        width.append((high - low).mean())
        covered.append(((table["low"].to_numpy() <= truth) & (truth <= table["high"].to_numpy())).mean())
    assert 0.86 <= np.mean(inside) <= 0.97
    assert 4 < np.mean(width) < 20
    assert 0.85 <= np.mean(covered) <= 0.95
    # The rank itself is seldom the true one.
    assert np.mean(raw) < 0.35


def test_where_centres_do_not_differ_nobody_is_ranked(facts_of: FactsOf) -> None:
    wide = []
    for seed in range(5):
        rows, _ = world(seed, between=0.0)
        table = run("quality.mystery", facts_of({"mystery_calls": rows}), {}).polars()
        wide.append((table["rank_high"] - table["rank_low"]).mean())
    assert np.mean(wide) > 20


def test_month_by_month(facts_of: FactsOf) -> None:
    rows, _ = world(1, centres=6, months=3)
    # Centre 00 loses everything in the first month.
    rows = [row | {"points": 0.0} if row["centre"] == "中心00" and row["called_at"] < FIRST + timedelta(days=28) else row for row in rows]
    found = run("quality.mystery", facts_of({"mystery_calls": rows}), {"centre": "中心00"})
    table = found.polars()
    assert table["month"].unique(maintain_order=True).to_list() == ["2026-01", "2026-02", "2026-03"]
    own = table.filter(centre="中心00").to_dicts()
    assert (own[0]["rank"], own[0]["rank_low"], own[0]["rank_high"], own[0]["share"]) == (6, 6, 6, 0)
    assert own[0]["change"] is None
    assert own[1]["change_low"] > 0.4
    assert own[2]["change_low"] < 0 < own[2]["change_high"]
    assert (found.values["own_centre"], found.values["own_month"], found.values["own_rank"]) == ("中心00", "2026-03", own[2]["rank"])
    later = run("quality.mystery", facts_of({"mystery_calls": rows}), {"since": "2026-03-01"})
    assert later.values["months"] == 1
    assert later.values["own_centre"] is None


def test_agents_and_businesses_of_the_own_centre(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(4)
    rows = []
    for n in range(240):
        agent = n % 8
        share = np.clip(0.6 + 0.04 * agent + 0.1 * rng.standard_normal(), 0, 1)
        rows.append(mystery_row(n, "甲", "a", 10 * float(share), agent_id=f"a{agent}", business=["查询", "投诉"][n % 2]))
        rows.append(mystery_row(1000 + n, "乙", "a", 7.0 + rng.random(), business="查询"))
    rows.append(mystery_row(5000, "甲", "a", 10.0, agent_id="new", business="查询"))
    found = run("quality.mystery", facts_of({"mystery_calls": rows}), {})
    agents = found.polars("agents")
    assert set(agents["centre"]) == {"甲"}
    known = agents.filter(pl.col("member") != "new")
    assert known["member"].to_list()[0] in ("a6", "a7")
    assert known["member"].to_list()[-1] in ("a0", "a1")
    [new] = agents.filter(member="new").to_dicts()
    # One perfect call is not the best agent.
    assert new["share"] == 1
    assert new["estimate"] < 0.9
    assert new["rank_high"] > 3
    assert found.polars("businesses").select("centre", "member").sort("member").rows() == [("甲", "投诉"), ("甲", "查询")]


def test_the_calls_follow_the_rules(facts_of: FactsOf) -> None:
    rows, _ = world(2, centres=30, months=2)
    kept = checks(run("quality.mystery", facts_of({"mystery_calls": rows}), {}))
    assert {code: check.ok for code, check in kept.items()} == {
        "mystery_caller_not_too_often": True,
        "mystery_enough_numbers": True,
        "mystery_redial_waits": True,
    }


def test_broken_rules_are_counted(facts_of: FactsOf) -> None:
    rows = [mystery_row(n, "甲", "a", 8.0, caller="k1", called_at=FIRST + timedelta(days=n)) for n in range(90)]
    rows += [mystery_row(200 + n, "甲", "a", 8.0, caller=f"k{n}", called_at=FIRST + timedelta(days=n, minutes=5)) for n in range(1, 12)]
    rows += [mystery_row(300, "甲", "a", 8.0, caller=None, called_at=FIRST)]
    found = run("quality.mystery", facts_of({"mystery_calls": rows}), {})
    broken = checks(found)
    assert not any(broken[code].ok for code in broken)
    assert broken["mystery_caller_not_too_often"].figure == 32
    assert broken["mystery_caller_not_too_often"].facts == {"over": 3, "centre": "甲", "month": "2026-01"}
    assert (broken["mystery_numbers_change"].figure, broken["mystery_numbers_change"].facts) == (1, {"numbers": 11})
    assert (broken["mystery_enough_numbers"].figure, broken["mystery_enough_numbers"].facts) == (1, {"month": "2026-02"})
    # Five minutes after the call of the second of January.
    assert broken["mystery_redial_waits"].figure == 1
    assert {note.code: note.facts for note in found.notes}["mystery_caller_not_recorded"] == {"calls": 1}
    assert found.table()["rank"].to_pylist() == [None, None, None]
    assert "mystery_one_centre" in codes(found)


def test_calls_that_the_call_system_does_not_know(facts_of: FactsOf) -> None:
    rows = [mystery_row(n, "甲", "a", 8.0, caller=f"k{n}", agent_id="a1", called_at=FIRST + timedelta(hours=n)) for n in range(10)]
    rows += [mystery_row(100 + n, "乙", "a", 8.0, caller="x", called_at=FIRST + timedelta(hours=n)) for n in range(10)]
    log = [
        {
            "call_id": f"c{n}",
            "customer_id": f"k{n}",
            "arrived_at": FIRST + timedelta(hours=n, minutes=3 if n < 7 else 30),
            "outcome": "answered",
        }
        for n in range(9)
    ] + [
        {"call_id": "first", "arrived_at": FIRST - timedelta(days=1)},
        {"call_id": "twice", "customer_id": "k1", "arrived_at": FIRST + timedelta(hours=1)},
    ]
    found = checks(run("quality.mystery", facts_of({"mystery_calls": rows, "calls": log}), {}))["mystery_calls_in_the_log"]
    # The tenth lies behind the log.
    assert (found.ok, found.facts) == (False, {"found": 7, "calls": 9})


def test_refusals(facts_of: FactsOf) -> None:
    facts = facts_of({"mystery_calls": [mystery_row(0, "甲", "a", 8.0)]})
    with pytest.raises(CoachlineError, match="甲"):
        run("quality.mystery", facts, {"centre": "丙"})
    with pytest.raises(CoachlineError, match="1 rows"):
        run("quality.mystery", facts, {"since": "2027-01-01"})
    with pytest.raises(CoachlineError):
        run("quality.mystery", facts_of({"mystery_calls": [mystery_row(0, "甲", "a", None)]}), {})


def test_one_call_and_calls_all_alike(facts_of: FactsOf) -> None:
    alone = run("quality.mystery", facts_of({"mystery_calls": [mystery_row(0, "甲", "a", 8.0, agent_id="a1", business="查询")]}), {})
    [row] = alone.table().to_pylist()
    assert (row["share"], row["low"], row["rank"]) == (0.8, None, None)
    assert alone.table("agents").to_pylist()[0]["estimate"] is None
    alike = [mystery_row(n, f"中心{n % 3}", "a", 10.0) for n in range(60)]
    table = run("quality.mystery", facts_of({"mystery_calls": alike}), {}).polars()
    assert table["share"].to_list() == [1.0] * 3
    assert table["rank"].to_list() == [1] * 3
    assert (table["rank_low"].to_list(), table["rank_high"].to_list()) == ([1] * 3, [3] * 3)
