"""A centre of a few people whose profiles can be counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.engine.operations.rows import at, call

INQUIRY, COMPLAINT, RATES = "国际业务/查询", "国际业务/投诉", "国内业务/资费"
END = date(2026, 3, 31)


def taken(when: str, agent: str = "a1", business: str | None = INQUIRY, number: str | None = None, **fields: Any) -> dict[str, Any]:
    row = call(when, agent_id=agent, business=business, **fields)
    return {**row, "call_id": number} if number else row


def inspection(number: int, call_id: str | None, when: str | None, agent: str = "a1", **fields: Any) -> dict[str, Any]:
    moment = when and at(when)
    return {"inspection_id": f"i{number}", "call_id": call_id, "agent_id": agent, "inspected_at": moment, **fields}


def training(
    number: int, when: str | None, business: str | None, hours: float | None, method: str | None = "class", **fields: Any
) -> dict[str, Any]:
    moment = when and at(when)
    row = {"training_id": f"t{number}", "agent_id": "a1", "business": business, "started_at": moment, "hours": hours, "method": method}
    return {**row, **fields}


def item(number: int, correct: bool | None, when: str, business: str | None = INQUIRY, exam: str = "e1", **fields: Any) -> dict[str, Any]:
    return {
        "exam_id": exam,
        "item": f"q{number}",
        "agent_id": "a1",
        "business": business,
        "taken_at": at(when),
        "correct": correct,
        **fields,
    }


def world() -> dict[str, list[dict[str, Any]]]:
    """Five people; nothing is recorded of how calls ended, so that nobody is judged."""
    calls = [
        taken("2026-01-15 21:59:59", number="call 1", rating=5),
        taken("2026-01-15 22:00", number="call 2", rating=3),
        taken("2026-03-02 05:59:59", rating=4),
        taken("2026-03-02 06:00"),
        taken("2026-03-31 23:30"),
        taken("2026-03-02 10:00", business=COMPLAINT, number="call 3", rating=1, direction=None),
        taken("2026-01-30 10:00", business=COMPLAINT),
        taken("2026-01-29 10:00", business=RATES),
        taken("2026-03-01 10:00", business=None),
        taken("2026-03-05 10:00", business=RATES, direction="outbound"),
        taken("2026-03-06 10:00", "a1", direction="outbound", outcome="ignored"),
        taken("2026-03-07 10:00", "a1", outcome="abandoned"),
        taken("2026-03-04 10:00", "a9"),
        taken("2026-03-04 10:00", None),
    ]  # fmt: skip
    agents = [
        {
            "agent_id": "a1", "name": "王小明", "team": "一班", "centre": "天津", "role": "客服专员", "hired_on": date(2025, 12, 31), "seat_level": 3,
            "tags": {"学历": "本科", "持证业务": f"{INQUIRY}|{COMPLAINT}", "空": ""},
        },
        {"agent_id": "a2", "hired_on": date(2025, 12, 31), "left_on": date(2026, 2, 1), "tags": {"Licence": "无"}},
        {"agent_id": "a3", "hired_on": date(2026, 4, 1), "left_on": date(2026, 9, 1), "tags": {"上岗证": "有"}},
        {"agent_id": "a4", "hired_on": date(2026, 2, 1), "left_on": date(2026, 1, 1)},
    ]  # fmt: skip
    inspections = [
        inspection(1, "call 1", "2026-01-20 09:00", purpose="score", score=90.0, passed=True, fatal=False),
        inspection(2, "call 2", "2026-04-02 09:00", purpose=None, score=60.0, passed=False, fatal=True),
        inspection(3, "call 3", None, purpose="score", score=None, passed=True, fatal=None),
        inspection(4, "gone", "2026-04-03 09:00", purpose="coach", score=10.0, passed=False, fatal=True),
        inspection(5, "call 1", "2026-03-30 10:00", purpose="audit", score=0.0, passed=False, fatal=True),
        inspection(6, "call 1", "2026-03-30 10:00", purpose="calibration", score=0.0),
        inspection(7, "call 1", "2026-03-30 10:00", purpose="score", score=float("nan")),
        inspection(8, None, "2027-01-01 10:00", purpose="score", score=0.0),
    ]
    trainings = [
        training(1, "2026-02-01 09:00", INQUIRY, 1.5),
        training(2, "2026-03-01 09:00", INQUIRY, None, "mentor"),
        training(3, "2026-04-10 09:00", COMPLAINT, 2.0),
        training(4, None, None, 1.0, None),
        training(5, "2026-08-01 09:00", COMPLAINT, 8.0),
        training(1, "2026-02-01 09:00", RATES, float("nan"), "drill", agent_id="a2"),
    ]
    exams = [
        *(item(n, n < 3, "2026-02-10 09:00") for n in range(4)),
        item(4, True, "2026-02-10 09:00", COMPLAINT),
        item(5, None, "2026-02-11 09:00"),
        item(6, True, "2026-03-10 09:00", None, "e2"),
        item(7, None, "2026-03-20 09:00", exam="e3"),
    ]
    mystery = [
        {
            "mystery_id": "m1",
            "item": f"p{n}",
            "agent_id": "a1",
            "centre": "天津",
            "called_at": at("2026-03-03 09:00"),
            "points": points,
            "max_points": 10.0,
        }
        for n, points in enumerate((8.0, 4.0, None))
    ]
    mystery += [
        {
            "mystery_id": "m2",
            "item": "p0",
            "agent_id": "a1",
            "centre": "天津",
            "called_at": at("2026-03-05 09:00"),
            "points": 10.0,
            "max_points": 20.0,
        },
        {
            "mystery_id": "m3",
            "item": "p0",
            "agent_id": "a1",
            "centre": "山西",
            "called_at": at("2026-03-09 09:00"),
            "points": 0.0,
            "max_points": 99.0,
        },
        {
            "mystery_id": "m4",
            "item": "p0",
            "agent_id": "a1",
            "centre": "天津",
            "called_at": at("2026-03-09 09:00"),
            "points": 0.0,
            "max_points": 0.0,
        },
        {
            "mystery_id": "m5",
            "item": "p0",
            "agent_id": "a2",
            "centre": "山西",
            "called_at": at("2026-03-09 09:00"),
            "points": 9.0,
            "max_points": 10.0,
        },
    ]
    return {"calls": calls, "agents": agents, "inspections": inspections, "trainings": trainings, "exams": exams, "mystery_calls": mystery}
