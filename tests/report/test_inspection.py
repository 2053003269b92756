"""The chapter on inspection: what it answers, what it leaves out and why, and that nobody is ranked below the middle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Block, Paragraph, Picture, Table
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters import inspection, mystery
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


def audits(rows: list[dict[str, Any]], share: float = 0.3) -> list[dict[str, Any]]:
    """Every third pass is heard again; of these, `share` do not stand."""
    again = [row for row in rows if row["passed"]][::3]
    return [
        {
            **row,
            "inspection_id": f"again-{row['inspection_id']}",
            "inspector_id": "auditor",
            "purpose": "audit",
            "probability": None,
            "inspected_at": row["inspected_at"] + timedelta(days=2),
            "passed": number >= share * len(again),
        }
        for number, row in enumerate(again)
    ]


def test_the_pass_rate_after_the_audit(facts_of: FactsOf) -> None:
    first = inspections(twice=False)
    second = audits(first)
    _, blocks = built(facts_of({"inspections": [*first, *second]}))
    passed = sum(row["passed"] for row in first) / len(first)
    overturned = sum(not row["passed"] for row in second) / len(second)
    answer = texts(blocks)[0]
    assert f"About {overturned:.0%}" in answer
    assert f"becomes {passed * (1 - overturned):.0%}" in answer
    drawn = pictures(blocks)["How many passes remain after a second hearing"].spec
    everybody = drawn["rows"][0]
    assert everybody["name"] == "All"
    assert everybody["beside"] == pytest.approx(passed, abs=1e-4)
    assert everybody["e"] == pytest.approx(passed * (1 - overturned), abs=0.01)
    assert sorted(row["name"] for row in drawn["rows"][1:]) == sorted(INSPECTORS)


def test_without_an_audit_nothing_is_said_of_passes_that_do_not_stand(facts_of: FactsOf) -> None:
    desk, blocks = built(facts_of({"inspections": inspections()}))
    assert "second hearing" not in texts(blocks)[0]
    assert "How many passes remain after a second hearing" not in pictures(blocks)
    assert "audit" in {entry.what: entry.why for entry in desk.left_out}["Inspection: audit of passes"]


def heard_calls(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The inspected calls: dissatisfied where the call failed, and as often elsewhere as chance has it."""
    rng = np.random.default_rng(2)
    calls = {row["call_id"]: row for row in rows}
    return [
        {
            "call_id": number,
            "arrived_at": row["inspected_at"] - timedelta(hours=1),
            "direction": "inbound",
            "outcome": "answered",
            "agent_id": row["agent_id"],
            "business": "b",
            "rating": 1 if rng.random() < (0.7 if not row["passed"] else 0.1) else 5,
        }
        for number, row in calls.items()
    ]


def test_items_say_what_they_foretell_and_which_bad_calls_have_no_fault(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(4)
    rows = inspections(agents=20, each=40, twice=False)
    for row in rows:
        row["passed"] = bool(rng.random() < 0.7)
    facts = facts_of({"inspections": rows, "inspection_items": items(rows), "calls": heard_calls(rows)})
    _, blocks = built(facts)
    drawn = pictures(blocks)["Which items do not foretell what customers feel"]
    assert {row["name"]: row["said"][0] for row in drawn.spec["rows"]}["accuracy"] == "Foretells"
    assert [row.cells[0] for row in drawn.table.rows][-1] == "accuracy"
    calls = {row["call_id"]: row["rating"] for row in heard_calls(rows)}
    bad = [row for row in rows if calls[row["call_id"]] == 1]
    clean = sum(row["passed"] for row in bad) / len(bad)
    assert any(f"{clean:.0%} of calls" in text or f"{clean:.1%} of calls" in text for text in texts(blocks))
    failed = sum(not row["passed"] for row in rows)
    assert any(text.startswith(f"Of {failed:,} inspections that name a problem, 0 (0%)") for text in texts(blocks))


def test_mystery_calls_rank_centres_by_ranges_and_mark_the_own_one(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(1)
    rows = [
        {
            "mystery_id": f"{centre}-{month}-{call}",
            "centre": f"c{centre}",
            "agent_id": "a1" if centre == 3 else None,
            "called_at": datetime(2026, month, 2, tzinfo=UTC) + timedelta(days=call),
            "item": "all",
            "points": float(np.clip(70 + 5 * centre + rng.normal(0, 4), 0, 100)),
            "max_points": 100.0,
        }
        for centre in range(5)
        for month in (3, 4)
        for call in range(20)
    ]
    blocks = list(mystery.CHAPTER.blocks(desk_over(facts_of({"mystery_calls": rows}), "en")))
    assert texts(blocks)[0].startswith("2026-04: c3 reached")
    [picture] = pictures(blocks).values()
    assert [row["name"] for row in picture.spec["rows"]] == ["c4", "c3 (own centre)", "c2", "c1", "c0"]
    assert [row["other"] for row in picture.spec["rows"]] == [True, False, True, True, True]
    assert picture.spec["rows"][0]["said"][0].startswith("1")
    [months] = [block for block in blocks if isinstance(block, Table)]
    assert [row.cells[1] for row in months.rows] == ["2026-04", "2026-03"]
