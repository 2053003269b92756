"""Estimates with their intervals, one below the other, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coachline.report.blocks import Picture, Table
from coachline.report.chapter import Desk
from coachline.report.pictures import short


@dataclass(frozen=True)
class Estimate:
    """A row of the picture.

    Attributes
    ----------
    name : str
    place : tuple of float
        Estimate and both ends of its interval, on the scale of the picture.
    written : str
        The same for people.
    said : str
        What follows from it.
    n : int
        Cases that it rests on.
    aside : str
        Written small below `said`.
    beside : float, optional
        Where the grey mark stands: what it is compared with.
    look, unsure, other : bool
        Orange; a hollow dot; grey, for those who only serve as a comparison.
    agent : bool
        `name` is an agent, and leads to the agent's page.
    """

    name: str
    place: tuple[float, float, float]
    written: str
    said: str
    n: int
    aside: str = ""
    beside: float | None = None
    look: bool = False
    unsure: bool = False
    other: bool = False
    agent: bool = False


@dataclass(frozen=True)
class Scale:
    """The scale of a picture: what is written at its ends, and a line that stands for all rows."""

    low: float
    high: float
    ends: tuple[str, str]
    line: float | None = None


@dataclass(frozen=True)
class Heads:
    """What stands above the columns, and what the marks mean; `beside` and `line` where there are such marks."""

    name: str
    estimate: str
    said: str
    n: str
    dot: str
    beside: str | None = None
    line: str | None = None


def estimates(
    desk: Desk, title: str, rows: Sequence[Estimate], scale: Scale, heads: Heads, table: Table, *, caption: str | None = None
) -> Picture:
    """A strip for every row, and `table` for those who cannot see it."""
    words = desk.words
    spec: dict[str, Any] = {
        "kind": "estimates",
        "heads": [heads.name, words("report.tip.strip_name"), heads.estimate, heads.said, heads.n],
        "key": {"estimate_key": heads.dot, "middle_key": heads.beside, "standard_key": heads.line},
        "range": [short(scale.low), short(scale.high)],
        "ends": scale.ends,
        "line": short(scale.line),
        "rows": [_drawn(row) for row in rows],
    }
    if any(row.unsure for row in rows):
        spec["key"]["unsure_key"] = words("report.tip.unsure_key")
    return Picture(title, spec, table, height=0, wide=True, caption=caption)


def span(rows: Sequence[Estimate], least: float = 0.0) -> tuple[float, float]:
    """Where a scale begins and ends so that everything in `rows` has its place, at least `least` apart."""
    known = [value for row in rows for value in (*row.place, row.beside) if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = max((least - (high - low)) / 2, 0.0)
    return low - room, high + room


def _drawn(row: Estimate) -> dict[str, Any]:
    middle, low, high = row.place
    return {
        "name": row.name,
        "e": short(middle),
        "l": short(low),
        "h": short(high),
        "beside": short(row.beside),
        "value": row.written,
        "said": [row.said, row.aside],
        "n": row.n,
        "look": row.look,
        "unsure": row.unsure,
        "other": row.other,
        "agent": row.agent,
    }
