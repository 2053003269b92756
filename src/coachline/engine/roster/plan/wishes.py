"""Wishes of people: days off, days of work, kinds of shifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.roster.plan.request import DAY_MINUTES, Floats, ShiftKind

OFF_WORDS = frozenset({"off", "rest", "leave", "休", "休息", "轮休", "不上班", "调休"})
WORK_WORDS = frozenset({"work", "on", "上班", "班", "任意班", "any"})
HOURS = {
    "early": (0, 9 * 60), "morning": (0, 9 * 60), "早班": (0, 9 * 60), "早": (0, 9 * 60),
    "day": (8 * 60, 12 * 60), "白班": (8 * 60, 12 * 60), "中班": (10 * 60, 15 * 60), "late": (12 * 60, 18 * 60), "晚班": (12 * 60, 18 * 60),
    "night": (18 * 60, DAY_MINUTES), "夜班": (18 * 60, DAY_MINUTES), "大夜班": (18 * 60, DAY_MINUTES),
}  # fmt: skip
"""Usual words for shifts, by the minutes of the day between which these begin."""


def wished(
    facts: Facts, people: Sequence[str], kinds: Sequence[ShiftKind], first: date, days: int
) -> tuple[Floats, Floats, tuple[Note, ...]]:
    """Wishes within the horizon.

    Returns
    -------
    of_shifts : (people, days, shifts) float array
        Strength of the wish for each shift.
    off : (people, days) float array
        Strength of the wish to be off.
    notes : tuple of Note
    """
    of_shifts, off = np.zeros((len(people), days, len(kinds))), np.zeros((len(people), days))
    if not facts.has("wishes"):
        return of_shifts, off, ()
    table = facts.table("wishes")
    table = table.filter(table.date >= first, table.date < first + timedelta(days), table.wish.notnull())
    person = {name: n for n, name in enumerate(people)}
    unread = 0
    for row in facts.collect(table.select("agent_id", "date", "wish", "strength")).to_pylist():
        if row["agent_id"] not in person:
            continue
        at = person[row["agent_id"]], (row["date"] - first).days
        strength = 1.0 if row["strength"] is None else float(row["strength"])
        wish = row["wish"].strip()
        if wish.lower() in OFF_WORDS:
            off[at] += strength
            continue
        meant = _meant(wish, kinds)
        unread += not meant.any()
        of_shifts[at] += strength * meant
    notes = (Note("wishes_not_understood", {"wishes": unread, "kinds": ", ".join(kind.code for kind in kinds)}),) if unread else ()
    return of_shifts, off, notes


def _meant(wish: str, kinds: Sequence[ShiftKind]) -> np.ndarray:
    """(shifts,) which kinds a wish means: all, that of its name, or those that begin when its word says."""
    if wish.lower() in WORK_WORDS:
        return np.ones(len(kinds), np.bool_)
    by_name = np.array([kind.code == wish for kind in kinds], np.bool_)
    if by_name.any() or wish.lower() not in HOURS:
        return by_name
    low, high = HOURS[wish.lower()]
    return np.array([low <= kind.starts < high for kind in kinds], np.bool_)
