"""An estimate with its interval on a scale, as places that a template can draw without a style."""

from __future__ import annotations

from dataclasses import dataclass

MARGIN = 3.0
"""Percent of the width that stay free at either end, so that a dot at the end of the scale is whole."""


@dataclass(frozen=True)
class Strip:
    """Places on the scale, in percent of its width.

    Attributes
    ----------
    at, low, high : str
    standard : str or None
    band : tuple of str or None
        Where the band of colleagues begins, and its width.
    look, unsure : bool
        Orange; a hollow dot.
    """

    at: str
    low: str
    high: str
    standard: str | None
    band: tuple[str, str] | None
    look: bool
    unsure: bool


@dataclass(frozen=True)
class Scale:
    """Where a scale begins and ends."""

    low: float
    high: float

    @classmethod
    def of(cls, *values: float | None) -> Scale:
        """A scale that has room for everything that is known."""
        known = [value for value in values if value is not None]
        return cls(min(known), max(known)) if known else cls(0.0, 1.0)

    def place(self, value: float) -> float:
        wide = max(self.high - self.low, 1e-9)
        return MARGIN + (100 - 2 * MARGIN) * min(max((value - self.low) / wide, 0.0), 1.0)

    def strip(
        self,
        estimate: float,
        low: float,
        high: float,
        *,
        standard: float | None = None,
        band: tuple[float, float] | None = None,
        verdict: str | None = None,
    ) -> Strip:
        """An estimate on this scale; orange where it is below its standard, hollow where nobody knows."""
        ends = None if band is None else (self.place(band[0]), self.place(band[1]))
        return Strip(
            at=_written(self.place(estimate)),
            low=_written(self.place(low)),
            high=_written(self.place(high)),
            standard=None if standard is None else _written(self.place(standard)),
            band=None if ends is None else (_written(ends[0]), _written(max(ends[1] - ends[0], 0.3))),
            look=verdict in ("below", "harder"),
            unsure=verdict == "unknown",
        )


def _written(place: float) -> str:
    return f"{place:.2f}%"
