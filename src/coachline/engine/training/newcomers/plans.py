"""Plans for newcomers as a planner writes them, and as the model takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from coachline.errors import CoachlineError

AS_NOW = "as_now"
"""The plan against which all others are held; it is there even where nobody asks for it."""

DEFAULT_PLANS: Mapping[str, str] = {
    AS_NOW: "now",
    "recruit_once": "once 10%",
    "recruit_steadily": "spread 10%",
    "no_recruiting": "monthly 0",
    "longer_class": "class_weeks +4",
    "mentor_1_to_1": "mentor_ratio 1",
    "mentor_1_to_3": "mentor_ratio 3",
    "with_schools": "school 100%",
    "stricter_exam": "pass 75%",
}


DEFAULT_PRICES: Mapping[str, float] = {
    "cost_recruit": 3000.0,
    "wage": 6000.0,
    "class_wage": 4000.0,
    "cost_classroom": 2000.0,
    "cost_mentor": 600.0,
    "cost_exam": 100.0,
    "cost_school": 2000.0,
}
"""Assumptions, in yuan; every centre has its own."""


@dataclass(frozen=True)
class Plan:
    """What a plan changes; None leaves a thing as it is now.

    Attributes
    ----------
    name : str
    once, spread : float
        Recruits beyond the usual ones: at once at the beginning, or evenly over the months looked at.
    monthly : float, optional
        Recruits a month in place of the usual ones.
    share_of_heads : frozenset of str
        Which of the three stand for a share of today's heads, not for people.
    class_weeks, more_class_weeks : float, optional
        Weeks of classroom, or weeks beyond the present ones.
    mentor_weeks : float, optional
    mentor_ratio : float, optional
        Apprentices per mentor.
    passing : float, optional
        Share of those who sit the licence exam that passes.
    school : float
        Share of recruits who come through an apprenticeship with a school.
    """

    name: str
    once: float = 0.0
    spread: float = 0.0
    monthly: float | None = None
    share_of_heads: frozenset[str] = frozenset()
    class_weeks: float | None = None
    more_class_weeks: float = 0.0
    mentor_weeks: float | None = None
    mentor_ratio: float | None = None
    passing: float | None = None
    school: float = 0.0

    @property
    def assumed(self) -> bool:
        """Whether what it changes works through quantities that no records tell: what classroom, mentors, exams and schools do."""
        as_now = (self.class_weeks, self.mentor_weeks, self.mentor_ratio, self.passing)
        return any(given is not None for given in as_now) or self.more_class_weeks > 0 or self.school > 0

    def heads(self, field: str, present: float) -> float:
        """How many people the figure `field` (once, spread, monthly) stands for, where `present` are there."""
        given = float(getattr(self, field))
        return given * present if field in self.share_of_heads else given


@dataclass(frozen=True)
class _Word:
    """What may stand before a figure: its names, whether the figure may be a share, and its limits."""

    field: str
    names: tuple[str, ...]
    low: float
    high: float
    share: bool = False
    people: bool = False


_WORDS = (
    _Word("once", ("once", "一次招", "一次性招聘", "一次招聘"), 0, 100_000, people=True),
    _Word("spread", ("spread", "分批招", "分批招聘"), 0, 100_000, people=True),
    _Word("monthly", ("monthly", "每月招", "每月招聘"), 0, 100_000, people=True),
    _Word("class_weeks", ("class_weeks", "课堂周数", "课堂"), 0, 104),
    _Word("mentor_weeks", ("mentor_weeks", "带教周数", "带教"), 0, 104),
    _Word("mentor_ratio", ("mentor_ratio", "师徒比"), 0.25, 20),
    _Word("passing", ("pass", "通过率"), 0.01, 1, share=True),
    _Word("school", ("school", "院校"), 0, 1, share=True),
)
_NOW = ("now", "现状", "as_now")
ACCEPTED = (
    "now | once 10% | spread 12 | monthly 3 | class_weeks 8 | class_weeks +4 | mentor_weeks 8 | mentor_ratio 1:2 | pass 75% | school 50%"
)
_CLAUSE = re.compile(r"(?P<word>[^\d\s+\-−.:：%％]+)\s*(?P<figure>[^\s]+)")


def read_plans(given: Mapping[str, str]) -> tuple[Plan, ...]:
    """The plans as written, the present state first.

    Parameters
    ----------
    given : mapping of name to text
        Clauses such as ``once 10%, mentor_ratio 2``, with commas between them, in English or Chinese.

    Raises
    ------
    CoachlineError
        ``bad_plan``, with the clause that cannot be read and what could be.
    """
    read = {name: _plan(name, text) for name, text in given.items()}
    return (read.pop(AS_NOW, Plan(AS_NOW)), *read.values())


def _plan(name: str, text: str) -> Plan:
    plan = Plan(name)
    said: set[str] = set()
    for clause in (part.strip() for part in re.split("[,，、]", text)):
        if clause in _NOW or not clause:
            continue
        found = _CLAUSE.fullmatch(clause)
        word = next((w for w in _WORDS if found is not None and found["word"].strip() in w.names), None)
        if found is None or word is None or word.field in said:
            raise CoachlineError("bad_plan", plan=name, clause=clause, accepted=ACCEPTED)
        said.add(word.field)
        plan = _with(plan, word, found["figure"], clause)
    return plan


def _with(plan: Plan, word: _Word, figure: str, clause: str) -> Plan:
    percent = figure.endswith(("%", "％"))
    more = figure.startswith("+") and word.field == "class_weeks"
    bare = figure.rstrip("%％")
    if word.field == "mentor_ratio":
        bare = re.sub("^1[:：]", "", bare)
    try:
        value = float(bare) / (100.0 if percent else 1.0)
    except ValueError:
        value = -1.0
    if word.share and not percent and value > 1:
        value /= 100.0
    if not word.low <= value <= word.high or (percent and not (word.share or word.people)):
        raise CoachlineError("bad_plan", plan=plan.name, clause=clause, accepted=ACCEPTED)
    if more:
        return replace(plan, more_class_weeks=value)
    if word.people and percent:
        plan = replace(plan, share_of_heads=plan.share_of_heads | {word.field})
    changed: dict[str, Any] = {word.field: value}
    return replace(plan, **changed)
