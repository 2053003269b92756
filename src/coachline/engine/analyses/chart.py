"""Pictures of a result that are worth drawing wherever it is shown, declared beside the analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Chart:
    """One picture, as codes; `coachline.report.registered` draws it.

    Parameters
    ----------
    kind : str
        ``line`` over time, ``bars`` from zero, ``dots`` with intervals.
    table : str
        Which of the result's tables.
    x : tuple of str
        Columns that name a point; several are written one after the other.
    y : str
        The figure.
    low, high : str, optional
        Ends of its interval.
    series : str, optional
        A line for each of its members.
    panel : str, optional
        A picture for each of its members.
    """

    kind: Literal["line", "bars", "dots"]
    table: str
    x: tuple[str, ...]
    y: str
    low: str | None = None
    high: str | None = None
    series: str | None = None
    panel: str | None = None
