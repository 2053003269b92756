"""Two centres, 甲 and 乙, that share queues and a lake, with an agent of neither: a few rows of every table, one for each way to belong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)

Row = dict[str, Any]

AGENTS: Sequence[Row] = ({"agent_id": "a", "centre": "甲"}, {"agent_id": "b", "centre": "乙"}, {"agent_id": "n", "centre": None})


def call(number: int, agent: str | None, queue: str | None = None, business: str | None = None, **more: Any) -> Row:
    answered = {"outcome": "abandoned", "talk_s": 0.0} if agent is None else {"outcome": "answered", "talk_s": 60.0 + number}
    return {"call_id": f"C{number}", "arrived_at": AT, "agent_id": agent, "queue": queue, "business": business, **answered, **more}


CALLS: Sequence[Row] = (
    call(1, "a", "只有甲"),
    call(2, None, "只有甲"),
    call(3, "a", "共用"),
    call(4, "b", "共用"),
    call(5, None, "共用"),
    call(6, "b", None, "业务乙"),
    call(7, None, None, "业务乙"),
    call(8, None, "没人接", "业务乙"),
    call(9, None, None, None),
    call(10, "n", "只有甲"),
    call(11, "x", "只有甲"),
    call(12, "a", "共用", "业务共"),
    call(13, "b", "共用", "业务共"),
    call(14, None, None, "业务共"),
)

# Number C2 is given again by the call system of the other centre.
CALLS_OF_TWO_SYSTEMS: Sequence[Row] = (*CALLS, call(2, "b", "共用", source="another system"))


def _inspection(number: int, call_id: str | None, agent: str | None) -> Row:
    return {"inspection_id": str(number), "call_id": call_id, "agent_id": agent, "inspector_id": "q", "inspected_at": AT, "score": 90.0}


INSPECTIONS: Sequence[Row] = (
    _inspection(1, "C4", "a"),
    _inspection(2, "C1", "typo"),
    _inspection(3, "C2", None),
    _inspection(4, "C99", "typo"),
    _inspection(5, None, "typo"),
    _inspection(6, "C4", None),
    _inspection(7, "C1", "n"),
)

ITEMS: Sequence[Row] = tuple(
    {"inspection_id": row["inspection_id"], "item": "礼貌", "points": 5.0, "max_points": 5.0} for row in INSPECTIONS
)

TRANSCRIPTS: Sequence[Row] = tuple({"call_id": f"C{number}", "turn": 0, "text": "您好"} for number in (1, 2, 4, 5, 99))


def _answer(survey: str, respondent: str) -> Row:
    return {"survey": survey, "respondent": respondent, "question": "Q1", "choice": "是"}


ANSWERS: Sequence[Row] = (
    _answer("匿名", "R1"),
    _answer("匿名", "R2"),
    _answer("实名", "a"),
    _answer("实名", "b"),
    _answer("实名", "left long ago"),
)


def _asked(number: int, centre: str, agent: str | None) -> Row:
    at = AT + timedelta(hours=number)
    return {
        "mystery_id": str(number),
        "centre": centre,
        "agent_id": agent,
        "called_at": at,
        "item": "礼貌",
        "points": 4.0,
        "max_points": 5.0,
    }


MYSTERY_CALLS: Sequence[Row] = (
    _asked(1, "甲", "a"),
    _asked(2, "乙", "b"),
    _asked(3, "甲", "unlisted"),
    _asked(4, "乙", "unlisted"),
    _asked(5, "甲", "b"),
    _asked(6, "丙", None),
)


def two_centres() -> dict[str, Sequence[Row]]:
    people = ("a", "b", "n", "x")
    return {
        "agents": AGENTS,
        "calls": CALLS_OF_TWO_SYSTEMS,
        "businesses": ({"business": "业务乙"}, {"business": "业务共"}),
        "inspections": INSPECTIONS,
        "inspection_items": ITEMS,
        "transcripts": TRANSCRIPTS,
        "survey_answers": ANSWERS,
        "mystery_calls": MYSTERY_CALLS,
        "trainings": [{"training_id": "T1", "agent_id": agent, "started_at": AT} for agent in people],
        "enrolments": [{"training_id": "T1", "agent_id": agent, "arm": "waiting", "decided_at": AT} for agent in people],
        "exams": [{"exam_id": "E1", "agent_id": agent, "item": "1", "taken_at": AT} for agent in people],
        "wishes": [{"agent_id": agent, "date": AT.date(), "wish": "off"} for agent in people],
        "shifts": [{"agent_id": agent, "starts_at": AT, "ends_at": AT + timedelta(hours=8), "activity": "work"} for agent in people],
    }
