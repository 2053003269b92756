"""Timing two ways of doing the same thing, in turns, so that a busy machine is busy for both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, the figure, and the bound it must keep, if there is one."""

    what: str
    figure: float
    unit: str
    bound: float | None = None

    @property
    def kept(self) -> bool:
        return self.bound is None or self.figure <= self.bound

    def cells(self) -> tuple[str, str, str]:
        bound = "" if self.bound is None else f"≤ {self.bound:g} {'kept' if self.kept else 'BROKEN'}"
        return self.what, f"{self.figure:.3g} {self.unit}".strip(), bound


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and seconds of all cores together; the second hardly minds other work on the machine."""

    wall_s: float
    cpu_s: float


def timed(action: Callable[[], Any]) -> tuple[Cost, Any]:
    """What `action` cost, and what it gave."""
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = action()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu), outcome


def in_turns(actions: Sequence[Callable[[], Any]], repetitions: int) -> tuple[list[Cost], list[Any]]:
    """Median cost of each action, run in turns, and what each gave the last time. A first round warms the disk's cache and does not count."""
    outcomes = [action() for action in actions]
    costs: list[list[Cost]] = [[] for _ in actions]
    for _ in range(repetitions):
        for position, action in enumerate(actions):
            cost, outcomes[position] = timed(action)
            costs[position].append(cost)
    medians = [Cost(statistics.median(c.wall_s for c in each), statistics.median(c.cpu_s for c in each)) for each in costs]
    return medians, outcomes


def side_by_side(ours: tuple[str, Cost], theirs: tuple[str, Cost], ratio: str, goal: float) -> list[Line]:
    """Both costs and their ratios; the bound is on the clock, as a user waits by it."""
    lines = [
        Line(f"{what}{kind}", seconds, "s")
        for what, cost in (ours, theirs)
        for kind, seconds in (("", cost.wall_s), (", all cores", cost.cpu_s))
    ]
    return [
        *lines,
        Line(f"{ratio}, ratio", ours[1].wall_s / theirs[1].wall_s, "x", goal),
        Line(f"{ratio}, ratio over all cores", ours[1].cpu_s / theirs[1].cpu_s, "x"),
    ]


def table(lines: Sequence[Line]) -> str:
    """`lines` as a Markdown table."""
    rows = [("what", "figure", "bound"), ("---", "---", "---"), *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
