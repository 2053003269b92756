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


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of wall time, and what `action` gave."""
    began = time.perf_counter()
    outcome = action()
    return time.perf_counter() - began, outcome


def in_turns(actions: Sequence[Callable[[], Any]], repetitions: int) -> tuple[list[float], list[Any]]:
    """Median seconds of each action, run in turns, and what each gave the last time. A first round warms the disk's cache and does not count."""
    outcomes = [action() for action in actions]
    seconds: list[list[float]] = [[] for _ in actions]
    for _ in range(repetitions):
        for position, action in enumerate(actions):
            took, outcomes[position] = timed(action)
            seconds[position].append(took)
    return [statistics.median(each) for each in seconds], outcomes


def table(lines: Sequence[Line]) -> str:
    """`lines` as a Markdown table."""
    rows = [("what", "figure", "bound"), ("---", "---", "---"), *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
