"""The chapter on inspection: what it answers, what it leaves out and why, and that nobody is ranked below the middle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Block, Paragraph, Picture, Table
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters import inspection
from tests.conftest import FactsOf
from tests.report.test_service_quality import desk_over

ITEMS = ("greeting", "accuracy")
INSPECTORS = ("strict", "plain", "mild")
SEVERITY = {"strict": 6.0, "plain": 0.0, "mild": -6.0}


def inspections(agents: int = 12, each: int = 24, twice: bool = True, **fields: Any) -> list[dict[str, Any]]:
    """Random calls of equally good agents; a call is heard by one inspector or, each fourth one, by two."""
    rng = np.random.default_rng(5)
    rows = []
    for agent in range(agents):
        for call in range(each):
            quality = 88.0 + rng.normal(0, 3)
            heard_by = [INSPECTORS[(agent + call) % 3]]
            if twice and call % 4 == 0:
                heard_by.append(INSPECTORS[(agent + call + 1) % 3])
            for inspector in heard_by:
                score = float(np.clip(round(quality - SEVERITY[inspector] + rng.normal(0, 1), 1), 0, 100))
                rows.append(
                    {
                        "inspection_id": f"{agent}-{call}-{inspector}",
                        "call_id": f"{agent}-{call}",
                        "agent_id": f"a{agent:02d}",
                        "inspector_id": inspector,
                        "inspected_at": datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=call % 28, minutes=agent),
                        "probability": 0.1,
                        "score": score,
                        "passed": score >= 80,
                        **fields,
                    }
                )
    return rows


def items(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "inspection_id": row["inspection_id"],
            "item": item,
            "failed": number == 1 and not row["passed"],
            "points": 5.0,
            "max_points": 10.0,
        }
        for row in rows
        for number, item in enumerate(ITEMS)
    ]


def built(facts: Facts, language: str = "en") -> tuple[Desk, list[Block]]:
    desk = desk_over(facts, language)
    return desk, list(inspection.CHAPTER.blocks(desk))


def texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def pictures(blocks: list[Block]) -> dict[str, Picture]:
    return {block.title: block for block in blocks if isinstance(block, Picture)}


def test_the_answer_and_every_part_of_a_full_centre(facts_of: FactsOf) -> None:
    rows = inspections()
    _, blocks = built(facts_of({"inspections": rows, "inspection_items": items(rows)}))
    answer = texts(blocks)[0]
    gap = float(answer.split("about ")[1].split(" points")[0])
    assert gap == pytest.approx(12.0, abs=1.5)
    assert "12 agents" in answer
    drawn = pictures(blocks)
    severity = drawn["Which inspector is strict, which is mild"]
    assert [(row["name"], row["said"][0], row["look"]) for row in severity.spec["rows"]] == [
        ("strict", "stricter", True),
        ("plain", "like the average", False),
        ("mild", "milder", True),
    ]
    agreement = drawn["Do inspectors give the same for the same call"]
    assert [row["name"] for row in agreement.spec["rows"]] == ["Score", "Passing", "accuracy", "greeting"]
    for picture in drawn.values():
        for row in picture.spec["rows"]:
            assert row["l"] <= row["e"] <= row["h"], picture.title
            assert picture.spec["range"][0] <= row["l"] and row["h"] <= picture.spec["range"][1]


def test_nobody_is_ranked_below_the_middle(facts_of: FactsOf) -> None:
    rows = inspections(agents=20)
    for row in rows:
        row["score"] = min(100.0, row["score"] - 15 + 1.5 * int(row["agent_id"][1:]))
    _, blocks = built(facts_of({"inspections": rows}))
    fair = next(picture for title, picture in pictures(blocks).items() if "severity is taken out" in title)
    told = {row["name"]: row["said"][1] for row in fair.spec["rows"]}
    assert told["a19"].startswith("rank 1")
    assert all(told[f"a{number:02d}"] == "" for number in range(8))
    assert [row.cells[0] for row in fair.table.rows] == sorted(told)
    ranks = {row.cells[0]: row.cells[6] for row in fair.table.rows}
    assert ranks == told


def test_the_sample_says_what_it_cannot(facts_of: FactsOf) -> None:
    _, blocks = built(facts_of({"inspections": inspections(twice=False, purpose="coach", probability=None)}))
    said = texts(blocks)
    assert "None of the 288 inspections" in said[1]
    cannot = said[2]
    assert cannot.startswith("What it cannot say")
    for missing in ("no randomly drawn inspections", "no selection probability", "No call was scored by two"):
        assert missing in cannot
    [sample] = [block for block in blocks if isinstance(block, Table)]
    assert [list(row.cells) for row in sample.rows] == [["Coaching", "(not recorded)", "288", "100%", "0%"]]


def test_strict_inspectors_and_weak_teams_that_cannot_be_told_apart(facts_of: FactsOf) -> None:
    rows = [row for row in inspections(twice=False) if int(row["agent_id"][1:]) % 3 == INSPECTORS.index(row["inspector_id"])]
    agents = [{"agent_id": f"a{number:02d}", "name": f"a{number:02d}", "team": f"t{number % 3}"} for number in range(12)]
    _, blocks = built(facts_of({"inspections": rows, "agents": agents}), "zh")
    said = texts(blocks)
    assert said[0].startswith("质检员宽严和班组水平分不开")
    assert any("偏严还是班组偏弱" in block.text for block in blocks if isinstance(block, Paragraph) and block.tone == "look")


def test_parts_without_facts_are_left_out_with_the_reason(facts_of: FactsOf) -> None:
    desk, blocks = built(facts_of({"inspections": inspections(agents=3, twice=False, inspector_id="only")}), "zh")
    assert texts(blocks)
    left_out = {entry.what: entry.why for entry in desk.left_out}
    assert "两" in left_out["质检：质检员一致性"]
    assert "质检：质检员宽严" in left_out


def test_without_any_inspection_one_line_says_what_to_import(facts_of: FactsOf) -> None:
    with pytest.raises(NothingToShow) as none:
        built(facts_of({"calls": [{"call_id": "1", "arrived_at": datetime(2026, 3, 2, tzinfo=UTC)}]}))
    assert none.value.code == "report.why.no_table"
