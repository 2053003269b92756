"""Calls that the centre made."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.pictures import trend


def build(desk: Desk) -> Sequence[Block]:
    calls = desk.metrics.get("outbound_calls")
    if calls is None or not calls.whole:
        raise NothingToShow("report.why.no_outbound")
    return [trend(desk, [series]) for series in desk.metrics.several("outbound_calls", "outbound_reach")]


CHAPTER = Chapter("outbound", (DAILY, PASSPORTS), build)
