"""How numbers, times and differences are written for people, in the language of the report."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

from coachline.wording import Wording

FEW = 30
"""Below this many cases a figure carries its n."""

MINUS = "\N{MINUS SIGN}"


class Figures:
    """Writes figures.

    Parameters
    ----------
    words : Wording
    zone : ZoneInfo
        The centre's; instants are shown on its wall clock.
    """

    def __init__(self, words: Wording, zone: ZoneInfo) -> None:
        self.words = words
        self.zone = zone

    def count(self, value: float | None) -> str:
        if not _known(value):
            return self.unknown
        return f"{round(value):,}".replace("-", MINUS)

    def share(self, value: float | None, n: float | None = None) -> str:
        """A share of one as percent; with `n`, as many digits as `n` cases can carry."""
        if not _known(value):
            return self.unknown
        if value in (0, 1):
            return f"{value:.0%}"
        digits = share_digits(value, n)
        least = 10.0**-digits
        if 0 < value * 100 < least / 2:
            return f"< {least:.{digits}f}%"
        return f"{value * 100:.{digits}f}%".replace("-", MINUS)

    def seconds(self, value: float | None) -> str:
        """A duration as mm:ss, or h:mm:ss from an hour on."""
        if not _known(value):
            return self.unknown
        whole = round(abs(value))
        sign = MINUS if value < 0 and whole else ""
        hours, rest = divmod(whole, 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{sign}{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{sign}{minutes:02d}:{seconds:02d}"

    def number(self, value: float | None, digits: int = 1) -> str:
        """A number with some digits; what is not nothing never looks like it."""
        if not _known(value):
            return self.unknown
        least = 10.0**-digits
        if 0 < abs(value) < least / 2:
            return f"< {least:.{digits}f}" if value > 0 else f"> {MINUS}{least:.{digits}f}"
        return f"{value:,.{digits}f}".replace("-", MINUS)

    def chance(self, value: float | None) -> str:
        """A p value: three digits, and never a bare zero."""
        if not _known(value):
            return self.unknown
        return "< 0.001" if value < 0.001 else f"{value:.3f}"

    def day(self, value: date | None) -> str:
        """``2026-03-01 周日``."""
        if value is None:
            return self.unknown
        return f"{value.isoformat()} {self.weekday(value.weekday())}"

    def weekday(self, number: int) -> str:
        """Name of a weekday, 0 = Monday."""
        return self.words(f"report.weekday.{number}")

    def instant(self, value: datetime | None) -> str:
        if value is None:
            return self.unknown
        local = value.astimezone(self.zone) if value.tzinfo else value
        return f"{self.day(local.date())} {local:%H:%M}"

    def value(self, unit: str, value: float | None, n: float | None = None) -> str:
        """A metric's value by its unit: ``share``, ``seconds`` or ``count``."""
        if unit == "share":
            return self.share(value, n)
        return self.seconds(value) if unit == "seconds" else self.count(value)

    def between(self, unit: str, low: float, high: float) -> str:
        """A range of usual values; of counts the whole numbers inside it, so that none outside seems to be in it."""
        if unit == "count":
            low, high = math.ceil(low), math.floor(high)
        return f"{self.value(unit, low)} – {self.value(unit, high)}"

    def change(self, unit: str, now: float, before: float, n: float | None = None) -> str:
        """``低 2.1 个百分点``: the difference of two values of one metric, in words."""
        difference = now - before
        if unit == "share":
            digits = share_digits(now, n)
            size = f"{abs(difference) * 100:.{digits}f}"
            return self._directed(difference, "points", size) if float(size) else self.words("report.change.same")
        if unit == "seconds":
            size = self.seconds(abs(difference))
            return self._directed(difference, "seconds", size) if round(abs(difference)) else self.words("report.change.same")
        if not before:
            size = self.count(abs(difference))
            return self._directed(difference, "count", size) if round(abs(difference)) else self.words("report.change.same")
        size = f"{abs(difference / before) * 100:.1f}%"
        return self._directed(difference, "count", size) if size != "0.0%" else self.words("report.change.same")

    def points(self, value: float | None, digits: int = 1) -> str:
        """A difference of two shares: ``+2.1 个百分点``."""
        if not _known(value):
            return self.unknown
        return self.words("report.points", size=self.signed(value * 100, digits))

    def signed(self, value: float, digits: int = 1) -> str:
        size = f"{abs(value):,.{digits}f}"
        if not float(size.replace(",", "")):
            return size
        return ("+" if value > 0 else MINUS) + size

    def difference(self, unit: str, value: float | None) -> str:
        """A signed difference by unit, for tables."""
        if not _known(value):
            return self.unknown
        if unit == "share":
            return self.points(value, 2)
        if unit == "seconds":
            return self.words("report.seconds_short", size=self.signed(value))
        return self.signed(value, 0 if abs(value) >= 10 else 1)

    def estimate(self, unit: str, value: float | None, low: float | None = None, high: float | None = None) -> str:
        """An estimated capability by its unit, ``share``, ``rating``, ``index`` or ``time``; no finer than its interval, if one is given."""
        if not _known(value):
            return self.unknown
        if unit == "time":
            return self.seconds(value)
        half = (high - low) / 2 if _known(low) and _known(high) else 0.0
        if unit == "share":
            return f"{value * 100:.{0 if half >= 0.025 else 1}f}%".replace("-", MINUS)
        return self.number(value, 0 if unit == "index" else 1 if half >= 0.1 else 2)

    def interval(self, unit: str, low: float | None, high: float | None) -> str:
        """``82% – 89%``."""
        return f"{self.estimate(unit, low, low, high)} – {self.estimate(unit, high, low, high)}"

    def probability(self, value: float | None) -> str:
        """A probability as whole percent, never a bare 0 or 100."""
        if not _known(value):
            return self.unknown
        return "< 1%" if value < 0.005 else "> 99%" if value > 0.995 else f"{value:.0%}"

    @property
    def unknown(self) -> str:
        return self.words("report.unknown")

    def _directed(self, difference: float, kind: str, size: str) -> str:
        return self.words(f"report.change.{kind}_{'more' if difference > 0 else 'less'}", size=size)


def share_digits(value: float, n: float | None = None) -> int:
    """Digits after the point of a percentage that rests on `n` cases: no finer than twice its standard error.

    One digit where `n` is not known. A share of 0 or 1 is not certain either, so half a case is added to both sides.
    """
    if not n:
        return 1
    near = min(max((value * n + 0.5) / (n + 1), 0.5 / (n + 1)), (n + 0.5) / (n + 1))
    error = 100 * math.sqrt(near * (1 - near) / n)
    return 0 if error >= 2.5 else 1 if error >= 0.02 else 2


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
