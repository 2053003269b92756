"""Cuts time into stretches that hold about so many calls, so that a page is found without looking at more of them than it needs.

Only what the log says of the files is used; it costs no look at any file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from coachline.engine import clock
from coachline.engine.facts import FileSpan

_SECOND = 1_000_000

Stretch = tuple[datetime | None, datetime | None]
"""From an instant on, and before another; None is open."""


def stretches(
    spans: Sequence[FileSpan], first: datetime | None, last: datetime | None, sizes: Sequence[int], upwards: bool
) -> Iterator[Stretch]:
    """Adjoining stretches from `last` back to `first`, or upwards from `first` to `last`.

    Parameters
    ----------
    spans : sequence of FileSpan
        Files of which it is known when their rows are; within a file they are taken to be spread evenly.
    first, last : datetime, optional
    sizes : sequence of int
        About so many calls are in the first stretch, the second, ... What is left is one more.
    upwards : bool
    """
    if not spans:
        yield first, last
        return
    lows = np.array([_us(span.first) for span in spans])
    highs = np.array([_us(span.last) + 1 for span in spans])
    rows = np.array([span.rows for span in spans], float)
    low = int(lows.min()) if first is None else max(_us(first), int(lows.min()))
    high = int(highs.max()) if last is None else min(_us(last), int(highs.max()))
    edge = low if upwards else high
    begin: datetime | None = first if upwards else last
    for size in sizes:
        edge = _edge(lows, highs, rows, edge, size, upwards)
        if edge >= high if upwards else edge <= low:
            break
        cut = clock.EPOCH_INSTANT + timedelta(microseconds=edge)
        yield (begin, cut) if upwards else (cut, begin)
        begin = cut
    yield (begin, last) if upwards else (first, begin)


def _edge(
    lows: npt.NDArray[np.int64], highs: npt.NDArray[np.int64], rows: npt.NDArray[np.float64], start: int, size: int, upwards: bool
) -> int:
    """The whole second nearest to `start` such that about `size` rows lie between the two, or the end of all rows."""

    def expected(other: int) -> float:
        low, high = (start, other) if upwards else (other, start)
        shared = np.clip(np.minimum(highs, high) - np.maximum(lows, low), 0, None)
        return float((rows * shared / (highs - lows)).sum())

    end = int(highs.max()) if upwards else int(lows.min())
    if expected(end) <= size:
        return end
    near, far = start, end
    while abs(far - near) > _SECOND:
        middle = (near + far) // 2
        near, far = (near, middle) if expected(middle) >= size else (middle, far)
    # Upwards the edge is the next whole second, downwards the one before.
    return -(-far // _SECOND) * _SECOND if upwards else far // _SECOND * _SECOND


def _us(moment: datetime) -> int:
    return (moment - clock.EPOCH_INSTANT) // timedelta(microseconds=1)
