"""Small pictures that need no script: lines of a trend as coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 320, 64, 6
"""Of the drawing, in its own units."""


@dataclass(frozen=True)
class Line:
    """A line with its dots.

    Attributes
    ----------
    points : str
        As SVG has them.
    dots : tuple of (x, y)
    top : int
        The value at the upper edge; the lower one is 0.
    """

    points: str
    dots: tuple[tuple[float, float], ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def line(values: Sequence[int]) -> Line | None:
    """Counts, evenly spaced, from 0 up; None where there are fewer than two, which show no course."""
    if len(values) < 2:
        return None
    top = max(*values, 1)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    dots = tuple((round(EDGE + i * step, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / top, 1)) for i, value in enumerate(values))
    return Line(" ".join(f"{x},{y}" for x, y in dots), dots, top)
