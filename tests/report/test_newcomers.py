"""The chapter on plans for newcomers: its answer, its pictures, and what it says where it can say nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Block, Paragraph, Picture
from coachline.report.chapter import NothingToShow
from coachline.report.chapters import newcomers
from tests.conftest import FactsOf
from tests.report.test_service_quality import desk_over

START = date(2026, 1, 5)


def tables(people: int = 40, **call: Any) -> dict[str, list[dict[str, Any]]]:
    """A centre that hires every month and loses somebody now and then; some callers hang up."""
    draw = np.random.default_rng(4)
    agents, calls = [], []
    for agent in range(people):
        hired = START + timedelta(int(draw.integers(0, 80))) if agent < 8 else START - timedelta(int(draw.integers(200, 2000)))
        agents.append(
            {"agent_id": f"a{agent}", "hired_on": hired, "left_on": START + timedelta(20 + 3 * agent) if 20 <= agent < 24 else None}
        )
    for day in range(90):
        at = START + timedelta(day)
        for number in range(60):
            lost = number % 12 == 0
            calls.append(
                {
                    "call_id": f"{day}-{number}",
                    "arrived_at": datetime(at.year, at.month, at.day, number % 10, number, tzinfo=UTC),
                    "direction": "inbound",
                    "outcome": "abandoned" if lost else "answered",
                    "agent_id": None if lost else f"a{int(draw.integers(people))}",
                    "wait_s": float(draw.exponential(12)),
                    "talk_s": None if lost else float(draw.lognormal(5, 0.5)),
                    "resolved": None if lost else bool(draw.random() < 0.85),
                    **call,
                }
            )
    return {"agents": agents, "calls": calls}


def built(facts: Facts, language: str = "en") -> list[Block]:
    return list(newcomers.CHAPTER.blocks(desk_over(facts, language)))


def texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def test_it_says_where_the_present_leads_and_which_plan_helps(facts_of: FactsOf) -> None:
    blocks = built(facts_of(tables()))
    now, answer, assumed, *_ = texts(blocks)
    assert now.startswith("As now: 36 people today")
    assert answer.startswith(
        "Over the next 12 months, of the plans that rest on records, '10 % more at once' raises the mean service level most: +"
    )
    assert "Weeks with a mentor" in assumed and "Mean handle time" not in assumed
    plans, months = (block for block in blocks if isinstance(block, Picture))
    assert plans.spec["kind"] == "estimates" and plans.spec["line"] == 0
    names = [row["name"] for row in plans.spec["rows"]]
    assert len(names) == 8 and names[0] == "10 % more at once" and "as now" not in names
    worst = plans.spec["rows"][-1]
    assert worst["name"] == "no recruiting" and worst["look"] and worst["e"] < 0
    [schools] = [row for row in plans.spec["rows"] if row["name"] == "all through schools"]
    assert schools["unsure"] and schools["said"][1] == "rests on assumptions" and not worst["unsure"]
    assert months.spec["series"][0]["name"] == "as now" and len(months.spec["series"]) == 4
    assert all(len(series["values"]) == 13 for series in months.spec["series"])
    assert len(plans.table.rows) == 9 and len({len(row.cells) for row in plans.table.rows}) == 1


def test_it_speaks_chinese(facts_of: FactsOf) -> None:
    blocks = built(facts_of(tables()), "zh")
    assert texts(blocks)[0].startswith("维持现状：今天 36 人")
    assert "一次多招一成" in texts(blocks)[1]


def test_without_callers_it_shows_people_and_cost_only(facts_of: FactsOf) -> None:
    blocks = built(facts_of(tables(direction="outbound")))
    assert [block.kind for block in blocks[:3]] == ["paragraph", "table", "picture"]
    assert any("No inbound call waited" in text for text in texts(blocks))


def test_where_nobody_is_there_it_is_left_out(facts_of: FactsOf) -> None:
    gone = tables()
    for agent in gone["agents"]:
        agent["left_on"] = START + timedelta(85)
        agent["hired_on"] = START - timedelta(500)
    with pytest.raises(NothingToShow) as nothing:
        built(facts_of(gone))
    assert nothing.value.code == "note.nobody_there"
