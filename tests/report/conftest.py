"""A small centre with a known bad last day, and its report in both languages."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest

from coachline.engine import analyses
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts, Snapshot
from coachline.engine.result import Result
from coachline.report import ReportFiles, write_report
from tests.chromium import CHROMIUM, QUIET
from tests.conftest import Rows, as_fact_table

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 1, 5)  # a Monday
DAYS = 56
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
CALLS_A_DAY = 60
FORMULA = "=1+1"
SCRIPT = "<script>alert(1)</script>"
BREAKER = "国际业务/</script><b>件"
AGENTS = ("1001", "1002", "1003", FORMULA, SCRIPT)
BUSINESSES = ("国内业务/查询", "国内业务/投诉", BREAKER)


Report = Callable[[str], ReportFiles]


def run_on(facts: Facts) -> Callable[..., Result]:
    """What a caller binds: analyses by name on these facts; rosters are searched for a second only."""

    def run(name: str, **parameters: Any) -> Result:
        return analyses.run(name, facts, parameters | ({"seconds": 1} if name == "roster.plan" else {}))

    return run


def calls() -> list[dict[str, Any]]:
    """Sixty calls a day; on the last day half of those about one business are lost."""
    generator = np.random.default_rng(11)
    rows = []
    for day in range(DAYS):
        bad = day == DAYS - 1
        for number in range(CALLS_A_DAY):
            business = BUSINESSES[number % 3]
            lost = number % 3 == 2 and number % 2 == 0 if bad else number % 30 == 7 + day % 3
            local = datetime(2026, 1, 5, 8, tzinfo=ZONE) + timedelta(days=day, minutes=13 * number % 660)
            answered = {
                "agent_id": AGENTS[int(generator.integers(len(AGENTS)))],
                "talk_s": float(generator.integers(30, 400)),
                "hold_s": 5.0,
                "wrap_s": 20.0,
                "resolved": bool(generator.random() < 0.85),
                "transferred": bool(generator.random() < 0.05),
                "ticketed": bool(generator.random() < 0.1),
                "invited": number % 5 != 0,
                "rating": int(generator.choice([2, 4, 5], p=[0.05, 0.25, 0.7])) if number % 5 in (1, 2) else None,
            }
            rows.append(
                {
                    "call_id": f"{day}-{number}",
                    "channel": "voice",
                    "direction": "outbound" if number % 20 == 19 and not lost else "inbound",
                    "arrived_at": local.astimezone(UTC),
                    "customer_id": f"k{(day * 7 + number * 31) % 900}",
                    "business": business,
                    "queue": "热线",
                    "wait_s": float(generator.integers(60, 90) if lost else generator.integers(1, 30)),
                    "outcome": "abandoned" if lost else "answered",
                    **({"talk_s": 0.0} if lost else answered),
                }
            )
    return rows


def shifts() -> list[dict[str, Any]]:
    """One person of five is over 167 hours in January."""
    rows = []
    for number, agent in enumerate(AGENTS):
        for day in range(26 if number == 0 else 18):
            start = datetime(2026, 1, 5, 8, tzinfo=ZONE) + timedelta(days=day)
            rows.append(
                {
                    "agent_id": agent,
                    "starts_at": start.astimezone(UTC),
                    "ends_at": (start + timedelta(hours=8)).astimezone(UTC),
                    "activity": "work",
                }
            )
    return rows


def agents() -> list[dict[str, Any]]:
    return [{"agent_id": agent, "name": agent, "team": f"{'一二'[number % 2]}班"} for number, agent in enumerate(AGENTS)]


def inspections() -> list[dict[str, Any]]:
    """Two of a day's calls, each heard by two inspectors; every tenth pass is audited."""
    generator = np.random.default_rng(12)
    rows = []
    for call in (row for row in calls() if row.get("agent_id") and row["call_id"].split("-")[1] in ("3", "8")):
        quality = 85 + 10 * generator.random()
        for inspector, severity in (("q1", 3.0), (SCRIPT, -3.0)):
            score = round(quality - severity + generator.normal(), 1)
            heard = {
                "inspection_id": f"{call['call_id']}-{inspector}",
                "call_id": call["call_id"],
                "agent_id": call["agent_id"],
                "inspector_id": inspector,
                "inspected_at": call["arrived_at"] + timedelta(days=1),
                "probability": 0.1,
                "stratum": BREAKER,
                "score": score,
                "passed": score >= 88,
            }
            rows.append(heard)
            if heard["passed"] and len(rows) % 10 == 0:
                again = {
                    "inspection_id": f"{call['call_id']}-again",
                    "inspector_id": "q3",
                    "purpose": "audit",
                    "passed": len(rows) % 20 == 0,
                }
                rows.append({**heard, **again, "inspected_at": heard["inspected_at"] + timedelta(days=1)})
    return rows


def inspection_items() -> list[dict[str, Any]]:
    return [
        {"inspection_id": row["inspection_id"], "item": item, "failed": item == SCRIPT and not row["passed"]}
        for row in inspections()
        for item in (SCRIPT, FORMULA)
    ]


def mystery_calls() -> list[dict[str, Any]]:
    """Three centres, called ten times each in two months."""
    return [
        {
            "mystery_id": f"{centre}-{month}-{number}",
            "centre": centre,
            "agent_id": AGENTS[0] if place == 0 else None,
            "called_at": datetime(2026, month, 2 + number, 3, tzinfo=UTC),
            "item": SCRIPT,
            "points": 60.0 + 10 * place + number,
            "max_points": 100.0,
        }
        for place, centre in enumerate((SCRIPT, BREAKER, "甲"))
        for month in (1, 2)
        for number in range(10)
    ]


def facts_in(folder: Path, tables: Mapping[str, Rows], compute: DuckDBCompute) -> Facts:
    snapshots = {}
    for name, rows in tables.items():
        table = as_fact_table(name, rows)
        pq.write_table(table, folder / f"{name}.parquet")
        snapshots[name] = Snapshot(3, [str(folder / f"{name}.parquet")], table.num_rows)
    return Facts(compute, snapshots, ZONE)


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """The facts of the small centre."""
    compute = DuckDBCompute()
    tables: dict[str, Rows] = {
        "calls": calls(),
        "shifts": shifts(),
        "agents": agents(),
        "inspections": inspections(),
        "inspection_items": inspection_items(),
        "mystery_calls": mystery_calls(),
    }
    yield facts_in(tmp_path_factory.mktemp("centre"), tables, compute)
    compute.close()


@pytest.fixture(scope="session")
def report(centre: Facts, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """``report("zh")``: the files of the small centre's report, written once per language."""
    folder = tmp_path_factory.mktemp("report")

    @functools.cache
    def write(language: str) -> ReportFiles:
        return write_report(run_on(centre), centre, folder / f"{language}.html", title=f"中心 {SCRIPT}", language=language)

    return write


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[..., ReportFiles]]:
    """``write({"calls": rows}, language="zh")``: the report of just these facts."""
    compute = DuckDBCompute()

    def of(tables: Mapping[str, Rows], **options: Any) -> ReportFiles:
        facts = facts_in(tmp_path, tables, compute)
        return write_report(run_on(facts), facts, tmp_path / "out" / "report.html", title="中心", **options)

    yield of
    compute.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser that asks nothing of the network by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()
