"""The chapter on staffing: its answer, the present shifts against the need, the proposed roster, and what it leaves out and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.report.blocks import Block, Paragraph, Picture, Table
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters import staffing
from coachline.wording import Wording
from tests.conftest import FactsOf
from tests.report.conftest import ZONE, run_on

FIRST, DAYS = date(2026, 3, 2), 42  # a Monday
PEOPLE = tuple(f"a{number}" for number in range(6))
BUSINESSES = ("储蓄/查询", "寄递/投诉")


def calls(a_day: int = 60, people: tuple[str, ...] = PEOPLE) -> list[dict[str, Any]]:
    """Calls from eight to twelve in the morning and none later; half of them about each business."""
    draw = np.random.default_rng(3)
    rows = []
    for day in range(DAYS):
        for number in range(a_day):
            at = datetime(2026, 3, 2, 8, tzinfo=ZONE) + timedelta(days=day, seconds=14_400 * number / a_day)
            lost = number % 20 == 7
            rows.append(
                {
                    "call_id": f"{day}-{number}",
                    "channel": "voice",
                    "direction": "inbound",
                    "arrived_at": at.astimezone(UTC),
                    "business": BUSINESSES[number % 2],
                    "wait_s": float(draw.integers(1, 60)),
                    "outcome": "abandoned" if lost else "answered",
                    **(
                        {}
                        if lost
                        else {
                            "agent_id": people[number % len(people)],
                            "talk_s": 240.0,
                            "wrap_s": 20.0,
                            "resolved": bool(draw.random() < 0.8),
                        }
                    ),
                }
            )
    return rows


def shifts(people: tuple[str, ...] = PEOPLE, begins: int = 10) -> list[dict[str, Any]]:
    """Everybody works eight hours on the same five days."""
    rows = []
    for day in range(DAYS):
        at = datetime(2026, 3, 2, begins, tzinfo=ZONE) + timedelta(days=day)
        rows += [
            {"agent_id": who, "starts_at": at.astimezone(UTC), "ends_at": (at + timedelta(hours=8)).astimezone(UTC), "activity": "work"}
            for who in people
            if at.weekday() < 5
        ]
    return rows


def kept(facts: Facts) -> Callable[..., Result]:
    """Every analysis once, whoever asks."""
    run, known = run_on(facts), {}

    def answer(name: str, **parameters: Any) -> Result:
        key = (name, repr(parameters))
        if key not in known:
            known[key] = run(name, **parameters)
        return known[key]

    return answer


def built(
    facts: Facts, language: str = "zh", until: date | None = None, run: Callable[..., Result] | None = None
) -> tuple[Desk, list[Block]]:
    desk = Desk(run or run_on(facts), facts, Wording(language), None, until, datetime(2026, 4, 13, 8, tzinfo=ZONE))
    return desk, list(staffing.CHAPTER.blocks(desk))


def texts(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def picture(blocks: list[Block], title: str) -> Picture:
    return next(block for block in blocks if isinstance(block, Picture) and block.title.startswith(title))


def test_the_whole_chapter_in_both_languages(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": calls(), "shifts": shifts(), "agents": [{"agent_id": who} for who in PEOPLE]})
    run = kept(facts)
    for language in ("zh", "en"):
        desk, blocks = built(facts, language, run=run)
        assert desk.left_out == []
        written = []
        for block in blocks:
            shown = block.table if isinstance(block, Picture) else block
            written += [block.title, block.caption or ""] if isinstance(block, Picture) else []
            if isinstance(shown, Table):
                written += [shown.caption, *(column.title for column in shown.columns), *(cell for row in shown.rows for cell in row.cells)]
        codes = r"\b(report|column|reason|measure|roster_kind|roster_rule|activity|forecast_model|day_type|note|check)[._][a-z_.]+"
        assert not [text for text in [*written, texts(blocks)] if re.search(codes, text)]
    desk, blocks = built(facts, run=run)
    answer = texts(blocks[:1])
    # Nobody is there from eight to ten, when half of the calls come; all are there in the afternoon, when none does.
    assert re.search(r"最缺的是周. 0[89]:[03]0", answer) and "最宽裕的是周" in answer
    gaps = picture(blocks, "现有班次与需要之差").spec
    of = {(gaps["columns"][column], row): value for column, row, value in gaps["cells"]}
    assert all(of["08:30", row] < 0 < of["14:00", row] for row in range(5))
    assert all(of["14:00", row] == 0 > of["08:30", row] for row in (5, 6))
    # The forecast follows the past without a day between, and its band holds it.
    days = picture(blocks, "今后几周").spec
    came = sum(value is not None for value in days["past"])
    assert came == DAYS and days["names"][came].startswith(str(FIRST + timedelta(DAYS)))
    assert all(low <= value <= high for low, value, high in zip(days["low"][came:], days["calls"][came:], days["high"][came:], strict=True))
    # How long it was searched for is said, and everybody of the roster has a line.
    assert "只搜索了 1 秒" in texts(blocks)
    week = next(block for block in blocks if isinstance(block, Table) and block.caption.startswith("建议的排班：第一周"))
    assert {row.cells[0] for row in week.rows} <= set(PEOPLE) and week.rows
    assert all(re.fullmatch(r"休|.*\d\d:\d\d-\d\d:\d\d", cell) for row in week.rows for cell in row.cells[1:])


def test_without_shifts_need_and_forecast_stay(facts_of: FactsOf) -> None:
    desk, blocks = built(facts_of({"calls": calls()}))
    left = {out.what: out.why for out in desk.left_out}
    assert set(left) == {"人手与排班：现有班次与需要对照", "人手与排班：建议的排班"}
    assert all("班次" in why for why in left.values())
    assert picture(blocks, "一周里每个半小时") and picture(blocks, "今后几周")
    assert "照现有班次" not in texts(blocks)


def test_a_report_of_earlier_days_foretells_what_came_next(facts_of: FactsOf) -> None:
    until = FIRST + timedelta(27)
    _, blocks = built(facts_of({"calls": calls()}), until=until)
    days = picture(blocks, "今后几周").spec
    assert days["names"][sum(value is not None for value in days["past"])].startswith(str(until + timedelta(1)))


def test_one_agent_alone(facts_of: FactsOf) -> None:
    alone = PEOPLE[:1]
    desk, blocks = built(facts_of({"calls": calls(10, alone), "shifts": shifts(alone, 8), "agents": [{"agent_id": alone[0]}]}))
    assert picture(blocks, "一周里每个半小时")
    assert [out for out in desk.left_out if "建议的排班" not in out.what] == []


def test_without_calls_the_chapter_says_what_to_import(facts_of: FactsOf) -> None:
    with pytest.raises(NothingToShow) as nothing:
        built(facts_of({"shifts": shifts(), "agents": [{"agent_id": "a0"}]}))
    assert nothing.value.code == "report.staffing.nothing"
