"""Resolved at once: as recorded, and as seen from whether the customer called again."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Paragraph
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.pictures import trend

BOTH = ("resolution_recorded", "resolution_no_repeat")
BESIDE = ("repeat_rate", "transfer_rate", "ticket_rate")


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    both, beside = desk.metrics.several(*BOTH), desk.metrics.several(*BESIDE)
    if not both and not beside:
        raise NothingToShow("report.why.no_resolution")
    days = desk.result(DAILY).provenance.parameters.get("repeat_days")
    blocks: list[Block] = []
    if len(both) == 2:
        recorded, seen = both
        assert recorded.whole is not None
        assert seen.whole is not None
        blocks.append(
            Paragraph(
                words(
                    "report.resolution.intro",
                    recorded=show.share(recorded.whole, recorded.cases_whole()),
                    seen=show.share(seen.whole, seen.cases_whole()),
                    days=days,
                    change=show.change("share", recorded.whole, seen.whole, recorded.cases_whole()),
                )
            )
        )
        blocks.append(trend(desk, both, words("report.resolution.trend"), wide=True))
    else:
        blocks += [trend(desk, [series]) for series in both]
    return blocks + [trend(desk, [series]) for series in beside]


CHAPTER = Chapter("resolution", (DAILY, PASSPORTS), build)
